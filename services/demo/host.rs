//! The demonstration's own server: a fresh folder, the sample policy, addresses that are free.
//! How a server starts and ends is the business of `serve`.

use std::fs::DirBuilder;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::run::DemoError;
use crate::cli::args::{DemoArgs, ServeArgs};
use crate::serve::{ServeError, Server};
use crate::shell::end_on_signal;

/// A server that runs beside the story.
pub(super) struct Host {
    pub(super) listen: SocketAddr,
    pub(super) metrics: SocketAddr,
    pub(super) shutdown: CancellationToken,
    folder: Folder,
    served: JoinHandle<Result<(), ServeError>>,
}

impl Host {
    /// Starts the server; a signal ends it.
    pub(super) async fn start(args: &DemoArgs) -> Result<Host, DemoError> {
        let listen = free(args.listen, "--listen", args.exit)?;
        let metrics = free(args.metrics, "--metrics", args.exit)?;
        let folder = Folder::make()?;
        let server = Server::start(&ServeArgs::development(folder.0.clone(), listen, metrics)).await?;
        let (listen, metrics) = server.shell.addresses().map_err(ServeError::Address)?;
        let shutdown = server.shell.shutdown.clone();
        tokio::spawn(end_on_signal(server.shell.readiness.clone(), shutdown.clone()));
        let served = tokio::spawn(server.serve());
        Ok(Host { listen, metrics, shutdown, folder, served })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// Ends the server and removes its folder.
    pub(super) async fn end(self) -> Result<(), DemoError> {
        self.shutdown.cancel();
        match self.served.await {
            Ok(ended) => ended.map_err(DemoError::from),
            Err(cause) => Err(DemoError::Stopped(cause)),
        }
    }
}

/// A folder of this run alone, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Result<Folder, DemoError> {
        let path = std::env::temp_dir().join(format!("stentor-demo-{}", uuid::Uuid::new_v4().simple()));
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|source| DemoError::Folder { path: path.clone(), source })?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the folder for temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The address itself, or one that the system chooses where nobody will look for it afterwards.
fn free(wanted: SocketAddr, flag: &'static str, any: bool) -> Result<SocketAddr, DemoError> {
    match TcpListener::bind(wanted) {
        Ok(_) => Ok(wanted),
        Err(source) if any && source.kind() == std::io::ErrorKind::AddrInUse => {
            Ok(SocketAddr::new(wanted.ip(), 0))
        }
        Err(source) => Err(DemoError::Taken { wanted, flag, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_address_is_replaced_only_where_any_will_do() {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = holder.local_addr().unwrap();

        assert_eq!(free(taken, "--listen", true).unwrap().port(), 0);
        let refused = free(taken, "--listen", false).unwrap_err().to_string();
        assert!(refused.contains("--listen 127.0.0.1:0"), "{refused}");
    }

    #[test]
    fn the_folder_goes_with_the_run() {
        let folder = Folder::make().unwrap();
        let path = folder.0.clone();
        assert!(path.is_dir());

        drop(folder);

        assert!(!path.exists());
    }
}

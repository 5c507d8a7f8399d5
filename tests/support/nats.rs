//! A NATS server with JetStream for tests: the system's program on a free port of the loopback, with a folder of its own,
//! so that it can be killed and started again. It knows no subject.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The program, if it is not where Debian puts it.
pub const VARIABLE: &str = "STENTOR_TEST_NATS";

/// How long it may take until it answers.
const READY_TIMEOUT: Duration = Duration::from_secs(30);

/// A running server. It dies with this value.
#[derive(Debug)]
pub struct Nats {
    /// `nats://127.0.0.1:port`, the same after a restart.
    pub url: String,
    port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl Nats {
    /// Starts a server. Without the program a test cannot be done, which is a failure and not a success.
    pub async fn start() -> Nats {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        let folder = tempfile::Builder::new().prefix("stentor-nats-").tempdir().expect("a temporary folder");
        let mut nats = Nats { url: format!("nats://127.0.0.1:{port}"), port, folder, child: None };
        nats.revive().await;
        nats
    }

    /// SIGKILL: nothing of it runs any more when this returns.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself; there is nothing better to do in either case.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again, with what it had.
    pub async fn revive(&mut self) {
        let program = program();
        let mut command = Command::new(&program);
        command.args(["-a", "127.0.0.1", "-p", &self.port.to_string(), "-js", "-sd"]).arg(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|e| panic!("{}: {e}", program.display()));
        self.child = Some(child);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < READY_TIMEOUT, "nats-server does not answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

fn program() -> PathBuf {
    if let Some(path) = std::env::var_os(VARIABLE) {
        return path.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let found = folders.map(|folder| folder.join("nats-server")).find(|program| program.is_file());
    found.unwrap_or_else(|| panic!("no nats-server: install the package of this name, or set {VARIABLE}"))
}

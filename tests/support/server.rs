//! The real `stentor` binary as a child process: started on free ports, waited for, stopped or killed. It knows how to
//! reach the server, and nothing of what is asked of it.

use std::fs::{File, OpenOptions};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use stentor_proto::v1::PingRequest;
use stentor_proto::v1::workflow_service_client::WorkflowServiceClient;
use tonic::transport::{Channel, Endpoint};

/// How long a server may take until it answers.
const READY_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a server may take to drain and end.
const STOP_TIMEOUT: Duration = Duration::from_secs(40);

/// A port may be taken between our look and the server's; then another one is tried.
const PORT_TRIES: u32 = 3;

/// What a server runs on.
#[derive(Debug, Clone)]
pub struct Setup {
    pub binary: PathBuf,
    /// Folder of the embedded database; it also takes the log.
    pub data: PathBuf,
    /// Address of PostgreSQL; the embedded database without one.
    pub database: Option<String>,
    pub policy: PathBuf,
    pub providers: Option<PathBuf>,
}

/// A running server. It dies with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:port`.
    pub address: String,
    /// From the start of the process to its first answer.
    pub ready_after: Duration,
}

/// The binary to test: `STENTOR_BIN`, else the one of the same build, beside the running program.
pub fn binary() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("STENTOR_BIN") {
        return Ok(path.into());
    }
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let folder = own.parent().ok_or("the program has no folder")?;
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    let path = folder.join("stentor");
    if path.is_file() {
        return Ok(path);
    }
    Err(format!("no {}: build the package stentor in the same profile, or set STENTOR_BIN", path.display()))
}

impl Setup {
    /// Starts a server and waits until it answers.
    pub async fn start(&self) -> Result<Server, String> {
        let mut last = String::new();
        for _ in 0..PORT_TRIES {
            match self.try_start().await {
                Ok(server) => return Ok(server),
                Err(why) => last = why,
            }
        }
        Err(format!("{last}; its log: {}", tail(&self.log())))
    }

    fn log(&self) -> PathBuf {
        self.data.join("server.log")
    }

    fn command(&self, listen: &str) -> Result<Command, String> {
        std::fs::create_dir_all(&self.data).map_err(|e| e.to_string())?;
        let log = OpenOptions::new().create(true).append(true).open(self.log());
        let log: File = log.map_err(|e| e.to_string())?;
        let mut command = Command::new(&self.binary);
        command.args(["serve", "--dev", "--listen", listen, "--metrics", "127.0.0.1:0", "--log", "warn"]);
        command.arg("--data").arg(&self.data).arg("--policy").arg(&self.policy);
        if let Some(providers) = &self.providers {
            command.arg("--providers").arg(providers);
        }
        if let Some(database) = &self.database {
            command.arg("--database").arg(database);
        }
        let errors = log.try_clone().map_err(|e| e.to_string())?;
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        Ok(command)
    }

    async fn try_start(&self) -> Result<Server, String> {
        let listen = format!("127.0.0.1:{}", free_port()?);
        let address = format!("http://{listen}");
        let begun = Instant::now();
        let child = self.command(&listen)?.spawn().map_err(|e| format!("{}: {e}", self.binary.display()))?;
        let mut server = Server { child, address, ready_after: Duration::ZERO };
        loop {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!("the server ended with {status}"));
            }
            if server.answers().await {
                server.ready_after = begun.elapsed();
                return Ok(server);
            }
            if begun.elapsed() > READY_TIMEOUT {
                return Err(format!("the server does not answer for {READY_TIMEOUT:?}"));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Server {
    /// A connection of its own.
    pub async fn connect(&self) -> Result<Channel, String> {
        let endpoint = Endpoint::from_shared(self.address.clone()).map_err(|e| e.to_string())?;
        let endpoint = endpoint.tcp_nodelay(true).connect_timeout(Duration::from_secs(5));
        endpoint.connect().await.map_err(|e| e.to_string())
    }

    async fn answers(&self) -> bool {
        let Ok(channel) = self.connect().await else { return false };
        WorkflowServiceClient::new(channel).ping(PingRequest::default()).await.is_ok()
    }

    /// The operating system's number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory in KiB.
    pub fn rss_kib(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The largest resident memory so far in KiB.
    pub fn peak_rss_kib(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// Bytes that the process has handed to the block layer.
    pub fn written_bytes(&self) -> u64 {
        field(&format!("/proc/{}/io", self.child.id()), "write_bytes:")
    }

    /// CPU time of the process, all threads.
    pub fn cpu(&self) -> Duration {
        cpu(&self.child.id().to_string())
    }

    fn status(&self, name: &str) -> u64 {
        field(&format!("/proc/{}/status", self.child.id()), name)
    }

    /// SIGKILL: nothing of the process runs any more when this returns.
    pub fn kill(mut self) {
        self.end();
    }

    /// SIGTERM, and waits for the drain.
    pub async fn stop(mut self) -> Result<(), String> {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().map_err(|e| e.to_string())?;
        if !told.success() {
            return Err(format!("kill -TERM {id}: {told}"));
        }
        let begun = Instant::now();
        while begun.elapsed() < STOP_TIMEOUT {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("the server ended with {status}")),
                Ok(None) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(e) => return Err(e.to_string()),
            }
        }
        Err(format!("the server did not end within {STOP_TIMEOUT:?}"))
    }

    fn end(&mut self) {
        // It may have ended by itself; there is nothing better to do in either case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// CPU time of this process, all threads.
pub fn own_cpu() -> Duration {
    cpu("self")
}

/// Fields 14 and 15 of a process's line, in ticks of 10 ms.
fn cpu(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: u64 = after.split(' ').skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The number behind a name in one of the kernel's tables; 0 if it is not there.
fn field(path: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// The end of a log, for people.
fn tail(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(10).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    listener.local_addr().map(|a| a.port()).map_err(|e| e.to_string())
}

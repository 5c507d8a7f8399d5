//! A PostgreSQL for tests: the server that `STENTOR_TEST_POSTGRES` names, else a private one that ends with the test
//! process. Each test gets a database of its own, so tests never meet.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

/// The address of an administrator of a server that tests may use.
pub const VARIABLE: &str = "STENTOR_TEST_POSTGRES";

/// How long a private server may take to answer at first.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A server that tests may create databases on.
#[derive(Debug)]
pub struct Server {
    /// Address of the administrator, ending in a database's name.
    admin: String,
    /// Present if we started it; it stops when its standard input closes, hence also when this process dies.
    _private: Option<(Child, TempDir)>,
}

/// A database of one test. It is dropped by [`Database::end`].
#[derive(Debug)]
pub struct Database {
    server: Arc<Server>,
    name: String,
}

impl Server {
    /// The server of this process, started at the first call.
    pub async fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Mutex<Option<Arc<Server>>>> = OnceLock::new();
        let shared = SHARED.get_or_init(Mutex::default);
        let started = tokio::task::spawn_blocking(move || {
            let mut slot = shared.lock().expect("a start that failed fails every test");
            Arc::clone(slot.get_or_insert_with(|| Arc::new(Self::find_or_start())))
        });
        started.await.expect("PostgreSQL for tests")
    }

    fn find_or_start() -> Self {
        match std::env::var(VARIABLE) {
            Ok(admin) => Self { admin, _private: None },
            Err(_) => Self::start(),
        }
    }

    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("stentor-pg-").tempdir().expect("a temporary folder");
        let user = other_user();
        let bin = binaries();
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid)).expect("hand the folder over");
        }
        let as_user = |program: &Path| {
            let mut command = Command::new(program);
            command.current_dir(folder.path()).env("HOME", folder.path()).env("LC_ALL", "C");
            if let Some((uid, gid)) = user {
                command.uid(uid).gid(gid);
            }
            command
        };
        let data = folder.path().join("data");
        let made = as_user(&bin.join("initdb"))
            .args([
                "--username=stentor",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .output()
            .expect("run initdb");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        // The shell stops the server when this process ends, however it ends: then its standard input closes.
        let script = "\"$0\" -D \"$1\" -k \"$2\" -p \"$3\" -c listen_addresses=127.0.0.1 -c max_connections=300 \
                      >server.log 2>&1 </dev/null & server=$!; read -r _; kill -QUIT $server; wait $server; rm -rf \"$2\"";
        let child = as_user(Path::new("/bin/sh"))
            .args(["-c", script])
            .arg(bin.join("postgres"))
            .arg(&data)
            .arg(folder.path())
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("run postgres");
        let admin = format!("postgres://stentor@127.0.0.1:{port}/postgres");
        Self { admin, _private: Some((child, folder)) }
    }

    /// Waits until it answers, and makes sure that a private server is the one that we started.
    async fn connect(&self) -> PgConnection {
        let started = Instant::now();
        let mut conn = loop {
            match PgConnection::connect(&self.admin).await {
                Ok(conn) => break conn,
                Err(error) if started.elapsed() > START_TIMEOUT => {
                    panic!("PostgreSQL does not answer: {error}")
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        if let Some((_, folder)) = &self._private {
            let data: String =
                sqlx::query_scalar("SHOW data_directory").fetch_one(&mut conn).await.expect("its folder");
            assert_eq!(Path::new(&data), folder.path().join("data"), "another server has our port");
        }
        conn
    }

    /// A fresh, empty database.
    pub async fn database(self: Arc<Self>) -> Database {
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        let mut conn = self.connect().await;
        let create = AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
        sqlx::query(create).execute(&mut conn).await.expect("create a database");
        conn.close().await.expect("close");
        Database { server: self, name }
    }
}

impl Database {
    /// Its address.
    pub fn url(&self) -> String {
        let (base, query) = match self.server.admin.split_once('?') {
            Some((base, query)) => (base, format!("?{query}")),
            None => (self.server.admin.as_str(), String::new()),
        };
        let (server, _) = base.rsplit_once('/').expect("an address ends in a database's name");
        format!("{server}/{}{query}", self.name)
    }

    /// Bytes that it occupies.
    pub async fn bytes(&self) -> u64 {
        let mut conn = self.server.connect().await;
        let bytes: i64 = sqlx::query_scalar("SELECT pg_database_size($1)")
            .bind(&self.name)
            .fetch_one(&mut conn)
            .await
            .expect("its size");
        bytes.unsigned_abs()
    }

    /// Waits until no connection of this application is left.
    pub async fn left_by(&self, application: &str) {
        let mut conn = self.server.connect().await;
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name = $2";
        loop {
            let left: i64 = sqlx::query_scalar(count)
                .bind(&self.name)
                .bind(application)
                .fetch_one(&mut conn)
                .await
                .expect("its connections");
            if left == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Drops it, whoever is still connected.
    pub async fn end(self) {
        let mut conn = self.server.connect().await;
        let drop = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        sqlx::query(drop).execute(&mut conn).await.expect("drop a database");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self._private {
            if let Some(mut input) = child.stdin.take() {
                // A closed pipe says the same.
                let _ = input.write_all(b"\n");
            }
            // It cannot be waited for any better.
            let _ = child.wait();
        }
    }
}

/// The folder of initdb and postgres: the newest installed version, else what is on the path.
fn binaries() -> PathBuf {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    folders.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders.push(PathBuf::from("/usr/local/bin"));
    let complete = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    folders.into_iter().find(complete).unwrap_or_else(|| {
        panic!("no initdb found: install PostgreSQL or set {VARIABLE} to an administrator's address")
    })
}

/// PostgreSQL refuses to run as root, so root lends it another user: (user id, group id).
fn other_user() -> Option<(u32, u32)> {
    let own = std::fs::metadata("/proc/self").map(|this| std::os::unix::fs::MetadataExt::uid(&this));
    if own.unwrap_or(0) != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("read /etc/passwd");
    let find = |name: &str| {
        let fields: Vec<&str> =
            users.lines().find(|line| line.starts_with(&format!("{name}:")))?.split(':').collect();
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    Some(find("postgres").or_else(|| find("nobody")).expect("a user who is not root"))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

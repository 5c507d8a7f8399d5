//! Flags of the subcommands that start something: `serve`, `demo` and `migrate`.
//! It does not check them against each other beyond what parsing can; who uses them does.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum, builder::FalseyValueParser};

use crate::wire::link::PublicUrl;

/// Where state is kept: an embedded database in a folder, or PostgreSQL.
#[derive(Args, Clone, Debug)]
pub struct StoreArgs {
    /// Folder of the embedded database and of generated secrets
    #[arg(long, value_name = "DIR", env = "STENTOR_DATA", default_value = "./stentor-data")]
    pub data: PathBuf,
    /// Address of a PostgreSQL database to use instead of the embedded one, postgres://…
    #[arg(long, value_name = "URL", env = "STENTOR_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// File that holds the address of the database, for addresses with a password
    #[arg(long, value_name = "FILE", env = "STENTOR_DATABASE_FILE", conflicts_with = "database")]
    pub database_file: Option<PathBuf>,
}

/// Flags of `stentor serve`; each can be given in the environment too.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Where state is kept.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Address that takes gRPC, gRPC-Web and webhooks
    #[arg(long, value_name = "ADDRESS", env = "STENTOR_LISTEN", default_value = "127.0.0.1:7117")]
    pub listen: SocketAddr,
    /// Address that shows /metrics, /livez and /readyz
    #[arg(long, value_name = "ADDRESS", env = "STENTOR_METRICS", default_value = "127.0.0.1:9464")]
    pub metrics: SocketAddr,
    /// Policy document to apply at start if it differs from the current version
    #[arg(long, value_name = "FILE", env = "STENTOR_POLICY")]
    pub policy: Option<PathBuf>,
    /// Work without credentials, on loopback only, with the integration key `dev`
    #[arg(long, env = "STENTOR_DEV", value_parser = FalseyValueParser::new())]
    pub dev: bool,
    /// File with the certificates of the port, its own first; read again when it changes
    #[arg(long, value_name = "FILE", env = "STENTOR_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// File with the private key of the first certificate
    #[arg(long, value_name = "FILE", env = "STENTOR_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Listen beyond loopback without TLS, because TLS ends elsewhere or the network is trusted
    #[arg(long, env = "STENTOR_INSECURE_LISTEN", value_parser = FalseyValueParser::new())]
    pub insecure_listen: bool,
    /// File with the admin key [default: admin.key in the data folder, made at the first start]
    #[arg(long, value_name = "FILE", env = "STENTOR_ADMIN_KEY_FILE")]
    pub admin_key_file: Option<PathBuf>,
    /// File with addresses and secrets of the providers that the policy names
    #[arg(long, value_name = "FILE", env = "STENTOR_PROVIDERS")]
    pub providers: Option<PathBuf>,
    /// File with the sinks of the event stream
    #[arg(long, value_name = "FILE", env = "STENTOR_SINKS")]
    pub sinks: Option<PathBuf>,
    /// Folder with signing secrets that senders chose: a file for each integration, named as it, a secret on each line
    #[arg(long, value_name = "FOLDER", env = "STENTOR_INTEGRATION_SECRETS")]
    pub integration_secrets: Option<PathBuf>,
    /// Address under which people reach this server; pages then carry links that acknowledge and escalate without a login
    #[arg(long, value_name = "URL", env = "STENTOR_PUBLIC_URL")]
    pub public_url: Option<PublicUrl>,
    /// Do not answer gRPC reflection
    #[arg(long, env = "STENTOR_NO_REFLECTION", value_parser = FalseyValueParser::new())]
    pub no_reflection: bool,
    /// How the telemetry leaves the process.
    #[command(flatten)]
    pub telemetry: TelemetryArgs,
}

impl ServeArgs {
    /// A server for development, with everything of its own in one folder. On stderr and only what is wrong, so that
    /// its logs do not talk over those of whoever started it.
    pub fn development(data: PathBuf, listen: SocketAddr, metrics: SocketAddr) -> ServeArgs {
        ServeArgs {
            store: StoreArgs { data, database: None, database_file: None },
            listen,
            metrics,
            policy: None,
            dev: true,
            tls_cert: None,
            tls_key: None,
            insecure_listen: false,
            admin_key_file: None,
            providers: None,
            sinks: None,
            integration_secrets: None,
            public_url: None,
            no_reflection: false,
            telemetry: TelemetryArgs {
                log_format: Some(LogFormat::Text),
                log: "warn".to_owned(),
                otlp_endpoint: None,
            },
        }
    }
}

/// Logs and traces of a process that serves.
#[derive(Args, Clone, Debug)]
pub struct TelemetryArgs {
    /// Form of the logs, text on stderr or json on stdout [default: text on a terminal, otherwise json]
    #[arg(long, value_name = "FORMAT", env = "STENTOR_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// What is logged, for example info or stentor=debug,warn
    #[arg(long, value_name = "FILTER", env = "STENTOR_LOG", default_value = "info")]
    pub log: String,
    /// OTLP collector to send traces, metrics and logs to, for example <http://127.0.0.1:4317>
    #[arg(long, value_name = "URL", env = "STENTOR_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// Lines for people.
    Text,
}

/// Flags of `stentor demo`.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// End when the story is told; status 0 only if every step of it was seen
    #[arg(long)]
    pub exit: bool,
    /// Address that takes gRPC, gRPC-Web and webhooks
    #[arg(long, value_name = "ADDRESS", env = "STENTOR_LISTEN", default_value = "127.0.0.1:7117")]
    pub listen: SocketAddr,
    /// Address that shows /metrics, /livez and /readyz
    #[arg(long, value_name = "ADDRESS", env = "STENTOR_METRICS", default_value = "127.0.0.1:9464")]
    pub metrics: SocketAddr,
}

/// Flags of `stentor migrate`.
#[derive(Args, Clone, Debug)]
pub struct MigrateArgs {
    /// Whose schema is brought up to date.
    #[command(flatten)]
    pub store: StoreArgs,
}

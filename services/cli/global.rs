//! Flags that every client subcommand takes: which server, as whom, and in which form to answer.
//! It reads no file and opens no connection.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum, builder::FalseyValueParser};

/// Flags of every subcommand that talks to a server.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection and output")]
pub struct GlobalArgs {
    /// Address of the server
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "STENTOR_SERVER",
        default_value = "http://127.0.0.1:7117"
    )]
    pub server: String,
    /// Person or integration to act as, where the server or the key allows it
    #[arg(long = "as", global = true, value_name = "WHO", env = "STENTOR_AS", value_parser = actor)]
    pub actor: Option<String>,
    /// File that holds the key; the key itself can be in STENTOR_KEY
    #[arg(long, global = true, value_name = "FILE", env = "STENTOR_KEY_FILE")]
    pub key_file: Option<PathBuf>,
    /// File with the certificate authority of an https server
    #[arg(long, global = true, value_name = "FILE", env = "STENTOR_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    /// Form of the answer
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "table")]
    pub output: Format,
    /// Short for --output json
    #[arg(long, global = true)]
    pub json: bool,
    /// Id under which the server knows a repeat of this change [default: a new one]
    #[arg(long, global = true, value_name = "UUID")]
    pub request_id: Option<uuid::Uuid>,
    /// Longest wait for one answer
    #[arg(long, global = true, value_name = "DURATION", default_value = "10s", value_parser = timeout)]
    pub timeout: Duration,
    /// No colour, also where the terminal has it
    #[arg(long, global = true, env = "STENTOR_NO_COLOR", value_parser = FalseyValueParser::new())]
    pub no_color: bool,
    /// Do not ask before what cannot be taken back
    #[arg(long, global = true)]
    pub yes: bool,
}

/// Form of the answer on stdout.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For people with a wide screen.
    Wide,
    /// Canonical proto3 JSON; a list is one array.
    Json,
    /// The same as YAML.
    Yaml,
    /// Resource names, one a line.
    Name,
    /// One JSON object a line.
    Jsonl,
    /// A drawing, of a simulation only.
    Svg,
    /// A page with drawings, of a back-test only.
    Html,
    /// A line for each clock, of a back-test only.
    Csv,
}

impl GlobalArgs {
    /// The form asked for, in either way of asking.
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { self.output }
    }
}

fn actor(text: &str) -> Result<String, String> {
    if text.starts_with("integrations/") { super::refs::integration(text) } else { super::refs::person(text) }
}

fn timeout(text: &str) -> Result<Duration, String> {
    let parsed = super::time::parse_span(text)?;
    Duration::try_from(parsed).map_err(|_| format!("`{text}` is too long"))
}

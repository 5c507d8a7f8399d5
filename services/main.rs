//! The `stentor` binary: parses the command line, leads to what does it, and ends with its exit code.
//! It holds nothing else.

use std::process::ExitCode;

use clap::Parser;
use stentor::cli::{self, Cli, ClientCommand, Command, GlobalArgs, Terminal};

fn main() -> ExitCode {
    let Cli { command, global } = Cli::parse();
    match command {
        Command::Client(command) => client(command, &global),
    }
}

/// A client waits for one server at a time; one thread is enough and starts fastest.
fn client(command: ClientCommand, global: &GlobalArgs) -> ExitCode {
    let mut terminal = Terminal::standard(global.no_color);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => {
            terminal.say(&format!("error: no runtime: {cause}"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        tokio::select! {
            code = cli::run(command, global, terminal) => code,
            _ = tokio::signal::ctrl_c() => cli::INTERRUPTED,
        }
    });
    ExitCode::from(code)
}

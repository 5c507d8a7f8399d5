//! Where the binary enters: the command line is parsed and led to what does it. It stands in the library because whoever
//! drives a future compiles it: driven from the binary, the whole server would be compiled a second time.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use crate::cli::{self, Cli, ClientCommand, Command, GlobalArgs, Terminal};
use crate::{demo, import, migrate, serve};

/// Does what the command line says; its exit code.
pub fn main() -> ExitCode {
    let Cli { command, global } = Cli::parse();
    let mut terminal = Terminal::standard(global.no_color);
    match command {
        Command::Serve(args) => told(&mut terminal, served(args)),
        Command::Demo(args) => match shown(args, &mut terminal) {
            Ok(code) => ExitCode::from(code),
            Err(cause) => told(&mut terminal, Err(cause)),
        },
        Command::Migrate(args) => match migrated(&args, &mut terminal) {
            Ok(()) => ExitCode::SUCCESS,
            Err(cause) => told(&mut terminal, Err(cause)),
        },
        Command::Import(command) => told(&mut terminal, imported(command, &global)),
        Command::Client(command) => client(command, &global, terminal),
    }
}

fn served(args: cli::args::ServeArgs) -> Result<(), Box<dyn std::error::Error>> {
    Ok(server_runtime()?.block_on(serve::run(args))?)
}

fn shown(args: cli::args::DemoArgs, terminal: &mut Terminal) -> Result<u8, Box<dyn std::error::Error>> {
    Ok(server_runtime()?.block_on(demo::run(args, terminal))?)
}

fn imported(
    command: cli::import::ImportCommand,
    global: &GlobalArgs,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminal = Terminal::standard(global.no_color);
    Ok(server_runtime()?.block_on(import::run(command, global, &mut terminal))?)
}

fn migrated(
    args: &cli::args::MigrateArgs,
    terminal: &mut Terminal,
) -> Result<(), Box<dyn std::error::Error>> {
    let report = server_runtime()?.block_on(migrate::run(&args.store))?;
    terminal.say(&match report.applied.as_slice() {
        [] => format!("the schema is up to date at {}", report.to),
        steps => format!("the schema went from {} to {}: {}", report.from, report.to, steps.join(", ")),
    });
    Ok(())
}

/// Serving uses every core.
fn server_runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build()
}

/// A client waits for one server at a time. The worker is there for the signal, which has to end the process also
/// while the main thread reads a terminal.
fn client(command: ClientCommand, global: &GlobalArgs, mut terminal: Terminal) -> ExitCode {
    let runtime = match Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return told(&mut terminal, Err(cause)),
    };
    runtime.spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(cli::INTERRUPTED.into());
        }
    });
    ExitCode::from(runtime.block_on(cli::run(command, global, terminal)))
}

fn told(terminal: &mut Terminal, ended: Result<(), impl Display>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            terminal.say(&format!("error: {cause}"));
            ExitCode::FAILURE
        }
    }
}

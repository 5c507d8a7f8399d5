//! From a parsed command line to an exit code.
//! It knows which module does what, and nothing more.

use std::io;

use clap::CommandFactory;

use super::{
    Cli, ClientCommand, client::Client, failure::Failure, global::Format, global::GlobalArgs, look,
    shell::Shell, terminal::Terminal,
};

/// Does what a client subcommand asks for and returns the exit code.
pub async fn run(command: ClientCommand, args: &GlobalArgs, mut terminal: Terminal) -> u8 {
    if let ClientCommand::Completion { shell } = command {
        return completion(shell, &mut terminal);
    }
    let key = std::env::var("STENTOR_KEY").ok().filter(|key| !key.trim().is_empty());
    let client = match Client::new(args, key) {
        Ok(client) => client,
        Err(failure) => return end(&mut terminal, &failure),
    };
    let mut shell = Shell::new(client, args, terminal);
    if let Err(failure) = fits(&command, shell.format) {
        return end(&mut shell.terminal, &failure);
    }
    match dispatch(command, &mut shell).await {
        Ok(()) => 0,
        Err(failure) => end(&mut shell.terminal, &failure),
    }
}

async fn dispatch(command: ClientCommand, shell: &mut Shell) -> Result<(), Failure> {
    match command {
        ClientCommand::Incident(command) => command.run(shell).await,
        ClientCommand::Queue(args) => args.run(shell).await,
        ClientCommand::Oncall(command) => command.run(shell).await,
        ClientCommand::Silence(command) => command.run(shell).await,
        ClientCommand::Maintenance(command) => command.run(shell).await,
        ClientCommand::Suppression(command) => command.run(shell).await,
        ClientCommand::Review(command) => command.run(shell).await,
        ClientCommand::Sla(command) => command.run(shell).await,
        ClientCommand::Policy(command) => command.run(shell).await,
        ClientCommand::Simulate(args) => args.run(shell).await,
        ClientCommand::Backtest(args) => args.run(shell).await,
        ClientCommand::Alert(command) => command.run(shell).await,
        ClientCommand::Integration(command) => command.run(shell).await,
        ClientCommand::Notify(command) => command.run(shell).await,
        ClientCommand::Subscription(command) => command.run(shell).await,
        ClientCommand::Heartbeat(command) => command.run(shell).await,
        ClientCommand::Sink(command) => command.run(shell).await,
        ClientCommand::Ping => look::ping(shell).await,
        ClientCommand::Completion { .. } => Ok(()),
    }
}

/// Drawings and tables of figures are forms of a few answers only.
fn fits(command: &ClientCommand, format: Format) -> Result<(), Failure> {
    let fits = match format {
        Format::Svg => matches!(command, ClientCommand::Simulate(_)),
        Format::Html | Format::Csv => matches!(command, ClientCommand::Backtest(_)),
        _ => true,
    };
    if fits { Ok(()) } else { Err(Failure::Usage("this answer has no such form".to_owned())) }
}

fn completion(shell: clap_complete::Shell, terminal: &mut Terminal) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "stentor", &mut script);
    let text = String::from_utf8_lossy(&script);
    match terminal.data(text.trim_end()) {
        Ok(()) => 0,
        Err(failure) => end(terminal, &failure),
    }
}

fn end(terminal: &mut Terminal, failure: &Failure) -> u8 {
    let code = failure.exit_code();
    let gone = matches!(failure, Failure::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe);
    if !gone {
        terminal.say(&failure.report());
    }
    code
}

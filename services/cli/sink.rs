//! Sinks of the event stream: how far each of them is, letting one go on that was given up, forgetting a former one.
//! Which are sent to is said by the server's file; nothing is added to it from here.

use clap::Subcommand;
use stentor_proto::v1;

use super::{failure::Failure, refs, render, shell::Shell};

/// What can be done about sinks.
#[derive(Clone, Debug, Subcommand)]
pub enum SinkCommand {
    /// List the sinks: state, lag and the last error of each
    List,
    /// Let a sink go on at once that is disabled or waits after a failure; admins only
    Resume {
        /// Sink
        #[arg(value_parser = refs::sink)]
        sink: String,
    },
    /// Forget a sink that stands in no server's file any more, with its position; admins only
    Forget {
        /// Sink
        #[arg(value_parser = refs::sink)]
        sink: String,
    },
}

impl SinkCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let sinks = match self {
            Self::List => shell.call(&v1::ListSinksRequest {}).await?.sinks,
            Self::Resume { sink } => {
                let request = v1::ResumeSinkRequest { name: sink };
                shell.call(&request).await?.sink.into_iter().collect()
            }
            Self::Forget { sink } => {
                shell.call(&v1::DeleteSinkRequest { name: sink }).await?;
                shell.call(&v1::ListSinksRequest {}).await?.sinks
            }
        };
        shell.list("Sink", &sinks, render::sink::list)
    }
}

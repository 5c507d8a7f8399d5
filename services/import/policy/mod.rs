//! `stentor import policy`: schedules and escalation policies of another tool as a document of ours, and a list of what
//! has no counterpart. What cannot be carried over is listed, never approximated in silence.

use crate::cli::import::PolicyImport;
use crate::cli::{GlobalArgs, Terminal};

use super::bad::ImportError;

pub(super) fn run(
    _what: &PolicyImport,
    _global: &GlobalArgs,
    _terminal: &mut Terminal,
) -> Result<(), ImportError> {
    Err(ImportError::Use("not yet".to_owned()))
}

//! Triage: what a signal means for the service it reached. Automatic triage only proposes; who may raise or lower a
//! priority later is the incident's business.

mod assess;
mod similar;

pub use assess::{Assessment, UNCATEGORISED, assess, priority};
pub use similar::{ALIKE, SIMILAR, Traits};

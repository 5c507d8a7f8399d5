//! Standing records: what people change at run time beside the policy, overrides and swaps of schedules,
//! silences, maintenance windows, subscriptions. Created, then at most cancelled, never edited; where the log of them is kept is the engine's business.

mod book;
mod command;
mod decide;
mod event;
mod remark;
mod silence;
mod subscription;
mod swap;
#[cfg(test)]
mod tests;
mod window;

pub use book::{Book, Deed, OverrideRecord, OverrideState, SwapRecord, SwapState};
pub use command::{Circumstances, Command, Part, SwapRequest};
pub use decide::decide;
pub use event::{Entry, Event, Stretch};
pub use remark::{Remark, remarks};
pub use silence::{LONGEST_SILENCE, OPEN_SILENCES, SilenceRecord, SilenceState};
pub use subscription::{OPEN_SUBSCRIPTIONS, SubscriptionRecord};
pub use window::{OPEN_WINDOWS, WindowRecord, WindowState};

/// Overrides of one schedule that are not over, and as many open swaps.
pub const OPEN_PER_SCHEDULE: usize = 500;

/// The longest override.
pub const LONGEST: crate::time::Duration = crate::time::Duration::days(366);

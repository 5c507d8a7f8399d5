//! Calendars: when it is open, how much open time lies between two instants, and when an amount of it is used up.
//! Knows nothing of incidents or pauses; a calendar is computed day by day where it is asked, and remembers nothing.

mod clock;
mod compile;
mod edges;
mod walk;

pub use compile::Calendar;

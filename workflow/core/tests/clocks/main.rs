//! Calendars, clocks and schedules against a walk over every second. The walk reads nothing of the product's arithmetic:
//! it asks the tz data what the wall clock shows at each minute and counts.
//!
//! `PROPTEST_CASES=5000 cargo test -p stentor-core --test clocks` looks harder.

mod calendars;
mod given;
mod schedules;
mod walk;

//! The neutral form of past incidents: JSON Lines, one incident a line, whichever tool they come from. It says what came
//! in and what people did; it decides nothing and stores nothing.
//!
//! An importer of another tool writes [`Record`]s; a back-test reads them, and makes them from the store's own history
//! with [`record_of`]. One line, here broken up:
//!
//! ```json
//! {"incident": "INC0000045", "source": "servicenow", "source_ref": "INC0000045", "imported": true,
//!  "entries": [
//!    {"at": "2016-02-29T01:16:00Z", "who": "integrations/servicenow",
//!     "signal": {"kind": "report", "title": "Incident INC0000045", "service": "front-desk",
//!                "impact": "MEDIUM", "urgency": "MEDIUM"}},
//!    {"at": "2016-02-29T01:23:00Z", "who": "people/resolved-by-149", "action": "acknowledge"},
//!    {"at": "2016-02-29T02:00:00Z", "who": "people/resolved-by-149",
//!     "action": {"hold": {"reason": "AWAITING_REPORTER"}}},
//!    {"at": "2016-02-29T08:00:00Z", "who": "people/resolved-by-149", "action": "resume"},
//!    {"at": "2016-02-29T11:29:00Z", "who": "people/resolved-by-149", "action": {"resolve": {"code": "FIXED"}}}
//!  ],
//!  "remarks": ["resolved_at says 11:29:59, the first row in state Resolved says 11:29:00"]}
//! ```
//!
//! Rules for whoever writes one:
//! - Entries are sorted by instant; those of one instant stand in the order in which they happened. The first is a signal.
//! - An instant is RFC 3339 with `Z`. A length of time is written as in a policy: `90s`, `1h30m`.
//! - `who` is `people/…`, `integrations/…`, `bots/…` or `system`. A person need not be in any policy.
//! - What the other tool's record does not say is left out. What it says twice and differently is a remark.
//! - No action is invented: an incident that the record never resolves has no `resolve`.
//!
//! An importer that stores a record keeps `source` and `source_ref` as the incident's labels [`LABEL_SOURCE`] and
//! [`LABEL_REF`] and opens it with the origin `Import`; so the store's own history gives the record back.

mod entry;
mod extract;
mod lines;
mod perform;
mod signal;

pub use entry::{Action, Entry, Fact, LABEL_REF, LABEL_SOURCE, REMARK, Record, What};
pub(crate) use entry::{instant, optional_instant};
pub use extract::{Past, record_of};
pub use lines::{BadLine, read, write};
pub use signal::LoggedSignal;
pub(crate) use signal::cell_of;

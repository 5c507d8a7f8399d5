//! The limits of the port, each with its reason. They bound what one peer, and all peers together, can cost.

use std::time::Duration;

/// Largest request message: a batch of alerts or a policy.
pub const DECODE_BYTES_MAX: usize = 4 << 20;

/// Largest response message: a full page of incidents in full view.
pub const ENCODE_BYTES_MAX: usize = 8 << 20;

/// Calls of one connection at once; hyper's own default would be lost by leaving it unset.
pub(super) const STREAMS_PER_CONNECTION_MAX: u32 = 100;

/// Calls of all connections that have not been answered yet. Beyond it memory would grow, not throughput.
pub(super) const CALLS_IN_FLIGHT_MAX: usize = 8192;

/// What a caller that was turned away should wait.
pub(super) const OVERLOAD_RETRY: Duration = Duration::from_secs(1);

/// Longest a call may take to its response headers, whatever the caller allows.
pub(super) const CALL_TIME_MAX: Duration = Duration::from_secs(30);

/// We answer this much before the caller's own clock, which would end the call without a reason.
pub(super) const DEADLINE_LEAD: Duration = Duration::from_millis(5);

pub(super) const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
pub(super) const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections end after this long, give or take a tenth, so that clients spread over new replicas.
pub(super) const CONNECTION_AGE: Duration = Duration::from_secs(15 * 60);

/// Largest set of request headers.
pub(super) const HEADER_BYTES_MAX: u32 = 16 << 10;

/// How long open connections have to end once the server is told to.
pub(super) const DRAIN_MAX: Duration = Duration::from_secs(25);

/// How long a browser may remember a preflight.
pub(super) const PREFLIGHT_AGE: Duration = Duration::from_secs(7200);

//! How long, how many and how far: the bounds of what callers may send. Counts that depend on an incident's state are
//! bounded by the rules instead.

use stentor_core::time::{Duration, Timestamp};

/// Titles of incidents, tasks, evidence and action items, in code points.
pub const TITLE: usize = 250;
/// Descriptions and statements, in code points.
pub const DESCRIPTION: usize = 15_000;
/// Notes, updates, checklist texts and review sections, in code points.
pub const NOTE: usize = 32_000;
/// Reasons, in code points.
pub const REASON: usize = 1_000;
/// A body of evidence, in bytes.
pub const EVIDENCE_BYTES: usize = 64 * 1024;
/// Labels that a person sets at once.
pub const LABELS: usize = 64;
/// Names of labels, in code points.
pub const LABEL_NAME: usize = 128;
/// Values of labels, in code points.
pub const LABEL_VALUE: usize = 1_024;
/// Keys of alerts, in code points.
pub const KEY: usize = 255;
/// Names of roles, categories and clients' own keys, in code points.
pub const WORD: usize = 128;
/// Alerts in one batch.
pub const BATCH: usize = 500;
/// Names in one batch of reads.
pub const NAMES: usize = 100;
/// People in one summons.
pub const SUMMONED: usize = 20;
/// Attendees, evidence numbers, alerts of a split: lists that people write by hand.
pub const LIST: usize = 500;
/// Terms of a filter.
pub const TERMS: usize = 20;
/// A filter, in bytes: what 20 long terms need.
pub const FILTER_BYTES: usize = 4 * 1024;
/// Keys of an order.
pub const ORDER_KEYS: usize = 5;
/// Entries of a page unless asked otherwise, and at most.
pub const PAGE: u32 = 50;
/// The largest page.
pub const PAGE_MAX: u32 = 1_000;
/// What a ping carries, in bytes.
pub const PING_BYTES: usize = 64 * 1024;
/// The longest duration that is taken at all.
pub const LONGEST: Duration = Duration::days(366);
/// 2000-01-01T00:00:00Z: what is earlier is a broken clock.
pub const EARLIEST: Timestamp = Timestamp(946_684_800_000);
/// 2100-01-01T00:00:00Z: what is not earlier is a broken clock.
pub const LATEST: Timestamp = Timestamp(4_102_444_800_000);

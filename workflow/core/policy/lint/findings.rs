//! All findings of a compiled policy at an instant, in one order. It asks every check and judges none of them.

use super::structure::Report;
use super::view::View;
use super::{calendars, clocks, contacts, coverage, rules, unused};
use crate::policy::Policy;
use crate::policy::finding::{Finding, FindingCode};
use crate::time::Timestamp;

/// What can be said of a policy that compiles, seen from `at`: errors first, then by path. Errors that need no instant
/// have already been refused by [`Policy::compile`]. Nothing is accepted here, see [`super::accepted`].
pub fn findings(policy: &Policy, at: Timestamp) -> Vec<Finding> {
    let view = View::new(policy, at);
    let mut report = Report::default();
    if policy.document().demo {
        let message =
            "delays of a demonstration would page people every few seconds: only a demonstration takes it";
        report.add(FindingCode::DemoPolicy, "demo", message);
    }
    coverage::check(&view, &mut report);
    contacts::check(&view, &mut report);
    clocks::check(&view, &mut report);
    rules::check(&view, &mut report);
    calendars::check(&view, &mut report);
    unused::check(policy.document(), &mut report);
    let mut findings = report.into_findings();
    findings.sort_by(|a, b| (a.severity, &a.path, a.code).cmp(&(b.severity, &b.path, b.code)));
    findings.dedup_by(|a, b| a.key() == b.key());
    findings
}

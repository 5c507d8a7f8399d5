//! Which service a signal belongs to, and what groups its alerts. It looks at one signal and the policy; which incident
//! is open is not known here.

use serde::{Deserialize, Serialize};

use super::Policy;
use super::document::Route;
use super::expr::{Facts, SignalFacts};
use crate::id::{RuleId, ServiceId};
use crate::signal::Signal;
use crate::time::Duration;

/// Where a signal goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// The route that gave the service or the grouping.
    pub route: Option<RuleId>,
    pub service: ServiceId,
    /// Not accepted: only kept in the suppression log.
    pub discard: bool,
    /// No route matched: the default service has it.
    pub unrouted: bool,
    /// What alerts of one incident share, beside their identity; `None`: only the identity itself.
    pub group_key: Option<String>,
    /// How long after the last alert joined an incident stays joinable; `None`: while it is open.
    pub group_window: Option<Duration>,
    /// How long a new incident is held back in case it clears by itself.
    pub transient_hold: Duration,
    /// Within this time after a resolve the same alert reopens.
    pub reopen_window: Duration,
    /// More is new than alerts may open incidents for: it opens or joins the one of its group that gathers them. Never set by
    /// a route.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub storm: bool,
    /// Routes whose condition could not be evaluated, with the reason; they did not match.
    pub failed_rules: Vec<(RuleId, String)>,
}

/// Unless the route says otherwise.
const REOPEN_WINDOW: Duration = Duration::minutes(30);

impl Policy {
    /// Routes a signal: the first route that matches wins. A signal that names a service of the policy goes there, and
    /// takes the grouping of the first matching route to the same service.
    pub fn route(&self, signal: &Signal) -> Routed {
        let named = signal.service.as_ref().filter(|id| self.service(id).is_some());
        let facts = Facts::Signal(SignalFacts { signal, service: None, calendars: None });
        let mut failed = Vec::new();
        let mut found = None;
        for (route, program) in self.routes() {
            if named.is_some() && route.service.as_ref() != named {
                continue;
            }
            match program.holds(&facts) {
                Ok(true) => {
                    found = Some(route);
                    break;
                }
                Ok(false) => {}
                Err(why) => failed.push((route.id.clone(), why)),
            }
        }
        let discard = found.is_some_and(|route| route.discard);
        let service = named
            .or_else(|| found.and_then(|route| route.service.as_ref()))
            .unwrap_or(&self.document().organisation.default_service)
            .clone();
        Routed {
            route: found.map(|route| route.id.clone()),
            discard,
            unrouted: found.is_none() && named.is_none(),
            group_key: group_key(found, &service, signal),
            group_window: found.and_then(|route| route.group_window),
            transient_hold: found.map_or(Duration::ZERO, |route| route.transient_hold),
            reopen_window: found.and_then(|route| route.reopen_window).unwrap_or(if signal.opens_anew {
                Duration::ZERO
            } else {
                REOPEN_WINDOW
            }),
            storm: false,
            failed_rules: failed,
            service,
        }
    }
}

/// The service and what the route groups by. A protocol's own group is the sender's decision and comes first; it is kept
/// apart by integration, because two senders may use the same words.
fn group_key(route: Option<&Route>, service: &ServiceId, signal: &Signal) -> Option<String> {
    let parts: Vec<&str> = if signal.group.is_empty() {
        let labels = route.map(|route| route.group_by.as_slice()).filter(|names| !names.is_empty())?;
        labels.iter().map(|name| signal.labels.get(name).map_or("", String::as_str)).collect()
    } else {
        vec![signal.integration.as_str(), &signal.group]
    };
    // A JSON list, so that no value can pretend to be two.
    let mut key = vec![service.as_str(), if signal.group.is_empty() { "by" } else { "group" }];
    key.extend(parts);
    Some(serde_json::Value::from(key).to_string())
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_first_matching_route_gives_service_and_grouping() {
        let policy = samples::policy();
        let signal = samples::alert(&[("service", "checkout"), ("alertname", "Down"), ("region", "eu")]);
        let routed = policy.route(&signal);
        assert_eq!(routed.route, Some("checkout".into()));
        assert_eq!(routed.service, "checkout".into());
        assert_eq!(routed.group_key.as_deref(), Some(r#"["checkout","by","Down","eu"]"#));
        assert_eq!(routed.transient_hold, Duration::minutes(2));
        assert_eq!(routed.reopen_window, Duration::minutes(30));
        assert!(!routed.unrouted && !routed.discard && routed.failed_rules.is_empty());
    }

    #[test]
    fn what_no_route_matches_goes_to_the_default_service_by_identity() {
        let policy = samples::policy();
        let mut signal = samples::alert(&[("service", "unheard-of")]);
        signal.opens_anew = true;
        let routed = policy.route(&signal);
        assert_eq!((routed.route, routed.service), (None, "front-desk".into()));
        assert!(routed.unrouted);
        assert_eq!(routed.group_key, None);
        assert_eq!(routed.reopen_window, Duration::ZERO);
    }

    #[test]
    fn a_named_service_is_taken_and_grouped_by_its_own_route() {
        let policy = samples::policy();
        let mut signal = samples::alert(&[("service", "checkout"), ("alertname", "Down")]);
        signal.service = Some("front-desk".into());
        let routed = policy.route(&signal);
        assert_eq!((routed.route, routed.service, routed.unrouted), (None, "front-desk".into(), false));
        signal.service = Some("checkout".into());
        assert_eq!(policy.route(&signal).group_key.as_deref(), Some(r#"["checkout","by","Down",""]"#));
        signal.service = Some("nowhere".into());
        assert_eq!(policy.route(&signal).service, "checkout".into());
    }

    #[test]
    fn a_protocols_group_stays_inside_its_integration() {
        let policy = samples::policy();
        let mut signal = samples::alert(&[("service", "checkout")]);
        signal.group = "{}:{alertname=\"Down\"}".to_owned();
        let first = policy.route(&signal).group_key;
        signal.integration = "other".into();
        assert!(first.is_some());
        assert_ne!(policy.route(&signal).group_key, first);
    }

    #[test]
    fn a_route_that_fails_does_not_match_and_is_recorded() {
        let text = samples::ACME.replace(
            "routes:\n",
            "routes:\n  - {id: broken, when: 'signal.labels[\"gone\"] == \"x\"', service: front-desk}\n",
        );
        let policy = samples::compile(&text);
        let routed = policy.route(&samples::alert(&[("service", "checkout")]));
        assert_eq!(routed.route, Some("checkout".into()));
        assert_eq!(routed.failed_rules.len(), 1);
        assert_eq!(routed.failed_rules[0].0, "broken".into());
    }
}

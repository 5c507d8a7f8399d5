//! Signals in the formats of other tools, over plain HTTP on the API's port.
//! Each file reads one protocol and knows how that protocol wants to be answered; none decides about incidents.

mod alertmanager;
mod answer;
mod change;
mod cloudevents;
mod datadog;
mod fields;
mod generic;
mod github;
mod grafana;
mod handlers;
mod opsgenie;
mod pagerduty;
mod prometheus;
mod read;
mod routes;
mod sentry;
mod signature;
mod signed;

#[cfg(test)]
mod tests;

pub use routes::{Webhooks, routes};

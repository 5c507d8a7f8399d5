//! What an alert's labels make of it: a source of some inhibitions, a target of some. Whether anything fires is not known
//! here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{InstanceId, RuleId};
use crate::policy::document::Inhibition;

type Labels = BTreeMap<String, String>;

/// What holds an alert back: an inhibition, and an alert that was its source when the mark was made. Another source may
/// have taken over since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inhibited {
    /// Id of the inhibition in the policy.
    pub rule: RuleId,
    /// Identity of the source.
    pub source: String,
    /// The incident that the source belongs to.
    pub incident: InstanceId,
}

/// An inhibition and the values of its `equal` labels: a source and a target that share one belong together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Id of the inhibition.
    pub rule: RuleId,
    /// One for each label of `equal`, in the order of the document.
    pub values: Vec<String>,
}

/// A key that an alert has on one side of an inhibition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) key: Key,
    /// It is on the other side of the same inhibition too.
    pub(super) both: bool,
}

/// What an alert is to the inhibitions, in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roles {
    pub(super) source: Vec<Role>,
    pub(super) target: Vec<Role>,
}

/// The inhibitions of one policy.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules(Vec<Inhibition>);

impl Rules {
    /// Those of a document, in its order.
    pub fn new(inhibitions: &[Inhibition]) -> Rules {
        Rules(inhibitions.to_vec())
    }

    /// Whether nothing is ever inhibited.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What an alert with these labels is. One that lacks a label of `equal` has no part in that inhibition.
    pub fn roles(&self, labels: &Labels) -> Roles {
        let mut roles = Roles::default();
        for rule in &self.0 {
            let (source, target) = (fits(&rule.source, labels), fits(&rule.target, labels));
            if !source && !target {
                continue;
            }
            let values: Option<Vec<String>> =
                rule.equal.iter().map(|name| labels.get(name).cloned()).collect();
            let Some(values) = values else { continue };
            let role = Role { key: Key { rule: rule.id.clone(), values }, both: source && target };
            if source {
                roles.source.push(role.clone());
            }
            if target {
                roles.target.push(role);
            }
        }
        roles
    }
}

/// Whether an alert has all these labels. None at all would fit everything, and fits nothing.
fn fits(wanted: &Labels, labels: &Labels) -> bool {
    !wanted.is_empty() && wanted.iter().all(|(name, value)| labels.get(name) == Some(value))
}

//! Views of one policy version by collection: one entry, or a page of them by id. How an entry looks is known in
//! `wire`.

use std::sync::Arc;

use stentor_core::id::{IntegrationId, PersonId, ScheduleId};
use stentor_core::policy::Policy;
use stentor_core::standing::Book;
use stentor_core::time::Timestamp;
use stentor_engine::Error;
use stentor_proto::v1;
use tonic::Status;

use super::Policies;
use crate::auth::Role;
use crate::call::Call;
use crate::wire::fields::Fields;
use crate::wire::page::Scope;
use crate::wire::status::Fault;
use crate::wire::{directory, status};

/// An integration's key and signing secret from its id and the generation of its key.
pub type Keys = Arc<dyn Fn(&IntegrationId, u32) -> directory::Keys + Send + Sync>;

/// A policy version as this caller may see it.
pub(super) struct View<'a> {
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    book: &'a Book,
    /// Present for administrators alone.
    keys: Option<&'a Keys>,
}

impl View<'_> {
    fn on_call(&self, id: &ScheduleId) -> Vec<PersonId> {
        let overrides = self.book.known(id, Timestamp(i64::MAX)).1;
        self.policy.schedule(id).map(|s| s.people_at(self.now, &overrides)).unwrap_or_default()
    }

    fn keys(&self, id: &IntegrationId, generation: u32) -> Option<directory::Keys> {
        self.keys.map(|keys| keys(id, generation))
    }
}

/// A part of the policy: its name in resource names, what one of it is called, and its entries by id.
pub(super) struct Collection<T> {
    name: &'static str,
    kind: &'static str,
    entries: fn(&View<'_>) -> Vec<(String, T)>,
}

/// A page that is asked for.
pub(super) struct Wanted<'a> {
    pub(super) policy: &'a str,
    pub(super) size: i32,
    pub(super) token: &'a str,
}

impl Policies {
    /// One entry.
    pub(super) async fn one<T>(
        &self,
        call: &Call,
        policy: &str,
        name: &str,
        collection: &Collection<T>,
    ) -> Result<T, Status> {
        let mut f = Fields::default();
        let (id, number): (String, _) =
            (f.required_id("name", name, collection.name), f.policy("policy", policy));
        f.finish(()).map_err(|wrong| status::invalid_fields(&wrong))?;
        let policy = self.version(number).await?;
        let book = self.engine.standing().await.map_err(status::of_engine)?;
        let entries = (collection.entries)(&self.view(call, &policy, &book));
        let found = entries.into_iter().find(|(entry, _)| *entry == id);
        let absent = || Fault::NotFound { kind: collection.kind, name: name.to_owned() }.into();
        found.map(|(_, entry)| entry).ok_or_else(absent)
    }

    /// A page of entries by id, and the token of the next one.
    pub(super) async fn many<T>(
        &self,
        call: &Call,
        wanted: Wanted<'_>,
        collection: &Collection<T>,
    ) -> Result<(Vec<T>, String), Status> {
        let mut f = Fields::default();
        let (size, number) = (f.page_size(wanted.size) as usize, f.policy("policy", wanted.policy));
        f.finish(()).map_err(|wrong| status::invalid_fields(&wrong))?;
        let arguments = [wanted.policy];
        let scope = Scope { secret: self.engine.secret(), method: collection.name, arguments: &arguments };
        let after: Option<String> = scope.position(wanted.token)?;
        let policy = self.version(number).await?;
        let book = self.engine.standing().await.map_err(status::of_engine)?;
        let mut entries = (collection.entries)(&self.view(call, &policy, &book));
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.retain(|(id, _)| after.as_ref().is_none_or(|after| id > after));
        let more = entries.len() > size;
        entries.truncate(size);
        let next = entries.last().filter(|_| more).map(|(id, _)| scope.token(id)).unwrap_or_default();
        Ok((entries.into_iter().map(|(_, entry)| entry).collect(), next))
    }

    fn view<'a>(&'a self, call: &Call, policy: &'a Policy, book: &'a Book) -> View<'a> {
        let keys = (call.principal.role == Role::Admin).then_some(&self.keys);
        View { policy, now: self.engine.now(), book, keys }
    }

    /// A version by number, or the newest.
    async fn version(&self, number: Option<u64>) -> Result<Arc<Policy>, Status> {
        let none = || status::of_engine(Error::Refused(stentor_core::refusal::Refusal::NoPolicy));
        match number {
            None => self.engine.policy().ok_or_else(none),
            Some(n) => {
                let version = self.engine.policy_version(n).await.map_err(status::of_engine)?;
                Ok(Arc::clone(&version.policy))
            }
        }
    }
}

pub(super) fn services() -> Collection<v1::Service> {
    Collection {
        name: "services",
        kind: "service",
        entries: |view| {
            let d = view.policy.document();
            d.services.iter().map(|(id, x)| (id.to_string(), directory::service(id, x))).collect()
        },
    }
}

pub(super) fn teams() -> Collection<v1::Team> {
    Collection {
        name: "teams",
        kind: "team",
        entries: |view| {
            let d = view.policy.document();
            d.teams.iter().map(|(id, x)| (id.to_string(), directory::team(id, x))).collect()
        },
    }
}

pub(super) fn people() -> Collection<v1::Person> {
    Collection {
        name: "people",
        kind: "person",
        entries: |view| {
            let d = view.policy.document();
            d.people.iter().map(|(id, x)| (id.to_string(), directory::person(id, x, view.policy))).collect()
        },
    }
}

pub(super) fn schedules() -> Collection<v1::Schedule> {
    Collection {
        name: "schedules",
        kind: "schedule",
        entries: |view| {
            let d = view.policy.document();
            d.schedules
                .iter()
                .map(|(id, x)| (id.to_string(), directory::schedule(id, x, &view.on_call(id))))
                .collect()
        },
    }
}

pub(super) fn escalation_policies() -> Collection<v1::EscalationPolicy> {
    Collection {
        name: "escalationPolicies",
        kind: "escalation policy",
        entries: |view| {
            let d = view.policy.document();
            d.escalation_policies
                .iter()
                .map(|(id, x)| (id.to_string(), directory::escalation_policy(id, x)))
                .collect()
        },
    }
}

pub(super) fn calendars() -> Collection<v1::Calendar> {
    Collection {
        name: "calendars",
        kind: "calendar",
        entries: |view| {
            let d = view.policy.document();
            d.calendars
                .iter()
                .map(|(id, x)| (id.to_string(), directory::calendar(id, x, view.policy, view.now)))
                .collect()
        },
    }
}

pub(super) fn sla_definitions() -> Collection<v1::SlaDefinition> {
    Collection {
        name: "slaDefinitions",
        kind: "sla definition",
        entries: |view| {
            let d = view.policy.document();
            d.sla
                .iter()
                .map(|x| (&x.id, x))
                .map(|(id, x)| (id.to_string(), directory::sla_definition(x)))
                .collect()
        },
    }
}

pub(super) fn integrations() -> Collection<v1::Integration> {
    Collection {
        name: "integrations",
        kind: "integration",
        entries: |view| {
            let d = view.policy.document();
            d.integrations
                .iter()
                .map(|(id, x)| {
                    (id.to_string(), directory::integration(id, x, view.keys(id, x.generation()).as_ref()))
                })
                .collect()
        },
    }
}

//! Grafana OnCall's users with their notification rules, and teams with their members.

use std::collections::{BTreeMap, BTreeSet};

use stentor_core::policy::document::Person;
use stentor_core::time::Duration;

use crate::import::bad::Bad;
use crate::import::policy::draft::{Draft, Kind, contact};
use crate::import::snapshot::Object;

use super::texts;

pub(super) fn users(users: &[Object], rules: &[Object], draft: &mut Draft) -> Result<(), Bad> {
    for user in users {
        let theirs = user.need("id")?;
        let name = user.need("username")?;
        let id = draft.name(Kind::Person, &theirs, &name);
        let mut person = Person {
            name,
            contacts: BTreeMap::new(),
            urgent: Vec::new(),
            normal: Vec::new(),
            quiet: None,
            zone: user.text("timezone")?.filter(|zone| stentor_core::civil::zone(zone).is_some()),
        };
        if let Some(email) = user.text("email")? {
            person.contacts.insert("email".into(), email);
        }
        let mut own: Vec<&Object> = Vec::new();
        for rule in rules {
            if rule.text("user_id")?.as_deref() == Some(theirs.as_str()) {
                own.push(rule);
            }
        }
        steps(&own, &id, &mut person, draft)?;
        draft.add_person(&id, person);
    }
    Ok(())
}

/// Rules stand one after the other; waits between them count from the one before.
fn steps(rules: &[&Object], id: &str, person: &mut Person, draft: &mut Draft) -> Result<(), Bad> {
    let mut sorted = Vec::with_capacity(rules.len());
    for rule in rules {
        sorted.push((rule.number("position")?.unwrap_or(0), *rule));
    }
    sorted.sort_by_key(|(position, _)| *position);
    let mut waited = [Duration::ZERO; 2];
    let mut unnamed = BTreeSet::new();
    for (_, rule) in sorted {
        let important = rule.at("important").and_then(|i| i.as_bool()).unwrap_or(false);
        let kind = rule.text("type")?.unwrap_or_default();
        let slot = usize::from(important);
        if kind == "wait" {
            waited[slot] = Duration(waited[slot].millis() + rule.number("duration")?.unwrap_or(0) * 1000);
            continue;
        }
        let Some(channel) = channel(&kind) else {
            draft.leave(format!("person {id}"), format!("notification by {kind:?} has no counterpart"));
            continue;
        };
        if !person.contacts.contains_key(channel) {
            // The API tells no phone numbers and no devices.
            person.contacts.insert(channel.into(), format!("{id}-{channel}"));
            unnamed.insert(channel);
        }
        let list = if important { &mut person.urgent } else { &mut person.normal };
        let step = contact(channel, waited[slot]);
        if !list.contains(&step) {
            list.push(step);
        }
    }
    for channel in unnamed {
        draft.leave(
            format!("person {id}"),
            format!("the {channel} address is not in the export: made up, name yours"),
        );
    }
    Ok(())
}

fn channel(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "notify_by_email" => "email",
        "notify_by_sms" => "sms",
        "notify_by_phone_call" => "voice",
        "notify_by_mobile_app" | "notify_by_mobile_app_critical" => "push",
        "notify_by_slack" => "slack",
        _ => return None,
    })
}

pub(super) fn teams(teams: &[Object], users: &[Object], draft: &mut Draft) -> Result<(), Bad> {
    for team in teams {
        draft.name(Kind::Team, &team.need("id")?, &team.need("name")?);
    }
    for user in users {
        let Some(person) = draft.known(Kind::Person, &user.need("id")?).map(str::to_owned) else { continue };
        for theirs in texts(user, "teams") {
            let team = draft.name(Kind::Team, &theirs, &theirs);
            draft.add_member(&team, &person);
        }
    }
    Ok(())
}

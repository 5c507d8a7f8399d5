//! PagerDuty's users with their contacts and notification rules, and teams with their members.

use std::collections::BTreeMap;

use stentor_core::policy::document::{ContactStep, Person};
use stentor_core::time::Duration;

use crate::import::bad::Bad;
use crate::import::policy::draft::{Draft, Kind, contact};
use crate::import::snapshot::Object;

use super::ids;

pub(super) fn users(users: &[Object], draft: &mut Draft) -> Result<(), Bad> {
    for user in users {
        let theirs = user.need("id")?;
        let name = user.text("name")?.or(user.text("summary")?).unwrap_or_else(|| theirs.clone());
        let id = draft.name(Kind::Person, &theirs, &name);
        let mut person = Person {
            name,
            contacts: BTreeMap::new(),
            urgent: Vec::new(),
            normal: Vec::new(),
            quiet: None,
            zone: user.text("time_zone")?.filter(|zone| stentor_core::civil::zone(zone).is_some()),
        };
        if let Some(email) = user.text("email")? {
            person.contacts.insert("email".into(), email);
        }
        for method in user.list("contact_methods")? {
            method_of(&method, &id, &mut person, draft)?;
        }
        for rule in user.list("notification_rules")? {
            rule_of(&rule, &id, &mut person, draft)?;
        }
        person.urgent.sort_by_key(|step| step.wait);
        person.normal.sort_by_key(|step| step.wait);
        draft.add_person(&id, person);
    }
    Ok(())
}

/// A way to reach somebody; of two of one kind the first is kept.
fn method_of(method: &Object, id: &str, person: &mut Person, draft: &mut Draft) -> Result<(), Bad> {
    let kind = method.text("type")?.unwrap_or_default();
    let Some(channel) = channel(&kind) else {
        draft.leave(format!("person {id}"), format!("contact method {kind:?} has no counterpart"));
        return Ok(());
    };
    let Some(address) = method.text("address")? else {
        // A reference: the export was made without the contact methods themselves.
        draft.leave(format!("person {id}"), format!("contact method {kind:?} without its address"));
        return Ok(());
    };
    let country = method.text("country_code")?;
    let address = match (channel, country) {
        ("sms" | "voice", Some(code)) if !address.starts_with('+') => format!("+{code}{address}"),
        ("push", _) => format!("{id}-push"),
        _ => address,
    };
    if channel == "push" {
        draft.leave(
            format!("person {id}"),
            "the device of a push contact: its address is made up, name yours",
        );
    }
    if person.contacts.contains_key(channel) && channel != "email" {
        draft.leave(format!("person {id}"), format!("a second {channel} contact: one of each kind is kept"));
    } else {
        person.contacts.insert(channel.into(), address);
    }
    Ok(())
}

fn rule_of(rule: &Object, id: &str, person: &mut Person, draft: &mut Draft) -> Result<(), Bad> {
    let kind = rule.text("contact_method.type")?.unwrap_or_default();
    let known = channel(&kind).filter(|c| person.contacts.contains_key(*c));
    let (Some(channel), Some(wait)) = (known, rule.number("start_delay_in_minutes")?) else {
        draft
            .leave(format!("person {id}"), "a notification rule whose contact or delay is not in the export");
        return Ok(());
    };
    let step = contact(channel, Duration::minutes(wait));
    let list: &mut Vec<ContactStep> =
        if rule.text("urgency")?.as_deref() == Some("low") { &mut person.normal } else { &mut person.urgent };
    if !list.contains(&step) {
        list.push(step);
    }
    Ok(())
}

fn channel(kind: &str) -> Option<&'static str> {
    let kind = kind.trim_end_matches("_reference");
    Some(match kind {
        "email_contact_method" => "email",
        "phone_contact_method" => "voice",
        "sms_contact_method" => "sms",
        "push_notification_contact_method" => "push",
        _ => return None,
    })
}

pub(super) fn teams(teams: &[Object], users: &[Object], draft: &mut Draft) -> Result<(), Bad> {
    for team in teams {
        let theirs = team.need("id")?;
        let name = team.text("name")?.or(team.text("summary")?).unwrap_or_else(|| theirs.clone());
        draft.name(Kind::Team, &theirs, &name);
    }
    for user in users {
        let Some(person) = draft.known(Kind::Person, &user.need("id")?).map(str::to_owned) else { continue };
        for reference in user.list("teams").unwrap_or_default() {
            let theirs = reference.need("id")?;
            let name = reference.text("summary")?.unwrap_or_else(|| theirs.clone());
            let team = draft.name(Kind::Team, &theirs, &name);
            draft.add_member(&team, &person);
        }
        for theirs in ids(user, "teams") {
            if let Some(team) = draft.known(Kind::Team, &theirs).map(str::to_owned) {
                draft.add_member(&team, &person);
            }
        }
    }
    Ok(())
}

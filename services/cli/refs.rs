//! What people type for a resource, turned into the name that the API knows.
//! It does not ask whether the resource exists.

/// Reads INC-42, 42, incidents/INC-42 or incidents/{id}.
pub(super) fn incident(text: &str) -> Result<String, String> {
    spoken(text, "INC-", "incidents", "INC-42, 42 or incidents/{id}")
}

/// Reads REV-42, INC-42, 42, reviews/REV-42 or reviews/{id}; a review has the number of its incident.
pub(super) fn review(text: &str) -> Result<String, String> {
    let upper = text.to_ascii_uppercase();
    let number = upper.strip_prefix("INC-").filter(|rest| is_number(rest));
    spoken(number.unwrap_or(text), "REV-", "reviews", "REV-42, 42 or reviews/{id}")
}

/// Reads 7, policies/7 or current.
pub(super) fn policy(text: &str) -> Result<String, String> {
    let id = text.strip_prefix("policies/").unwrap_or(text);
    if id == "current" || is_number(id) {
        return Ok(format!("policies/{id}"));
    }
    Err(format!("`{text}` is no policy version; write 7, policies/7 or current"))
}

/// Reads ana or people/ana.
pub(super) fn person(text: &str) -> Result<String, String> {
    member(text, "people")
}

/// Reads ana, people/ana or teams/shop.
pub(super) fn person_or_team(text: &str) -> Result<String, String> {
    if text.starts_with("teams/") { member(text, "teams") } else { member(text, "people") }
}

/// Reads ana, people/ana, teams/shop or channels/ops.
pub(super) fn subscriber(text: &str) -> Result<String, String> {
    if text.starts_with("channels/") { member(text, "channels") } else { person_or_team(text) }
}

/// Reads ana, people/ana, channels/ops or providers/twilio/main.
pub(super) fn reachable(text: &str) -> Result<String, String> {
    match text.strip_prefix("providers/") {
        Some(name) if name.contains('/') => Ok(text.to_owned()),
        Some(_) => Err(format!("`{text}` is no provider; write providers/{{kind}}/{{name}}")),
        None if text.starts_with("channels/") => member(text, "channels"),
        None => member(text, "people"),
    }
}

/// Reads checkout or services/checkout.
pub(super) fn service(text: &str) -> Result<String, String> {
    member(text, "services")
}

/// Reads shop or teams/shop.
pub(super) fn team(text: &str) -> Result<String, String> {
    member(text, "teams")
}

/// Reads shop-primary or schedules/shop-primary.
pub(super) fn schedule(text: &str) -> Result<String, String> {
    member(text, "schedules")
}

/// Reads 7 or overrides/7.
pub(super) fn override_number(text: &str) -> Result<String, String> {
    numbered(text, "overrides")
}

/// Reads 3 or swaps/3.
pub(super) fn swap(text: &str) -> Result<String, String> {
    numbered(text, "swaps")
}

/// Reads 7 or silences/7.
pub(super) fn silence(text: &str) -> Result<String, String> {
    numbered(text, "silences")
}

/// Reads 3 or maintenanceWindows/3.
pub(super) fn window(text: &str) -> Result<String, String> {
    numbered(text, "maintenanceWindows")
}

fn numbered(text: &str, collection: &str) -> Result<String, String> {
    let number = text.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/')).unwrap_or(text);
    if is_number(number) {
        return Ok(format!("{collection}/{number}"));
    }
    Err(format!("`{text}` is no number of {collection}; write 7 or {collection}/7"))
}

/// Reads prom or integrations/prom.
pub(super) fn integration(text: &str) -> Result<String, String> {
    member(text, "integrations")
}

/// Reads 7 or subscriptions/7.
pub(super) fn subscription(text: &str) -> Result<String, String> {
    numbered(text, "subscriptions")
}

/// Reads backup or heartbeats/backup.
pub(super) fn heartbeat(text: &str) -> Result<String, String> {
    member(text, "heartbeats")
}

/// Reads bus or sinks/bus.
pub(super) fn sink(text: &str) -> Result<String, String> {
    member(text, "sinks")
}

/// Reads name=value; the value may hold further equals signs and may be empty.
pub(super) fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is no label; write name=value")),
    }
}

/// The part of a resource name that people say: people/ana is ana.
pub(super) fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn spoken(text: &str, prefix: &str, collection: &str, forms: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` is not understood; write {forms}");
    let id = match text.split_once('/') {
        Some((found, id)) if found == collection => id,
        Some(_) => return Err(wrong()),
        None => text,
    };
    if is_number(id) {
        return Ok(format!("{collection}/{prefix}{id}"));
    }
    let upper = id.to_ascii_uppercase();
    if upper.strip_prefix(prefix).is_some_and(is_number) {
        return Ok(format!("{collection}/{upper}"));
    }
    // Anything else has to look like an opaque id: long, and without another kind's prefix.
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if plain && id.len() >= 8 { Ok(format!("{collection}/{id}")) } else { Err(wrong()) }
}

fn member(text: &str, collection: &str) -> Result<String, String> {
    let id = match text.split_once('/') {
        Some((found, id)) if found == collection => id,
        Some(_) => return Err(format!("`{text}` does not belong to {collection}")),
        None => text,
    };
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte));
    if id.is_empty() || !plain {
        return Err(format!("`{text}` is no id of {collection}"));
    }
    Ok(format!("{collection}/{id}"))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_is_named_in_the_ways_people_say_it() {
        for text in ["INC-42", "inc-42", "42", "incidents/INC-42", "incidents/42"] {
            assert_eq!(incident(text).unwrap(), "incidents/INC-42", "{text}");
        }
        let id = "0198f3a2-7c00-7e11-a001-000000000001";
        assert_eq!(incident(&format!("incidents/{id}")).unwrap(), format!("incidents/{id}"));
        assert_eq!(incident(id).unwrap(), format!("incidents/{id}"));
    }

    #[test]
    fn what_is_no_incident_is_refused_before_the_server_is_asked() {
        for text in
            ["", "REV-4", "INC-", "INC-4x", "services/shop", "incidents/", "a b", "incidents/INC-4/alerts/1"]
        {
            assert!(incident(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_review_goes_by_the_number_of_its_incident() {
        for text in ["REV-42", "INC-42", "42", "reviews/REV-42"] {
            assert_eq!(review(text).unwrap(), "reviews/REV-42", "{text}");
        }
    }

    #[test]
    fn short_names_get_their_collection() {
        assert_eq!(person("ana").unwrap(), "people/ana");
        assert_eq!(person_or_team("teams/shop").unwrap(), "teams/shop");
        assert_eq!(service("services/checkout").unwrap(), "services/checkout");
        assert_eq!(policy("current").unwrap(), "policies/current");
        assert!(person("teams/shop").is_err());
        assert!(service("").is_err());
    }

    #[test]
    fn a_label_splits_at_its_first_equals_sign() {
        assert_eq!(label("url=a=b").unwrap(), ("url".to_owned(), "a=b".to_owned()));
        assert_eq!(label("env=").unwrap(), ("env".to_owned(), String::new()));
        assert!(label("env").is_err());
        assert!(label("=x").is_err());
    }
}

//! Claims about maps: what they read, what may be missing, and what is refused before it runs.

use serde_json::{Value as Json, json};

use super::map::{Mapped, Mapping, Wrong};
use crate::policy::document::MapSpec;
use crate::policy::{FindingCode, Policy, parse, samples};

fn spec(json: Json) -> MapSpec {
    serde_json::from_value(json).unwrap()
}

fn map(json: Json) -> Mapping {
    Mapping::compile(&spec(json)).unwrap()
}

fn only(mapping: &Mapping, body: Json) -> Result<Mapped, Wrong> {
    let mut read = mapping.read(&body).unwrap();
    assert_eq!(read.len(), 1);
    read.remove(0)
}

#[test]
fn a_map_reads_texts_numbers_and_conditions() {
    let mapping = map(json!({
        "key": "body.id", "title": r#"body.service + ": " + body.title"#,
        "status": r#"body.state == "ok" ? "clear" : "firing""#, "severity": "body.level",
        "labels": {"service": "body.service", "hot": "body.load > 0.9", "first": "body.hosts[0].name",
                   "zone": r#"body.zone.matches("^eu-") ? "eu" : "other""#},
        "annotations": {"load": "body.load", "hosts": r#"string(size(body.hosts))"#},
    }));
    let body = json!({"id": 17, "title": "voll", "service": "db", "state": "bad", "level": "page", "load": 0.95,
                      "zone": "eu-1", "hosts": [{"name": "a"}, {"name": "b"}]});

    let mapped = only(&mapping, body).unwrap();

    assert_eq!((mapped.key.as_str(), mapped.title.as_str()), ("17", "db: voll"));
    assert_eq!((mapped.status.as_str(), mapped.severity.as_str()), ("firing", "page"));
    let labels: Vec<_> = mapped.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(labels, ["first=a", "hot=true", "service=db", "zone=eu"]);
    assert_eq!((mapped.annotations["load"].as_str(), mapped.annotations["hosts"].as_str()), ("0.95", "2"));
}

#[test]
fn what_is_missing_is_empty_but_key_and_status_are_needed() {
    let mapping =
        map(json!({"title": "body.title", "severity": "body.a.b", "labels": {"x": "body.x", "y": "body.y"}}));
    let mapped = only(&mapping, json!({"y": null, "a": 7})).unwrap();
    assert_eq!(mapped, Mapped { labels: [("y".to_owned(), String::new())].into(), ..Mapped::default() });

    for key in ["key", "status"] {
        let mapping = map(json!({"title": "body.title", key: "body.id"}));
        assert_eq!(only(&mapping, json!({"title": "t"})).unwrap_err().key, key);
        assert_eq!(
            only(&mapping, json!({"title": "t", "id": [1]})).unwrap_err().problem,
            "is list, not a text"
        );
    }
}

#[test]
fn each_makes_an_alert_of_every_entry_and_one_bad_entry_spoils_no_other() {
    let mapping = map(json!({"each": r#"body.data["items"]"#, "key": "body.id", "title": "body.t"}));
    let body = json!({"data": {"items": [{"id": "a", "t": "A"}, {"t": "B"}, 5, {"id": "c", "t": "C"}]}});

    let read = mapping.read(&body).unwrap();

    let keys: Vec<_> = read.iter().map(|entry| entry.as_ref().map_or("-", |m| m.key.as_str())).collect();
    assert_eq!(keys, ["a", "-", "-", "c"]);
    for (body, problem) in [
        (json!({"data": {}}), "there is no \"items\" in the body"),
        (json!({"data": {"items": "no"}}), "what it leads to is not a list"),
        (json!([]), "there is no \"data\" in the body"),
        (json!({"data": {"items": vec![1; 1001]}}), "1001 alerts at once, at most 1000 are taken"),
    ] {
        assert_eq!(mapping.read(&body).unwrap_err().problem, problem);
    }
}

#[test]
fn a_body_that_is_too_wide_is_not_walked() {
    let mapping = map(json!({"title": "body.xs.exists(x, x == 3) ? 'yes' : 'no'"}));
    assert_eq!(only(&mapping, json!({"xs": [1, 3]})).unwrap().title, "yes");
    let wide = mapping.read(&json!({"xs": vec![0; 10_001]})).unwrap_err();
    assert!(wide.problem.contains("10001 entries"), "{wide:?}");
}

#[test]
fn formulas_that_cannot_work_are_refused_with_their_place() {
    for (key, source, why) in [
        ("title", "signal.title", "a map sees body"),
        ("title", "label('x')", "label() is not known here"),
        ("title", "[body.a]", "must be string, int, double or bool, is list"),
        ("title", "body.", "rror"),
        ("key", "timestamp(body.t)", "is timestamp"),
        ("status", "body.a + 1 == 'x' && 5", "must be bool"),
        ("each", "body.items.filter(x, true)", "must be a path"),
        ("each", "[body, body]", "must be a path"),
        ("each", "body[-1]", "must be a path"),
        ("url", "body.x.matches(body.y)", "literal pattern"),
    ] {
        let mut given = json!({"title": "body.t"});
        given[key] = source.into();
        let wrong = Mapping::compile(&spec(given)).unwrap_err();
        assert_eq!(wrong[0].key, key, "{source}");
        assert!(wrong[0].problem.contains(why), "{source}: {}", wrong[0].problem);
    }
}

#[test]
fn a_policy_with_a_bad_map_is_refused_at_its_path() {
    let with = |integration: &str| {
        let text = samples::ACME.replace("  portal: {kind: native}", &format!("  portal: {integration}"));
        Policy::compile(parse(&text).unwrap(), 1).map_err(|findings| {
            findings.into_iter().map(|finding| (finding.code, finding.path)).collect::<Vec<_>>()
        })
    };
    let good = with("{kind: json, map: {title: body.title, labels: {service: body.service}}}").unwrap();
    assert!(good.mapping(&"portal".into()).is_some() && good.mapping(&"prom".into()).is_none());

    let bad = with("{kind: json, map: {title: body.title, labels: {service: bdy.service}}}").unwrap_err();
    assert_eq!(bad, [(FindingCode::BadCel, "integrations.portal.map.labels.service".to_owned())]);
    let lost = with("{kind: grafana, map: {title: body.title}}").unwrap_err();
    assert_eq!(lost, [(FindingCode::UnknownKey, "integrations.portal.map".to_owned())]);
}

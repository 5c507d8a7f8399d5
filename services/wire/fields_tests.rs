//! What is wrong with a field, one claim a test.

use super::*;
use stentor_core::incident::kinds::Priority;

/// What is wrong with one field.
fn problem<T>(read: impl FnOnce(&mut Fields) -> T) -> Vec<String> {
    let mut f = Fields::default();
    read(&mut f);
    f.finish(()).err().unwrap_or_default().into_iter().map(|i| i.to_string()).collect()
}

fn fine<T>(read: impl FnOnce(&mut Fields) -> T) -> T {
    let mut f = Fields::default();
    let value = read(&mut f);
    f.finish(value).expect("nothing is wrong with it")
}

#[test]
fn texts_are_counted_in_code_points_and_kept_in_nfc() {
    assert_eq!(fine(|f| f.text("title", "e\u{301}", 1)), "é");
    assert_eq!(fine(|f| f.text("title", &"ü".repeat(250), 250)).chars().count(), 250);
    let long = problem(|f| f.text("title", &"ü".repeat(251), 250));
    assert_eq!(long, ["title: has 251 characters, at most 250 are taken"]);
}

#[test]
fn a_required_text_must_say_something_and_no_text_holds_nul() {
    assert_eq!(problem(|f| f.required("text", " \n", 9)), ["text: is required"]);
    assert_eq!(problem(|f| f.text("text", "a\0", 9)), ["text: contains a NUL character"]);
}

#[test]
fn ids_of_the_policy_stand_behind_their_collection() {
    assert_eq!(fine(|f| f.id::<PersonId>("owner", "people/ana", "people")), Some("ana".into()));
    assert_eq!(fine(|f| f.id::<PersonId>("owner", "", "people")), None);
    for bad in ["ana", "people/", "people/Ana", "teams/ana", "people/a/b", "people"] {
        assert_eq!(problem(|f| f.id::<PersonId>("owner", bad, "people")).len(), 1, "{bad}");
    }
    assert!(problem(|f| f.required_id::<PersonId>("owner", "", "people"))[0].contains("is required"));
}

#[test]
fn an_incident_is_named_by_id_or_reference() {
    assert_eq!(fine(|f| f.incident("name", "incidents/INC-42")), Name::Number(42));
    assert_eq!(fine(|f| f.incident("name", "incidents/0199-ab")), Name::Id("0199-ab".into()));
    assert_eq!(fine(|f| f.review("name", "reviews/REV-7")), Name::Number(7));
    for bad in
        ["", "INC-42", "incidents/", "incidents/INC-0", "incidents/INC-x", "incidents/a b", "reviews/a"]
    {
        assert_eq!(problem(|f| f.incident("name", bad)).len(), 1, "{bad}");
    }
}

#[test]
fn an_etag_is_a_version_in_quotes() {
    assert_eq!(fine(|f| f.etag("\"42\"")), Some(42));
    assert_eq!(fine(|f| f.etag("")), None);
    for bad in ["42", "\"42", "\"\"", "\"0\"", "\"042\"", "W/\"42\"", "\"-1\"", "\"99999999999999999999\""] {
        assert_eq!(problem(|f| f.etag(bad)).len(), 1, "{bad}");
    }
}

#[test]
fn a_request_id_is_a_uuid() {
    let id = "0B1E6A52-4C4B-4F60-9E0C-3A2B1C0D9E8F";
    assert_eq!(fine(|f| f.request_id(id)), Some(id.to_lowercase()));
    assert_eq!(problem(|f| f.request_id("0B1E6A524C4B4F609E0C3A2B1C0D9E8F")), ["request_id: is not a UUID"]);
    assert_eq!(problem(|f| f.request_id("x")), ["request_id: is not a UUID"]);
}

#[test]
fn unspecified_and_unknown_words_are_refused() {
    assert_eq!(fine(|f| f.word::<Priority>("priority", 0)), None);
    assert_eq!(fine(|f| f.required_word("priority", 2, Priority::P5)), Priority::P2);
    assert_eq!(problem(|f| f.required_word("priority", 0, Priority::P5)), ["priority: is required"]);
    assert_eq!(problem(|f| f.word::<Priority>("priority", 99)).len(), 1);
    assert_eq!(problem(|f| f.word::<Priority>("priority", -1)).len(), 1);
}

#[test]
fn durations_are_above_zero_and_within_a_year() {
    let read = |seconds, nanos| prost_types::Duration { seconds, nanos };
    assert_eq!(fine(|f| f.duration("d", Some(&read(90, 500_000_000)))), Some(Duration(90_500)));
    assert_eq!(fine(|f| f.duration("d", None)), None);
    for (seconds, nanos) in
        [(0, 0), (-1, 0), (0, -1), (1, 1_000_000_000), (i64::MAX, 0), (366 * 86_400 + 1, 0)]
    {
        assert_eq!(problem(|f| f.duration("d", Some(&read(seconds, nanos)))).len(), 1, "{seconds} {nanos}");
    }
}

#[test]
fn instants_lie_between_2000_and_2100() {
    let read = |seconds, nanos| prost_types::Timestamp { seconds, nanos };
    assert_eq!(
        fine(|f| f.instant("t", Some(&read(1_780_000_000, 1_999_999)))),
        Some(Timestamp(1_780_000_000_001))
    );
    for (seconds, nanos) in
        [(946_684_799, 0), (4_102_444_800, 0), (i64::MAX, 0), (i64::MIN, 0), (1_780_000_000, -1)]
    {
        assert_eq!(problem(|f| f.instant("t", Some(&read(seconds, nanos)))).len(), 1, "{seconds} {nanos}");
    }
}

#[test]
fn numbers_count_from_one_and_pages_have_a_size() {
    assert_eq!(fine(|f| f.numbers("n", &[1, 2])), [1, 2]);
    assert_eq!(problem(|f| f.numbers("n", &[1, 0])), ["n[1]: is required and counts from 1"]);
    assert_eq!(fine(|f| f.page_size(0)), 50);
    assert_eq!(fine(|f| f.page_size(5000)), 1000);
    assert_eq!(problem(|f| f.page_size(-1)), ["page_size: is negative"]);
}

#[test]
fn people_are_bounded_and_counted_once() {
    let people = ["people/ana".to_owned(), "people/ana".to_owned()];
    assert_eq!(fine(|f| f.people("people", &people, 2)).len(), 1);
    assert!(problem(|f| f.people("people", &people, 1))[0].contains("at most 1"));
    assert!(problem(|f| f.people("people", &["bo".to_owned()], 1))[0].starts_with("people[0]: "));
}

#[test]
fn a_policy_is_named_by_number() {
    assert_eq!(fine(|f| f.policy("policy", "policies/3")), Some(3));
    assert_eq!(fine(|f| f.policy("policy", "policies/current")), None);
    assert_eq!(problem(|f| f.policy("policy", "3")).len(), 1);
}

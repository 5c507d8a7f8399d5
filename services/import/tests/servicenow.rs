//! ServiceNow's event log: what the rows show is told when the first of them shows it, and final columns are compared.

use stentor_core::actor::Actor;
use stentor_core::history_log::{Action, Past, Record, What, record_of};
use stentor_core::import::{Place, retell};
use stentor_core::incident::kinds::{Level3, Priority};
use stentor_core::instance::Event;

use super::{LOG, line, options, record, servicenow, told};
use crate::import::names::{Map, Names};
use crate::import::servicenow::{Options, read};

#[test]
fn a_change_happened_when_the_first_row_shows_it() {
    let read = servicenow(LOG).unwrap();

    // resolved_at says 11:29; the first row in state Resolved is from 08:53.
    let expected = [
        "02-29T01:16 people/u-8 signal",
        "02-29T08:53 people/u-642 resolve",
        "03-05T12:00 people/u-908 close",
    ];
    let found = record(&read, "0000045");
    assert_eq!(told(found), expected);
    assert!(found.remarks[0].contains("resolved_at says 2016-02-29T11:29:00Z"), "{:?}", found.remarks);
    assert_eq!(read.odd.count("resolved_at_differs"), 2);
}

#[test]
fn an_awaiting_state_is_a_hold_until_the_state_changes() {
    let read = servicenow(LOG).unwrap();

    let expected = [
        "02-29T08:11 people/u-131 signal",
        "02-29T13:18 people/u-723 acknowledge",
        "02-29T13:26 people/u-723 hold",
        "03-08T09:55 people/u-135 resolve",
        "03-24T18:40 people/u-908 close",
        "03-24T18:40 system fact",
    ];
    assert_eq!(told(record(&read, "0000070")), expected);

    let active = LOG.replace("0000070,Resolved,true", "0000070,Active,true");
    let read = servicenow(&active).unwrap();
    assert_eq!(told(record(&read, "0000070"))[3], "03-08T09:55 people/u-135 resume");
}

#[test]
fn a_closed_incident_that_becomes_active_is_reopened() {
    let read = servicenow(LOG).unwrap();

    let told = told(record(&read, "0006099"));

    let words: Vec<&str> = told.iter().filter_map(|l| l.split(' ').next_back()).collect();
    let expected = ["signal", "acknowledge", "resolve", "close", "reopen", "hold", "resolve", "close"];
    assert_eq!(words[..8], expected);
    assert_eq!(read.odd.count("reopen_count_differs"), 0);
}

#[test]
fn an_incident_that_is_never_resolved_has_no_resolve() {
    let read = servicenow(LOG).unwrap();
    let found = record(&read, "0119241");
    let resolves = |e: &&_| matches!(e, What::Action(Action::Resolve { .. }));
    assert_eq!(found.entries.iter().map(|e| &e.what).filter(resolves).count(), 0);
    assert_eq!(read.odd.count("never_resolved"), 1);
    assert!(found.remarks.contains(&"no row shows a resolution".to_owned()));
}

#[test]
fn rows_out_of_step_are_reported_and_keep_their_instants() {
    let read = servicenow(LOG).unwrap();

    // Its rows are from 11:10, 09:52 and 11:03, in this order.
    let resolved = told(record(&read, "0000137")).into_iter().find(|l| l.ends_with("resolve"));
    assert!(resolved.unwrap().starts_with("02-29T11:03"));
    assert_eq!(read.odd.count("updates_disordered"), 2);
    assert_eq!(read.odd.count("before_opening"), 1);
    for found in &read.records {
        assert!(found.entries.windows(2).all(|pair| pair[0].at <= pair[1].at), "{}", found.source_ref);
    }
}

#[test]
fn a_change_of_impact_is_a_triage() {
    let read = servicenow(LOG).unwrap();
    let triage = record(&read, "0000104").entries.iter().find_map(|e| match &e.what {
        What::Action(Action::Triage { impact, .. }) => Some((e.at.to_string(), *impact)),
        _ => None,
    });
    assert_eq!(triage, Some(("2016-02-29T09:18:00Z".to_owned(), Some(Level3::High))));
}

#[test]
fn a_priority_that_the_matrix_does_not_give_is_stated_alone() {
    let odd = LOG.replace(",2,2,3,56,", ",3,3,4,56,");
    let read = servicenow(&odd).unwrap();
    let What::Signal(signal) = &record(&read, "0000045").entries[0].what else { panic!("no signal") };
    assert_eq!((signal.impact, signal.urgency, signal.priority), (None, None, Some(Priority::P4)));
}

#[test]
fn an_unknown_state_leaves_the_one_before() {
    let read = servicenow(&LOG.replace("0000070,Active", "0000070,-100")).unwrap();
    assert_eq!(read.odd.count("unknown_state"), 2);
    assert_eq!(told(record(&read, "0000070"))[1], "02-29T13:26 people/u-723 hold");
}

#[test]
fn dates_are_those_of_the_zone_and_names_those_of_the_maps() {
    let names =
        Names { people: Map::parse("642,ana").unwrap(), services: Map::parse("56,checkout").unwrap() };
    let zone = stentor_core::civil::zone("Europe/Berlin").unwrap();
    let read = read(LOG.as_bytes(), &Options { zone, names, ..options() }).unwrap();

    assert_eq!(told(record(&read, "0000045"))[1], "02-29T07:53 people/ana resolve");
    let service = |n: &str| match &record(&read, n).entries[0].what {
        What::Signal(signal) => signal.service.clone(),
        _ => None,
    };
    assert_eq!(service("0000045"), Some("checkout".into()));
    assert_eq!(service("0000070"), None);
    assert_eq!(read.odd.count("service_unmapped"), 7);
}

#[test]
fn reading_twice_gives_the_same_bytes() {
    let written = |text| {
        let read = servicenow(text).unwrap();
        read.records.iter().map(stentor_core::history_log::write).collect::<String>()
    };
    assert_eq!(written(LOG), written(LOG));
    for (i, line) in (1..).zip(written(LOG).lines()) {
        stentor_core::history_log::read(i, line).unwrap();
    }
}

#[test]
fn the_history_gives_the_record_back() {
    for record in servicenow(LOG).unwrap().records {
        let place = Place { id: "inc-1".into(), number: 1, policy: None };
        let retold = retell(&record, &place).unwrap();
        let events: Vec<Vec<Event>> = retold
            .transitions
            .iter()
            .map(|t| t.events.iter().cloned().map(Event::Incident).collect())
            .collect();
        let past = retold.transitions.iter().zip(&events);
        let past: Vec<Past<'_>> =
            past.map(|(t, events)| Past { at: t.at, actor: &t.actor, events }).collect();

        let again = record_of(&past, retold.state.updated_at).unwrap();

        assert_eq!((&again.source, &again.source_ref), (&record.source, &record.source_ref));
        let acted = |r: &Record| {
            let lines = r.entries.iter().filter(|e| e.who != Actor::System).map(line);
            lines.map(|l| l.replace(" command", " resolve")).collect::<Vec<_>>()
        };
        assert_eq!(acted(&again), acted(&record), "{}", record.source_ref);
    }
}

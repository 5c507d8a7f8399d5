//! The suppression log: what paged nobody, why, when and until, for all who ask afterwards.

use prost_types::Timestamp;
use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_proto::v1::SuppressionReason as Reason;
use stentor_tests::world::{World, alert, minutes};

super::on_both_stores!(
    the_log_tells_what_held_an_alert_back_from_when_to_when,
    what_lasts_has_no_end_and_what_was_planned_is_told,
    what_is_not_taken_in_is_counted_by_cause_and_day,
    a_change_of_what_holds_an_alert_back_is_an_entry_of_its_own,
    the_log_is_read_in_pages_that_overlap_nowhere,
    wrong_questions_to_the_log_are_refused,
);

/// Ten o'clock of the first day, so much later.
fn later(minutes: i64) -> Timestamp {
    Timestamp { seconds: 1_780_480_800 + 60 * minutes, nanos: 0 }
}

/// Minutes after ten.
fn minute(at: Option<&Timestamp>) -> Option<i64> {
    at.map(|at| (at.seconds - later(0).seconds) / 60)
}

fn with(key: &str, labels: &[(&str, &str)]) -> v1::AlertSignal {
    let mut alert = alert(key);
    alert.labels.insert("region".to_owned(), key.to_owned());
    alert.labels.extend(labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    alert
}

/// A silence for a region until so many minutes after ten.
async fn silence(world: &World, region: &str, until: i64) {
    let matcher =
        v1::LabelMatcher { label: "region".to_owned(), value: region.to_owned(), ..Default::default() };
    let request = v1::CreateSilenceRequest {
        matcher_sets: vec![v1::MatcherSet { matchers: vec![matcher] }],
        end_time: Some(later(until)),
        comment: "a drill".to_owned(),
        ..Default::default()
    };
    world.say("ana", request).await;
}

async fn log(world: &World, request: v1::ListSuppressionsRequest) -> Vec<v1::SuppressionEntry> {
    world.say("ana", request).await.entries
}

async fn whole(world: &World) -> Vec<v1::SuppressionEntry> {
    log(world, v1::ListSuppressionsRequest::default()).await
}

async fn the_log_tells_what_held_an_alert_back_from_when_to_when(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(with("down", &[("alertname", "RegionDown"), ("region", "eu")])).await;
    world.advance(minutes(1)).await;
    world.signal(with("slow", &[("severity", "warning"), ("region", "eu")])).await;
    world.advance(minutes(9)).await;
    let clear = v1::AlertSignal {
        status: v1::SignalStatus::Clear.into(),
        ..with("down", &[("alertname", "RegionDown"), ("region", "eu")])
    };
    world.signal(clear).await;

    let entries = whole(world).await;
    assert_eq!(entries.len(), 1, "{entries:#?}");
    let entry = &entries[0];
    assert_eq!((entry.reason(), entry.reference.as_str(), entry.alert), (Reason::Inhibited, "INC-2", 1));
    assert_eq!((entry.identity.as_str(), entry.title.as_str()), ("prom:slow", "slow is broken"));
    assert_eq!((minute(entry.start_time.as_ref()), minute(entry.end_time.as_ref())), (Some(1), Some(10)));
    assert_eq!(entry.service, "services/checkout");
    let by = &entry.inhibitions[0];
    assert_eq!((by.inhibition.as_str(), by.source_identity.as_str()), ("region-down", "prom:down"));
    let source = world.incident("INC-1").await;
    assert_eq!(by.source_incident, source.name);
}

async fn what_lasts_has_no_end_and_what_was_planned_is_told(world: &mut World) {
    world.given_policy(SAMPLE).await;
    silence(world, "a", 60).await;
    world.signal(with("a", &[])).await;
    world.advance(minutes(30)).await;
    let entries = whole(world).await;
    assert_eq!((entries.len(), entries[0].reason()), (1, Reason::Silenced));
    assert_eq!(entries[0].silences, ["silences/1"]);
    assert_eq!((minute(entries[0].planned_end_time.as_ref()), entries[0].end_time), (Some(60), None));

    let cancel = v1::CancelSilenceRequest { name: "silences/1".to_owned(), ..Default::default() };
    world.say("ana", cancel).await;
    let entries = whole(world).await;
    assert_eq!(
        (minute(entries[0].planned_end_time.as_ref()), minute(entries[0].end_time.as_ref())),
        (Some(60), Some(30))
    );
}

async fn what_is_not_taken_in_is_counted_by_cause_and_day(world: &mut World) {
    let route = "  - {id: checkout, when: ";
    assert!(SAMPLE.contains(route));
    let noise =
        r#"  - {id: noise, when: 'label("noise") == "yes" && signal.severity == "info"', discard: true}"#;
    let discarding = format!("{noise}\n{route}");
    world.given_policy(&SAMPLE.replace(route, &discarding)).await;
    let noise = || v1::AlertSignal { severity: "info".to_owned(), ..with("noise", &[("noise", "yes")]) };
    for _ in 0..3 {
        assert_eq!(world.signal(noise()).await.suppression_reason(), Reason::RouteDiscard);
    }
    world.advance(minutes(5)).await;
    let window = v1::CreateMaintenanceWindowRequest {
        services: vec!["services/checkout".to_owned()],
        end_time: Some(later(60)),
        mode: v1::MaintenanceMode::Drop.into(),
        comment: "a drill".to_owned(),
        ..Default::default()
    };
    world.say("ana", window).await;
    assert_eq!(world.signal(alert("a")).await.suppression_reason(), Reason::MaintenanceDrop);

    let entries = whole(world).await;
    let told: Vec<_> = entries.iter().map(|e| (e.reason(), e.identity.as_str(), e.signal_count)).collect();
    assert_eq!(told, [(Reason::MaintenanceDrop, "prom:a", 1), (Reason::RouteDiscard, "prom:noise", 3)]);
    assert_eq!(entries[0].maintenance_windows, ["maintenanceWindows/1"]);
    assert_eq!((entries[1].route.as_str(), entries[1].incident.as_str()), ("noise", ""));

    world.restart().await;
    world.advance(minutes(24 * 60)).await;
    world.signal(noise()).await;
    let request = v1::ListSuppressionsRequest { reason: Reason::RouteDiscard.into(), ..Default::default() };
    let counts: Vec<i64> = log(world, request).await.iter().map(|entry| entry.signal_count).collect();
    assert_eq!(counts, [1, 3], "each day has an entry");
}

async fn a_change_of_what_holds_an_alert_back_is_an_entry_of_its_own(world: &mut World) {
    world.given_policy(SAMPLE).await;
    silence(world, "a", 20).await;
    world.signal(with("a", &[])).await;
    world.advance(minutes(10)).await;
    silence(world, "a", 40).await;
    world.advance(minutes(40)).await;
    let request =
        v1::ListSuppressionsRequest { incident: "incidents/INC-1".to_owned(), ..Default::default() };
    let entries = log(world, request).await;
    let told: Vec<_> = entries
        .iter()
        .map(|e| (minute(e.start_time.as_ref()), minute(e.end_time.as_ref()), e.silences.len()))
        .collect();
    assert_eq!(told, [(Some(20), Some(40), 1), (Some(10), Some(20), 2), (Some(0), Some(10), 1)]);
}

async fn the_log_is_read_in_pages_that_overlap_nowhere(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let drop = v1::CreateMaintenanceWindowRequest {
        services: vec!["services/front-desk".to_owned()],
        end_time: Some(later(600)),
        mode: v1::MaintenanceMode::Drop.into(),
        comment: "a drill".to_owned(),
        ..Default::default()
    };
    world.say("ana", drop).await;
    silence(world, "r.", 600).await;
    for n in 0..7 {
        silence(world, &format!("r{n}"), 600).await;
        world.signal(with(&format!("r{n}"), &[])).await;
        world.signal(with(&format!("d{n}"), &[("service", "elsewhere")])).await;
        if n % 2 == 0 {
            world.advance(minutes(1)).await;
        }
    }
    let all = whole(world).await;
    assert_eq!(all.len(), 14, "{all:#?}");
    let starts: Vec<_> = all.iter().map(|entry| entry.start_time.as_ref().unwrap().seconds).collect();
    assert!(starts.is_sorted_by(|a, b| a >= b), "{starts:?}");
    for page_size in [1, 2, 3, 5, 13, 14] {
        let (mut read, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = v1::ListSuppressionsRequest { page_size, page_token, ..Default::default() };
            let page = world.say("ana", request).await;
            assert!(page.entries.len() <= page_size as usize);
            read.extend(page.entries);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(read, all, "in pages of {page_size}");
    }
    let since = v1::ListSuppressionsRequest { since_time: Some(later(3)), ..Default::default() };
    let newer = log(world, since).await;
    assert_eq!(newer, all[..newer.len()]);
    assert!(!newer.is_empty() && newer.len() < all.len());
}

async fn wrong_questions_to_the_log_are_refused(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let cleared = v1::ListSuppressionsRequest { reason: Reason::Cleared.into(), ..Default::default() };
    assert_eq!(world.refused("ana", cleared).await, "INVALID_FIELD");
    let absent = v1::ListSuppressionsRequest { incident: "incidents/INC-9".to_owned(), ..Default::default() };
    assert_eq!(world.refused("ana", absent).await, "INCIDENT_UNKNOWN");
    let torn = v1::ListSuppressionsRequest { page_token: "x".to_owned(), ..Default::default() };
    assert_eq!(world.refused("ana", torn).await, "PAGE_TOKEN_INVALID");
}

//! One incident from its report to its published review, step by step; then the same with the server dying after every
//! step. What is recorded and who is paged must not differ.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, minutes};

super::on_both_stores!(
    an_incident_goes_from_its_report_to_its_published_review,
    a_server_that_dies_after_every_step_tells_the_same_story,
    a_server_that_restarts_after_every_step_tells_the_same_story,
);

const NAME: &str = "incidents/INC-1";

/// What is left of a life: the history of the incident and of its review, and the pages.
#[derive(Debug, PartialEq)]
struct Story {
    incident: Vec<String>,
    review: Vec<String>,
    pages: Vec<String>,
}

async fn an_incident_goes_from_its_report_to_its_published_review(world: &mut World) {
    for step in 0..STEPS {
        walk(world, step).await;
    }

    world
        .expect_in_order(
            "INC-1",
            &[
                "Reported",
                "Paged",
                "Escalated",
                "Declared",
                "Acknowledged",
                "NoteAdded",
                "FixApplied",
                "Mitigated",
                "FixVerified",
                "Resolved",
                "ReviewRequested",
                "Documented",
                "Closed",
            ],
        )
        .await;
    assert_eq!(world.phase("INC-1").await, "CLOSED");
    let incident = world.incident("INC-1").await;
    let review = review(world).await;
    assert_eq!(review.state(), v1::ReviewState::Published);
    assert_eq!(review.incident, incident.name);
    assert_eq!(incident.times.unwrap().acknowledge_time.unwrap().seconds, 1_780_480_800 + 6 * 60);
    let running = incident.clocks.iter().filter(|clock| clock.state() == v1::ClockState::Running);
    assert_eq!(running.count(), 0, "a closed incident is not measured any more");
}

async fn a_server_that_dies_after_every_step_tells_the_same_story(world: &mut World) {
    let undisturbed = undisturbed(world.backend).await;

    for step in 0..STEPS {
        walk(world, step).await;
        world.crash().await;
    }

    assert_eq!(story(world).await, undisturbed);
}

async fn a_server_that_restarts_after_every_step_tells_the_same_story(world: &mut World) {
    let undisturbed = undisturbed(world.backend).await;

    for step in 0..STEPS {
        world.restart().await;
        walk(world, step).await;
    }

    assert_eq!(story(world).await, undisturbed);
}

async fn undisturbed(backend: stentor_tests::world::Backend) -> Story {
    let world = World::start(backend).await;
    for step in 0..STEPS {
        walk(&world, step).await;
    }
    let story = story(&world).await;
    world.end().await;
    story
}

async fn story(world: &World) -> Story {
    let incident = world.incident("INC-1").await;
    Story {
        incident: tell(world.entries("INC-1").await),
        review: tell(world.entries_of(&incident.review).await),
        pages: world.pages(),
    }
}

fn tell(entries: Vec<v1::TimelineEntry>) -> Vec<String> {
    let line = |e: v1::TimelineEntry| {
        format!("{} {} {:?} {}", e.number, e.kind, e.event_time.map(|t| t.seconds), e.actor)
    };
    entries.into_iter().map(line).collect()
}

async fn review(world: &World) -> v1::Review {
    let name = world.incident("INC-1").await.review;
    world.say("ana", v1::GetReviewRequest { name }).await.review.unwrap()
}

const STEPS: usize = 19;

async fn walk(world: &World, step: usize) {
    let name = NAME.to_owned();
    match step {
        0 => drop(world.given_policy(SAMPLE).await),
        1 => assert_eq!(world.report("Checkout answers 500").await, "INC-1"),
        2 => world.advance(minutes(6)).await,
        3 => drop(world.say("bo", v1::DeclareIncidentRequest { name, ..Default::default() }).await),
        4 => drop(world.ack("INC-1", "bo").await),
        5 => {
            let text = "looking into the last deploy".to_owned();
            drop(world.say("bo", v1::AddNoteRequest { name, text, ..Default::default() }).await);
        }
        6 => {
            let statement = "the last deploy".to_owned();
            drop(
                world.say("bo", v1::ProposeHypothesisRequest { name, statement, ..Default::default() }).await,
            );
        }
        7 => confirm(world).await,
        8 => {
            let description = "rolled back".to_owned();
            drop(world.say("bo", v1::ApplyFixRequest { name, description, ..Default::default() }).await);
        }
        9 => drop(world.say("bo", v1::MitigateIncidentRequest { name, ..Default::default() }).await),
        10 => world.advance(minutes(10)).await,
        11 => {
            let verification = "no errors".to_owned();
            let request = v1::VerifyFixRequest {
                name,
                fix_number: 1,
                passed: true,
                verification,
                ..Default::default()
            };
            drop(world.say("bo", request).await);
        }
        12 => {
            let code = v1::ResolutionCode::Fixed.into();
            drop(world.say("bo", v1::ResolveIncidentRequest { name, code, ..Default::default() }).await);
        }
        13 => {
            let request = v1::PostUpdateRequest {
                name,
                audience: v1::UpdateAudience::Stakeholders.into(),
                text: "Checkout works again.".to_owned(),
                r#final: true,
                ..Default::default()
            };
            drop(world.say("bo", request).await);
        }
        14 => document(world).await,
        15 => drop(world.say("bo", v1::CloseIncidentRequest { name, ..Default::default() }).await),
        16 => write_review(world).await,
        17 => add_action(world).await,
        18 => publish(world).await,
        _ => unreachable!("there are {STEPS} steps"),
    }
}

async fn confirm(world: &World) {
    let name = NAME.to_owned();
    let evidence = v1::AddEvidenceRequest {
        name: name.clone(),
        kind: v1::EvidenceKind::Link.into(),
        title: "Traces".to_owned(),
        body: "https://traces.example/1".to_owned(),
        ..Default::default()
    };
    let number = world.say("bo", evidence).await.evidence_number;
    let confirmed = v1::UpdateHypothesisRequest {
        name,
        hypothesis_number: 1,
        state: v1::HypothesisState::Confirmed.into(),
        evidence_numbers: vec![number],
        ..Default::default()
    };
    world.say("bo", confirmed).await;
}

async fn document(world: &World) {
    let second = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    for item in world.incident("INC-1").await.checklist {
        if !item.required || item.state() != v1::ChecklistState::Missing {
            continue;
        }
        let mut request = v1::DocumentIncidentRequest {
            name: NAME.to_owned(),
            field: item.field,
            text: "known and written down".to_owned(),
            ..Default::default()
        };
        if item.field() == v1::ChecklistField::RootCause {
            request.category = "change".to_owned();
        }
        if item.field() == v1::ChecklistField::Impact {
            request.impact_start_time = second(1_780_480_700);
            request.impact_end_time = second(1_780_481_000);
        }
        world.say("bo", request).await;
    }
}

async fn write_review(world: &World) {
    let review = review(world).await;
    let written = |kind: i32| review.sections.iter().any(|s| s.kind == kind && !s.text.is_empty());
    for kind in (1..=11).filter(|kind| !written(*kind)) {
        let name = review.name.clone();
        let text = "we talked about it".to_owned();
        world.say("bo", v1::EditReviewSectionRequest { name, kind, text, ..Default::default() }).await;
    }
}

async fn add_action(world: &World) {
    let request = v1::AddActionItemRequest {
        name: review(world).await.name,
        title: "Test the rollback".to_owned(),
        owner: "people/bo".to_owned(),
        due_time: Some(prost_types::Timestamp { seconds: 1_781_000_000, nanos: 0 }),
        ..Default::default()
    };
    world.say("ana", request).await;
}

async fn publish(world: &World) {
    let name = review(world).await.name;
    let early = v1::PublishReviewRequest { name: name.clone(), ..Default::default() };
    assert_eq!(world.refused("ana", early.clone()).await, "REVIEW_INCOMPLETE");
    let meeting = v1::RecordReviewMeetingRequest {
        name,
        meeting_time: Some(prost_types::Timestamp { seconds: 1_780_480_800, nanos: 0 }),
        attendees: vec!["people/ana".to_owned(), "people/bo".to_owned()],
        ..Default::default()
    };
    world.say("ana", meeting).await;
    world.say("ana", early).await;
}

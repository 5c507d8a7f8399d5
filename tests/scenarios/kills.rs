//! A server that is killed on either side of each of its commits: whatever it was about to do, the page goes out under one
//! id, and never once somebody's acknowledgement is committed.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{Edge, Fate, Letter, World, minutes, seconds};

super::on_both_stores!(
    wherever_it_is_killed_the_page_goes_out_under_one_id,
    nobody_is_paged_after_an_acknowledgement_that_was_committed,
    an_acknowledgement_that_was_not_committed_stops_nothing,
);

/// Longer than the claim of a delivery lasts, so that what was claimed by the dead is claimed again.
const CLAIM: i64 = 31;

/// A report that is the same each time it is sent.
fn report(n: usize) -> v1::ReportIncidentRequest {
    v1::ReportIncidentRequest {
        title: format!("nobody can pay, for the {n}th time"),
        labels: [("service".to_owned(), "checkout".to_owned())].into(),
        impact: v1::Impact::High.into(),
        urgency: v1::Urgency::High.into(),
        request_id: format!("00000000-0000-4000-8000-{n:012}"),
        ..Default::default()
    }
}

/// The pages of an incident that went to ana's push.
fn pages(world: &World, reference: &str) -> Vec<Letter> {
    let all = world.post.letters().into_iter();
    all.filter(|l| l.kind == "page" && l.to == "ana push" && l.reference == reference).collect()
}

/// Sends a report and lets everything follow from it, unless the axe falls; whether it fell.
async fn report_under_the_axe(world: &World, n: usize) -> bool {
    let all = async {
        world.say("rob", report(n)).await;
        world.settle().await;
    };
    tokio::select! {
        () = world.axe.fell() => true,
        () = all => false,
    }
}

async fn wherever_it_is_killed_the_page_goes_out_under_one_id(world: &mut World) {
    let wide = SAMPLE.replace("providers:", "page_rates: {push: {per_minute: 100000}}\nproviders:");
    world.given_policy(&wide).await;
    let mut n = 0;
    for edge in [Edge::Before, Edge::After] {
        for commit in 0.. {
            n += 1;
            assert!(commit < 20, "one page is no more than a few commits");
            world.axe.arm(commit, edge);
            let fell = report_under_the_axe(world, n).await;
            world.axe.disarm();
            if fell {
                world.crash().await;
            }
            let reference = world.say("rob", report(n)).await.result.expect("a result").reference;
            world.advance(seconds(CLAIM)).await;
            let pages = pages(world, &reference);
            assert!(!pages.is_empty(), "{reference}, killed {edge:?} commit {commit}, paged nobody");
            assert!(pages.iter().all(|page| page.id == pages[0].id), "{edge:?} {commit}: {pages:?}");
            assert_eq!(world.count(&reference, "DeliveryRecorded").await, 1, "{edge:?} {commit}: {pages:?}");
            world.ack(&reference, "bo").await;
            if !fell {
                // Report, claim and result at least.
                assert!(commit >= 3, "{edge:?}: the axe fell at {commit} commits only");
                break;
            }
        }
    }
}

/// An incident whose page is tried again and again, and an acknowledgement that is cut off.
async fn given_an_acknowledgement_cut_off(world: &mut World, edge: Edge) -> usize {
    world.given_policy(SAMPLE).await;
    world.post.always("ana push", Fate::Failed);
    world.say("rob", report(1)).await;
    world.axe.arm(0, edge);
    let request = v1::AcknowledgeIncidentRequest { name: "incidents/INC-1".to_owned(), ..Default::default() };
    tokio::select! {
        () = world.axe.fell() => {}
        answer = world.ask("bo", request) => panic!("answered before it was committed: {answer:?}"),
    }
    let told = pages(world, "INC-1").len();
    world.axe.disarm();
    world.crash().await;
    world.advance(minutes(4)).await;
    assert!(told >= 1);
    told
}

async fn nobody_is_paged_after_an_acknowledgement_that_was_committed(world: &mut World) {
    let told = given_an_acknowledgement_cut_off(world, Edge::After).await;
    assert_eq!(pages(world, "INC-1").len(), told);
    assert!(world.incident("INC-1").await.acknowledgement.is_some());
}

async fn an_acknowledgement_that_was_not_committed_stops_nothing(world: &mut World) {
    let told = given_an_acknowledgement_cut_off(world, Edge::Before).await;
    assert!(pages(world, "INC-1").len() > told);
    assert!(world.incident("INC-1").await.acknowledgement.is_none());
}

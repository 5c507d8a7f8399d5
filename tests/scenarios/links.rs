//! Links in messages: a page only shows, its button acts once as the person who was paged, and a link ends with its page.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use stentor::cli::args::ServeArgs;
use stentor::serve::Server;
use stentor::wire::link::{Action, Link};
use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_proto::v1::intake_service_client::IntakeServiceClient;
use stentor_tests::support::receiver::Receiver;
use stentor_tests::support::web::{Answer, ask};
use stentor_tests::world::{Backend, Place, World, alert, hours, minutes, seconds};
use tokio::net::TcpListener;
use tonic::transport::Endpoint;

super::on_both_stores!(
    opening_a_link_does_nothing_and_its_button_stops_the_paging,
    a_link_acts_once_however_often_and_at_once_it_is_pressed,
    who_comes_second_is_told_who_was_first,
    a_link_to_escalate_calls_one_level_and_no_further_one,
    a_link_ends_with_its_page,
    a_link_that_is_not_ours_tells_nothing,
    a_page_over_the_wire_is_acknowledged_by_its_link_and_the_key_outlives_the_server,
);

/// The pages of a world's server, on a port of their own.
async fn site(world: &World) -> String {
    let routes = stentor::links::routes(world.process().engine.clone());
    let serve = async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        format!("http://{address}/act/")
    };
    world.process().inside(serve).await
}

/// The token that a message rendered now would carry.
async fn token(world: &World, person: &str, action: Action) -> String {
    let engine = world.process().engine.clone();
    let reading = async move {
        let id = engine.find("incident", 1).await.unwrap();
        (engine.read(&id).await.unwrap(), engine.secret().to_vec(), engine.now())
    };
    let (state, secret, now) = world.process().inside(reading).await;
    let incident = state.incident().unwrap();
    let link = Link {
        incident: incident.id.clone(),
        person: person.into(),
        action,
        epoch: incident.epoch,
        level: incident.escalation.as_ref().map_or(0, |e| e.level),
        until: Link::end(now),
    };
    link.token(&secret)
}

async fn press(world: &World, url: &str) -> Answer {
    let answer = ask("POST", url).await;
    world.settle().await;
    answer
}

async fn opening_a_link_does_nothing_and_its_button_stops_the_paging(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let request = v1::SendAlertRequest {
        alert: Some(v1::AlertSignal { title: "<b>Down</b>".to_owned(), ..alert("a") }),
        ..Default::default()
    };
    world.say("integrations/prom", request).await;
    let url = site(world).await + &token(world, "ana", Action::Acknowledge).await;

    let (shown, head) = (ask("GET", &url).await, ask("HEAD", &url).await);
    world.advance(seconds(90)).await;

    assert_eq!((shown.status, head.status, head.body.as_str()), (200, 200, ""));
    for part in ["INC-1 &lt;b&gt;Down&lt;/b&gt;", "P1", "ACTIVE", "Ana Ruiz", "<form method=\"post\">"] {
        assert!(shown.body.contains(part), "{part} is not in {}", shown.body);
    }
    for line in ["cache-control: no-store", "referrer-policy: no-referrer", "x-frame-options: deny"] {
        assert!(shown.has(line) && head.has(line), "{line} is not in {}", shown.head);
    }
    assert!(shown.head.contains("default-src 'none'") && shown.head.contains("x-robots-tag: noindex"));
    assert!(!world.incident("INC-1").await.acknowledged);

    let pressed = press(world, &url).await;
    world.advance(minutes(24)).await;

    assert_eq!(pressed.status, 200);
    assert!(pressed.body.contains("Acknowledged by Ana Ruiz.") && !pressed.body.contains("<form"));
    let incident = world.incident("INC-1").await;
    assert_eq!(incident.acknowledgement.unwrap().holder, "people/ana");
    world.expect_pages(&["10:00:00 ana push", "10:01:00 ana sms"]);
    let entries = world.entries("INC-1").await;
    let acknowledged = entries.iter().find(|entry| entry.kind == "Acknowledged").unwrap();
    let note = entries.iter().find(|entry| entry.kind == "NoteAdded").unwrap();
    assert_eq!((acknowledged.actor.as_str(), note.actor.as_str()), ("people/ana", "people/ana"));
    assert!(note.data_json.contains("By the link in a message."), "{}", note.data_json);
}

async fn a_link_acts_once_however_often_and_at_once_it_is_pressed(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let url = site(world).await + &token(world, "ana", Action::Acknowledge).await;

    let answers = futures::future::join_all((0..8).map(|_| ask("POST", &url))).await;
    world.settle().await;
    world.crash().await;
    // The server of before is gone, and with it the port.
    let url = site(world).await + url.rsplit('/').next().unwrap();
    let later = press(world, &url).await;

    let first = answers.iter().filter(|answer| answer.body.contains(">Acknowledged by Ana Ruiz.")).count();
    let others = answers.iter().filter(|answer| answer.body.contains(">Already acknowledged by Ana Ruiz."));
    assert_eq!((first, others.count()), (1, 7), "{answers:#?}");
    assert!(later.status == 200 && later.body.contains("Already acknowledged by Ana Ruiz."), "{later:?}");
    let kinds = ["Acknowledged", "AckRenewed", "NoteAdded"];
    let counts = [world.count("INC-1", kinds[0]).await, world.count("INC-1", kinds[1]).await];
    assert_eq!((counts, world.count("INC-1", kinds[2]).await), ([1, 0], 1));
}

async fn who_comes_second_is_told_who_was_first(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.advance(minutes(6)).await;
    let site = site(world).await;
    let mut urls = Vec::new();
    for action in [Action::Acknowledge, Action::Escalate] {
        urls.push(format!("{site}{}", token(world, "bo", action).await));
    }
    world.ack("INC-1", "ana").await;

    for url in &urls {
        for answer in [ask("GET", url).await, press(world, url).await] {
            assert!(answer.body.contains("Already acknowledged by Ana Ruiz."), "{}", answer.body);
        }
    }

    let ack = world.incident("INC-1").await.acknowledgement.unwrap();
    assert_eq!((ack.holder.as_str(), ack.others.len()), ("people/ana", 0));
    world.expect_in_order("INC-1", &["Acknowledged"]).await;
    assert_eq!(world.count("INC-1", "Unacknowledged").await, 0);
}

async fn a_link_to_escalate_calls_one_level_and_no_further_one(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let site = site(world).await;
    let first = site.clone() + &token(world, "ana", Action::Escalate).await;
    world.advance(seconds(60)).await;
    let of_the_next_message = site + &token(world, "ana", Action::Escalate).await;
    assert_ne!(first, of_the_next_message);

    let called = press(world, &first).await;
    let again = [press(world, &first).await, press(world, &of_the_next_message).await];

    assert!(
        called.status == 200 && called.body.contains("Escalated: the next level is called."),
        "{called:?}"
    );
    for answer in again {
        assert!(answer.body.contains("It has escalated already: level 2 was called."), "{}", answer.body);
    }
    world.expect_page("10:01:00 bo push");
    let note = world.entries("INC-1").await.into_iter().find(|entry| entry.kind == "NoteAdded").unwrap();
    assert_eq!(note.actor, "people/ana");
    assert_eq!(world.incident("INC-1").await.escalation.unwrap().level, 2);
}

async fn a_link_ends_with_its_page(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let site = site(world).await;
    let first = site.clone() + &token(world, "ana", Action::Acknowledge).await;
    world.ack("INC-1", "ana").await;
    let request = v1::UnacknowledgeIncidentRequest { name: "incidents/INC-1".into(), ..Default::default() };
    world.say("ana", request).await;

    let answer = press(world, &first).await;
    assert!(answer.status == 410 && answer.body.contains("The page that this link came with is over."));
    assert!(!world.incident("INC-1").await.acknowledged);

    let second = site.clone() + &token(world, "ana", Action::Acknowledge).await;
    world.advance(hours(25)).await;
    for answer in [ask("GET", &second).await, press(world, &second).await] {
        assert!(answer.status == 410 && answer.body.contains("This link is too old"), "{answer:?}");
        assert!(!answer.body.contains("INC-1"));
    }
    assert!(!world.incident("INC-1").await.acknowledged);

    let third = site + &token(world, "ana", Action::Escalate).await;
    let request = v1::CancelIncidentRequest {
        name: "incidents/INC-1".into(),
        reason: v1::CancelReason::FalseAlarm.into(),
        note: "a test".into(),
        ..Default::default()
    };
    world.say("ana", request).await;
    let answer = press(world, &third).await;
    assert!(answer.status == 410 && answer.body.contains("INC-1 is cancelled."), "{answer:?}");
}

async fn a_link_that_is_not_ours_tells_nothing(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let site = site(world).await;
    let real = token(world, "ana", Action::Acknowledge).await;
    // Sealed rightly, for somebody whom the policy does not know (any more).
    let stranger = token(world, "zoe", Action::Acknowledge).await;

    for bad in ["x", &real[..real.len() - 4], &format!("A{}", &real[1..]), &stranger, &"A".repeat(4000)] {
        for method in ["GET", "POST"] {
            let answer = ask(method, &format!("{site}{bad}")).await;
            assert_eq!(answer.status, 403, "{method} {bad}");
            assert!(answer.body.contains("This link does nothing") && !answer.body.contains("INC-"));
        }
    }
    world.settle().await;
    assert!(!world.incident("INC-1").await.acknowledged);
}

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The whole of it: the server as `stentor serve` starts it, a receiver of webhooks, and real time.
async fn a_page_over_the_wire_is_acknowledged_by_its_link_and_the_key_outlives_the_server(world: &mut World) {
    let place = Place::new(world.backend).await;
    let folder = tempfile::tempdir().unwrap();
    let heard = Arc::<Mutex<Vec<serde_json::Value>>>::default();
    let log = Arc::clone(&heard);
    let hear = move |_: &str, body: &[u8]| log.lock().unwrap().push(serde_json::from_slice(body).unwrap());
    let receiver = Receiver::start(Arc::new(hear)).await.unwrap();
    let mut args = ServeArgs::development(
        folder.path().join("data"),
        "127.0.0.1:0".parse().unwrap(),
        "127.0.0.1:0".parse().unwrap(),
    );
    args.store.database = (world.backend == Backend::Postgres).then(|| place.address());
    args.policy = Some(folder.path().join("policy.yaml"));
    std::fs::write(folder.path().join("policy.yaml"), SAMPLE).unwrap();
    // Whoever is on call today is told by one of these.
    let entries = ["pusher", "telco"].map(|name| format!("webhook/{name}: {{url: '{}'}}\n", receiver.url));
    args.providers = Some(folder.path().join("providers.yaml"));
    std::fs::write(folder.path().join("providers.yaml"), entries.concat()).unwrap();
    args.public_url = Some("https://stentor.example/oncall".parse().unwrap());

    stentor::migrate::run(&args.store).await.unwrap();
    let (api, end) = serve(&args).await;
    let mut intake = IntakeServiceClient::new(Endpoint::from_shared(api.clone()).unwrap().connect_lazy());
    let report = v1::ReportIncidentRequest {
        title: "Customers cannot pay".to_owned(),
        labels: [("service".to_owned(), "checkout".to_owned())].into(),
        impact: v1::Impact::High.into(),
        urgency: v1::Urgency::High.into(),
        ..Default::default()
    };
    intake.report_incident(report).await.unwrap();
    let begun = Instant::now();
    while heard.lock().unwrap().is_empty() {
        assert!(begun.elapsed() < PATIENCE, "no page came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let page = heard.lock().unwrap()[0]["data"].clone();
    let link = page["links"]["acknowledge"].as_str().unwrap();
    let path = link.strip_prefix("https://stentor.example/oncall/").unwrap().to_owned();

    let (shown, pressed) =
        (ask("GET", &format!("{api}/{path}")).await, ask("POST", &format!("{api}/{path}")).await);
    end().await;
    let (api, end) = serve(&args).await;
    let again = ask("POST", &format!("{api}/{path}")).await;
    end().await;

    assert!(page["links"]["escalate"].as_str().is_some_and(|other| other != link), "{page}");
    assert!(shown.body.contains("<form method=\"post\">"), "{}", shown.body);
    assert!(pressed.body.contains("Acknowledged by"), "{}", pressed.body);
    assert!(again.body.contains("Already acknowledged by"), "{}", again.body);
    place.end().await;
}

/// A server as it is started by the command line: its address, and its end.
async fn serve(args: &ServeArgs) -> (String, impl AsyncFnOnce()) {
    let server = Server::start(args).await.unwrap();
    let (api, _) = server.shell.addresses().unwrap();
    let shutdown = server.shell.shutdown.clone();
    let served = tokio::spawn(server.serve());
    (format!("http://{api}"), async move || {
        shutdown.cancel();
        served.await.unwrap().unwrap();
    })
}

//! The one route of links. Mail scanners and previews of chats follow links by GET and HEAD, so those only show; POST acts.
//! A token is a credential: it is written to no log, and answers ask that nobody keeps or passes on the address.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use stentor_engine::Engine;
use tokio::sync::Semaphore;

use super::act::{self, Pressed, Standing, View};
use super::page;
use crate::wire::link::{Link, Unusable};

/// Requests of all links at once; people press few buttons, so more is no person.
const AT_ONCE: usize = 64;

/// The form has no fields.
const BODY_BYTES_MAX: usize = 1 << 10;

/// How often a press looks anew when the incident moves on under it; deliveries are recorded in quick succession.
const LOOKS: usize = 8;

/// A person waits no longer for a page.
const TIME_MAX: Duration = Duration::from_secs(10);

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// What the handlers share.
struct Links {
    engine: Engine,
    places: Semaphore,
}

/// The route of links; who opens one shows no credentials, because the link is one.
pub fn routes(engine: Engine) -> Router {
    let links = Links { engine, places: Semaphore::new(AT_ONCE) };
    Router::new()
        .route("/act/{token}", get(show).post(press))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::new(links))
}

async fn show(State(links): State<Arc<Links>>, Path(token): Path<String>) -> Response<Body> {
    links.answer(&token, false).await
}

async fn press(State(links): State<Arc<Links>>, Path(token): Path<String>) -> Response<Body> {
    links.answer(&token, true).await
}

impl Links {
    async fn answer(&self, token: &str, pressed: bool) -> Response<Body> {
        let Ok(_place) = self.places.try_acquire() else { return unavailable() };
        let answer = tokio::time::timeout(TIME_MAX, self.answer_soon(token, pressed)).await;
        answer.unwrap_or_else(|_| unavailable())
    }

    async fn answer_soon(&self, token: &str, pressed: bool) -> Response<Body> {
        let link = match Link::open(self.engine.secret(), token, self.engine.now()) {
            Ok(link) => link,
            Err(Unusable::Unknown) => return respond(StatusCode::FORBIDDEN, &page::UNKNOWN.html()),
            Err(Unusable::Expired) => return respond(StatusCode::GONE, &page::EXPIRED.html()),
        };
        for _ in 0..LOOKS {
            let view = match act::view(&self.engine, &link).await {
                Ok(Some(view)) => view,
                Ok(None) => return respond(StatusCode::FORBIDDEN, &page::UNKNOWN.html()),
                Err(()) => return unavailable(),
            };
            match &view.standing {
                Standing::Ready if pressed => {}
                Standing::Ready => return respond(StatusCode::OK, &page::ready(&view, link.action)),
                Standing::Done(said) => return respond(StatusCode::OK, &page::told(&view, said)),
                Standing::Over(said) => return respond(StatusCode::GONE, &page::told(&view, said)),
            }
            if let Some(answer) = self.act(&link, view).await {
                return answer;
            }
        }
        unavailable()
    }

    /// None: the incident moved on meanwhile.
    async fn act(&self, link: &Link, before: View) -> Option<Response<Body>> {
        let (status, said) = match act::press(&self.engine, link, &before).await {
            Pressed::Acted { replayed } => {
                (StatusCode::OK, page::acted(link.action, &before.person, replayed))
            }
            Pressed::Moved => return None,
            Pressed::Refused(why) => (StatusCode::CONFLICT, format!("Nothing was done: {why}.")),
            Pressed::Unavailable => return Some(unavailable()),
        };
        // What the person did stands, whether or not its outcome can be shown.
        let after = act::view(&self.engine, link).await.ok().flatten().unwrap_or(before);
        Some(respond(status, &page::told(&after, &said)))
    }
}

fn unavailable() -> Response<Body> {
    let mut response = respond(StatusCode::SERVICE_UNAVAILABLE, &page::UNAVAILABLE.html());
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn respond(status: StatusCode, html: &str) -> Response<Body> {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, page::security_policy()),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (ROBOTS, "noindex, nofollow, noarchive"),
    ];
    (status, headers, html.to_owned()).into_response()
}

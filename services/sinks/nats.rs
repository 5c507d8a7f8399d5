//! Events to NATS JetStream: one message each, with the event's id as the message's so that the stream drops repeats.
//! Accepted is the stream's own acknowledgement. Streams are made by whoever runs NATS, not here.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::context::{ContextBuilder, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self};
use async_nats::{ConnectOptions, ServerAddr};
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::Url;
use serde::Deserialize;
use stentor_engine::{FeedItem, Sink, Start, Untaken};
use tokio::sync::Mutex;

use super::file::Common;
use crate::notify::{Around, Egress, Hidden, Token, Unresolved, url};
use crate::wire::cloud_event::{self, CONTENT_TYPE};

const CONNECT_MAX: Duration = Duration::from_secs(5);
const ACK_MAX: Duration = Duration::from_secs(10);

/// An attempt ends after this, connection included.
const ATTEMPT_MAX: Duration = Duration::from_secs(15);

/// More servers than clusters have.
const SERVERS_MAX: usize = 16;

const PORT: u16 = 4222;

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A broker that is away comes back, and nothing of ours is lost meanwhile: the last wait repeats.
const RETRIES: [Duration; 6] = [seconds(1), seconds(2), seconds(5), seconds(10), seconds(30), seconds(60)];

/// What the file of sinks says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// `nats://host:4222` in the clear or `tls://host:4222`, all of one cluster.
    servers: Vec<String>,
    /// What subjects begin with, instead of `stentor`.
    #[serde(default = "stentor")]
    subject: String,
    /// The stream that must take the events; any that listens if it is not named.
    stream: Option<String>,
    /// Who signs the servers' certificates, if no public authority does.
    ca_file: Option<PathBuf>,
    token_file: Option<PathBuf>,
    username: Option<String>,
    password_file: Option<PathBuf>,
    /// Networks in which the servers may lie although they are not public.
    #[serde(default)]
    allow: Vec<String>,
}

fn stentor() -> String {
    "stentor".to_owned()
}

/// A stream that takes events.
struct Nats {
    common: Common,
    servers: Vec<Url>,
    subject: String,
    stream: Option<String>,
    ca_file: Option<PathBuf>,
    login: Login,
    egress: Egress,
    hidden: Hidden,
    /// Made by the first attempt and again after every failure, so that names are resolved anew.
    connection: Mutex<Option<jetstream::Context>>,
}

#[derive(Clone)]
enum Login {
    Nobody,
    Token(Token),
    User(String, Token),
}

impl std::fmt::Debug for Nats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Nats({})", self.common.name)
    }
}

/// The sink of these settings.
pub(super) fn sink(common: Common, settings: Settings, dev: bool) -> Result<Arc<dyn Sink>, String> {
    if settings.servers.is_empty() || settings.servers.len() > SERVERS_MAX {
        return Err(format!("servers: between 1 and {SERVERS_MAX} are taken"));
    }
    let servers = settings.servers.iter().map(|text| server(text)).collect::<Result<Vec<Url>, String>>()?;
    let egress = Around::new(dev).egress(&settings.allow)?;
    let clear = servers.iter().any(|server| server.scheme() == "nats");
    if clear && !egress.names_networks() {
        return Err("servers: nats:// goes to networks only that allow names; use tls://".to_owned());
    }
    for (field, text) in [("subject", Some(&settings.subject)), ("stream", settings.stream.as_ref())] {
        let token = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        };
        if text.is_some_and(|text| !text.split('.').all(token)) {
            return Err(format!("{field}: words of letters, digits, - and _ with dots between them"));
        }
    }
    let login = login(&settings)?;
    let secret = match &login {
        Login::Nobody => None,
        Login::Token(token) | Login::User(_, token) => Some(token.clone()),
    };
    Ok(Arc::new(Nats {
        common,
        servers,
        subject: settings.subject,
        stream: settings.stream,
        ca_file: settings.ca_file,
        login,
        egress: if clear { egress.without_public() } else { egress },
        hidden: Hidden::new(secret),
        connection: Mutex::new(None),
    }))
}

fn server(text: &str) -> Result<Url, String> {
    let url = url(text)?;
    let bare = url.username().is_empty() && url.password().is_none() && matches!(url.path(), "" | "/");
    let known = matches!(url.scheme(), "nats" | "tls") && url.host_str().is_some_and(|host| !host.is_empty());
    if bare && known { Ok(url) } else { Err("servers: write nats://HOST:PORT or tls://HOST:PORT".to_owned()) }
}

fn login(settings: &Settings) -> Result<Login, String> {
    match (&settings.token_file, &settings.username, &settings.password_file) {
        (None, None, None) => Ok(Login::Nobody),
        (Some(path), None, None) => Ok(Login::Token(Token::read("token_file", path)?)),
        (None, Some(name), Some(path)) => Ok(Login::User(name.clone(), Token::read("password_file", path)?)),
        _ => Err("either token_file, or username and password_file, or none of them".to_owned()),
    }
}

impl Nats {
    /// The connection there is, or a new one.
    async fn connection(&self) -> Result<jetstream::Context, String> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = slot.as_ref() {
            return Ok(connection.clone());
        }
        let addresses = self.addresses().await?;
        let options = ConnectOptions::new()
            .name("stentor")
            .connection_timeout(CONNECT_MAX)
            // Servers that a server names were not checked.
            .ignore_discovered_servers()
            // What a lost connection still holds must not arrive long after another replica took over.
            .max_reconnects(1);
        let options = match &self.login {
            Login::Nobody => options,
            Login::Token(token) => options.token(token.reveal().to_owned()),
            Login::User(name, password) => {
                options.user_and_password(name.clone(), password.reveal().to_owned())
            }
        };
        let options = match &self.ca_file {
            Some(path) => options.add_root_certificates(path.clone()),
            None => options.tls_client_config(Egress::tls()),
        };
        let client = options.connect(addresses).await.map_err(|error| error.to_string())?;
        let made = ContextBuilder::new().timeout(ACK_MAX).build(client);
        *slot = Some(made.clone());
        Ok(made)
    }

    /// Where the servers are. In the clear the very addresses that were checked are called; with TLS the name is, because
    /// its certificate says whether the right one answered.
    async fn addresses(&self) -> Result<Vec<ServerAddr>, String> {
        let (mut found, mut last) = (Vec::new(), String::new());
        for server in &self.servers {
            let (host, port) = (server.host_str().unwrap_or_default(), server.port().unwrap_or(PORT));
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            match self.egress.resolve_host(bare, port).await {
                Ok(_) if server.scheme() == "tls" => found.push(format!("tls://{host}:{port}")),
                Ok(addresses) => found.extend(addresses.iter().map(|address| format!("nats://{address}"))),
                Err(Unresolved::Denied(denied)) => last = denied.to_string(),
                Err(Unresolved::Name(error)) => last = error.to_string(),
            }
        }
        if found.is_empty() {
            return Err(last);
        }
        found.iter().map(|address| address.parse().map_err(|e: std::io::Error| e.to_string())).collect()
    }

    async fn publish(&self, item: &FeedItem, event: usize) -> Result<(), String> {
        let event = cloud_event::render(&self.common.source, item, event);
        let rest = event.kind.strip_prefix("stentor").unwrap_or(&event.kind);
        let subject = format!("{}{rest}", self.subject);
        let mut message = PublishMessage::build()
            .payload(event.body.into())
            .header("Content-Type", CONTENT_TYPE)
            .message_id(&event.id);
        if let Some(stream) = &self.stream {
            message = message.expected_stream(stream);
        }
        let told = |error: jetstream::context::PublishError| match error.kind() {
            PublishErrorKind::StreamNotFound => format!("no stream takes {subject}"),
            _ => error.to_string(),
        };
        let connection = self.connection().await?;
        let pending = connection.send_publish(subject.clone(), message).await.map_err(told)?;
        pending.await.map(drop).map_err(told)
    }

    async fn attempt(&self, item: &FeedItem, event: usize) -> Result<(), Untaken> {
        let slow = || format!("no acknowledgement within {ATTEMPT_MAX:?}");
        let published = tokio::time::timeout(ATTEMPT_MAX, self.publish(item, event)).await;
        match published.unwrap_or_else(|_| Err(slow())) {
            Ok(()) => Ok(()),
            Err(why) => {
                self.connection.lock().await.take();
                Err(Untaken { why: self.hidden.excerpt(&why), retry_after: None, gone: false })
            }
        }
    }
}

impl Sink for Nats {
    fn name(&self) -> &str {
        &self.common.name
    }

    fn start(&self) -> Start {
        self.common.start
    }

    fn retries(&self) -> (&'static [Duration], bool) {
        (&RETRIES, true)
    }

    fn take<'a>(&'a self, item: &'a FeedItem, event: usize) -> BoxFuture<'a, Result<(), Untaken>> {
        self.attempt(item, event).boxed()
    }
}

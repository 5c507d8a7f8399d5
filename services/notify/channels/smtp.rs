//! E-mail by SMTP: one plain text for each message, all of an incident in one thread.
//! A mail is sent when the server has taken its last line; what becomes of it afterwards nobody learns here.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::Message as Mail;
use lettre::message::Mailbox;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use serde::Deserialize;
use tokio::time::timeout;

use super::super::egress::{Egress, Unresolved};
use super::super::message::{Kind, Message};
use super::super::outcome::{Failure, Receipt};
use super::super::secret::{Hidden, Token};
use super::around::Around;

/// The mail is on its way by then; a server that does not say good-bye keeps nobody waiting.
const QUIT_TIME_MAX: Duration = Duration::from_millis(500);

/// What the file of providers says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    tls: Tls,
    username: Option<String>,
    password_file: Option<PathBuf>,
    from: String,
    #[serde(default)]
    allow: Vec<String>,
}

/// How the connection is encrypted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tls {
    /// It begins in the clear and must be encrypted before anything is said.
    #[default]
    Starttls,
    Implicit,
    /// Not at all, which only networks are trusted with that are named.
    None,
}

impl Tls {
    fn port(self) -> u16 {
        match self {
            Tls::Starttls => 587,
            Tls::Implicit => 465,
            Tls::None => 25,
        }
    }
}

/// A server that takes mail.
#[derive(Clone)]
pub struct Smtp {
    host: String,
    port: u16,
    tls: Tls,
    encryption: TlsParameters,
    login: Option<Login>,
    from: Mailbox,
    egress: Egress,
    hidden: Hidden,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Smtp({}:{})", self.host, self.port)
    }
}

#[derive(Clone)]
struct Login {
    username: String,
    password: Token,
}

impl Smtp {
    pub(super) fn new(settings: Settings, around: &Around) -> Result<Smtp, String> {
        let mut egress = around.egress(&settings.allow)?;
        if settings.tls == Tls::None {
            if !egress.names_networks() {
                return Err("tls: none is for networks that allow names".to_owned());
            }
            egress = egress.without_public();
        }
        let from = settings.from.parse().map_err(|error| format!("from: {error}"))?;
        let login = match (settings.username, settings.password_file) {
            (Some(username), Some(path)) => {
                Some(Login { username, password: Token::read("password_file", &path)? })
            }
            (None, None) => None,
            (Some(_), None) => return Err("password_file: a username needs one".to_owned()),
            (None, Some(_)) => return Err("username: a password_file needs one".to_owned()),
        };
        let encryption =
            TlsParameters::new(settings.host.clone()).map_err(|error| format!("host: {error}"))?;
        let hidden = Hidden::new(login.iter().flat_map(Login::secrets));
        let port = settings.port.unwrap_or(settings.tls.port());
        Ok(Smtp { host: settings.host, port, tls: settings.tls, encryption, login, from, egress, hidden })
    }

    pub(in super::super) async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        let mail = self.mail(message)?;
        let limit = self.egress.time_max();
        let slow = |_| Failure::passing("timeout", format!("the server did not take it within {limit:?}"));
        let (receipt, mut connection) = timeout(limit, self.hand_over(&mail)).await.map_err(slow)??;
        // It has the mail; how it takes leave changes nothing.
        let _ = timeout(QUIT_TIME_MAX, connection.quit()).await;
        Ok(receipt)
    }

    async fn hand_over(&self, mail: &Mail) -> Result<(Receipt, AsyncSmtpConnection), Failure> {
        let found = self.egress.resolve_host(&self.host, self.port).await.map_err(|error| match error {
            Unresolved::Denied(denied) => Failure::passing("denied", denied.to_string()),
            Unresolved::Name(error) => Failure::passing("connect", error.to_string()),
        })?;
        let failed = |error: Error| self.failed(&error);
        let hello = ClientId::default();
        let implicit = (self.tls == Tls::Implicit).then(|| self.encryption.clone());
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(found.as_slice(), None, &hello, implicit, None)
                .await
                .map_err(failed)?;
        if self.tls == Tls::Starttls {
            connection.starttls(self.encryption.clone(), &hello).await.map_err(failed)?;
        }
        if let Some(Login { username, password }) = &self.login {
            let credentials = Credentials::new(username.clone(), password.reveal().to_owned());
            let ways = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&ways, &credentials).await.map_err(failed)?;
        }
        let response = connection.send(mail.envelope(), &mail.formatted()).await.map_err(failed)?;
        let said = response.message().collect::<Vec<_>>().join(" ");
        let text = self.hidden.excerpt(&format!("{} {said}", response.code()));
        // Any other positive code would ask for more, and there is no more.
        if response.code().severity != lettre::transport::smtp::response::Severity::PositiveCompletion {
            return Err(Failure::passing("answer", text));
        }
        Ok((Receipt { text }, connection))
    }

    fn failed(&self, error: &Error) -> Failure {
        let text = self.hidden.excerpt(&error.to_string());
        if error.is_permanent() {
            Failure::lasting("status", text)
        } else if error.is_transient() {
            Failure::passing("status", text)
        } else if error.is_client() {
            Failure::lasting("request", text)
        } else if error.is_timeout() {
            Failure::passing("timeout", text)
        } else {
            Failure::passing("connect", text)
        }
    }

    /// The mail is the same in every attempt, its id included.
    fn mail(&self, message: &Message) -> Result<Mail, Failure> {
        let to: Mailbox = message
            .address
            .parse()
            .map_err(|error| Failure::lasting("address", format!("{:?}: {error}", message.address)))?;
        let domain = self.from.email.domain();
        let root = format!("<incident.{}@{domain}>", atom(message.incident_id()));
        let date = SystemTime::UNIX_EPOCH + Duration::from_millis(message.at.0.max(0).unsigned_abs());
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Mail::builder()
            .from(self.from.clone())
            .to(to)
            .date(date)
            .message_id(Some(format!("<{}@{domain}>", atom(&message.id))))
            .in_reply_to(root.clone())
            .references(root)
            .subject(message.headline())
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .body(text(message))
            .map_err(|error| Failure::lasting("request", error.to_string()))
    }
}

impl Login {
    /// The password, and the forms in which it goes over the wire.
    fn secrets(&self) -> Vec<Token> {
        let password = self.password.reveal();
        let plain = STANDARD.encode(format!("\0{}\0{password}", self.username));
        vec![self.password.clone(), plain.into(), STANDARD.encode(password).into()]
    }
}

/// What may stand in the left half of a message id.
fn atom(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_./+".contains(c) { c } else { '-' }).collect()
}

fn text(message: &Message) -> String {
    let mut lines = vec![message.text.clone(), String::new()];
    if message.kind != Kind::Test {
        lines.push(format!("Incident: {} {}", message.reference, message.title));
        lines.push(format!("Priority: {}", message.priority));
    }
    let named = [("Service", &message.service), ("Phase", &message.phase), ("Link", &message.url)];
    lines.extend(named.iter().filter(|(_, v)| !v.is_empty()).map(|(name, value)| format!("{name}: {value}")));
    for (name, url) in message.links.buttons() {
        lines.extend([String::new(), format!("{name}: {url}")]);
    }
    lines.join("\r\n")
}

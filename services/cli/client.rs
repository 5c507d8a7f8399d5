//! A connection to one server: credentials, time limits, and tries again where that is safe.
//! It does not interpret answers, and it never repeats a change under another request id.

use std::{fs, path::Path, time::Duration};

use futures::Stream;
use http::uri::PathAndQuery;
use tonic::{
    Code, Request, Status,
    client::Grpc,
    metadata::{Ascii, MetadataValue},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;

use super::{
    calls::Call,
    failure::{self, Failure},
    global::GlobalArgs,
};

/// Tries for one call, the first included; more would only hide for longer that the server is down.
const TRIES: u32 = 3;
/// Wait before the second try; it doubles for the third.
const BACKOFF: Duration = Duration::from_millis(200);
/// Longest wait before a try, whatever the server suggests: a person is waiting.
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// Largest answer taken; the server sends at most as much.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// A client of one server; the connection is made with the first call.
#[derive(Clone)]
pub(super) struct Client {
    server: String,
    channel: Channel,
    actor: Option<MetadataValue<Ascii>>,
    authorization: Option<MetadataValue<Ascii>>,
    timeout: Duration,
}

impl Client {
    /// Prepares calls to the server that the flags name; `key` is the one in the environment, if any.
    pub(super) fn new(args: &GlobalArgs, key: Option<String>) -> Result<Self, Failure> {
        let wrong =
            |cause: &dyn std::fmt::Display| Failure::Usage(format!("--server {}: {cause}", args.server));
        let mut endpoint = Endpoint::from_shared(args.server.clone())
            .map_err(|cause| wrong(&cause))?
            .connect_timeout(args.timeout)
            .user_agent(concat!("stentor-cli/", env!("CARGO_PKG_VERSION")))
            .map_err(|cause| wrong(&cause))?;
        if args.server.starts_with("https:") || args.ca_file.is_some() {
            let tls = match &args.ca_file {
                Some(path) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(path)?)),
                None => ClientTlsConfig::new().with_webpki_roots(),
            };
            endpoint = endpoint.tls_config(tls).map_err(|cause| wrong(&cause))?;
        }
        let actor = args.actor.as_ref().map(|name| name.parse()).transpose();
        Ok(Self {
            server: args.server.clone(),
            channel: endpoint.connect_lazy(),
            actor: actor.map_err(|_| Failure::Usage("--as takes plain characters only".to_owned()))?,
            authorization: authorization(args.key_file.as_deref(), key)?,
            timeout: args.timeout,
        })
    }

    /// The server's address as it was given.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// Calls once, and again while the server is unavailable; the request stays the same to the byte.
    pub(super) async fn call<R: Call>(&self, request: &R) -> Result<R::Answer, Failure> {
        let mut last = None;
        for attempt in 1..=TRIES {
            match self.unary(request.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(status) => {
                    let again = status.code() == Code::Unavailable && attempt < TRIES;
                    let wait = pause(&status, attempt);
                    last = Some(status);
                    if !again {
                        break;
                    }
                    tokio::time::sleep(wait).await;
                }
            }
        }
        let status = last.expect("the loop runs at least once and returns on success");
        let status = Box::new(self.located(status));
        let request_id = request.request_id().filter(|id| !id.is_empty()).map(str::to_owned);
        Err(Failure::Refused { status, request_id })
    }

    /// Opens a stream; it has no time limit, because it ends when the reader has seen enough.
    pub(super) async fn stream<R: Call>(
        &self,
        request: R,
    ) -> Result<impl Stream<Item = Result<R::Answer, Status>> + Unpin + use<R>, Status> {
        let mut grpc = self.grpc();
        ready(&mut grpc).await?;
        let path = PathAndQuery::from_static(R::PATH);
        let codec = ProstCodec::<R, R::Answer>::default();
        let answer = grpc.server_streaming(self.dress(request), path, codec).await?;
        Ok(answer.into_inner())
    }

    /// Opens a stream in both directions; it has no time limit, because whoever sends decides when it ends.
    pub(super) async fn exchange<R: Call + Sync, S: Stream<Item = R> + Send + 'static>(
        &self,
        messages: S,
    ) -> Result<impl Stream<Item = Result<R::Answer, Status>> + Unpin + use<R, S>, Status> {
        let mut grpc = self.grpc();
        ready(&mut grpc).await?;
        let path = PathAndQuery::from_static(R::PATH);
        let codec = ProstCodec::<R, R::Answer>::default();
        let answer =
            grpc.streaming(self.dress(messages), path, codec).await.map_err(|status| self.located(status))?;
        Ok(answer.into_inner())
    }

    /// All pages of a list as one, up to `limit` entries.
    pub(super) async fn pages<R: Call, T>(
        &self,
        limit: usize,
        request: impl Fn(i32, String) -> R,
        split: impl Fn(R::Answer) -> (Vec<T>, String),
    ) -> Result<Vec<T>, Failure> {
        let mut all = Vec::new();
        let mut token = String::new();
        loop {
            let size = (limit - all.len()).min(1000) as i32;
            let (entries, next) = split(self.call(&request(size, token)).await?);
            all.extend(entries);
            if next.is_empty() || all.len() >= limit {
                all.truncate(limit);
                return Ok(all);
            }
            token = next;
        }
    }

    /// The transport does not say whom it could not reach; a server's own refusal stays as it is.
    fn located(&self, status: Status) -> Status {
        let from_server = status.get_details_error_info().is_some();
        if status.code() != Code::Unavailable || from_server {
            return status;
        }
        let text = format!("cannot reach {}: {}", self.server, status.message());
        Status::with_details_and_metadata(
            status.code(),
            text,
            status.details().to_vec().into(),
            status.metadata().clone(),
        )
    }

    async fn unary<R: Call>(&self, request: R) -> Result<R::Answer, Status> {
        let mut grpc = self.grpc();
        ready(&mut grpc).await?;
        let mut request = self.dress(request);
        request.set_timeout(self.timeout);
        let path = PathAndQuery::from_static(R::PATH);
        let codec = ProstCodec::<R, R::Answer>::default();
        grpc.unary(request, path, codec).await.map(tonic::Response::into_inner)
    }

    fn grpc(&self) -> Grpc<Channel> {
        Grpc::new(self.channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    fn dress<R>(&self, message: R) -> Request<R> {
        let mut request = Request::new(message);
        if let Some(actor) = &self.actor {
            request.metadata_mut().insert("stentor-actor", actor.clone());
        }
        if let Some(authorization) = &self.authorization {
            request.metadata_mut().insert("authorization", authorization.clone());
        }
        request
    }
}

async fn ready(grpc: &mut Grpc<Channel>) -> Result<(), Status> {
    grpc.ready().await.map_err(|cause| Status::unavailable(format!("no connection: {cause}")))
}

/// The wait before the next try: what the server asks for, else doubling with jitter, never long.
pub(super) fn pause(status: &Status, attempt: u32) -> Duration {
    let own = BACKOFF * 2u32.saturating_pow(attempt.saturating_sub(1)).min(64);
    failure::retry_delay(status).unwrap_or_else(|| own.mul_f64(rand::random_range(0.5..1.5))).min(BACKOFF_MAX)
}

/// Keys come from a file or the environment, never from a flag, which every process of the machine can read.
fn authorization(file: Option<&Path>, key: Option<String>) -> Result<Option<MetadataValue<Ascii>>, Failure> {
    let key = match (file, key) {
        (Some(path), _) => read(path)?,
        (None, Some(key)) => key,
        (None, None) => return Ok(None),
    };
    let mut value: MetadataValue<Ascii> = format!("Bearer {}", key.trim())
        .parse()
        .map_err(|_| Failure::Usage("the key has characters that no key has".to_owned()))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Reads a file, or stdin where the path is a dash.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let what = format!("reading {}", path.display());
    if path == Path::new("-") {
        return std::io::read_to_string(std::io::stdin().lock()).map_err(|source| Failure::io(what, source));
    }
    fs::read_to_string(path).map_err(|source| Failure::io(what, source))
}

/// A text given on the command line, or on stdin where it is a dash.
pub(super) fn text(given: &str) -> Result<String, Failure> {
    if given == "-" {
        read(Path::new("-")).map(|text| text.trim_end().to_owned())
    } else {
        Ok(given.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn a_wait_follows_the_server_but_never_for_long() {
        let mut details = ErrorDetails::new();
        details.set_retry_info(Some(Duration::from_secs(1)));
        let asked = Status::with_error_details(Code::Unavailable, "draining", details.clone());
        assert_eq!(pause(&asked, 1), Duration::from_secs(1));

        details.set_retry_info(Some(Duration::from_secs(3_600)));
        let long = Status::with_error_details(Code::Unavailable, "draining", details);
        assert_eq!(pause(&long, 1), BACKOFF_MAX);
    }

    #[test]
    fn waits_grow_with_each_try() {
        let status = Status::unavailable("down");

        assert!(pause(&status, 1) < Duration::from_millis(300));
        assert!(pause(&status, 3) >= Duration::from_millis(400));
    }

    #[test]
    fn a_key_is_sent_as_a_bearer_without_its_line_end() {
        let value = authorization(None, Some("sk-1\n".to_owned())).unwrap().unwrap();

        assert_eq!(value.to_str().unwrap(), "Bearer sk-1");
        assert!(value.is_sensitive());
    }
}

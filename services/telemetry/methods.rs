//! The RPCs that this server knows, each with the attributes of its metrics made once.
//! A path that is not among them is counted as `_OTHER`, so that callers cannot invent series.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use opentelemetry::KeyValue;
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::Code;

const CODES: usize = 17;

/// Served beside our own API; watched too seldom to be worth a trace, and called by probes all the time.
const UNTRACED: &[&str] = &[
    "grpc.health.v1.Health/Check",
    "grpc.health.v1.Health/Watch",
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// One RPC.
pub(super) struct Method {
    /// `stentor.v1.TriageService/AssignIncident`, or `_OTHER`.
    pub name: String,
    pub traced: bool,
    pub kind: &'static str,
    active: AtomicI64,
    labels: [OnceLock<Box<[KeyValue]>>; CODES],
}

impl Method {
    fn new(name: String, traced: bool, stream: bool) -> Arc<Method> {
        let kind = if stream { "stream" } else { "unary" };
        let labels = std::array::from_fn(|_| OnceLock::new());
        Arc::new(Method { name, traced, kind, active: AtomicI64::new(0), labels })
    }

    pub(super) fn began(&self) {
        self.active.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn ended(&self) {
        self.active.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn active(&self) -> i64 {
        self.active.load(Ordering::Relaxed)
    }

    /// The attributes of the call's duration when it ends with `code`.
    pub(super) fn labels(&self, code: Code) -> &[KeyValue] {
        self.labels[code as usize].get_or_init(|| {
            let word = word(code);
            let mut labels = vec![
                KeyValue::new("rpc.system.name", "grpc"),
                KeyValue::new("rpc.method", self.name.clone()),
                KeyValue::new(STATUS_CODE, word),
            ];
            if code != Code::Ok {
                labels.push(KeyValue::new("error.type", word));
            }
            labels.into()
        })
    }
}

/// The attribute that carries the outcome: in one place, because upstream is about to rename it.
pub(super) const STATUS_CODE: &str = "rpc.response.status_code";

/// All methods by their HTTP path.
pub(super) struct Methods {
    by_path: HashMap<String, Arc<Method>>,
    other: Arc<Method>,
}

impl Methods {
    /// Those of our own API, of health and of reflection.
    pub(super) fn known() -> Methods {
        let set = FileDescriptorSet::decode(stentor_proto::FILE_DESCRIPTOR_SET)
            .expect("the set was encoded by the build script of the same build");
        let mut by_path = HashMap::new();
        for file in &set.file {
            for service in &file.service {
                for method in &service.method {
                    let name = format!("{}.{}/{}", file.package(), service.name(), method.name());
                    let stream = method.server_streaming() || method.client_streaming();
                    by_path.insert(format!("/{name}"), Method::new(name, true, stream));
                }
            }
        }
        for name in UNTRACED {
            by_path.insert(
                format!("/{name}"),
                Method::new((*name).to_owned(), false, !name.ends_with("/Check")),
            );
        }
        Methods { by_path, other: Method::new("_OTHER".to_owned(), true, false) }
    }

    pub(super) fn of(&self, path: &str) -> &Arc<Method> {
        self.by_path.get(path).unwrap_or(&self.other)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Method>> {
        self.by_path.values().chain(std::iter::once(&self.other))
    }
}

/// The code as the conventions write it.
pub(super) const fn word(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// Whether a server span that ends so is an error: the server's fault, not the caller's.
pub(super) const fn is_server_error(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

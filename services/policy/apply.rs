//! Applying a policy: parse, lint, compare, then commit it as the next version. What is wrong with a document is found
//! by the linter.

use stentor_core::policy::{Finding, Policy, content_hash, diff, lint, locate, parse};
use stentor_engine::Engine;
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use super::{migrate, versions};
use crate::call::Call;
use crate::wire::policy::{self, Application};
use crate::wire::status;

/// Lints a document and, unless asked otherwise, makes it the current version.
pub(super) async fn apply(
    engine: &Engine,
    demo: bool,
    request: Request<v1::ApplyPolicyRequest>,
) -> Result<Response<v1::ApplyPolicyResponse>, Status> {
    let (call, request) = Call::open("ApplyPolicy", request)?;
    let mut wanted = policy::application(request).map_err(|wrong| status::invalid_fields(&wrong))?;
    wanted.accept.extend(demo.then(|| lint::ALLOW_DEMO.to_owned()));
    let judged = judge(engine, &wanted);
    if wanted.validate_only {
        let actor = call.actor();
        // The same content stays the version it is, and who is there already does not move.
        let current = engine.policy().filter(|_| judged.unchanged);
        let moves = match current.as_deref().or(judged.policy.as_ref()) {
            Some(to) if judged.valid() => migrate::migrate(engine, to, wanted.migrate, actor, true).await?,
            _ => migrate::Moves::default(),
        };
        return Ok(Response::new(with(judged.preview(), moves)));
    }
    let Some(document) = judged.policy.as_ref().filter(|_| judged.valid()).map(|p| p.document().clone())
    else {
        return Err(status::policy_rejected(&policy::violations(&judged.left)));
    };
    let before = versions::newest(engine);
    let actor = call.actor().clone();
    let applied = engine.apply_policy(actor, document, wanted.source, wanted.expected).await;
    let number = applied.map_err(status::of_engine)?;
    let version = engine.policy_version(number).await.map_err(status::of_engine)?;
    let unchanged = before == Some(number);
    let policy = Some(policy::full(&version, number));
    let moves = migrate::migrate(engine, &version.policy, wanted.migrate, call.actor(), false).await?;
    Ok(Response::new(with(v1::ApplyPolicyResponse { policy, unchanged, ..judged.preview() }, moves)))
}

fn with(answer: v1::ApplyPolicyResponse, moves: migrate::Moves) -> v1::ApplyPolicyResponse {
    let move_count = i32::try_from(moves.count).unwrap_or(i32::MAX);
    v1::ApplyPolicyResponse { moves: moves.told, move_count, ..answer }
}

/// What the linter and the comparison say.
struct Judged {
    policy: Option<Policy>,
    all: Vec<Finding>,
    /// Those that nobody accepted.
    left: Vec<Finding>,
    changes: Vec<v1::PolicyChange>,
    unchanged: bool,
}

fn judge(engine: &Engine, wanted: &Application) -> Judged {
    let refused = |all: Vec<Finding>| {
        let all = locate(&wanted.source, all);
        Judged { policy: None, left: all.clone(), all, changes: Vec::new(), unchanged: false }
    };
    let document = match parse(&wanted.source) {
        Ok(document) => document,
        Err(findings) => return refused(findings),
    };
    let policy = match Policy::compile(document.clone(), 0) {
        Ok(policy) => policy,
        Err(findings) => return refused(findings),
    };
    let current = engine.policy();
    let mut all = lint::findings(&policy, engine.now());
    all.extend(current.iter().flat_map(|current| lint::revived_keys(current.document(), &document)));
    let all = locate(&wanted.source, all);
    let left = lint::accepted(&document, &wanted.accept, all.clone());
    let changes = current.as_ref().map(|current| diff(current.document(), &document)).unwrap_or_default();
    let unchanged = current.is_some_and(|current| current.hash() == content_hash(&document));
    Judged { policy: Some(policy), all, left, changes: policy::changes(changes), unchanged }
}

impl Judged {
    fn valid(&self) -> bool {
        self.policy.is_some() && !lint::blocks(&self.left)
    }

    fn preview(&self) -> v1::ApplyPolicyResponse {
        v1::ApplyPolicyResponse {
            policy: self.policy.as_ref().map(|policy| policy::preview(policy.document())),
            findings: policy::findings(self.all.clone(), &self.left),
            changes: self.changes.clone(),
            unchanged: self.unchanged,
            valid: self.valid(),
            replayed: false,
            moves: Vec::new(),
            move_count: 0,
        }
    }
}

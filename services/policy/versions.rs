//! Versions of the policy: one with its document, or all of them, newest first. Nothing here changes one.

use stentor_core::policy::lint;
use stentor_engine::{Engine, Error};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::Call;
use crate::wire::fields::Fields;
use crate::wire::page::Scope;
use crate::wire::{policy, status};

pub(super) async fn get(
    engine: &Engine,
    request: Request<v1::GetPolicyRequest>,
) -> Result<Response<v1::GetPolicyResponse>, Status> {
    let (_, request) = Call::open("GetPolicy", request)?;
    let mut f = Fields::default();
    if request.name.is_empty() {
        f.refuse("name", "is required");
    }
    let number = f.policy("name", &request.name);
    f.finish(()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let current = newest(engine);
    let absent = || status::of_engine(Error::Refused(stentor_core::refusal::Refusal::NoPolicy));
    let number = number.or(current).ok_or_else(absent)?;
    let version = engine.policy_version(number).await.map_err(status::of_engine)?;
    let all = lint::findings(&version.policy, version.at);
    let left = lint::accepted(version.policy.document(), &[], all.clone());
    let policy = Some(policy::full(&version, current.unwrap_or(0)));
    Ok(Response::new(v1::GetPolicyResponse { policy, findings: policy::findings(all, &left) }))
}

pub(super) async fn list(
    engine: &Engine,
    request: Request<v1::ListPoliciesRequest>,
) -> Result<Response<v1::ListPoliciesResponse>, Status> {
    let (_, request) = Call::open("ListPolicies", request)?;
    let mut f = Fields::default();
    let size = f.page_size(request.page_size) as usize;
    f.finish(()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let scope = Scope { secret: engine.secret(), method: "ListPolicies", arguments: &[] };
    let before: Option<u64> = scope.position(&request.page_token)?;
    let mut versions = engine.policy_versions().await.map_err(status::of_engine)?;
    versions.sort_by_key(|version| std::cmp::Reverse(version.policy.number()));
    versions.retain(|version| before.is_none_or(|before| version.policy.number() < before));
    let more = versions.len() > size;
    versions.truncate(size);
    let last = versions.last().filter(|_| more);
    let next_page_token = last.map(|version| scope.token(version.policy.number())).unwrap_or_default();
    let current = newest(engine).unwrap_or(0);
    let policies = versions.iter().map(|version| policy::basic(version, current)).collect();
    Ok(Response::new(v1::ListPoliciesResponse { policies, next_page_token }))
}

pub(super) fn newest(engine: &Engine) -> Option<u64> {
    engine.policy().map(|policy| policy.number())
}

//! HeartbeatService: beats, looks and pauses. Every handler understands, asks the engine and renders.

use stentor_core::id::HeartbeatId;
use stentor_engine::{Engine, Error, Heartbeat};
use stentor_proto::v1;
use stentor_proto::v1::heartbeat_service_server::{HeartbeatService, HeartbeatServiceServer};
use tonic::{Request, Response, Status};

use super::takes;
use crate::call::Call;
use crate::pages::Cut;
use crate::wire::heartbeat::{self, heartbeat};
use crate::wire::status::{self, Fault};

/// The service over an engine.
pub fn service(engine: Engine) -> HeartbeatServiceServer<impl HeartbeatService> {
    HeartbeatServiceServer::new(Heartbeats { engine })
}

struct Heartbeats {
    engine: Engine,
}

#[tonic::async_trait]
impl HeartbeatService for Heartbeats {
    async fn send_heartbeat(
        &self,
        request: Request<v1::SendHeartbeatRequest>,
    ) -> Result<Response<v1::SendHeartbeatResponse>, Status> {
        let (call, request) = Call::open("SendHeartbeat", request)?;
        let id = heartbeat::named(&request.name).map_err(|wrong| status::invalid_fields(&wrong))?;
        if !takes(&self.engine, &id, &call.principal.role) {
            return Err(unknown(&id));
        }
        let heartbeat = shown(&id, self.engine.send_heartbeat(&id).await)?;
        Ok(Response::new(v1::SendHeartbeatResponse { heartbeat }))
    }

    async fn get_heartbeat(
        &self,
        request: Request<v1::GetHeartbeatRequest>,
    ) -> Result<Response<v1::GetHeartbeatResponse>, Status> {
        let (_, request) = Call::open("GetHeartbeat", request)?;
        let id = heartbeat::named(&request.name).map_err(|wrong| status::invalid_fields(&wrong))?;
        let heartbeat = shown(&id, self.engine.heartbeat(&id).await)?;
        Ok(Response::new(v1::GetHeartbeatResponse { heartbeat }))
    }

    async fn list_heartbeats(
        &self,
        request: Request<v1::ListHeartbeatsRequest>,
    ) -> Result<Response<v1::ListHeartbeatsResponse>, Status> {
        let (_, request) = Call::open("ListHeartbeats", request)?;
        let (state, size) = heartbeat::list(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
        let all = self.engine.heartbeats().await.map_err(status::of_engine)?;
        let wanted = all.iter().filter(|h| state.is_none_or(|state| h.monitor.state() == state));
        let items = wanted.map(|h| (h.id.to_string(), heartbeat(h))).collect();
        let (asked, token) = (request.state.to_string(), request.page_token.as_str());
        let cut = Cut { engine: &self.engine, method: "ListHeartbeats", arguments: &[&asked], token, size };
        let (heartbeats, next_page_token) = cut.page(items)?;
        Ok(Response::new(v1::ListHeartbeatsResponse { heartbeats, next_page_token }))
    }

    async fn pause_heartbeat(
        &self,
        request: Request<v1::PauseHeartbeatRequest>,
    ) -> Result<Response<v1::PauseHeartbeatResponse>, Status> {
        let (call, request) = Call::open("PauseHeartbeat", request)?;
        let asked = heartbeat::pause(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
        let by = call.actor().clone();
        let paused = self.engine.pause_heartbeat(&asked.id, by, asked.reason, asked.until).await;
        Ok(Response::new(v1::PauseHeartbeatResponse { heartbeat: shown(&asked.id, paused)? }))
    }

    async fn resume_heartbeat(
        &self,
        request: Request<v1::ResumeHeartbeatRequest>,
    ) -> Result<Response<v1::ResumeHeartbeatResponse>, Status> {
        let (_, request) = Call::open("ResumeHeartbeat", request)?;
        let id = heartbeat::named(&request.name).map_err(|wrong| status::invalid_fields(&wrong))?;
        let heartbeat = shown(&id, self.engine.resume_heartbeat(&id).await)?;
        Ok(Response::new(v1::ResumeHeartbeatResponse { heartbeat }))
    }
}

fn shown(id: &HeartbeatId, found: Result<Heartbeat, Error>) -> Result<Option<v1::HeartbeatMonitor>, Status> {
    match found {
        Ok(h) => Ok(Some(heartbeat(&h))),
        Err(Error::NotFound(_)) => Err(unknown(id)),
        Err(other) => Err(status::of_engine(other)),
    }
}

fn unknown(id: &HeartbeatId) -> Status {
    Fault::NotFound { kind: "heartbeat", name: format!("heartbeats/{id}") }.into()
}

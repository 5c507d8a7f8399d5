//! SinkService: how the sinks are, letting one go on, forgetting one. It changes nothing of what they are sent.

use stentor_engine::Engine;
use stentor_proto::v1;
use stentor_proto::v1::sink_service_server::{SinkService, SinkServiceServer};
use tonic::{Request, Response, Status};

use crate::call::Call;
use crate::wire::status::Fault;
use crate::wire::{sink, status};

/// The service over an engine.
pub fn service(engine: Engine) -> SinkServiceServer<impl SinkService> {
    SinkServiceServer::new(Sinks { engine })
}

struct Sinks {
    engine: Engine,
}

#[tonic::async_trait]
impl SinkService for Sinks {
    async fn list_sinks(
        &self,
        request: Request<v1::ListSinksRequest>,
    ) -> Result<Response<v1::ListSinksResponse>, Status> {
        Call::open("ListSinks", request)?;
        let sinks = self.engine.sinks().await.map_err(status::of_engine)?;
        Ok(Response::new(v1::ListSinksResponse { sinks: sinks.into_iter().map(sink::sink).collect() }))
    }

    async fn resume_sink(
        &self,
        request: Request<v1::ResumeSinkRequest>,
    ) -> Result<Response<v1::ResumeSinkResponse>, Status> {
        let (_, request) = Call::open("ResumeSink", request)?;
        let name = sink::named(&request.name).map_err(|wrong| status::invalid_fields(&wrong))?;
        let resumed = self.engine.resume_sink(&name).await.map_err(status::of_engine)?;
        Ok(Response::new(v1::ResumeSinkResponse { sink: Some(sink::sink(resumed)) }))
    }

    async fn delete_sink(
        &self,
        request: Request<v1::DeleteSinkRequest>,
    ) -> Result<Response<v1::DeleteSinkResponse>, Status> {
        let (_, request) = Call::open("DeleteSink", request)?;
        let name = sink::named(&request.name).map_err(|wrong| status::invalid_fields(&wrong))?;
        match self.engine.forget_sink(&name).await.map_err(status::of_engine)? {
            None => Ok(Response::new(v1::DeleteSinkResponse {})),
            Some(row) => Err(Fault::SinkDriven { server: row.owner.unwrap_or_default() }.into()),
        }
    }
}

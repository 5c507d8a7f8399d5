//! The public API as the demonstration uses it: gRPC as one of the people, webhooks as Alertmanager.
//! It keeps no state and decides nothing.

use stentor_proto::v1::{
    GetIncidentRequest, GetReviewRequest, Incident, ListTimelineEntriesRequest, Review, TimelineEntry,
    WatchEventsRequest, WatchEventsResponse, resolution_service_client::ResolutionServiceClient,
    review_service_client::ReviewServiceClient, workflow_service_client::WorkflowServiceClient,
};
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};

use super::run::DemoError;
use crate::notify::Egress;

/// Entries of a history in one answer: more than one commit makes.
const PAGE: i32 = 200;

/// Clients of one server.
pub(super) struct Api {
    channel: Channel,
    http: reqwest::Client,
    base: String,
}

impl Api {
    /// Prepares calls; the connection is made with the first one.
    pub(super) fn new(base: &str) -> Result<Api, DemoError> {
        let channel = Endpoint::from_shared(base.to_owned()).map_err(DemoError::Connect)?.connect_lazy();
        let http = Egress::default().client().map_err(DemoError::Send)?;
        Ok(Api { channel, http, base: base.to_owned() })
    }

    /// The feed of all events, from the first one.
    pub(super) async fn events(&self) -> Result<Streaming<WatchEventsResponse>, Status> {
        let request = WatchEventsRequest { from_start: true, ..Default::default() };
        Ok(self.workflow().watch_events(request).await?.into_inner())
    }

    /// The newest entries of a history, oldest first.
    pub(super) async fn history(&self, parent: &str) -> Result<Vec<TimelineEntry>, Status> {
        let request = ListTimelineEntriesRequest {
            parent: parent.to_owned(),
            newest_first: true,
            page_size: PAGE,
            ..Default::default()
        };
        let mut entries = self.workflow().list_timeline_entries(request).await?.into_inner().timeline_entries;
        entries.reverse();
        Ok(entries)
    }

    pub(super) async fn incident(&self, name: &str) -> Result<Incident, Status> {
        let request = GetIncidentRequest { name: name.to_owned() };
        Ok(self.workflow().get_incident(request).await?.into_inner().incident.unwrap_or_default())
    }

    pub(super) async fn review(&self, name: &str) -> Result<Review, Status> {
        let request = GetReviewRequest { name: name.to_owned() };
        let answer = ReviewServiceClient::new(self.channel.clone()).get_review(request).await?;
        Ok(answer.into_inner().review.unwrap_or_default())
    }

    /// Commands on incidents.
    pub(super) fn resolution(&self) -> ResolutionServiceClient<Channel> {
        ResolutionServiceClient::new(self.channel.clone())
    }

    /// Posts a body to the Alertmanager webhook of the integration `dev`.
    pub(super) async fn alertmanager(&self, body: String) -> Result<(), DemoError> {
        let url = format!("{}/integrations/alertmanager/dev", self.base);
        let request = self.http.post(url).header(http::header::CONTENT_TYPE, "application/json").body(body);
        request.send().await.and_then(reqwest::Response::error_for_status).map_err(DemoError::Send)?;
        Ok(())
    }

    fn workflow(&self) -> WorkflowServiceClient<Channel> {
        WorkflowServiceClient::new(self.channel.clone())
    }
}

/// A request in the name of a person, as an administrator's tool may make it.
pub(super) fn by<T>(person: &'static str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("stentor-actor", MetadataValue::from_static(person));
    request
}

/// An id for a change.
pub(super) fn fresh() -> String {
    uuid::Uuid::new_v4().to_string()
}

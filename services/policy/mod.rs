//! PolicyService: the policy applied as a whole and read in parts. What a document means is decided by the rules.

mod apply;
mod migrate;
mod simulate;
mod versions;
mod views;

use stentor_engine::Engine;
use stentor_proto::v1;
use stentor_proto::v1::policy_service_server::{PolicyService, PolicyServiceServer};
use tonic::{Request, Response, Status};

use crate::call::Call;
use views::Wanted;

pub use views::Keys;

/// The service over an engine. `keys` tells an integration's keys from its id, for administrators; `demo` is whether
/// demonstration policies are taken.
pub fn service(engine: Engine, keys: Keys, demo: bool) -> PolicyServiceServer<impl PolicyService> {
    PolicyServiceServer::new(Policies { engine, keys, demo })
}

struct Policies {
    engine: Engine,
    keys: Keys,
    demo: bool,
}

#[tonic::async_trait]
impl PolicyService for Policies {
    async fn apply_policy(
        &self,
        request: Request<v1::ApplyPolicyRequest>,
    ) -> Result<Response<v1::ApplyPolicyResponse>, Status> {
        apply::apply(&self.engine, self.demo, request).await
    }

    async fn get_policy(
        &self,
        request: Request<v1::GetPolicyRequest>,
    ) -> Result<Response<v1::GetPolicyResponse>, Status> {
        versions::get(&self.engine, request).await
    }

    async fn list_policies(
        &self,
        request: Request<v1::ListPoliciesRequest>,
    ) -> Result<Response<v1::ListPoliciesResponse>, Status> {
        versions::list(&self.engine, request).await
    }

    async fn simulate_policy(
        &self,
        request: Request<v1::SimulatePolicyRequest>,
    ) -> Result<Response<v1::SimulatePolicyResponse>, Status> {
        simulate::simulate(&self.engine, request).await
    }

    async fn get_service(
        &self,
        request: Request<v1::GetServiceRequest>,
    ) -> Result<Response<v1::GetServiceResponse>, Status> {
        let (call, request) = Call::open("GetService", request)?;
        let found = self.one(&call, &request.policy, &request.name, &views::services()).await?;
        Ok(Response::new(v1::GetServiceResponse { service: Some(found) }))
    }

    async fn list_services(
        &self,
        request: Request<v1::ListServicesRequest>,
    ) -> Result<Response<v1::ListServicesResponse>, Status> {
        let (call, request) = Call::open("ListServices", request)?;
        let wanted = Wanted { policy: &request.policy, size: request.page_size, token: &request.page_token };
        let (services, next_page_token) = self.many(&call, wanted, &views::services()).await?;
        Ok(Response::new(v1::ListServicesResponse { services, next_page_token }))
    }

    async fn get_team(
        &self,
        request: Request<v1::GetTeamRequest>,
    ) -> Result<Response<v1::GetTeamResponse>, Status> {
        let (call, request) = Call::open("GetTeam", request)?;
        let found = self.one(&call, &request.policy, &request.name, &views::teams()).await?;
        Ok(Response::new(v1::GetTeamResponse { team: Some(found) }))
    }

    async fn list_teams(
        &self,
        request: Request<v1::ListTeamsRequest>,
    ) -> Result<Response<v1::ListTeamsResponse>, Status> {
        let (call, request) = Call::open("ListTeams", request)?;
        let wanted = Wanted { policy: &request.policy, size: request.page_size, token: &request.page_token };
        let (teams, next_page_token) = self.many(&call, wanted, &views::teams()).await?;
        Ok(Response::new(v1::ListTeamsResponse { teams, next_page_token }))
    }

    async fn get_person(
        &self,
        request: Request<v1::GetPersonRequest>,
    ) -> Result<Response<v1::GetPersonResponse>, Status> {
        let (call, request) = Call::open("GetPerson", request)?;
        let found = self.one(&call, &request.policy, &request.name, &views::people()).await?;
        Ok(Response::new(v1::GetPersonResponse { person: Some(found) }))
    }

    async fn list_people(
        &self,
        request: Request<v1::ListPeopleRequest>,
    ) -> Result<Response<v1::ListPeopleResponse>, Status> {
        let (call, request) = Call::open("ListPeople", request)?;
        let wanted = Wanted { policy: &request.policy, size: request.page_size, token: &request.page_token };
        let (people, next_page_token) = self.many(&call, wanted, &views::people()).await?;
        Ok(Response::new(v1::ListPeopleResponse { people, next_page_token }))
    }

    async fn get_schedule(
        &self,
        request: Request<v1::GetScheduleRequest>,
    ) -> Result<Response<v1::GetScheduleResponse>, Status> {
        let (call, request) = Call::open("GetSchedule", request)?;
        let found = self.one(&call, &request.policy, &request.name, &views::schedules()).await?;
        Ok(Response::new(v1::GetScheduleResponse { schedule: Some(found) }))
    }

    async fn list_schedules(
        &self,
        request: Request<v1::ListSchedulesRequest>,
    ) -> Result<Response<v1::ListSchedulesResponse>, Status> {
        let (call, request) = Call::open("ListSchedules", request)?;
        let wanted = Wanted { policy: &request.policy, size: request.page_size, token: &request.page_token };
        let (schedules, next_page_token) = self.many(&call, wanted, &views::schedules()).await?;
        Ok(Response::new(v1::ListSchedulesResponse { schedules, next_page_token }))
    }

    async fn get_escalation_policy(
        &self,
        request: Request<v1::GetEscalationPolicyRequest>,
    ) -> Result<Response<v1::GetEscalationPolicyResponse>, Status> {
        let (call, request) = Call::open("GetEscalationPolicy", request)?;
        let found = self.one(&call, &request.policy, &request.name, &views::escalation_policies()).await?;
        Ok(Response::new(v1::GetEscalationPolicyResponse { escalation_policy: Some(found) }))
    }

    async fn list_escalation_policies(
        &self,
        request: Request<v1::ListEscalationPoliciesRequest>,
    ) -> Result<Response<v1::ListEscalationPoliciesResponse>, Status> {
        let (call, request) = Call::open("ListEscalationPolicies", request)?;
        let wanted = Wanted { policy: &request.policy, size: request.page_size, token: &request.page_token };
        let (escalation_policies, next_page_token) =
            self.many(&call, wanted, &views::escalation_policies()).await?;
        Ok(Response::new(v1::ListEscalationPoliciesResponse { escalation_policies, next_page_token }))
    }

    async fn get_calendar(
        &self,
        request: Request<v1::GetCalendarRequest>,
    ) -> Result<Response<v1::GetCalendarResponse>, Status> {
        let (call, request) = Call::open("GetCalendar", request)?;
        let found = self.one(&call, &request.policy, &request.name, &views::calendars()).await?;
        Ok(Response::new(v1::GetCalendarResponse { calendar: Some(found) }))
    }

    async fn list_calendars(
        &self,
        request: Request<v1::ListCalendarsRequest>,
    ) -> Result<Response<v1::ListCalendarsResponse>, Status> {
        let (call, request) = Call::open("ListCalendars", request)?;
        let wanted = Wanted { policy: &request.policy, size: request.page_size, token: &request.page_token };
        let (calendars, next_page_token) = self.many(&call, wanted, &views::calendars()).await?;
        Ok(Response::new(v1::ListCalendarsResponse { calendars, next_page_token }))
    }

    async fn get_sla_definition(
        &self,
        request: Request<v1::GetSlaDefinitionRequest>,
    ) -> Result<Response<v1::GetSlaDefinitionResponse>, Status> {
        let (call, request) = Call::open("GetSlaDefinition", request)?;
        let found = self.one(&call, &request.policy, &request.name, &views::sla_definitions()).await?;
        Ok(Response::new(v1::GetSlaDefinitionResponse { sla_definition: Some(found) }))
    }

    async fn list_sla_definitions(
        &self,
        request: Request<v1::ListSlaDefinitionsRequest>,
    ) -> Result<Response<v1::ListSlaDefinitionsResponse>, Status> {
        let (call, request) = Call::open("ListSlaDefinitions", request)?;
        let wanted = Wanted { policy: &request.policy, size: request.page_size, token: &request.page_token };
        let (sla_definitions, next_page_token) = self.many(&call, wanted, &views::sla_definitions()).await?;
        Ok(Response::new(v1::ListSlaDefinitionsResponse { sla_definitions, next_page_token }))
    }

    async fn get_integration(
        &self,
        request: Request<v1::GetIntegrationRequest>,
    ) -> Result<Response<v1::GetIntegrationResponse>, Status> {
        let (call, request) = Call::open("GetIntegration", request)?;
        let found = self.one(&call, &request.policy, &request.name, &views::integrations()).await?;
        Ok(Response::new(v1::GetIntegrationResponse { integration: Some(found) }))
    }

    async fn list_integrations(
        &self,
        request: Request<v1::ListIntegrationsRequest>,
    ) -> Result<Response<v1::ListIntegrationsResponse>, Status> {
        let (call, request) = Call::open("ListIntegrations", request)?;
        let wanted = Wanted { policy: &request.policy, size: request.page_size, token: &request.page_token };
        let (integrations, next_page_token) = self.many(&call, wanted, &views::integrations()).await?;
        Ok(Response::new(v1::ListIntegrationsResponse { integrations, next_page_token }))
    }
}

//! Who is speaking: the attributes that every log record, metric and span of this process carries.
//! What the environment states (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`) is never overridden here.

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;

/// The version of the semantic conventions that our names follow.
pub(super) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.42.0";

const NAME: &str = "service.name";

/// The process's resource, to be made once: an instance that nobody named gets a random id.
pub(super) fn resource() -> Resource {
    let stated = Resource::builder().build();
    let ours = missing(&stated);
    Resource::builder().with_schema_url([], SCHEMA_URL).with_attributes(ours).build()
}

/// What the environment left open. The SDK's placeholder for a name counts as nothing.
fn missing(stated: &Resource) -> Vec<KeyValue> {
    let open = |name: &'static str| {
        let value = stated.get(&Key::from_static_str(name));
        value.is_none_or(|value| name == NAME && value.as_str().starts_with("unknown_service"))
    };
    let instance = || uuid::Uuid::new_v4().to_string();
    let mut ours = Vec::new();
    ours.extend(open(NAME).then(|| KeyValue::new(NAME, "stentor")));
    ours.extend(open("service.version").then(|| KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))));
    ours.extend(open("service.instance.id").then(|| KeyValue::new("service.instance.id", instance())));
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(stated: &[(&'static str, &'static str)]) -> Vec<String> {
        let stated = stated.iter().map(|(name, value)| KeyValue::new(*name, *value));
        let stated = Resource::builder_empty().with_attributes(stated).build();
        missing(&stated).into_iter().map(|attribute| attribute.key.to_string()).collect()
    }

    #[test]
    fn what_the_environment_states_is_kept() {
        assert_eq!(names(&[]), ["service.name", "service.version", "service.instance.id"]);
        assert_eq!(
            names(&[("service.name", "unknown_service:stentor"), ("service.version", "2")]),
            ["service.name", "service.instance.id"]
        );
        assert_eq!(names(&[("service.name", "paging"), ("service.instance.id", "a")]), ["service.version"]);
    }

    #[test]
    fn the_resource_carries_a_name_and_the_schema() {
        let resource = resource();
        let name = resource.get(&Key::from_static_str(NAME)).unwrap();
        assert!(!name.as_str().starts_with("unknown_service"));
        assert_eq!(resource.schema_url(), Some(SCHEMA_URL));
    }
}

//! Who is speaking: the attributes that every log record, metric and span of this process carries.
//! What the environment states (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`) is never overridden here.

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;

/// The version of the semantic conventions that our names follow.
pub(super) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.42.0";

/// The process's resource: `service.name` and `service.version`, and an instance id if the environment gives none.
pub(super) fn resource() -> Resource {
    let stated = Resource::builder().build();
    let mut ours = vec![KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))];
    let named = stated
        .get(&Key::from_static_str("service.name"))
        .is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    if !named {
        ours.push(KeyValue::new("service.name", "stentor"));
    }
    if stated.get(&Key::from_static_str("service.instance.id")).is_none() {
        ours.push(KeyValue::new("service.instance.id", uuid::Uuid::new_v4().to_string()));
    }
    let ours: Vec<KeyValue> = ours
        .into_iter()
        .filter(|kv| kv.key.as_str() == "service.name" || stated.get(&kv.key).is_none())
        .collect();
    Resource::builder().with_schema_url(ours, SCHEMA_URL).build()
}

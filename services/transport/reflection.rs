//! Reflection in both versions that clients ask for, and the names of our services from the same descriptors.
//! It asks for credentials like every other call; that is the door's business.

use prost::Message;
use prost_types::FileDescriptorSet;
use stentor_proto::FILE_DESCRIPTOR_SET;
use tonic::service::Routes;

/// Adds reflection v1 and v1alpha.
pub fn with_reflection(routes: Routes) -> Result<Routes, tonic_reflection::server::Error> {
    let builder = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    Ok(routes.add_service(builder().build_v1()?).add_service(builder().build_v1alpha()?))
}

/// The full names of our services.
pub fn service_names() -> Vec<String> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET)
        .expect("the set was encoded by the build script of the same build");
    let full = |package: &str, name: &str| format!("{package}.{name}");
    set.file
        .iter()
        .flat_map(|file| file.service.iter().map(move |service| full(file.package(), service.name())))
        .collect()
}

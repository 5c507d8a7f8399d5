//! The Stentor API as Rust types, clients and servers, generated from `stentor/v1/*.proto`.
//! Deliberately holds nothing written by hand: conversion to domain types belongs to the services.

/// Messages, clients and servers of the package `stentor.v1`.
pub mod v1 {
    tonic::include_proto!("stentor.v1");
}

/// The encoded `google.protobuf.FileDescriptorSet` of the whole package with its imports and comments.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stentor.bin"));

//! Compiles `stentor/v1/*.proto` to Rust and to a descriptor set, without a system `protoc`.
//! It writes nothing outside `OUT_DIR` and post-processes no generated code.

use std::{env, error::Error, fs, path::PathBuf};

const PROTO_FOLDER: &str = "stentor/v1";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = proto_files(&root)?;

    // Cargo is told here because `compile_fds_with_config` does not tell it; the folder covers new files.
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={PROTO_FOLDER}");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
    }

    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    // These bytes keep what a decoded set would drop (custom options), so reflection answers from them.
    fs::write(out.join("stentor.bin"), compiler.encode_file_descriptor_set())?;

    let mut config = prost_build::Config::new();
    // Ordered maps make equal messages encode to equal bytes, which request digests rely on.
    config.btree_map(["."]);
    // An incident is large; boxed, it does not make every heartbeat as large.
    config.boxed(".stentor.v1.WatchIncidentsResponse.item.change");
    tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        .build_transport(false)
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}

/// Returns all files of the package, sorted so that the output does not depend on the file system.
fn proto_files(root: &std::path::Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join(PROTO_FOLDER))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

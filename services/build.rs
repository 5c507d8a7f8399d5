//! Tells the binary what it was built from and with, for `--version` and the build metric.
//! It asks no version control, so that a source archive builds the same.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=STENTOR_REVISION");
    let revision = std::env::var("STENTOR_REVISION").unwrap_or_default();
    let revision = if revision.is_empty() { "unknown" } else { revision.as_str() };
    println!("cargo::rustc-env=STENTOR_REVISION={revision}");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(compiler).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    println!("cargo::rustc-env=STENTOR_RUSTC={}", version.split_whitespace().nth(1).unwrap_or("unknown"));
}

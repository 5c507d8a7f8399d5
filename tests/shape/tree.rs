//! The files of the repository: what git tracks or would track. Build output and ignored files are not part of it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests crate lies in the repository").to_owned()
}

/// Every file, by its path from the root, sorted.
pub(crate) fn files() -> &'static [String] {
    static FILES: LazyLock<Vec<String>> = LazyLock::new(list);
    &FILES
}

fn list() -> Vec<String> {
    let git = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the repository");
    assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
    let listed = String::from_utf8(git.stdout).expect("paths are UTF-8");
    let mut files: Vec<String> =
        listed.lines().filter(|path| root().join(path).is_file()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    assert!(files.len() > 100, "git lists only {} files", files.len());
    files
}

/// Files whose names end like this.
pub(crate) fn ending(suffix: &str) -> impl Iterator<Item = &'static String> {
    files().iter().filter(move |path| path.ends_with(suffix))
}

/// A file's text; empty if it is not text.
pub(crate) fn read(path: &str) -> String {
    std::fs::read(root().join(path)).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Whether a path leads to a file or a folder with files in it.
pub(crate) fn exists(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let inside = format!("{path}/");
    files().iter().any(|file| file == path || file.starts_with(&inside))
}

/// Whether a source holds tests alone.
pub(crate) fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
        || path == "workflow/core/testing.rs"
}

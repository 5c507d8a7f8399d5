//! The administrator's key: made at the first start, kept in a file that only its owner reads, never in a log.
//! Which callers hold it is decided by the guardian.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;

/// Shorter keys can be guessed.
const KEY_CHARS_MIN: usize = 32;

/// The key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the admin key file {path} cannot be {deed}: {source}", path = path.display())]
    File { path: PathBuf, deed: &'static str, source: std::io::Error },
    #[error("the admin key in {path} has fewer than {KEY_CHARS_MIN} characters", path = path.display())]
    Short { path: PathBuf },
}

/// The key itself. Its text is shown to nobody by accident.
pub struct AdminKey {
    text: String,
    /// Whether this start made it.
    pub made: bool,
}

impl AdminKey {
    /// Reads the key; makes it and its file if there is none.
    pub fn load_or_make(path: &Path) -> Result<AdminKey, KeyError> {
        let failed = |deed| move |source| KeyError::File { path: path.to_owned(), deed, source };
        match fs::read_to_string(path) {
            Ok(text) => AdminKey::read(path, &text),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder).map_err(failed("made"))?;
                }
                AdminKey::make(path)
            }
            Err(error) => Err(failed("read")(error)),
        }
    }

    fn read(path: &Path, text: &str) -> Result<AdminKey, KeyError> {
        let text = text.trim().to_owned();
        if text.len() < KEY_CHARS_MIN {
            return Err(KeyError::Short { path: path.to_owned() });
        }
        if fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o007 != 0) {
            tracing::warn!(path = %path.display(), "everybody on this machine can read the admin key");
        }
        Ok(AdminKey { text, made: false })
    }

    fn make(path: &Path) -> Result<AdminKey, KeyError> {
        let failed = |source| KeyError::File { path: path.to_owned(), deed: "written", source };
        let mut bytes = [0_u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let text = format!("stk_admin_{}", URL_SAFE_NO_PAD.encode(bytes));
        let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                // Another replica on the same folder was first.
                let text = fs::read_to_string(path).map_err(failed)?;
                return AdminKey::read(path, &text);
            }
            Err(error) => return Err(failed(error)),
        };
        file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok(AdminKey { text, made: true })
    }

    pub(super) fn expose(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_start_makes_a_key_that_only_its_owner_reads_and_the_second_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/admin.key");

        let first = AdminKey::load_or_make(&path).unwrap();
        let second = AdminKey::load_or_make(&path).unwrap();

        assert!(first.made && !second.made);
        assert_eq!(first.expose(), second.expose());
        assert!(first.expose().starts_with("stk_admin_") && first.expose().len() == 53);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_short_key_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.key");
        fs::write(&path, "hunter2\n").unwrap();
        let error = AdminKey::load_or_make(&path).err().unwrap().to_string();
        assert!(error.contains("fewer than 32") && !error.contains("hunter2"), "{error}");
    }
}

//! Which incident a command is for, and the same command for several of them.
//! It does not know the commands.

use clap::Args;

use crate::cli::{
    calls::{Call, Changed},
    failure::Failure,
    refs,
    shell::Shell,
};

/// One incident.
#[derive(Args, Clone, Debug)]
pub(super) struct One {
    /// INC-42, 42 or incidents/{id}
    #[arg(value_name = "INCIDENT", value_parser = refs::incident)]
    pub(super) incident: String,
    #[command(flatten)]
    pub(super) guard: Guard,
}

/// One incident or several.
#[derive(Args, Clone, Debug)]
pub(super) struct Many {
    /// INC-42, 42 or incidents/{id}; several are taken one after the other
    #[arg(value_name = "INCIDENT", required = true, value_parser = refs::incident)]
    incidents: Vec<String>,
    #[command(flatten)]
    guard: Guard,
}

/// The version a person decided on.
#[derive(Args, Clone, Debug)]
pub(super) struct Guard {
    /// Refuse if the incident has changed since this version
    #[arg(long, value_name = "VERSION", value_parser = etag)]
    etag: Option<String>,
}

/// What every command on an incident starts with.
pub(super) struct Head {
    /// Name of the incident.
    pub(super) name: String,
    /// Version it must have; empty for any.
    pub(super) etag: String,
    /// Id of this change.
    pub(super) request_id: String,
}

impl One {
    /// The head of a command on it.
    pub(super) fn head(&self, shell: &Shell) -> Head {
        Head { name: self.incident.clone(), etag: self.guard.value(), request_id: shell.request_id() }
    }
}

impl Guard {
    fn value(&self) -> String {
        self.etag.clone().unwrap_or_default()
    }
}

impl Many {
    /// Sends one command for each incident; a failure does not stop the others.
    pub(super) async fn each<R>(
        &self,
        shell: &mut Shell,
        done: &str,
        request: impl Fn(Head) -> R,
    ) -> Result<(), Failure>
    where
        R: Call,
        R::Answer: Changed,
    {
        shell.check_single(self.incidents.len())?;
        let mut changed = Vec::new();
        let mut codes = Vec::new();
        for name in &self.incidents {
            let head = Head { name: name.clone(), etag: self.guard.value(), request_id: shell.request_id() };
            match shell.send(&request(head), done).await {
                Ok(incident) => changed.push(incident),
                Err(failure) if self.incidents.len() == 1 => return Err(failure),
                Err(failure) => {
                    shell.terminal.say(&format!("{}: {}", refs::short(name), failure.report()));
                    codes.push(failure.exit_code());
                }
            }
        }
        match changed.as_slice() {
            [only] if self.incidents.len() == 1 => shell.after(only)?,
            several if !shell.human() => shell.list("Incident", several, |_, _| String::new())?,
            _ => {}
        }
        summary(&codes, self.incidents.len())
    }
}

fn summary(codes: &[u8], total: usize) -> Result<(), Failure> {
    let Some(first) = codes.first() else { return Ok(()) };
    let code = if codes.iter().all(|code| code == first) { *first } else { 1 };
    Err(Failure::Several { failed: codes.len(), total, code })
}

/// Versions are shown in quotes; shells eat those, so both ways are taken.
fn etag(text: &str) -> Result<String, String> {
    let bare = text.trim_matches('"');
    let digits = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Ok(format!("\"{bare}\"")) } else { Err(format!("`{text}` is no version")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_taken_with_and_without_quotes() {
        assert_eq!(etag("42").unwrap(), "\"42\"");
        assert_eq!(etag("\"42\"").unwrap(), "\"42\"");
        assert!(etag("x").is_err());
    }

    #[test]
    fn failures_of_several_keep_their_code_only_if_all_share_it() {
        assert!(summary(&[], 2).is_ok());
        assert_eq!(summary(&[5], 2).unwrap_err().exit_code(), 7);
        assert_eq!(summary(&[5, 5], 2).unwrap_err().exit_code(), 5);
        assert_eq!(summary(&[5, 3], 2).unwrap_err().exit_code(), 1);
    }
}

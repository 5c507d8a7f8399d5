//! What senders show to providers and to nobody else: tokens and passwords from files, and the texts in which none of
//! them may stand. A file is read once, at the start; after a rotation the server is restarted.

use std::path::Path;
use std::sync::Arc;

/// More is no token.
const TOKEN_BYTES_MAX: usize = 4096;

/// Shorter texts are not looked for in answers: they would be found everywhere.
const HIDDEN_BYTES_MIN: usize = 8;

/// Characters of a foreign text that are kept for the timeline.
const EXCERPT_CHARS: usize = 200;

/// A token, a password or an address that is as good as one. Its debug form tells nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(Arc<str>);

impl Token {
    /// Reads the file that `field` names: one line.
    pub(crate) fn read(field: &str, path: &Path) -> Result<Token, String> {
        let text =
            std::fs::read_to_string(path).map_err(|error| format!("{field}: {}: {error}", path.display()))?;
        let text = text.trim();
        if text.is_empty() || text.len() > TOKEN_BYTES_MAX || text.chars().any(char::is_control) {
            return Err(format!("{field}: {} does not hold one line with a secret", path.display()));
        }
        Ok(Token(text.into()))
    }

    /// The secret itself, for the request that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Token {
    fn from(text: String) -> Token {
        Token(text.into())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What must not be repeated when a provider's words are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hidden(Vec<Token>);

impl Hidden {
    pub(crate) fn new(tokens: impl IntoIterator<Item = Token>) -> Hidden {
        Hidden(tokens.into_iter().filter(|token| token.0.len() >= HIDDEN_BYTES_MIN).collect())
    }

    /// The beginning of a foreign text in one line, without secrets: a provider may echo what it was sent.
    pub(crate) fn excerpt(&self, text: &str) -> String {
        let mut text = text.trim().to_owned();
        for token in &self.0 {
            text = text.replace(token.reveal(), "…");
        }
        text.chars().take(EXCERPT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_short_line_without_secrets() {
        let hidden = Hidden::new([Token::from("hunter2hunter2".to_owned()), Token::from("/".to_owned())]);
        assert_eq!(hidden.excerpt(" a/b\nhunter2hunter2\u{1b}[31m "), "a/b … [31m");
        assert_eq!(hidden.excerpt(&"ü".repeat(900)).chars().count(), EXCERPT_CHARS);
    }

    #[test]
    fn a_token_is_one_line_and_shows_itself_to_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for text in ["", " \n", "hunter2\nhunter3\n"] {
            std::fs::write(&path, text).unwrap();
            let error = Token::read("token_file", &path).unwrap_err();
            assert!(error.starts_with("token_file: ") && !error.contains("hunter"), "{error}");
        }
        std::fs::write(&path, "hunter2\n").unwrap();
        let token = Token::read("token_file", &path).unwrap();
        assert_eq!((token.reveal(), format!("{token:?}")), ("hunter2", "Token(…)".to_owned()));
    }
}

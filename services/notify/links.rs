//! The links of one message: what a person who is paged can answer with, without logging in. They are credentials, so
//! nothing that a provider says is repeated with one of them in it.

use serde::Serialize;
use stentor_core::effect::EffectKind;
use stentor_core::incident::Incident;
use stentor_core::time::Timestamp;

use crate::wire::link::{Action, Link, PublicUrl};

/// So much of a token is looked for in what a provider says: enough that nothing else looks the same.
const KNOWN_BY: usize = 12;

/// Addresses; empty if the message has none.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct Links {
    pub acknowledge: String,
    pub escalate: String,
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() { "Links()" } else { "Links(…)" })
    }
}

impl Links {
    /// Links of a page, the only message that demands an answer of its own. A page to somebody who is not asked to
    /// act on an incident has none.
    pub(super) fn of(
        public: &PublicUrl,
        secret: &[u8],
        incident: &Incident,
        what: &EffectKind,
        now: Timestamp,
    ) -> Links {
        let EffectKind::Page { person, .. } = what else { return Links::default() };
        let link = |action| {
            let link = Link {
                incident: incident.id.clone(),
                person: person.clone(),
                action,
                epoch: incident.epoch,
                level: incident.escalation.as_ref().map_or(0, |e| e.level),
                until: Link::end(now),
            };
            public.link(&link.token(secret))
        };
        Links { acknowledge: link(Action::Acknowledge), escalate: link(Action::Escalate) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.acknowledge.is_empty() && self.escalate.is_empty()
    }

    /// What stands on the buttons, and where they lead.
    pub(super) fn buttons(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let named = [("Acknowledge", self.acknowledge.as_str()), ("Escalate", self.escalate.as_str())];
        named.into_iter().filter(|(_, url)| !url.is_empty())
    }

    /// A foreign text in which no token of these links is left, not even a piece that somebody could complete.
    pub(super) fn hide(&self, text: String) -> String {
        self.buttons().fold(text, |text, (_, url)| {
            let token = url.rsplit('/').next().unwrap_or(url);
            match token.get(..KNOWN_BY) {
                Some(known) => cut_out(&text, known),
                None => text,
            }
        })
    }
}

/// Without any run of characters of a token that begins as `known`.
fn cut_out(text: &str, known: &str) -> String {
    let mut parts = text.split(known);
    let mut left = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        left.push('…');
        left.push_str(part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    }
    left
}

/// Links as messages in tests have them.
#[cfg(test)]
pub(super) fn example() -> Links {
    let url = |token: &str| format!("https://stentor.example/act/{token}");
    Links { acknowledge: url("ACKNOWLEDGE-0123456789"), escalate: url("ESCALATE-9876543210") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_piece_of_a_token_is_left_in_what_a_provider_says() {
        let links = example();
        let said = format!("bad url {} and \"{}\", sorry", links.acknowledge, links.escalate);
        let hidden = links.hide(said);
        assert_eq!(
            hidden,
            "bad url https://stentor.example/act/… and \"https://stentor.example/act/…\", sorry"
        );
        let cut = "400: https:\\/\\/stentor.example\\/act\\/ACKNOWLEDGE-01234";
        assert_eq!(links.hide(cut.to_owned()), "400: https:\\/\\/stentor.example\\/act\\/…");
        assert_eq!(Links::default().hide("200 OK".to_owned()), "200 OK");
        assert!(!format!("{links:?}").contains("act"));
    }
}

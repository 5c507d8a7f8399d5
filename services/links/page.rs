//! The pages as HTML: small, self-contained, without scripts. Every text from outside is escaped here.

use std::fmt::Write;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::act::View;
use crate::wire::link::Action;

/// A page about no incident.
pub(super) struct Plain {
    title: &'static str,
    text: &'static str,
}

/// The token is not ours, or names nobody and nothing of ours: which of them is nobody's business.
pub(super) const UNKNOWN: Plain = Plain {
    title: "This link does nothing",
    text: "It may have been cut in two, or be no link of this server. Nothing was done.",
};

pub(super) const EXPIRED: Plain = Plain {
    title: "This link is too old",
    text: "Links work for a day. If you are paged again, the newer message has newer links. Nothing was done.",
};

pub(super) const UNAVAILABLE: Plain = Plain {
    title: "Please try again",
    text: "The server cannot answer right now. Load this page again in a moment.",
};

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:2rem 1.2rem}\
h1{font-size:1.4rem;line-height:1.3;overflow-wrap:anywhere}\
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem}\
dt{opacity:.7}dd{margin:0;overflow-wrap:anywhere}\
.said{font-weight:600}\
button{font:inherit;font-weight:600;width:100%;padding:1rem;border:0;border-radius:.6rem;background:#0b6bcb;color:#fff}";

/// Nothing but our own style is loaded, and the form goes nowhere else.
pub(super) fn security_policy() -> &'static str {
    static POLICY: OnceLock<String> = OnceLock::new();
    POLICY.get_or_init(|| {
        let style = STANDARD.encode(Sha256::digest(STYLE));
        format!(
            "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        )
    })
}

impl Plain {
    pub(super) fn html(&self) -> String {
        let mut body = String::new();
        heading(&mut body, self.title);
        paragraph(&mut body, self.text);
        document(self.title, &body)
    }
}

/// The incident with the button of the link.
pub(super) fn ready(view: &View, action: Action) -> String {
    let mut body = facts(view);
    let button = match action {
        Action::Acknowledge => "Acknowledge",
        Action::Escalate => "Escalate to the next level",
    };
    paragraph(&mut body, &format!("You act as {}.", view.person));
    // Without an action the form goes to the page's own address, whatever stands in front of this server.
    let _ = write!(body, "<form method=\"post\"><button type=\"submit\">{button}</button></form>");
    document(&view.reference, &body)
}

/// The incident with what was done, or why nothing is.
pub(super) fn told(view: &View, said: &str) -> String {
    let mut body = String::new();
    let _ = write!(body, "<p class=\"said\" role=\"status\">{}</p>", escape(said));
    body.push_str(&facts(view));
    document(&view.reference, &body)
}

/// What a press did, in a sentence.
pub(super) fn acted(action: Action, person: &str, replayed: bool) -> String {
    match (action, replayed) {
        (Action::Acknowledge, false) => format!("Acknowledged by {person}."),
        (Action::Acknowledge, true) => format!("Already acknowledged by {person}."),
        (Action::Escalate, false) => "Escalated: the next level is called.".to_owned(),
        (Action::Escalate, true) => "It has escalated already; nothing more was done.".to_owned(),
    }
}

fn facts(view: &View) -> String {
    let mut body = String::new();
    heading(&mut body, &format!("{} {}", view.reference, view.title));
    let facts = [("Priority", &view.priority), ("State", &view.phase), ("Service", &view.service)];
    body.push_str("<dl>");
    for (name, value) in facts {
        let _ = write!(body, "<dt>{name}</dt><dd>{}</dd>", escape(value));
    }
    body.push_str("</dl>");
    body
}

// Writing to a String does not fail, here and above.
fn heading(body: &mut String, text: &str) {
    let _ = write!(body, "<h1>{}</h1>", escape(text));
}

fn paragraph(body: &mut String, text: &str) {
    let _ = write!(body, "<p>{}</p>", escape(text));
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex, nofollow\">\
         <title>{}</title><style>{STYLE}</style></head><body>{body}</body></html>\n",
        escape(title)
    )
}

/// Text inside an element or an attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::act::example as view;
    use super::*;

    #[test]
    fn texts_from_outside_are_text() {
        for html in [ready(&view(), Action::Acknowledge), told(&view(), "Refused: <i>no</i>")] {
            assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("<i>"), "{html}");
            assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot; "));
        }
    }

    #[test]
    fn only_what_can_still_be_done_has_a_button() {
        assert_eq!(ready(&view(), Action::Escalate).matches("<form method=\"post\">").count(), 1);
        assert!(!told(&view(), "Already acknowledged by Bo.").contains("<form"));
        for plain in [UNKNOWN, EXPIRED, UNAVAILABLE] {
            assert!(!plain.html().contains("<form") && !plain.html().contains("INC-"));
        }
    }

    #[test]
    fn the_policy_of_the_page_allows_its_own_style_and_nothing_else() {
        let html = UNKNOWN.html();
        let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        let hash = STANDARD.encode(Sha256::digest(style));
        let policy = security_policy();
        assert!(policy.starts_with("default-src 'none'") && policy.contains(&hash), "{policy}");
        assert!(!policy.contains("unsafe") && !html.contains("src=") && !html.contains("href="));
    }
}

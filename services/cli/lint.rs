//! `stentor policy lint`: says what a server would say about a document, without one.
//! The rules are the core's; a document that passes here can still be refused for what only a server knows.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use stentor_core::{
    policy::{
        Finding, Policy, Severity,
        lint::{accepted, blocks, findings},
        locate, parse,
    },
    time::Timestamp,
};

use super::{
    client::read,
    failure::Failure,
    global::Format,
    terminal::{Terminal, Tone},
    time,
};

/// A document to be looked at.
#[derive(Args, Clone, Debug)]
pub struct Lint {
    /// The document, YAML or JSON; - reads it from stdin
    file: PathBuf,
    /// Accept a warning; may be given several times
    #[arg(long, value_name = "CODE@PATH")]
    accept: Vec<String>,
    /// Judge as at this instant, for example 2026-12-24T00:00:00Z
    #[arg(long, value_name = "WHEN", default_value = "now", value_parser = time::parse_when)]
    at: time::When,
}

/// A finding, and whether somebody accepted it.
struct Judged {
    finding: Finding,
    accepted: bool,
}

impl Lint {
    /// Lints, shows the findings and fails if they would refuse the document.
    pub(super) fn run(self, format: Format, terminal: &mut Terminal) -> Result<(), Failure> {
        let text = read(&self.file)?;
        let now = time::Moment::present().now;
        let at = Timestamp::from_seconds(self.at.from(now).seconds);
        let (judged, refused) = judge(&text, &self.accept, at);
        let file = self.file.display().to_string();
        show(&file, &judged, format, terminal)?;
        let count = |severity| {
            judged.iter().filter(|judged| judged.finding.severity == severity && !judged.accepted).count()
        };
        let summary =
            format!("{file}: {} errors, {} warnings", count(Severity::Error), count(Severity::Warning));
        if refused {
            return Err(Failure::Negative(summary));
        }
        terminal.say(&summary);
        Ok(())
    }
}

fn judge(text: &str, accept: &[String], at: Timestamp) -> (Vec<Judged>, bool) {
    let plain = |finding| Judged { finding, accepted: false };
    let document = match parse(text) {
        Ok(document) => document,
        Err(found) => return (found.into_iter().map(plain).collect(), true),
    };
    // The number only labels a compiled policy; a document that nobody applied has none yet.
    let policy = match Policy::compile(document, 0) {
        Ok(policy) => policy,
        Err(found) => return (locate(text, found).into_iter().map(plain).collect(), true),
    };
    let all = locate(text, findings(&policy, at));
    let left = accepted(policy.document(), accept, all.clone());
    let refused = blocks(&left);
    let judge = |finding: Finding| Judged { accepted: !left.contains(&finding), finding };
    (all.into_iter().map(judge).collect(), refused)
}

fn show(file: &str, judged: &[Judged], format: Format, terminal: &mut Terminal) -> Result<(), Failure> {
    match format {
        Format::Table | Format::Wide => {
            for judged in judged {
                let text = line(file, judged, terminal);
                terminal.data(&text)?;
            }
            Ok(())
        }
        Format::Name => judged.iter().try_for_each(|judged| terminal.data(&judged.finding.key())),
        Format::Jsonl => judged.iter().try_for_each(|judged| terminal.data(&value(judged).to_string())),
        Format::Json | Format::Yaml | Format::Svg | Format::Html | Format::Csv => {
            let values = Value::Array(judged.iter().map(value).collect());
            terminal.data(&super::shell::machine(format, &values)?)
        }
    }
}

/// One finding as compilers write them, so that editors can jump to its line.
fn line(file: &str, judged: &Judged, terminal: &Terminal) -> String {
    let Judged { finding, accepted } = judged;
    let (word, tone) = match finding.severity {
        _ if *accepted => ("accepted", Tone::Dim),
        Severity::Error => ("error", Tone::Bad),
        Severity::Warning => ("warning", Tone::Warn),
        Severity::Info => ("info", Tone::Dim),
    };
    let mut place = file.to_owned();
    for number in [finding.line, finding.column].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    let at = if finding.path.is_empty() { String::new() } else { format!(" at {}", finding.path) };
    format!("{place}: {} {}{at}: {}", terminal.paint(word, tone), finding.code, finding.message)
}

/// The form the API gives its findings, so that one reader understands both.
fn value(judged: &Judged) -> Value {
    let Judged { finding, accepted } = judged;
    let severity = match finding.severity {
        Severity::Error => "FINDING_SEVERITY_ERROR",
        Severity::Warning => "FINDING_SEVERITY_WARNING",
        Severity::Info => "FINDING_SEVERITY_INFO",
    };
    let mut value = json!({
        "severity": severity,
        "code": finding.code.as_str(),
        "path": finding.path,
        "message": finding.message,
    });
    for (key, number) in [("line", finding.line), ("column", finding.column)] {
        if let Some(number) = number {
            value[key] = json!(number);
        }
    }
    if *accepted {
        value["accepted"] = json!(true);
    }
    value
}

#[cfg(test)]
mod tests {
    use stentor_core::policy::{DEMO, SAMPLE};

    use super::*;

    fn at() -> Timestamp {
        Timestamp::from_jiff("2026-06-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_sample_policy_passes() {
        let (_, refused) = judge(SAMPLE, &[], at());

        assert!(!refused);
    }

    #[test]
    fn the_demonstration_is_refused_until_it_is_accepted() {
        assert!(judge(DEMO, &[], at()).1);
        assert!(!judge(DEMO, &["DEMO_POLICY@demo".to_owned()], at()).1);
    }

    #[test]
    fn a_finding_reads_like_a_compilers() {
        let terminal = Terminal::captured(Box::new(std::io::sink()), Box::new(std::io::sink()));
        let (judged, refused) = judge("stentor: 1\nnonsense: [", &[], at());

        let text = line("policy.yaml", &judged[0], &terminal);
        assert!(refused);
        assert!(text.starts_with("policy.yaml:"), "{text}");
        assert!(text.contains(": error "), "{text}");
    }
}

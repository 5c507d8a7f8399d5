//! Matchers of labels, in sets: one set must match, and in it every matcher. A label that is not there counts as the empty
//! text; what a match means is not known here.

use std::collections::BTreeMap;
use std::fmt;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::limits::{LABEL_NAME, LABEL_VALUE, bad, required, within};
use crate::refusal::Refusal;

/// Sets of one silence, and matchers of one set.
pub const SETS: usize = 10;
/// See [`SETS`].
pub const MATCHERS: usize = 20;

/// Bytes that a compiled pattern may take; there may be thousands of them.
const COMPILED: usize = 1 << 18;

/// How a label is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// The same text.
    #[serde(rename = "=")]
    Equal,
    /// Another text.
    #[serde(rename = "!=")]
    NotEqual,
    /// A pattern that the whole text fits.
    #[serde(rename = "=~")]
    Matches,
    /// A pattern that the whole text does not fit.
    #[serde(rename = "!~")]
    NotMatches,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matcher {
    pub label: String,
    #[serde(rename = "op")]
    pub operator: Operator,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Matches => "=~",
            Operator::NotMatches => "!~",
        })
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:?}", self.label, self.operator, self.value)
    }
}

/// Sets of matchers, ready to be asked; patterns take linear time.
#[derive(Debug, Clone)]
pub struct Compiled(Vec<Vec<Test>>);

#[derive(Debug, Clone)]
struct Test {
    label: String,
    what: What,
    negated: bool,
}

#[derive(Debug, Clone)]
enum What {
    Text(String),
    Pattern(Regex),
}

impl Compiled {
    /// Whether one of the sets matches.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().any(|set| set.iter().all(|test| test.holds(labels)))
    }
}

impl Test {
    fn holds(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.label).map_or("", String::as_str);
        let is = match &self.what {
            What::Text(text) => text == value,
            What::Pattern(pattern) => pattern.is_match(value),
        };
        is != self.negated
    }
}

/// Makes sets of matchers ready to be asked.
///
/// # Errors
/// `INVALID_FIELD` naming the matcher: no sets, an empty one, too many, a pattern that is none, or a set that would match
/// what has no labels at all.
pub fn compile(sets: &[Vec<Matcher>]) -> Result<Compiled, Refusal> {
    if sets.is_empty() || sets.len() > SETS {
        return Err(bad("matcher_sets", format!("must be 1 to {SETS} sets")));
    }
    let mut compiled = Vec::with_capacity(sets.len());
    for (i, set) in sets.iter().enumerate() {
        let field = format!("matcher_sets[{i}]");
        if set.is_empty() || set.len() > MATCHERS {
            return Err(bad(&field, format!("must have 1 to {MATCHERS} matchers")));
        }
        let tests = set.iter().enumerate();
        let tests: Vec<Test> =
            tests.map(|(j, m)| test(m, &format!("{field}.matchers[{j}]"))).collect::<Result<_, _>>()?;
        if tests.iter().all(|test| test.holds(&BTreeMap::new())) {
            return Err(bad(&field, "matches alerts without labels, and so nearly everything".to_owned()));
        }
        compiled.push(tests);
    }
    Ok(Compiled(compiled))
}

fn test(m: &Matcher, field: &str) -> Result<Test, Refusal> {
    required(&m.label, &format!("{field}.label"), LABEL_NAME)?;
    let field = format!("{field}.value");
    within(&m.value, &field, LABEL_VALUE)?;
    let negated = matches!(m.operator, Operator::NotEqual | Operator::NotMatches);
    let what = match m.operator {
        Operator::Equal | Operator::NotEqual => What::Text(m.value.clone()),
        Operator::Matches | Operator::NotMatches => What::Pattern(pattern(&m.value, &field)?),
    };
    Ok(Test { label: m.label.clone(), what, negated })
}

/// A pattern for the whole text. It is read alone first, so that its brackets cannot close ours.
fn pattern(text: &str, field: &str) -> Result<Regex, Refusal> {
    let build = |text: &str| RegexBuilder::new(text).size_limit(COMPILED).dfa_size_limit(COMPILED).build();
    let wrong = |e: regex::Error| {
        let problem = e.to_string();
        bad(field, format!("is not a pattern: {}", problem.lines().last().unwrap_or_default()))
    };
    build(text).map_err(wrong)?;
    build(&format!("^(?:{text})$")).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(label: &str, operator: Operator, value: &str) -> Matcher {
        Matcher { label: label.to_owned(), operator, value: value.to_owned() }
    }

    fn labels(given: &[(&str, &str)]) -> BTreeMap<String, String> {
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn every_matcher_of_one_set_must_hold() {
        use Operator::{Equal, Matches, NotEqual, NotMatches};
        let disk = vec![matcher("alertname", Equal, "Disk"), matcher("region", Matches, "eu-.*")];
        let other = vec![matcher("team", Matches, "a|b"), matcher("env", NotEqual, "prod")];
        let third = vec![matcher("job", Equal, "x"), matcher("host", NotMatches, "db[0-9]+")];
        let compiled = compile(&[disk, other, third]).unwrap();
        let yes: [&[(&str, &str)]; 4] = [
            &[("alertname", "Disk"), ("region", "eu-west")],
            &[("team", "b")],
            &[("team", "a"), ("env", "dev")],
            &[("job", "x"), ("host", "my-db1")],
        ];
        let no: [&[(&str, &str)]; 5] = [
            &[],
            &[("alertname", "Disk"), ("region", "us-eu-west")],
            &[("team", "ab")],
            &[("team", "a"), ("env", "prod")],
            &[("job", "x"), ("host", "db1")],
        ];
        assert!(yes.iter().all(|given| compiled.matches(&labels(given))));
        assert!(no.iter().all(|given| !compiled.matches(&labels(given))));
    }

    #[test]
    fn what_would_match_no_labels_at_all_is_refused() {
        use Operator::{Equal, Matches, NotEqual, NotMatches};
        let nothing = [(Equal, ""), (NotEqual, "x"), (Matches, ".*"), (Matches, "x?"), (NotMatches, ".+")];
        for (operator, value) in nothing {
            let refusal = compile(&[vec![matcher("a", operator, value)]]).unwrap_err();
            assert!(matches!(refusal, Refusal::BadField { field, .. } if field == "matcher_sets[0]"));
        }
        assert!(compile(&[vec![matcher("a", NotEqual, "x"), matcher("b", Equal, "y")]]).is_ok());
        assert!(compile(&[vec![matcher("a", Matches, ".+")]]).is_ok());
    }

    #[test]
    fn a_wrong_matcher_is_named() {
        use Operator::{Equal, Matches};
        let refused = |sets: &[Vec<Matcher>]| match compile(sets).unwrap_err() {
            Refusal::BadField { field, .. } => field,
            other => panic!("{other}"),
        };
        let good = matcher("a", Equal, "x");
        assert_eq!(refused(&[]), "matcher_sets");
        assert_eq!(refused(&vec![vec![good.clone()]; SETS + 1]), "matcher_sets");
        assert_eq!(refused(&[vec![good.clone()], vec![]]), "matcher_sets[1]");
        assert_eq!(refused(&[vec![good.clone(); MATCHERS + 1]]), "matcher_sets[0]");
        assert_eq!(refused(&[vec![matcher(" ", Equal, "x")]]), "matcher_sets[0].matchers[0].label");
        for wrong in ["a(", "x)|(y", "\\w{500}{500}"] {
            let set = vec![good.clone(), matcher("b", Matches, wrong)];
            assert_eq!(refused(&[set]), "matcher_sets[0].matchers[1].value", "{wrong}");
        }
    }
}

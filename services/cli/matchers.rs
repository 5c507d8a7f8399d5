//! Matchers of labels as people type them: `region=~eu-.*`, and `or` between sets. Whether a pattern is one is for the
//! server to say.

use stentor_proto::v1::{LabelMatcher, MatchOperator, MatcherSet};

/// The operators in the order in which they are tried: at one place the longer one is meant.
const OPERATORS: [(&str, MatchOperator); 4] = [
    ("!=", MatchOperator::NotEqual),
    ("!~", MatchOperator::NotMatches),
    ("=~", MatchOperator::Matches),
    ("=", MatchOperator::Equal),
];

/// Reads sets of matchers.
///
/// # Errors
/// What is wrong with a word.
pub(super) fn sets(words: &[String]) -> Result<Vec<MatcherSet>, String> {
    let sets = words.split(|word| word == "or").map(|set| {
        if set.is_empty() {
            return Err("`or` stands between matchers, for example team=shop or team=desk".to_owned());
        }
        let matchers = set.iter().map(|word| matcher(word)).collect::<Result<_, _>>()?;
        Ok(MatcherSet { matchers })
    });
    sets.collect()
}

/// A set as people type it.
pub(super) fn text(set: &MatcherSet) -> String {
    let words = set.matchers.iter().map(|m| {
        let known = OPERATORS.iter().find(|(_, operator)| *operator == m.operator());
        format!("{}{}{}", m.label, known.map_or("?", |(sign, _)| sign), m.value)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn matcher(word: &str) -> Result<LabelMatcher, String> {
    let at = |sign: &str| word.find(sign);
    let first = OPERATORS.iter().filter_map(|(sign, operator)| Some((at(sign)?, sign.len(), *operator)));
    // The first one in the word; of two at one place the longer, which is listed first.
    match first.min_by_key(|(at, length, _)| (*at, std::cmp::Reverse(*length))) {
        Some((at, length, operator)) if at > 0 => Ok(LabelMatcher {
            label: word[..at].trim().to_owned(),
            operator: operator.into(),
            value: word[at + length..].trim().to_owned(),
        }),
        _ => Err(format!(
            "`{word}` is no matcher; write label=value, label!=value, label=~pattern or label!~pattern"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Vec<String>, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Ok(sets(&words)?.iter().map(text).collect())
    }

    #[test]
    fn matchers_are_read_as_they_are_written() {
        let words = ["a=b", "c!=d", "e=~f.*", "g!~h", "or", "i="];
        assert_eq!(read(&words).unwrap(), ["a=b c!=d e=~f.* g!~h", "i="]);
    }

    #[test]
    fn the_first_operator_counts_and_the_rest_is_value() {
        let read = matcher("query=~a=b|c!=d").unwrap();
        assert_eq!((read.label.as_str(), read.operator()), ("query", MatchOperator::Matches));
        assert_eq!(read.value, "a=b|c!=d");
    }

    #[test]
    fn what_is_no_matcher_is_named() {
        for words in [&["plain"][..], &["=x"], &["or", "a=b"], &["a=b", "or"]] {
            assert!(read(words).is_err(), "{words:?}");
        }
    }
}

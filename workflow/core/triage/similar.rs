//! How alike two incidents are, judged by what a report tells: service, category and the words of the title. Alerts'
//! identities would count too, but a report has none; which incidents are compared is not decided here.

use std::collections::BTreeSet;

use crate::id::ServiceId;

/// Scores are thousandths; from this one on two incidents count as similar.
pub const SIMILAR: u32 = 600;

/// The most that two incidents without alerts in common can reach.
pub const ALIKE: u32 = SAME_SERVICE + SAME_WORDS + SAME_CATEGORY;

const SAME_SERVICE: u32 = 350;
const SAME_WORDS: u32 = 200;
const SAME_CATEGORY: u32 = 150;

/// What an incident is compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    pub service: ServiceId,
    pub category: String,
    /// The words of the title in lower case, without digits.
    words: BTreeSet<String>,
}

impl Traits {
    /// Of an incident with that title.
    pub fn of(service: ServiceId, category: &str, title: &str) -> Traits {
        let words = title.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
        Traits { service, category: category.to_owned(), words: words.map(str::to_lowercase).collect() }
    }

    /// How alike two are, in thousandths, 0 to [`ALIKE`].
    pub fn likeness(&self, other: &Traits) -> u32 {
        let service = if self.service == other.service { SAME_SERVICE } else { 0 };
        let category = if self.category == other.category { SAME_CATEGORY } else { 0 };
        service + category + self.shared_words(other)
    }

    /// The words in both as a share of the words in either.
    fn shared_words(&self, other: &Traits) -> u32 {
        let both = self.words.intersection(&other.words).count();
        let either = self.words.len() + other.words.len() - both;
        // A title has at most 250 characters, so the product is small.
        if either == 0 { 0 } else { SAME_WORDS * both as u32 / either as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(service: &str, category: &str, title: &str) -> Traits {
        Traits::of(service.into(), category, title)
    }

    #[test]
    fn service_category_and_words_count_by_their_weights() {
        let one = traits("checkout", "payments", "Payments fail, ticket 17");
        let like = |service, category, title| one.likeness(&traits(service, category, title));
        assert_eq!(like("checkout", "payments", "payments FAIL (ticket 18)"), ALIKE);
        assert_eq!(like("checkout", "payments", "payments fail again today"), 350 + 150 + 80);
        assert_eq!(like("checkout", "access", "Payments fail, ticket"), 350 + 200);
        assert_eq!(like("search", "payments", "other"), 150);
    }

    #[test]
    fn half_of_the_words_in_common_is_just_enough() {
        let (one, other) = (traits("a", "b", "tills hang"), traits("a", "b", "tills"));
        assert_eq!((one.likeness(&other), other.likeness(&one)), (SIMILAR, SIMILAR));
    }

    #[test]
    fn titles_without_words_have_none_in_common() {
        assert_eq!(traits("a", "b", "42").likeness(&traits("a", "b", "42")), 500);
    }
}

//! The closed vocabularies of the API as words: what the command line accepts and what tables show.
//! It keeps no list of its own: the words come from the descriptors, so a new value needs no change here.

use std::sync::LazyLock;

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use prost_reflect::{DescriptorPool, EnumDescriptor};

/// The descriptors of the whole API.
pub(super) static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(stentor_proto::FILE_DESCRIPTOR_SET).expect("the build made the descriptors")
});

/// A parser of one vocabulary, for example `Impact`: takes `high`, gives the number of IMPACT_HIGH.
pub(super) fn parser(vocabulary: &'static str) -> ValueParser {
    let words: Vec<String> = numbers(vocabulary).into_iter().map(|number| word(vocabulary, number)).collect();
    let parser = PossibleValuesParser::new(words).try_map(move |text| {
        let found = numbers(vocabulary)
            .into_iter()
            .find(|number| word(vocabulary, *number).eq_ignore_ascii_case(&text));
        found.ok_or_else(|| format!("`{text}` is no {vocabulary}"))
    });
    ValueParser::new(parser)
}

/// The word for a value: HOLD_REASON_AWAITING_VENDOR is `awaiting-vendor`; unknown values show their number.
pub(super) fn word(vocabulary: &str, number: i32) -> String {
    let descriptor = descriptor(vocabulary);
    match descriptor.get_value(number) {
        Some(value) => value.name()[prefix(&descriptor)..].to_ascii_lowercase().replace('_', "-"),
        None => number.to_string(),
    }
}

/// The word as prose: `awaiting vendor`.
pub(super) fn prose(vocabulary: &str, number: i32) -> String {
    word(vocabulary, number).replace('-', " ")
}

fn numbers(vocabulary: &str) -> Vec<i32> {
    descriptor(vocabulary).values().map(|value| value.number()).filter(|number| *number != 0).collect()
}

fn descriptor(vocabulary: &str) -> EnumDescriptor {
    let name = format!("stentor.v1.{vocabulary}");
    POOL.get_enum_by_name(&name).expect("callers name vocabularies of the API")
}

/// Every value starts with the vocabulary's own name, which the zero value ends with `UNSPECIFIED` after it.
fn prefix(descriptor: &EnumDescriptor) -> usize {
    descriptor.default_value().name().trim_end_matches("UNSPECIFIED").len()
}

#[cfg(test)]
mod tests {
    use stentor_proto::v1;

    use super::*;

    #[test]
    fn values_read_as_words() {
        assert_eq!(word("HoldReason", v1::HoldReason::AwaitingVendor as i32), "awaiting-vendor");
        assert_eq!(prose("IncidentPhase", v1::IncidentPhase::Active as i32), "active");
        assert_eq!(word("Priority", 99), "99");
    }

    #[test]
    fn the_unspecified_value_cannot_be_typed() {
        assert!(!numbers("Impact").contains(&0));
        assert_eq!(numbers("Impact").len(), 3);
    }
}

//! Which traces are kept, by the variables that every OpenTelemetry SDK reads. The engine's spans ask before they are
//! made, because a delivery's attempts must be kept or dropped together with what they hang on.

use opentelemetry_sdk::trace::Sampler;

/// `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; without them, and with words that nobody knows, everything that
/// the caller did not decline is kept.
pub(super) fn from_env() -> Sampler {
    let variable = |name| std::env::var(name).unwrap_or_default();
    named(&variable("OTEL_TRACES_SAMPLER"), &variable("OTEL_TRACES_SAMPLER_ARG"))
}

fn named(name: &str, argument: &str) -> Sampler {
    let ratio = || Sampler::TraceIdRatioBased(argument.parse().unwrap_or(1.0));
    let by_parent = |root: Sampler| Sampler::ParentBased(Box::new(root));
    match name {
        "always_on" => Sampler::AlwaysOn,
        "always_off" => Sampler::AlwaysOff,
        "traceidratio" => ratio(),
        "parentbased_always_off" => by_parent(Sampler::AlwaysOff),
        "parentbased_traceidratio" => by_parent(ratio()),
        _ => by_parent(Sampler::AlwaysOn),
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanKind, TraceId};
    use opentelemetry_sdk::trace::{SamplingDecision, ShouldSample};

    use super::*;

    #[test]
    fn the_words_mean_what_the_specification_says() {
        let keeps = |name, argument, trace: u128| {
            let trace = TraceId::from(trace);
            let answer = named(name, argument).should_sample(None, trace, "", &SpanKind::Internal, &[], &[]);
            answer.decision == SamplingDecision::RecordAndSample
        };
        let (low, high) = (1, u128::MAX);
        for (name, argument, kept) in [
            ("", "", [true, true]),
            ("always_on", "", [true, true]),
            ("always_off", "", [false, false]),
            ("parentbased_always_off", "", [false, false]),
            ("traceidratio", "0.5", [true, false]),
            ("parentbased_traceidratio", "0.5", [true, false]),
            ("traceidratio", "much", [true, true]),
        ] {
            assert_eq!([keeps(name, argument, low), keeps(name, argument, high)], kept, "{name} {argument}");
        }
    }
}

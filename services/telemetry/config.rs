//! What telemetry is asked for, by flags and by the `OTEL_*` variables that people expect to work.
//! The variables that the SDK reads itself (endpoints, headers, samplers, batch sizes) are left to it.

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people, on stderr.
    #[default]
    Text,
    /// One object a line, on stdout.
    Json,
}

/// What `init` needs to know.
#[derive(Debug, Clone, Default)]
pub struct TelemetryConfig {
    pub log_format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`; absent: `STENTOR_LOG`, then `RUST_LOG`, then `info`.
    pub log_filter: Option<String>,
    /// Where an OTLP collector listens, e.g. `http://127.0.0.1:4317`; absent: `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub otlp_endpoint: Option<String>,
}

/// Which signals leave by OTLP. The Prometheus page is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exports {
    pub traces: bool,
    pub metrics: bool,
    pub logs: bool,
}

impl Exports {
    /// Reads the process's environment.
    pub fn from_env(endpoint: Option<&str>) -> Exports {
        Exports::choose(endpoint, |name| std::env::var(name).ok())
    }

    /// A signal is exported if its exporter variable says `otlp`, or says nothing while an endpoint is known.
    /// An empty variable counts as unset; `OTEL_SDK_DISABLED` is true only by the word `true`.
    pub fn choose(endpoint: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Exports {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let disabled = variable("OTEL_SDK_DISABLED").is_some_and(|v| v.trim().eq_ignore_ascii_case("true"));
        let known = endpoint.is_some_and(|text| !text.is_empty())
            || variable("OTEL_EXPORTER_OTLP_ENDPOINT").is_some();
        let signal = |name: &str| {
            let asked = variable(&format!("OTEL_{name}_EXPORTER"));
            let own = variable(&format!("OTEL_EXPORTER_OTLP_{name}_ENDPOINT")).is_some();
            !disabled
                && match asked {
                    Some(list) => list.split(',').any(|exporter| exporter.trim() == "otlp"),
                    None => known || own,
                }
        };
        Exports { traces: signal("TRACES"), metrics: signal("METRICS"), logs: signal("LOGS") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(endpoint: Option<&str>, variables: &[(&str, &str)]) -> Exports {
        Exports::choose(endpoint, |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    const ALL: Exports = Exports { traces: true, metrics: true, logs: true };

    #[test]
    fn nothing_is_exported_without_an_endpoint() {
        assert_eq!(with(None, &[]), Exports::default());
        assert_eq!(with(None, &[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]), Exports::default());
    }

    #[test]
    fn an_endpoint_exports_everything() {
        assert_eq!(with(Some("http://127.0.0.1:4317"), &[]), ALL);
        assert_eq!(with(None, &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")]), ALL);
    }

    #[test]
    fn a_signal_can_be_turned_off_and_another_have_its_own_endpoint() {
        let exports = with(Some("http://c:4317"), &[("OTEL_METRICS_EXPORTER", "prometheus")]);
        assert_eq!(exports, Exports { metrics: false, ..ALL });
        let exports = with(None, &[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4317")]);
        assert_eq!(exports, Exports { traces: true, ..Exports::default() });
        assert_eq!(
            with(Some("http://c:4317"), &[("OTEL_LOGS_EXPORTER", "none")]),
            Exports { logs: false, ..ALL }
        );
    }

    #[test]
    fn only_the_word_true_disables_the_sdk() {
        assert_eq!(with(Some("http://c:4317"), &[("OTEL_SDK_DISABLED", "TRUE")]), Exports::default());
        assert_eq!(with(Some("http://c:4317"), &[("OTEL_SDK_DISABLED", "1")]), ALL);
    }
}

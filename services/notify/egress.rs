//! The guard of everything we send: names are checked after they are resolved, for the very connection that is made,
//! and addresses written as numbers are checked apart, because no resolver ever sees them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::net::{Net, is_public};

const CONNECT_TIME_MAX: Duration = Duration::from_secs(3);
pub(super) const TOTAL_TIME_MAX: Duration = Duration::from_secs(10);

/// Where one provider's messages may go: the public internet by HTTPS, and networks that are named.
#[derive(Debug, Clone)]
pub struct Egress {
    allow: Arc<[Net]>,
    public: bool,
    /// For an attempt from the first packet to the last.
    time_max: Duration,
}

impl Default for Egress {
    fn default() -> Egress {
        Egress::new([])
    }
}

/// An address that must not be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("{0:?} is not an http or https address without user and password")]
    Form(String),
    #[error("plain http goes to allowed networks only; use https")]
    Cleartext,
    #[error("{0} lies in no network that is allowed")]
    Address(String),
}

/// A name that leads nowhere, or nowhere that may be called.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unresolved {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Name(#[from] std::io::Error),
}

impl Egress {
    pub fn new(allow: impl IntoIterator<Item = Net>) -> Egress {
        Egress { allow: allow.into_iter().collect(), public: true, time_max: TOTAL_TIME_MAX }
    }

    /// The same, for another time.
    pub(crate) fn within(self, time_max: Duration) -> Egress {
        Egress { time_max, ..self }
    }

    /// The named networks alone: for what goes without TLS.
    pub(crate) fn without_public(self) -> Egress {
        Egress { public: false, ..self }
    }

    /// Whether any network is named.
    pub(crate) fn names_networks(&self) -> bool {
        !self.allow.is_empty()
    }

    /// How long an attempt may last.
    pub(crate) fn time_max(&self) -> Duration {
        self.time_max
    }

    /// Checks what can be checked before a connection is made.
    pub fn check(&self, url: &Url) -> Result<(), Denied> {
        let host = url.host_str().unwrap_or_default();
        let named = url.username().is_empty() && url.password().is_none() && !host.is_empty();
        match url.scheme() {
            "https" if named => {}
            "http" if named && self.allow.is_empty() => return Err(Denied::Cleartext),
            "http" if named => {}
            _ => return Err(Denied::Form(url.origin().ascii_serialization())),
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            Ok(address) if !self.permits(address) => Err(Denied::Address(host.to_owned())),
            _ => Ok(()),
        }
    }

    fn permits(&self, address: IpAddr) -> bool {
        self.public && is_public(address) || self.allow.iter().any(|net| net.contains(address))
    }

    /// TLS that trusts the public authorities.
    pub(crate) fn tls() -> rustls::ClientConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the cipher suites of both versions")
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    /// A client that resolves names through this guard, follows no redirect and uses no proxy.
    pub fn client(&self) -> Result<reqwest::Client, reqwest::Error> {
        reqwest::Client::builder()
            .tls_backend_preconfigured(Egress::tls())
            .dns_resolver(Arc::new(self.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIME_MAX)
            .timeout(self.time_max)
            .user_agent(concat!("Stentor/", env!("CARGO_PKG_VERSION")))
            .build()
    }
}

impl Egress {
    /// The addresses of a name, or of an address written as one, that may be called.
    pub(crate) async fn resolve_host(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Unresolved> {
        let mut found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
        found.retain(|found| self.permits(found.ip()));
        if found.is_empty() { Err(Denied::Address(host.to_owned()).into()) } else { Ok(found) }
    }
}

impl Resolve for Egress {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            match guard.resolve_host(name.as_str(), 0).await {
                Ok(found) => Ok(Box::new(found.into_iter()) as Addrs),
                Err(Unresolved::Denied(denied)) => Err(denied.into()),
                Err(Unresolved::Name(error)) => Err(error.into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(egress: &Egress, url: &str) -> Result<(), Denied> {
        egress.check(&url.parse().unwrap())
    }

    #[test]
    fn numbers_in_any_spelling_are_checked_without_a_resolver() {
        let egress = Egress::default();
        assert_eq!(checked(&egress, "https://1.1.1.1/x"), Ok(()));
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
        ] {
            assert!(matches!(checked(&egress, url), Err(Denied::Address(_))), "{url}");
        }
    }

    #[test]
    fn plain_http_and_odd_forms_are_denied() {
        let egress = Egress::default();
        assert_eq!(checked(&egress, "http://example.com/"), Err(Denied::Cleartext));
        for url in ["https://user:pass@example.com/", "ftp://example.com/", "file:///etc/passwd"] {
            assert!(matches!(checked(&egress, url), Err(Denied::Form(_))), "{url}");
        }
    }

    #[test]
    fn a_network_that_is_named_is_allowed_and_no_other() {
        let egress = Egress::new(["10.1.0.0/16".parse().unwrap()]);
        assert_eq!(checked(&egress, "http://10.1.2.3:8080/hook"), Ok(()));
        assert!(checked(&egress, "http://10.2.0.1/hook").is_err());
        assert!(checked(&egress, "http://127.0.0.1/hook").is_err());
    }

    #[tokio::test]
    async fn without_tls_even_a_public_address_has_to_be_named() {
        let egress = Egress::new(["10.1.0.0/16".parse().unwrap()]).without_public();
        assert!(checked(&egress, "http://1.1.1.1/hook").is_err());
        assert!(egress.resolve_host("1.1.1.1", 25).await.is_err());
        assert!(egress.resolve_host("10.1.2.3", 25).await.is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_denied_when_it_is_resolved() {
        let name: Name = "localhost".parse().unwrap();
        assert!(Egress::default().resolve(name).await.is_err());
        let name: Name = "localhost".parse().unwrap();
        assert!(Egress::new(Net::LOOPBACK).resolve(name).await.is_ok());
    }
}

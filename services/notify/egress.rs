//! The guard of everything we send: names are checked after they are resolved, for the very connection that is made,
//! and addresses written as numbers are checked apart, because no resolver ever sees them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::net::{Net, is_public};

const CONNECT_TIME_MAX: Duration = Duration::from_secs(3);
const TOTAL_TIME_MAX: Duration = Duration::from_secs(10);

/// Where one provider's messages may go: the public internet by HTTPS, and networks that are named.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    allow: Arc<[Net]>,
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

impl Egress {
    pub fn new(allow: impl IntoIterator<Item = Net>) -> Egress {
        Egress { allow: allow.into_iter().collect() }
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
        is_public(address) || self.allow.iter().any(|net| net.contains(address))
    }

    /// A client that resolves names through this guard, follows no redirect and uses no proxy.
    pub fn client(&self) -> Result<reqwest::Client, reqwest::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the cipher suites of both versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(self.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIME_MAX)
            .timeout(TOTAL_TIME_MAX)
            .user_agent(concat!("Stentor/", env!("CARGO_PKG_VERSION")))
            .build()
    }
}

impl Resolve for Egress {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let name = name.as_str();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name, 0)).await?.collect();
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|found| guard.permits(found.ip())).collect();
            if allowed.is_empty() {
                return Err(Denied::Address(name.to_owned()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
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
    async fn a_name_that_leads_inside_is_denied_when_it_is_resolved() {
        let name: Name = "localhost".parse().unwrap();
        assert!(Egress::default().resolve(name).await.is_err());
        let name: Name = "localhost".parse().unwrap();
        assert!(Egress::new(Net::LOOPBACK).resolve(name).await.is_ok());
    }
}

//! Where the server may listen: credentials over a network need TLS, and no credentials need a loopback.
//! It opens nothing.

use std::net::SocketAddr;

/// The address is not safe as asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenRefused {
    #[error("--dev works without credentials, so it listens on loopback only, not on {0}")]
    DevBeyondLoopback(SocketAddr),
    #[error(
        "{0} is not a loopback address and the connection has no TLS: keys would travel in the clear. Give it a \
         certificate with --tls-cert and --tls-key; if TLS ends in front of this server, or its network is trusted, say so \
         with --insecure-listen (STENTOR_INSECURE_LISTEN=true)"
    )]
    Cleartext(SocketAddr),
}

/// Checks an address before it is opened.
pub fn check_listen(address: SocketAddr, dev: bool, insecure: bool) -> Result<(), ListenRefused> {
    match (address.ip().is_loopback(), dev, insecure) {
        (true, _, _) | (false, false, true) => Ok(()),
        (false, true, _) => Err(ListenRefused::DevBeyondLoopback(address)),
        (false, false, false) => Err(ListenRefused::Cleartext(address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_loopback_an_address_needs_a_word_of_the_operator() {
        let loopback: SocketAddr = "127.0.0.1:7117".parse().unwrap();
        let loopback6: SocketAddr = "[::1]:7117".parse().unwrap();
        let everywhere: SocketAddr = "0.0.0.0:7117".parse().unwrap();
        for address in [loopback, loopback6] {
            assert_eq!(check_listen(address, true, false), Ok(()));
            assert_eq!(check_listen(address, false, false), Ok(()));
        }
        assert_eq!(check_listen(everywhere, false, false), Err(ListenRefused::Cleartext(everywhere)));
        assert_eq!(check_listen(everywhere, false, true), Ok(()));
        assert_eq!(check_listen(everywhere, true, true), Err(ListenRefused::DevBeyondLoopback(everywhere)));
    }
}

//! `[outbound]`: where an app may send requests.

use std::net::{IpAddr, SocketAddr};

use super::error::ConfigError;
use super::node::{Node, Table};

/// Where an app may send requests: to public addresses, as on the platform, and to those private and loopback
/// addresses that `allow` names. If there is a list `only`, other public addresses are refused; a private one has to be
/// in `allow`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboundRules {
    allowed: Vec<Destination>,
    /// If there is a list, all other destinations are refused.
    only: Option<Vec<Destination>>,
}

/// A host, and the port if it is one only.
type Destination = (String, Option<u16>);

impl OutboundRules {
    /// These rules, and the lists of a table in place of theirs.
    pub(super) fn read(self, table: &Table<'_>) -> Result<Self, ConfigError> {
        table.only(&["allow", "only"])?;
        let destinations = |key| match table.get(key) {
            Some(list) => read_destinations(&list).map(Some),
            None => Ok(None),
        };
        Ok(OutboundRules {
            allowed: destinations("allow")?.unwrap_or(self.allowed),
            only: destinations("only")?.or(self.only),
        })
    }

    /// Allows one more destination, whatever its address, as `host` or `host:port`.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub fn allow(&mut self, destination: &str) -> Result<(), String> {
        let (host, port) = split_authority(destination)
            .ok_or_else(|| format!("{destination:?}: `host` or `host:port` is wanted"))?;
        self.allowed.push((host.to_ascii_lowercase(), port));
        Ok(())
    }

    /// Whether a destination is allowed by its name.
    pub(crate) fn names(&self, host: &str, port: u16) -> bool {
        self.allowed
            .iter()
            .any(|allowed| is_it(allowed, host, port))
    }

    /// Whether an app may talk to a host: by its name here, or by all of its addresses.
    pub(crate) async fn allows(&self, host: &str, port: u16) -> Result<bool, std::io::Error> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if self.names(host, port) {
            return Ok(true);
        }
        if let Some(only) = &self.only
            && !only
                .iter()
                .any(|destination| is_it(destination, host, port))
        {
            return Ok(false);
        }
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
        Ok(addresses.iter().all(|address| is_public(address.ip())))
    }
}

fn is_it((named, named_port): &Destination, host: &str, port: u16) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    named.eq_ignore_ascii_case(host) && named_port.is_none_or(|named| named == port)
}

fn read_destinations(list: &Node<'_>) -> Result<Vec<Destination>, ConfigError> {
    let destinations = list.list()?.into_iter().map(|node| {
        let (host, port) = split_authority(node.text()?)
            .ok_or_else(|| node.error("`host` or `host:port` is wanted"))?;
        Ok((host.to_ascii_lowercase(), port))
    });
    destinations.collect()
}

fn split_authority(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            match port {
                "" => (host, None),
                port => (host, Some(port.strip_prefix(':')?)),
            }
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = match port {
        Some(port) => Some(port.parse().ok()?),
        None => None,
    };
    (!host.is_empty() && !host.contains('/')).then_some((host, port))
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            !(v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                // RFC 6598, addresses behind a carrier's NAT.
                || (a == 100 && (64..128).contains(&b)))
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "::",
            "fd00::1",
            "fe80::1",
            "::ffff:127.0.0.1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn authorities() {
        assert_eq!(split_authority("localhost"), Some(("localhost", None)));
        assert_eq!(split_authority("a:80"), Some(("a", Some(80))));
        assert_eq!(split_authority("[::1]:80"), Some(("::1", Some(80))));
        assert_eq!(split_authority("[::1]"), Some(("::1", None)));
        for bad in ["", "a:", "a:x", "http://a", ":80", "[::1", "[::1]x"] {
            assert_eq!(split_authority(bad), None, "{bad}");
        }
    }
}

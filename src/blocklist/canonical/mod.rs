//! One form for each thing that is asked for: the packer and the readers bring texts into it.

mod domain;
mod path;

pub use self::domain::{DomainKey, MAX_DOMAIN_BYTES, NotADomain};
pub use self::path::{MAX_PATH_BYTES, PathKey};

use std::net::IpAddr;

/// The address that is meant: an IPv4 address that comes as IPv6 (`::ffff:192.0.2.1`) is an IPv4 address.
pub fn address(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

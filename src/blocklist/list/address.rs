//! IP addresses.

use std::net::IpAddr;

use super::{list_in_store, tag, verdict};
use crate::blocklist::canonical;
use crate::blocklist::error::Error;
use crate::blocklist::format::{Fences, Hit, Ipv4Body, Ipv6Body, Kind, Layout, Malformed, Root};
use crate::blocklist::packed::{Question, shard_by_key};
use crate::blocklist::verdict::Verdict;
use crate::kv_store::Access;

list_in_store! {
    /// IP addresses, in networks and ranges, of IPv4 and IPv6.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// use fastedge::blocklist::{IpList, Verdict};
    /// use fastedge_pack::{AddressRules, Action};
    /// # use fastedge_mock_host::MockHost;
    ///
    /// // A tool, or a test, packs:
    /// let mut rules = AddressRules::new();
    /// rules.add("203.0.113.0/24", Action::Deny { tag: 7 })?;
    /// rules.add("203.0.113.9", Action::Allow)?;
    /// rules.add("2001:db8::/32", Action::Deny { tag: 1 })?;
    /// let packed = rules.pack()?;
    ///
    /// // The app:
    /// # let edge = MockHost::new().kv("lists", |kv| {
    /// #     packed.values("blocked", 1).fold(kv, |kv, (key, value)| kv.set(&key, value))
    /// # });
    /// # let _installed = edge.install();
    /// let store = KvStore::open("lists")?;
    /// let blocked = IpList::new(&store, "blocked");
    /// let address: std::net::IpAddr = "203.0.113.7".parse()?;
    /// assert_eq!(blocked.check(address)?, Verdict::Listed { tag: 7, generation: 1 });
    /// assert!(!blocked.check([203, 0, 113, 9])?.is_listed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    IpList, Kind::Addresses
}

impl<A: Access> IpList<'_, A> {
    /// Whether an address is listed. An IPv4 address that comes as IPv6 (`::ffff:192.0.2.1`) is an IPv4 address.
    ///
    /// Up to two host calls, and four if a part of the list has not arrived; fewer where something has been asked
    /// before.
    ///
    /// # Errors
    ///
    /// If that is not known: see [`ErrorKind`](crate::blocklist::ErrorKind).
    pub fn check(&self, address: impl Into<IpAddr>) -> Result<Verdict, Error> {
        let question = AddressQuestion::new(address.into());
        self.packed.ask(&question, tag).map(verdict)
    }
}

pub(super) enum AddressQuestion {
    V4(u32),
    V6(u128),
}

impl AddressQuestion {
    pub(super) fn new(address: IpAddr) -> Self {
        match canonical::address(address) {
            IpAddr::V4(address) => AddressQuestion::V4(address.to_bits()),
            IpAddr::V6(address) => AddressQuestion::V6(address.to_bits()),
        }
    }
}

impl Question for AddressQuestion {
    const KIND: Kind = Kind::Addresses;

    fn layout(&self) -> Layout {
        match self {
            AddressQuestion::V4(_) => Layout::Ipv4,
            AddressQuestion::V6(_) => Layout::Ipv6,
        }
    }

    fn shard(&self, fences: &Fences<'_>, _: &Root) -> Result<Option<usize>, Malformed> {
        let key = match self {
            AddressQuestion::V4(address) => (u128::from(*address) << 96).to_be_bytes(),
            AddressQuestion::V6(address) => address.to_be_bytes(),
        };
        shard_by_key(fences, &key)
    }

    fn find<'a>(&self, body: &'a [u8], _: &Root) -> Result<Option<Hit<'a>>, Malformed> {
        match self {
            AddressQuestion::V4(address) => Ipv4Body::read(body)?.find(*address),
            AddressQuestion::V6(address) => Ipv6Body::read(body)?.find(*address),
        }
    }
}

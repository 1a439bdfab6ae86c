//! Numbers of autonomous systems.

use super::{list_in_store, tag, verdict};
use crate::blocklist::error::Error;
use crate::blocklist::format::{Column, Fences, Hit, Kind, Layout, Malformed, Root};
use crate::blocklist::packed::{Question, shard_by_key};
use crate::blocklist::verdict::Verdict;
use crate::kv_store::Access;

list_in_store! {
    /// Autonomous systems, by their numbers.
    ///
    /// The platform does not say from which one a client comes: a [`LookupTable`](crate::blocklist::LookupTable)
    /// [by address](crate::blocklist::LookupTable::by_address) can.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// use fastedge::blocklist::AsnList;
    /// use fastedge_pack::{Action, AsnRules};
    /// # use fastedge_mock_host::MockHost;
    ///
    /// let mut rules = AsnRules::new();
    /// rules.add("AS64496", Action::Deny { tag: 2 })?;
    /// let packed = rules.pack()?;
    ///
    /// # let edge = MockHost::new().kv("lists", |kv| {
    /// #     packed.values("asns", 1).fold(kv, |kv, (key, value)| kv.set(&key, value))
    /// # });
    /// # let _installed = edge.install();
    /// let store = KvStore::open("lists")?;
    /// let asns = AsnList::new(&store, "asns");
    /// assert_eq!(asns.check(64496)?.tag(), Some(2));
    /// assert!(!asns.check(64497)?.is_listed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    AsnList, Kind::Asns
}

impl<A: Access> AsnList<'_, A> {
    /// Whether an autonomous system is listed.
    ///
    /// Up to two host calls, and four if a part of the list has not arrived; fewer where something has been asked
    /// before.
    ///
    /// # Errors
    ///
    /// If that is not known: see [`ErrorKind`](crate::blocklist::ErrorKind).
    pub fn check(&self, asn: u32) -> Result<Verdict, Error> {
        self.packed.ask(&AsnQuestion(asn), tag).map(verdict)
    }
}

struct AsnQuestion(u32);

impl AsnQuestion {
    fn key(&self) -> [u8; 16] {
        (u128::from(self.0) << 96).to_be_bytes()
    }
}

impl Question for AsnQuestion {
    const KIND: Kind = Kind::Asns;

    fn layout(&self) -> Layout {
        Layout::Numbers
    }

    fn shard(&self, fences: &Fences<'_>, _: &Root) -> Result<Option<usize>, Malformed> {
        shard_by_key(fences, &self.key())
    }

    fn find<'a>(&self, body: &'a [u8], _: &Root) -> Result<Option<Hit<'a>>, Malformed> {
        let mut rest = body;
        let numbers = Column::read(&mut rest, 4)?;
        let key = self.key();
        let found = numbers.predecessor(&key);
        let index = found.filter(|&index| numbers.get(index) == key);
        Ok(index.map(|index| Hit {
            index,
            entries: numbers.len(),
            payload: rest,
        }))
    }
}

//! Domains.

use super::{list_in_store, tag, verdict};
use crate::blocklist::canonical::DomainKey;
use crate::blocklist::error::Error;
use crate::blocklist::format::{Fences, Hit, Kind, Layout, Malformed, Root, TreeBody};
use crate::blocklist::packed::Question;
use crate::blocklist::verdict::Verdict;
use crate::kv_store::Access;

list_in_store! {
    /// Domains, with their subdomains or alone.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// use fastedge::blocklist::DomainList;
    /// use fastedge_pack::{Action, DomainRules};
    /// # use fastedge_mock_host::MockHost;
    ///
    /// let mut rules = DomainRules::new();
    /// rules.add("example.com", Action::Deny { tag: 0 })?;
    /// rules.add("good.example.com", Action::Allow)?;
    /// let packed = rules.pack()?;
    ///
    /// # let edge = MockHost::new().kv("lists", |kv| {
    /// #     packed.values("domains", 1).fold(kv, |kv, (key, value)| kv.set(&key, value))
    /// # });
    /// # let _installed = edge.install();
    /// let store = KvStore::open("lists")?;
    /// let domains = DomainList::new(&store, "domains");
    /// assert!(domains.check("WWW.Example.com")?.is_listed());
    /// assert!(!domains.check("good.example.com")?.is_listed());
    /// assert!(!domains.check("example-shop.com")?.is_listed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    DomainList, Kind::Domains
}

impl<A: Access> DomainList<'_, A> {
    /// Whether a domain is listed, or one that it is below. See [`DomainKey`] for how it is read; a host with a port
    /// is no domain.
    ///
    /// Up to two host calls, and four if a part of the list has not arrived; fewer where something has been asked
    /// before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotADomain`](crate::blocklist::ErrorKind::NotADomain) for what is none, and if it is not known.
    pub fn check(&self, domain: &str) -> Result<Verdict, Error> {
        let question = TreeQuestion(DomainKey::new(domain)?);
        self.packed.ask(&question, tag).map(verdict)
    }
}

/// A text that stands for what is below it.
pub(super) trait TreeKey {
    const KIND: Kind;

    fn bytes(&self) -> &[u8];
}

impl TreeKey for DomainKey {
    const KIND: Kind = Kind::Domains;

    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }
}

pub(super) struct TreeQuestion<K>(pub(super) K);

impl<K: TreeKey> Question for TreeQuestion<K> {
    const KIND: Kind = K::KIND;

    fn layout(&self) -> Layout {
        Layout::Tree
    }

    fn shard(&self, fences: &Fences<'_>, _: &Root) -> Result<Option<usize>, Malformed> {
        match fences {
            Fences::Texts(texts) => {
                let found = texts.predecessor(self.0.bytes())?;
                Ok(found.map(|found| found.index))
            }
            _ => Err(Malformed::ANOTHER_LAYOUT),
        }
    }

    fn find<'a>(&self, body: &'a [u8], _: &Root) -> Result<Option<Hit<'a>>, Malformed> {
        TreeBody::read(body)?.find(self.0.bytes())
    }
}

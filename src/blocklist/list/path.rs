//! Paths.

use super::domain::{TreeKey, TreeQuestion};
use super::{list_in_store, tag, verdict};
use crate::blocklist::canonical::PathKey;
use crate::blocklist::error::Error;
use crate::blocklist::format::Kind;
use crate::blocklist::verdict::Verdict;
use crate::kv_store::Access;

list_in_store! {
    /// Paths of URLs, each with all that is below it: `/admin` lists `/admin/users`, and not `/administration`.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// use fastedge::blocklist::PathList;
    /// use fastedge_pack::{Action, PathRules};
    /// # use fastedge_mock_host::MockHost;
    ///
    /// let mut rules = PathRules::new();
    /// rules.add("/admin", Action::Deny { tag: 0 })?;
    /// rules.add("/admin/login", Action::Allow)?;
    /// let packed = rules.pack()?;
    ///
    /// # let edge = MockHost::new().kv("lists", |kv| {
    /// #     packed.values("internal", 1).fold(kv, |kv, (key, value)| kv.set(&key, value))
    /// # });
    /// # let _installed = edge.install();
    /// let store = KvStore::open("lists")?;
    /// let internal = PathList::new(&store, "internal");
    /// assert!(internal.check("/x/..//%61dmin/users?all")?.is_listed());
    /// assert!(!internal.check("/admin/login")?.is_listed());
    /// assert!(!internal.check("/administration")?.is_listed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    PathList, Kind::Paths
}

impl<A: Access> PathList<'_, A> {
    /// Whether a path is listed, or one that it is below. See [`PathKey`] for how it is read.
    ///
    /// Up to two host calls, and four if a part of the list has not arrived; fewer where something has been asked
    /// before.
    ///
    /// # Errors
    ///
    /// If that is not known: see [`ErrorKind`](crate::blocklist::ErrorKind).
    pub fn check(&self, path: &str) -> Result<Verdict, Error> {
        let question = TreeQuestion(PathKey::new(path));
        self.packed.ask(&question, tag).map(verdict)
    }
}

impl TreeKey for PathKey {
    const KIND: Kind = Kind::Paths;

    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }
}

//! The keys of a store.

use std::collections::BTreeSet;
use std::iter::FusedIterator;
use std::vec;

#[cfg(doc)]
use super::ErrorKind;
use super::access::Access;
use super::{Error, KvStore};
#[cfg(doc)]
use crate::Pattern;

/// Listing keys is one host call, and an expensive one: the host walks the whole store, and has no
/// paging: all matches cross into the app's memory at once, at some 50 bytes each beside their
/// text. What is looked up per request belongs under a key that the app can name.
impl<A: Access> KvStore<A> {
    /// The keys that match, sorted by their bytes, each once.
    ///
    /// The pattern is a [`Pattern`] or the text of a Redis glob: `*`, `?`, `[abc]`, `[^a]`, `[a-z]`,
    /// and `\` to escape; `*` crosses `:` and `/`. In a text, an empty pattern matches nothing (but
    /// an empty key), and a class that is not closed ends with the pattern.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the host fails.
    ///
    /// ```
    /// use fastedge::{KvStore, Pattern};
    /// # use fastedge_mock_host::MockHost;
    /// # let edge = MockHost::new().kv("config", |kv| {
    /// #     kv.set("user:2", "").set("user:1", "").set("group:1", "")
    /// # });
    /// # let _installed = edge.install();
    ///
    /// let store = KvStore::open("config")?;
    /// assert_eq!(store.scan(Pattern::prefix("user:"))?, ["user:1", "user:2"]);
    /// assert_eq!(store.scan("*:1")?, ["group:1", "user:1"]);
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    pub fn scan(&self, pattern: impl AsRef<str>) -> Result<Vec<String>, Error> {
        let mut keys = self.store.scan(pattern.as_ref())?;
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }

    /// The keys that match as the host answers them, to be looked at one by one: in no order, and a
    /// key can come twice. Each is freed once it has been looked at.
    ///
    /// # Errors
    ///
    /// Those of [`scan`](Self::scan).
    ///
    /// ```
    /// # let edge = fastedge_mock_host::MockHost::new().kv("config", |kv| kv.set("a", "").set("b", ""));
    /// # let _installed = edge.install();
    /// let store = fastedge::KvStore::open("config")?;
    /// let longest = store.scan_unordered("*")?.map(|key| key.len()).max();
    /// assert_eq!(longest, Some(1));
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    pub fn scan_unordered(&self, pattern: impl AsRef<str>) -> Result<Keys, Error> {
        let keys = self.store.scan(pattern.as_ref())?;
        Ok(Keys(keys.into_iter()))
    }

    /// The first `limit` of the keys that match, sorted by their bytes, each once. No more than
    /// these are kept.
    ///
    /// # Errors
    ///
    /// Those of [`scan`](Self::scan).
    pub fn scan_first(&self, pattern: impl AsRef<str>, limit: usize) -> Result<Vec<String>, Error> {
        Ok(first(self.scan_unordered(pattern)?, limit))
    }

    /// The first `limit` of the keys that match and come after another key: the next page of a
    /// listing. Each page walks the whole store.
    ///
    /// # Errors
    ///
    /// Those of [`scan`](Self::scan).
    ///
    /// ```
    /// # let edge = fastedge_mock_host::MockHost::new()
    /// #     .kv("config", |kv| kv.set("c", "").set("a", "").set("b", ""));
    /// # let _installed = edge.install();
    /// let store = fastedge::KvStore::open("config")?;
    /// let page = store.scan_first("*", 2)?;
    /// assert_eq!(page, ["a", "b"]);
    /// assert_eq!(store.scan_after("*", &page[1], 2)?, ["c"]);
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    pub fn scan_after(
        &self,
        pattern: impl AsRef<str>,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        let keys = self.scan_unordered(pattern)?;
        Ok(first(keys.filter(|key| key.as_str() > after), limit))
    }
}

fn first(keys: impl Iterator<Item = String>, limit: usize) -> Vec<String> {
    let mut kept = BTreeSet::new();
    for key in keys {
        kept.insert(key);
        if kept.len() > limit {
            kept.pop_last();
        }
    }
    kept.into_iter().collect()
}

/// Keys of a store, in no order: see [`KvStore::scan_unordered`].
#[derive(Debug)]
pub struct Keys(vec::IntoIter<String>);

impl Iterator for Keys {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Keys {}
impl FusedIterator for Keys {}

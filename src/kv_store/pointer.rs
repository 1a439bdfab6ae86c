//! A number that is published promptly.

use std::borrow::Cow;
use std::fmt;

use super::access::{Access, ReadOnly};
use super::{Error, ErrorKind, KvStore};

/// A number that readers see as soon as it is replicated: the score of the one member of a sorted
/// set.
///
/// A node keeps what `get` answered for some 30 seconds, the absence of a key included, so a
/// plain value that changes is seen late, and by some nodes before others. A range of scores is not
/// kept. So what must be seen promptly, the version of a data set or the time of its latest change, is
/// published as a score; the data goes under keys that have the version in their names, are
/// written first and are never changed:
///
/// ```
/// use fastedge::KvStore;
/// # use fastedge_mock_host::MockHost;
/// # let edge = MockHost::new().kv("prices", |kv| {
/// #     kv.set("list:v7", "tea 3").sorted_set("list:current", [(7.0, "current")])
/// # });
/// # let _installed = edge.install();
///
/// let store = KvStore::open("prices")?;
/// let Some(version) = store.pointer("list:current").get_integer()? else {
///     panic!("nothing has been published");
/// };
/// let list = store.get_text(&format!("list:v{version}"))?;
/// assert_eq!(list.as_deref(), Some("tea 3"));
/// # Ok::<(), fastedge::kv_store::Error>(())
/// ```
///
/// It is published by giving the member another score:
/// [`Entry::pointer`](crate::edge_storage_api::Entry::pointer). Keys are replicated one by one: a
/// reader can see the pointer before the data, and falls back to the version before it.
pub struct Pointer<'a, A = ReadOnly> {
    pub(super) store: &'a KvStore<A>,
    pub(super) key: Cow<'a, str>,
}

impl<A: Access> KvStore<A> {
    /// The number that is published at `key`. No host call: its methods are.
    pub fn pointer<'a>(&'a self, key: impl Into<Cow<'a, str>>) -> Pointer<'a, A> {
        Pointer {
            store: self,
            key: key.into(),
        }
    }
}

impl<A: Access> Pointer<'_, A> {
    /// The number; `None` if there is none. One host call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotAPointer`] if the set has several members; [`ErrorKind::Internal`] if the key
    /// holds another type, or the host fails.
    pub fn get(&self) -> Result<Option<f64>, Error> {
        let KvStore { store, access } = self.store;
        let members = access.zrange_by_score(store, &self.key, f64::NEG_INFINITY, f64::INFINITY)?;
        match members.as_slice() {
            [] => Ok(None),
            [(_, score)] => Ok(Some(*score)),
            several => Err(self.not_a_pointer(format!("it has {} members", several.len()))),
        }
    }

    /// The number as a whole one, of 0 to 2⁵³: what a score holds exactly. One host call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotAPointer`] if it is not one, and those of [`get`](Self::get).
    pub fn get_integer(&self) -> Result<Option<u64>, Error> {
        const EXACT: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
        match self.get()? {
            None => Ok(None),
            Some(score) if score.fract() == 0.0 && (0.0..=EXACT).contains(&score) => {
                Ok(Some(score as u64))
            }
            Some(score) => {
                Err(self.not_a_pointer(format!("{score} is not a whole number of 0 to 2^53")))
            }
        }
    }

    fn not_a_pointer(&self, reason: String) -> Error {
        ErrorKind::NotAPointer {
            store: self.store.name().to_owned(),
            key: self.key.to_string(),
            reason,
        }
        .into()
    }
}

impl<A> fmt::Debug for Pointer<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pointer")
            .field("store", &self.store)
            .field("key", &self.key)
            .finish()
    }
}

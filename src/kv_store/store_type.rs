//! Which store to open.

/// Which store to open: see [`KvStore::open`](super::KvStore::open).
///
/// A `&str` converts to it, so it is written out only for the default store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreType<'a> {
    /// The store that is linked to the app under the name `default`.
    #[default]
    Default,
    /// The store that is linked to the app under this name.
    Named(&'a str),
}

impl<'a> StoreType<'a> {
    /// The name under which the store is linked.
    pub fn name(self) -> &'a str {
        match self {
            StoreType::Default => "default",
            StoreType::Named(name) => name,
        }
    }
}

impl<'a> From<&'a str> for StoreType<'a> {
    fn from(name: &'a str) -> Self {
        StoreType::Named(name)
    }
}

impl<'a> From<&'a String> for StoreType<'a> {
    fn from(name: &'a String) -> Self {
        StoreType::Named(name)
    }
}

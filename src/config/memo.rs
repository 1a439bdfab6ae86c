//! Settings that are kept in the cache.

use std::any::type_name;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cache::{Cache, Ttl};
use crate::clock;
use crate::key::KeyTemplate;

/// What keeps settings between requests. A type, so that an app that keeps none does not import the
/// cache.
pub trait Memory<T> {
    fn recall(&self) -> Option<Recalled<T>>;

    /// Keeps the settings, or that there is no document.
    fn remember(&self, settings: Option<&T>);
}

/// What the cache says.
pub enum Recalled<T> {
    Fresh(T),
    Stale(T),
    /// There was no document, a short while ago.
    Missing,
}

/// Settings are read anew for each request.
#[derive(Clone, Copy, Debug)]
pub struct NotMemoised;

impl<T> Memory<T> for NotMemoised {
    fn recall(&self) -> Option<Recalled<T>> {
        None
    }

    fn remember(&self, _settings: Option<&T>) {}
}

/// Settings are kept in the location's cache.
#[derive(Clone, Debug)]
pub struct Memoised {
    key: String,
    fresh_for: Ttl,
    kept_for: Option<Ttl>,
}

/// The app, the store, and the key with the type: two readings of one document are two entries.
const ENTRY: KeyTemplate<3, Vec<u8>> = KeyTemplate::new("{}:config:{}:{}");

/// An entry begins with the moment until which it is fresh, in milliseconds since 1970. Then there
/// are the settings as JSON, or nothing if there was no document.
const MOMENT_BYTES: usize = size_of::<u64>();

impl Memoised {
    pub(super) fn new<T>(app: &str, store: &str, key: &str, fresh_for: Ttl) -> Self {
        let reading = format!("{key}:{}", type_name::<T>());
        Memoised {
            key: ENTRY.of(app, store, reading).name().to_owned(),
            fresh_for,
            kept_for: None,
        }
    }

    pub(super) fn keep_for(&mut self, ttl: Ttl) {
        self.kept_for = Some(ttl);
    }

    fn now_ms() -> Option<u64> {
        clock::now_ms().ok()
    }
}

/// The cache only makes loading cheaper, so its failures, and entries that another version of the
/// app has written, are treated as if nothing were kept.
impl<T: Serialize + DeserializeOwned> Memory<T> for Memoised {
    fn recall(&self) -> Option<Recalled<T>> {
        let entry = Cache::get_bytes(&self.key).ok()??;
        let (fresh_until, settings) = entry.split_first_chunk::<MOMENT_BYTES>()?;
        let is_fresh = Self::now_ms()? < u64::from_le_bytes(*fresh_until);
        match (settings, is_fresh) {
            ([], true) => Some(Recalled::Missing),
            ([], false) => None,
            (settings, true) => Some(Recalled::Fresh(serde_json::from_slice(settings).ok()?)),
            (settings, false) => Some(Recalled::Stale(serde_json::from_slice(settings).ok()?)),
        }
    }

    fn remember(&self, settings: Option<&T>) {
        let Some(now_ms) = Self::now_ms() else {
            return;
        };
        let fresh_until = now_ms.saturating_add(self.fresh_for.as_millis());
        let mut entry = fresh_until.to_le_bytes().to_vec();
        let written = settings.map(|settings| serde_json::to_writer(&mut entry, settings));
        if written.is_none_or(|written| written.is_ok()) {
            let kept_for = self.kept_for.unwrap_or(self.fresh_for).max(self.fresh_for);
            if Cache::set(&self.key, entry, kept_for).is_err() {
                // What was kept is out of date, and must not come back as the last good.
                let _forgotten = Cache::delete(&self.key);
            }
        }
    }
}

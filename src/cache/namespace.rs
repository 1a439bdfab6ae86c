//! Names of what is in the cache, and namespaces that are flushed at once.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use super::claim::{self, Attempt, LeaseTime};
use super::retry::{Retry, pause};
use super::{Cache, Error, ErrorKind, id};
use crate::absorb::Absorb;
use crate::{host, value};

/// How often those who wait for another one to begin a generation look for it.
const FIRST_LOOKS: usize = 4;

/// The longest pause before each look: together they are less than half of what an app has on the smallest
/// plan.
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// Who is killed while beginning a generation keeps others waiting for up to twice this time.
const FIRST_LEASE: LeaseTime = LeaseTime::secs(5);

/// The name of a limit, a memo, a counter: text that begins with the app's name, since all apps of
/// the account share the cache, or one within a [`Namespace`].
///
/// In keys, `%`, `#`, `~`, spaces and control characters in it are percent-encoded, and one that is then longer than
/// 64 bytes is its beginning and its SHA-256.
#[derive(Clone, Debug)]
pub struct Name {
    text: String,
    /// As it stands in keys, if that is something else.
    in_keys: Option<String>,
    namespace: Option<Namespace>,
}

impl Name {
    /// As it begins a key. One host call for the first name of a namespace.
    pub(crate) fn resolved(&self) -> Result<Cow<'_, str>, Error> {
        match &self.namespace {
            None => Ok(Cow::Borrowed(self.in_keys())),
            Some(namespace) => {
                let prefix = namespace.prefix()?;
                Ok(Cow::Owned(format!("{prefix}:{}", self.in_keys())))
            }
        }
    }

    fn in_keys(&self) -> &str {
        self.in_keys.as_deref().unwrap_or(&self.text)
    }

    /// As a person knows it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name {
            text: text.to_owned(),
            in_keys: id::name(text),
            namespace: None,
        }
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Name::from(text.as_str())
    }
}

impl From<&String> for Name {
    fn from(text: &String) -> Self {
        Name::from(text.as_str())
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Self {
        name.clone()
    }
}

/// Keys that can be flushed together, at once, however many there are.
///
/// Every key within it holds the number of a generation; [`flush`](Self::flush) begins the next one.
/// The keys of the former ones are never asked for again, and end as they expire. Unlike
/// [`Cache::purge_prefix`] that covers counters, which the cache's index does not have.
///
/// The generation is read with the first name that is used, and kept: one host call for each
/// namespace and request. The very first one begins it, with eight more; those who come meanwhile wait for it,
/// for up to 20 ms, and fail then. A handle that lives longer does not see what others flush. The generation's own key has no expiry, so let namespaces be
/// few: an app's, or one for each tenant. When the cache evicts it, the namespace is flushed.
///
/// It is one location's, as all of the cache: others have generations of their own. A flush does not
/// reach requests that are under way and have read the generation before; what limits, leases and
/// idempotency keys promise holds within a generation, so a flush is to them what an eviction is.
///
/// ```
/// use std::time::Duration;
/// use fastedge::RateLimit;
/// use fastedge::cache::{Cache, Namespace, Ttl};
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let shop = Namespace::new("shop");
/// let limit = RateLimit::fixed_window(shop.name("api"), 1, Duration::from_secs(60))?;
/// assert!(limit.check("ann").is_allowed());
/// assert!(limit.check("ann").is_denied());
/// Cache::set(&shop.key("banner")?, "Sale!", Ttl::secs(60)?)?;
///
/// shop.flush()?;
/// assert!(limit.check("ann").is_allowed());
/// assert_eq!(Cache::get_text(&shop.key("banner")?)?, None);
/// # Ok::<(), fastedge::http::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Namespace(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    /// 0 until it is read.
    generation: AtomicI64,
}

impl Namespace {
    /// The namespace of this name, which begins with the app's. No host call.
    pub fn new(name: &str) -> Self {
        Namespace(Arc::new(Inner {
            name: id::name(name).unwrap_or_else(|| name.to_owned()),
            generation: AtomicI64::new(0),
        }))
    }

    /// A name in it, for a limit, a memo, a counter. No host call.
    pub fn name(&self, name: &str) -> Name {
        Name {
            namespace: Some(self.clone()),
            ..Name::from(name)
        }
    }

    /// A key in it, for a call of the [`Cache`].
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    pub fn key(&self, key: impl super::Id) -> Result<String, Error> {
        Ok(format!("{}:{}", self.prefix()?, id::subject(&key)))
    }

    /// Begins a new generation: what is in the namespace is gone, for all who read its generation
    /// from now on. One host call, however much there is.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache. A flush that fails may have happened, and can be
    /// repeated: the worst of it is one generation more.
    pub fn flush(&self) -> Result<(), Error> {
        let generation = Cache::incr(&self.generation_key(), step()?)?;
        self.0.generation.store(generation, Relaxed);
        Ok(())
    }

    fn prefix(&self) -> Result<String, Error> {
        Ok(format!("{}#g{}", self.0.name, self.generation()?))
    }

    fn generation(&self) -> Result<i64, Error> {
        let known = self.0.generation.load(Relaxed);
        if known != 0 {
            return Ok(known);
        }
        let key = self.generation_key();
        let generation = match read(&key)? {
            Some(generation) => generation,
            None => self.first(&key)?,
        };
        self.0.generation.store(generation, Relaxed);
        Ok(generation)
    }

    /// The first generation, which all have to agree on: one begins it, the others wait for it.
    fn first(&self, key: &str) -> Result<i64, Error> {
        if let Attempt::Held(held) = claim::claim(&format!("{key}#claim"), FIRST_LEASE)? {
            // Who had the claim before may have begun it.
            let begun = read(key).and_then(|known| match known {
                Some(generation) => Ok(generation),
                None => Cache::incr(key, step()?),
            });
            held.release().absorb();
            return begun;
        }
        for _ in 0..FIRST_LOOKS {
            pause(FIRST_PAUSE);
            if let Some(generation) = read(key)? {
                return Ok(generation);
            }
        }
        Err(ErrorKind::Locked {
            key: key.to_owned(),
        }
        .into())
    }

    fn generation_key(&self) -> String {
        format!("{}#generation", self.0.name)
    }
}

/// The present generation, if one has begun.
fn read(key: &str) -> Result<Option<i64>, Error> {
    let bytes = Retry::default().get_bytes(key)?;
    let generation = bytes.map(|bytes| value::parse(&bytes)).transpose();
    generation.map_err(|reason| Error::of_decoding(key, reason))
}

/// From one generation to the next it is by chance, up to 2^40: so no generation comes again, whatever the
/// cache evicts and however far the nodes' clocks are apart. An increment of 1 would need a first number
/// that is later than all that were before it.
fn step() -> Result<i64, Error> {
    let mut bytes = [0; size_of::<i64>()];
    if host::random::fill(&mut bytes).is_err() {
        // Without randomness, the time does.
        return Ok(i64::try_from(crate::clock::now_ms()?).unwrap_or(1));
    }
    Ok((i64::from_le_bytes(bytes) & ((1 << 40) - 1)) + 1)
}

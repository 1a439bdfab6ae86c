//! Doing something once.

use super::namespace::Name;
use super::{Cache, Error, Id, Retry, Ttl, id};
use crate::absorb::Absorb;

/// Tells the first of several from its repetitions: an event that is delivered twice, a form that is
/// sent twice.
///
/// One atomic increment decides, so of any number at once at one location at most one is first, for as
/// long as the cache keeps the entry. It is *at most once*: who is first and then fails has been first,
/// unless it says so ([`run`](Self::run) does); and who cannot know is told by an error, and may have
/// been first. Each location decides for itself. Where the answer has to be repeated, or a crash must not lose
/// the event, use [`Idempotency`](super::Idempotency).
///
/// Ids are those of events: they do not come again for another reason. For what happens every day, put
/// the day into the id. An entry whose expiry could not be set, since the app was killed between two
/// calls, stays for weeks unless there is a repetition.
///
/// ```
/// use fastedge::cache::{Once, Ttl};
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let delivered = Once::new("shop:delivered", Ttl::secs(24 * 60 * 60)?);
/// assert!(delivered.is_first("evt_7")?);
/// assert!(!delivered.is_first("evt_7")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Once {
    name: Name,
    ttl: Ttl,
}

impl Once {
    /// Remembers ids for `ttl`.
    pub fn new(name: impl Into<Name>, ttl: Ttl) -> Self {
        Once {
            name: name.into(),
            ttl,
        }
    }

    /// Whether this id is new. Two host calls if it is, one if it is not, two for the first
    /// repetition.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache. Whether the id is new is not known then, and it may have
    /// been noted: asked again, it may not be new.
    pub fn is_first(&self, id: impl Id) -> Result<bool, Error> {
        let key = self.key(&id)?;
        let times = Cache::incr(&key, 1).inspect_err(|error| {
            if error.may_have_happened() {
                Cache::expire(&key, self.ttl).absorb();
            }
        })?;
        // The second one as well, in case the first was killed before it could.
        if times <= 2 {
            Retry::default().expire(&key, self.ttl).absorb();
        }
        Ok(times == 1)
    }

    /// Runs `f` if this id is new, and answers what it answers; `None` if it is not new. When `f` fails,
    /// the id is forgotten, so that a repetition runs it. The calls of [`is_first`](Self::is_first),
    /// and one more when `f` fails.
    ///
    /// # Errors
    ///
    /// Those of [`is_first`](Self::is_first), and those of `f`.
    pub fn run<T, E: From<Error>>(
        &self,
        id: impl Id,
        f: impl FnOnce() -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        if !self.is_first(&id)? {
            return Ok(None);
        }
        f().map(Some).inspect_err(|_| {
            self.forget(&id).absorb();
        })
    }

    /// Forgets an id. One host call.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache. It is not to be repeated then: it may have happened, and
    /// another one may have been first since.
    pub fn forget(&self, id: impl Id) -> Result<(), Error> {
        Cache::delete(&self.key(&id)?)
    }

    fn key(&self, id: &dyn Id) -> Result<String, Error> {
        Ok(format!(
            "{}#once:{}",
            self.name.resolved()?,
            id::subject(id)
        ))
    }
}

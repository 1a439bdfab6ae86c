//! Counts by windows of time.

use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use super::super::claim::LeaseTime;
use super::super::namespace::Name;
use super::super::rate_limit::count::{Count, read};
use super::super::retry::random_unit;
use super::super::{Error, Id, Lease, Retry, Ttl, id};
use crate::absorb::Absorb;
use crate::clock::{millis, now_ms};

/// Longer than the longest request: a window that ended so long ago counts no more.
const SLACK_MS: u64 = 30_000;

/// The platform ends what lives for longer.
const CEILING_MS: u64 = 4 * 24 * 60 * 60 * 1000;

/// For how long one request may flush alone.
const FLUSH_LEASE: LeaseTime = LeaseTime::secs(60);

/// Counts by windows of time: views by the minute, logins by the hour; with totals over the latest
/// windows, shards for keys that everybody counts at, and a flush to where counts are kept.
///
/// A window's number is in its key, so a count that has lost its expiry is never taken for another
/// window's. Windows are aligned to 1970; the present one counts as far as it has come. The counts are one
/// location's, and what the cache evicts is lost.
///
/// ```
/// use std::time::Duration;
/// use fastedge::cache::WindowCounter;
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let views = WindowCounter::new("shop:views", Duration::from_secs(60))?.keep(10)?;
/// views.add("/tea", 1)?;
/// edge.clock().advance(Duration::from_secs(60));
/// views.add("/tea", 2)?;
/// assert_eq!(views.total("/tea", 1)?, 2);
/// assert_eq!(views.total("/tea", 10)?, 3);
/// # Ok::<(), fastedge::cache::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it counts with `add`"]
pub struct WindowCounter {
    name: Name,
    window_ms: u64,
    kept: u32,
    shards: u32,
}

/// What one window has counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowCount {
    /// When the window began.
    pub start: SystemTime,
    /// What it has counted.
    pub count: i64,
}

impl WindowCounter {
    /// Counts by windows of this length, of which the present one and the one before are kept.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::super::ErrorKind::InvalidArgument): the window is not from 1 ms to 1
    /// day.
    pub fn new(name: impl Into<Name>, window: Duration) -> Result<Self, Error> {
        let window_ms = millis(window);
        if window_ms == 0 || window > Duration::from_secs(24 * 60 * 60) {
            return Err(Error::invalid("a counter's window is from 1 ms to 1 day"));
        }
        Ok(WindowCounter {
            name: name.into(),
            window_ms,
            kept: 2,
            shards: 1,
        })
    }

    /// How many windows are kept, the present one included.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::super::ErrorKind::InvalidArgument): none, or together with one more
    /// they are as long as the four days that the platform keeps anything.
    pub fn keep(mut self, windows: u32) -> Result<Self, Error> {
        self.kept = windows;
        if windows == 0 || self.lives_ms() > CEILING_MS {
            return Err(Error::invalid(
                "a counter keeps 1 window or more, for up to 4 days",
            ));
        }
        Ok(self)
    }

    /// Spreads each count over so many keys, of which each addition takes one by chance: where so much
    /// is counted at one key that its node is the bottleneck. Reading takes as many calls.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::super::ErrorKind::InvalidArgument): the number is not from 1 to 256.
    pub fn shards(mut self, number: u32) -> Result<Self, Error> {
        if !(1..=256).contains(&number) {
            return Err(Error::invalid("a counter has from 1 to 256 shards"));
        }
        self.shards = number;
        Ok(self)
    }

    /// Adds `delta` in the present window, and answers that window's count, or, with
    /// [shards](Self::shards), that shard's. One host call, and one more for the expiry, for the first
    /// and about each 16th count of a window.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache. It may have been added if
    /// [`may_have_happened`](Error::may_have_happened) says so.
    pub fn add(&self, id: impl Id, delta: i64) -> Result<i64, Error> {
        let shard = f64::from(self.shards) * (1.0 - random_of(self.shards));
        // Below the number of shards, which is a u32.
        let shard = (shard as u32).min(self.shards - 1);
        let window = now_ms()? / self.window_ms;
        let key = self.key(&self.base(&id)?, window, shard);
        let ttl = Ttl::millis(self.lives_ms()).unwrap_or(Ttl::MAX);
        Count::new(key, ttl).add(delta, None)
    }

    /// What the latest windows have counted, the present one included. As many host calls as there are
    /// windows, times the shards.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::super::ErrorKind::InvalidArgument) for no windows, or more than are
    /// [kept](Self::keep); if the host fails, or offers no cache, or there is something else at the keys.
    pub fn total(&self, id: impl Id, windows: u32) -> Result<i64, Error> {
        let counts = self.windows(id, windows)?;
        Ok(counts
            .iter()
            .fold(0, |sum, window| sum.saturating_add(window.count)))
    }

    /// What each of the latest windows has counted, the oldest first and the present one last. The
    /// calls of [`total`](Self::total).
    ///
    /// # Errors
    ///
    /// Those of [`total`](Self::total).
    pub fn windows(&self, id: impl Id, windows: u32) -> Result<Vec<WindowCount>, Error> {
        let last = now_ms()? / self.window_ms;
        if windows == 0 || windows > self.kept {
            return Err(Error::invalid(
                "a total is of 1 window or more, and of those that are kept",
            ));
        }
        let others = u64::from(windows) - 1;
        let base = self.base(&id)?;
        let counts = last.saturating_sub(others)..=last;
        counts.map(|window| self.count(&base, window)).collect()
    }

    /// Hands what has been counted in windows that are over to a sink, each window once and the oldest
    /// first, and answers how many there were; `None` if another request is at it. Windows in which
    /// nothing was counted are left out, and those that are not [kept](Self::keep) any more are lost.
    ///
    /// A window is over 30 s after its end, when nobody counts there any more. It is handed over *at
    /// least once*: if the app is killed after the sink has taken a window and before that is noted, or
    /// the cache evicts the note, the sink gets it again. So let it write the window's count under the
    /// window's start rather than add it to a sum.
    ///
    /// Host calls: seven, and for each window that is kept and not flushed yet, its shards, and one more
    /// where there was something. One where another request is at it, or three.
    ///
    /// # Errors
    ///
    /// Those of the sink: what it has taken before is noted. If the host fails, or offers no cache.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastedge::cache::{Error, WindowCounter};
    /// # let edge = fastedge_mock_host::MockHost::new();
    /// # let _installed = edge.install();
    ///
    /// let views = WindowCounter::new("shop:views", Duration::from_secs(60))?.keep(10)?;
    /// views.add("/tea", 3)?;
    /// edge.clock().advance(Duration::from_secs(120));
    /// let mut written = Vec::new();
    /// let flushed = views.flush("/tea", |window| {
    ///     written.push(window.count);
    ///     Ok::<_, Error>(())
    /// })?;
    /// assert_eq!((flushed, written), (Some(1), vec![3]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn flush<E: From<Error>>(
        &self,
        id: impl Id,
        mut sink: impl FnMut(&WindowCount) -> Result<(), E>,
    ) -> Result<Option<usize>, E> {
        let base = self.base(&id)?;
        let Some(lease) = Lease::claim(&format!("{base}#flush"), FLUSH_LEASE)? else {
            return Ok(None);
        };
        let note = format!("{base}#flushed");
        let mut flushed = 0;
        for window in self.over(&note)? {
            let window_count = self.count(&base, window)?;
            if window_count.count == 0 {
                continue;
            }
            if lease.left().is_zero() {
                // Another one may be at it by now.
                break;
            }
            sink(&window_count)?;
            let ttl = Ttl::millis(self.lives_ms()).unwrap_or(Ttl::MAX);
            Retry::default().set(&note, window.to_string(), ttl)?;
            flushed += 1;
        }
        // What cannot be released ends by itself.
        lease.release().absorb();
        Ok(Some(flushed))
    }

    /// The windows that are over, and not flushed yet.
    fn over(&self, note: &str) -> Result<RangeInclusive<u64>, Error> {
        let noted = Retry::default().get_bytes(note)?;
        let noted: Option<u64> = noted.and_then(|bytes| str::from_utf8(&bytes).ok()?.parse().ok());
        // The windows before this one are over: their end is so long ago. So many are still there.
        let ended = now_ms()?.saturating_sub(SLACK_MS) / self.window_ms;
        let oldest = ended.saturating_sub(u64::from(self.kept));
        let first = noted.map_or(oldest, |noted| oldest.max(noted.saturating_add(1)));
        match ended.checked_sub(1) {
            Some(last) => Ok(first..=last),
            #[allow(clippy::reversed_empty_ranges, reason = "there are none")]
            None => Ok(1..=0),
        }
    }

    fn count(&self, base: &str, window: u64) -> Result<WindowCount, Error> {
        let mut count: i64 = 0;
        for shard in 0..self.shards {
            count = count.saturating_add(read(&self.key(base, window, shard))?);
        }
        let start_ms = window.saturating_mul(self.window_ms);
        Ok(WindowCount {
            start: SystemTime::UNIX_EPOCH + Duration::from_millis(start_ms),
            count,
        })
    }

    /// From its beginning, a window is kept while it is one of those that are kept.
    fn lives_ms(&self) -> u64 {
        u64::from(self.kept)
            .saturating_add(1)
            .saturating_mul(self.window_ms)
            .saturating_add(SLACK_MS)
    }

    fn base(&self, id: &dyn Id) -> Result<String, Error> {
        Ok(format!(
            "{}#wc{}:{}",
            self.name.resolved()?,
            self.window_ms,
            id::subject(id)
        ))
    }

    fn key(&self, base: &str, window: u64, shard: u32) -> String {
        match shard {
            0 => format!("{base}:{window}"),
            shard => format!("{base}:{window}:{shard}"),
        }
    }
}

/// Randomness costs a call where there is something to choose.
fn random_of(shards: u32) -> f64 {
    match shards {
        1 => 1.0,
        _ => random_unit(),
    }
}

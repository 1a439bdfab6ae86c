//! Rate limits: how much of something one client may do in a time.
//!
//! | limit | allows | calls: allowed | denied |
//! |---|---|---|---|
//! | [`fixed_window`](RateLimit::fixed_window) | `L` in each aligned window, so up to `2L` around a boundary | 1, or 2 | 1, or 2; with [costs](RateLimit::check_cost) 3 |
//! | [`sliding_window`](RateLimit::sliding_window) | `L` in each aligned window, and an estimate over the trailing one | 2, or 3 | 3, or 4 |
//! | [`strict_sliding_window`](RateLimit::strict_sliding_window) | `L` in any trailing window | 1 + B + F, or one more | 2 + B + F, or one more |
//! | [`paced`](RateLimit::paced) | a burst, then evenly up to `L` in each aligned window | 1, or 2 | 2, or 3 |
//!
//! (Calls are calls of the host. The one more sets an expiry, for the first and about each 16th
//! count of a window. B is the number of sub-windows, 4 unless said otherwise, and F how many
//! of them the longest stall reaches: 1 mostly. A request whose cost is above the limit costs none. A
//! [penalty](RateLimit::penalty) costs one more, for a denial two or three, and two more for the denial
//! that blocks; who is blocked costs one in all.)
//!
//! # What is guaranteed
//!
//! Limits are those of one location: each counts for itself. There, the bound holds however many
//! requests come at once, wherever they stall, and if the app is killed between any two calls: all
//! that a request does is one atomic increment, and it judges by its own total. What is denied is
//! given back, so it consumes nothing.
//!
//! - The cache may evict a count: what it has counted is forgotten, and the bound is
//!   `(1 + evictions) * L` within a window. A request that was denied just before and gives back
//!   afterwards lowers the new count by its cost, so count such a cost once more. (Not for a fixed
//!   window that is only [`check`](RateLimit::check)ed by itself: nothing is given back there.)
//! - A request that is killed between counting and giving back has consumed, until its window ends.
//! - The window's number is in the key. When a request is killed between counting and setting the
//!   expiry, a key can stay in the cache for weeks, and denies nobody beyond its window.
//! - When the cache fails, the limit [opens](RateLimit::fail_open) or
//!   [closes](RateLimit::fail_closed), and the [`Verdict`] says that it [fell
//!   back](Verdict::fell_back). An increment that failed is not repeated: it may have counted.
//!
//! There is no token bucket, nor GCRA: they need a compare-and-set, which the cache does not have. One
//! that gets and then sets allows as many too many as there are requests at once.
//!
//! ```
//! use std::time::Duration;
//! use fastedge::RateLimit;
//! use fastedge::http::{Body, ClientInfo, Error, Request, Response};
//!
//! fn handler(request: Request<Body>) -> Result<Response<Body>, Error> {
//!     let client = ClientInfo::new(request.headers()).address()?;
//!     let limit = RateLimit::sliding_window("shop:api", 100, Duration::from_secs(60))?;
//!     let verdict = limit.check(client);
//!     if verdict.is_denied() {
//!         return Ok(verdict.to_response());
//!     }
//!     let mut response = Response::new(Body::from("tea"));
//!     verdict.write_headers(response.headers_mut());
//!     Ok(response)
//! }
//! # let edge = fastedge_mock_host::MockHost::new();
//! # let ask = || edge.run(|| handler(Request::get("/").header("x-real-ip", "192.0.2.1").body(Body::empty()).unwrap())).unwrap();
//! # for _ in 0..100 { assert_eq!(ask().status(), 200); }
//! # assert_eq!(ask().status(), 429);
//! # assert_eq!(ask().headers()["ratelimit-policy"], r#""shop:api";q=100;w=60"#);
//! ```

mod algorithm;
mod answer;
pub(super) mod count;
mod penalty;
mod several;
mod verdict;

use std::time::Duration;

use self::algorithm::Algorithm;
pub use self::penalty::Penalty;
pub use self::several::RateLimits;
pub use self::verdict::{Standing, Verdict};
use super::namespace::Name;
use super::{Error, Id, id};
use crate::clock::millis;

/// The longest window: one day. Counts have to live for two windows, and the platform ends what lives
/// for more than four days.
pub const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a limit's strict window allows for between a request's look at the clock and its count,
/// unless said otherwise.
const USUAL_STALL: Duration = Duration::from_secs(1);

/// Into how many sub-windows a strict window is divided, unless said otherwise.
const USUAL_SUB_WINDOWS: u32 = 4;

/// A limit on how much of something one client may do in a time: see the [module](self).
#[derive(Clone, Debug)]
#[must_use = "a limit limits when it is checked"]
pub struct RateLimit {
    name: Name,
    limit: u32,
    algorithm: Algorithm,
    on_failure: OnFailure,
    penalty: Option<Penalty>,
}

/// What a limit answers when the cache fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnFailure {
    Open,
    Closed,
}

/// Whether a denied request gives back what it has counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refunds {
    Always,
    /// Where requests all cost 1, none that was counted above the limit could leave room for
    /// another one.
    UnlessOnlyUnits,
}

impl RateLimit {
    /// At most `limit` in each window, counted from 1970: every minute, every hour. The cheapest.
    ///
    /// Around the end of a window, up to twice the limit can pass within one window's length.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::ErrorKind::InvalidArgument): the limit is 0, or the window is not
    /// between 1 ms and [a day](LONGEST_WINDOW).
    pub fn fixed_window(
        name: impl Into<Name>,
        limit: u32,
        window: Duration,
    ) -> Result<Self, Error> {
        let window_ms = window_ms(window)?;
        RateLimit::new(name.into(), limit, Algorithm::Fixed { window_ms })
    }

    /// At most `limit` in each window, where the former window counts by the part of it that the
    /// trailing window still covers. It takes the former window to have been even: what came in a
    /// burst at its end can be followed by nearly as much, paced, within one window's length.
    ///
    /// # Errors
    ///
    /// Those of [`fixed_window`](Self::fixed_window).
    pub fn sliding_window(
        name: impl Into<Name>,
        limit: u32,
        window: Duration,
    ) -> Result<Self, Error> {
        let window_ms = window_ms(window)?;
        RateLimit::new(name.into(), limit, Algorithm::Sliding { window_ms })
    }

    /// At most `limit` in any time of the window's length, whenever it begins.
    ///
    /// The window is divided into [sub-windows](Self::sub_windows), and the latest of them count
    /// whole: it is stricter than asked for by up to one sub-window. It also looks ahead, for those
    /// whose clocks are ahead or who have overtaken this request: see [`stall`](Self::stall).
    ///
    /// # Errors
    ///
    /// Those of [`fixed_window`](Self::fixed_window).
    pub fn strict_sliding_window(
        name: impl Into<Name>,
        limit: u32,
        window: Duration,
    ) -> Result<Self, Error> {
        let algorithm = Algorithm::Strict {
            window_ms: window_ms(window)?,
            sub_windows: USUAL_SUB_WINDOWS,
            stall_ms: millis(USUAL_STALL),
        };
        RateLimit::new(name.into(), limit, algorithm)
    }

    /// A burst of `burst` at the beginning of each window, and then evenly more, up to `limit` before its
    /// end.
    ///
    /// # Errors
    ///
    /// Those of [`fixed_window`](Self::fixed_window), and if the burst is 0 or above the limit.
    pub fn paced(
        name: impl Into<Name>,
        limit: u32,
        window: Duration,
        burst: u32,
    ) -> Result<Self, Error> {
        if burst == 0 || burst > limit {
            return Err(Error::invalid(
                "a paced limit's burst is from 1 to its limit",
            ));
        }
        let window_ms = window_ms(window)?;
        RateLimit::new(name.into(), limit, Algorithm::Paced { window_ms, burst })
    }

    fn new(name: Name, limit: u32, algorithm: Algorithm) -> Result<Self, Error> {
        if limit == 0 {
            return Err(Error::invalid("a rate limit is at least 1"));
        }
        Ok(RateLimit {
            name,
            limit,
            algorithm,
            on_failure: OnFailure::Open,
            penalty: None,
        })
    }

    /// When the cache fails, requests are allowed: that is so unless said otherwise.
    pub fn fail_open(mut self) -> Self {
        self.on_failure = OnFailure::Open;
        self
    }

    /// When the cache fails, requests are denied.
    pub fn fail_closed(mut self) -> Self {
        self.on_failure = OnFailure::Closed;
        self
    }

    /// Into how many sub-windows a strict window is divided, from 1 to 60: 4 unless said otherwise.
    /// Each is a call of the host, and makes the limit less strict than asked for by less. Other
    /// limits have none.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::ErrorKind::InvalidArgument) for another number.
    pub fn sub_windows(mut self, number: u32) -> Result<Self, Error> {
        if !(1..=60).contains(&number) {
            return Err(Error::invalid(
                "a strict window has from 1 to 60 sub-windows",
            ));
        }
        if let Algorithm::Strict { sub_windows, .. } = &mut self.algorithm {
            *sub_windows = number;
        }
        Ok(self)
    }

    /// The longest time between a request's look at the clock and its count, and the largest
    /// difference of two nodes' clocks, together: 1 s unless said otherwise. A strict window looks
    /// that far ahead, or misses those who counted there already. Other limits have no use for it.
    pub fn stall(mut self, longest: Duration) -> Self {
        if let Algorithm::Strict { stall_ms, .. } = &mut self.algorithm {
            *stall_ms = millis(longest).min(millis(LONGEST_WINDOW));
        }
        self
    }

    /// Blocks who has been denied too often: see [`Penalty`].
    pub fn penalty(mut self, penalty: Penalty) -> Self {
        self.penalty = Some(penalty);
        self
    }

    /// Counts one request of this client, and says whether it is allowed.
    ///
    /// Always answers: when the cache fails, by the [policy](Self::fail_closed).
    pub fn check(&self, id: impl Id) -> Verdict {
        let limits = std::slice::from_ref(self);
        several::check(limits, &id::subject(&id), 1, Refunds::UnlessOnlyUnits)
    }

    /// Counts one request that costs as much as `cost` requests do.
    ///
    /// Where requests to one limit cost differently, use this one for those that cost 1, too: they
    /// then give back what they were denied, which leaves the whole rest to others. A cost above
    /// the limit is denied without a call; a cost of 0 counts nothing, is not denied by what has been counted, and tells what is
    /// left.
    pub fn check_cost(&self, id: impl Id, cost: u32) -> Verdict {
        let limits = std::slice::from_ref(self);
        several::check(limits, &id::subject(&id), cost, Refunds::Always)
    }
}

fn window_ms(window: Duration) -> Result<u64, Error> {
    let window_ms = millis(window);
    if window_ms == 0 || window > LONGEST_WINDOW {
        return Err(Error::invalid(
            "a rate limit's window is from 1 ms to 1 day",
        ));
    }
    Ok(window_ms)
}

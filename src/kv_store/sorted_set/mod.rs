//! Sorted sets: members with scores, in the order of their scores.

mod range;

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeBounds;

pub use self::range::ScoreRange;
use super::access::{Access, ReadOnly};
use super::{Error, KvStore};
#[cfg(doc)]
use super::{ErrorKind, Pointer};
use crate::Pattern;
use crate::codec::Decode;
use crate::value::Value;

/// A sorted set of a store: members, each with a score, ascending by score and then by the members'
/// bytes.
///
/// A missing key is an empty set. What a member is read as is a [codec](crate::codec): `String`,
/// `Vec<u8>`, a number, an address, [`Json`](crate::codec::Json), …
///
/// The host has one fast read, the range of scores. It has no ranks, counts or limits: what is
/// built of them here (`lowest`, `highest`, `min`, `max`, `count`) fetches every member of the range
/// first. Put what is looked up into the score, and ask for narrow ranges.
///
/// | read | host call | cost |
/// |---|---|---|
/// | [`range`](Self::range) | `zrange-by-score` | 0.3 ms, and the members of the range; never cached by the node |
/// | [`min`](Self::min), [`max`](Self::max), [`lowest`](Self::lowest), [`highest`](Self::highest) | `zrange-by-score` | all members |
/// | [`score`](Self::score), [`members_matching`](Self::members_matching) | `zscan` | the host walks all members, ten a round trip: 200 ms for 14,000 |
///
/// A leaderboard:
///
/// ```
/// use fastedge::KvStore;
/// # use fastedge_mock_host::MockHost;
/// # let edge = MockHost::new().kv("games", |kv| {
/// #     kv.sorted_set("scores", [(10.0, "ann"), (30.0, "bob"), (20.0, "cid"), (5.0, "dan")])
/// # });
/// # let _installed = edge.install();
///
/// let store = KvStore::open("games")?;
/// let scores = store.sorted_set("scores");
/// let top: Vec<(String, f64)> = scores.range(10.0..).last(2).descending().with_scores::<String>()?;
/// assert_eq!(top, [("bob".to_owned(), 30.0), ("cid".to_owned(), 20.0)]);
/// assert_eq!(scores.score("cid")?, Some(20.0));
/// assert_eq!(scores.range(10.0..30.0).count()?, 2);
/// # Ok::<(), fastedge::kv_store::Error>(())
/// ```
///
/// A time series, whose scores are unix seconds:
///
/// ```
/// use fastedge::KvStore;
/// use fastedge::codec::Json;
/// # use fastedge_mock_host::MockHost;
/// # let edge = MockHost::new().kv("sensors", |kv| {
/// #     kv.sorted_set("roof", [(1000.0, r#"{"celsius": 20.5}"#), (1060.0, r#"{"celsius": 21.0}"#)])
/// # });
/// # let _installed = edge.install();
///
/// #[derive(serde::Deserialize)]
/// struct Reading {
///     celsius: f32,
/// }
///
/// let store = KvStore::open("sensors")?;
/// let last_minute = store.sorted_set("roof").range(1001.0..=1060.0).members::<Json<Reading>>()?;
/// assert_eq!(last_minute[0].celsius, 21.0);
/// # Ok::<(), fastedge::kv_store::Error>(())
/// ```
pub struct SortedSet<'a, A = ReadOnly> {
    pub(super) store: &'a KvStore<A>,
    pub(super) key: Cow<'a, str>,
}

impl<'a, A: Access> SortedSet<'a, A> {
    /// The key at which the set is.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The members within a range of scores, still to be asked for: any range of `f64`, with ends
    /// that are included, excluded or open.
    ///
    /// ```
    /// use std::ops::Bound;
    /// # let edge = fastedge_mock_host::MockHost::new()
    /// #     .kv("games", |kv| kv.sorted_set("scores", [(1.0, "a"), (2.0, "b"), (3.0, "c")]));
    /// # let _installed = edge.install();
    ///
    /// let store = fastedge::KvStore::open("games")?;
    /// let scores = store.sorted_set("scores");
    /// assert_eq!(scores.range(..).members::<String>()?, ["a", "b", "c"]);
    /// assert_eq!(scores.range(1.0..3.0).members::<String>()?, ["a", "b"]);
    /// assert_eq!(scores.range(2.0..=3.0).members::<String>()?, ["b", "c"]);
    /// let above_one = (Bound::Excluded(1.0), Bound::Unbounded);
    /// assert_eq!(scores.range(above_one).members::<String>()?, ["b", "c"]);
    /// assert!(scores.range(f64::NAN..).members::<String>().is_err());
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    pub fn range(&self, scores: impl RangeBounds<f64>) -> ScoreRange<'a, A> {
        ScoreRange::new(
            self.clone(),
            scores.start_bound().cloned(),
            scores.end_bound().cloned(),
        )
    }

    /// The `limit` members with the lowest scores, lowest first. Fetches all members.
    ///
    /// # Errors
    ///
    /// Those of [`ScoreRange::with_scores`].
    pub fn lowest<C: Decode>(&self, limit: usize) -> Result<Vec<(C::Value, f64)>, Error> {
        self.range(..).first(limit).with_scores::<C>()
    }

    /// The `limit` members with the highest scores, highest first. Fetches all members.
    ///
    /// # Errors
    ///
    /// Those of [`ScoreRange::with_scores`].
    pub fn highest<C: Decode>(&self, limit: usize) -> Result<Vec<(C::Value, f64)>, Error> {
        self.range(..).last(limit).descending().with_scores::<C>()
    }

    /// The member with the lowest score. Fetches all members.
    ///
    /// # Errors
    ///
    /// Those of [`ScoreRange::with_scores`].
    pub fn min<C: Decode>(&self) -> Result<Option<(C::Value, f64)>, Error> {
        Ok(self.lowest::<C>(1)?.pop())
    }

    /// The member with the highest score. Fetches all members.
    ///
    /// # Errors
    ///
    /// Those of [`ScoreRange::with_scores`].
    pub fn max<C: Decode>(&self) -> Result<Option<(C::Value, f64)>, Error> {
        Ok(self.highest::<C>(1)?.pop())
    }

    /// The score of a member, text or bytes; `None` if it is not in the set.
    ///
    /// The host has no such call: this is a `zscan` for exactly this member, for which the host
    /// walks the whole set, ten members a round trip. With 14,000 members that takes some 200 ms of
    /// the request's time.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the key holds another type, or the host fails.
    ///
    /// ```
    /// # let edge = fastedge_mock_host::MockHost::new()
    /// #     .kv("games", |kv| kv.sorted_set("scores", [(1.0, "a*"), (2.0, "ab")]));
    /// # let _installed = edge.install();
    /// let store = fastedge::KvStore::open("games")?;
    /// assert_eq!(store.sorted_set("scores").score("a*")?, Some(1.0));
    /// assert_eq!(store.sorted_set("scores").score("a?")?, None);
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    pub fn score(&self, member: impl AsRef<[u8]>) -> Result<Option<f64>, Error> {
        let member = member.as_ref();
        let found = self.scan(pattern_of(member).as_str())?;
        Ok(found
            .into_iter()
            .rfind(|(found, _)| found == member)
            .map(|(_, score)| score))
    }

    /// The members that match a pattern, with their scores, ascending by score and then by member,
    /// each once. The host walks the whole set, as for [`score`](Self::score); of a member whose score
    /// changes meanwhile, the score that was seen last.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the codec does not take a member, [`ErrorKind::Internal`] if the key
    /// holds another type, or the host fails.
    pub fn members_matching<C: Decode>(
        &self,
        pattern: &Pattern,
    ) -> Result<Vec<(C::Value, f64)>, Error> {
        let mut found = self.scan(pattern.as_str())?;
        found.reverse();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found.dedup_by(|a, b| a.0 == b.0);
        sort(&mut found);
        self.decoded::<C>(found)
    }

    fn scan(&self, pattern: &str) -> Result<Vec<(Vec<u8>, f64)>, Error> {
        self.store
            .access
            .zscan(&self.store.store, &self.key, pattern)
    }

    /// Members of their codec, in the memory of the host's answer where they fit it.
    fn decoded<C: Decode>(
        &self,
        members: Vec<(Vec<u8>, f64)>,
    ) -> Result<Vec<(C::Value, f64)>, Error> {
        members
            .into_iter()
            .map(|(member, score)| Ok((self.member::<C>(member)?, score)))
            .collect()
    }

    #[inline]
    fn member<C: Decode>(&self, bytes: Vec<u8>) -> Result<C::Value, Error> {
        C::decode(bytes).map_err(|reason| Error::of_decoding(self.store.name(), &self.key, reason))
    }
}

/// A pattern that a member matches, and few others: patterns are text, and a byte that is not is any
/// byte.
fn pattern_of(member: &[u8]) -> Pattern {
    let chunks = member.utf8_chunks();
    chunks.fold(Pattern::exact(""), |pattern, chunk| {
        let pattern = pattern.literal(chunk.valid());
        chunk
            .invalid()
            .iter()
            .fold(pattern, |pattern, _| pattern.one())
    })
}

/// Redis's order. No score is NaN, and 0.0 equals -0.0.
pub(super) fn sort(members: &mut [(Vec<u8>, f64)]) {
    members.sort_unstable_by(|(a, a_score), (b, b_score)| {
        a_score
            .partial_cmp(b_score)
            .unwrap_or_else(|| a_score.total_cmp(b_score))
            .then_with(|| a.cmp(b))
    });
}

impl<A> Clone for SortedSet<'_, A> {
    fn clone(&self) -> Self {
        SortedSet {
            store: self.store,
            key: self.key.clone(),
        }
    }
}

impl<A> fmt::Debug for SortedSet<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SortedSet")
            .field("store", &self.store)
            .field("key", &self.key)
            .finish()
    }
}

/// Sorted sets, by name; and the two reads of the host's interface.
impl<A: Access> KvStore<A> {
    /// The sorted set at `key`. No host call: its methods are.
    pub fn sorted_set<'a>(&'a self, key: impl Into<Cow<'a, str>>) -> SortedSet<'a, A> {
        SortedSet {
            store: self,
            key: key.into(),
        }
    }

    /// The members of the sorted set at `key` with `min <= score <= max`, ascending by score and
    /// then by the members' bytes. The bounds may be infinite; `min > max` is an empty range, a
    /// missing key an empty set.
    ///
    /// Unlike [`get`](Self::get), it is not cached by the node: it sees a new member at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotANumber`] if a bound is NaN, without asking the host; [`ErrorKind::Internal`] if
    /// the key holds another type, or the host fails.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// # use fastedge_mock_host::MockHost;
    /// # let edge = MockHost::new()
    /// #     .kv("games", |kv| kv.sorted_set("scores", [(10.0, "ann"), (30.0, "bob")]));
    /// # let _installed = edge.install();
    ///
    /// let store = KvStore::open("games")?;
    /// let best = store.zrange_by_score("scores", 20.0, f64::INFINITY)?;
    /// assert_eq!(best.len(), 1);
    /// assert_eq!(best[0].0.as_text().unwrap(), "bob");
    /// assert_eq!(best[0].1, 30.0);
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    pub fn zrange_by_score(
        &self,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Value, f64)>, Error> {
        if min.is_nan() || max.is_nan() {
            return Err(Error::of_nan(self.name(), key));
        }
        let members = self.access.zrange_by_score(&self.store, key, min, max)?;
        Ok(values(members))
    }

    /// The members of the sorted set at `key` that match a Redis glob (see [`scan`](Self::scan)),
    /// in no order.
    ///
    /// The host walks the whole set, ten members at a time: with 14,000 members that takes some
    /// 200 ms of the request's time, against 0.3 ms for [`zrange_by_score`](Self::zrange_by_score).
    /// Put what is looked up into the score.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the key holds another type, or the host fails.
    pub fn zscan(&self, key: &str, pattern: &str) -> Result<Vec<(Value, f64)>, Error> {
        Ok(values(self.access.zscan(&self.store, key, pattern)?))
    }
}

fn values(members: Vec<(Vec<u8>, f64)>) -> Vec<(Value, f64)> {
    members
        .into_iter()
        .map(|(member, score)| (Value::from(member), score))
        .collect()
}

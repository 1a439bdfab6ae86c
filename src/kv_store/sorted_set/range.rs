//! A range of scores.

use std::fmt;
use std::ops::Bound;

use super::SortedSet;
use crate::codec::Decode;
#[cfg(doc)]
use crate::kv_store::ErrorKind;
use crate::kv_store::access::{Access, ReadOnly};
use crate::kv_store::{Error, KvStore};

/// The members of a sorted set within a range of scores: see [`SortedSet::range`].
///
/// [`members`](Self::members), [`with_scores`](Self::with_scores) and [`count`](Self::count) ask the
/// host, once, for all members of the range; what they leave out has been fetched.
#[must_use = "a range asks for nothing until its members are asked for"]
pub struct ScoreRange<'a, A = ReadOnly> {
    set: SortedSet<'a, A>,
    start: Bound<f64>,
    end: Bound<f64>,
    limit: Option<Limit>,
    descending: bool,
}

#[derive(Clone, Copy, Debug)]
enum Limit {
    First(usize),
    Last(usize),
}

impl<'a, A: Access> ScoreRange<'a, A> {
    pub(super) fn new(set: SortedSet<'a, A>, start: Bound<f64>, end: Bound<f64>) -> Self {
        ScoreRange {
            set,
            start,
            end,
            limit: None,
            descending: false,
        }
    }

    /// Only the `limit` members with the lowest scores of the range, in whichever order they are
    /// answered. It takes the place of an earlier limit.
    pub fn first(mut self, limit: usize) -> Self {
        self.limit = Some(Limit::First(limit));
        self
    }

    /// Only the `limit` members with the highest scores of the range, in whichever order they are
    /// answered: ascending, unless said otherwise. It takes the place of an earlier limit.
    pub fn last(mut self, limit: usize) -> Self {
        self.limit = Some(Limit::Last(limit));
        self
    }

    /// Highest score first, and members of one score by their bytes, the greatest first: Redis's
    /// reverse order. Ranges are ascending otherwise.
    pub fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// The members, read with a [codec](crate::codec).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotANumber`] if an end is NaN, without asking the host; [`ErrorKind::Decode`] if
    /// the codec does not take a member; [`ErrorKind::Internal`] if the key holds another type, or
    /// the host fails.
    pub fn members<C: Decode>(self) -> Result<Vec<C::Value>, Error> {
        self.fetch()?
            .into_iter()
            .map(|(member, _)| self.set.member::<C>(member))
            .collect()
    }

    /// The members, read with a [codec](crate::codec), and their scores.
    ///
    /// # Errors
    ///
    /// Those of [`members`](Self::members).
    pub fn with_scores<C: Decode>(self) -> Result<Vec<(C::Value, f64)>, Error> {
        self.set.decoded::<C>(self.fetch()?)
    }

    /// How many members there are.
    ///
    /// # Errors
    ///
    /// Those of [`members`](Self::members), decoding aside.
    pub fn count(self) -> Result<usize, Error> {
        Ok(self.fetch()?.len())
    }

    fn fetch(&self) -> Result<Vec<(Vec<u8>, f64)>, Error> {
        let KvStore { store, access } = self.set.store;
        let key = &*self.set.key;
        let (min, max) = (
            inclusive(self.start, f64::NEG_INFINITY),
            inclusive(self.end, f64::INFINITY),
        );
        if min.is_nan() || max.is_nan() {
            return Err(Error::of_nan(store.name(), key));
        }
        let mut members = access.zrange_by_score(store, key, min, max)?;
        // The host's range has its ends in it.
        if let Bound::Excluded(start) = self.start {
            members.retain(|(_, score)| *score != start);
        }
        if let Bound::Excluded(end) = self.end {
            members.retain(|(_, score)| *score != end);
        }
        match self.limit {
            Some(Limit::First(limit)) => members.truncate(limit),
            Some(Limit::Last(limit)) => {
                let others = members.len().saturating_sub(limit);
                members.drain(..others);
            }
            None => {}
        }
        if self.descending {
            members.reverse();
        }
        Ok(members)
    }
}

fn inclusive(bound: Bound<f64>, open: f64) -> f64 {
    match bound {
        Bound::Included(score) | Bound::Excluded(score) => score,
        Bound::Unbounded => open,
    }
}

impl<A> fmt::Debug for ScoreRange<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScoreRange")
            .field("set", &self.set)
            .field("start", &self.start)
            .field("end", &self.end)
            .field("limit", &self.limit)
            .field("descending", &self.descending)
            .finish()
    }
}

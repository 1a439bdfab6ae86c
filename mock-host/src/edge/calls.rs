//! The log of host calls.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A kind of host call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Operation {
            /// All of them.
            pub const ALL: &[Operation] = &[$(Operation::$name,)*];

            /// The operation of a name, as [`name`](Operation::name) has it.
            pub fn from_name(name: &str) -> Option<Self> {
                Operation::ALL.iter().copied().find(|operation| operation.name() == name)
            }

            /// The interface and the function, in the words of the WIT.
            pub fn name(self) -> &'static str {
                match self {
                    $(Operation::$name => $text,)*
                }
            }
        }
    };
}

operations! {
    KvOpen = "key-value.open",
    KvGet = "key-value.get",
    KvScan = "key-value.scan",
    KvZrangeByScore = "key-value.zrange-by-score",
    KvZscan = "key-value.zscan",
    KvBfExists = "key-value.bf-exists",
    CacheGet = "cache-sync.get",
    CacheSet = "cache-sync.set",
    CacheDelete = "cache-sync.delete",
    CacheExists = "cache-sync.exists",
    CacheIncr = "cache-sync.incr",
    CacheExpire = "cache-sync.expire",
    CachePurge = "cache-sync.purge",
    CachePurgePrefix = "cache-sync.purge-prefix",
    SecretGet = "secret.get",
    SecretGetEffectiveAt = "secret.get-effective-at",
    DictionaryGet = "dictionary.get",
    SendRequest = "http-client.send-request",
    SetUserDiag = "utils.set-user-diag",
}

impl Operation {
    /// Whether it reads the contents of a store (`open` does not).
    pub fn is_kv_read(self) -> bool {
        matches!(
            self,
            Operation::KvGet
                | Operation::KvScan
                | Operation::KvZrangeByScore
                | Operation::KvZscan
                | Operation::KvBfExists
        )
    }

    /// Whether it is a call of the cache.
    pub fn is_cache(self) -> bool {
        self.name().starts_with("cache-sync.")
    }

    /// Whether its interface lets it fail.
    pub fn can_fail(self) -> bool {
        !matches!(self, Operation::DictionaryGet | Operation::SetUserDiag)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One host call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The location at which it was called.
    pub pop: Arc<str>,
    /// What was called.
    pub operation: Operation,
    /// The store, for the operations of a store; empty for others.
    pub store: String,
    /// The key, the pattern, the prefix, the name, or the URL.
    pub key: String,
    /// Bytes of the value that went to the host.
    pub bytes_sent: usize,
    /// Bytes of the values that came back.
    pub bytes_received: usize,
    /// What went wrong, in the host's words.
    pub error: Option<String>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:26}", self.operation)?;
        if !self.store.is_empty() {
            write!(f, " {}", self.store)?;
        }
        write!(f, " {:?}", self.key)?;
        if self.bytes_sent > 0 {
            write!(f, ", {} B sent", self.bytes_sent)?;
        }
        if self.bytes_received > 0 {
            write!(f, ", {} B received", self.bytes_received)?;
        }
        match &self.error {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

/// The host calls so far, in order. `Display` prints a line for each, which begins with the location
/// if there are several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls(Vec<Call>);

impl Calls {
    /// Those at one location.
    #[must_use]
    pub fn at(&self, pop: &str) -> Calls {
        let calls = self.0.iter().filter(|call| &*call.pop == pop);
        Calls(calls.cloned().collect())
    }

    /// How many calls there were.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there were none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The calls, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Call> {
        self.0.iter()
    }

    /// How many calls of one kind there were.
    pub fn count(&self, operation: Operation) -> usize {
        self.matching(|call| call.operation == operation)
    }

    /// How many times the contents of a store were read: get, scan, zrange-by-score, zscan and
    /// bf-exists.
    pub fn kv_reads(&self) -> usize {
        self.matching(|call| call.operation.is_kv_read())
    }

    /// How many calls of the cache there were.
    pub fn cache_calls(&self) -> usize {
        self.matching(|call| call.operation.is_cache())
    }

    /// How many times requests were sent, with those that failed or were refused.
    pub fn requests_sent(&self) -> usize {
        self.count(Operation::SendRequest)
    }

    /// The bytes of all values that came back.
    pub fn bytes_received(&self) -> usize {
        self.0.iter().map(|call| call.bytes_received).sum()
    }

    /// The bytes of all values that went to the host.
    pub fn bytes_sent(&self) -> usize {
        self.0.iter().map(|call| call.bytes_sent).sum()
    }

    fn matching(&self, is_meant: impl Fn(&Call) -> bool) -> usize {
        self.0.iter().filter(|call| is_meant(call)).count()
    }
}

impl From<Vec<Call>> for Calls {
    fn from(calls: Vec<Call>) -> Self {
        Calls(calls)
    }
}

impl<'a> IntoIterator for &'a Calls {
    type Item = &'a Call;
    type IntoIter = std::slice::Iter<'a, Call>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.first().map(|call| &call.pop);
        let is_one_pop = self.0.iter().all(|call| Some(&call.pop) == first);
        self.0.iter().try_for_each(|call| match is_one_pop {
            true => writeln!(f, "{call}"),
            false => writeln!(f, "{:6} {call}", call.pop),
        })
    }
}

/// Where calls are written down, unless they are not kept, as in a server.
#[derive(Debug)]
pub(crate) struct CallLog {
    keeps: bool,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    calls: Vec<Call>,
    /// How many calls have been forgotten, so that those that are there keep their numbers.
    forgotten: usize,
}

impl CallLog {
    pub(crate) fn new(keeps: bool) -> Self {
        CallLog {
            keeps,
            kept: Mutex::default(),
        }
    }

    pub(crate) fn keeps(&self) -> bool {
        self.keeps
    }

    /// The number under which the call is kept.
    pub(crate) fn keep(&self, call: Call) -> Option<usize> {
        if !self.keeps {
            return None;
        }
        let mut kept = self.lock();
        kept.calls.push(call);
        Some(kept.forgotten + kept.calls.len() - 1)
    }

    /// Adds to what is known of a call, unless it has been forgotten.
    pub(crate) fn amend(&self, number: usize, amend: impl FnOnce(&mut Call)) {
        let mut kept = self.lock();
        let place = number.checked_sub(kept.forgotten);
        if let Some(call) = place.and_then(|place| kept.calls.get_mut(place)) {
            amend(call);
        }
    }

    pub(crate) fn snapshot(&self) -> Calls {
        Calls(self.lock().calls.clone())
    }

    pub(crate) fn clear(&self) {
        let mut kept = self.lock();
        kept.forgotten += kept.calls.len();
        kept.calls.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

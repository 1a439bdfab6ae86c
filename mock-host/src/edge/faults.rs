//! Calls that fail because a test wants them to.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use fastedge_host::{CacheError, HttpError, KeyValueError, SecretError};

use super::Operation;

/// Calls that are to fail: which, when, and how.
///
/// ```
/// use fastedge::cache::{Cache, Error, ErrorKind};
/// use fastedge_mock_host::{Fault, MockHost, Operation};
///
/// let edge = MockHost::new().fault(Fault::on(Operation::CacheIncr).nth(2));
/// let _installed = edge.install();
///
/// assert_eq!(Cache::incr("hits", 1)?, 1);
/// let error = Cache::incr("hits", 1).unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::Internal { .. }));
/// assert_eq!(Cache::incr("hits", 1)?, 2);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a fault does nothing until it is given to a host"]
pub struct Fault {
    pub(crate) which: Which,
    pub(crate) when: When,
    pub(crate) error: FaultError,
    pub(crate) effect: Effect,
}

/// Whether a call that fails has done what it should.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    No,
    Yes,
    Sometimes { random: fastrand::Rng },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Which {
    Operation(Operation),
    Store(String),
    Cache,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum When {
    Always,
    /// The n-th matching call from when the fault was injected, and how many there have been.
    Nth {
        n: u64,
        seen: u64,
    },
    Sometimes {
        probability: f64,
        random: fastrand::Rng,
    },
    /// With a probability a burst begins, of so many calls that fail.
    Bursts {
        probability: f64,
        length: u64,
        left: u64,
        random: fastrand::Rng,
    },
}

/// How a call fails: the words that the host's interfaces share.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultError {
    /// `access-denied`; for an outbound request `destination-not-allowed`.
    AccessDenied,
    /// `internal-error`; for a secret `decrypt-error`, for an outbound request `request-error`.
    Internal,
    /// `other`, with a text; for an outbound request, which has none, `runtime-error`.
    Other(String),
}

impl Fault {
    /// Calls of one kind fail: all of them, until a condition says which.
    ///
    /// # Panics
    ///
    /// For an operation whose interface knows no failure (`dictionary.get`,
    /// `utils.set-user-diag`).
    pub fn on(operation: Operation) -> Self {
        assert!(
            operation.can_fail(),
            "{operation} cannot fail: its interface has no error"
        );
        Fault::new(Which::Operation(operation))
    }

    /// Every call to one store fails, opening it included.
    pub fn on_store(name: impl Into<String>) -> Self {
        Fault::new(Which::Store(name.into()))
    }

    /// Every call of the cache fails.
    pub fn on_cache() -> Self {
        Fault::new(Which::Cache)
    }

    fn new(which: Which) -> Self {
        Fault {
            which,
            when: When::Always,
            error: FaultError::Internal,
            effect: Effect::No,
        }
    }

    /// Only the `n`-th of these calls fails, counted from 1 and from when the fault is injected.
    pub fn nth(mut self, n: u64) -> Self {
        self.when = When::Nth { n, seen: 0 };
        self
    }

    /// Each of these calls fails with a probability between 0 and 1. The same seed makes the same
    /// calls fail.
    pub fn with_probability(mut self, probability: f64, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        self.when = When::Sometimes {
            probability,
            random,
        };
        self
    }

    /// With each of these calls a burst begins with a probability between 0 and 1, and so many of
    /// them fail. The same seed makes the same bursts.
    pub fn in_bursts(mut self, probability: f64, length: u64, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        self.when = When::Bursts {
            probability,
            length,
            left: 0,
            random,
        };
        self
    }

    /// How the calls fail; `Internal` unless said otherwise.
    pub fn error(mut self, error: FaultError) -> Self {
        self.error = error;
        self
    }

    /// The calls do what they should, and fail nevertheless: the answer was lost.
    pub fn after_the_effect(mut self) -> Self {
        self.effect = Effect::Yes;
        self
    }

    /// Of the calls that fail about half do what they should nevertheless, decided by a seed.
    pub fn sometimes_after_the_effect(mut self, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        self.effect = Effect::Sometimes { random };
        self
    }

    fn hits(&mut self, operation: Operation, store: &str) -> bool {
        let is_meant = match &self.which {
            Which::Operation(meant) => *meant == operation,
            Which::Store(name) => {
                (operation.is_kv_read() || operation == Operation::KvOpen) && name == store
            }
            Which::Cache => operation.is_cache(),
        };
        is_meant
            && match &mut self.when {
                When::Always => true,
                When::Nth { n, seen } => {
                    *seen += 1;
                    seen == n
                }
                When::Sometimes {
                    probability,
                    random,
                } => random.f64() < *probability,
                When::Bursts {
                    probability,
                    length,
                    left,
                    random,
                } => {
                    if *left == 0 && random.f64() < *probability {
                        *left = *length;
                    }
                    let fails = *left > 0;
                    *left = left.saturating_sub(1);
                    fails
                }
            }
    }

    fn struck(&mut self) -> Struck {
        Struck {
            error: self.error.clone(),
            after_the_effect: match &mut self.effect {
                Effect::No => false,
                Effect::Yes => true,
                Effect::Sometimes { random } => random.bool(),
            },
        }
    }

    /// What it is, in words.
    pub fn describe(&self) -> String {
        let which = match &self.which {
            Which::Operation(operation) => operation.name().to_owned(),
            Which::Store(name) => format!("store {name}"),
            Which::Cache => "cache-sync".to_owned(),
        };
        let when = match &self.when {
            When::Always => "always".to_owned(),
            When::Nth { n, .. } => format!("call {n} from when it was injected"),
            When::Sometimes { probability, .. } => format!("with a probability of {probability}"),
            When::Bursts {
                probability,
                length,
                ..
            } => format!("in bursts of {length} with a probability of {probability}"),
        };
        let error = match &self.error {
            FaultError::AccessDenied => "access-denied",
            FaultError::Internal => "internal-error",
            FaultError::Other(message) => message,
        };
        format!("{which}: {error}, {when}")
    }
}

/// What a fault does to one call.
pub(crate) struct Struck {
    pub(crate) error: FaultError,
    pub(crate) after_the_effect: bool,
}

/// The faults in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    any: AtomicBool,
    faults: Mutex<InForce>,
}

#[derive(Debug, Default)]
struct InForce {
    /// Those of the settings, which no test clears.
    standing: Vec<Fault>,
    injected: Vec<Fault>,
}

impl Faults {
    pub(crate) fn inject(&self, fault: Fault) {
        self.change(|faults| faults.injected.push(fault));
    }

    pub(crate) fn clear(&self) {
        self.change(|faults| faults.injected.clear());
    }

    pub(crate) fn replace_standing(&self, faults: &[Fault]) {
        self.change(|in_force| in_force.standing = faults.to_vec());
    }

    /// Those in force, in words.
    pub(crate) fn describe(&self) -> Vec<String> {
        let faults = self.lock();
        let all = faults.injected.iter().chain(&faults.standing);
        all.map(Fault::describe).collect()
    }

    /// The first fault that hits the call; each fault counts the call, whether it is first or not.
    pub(crate) fn strike(&self, operation: Operation, store: &str) -> Option<Struck> {
        if !self.any.load(Relaxed) {
            return None;
        }
        let mut faults = self.lock();
        let InForce { standing, injected } = &mut *faults;
        let mut struck = None;
        for fault in injected.iter_mut().chain(standing) {
            if fault.hits(operation, store) && struck.is_none() {
                struck = Some(fault.struck());
            }
        }
        struck
    }

    fn change(&self, change: impl FnOnce(&mut InForce)) {
        let mut faults = self.lock();
        change(&mut faults);
        let any = !faults.standing.is_empty() || !faults.injected.is_empty();
        self.any.store(any, Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, InForce> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<FaultError> for KeyValueError {
    fn from(error: FaultError) -> Self {
        match error {
            FaultError::AccessDenied => KeyValueError::AccessDenied,
            FaultError::Internal => KeyValueError::InternalError,
            FaultError::Other(message) => KeyValueError::Other(message),
        }
    }
}

impl From<FaultError> for CacheError {
    fn from(error: FaultError) -> Self {
        match error {
            FaultError::AccessDenied => CacheError::AccessDenied,
            FaultError::Internal => CacheError::InternalError,
            FaultError::Other(message) => CacheError::Other(message),
        }
    }
}

impl From<FaultError> for SecretError {
    fn from(error: FaultError) -> Self {
        match error {
            FaultError::AccessDenied => SecretError::AccessDenied,
            FaultError::Internal => SecretError::DecryptError,
            FaultError::Other(message) => SecretError::Other(message),
        }
    }
}

impl From<FaultError> for HttpError {
    fn from(error: FaultError) -> Self {
        match error {
            FaultError::AccessDenied => HttpError::DestinationNotAllowed,
            FaultError::Internal => HttpError::RequestError,
            FaultError::Other(_) => HttpError::RuntimeError,
        }
    }
}

//! The latest requests, for whoever looks at them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastedge_mock_host::Calls;
use http::{Method, StatusCode, Uri};

use crate::wasm::{Failure, PrintedLine};

/// How many requests are kept.
const KEPT: usize = 100;

/// A request that an app has answered, or not.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) id: u64,
    /// When it came, in unix milliseconds of the edge's clock.
    pub(super) at_ms: u64,
    pub(super) app: String,
    pub(super) pop: String,
    pub(super) client: String,
    pub(super) host: Option<String>,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) status: StatusCode,
    pub(super) failure: Option<Failure>,
    pub(super) took: Duration,
    pub(super) body_bytes: usize,
    pub(super) memory: usize,
    pub(super) calls: Calls,
    pub(super) printed: Vec<PrintedLine>,
}

/// The latest requests.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<VecDeque<Arc<Answered>>>);

impl Recent {
    pub(super) fn keep(&self, answered: Arc<Answered>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(answered);
    }

    /// Those that are kept, the latest first.
    pub(super) fn latest(&self) -> Vec<Arc<Answered>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().cloned().collect()
    }
}

//! Places for connections: as many as the system lets this process have.
//!
//! When they are all taken, those who have said nothing yet leave, the first to come first: clients
//! that connect and keep silent do not keep others from being answered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

/// File descriptors that are for other things than connections.
const RESERVED: u64 = 128;

/// More connections than this are no use on one machine.
const MOST: u64 = 16 * 1024;

/// The places of one server.
#[derive(Clone, Debug)]
pub(super) struct Crowd(Arc<Mutex<Places>>);

#[derive(Debug)]
struct Places {
    most: usize,
    taken: usize,
    /// Those who have said nothing yet. Some of them may have left, or spoken, meanwhile.
    silent: VecDeque<oneshot::Sender<()>>,
}

/// A connection's place, which is free again when it is dropped.
pub(super) struct Place {
    crowd: Crowd,
    needed: Option<oneshot::Receiver<()>>,
}

impl Crowd {
    /// As many places as the system gives, after it is asked for more than it gives at first.
    pub(super) fn new() -> Self {
        let files = rlimit::increase_nofile_limit(MOST + RESERVED).unwrap_or(1024);
        let most = files.saturating_sub(RESERVED).clamp(64, MOST);
        Crowd(Arc::new(Mutex::new(Places {
            most: most as usize,
            taken: 0,
            silent: VecDeque::new(),
        })))
    }

    /// A place for one more. If there was none, somebody silent leaves.
    pub(super) fn enter(&self) -> Place {
        let (sender, receiver) = oneshot::channel();
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.taken += 1;
        while places.taken > places.most {
            let first = places.silent.pop_front();
            // One that has left already makes no room.
            if first.is_none_or(|first| first.send(()).is_ok()) {
                break;
            }
        }
        if places.silent.len() > 2 * places.most {
            places.silent.retain(|sender| !sender.is_closed());
        }
        places.silent.push_back(sender);
        drop(places);
        Place {
            crowd: self.clone(),
            needed: Some(receiver),
        }
    }
}

impl Place {
    /// Ready when the place is needed for somebody else.
    pub(super) async fn is_needed(&mut self) {
        match &mut self.needed {
            Some(needed) => {
                let _asked = needed.await;
            }
            None => std::future::pending().await,
        }
    }

    /// The client has said something, and stays.
    pub(super) fn keep(&mut self) {
        self.needed = None;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let places = self.crowd.0.lock();
        places.unwrap_or_else(PoisonError::into_inner).taken -= 1;
    }
}

//! Limits for connections. The system limits how many this process can have. Some are reserved for
//! the admin port, so that the inspector stays reachable while the port of the apps is full.
//!
//! At the limit of a port, connections whose client has sent nothing yet are closed, the oldest
//! first: clients that connect and stay silent do not keep others from being served. If all clients
//! have sent something, the next connection waits until another one ends.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, oneshot};

/// File descriptors that are reserved for purposes other than connections.
const RESERVED: u64 = 128;

/// More connections than this are no use on one machine.
const MOST: u64 = 16 * 1024;

/// The connections that are reserved for the admin port.
const MOST_ADMIN: u64 = 128;

/// The places for connections of one port.
#[derive(Clone, Debug)]
pub(super) struct Crowd(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    places: Mutex<Places>,
    /// Notified for each place that becomes free.
    freed: Notify,
}

#[derive(Debug)]
struct Places {
    most: usize,
    taken: usize,
    /// Connections without a request so far. Some of them may have ended, or sent one, meanwhile.
    silent: VecDeque<oneshot::Sender<()>>,
}

/// A connection's place, which is free again when it is dropped.
pub(super) struct Place {
    crowd: Crowd,
    needed: Option<oneshot::Receiver<()>>,
}

impl Crowd {
    /// Creates the crowds of the app's port and of the admin port, after raising the system's limit
    /// for this process as far as it goes.
    pub(super) fn for_ports() -> (Crowd, Crowd) {
        let files = rlimit::increase_nofile_limit(MOST + RESERVED).unwrap_or(1024);
        let most = files.saturating_sub(RESERVED).clamp(64, MOST);
        let admin = MOST_ADMIN.min(most / 4);
        (Crowd::of(most - admin), Crowd::of(admin))
    }

    fn of(most: u64) -> Crowd {
        Crowd(Arc::new(Shared {
            places: Mutex::new(Places {
                most: most as usize,
                taken: 0,
                silent: VecDeque::new(),
            }),
            freed: Notify::new(),
        }))
    }

    /// Waits for a place. If all are taken, a silent connection is closed to make room.
    pub(super) async fn enter(&self) -> Place {
        loop {
            if let Some(place) = self.try_enter() {
                return place;
            }
            // A place that has become free since is not missed: the notification is stored.
            self.0.freed.notified().await;
        }
    }

    fn try_enter(&self) -> Option<Place> {
        let mut places = self.0.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.taken >= places.most {
            // A connection that has already ended frees no place.
            while places.silent.pop_front()?.send(()).is_err() {}
        }
        places.taken += 1;
        if places.silent.len() > 2 * places.most {
            places.silent.retain(|sender| !sender.is_closed());
        }
        let (sender, receiver) = oneshot::channel();
        places.silent.push_back(sender);
        Some(Place {
            crowd: self.clone(),
            needed: Some(receiver),
        })
    }
}

impl Place {
    /// Waits until the place is needed for another connection.
    pub(super) async fn is_needed(&mut self) {
        match &mut self.needed {
            Some(needed) => {
                let _asked = needed.await;
            }
            None => std::future::pending().await,
        }
    }

    /// Keeps the place from now on: the client has sent something.
    pub(super) fn keep(&mut self) {
        self.needed = None;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let places = &self.crowd.0.places;
        places.lock().unwrap_or_else(PoisonError::into_inner).taken -= 1;
        self.crowd.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
        pin!(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    fn enter(crowd: &Crowd) -> Option<Place> {
        match poll(crowd.enter()) {
            Poll::Ready(place) => Some(place),
            Poll::Pending => None,
        }
    }

    #[test]
    fn full_crowd_closes_the_oldest_silent_connection() {
        let crowd = Crowd::of(2);
        let mut first = enter(&crowd).unwrap();
        let mut second = enter(&crowd).unwrap();
        assert!(poll(first.is_needed()).is_pending());
        let _third = enter(&crowd).unwrap();
        assert!(poll(first.is_needed()).is_ready());
        assert!(poll(second.is_needed()).is_pending());
    }

    #[test]
    fn full_crowd_of_speakers_waits_for_the_end_of_a_connection() {
        let crowd = Crowd::of(1);
        let mut first = enter(&crowd).unwrap();
        first.keep();
        assert!(enter(&crowd).is_none());
        drop(first);
        assert!(enter(&crowd).is_some());
    }
}

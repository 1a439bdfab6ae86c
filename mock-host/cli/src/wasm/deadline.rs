//! The time that an app has.
//!
//! Two clocks watch over it. An app that computes is stopped by the engine's epochs: at each tick
//! it yields, and past its deadline it is interrupted. An app that waits executes nothing that an
//! epoch could stop; it is stopped by a timer. Which of the two it was doing is what its status
//! says, so the timer must not win against an app that has merely yielded.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

/// Whether the app has stopped at a tick, and not to wait for something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Yielded(Arc<AtomicBool>);

impl Yielded {
    pub(crate) fn set(&self) {
        self.0.store(true, Relaxed);
    }
}

/// The app was waiting when its time was over.
pub(crate) struct Elapsed;

/// Runs an app until it is done, or is found waiting after its time.
pub(crate) async fn within<F: Future>(
    limit: Duration,
    yielded: &Yielded,
    run: F,
) -> Result<F::Output, Elapsed> {
    let mut run = pin!(run);
    let mut timer = pin!(tokio::time::sleep(limit));
    poll_fn(|cx| {
        yielded.0.store(false, Relaxed);
        if let Poll::Ready(output) = run.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        if yielded.0.load(Relaxed) {
            return Poll::Pending;
        }
        timer.as_mut().poll(cx).map(|()| Err(Elapsed))
    })
    .await
}

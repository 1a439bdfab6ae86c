//! The slot for the installed host: one stack per thread.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Host;

thread_local! {
    static INSTALLED: RefCell<Vec<(u64, Host)>> = const { RefCell::new(Vec::new()) };
    static NEXT_ID: Cell<u64> = const { Cell::new(0) };
}

/// No host is installed on this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no FastEdge host is installed on this thread. In a test, install one and keep the guard: \
     `let edge = MockHost::new(); let _installed = edge.install();` (package fastedge-mock-host); \
     on a thread that the test started, install `edge.host()` there as well. If one is installed, \
     the build probably contains two versions of fastedge-host: see `cargo tree --duplicates`"
)]
#[non_exhaustive]
pub struct NoHostInstalled;

/// The host that was installed last on this thread and is still installed.
///
/// # Errors
///
/// [`NoHostInstalled`], with what to do about it.
pub fn current() -> Result<Host, NoHostInstalled> {
    INSTALLED
        .try_with(|stack| stack.borrow().last().map(|(_, host)| host.clone()))
        .ok()
        .flatten()
        .ok_or(NoHostInstalled)
}

/// Keeps a host installed; dropping it uninstalls the host.
///
/// Installs nest: the latest one that is still alive is the [`current`] one, in whichever order
/// the guards are dropped. The guard belongs to the thread that made it, so it is not `Send`:
///
/// ```compile_fail
/// let installed = fastedge_host::Host::new(fastedge_host::StandardInterfaces).install();
/// std::thread::spawn(move || drop(installed));
/// ```
#[derive(Debug)]
#[must_use = "the host is uninstalled when this guard is dropped: bind it with `let _installed = …`"]
pub struct Installed {
    id: u64,
    // A raw pointer is neither `Send` nor `Sync`.
    of_this_thread: PhantomData<*const ()>,
}

impl Installed {
    pub(crate) fn new(host: Host) -> Self {
        let id = NEXT_ID.with(|next| next.replace(next.get().wrapping_add(1)));
        INSTALLED.with(|stack| stack.borrow_mut().push((id, host)));
        Installed {
            id,
            of_this_thread: PhantomData,
        }
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        // The host is dropped after the borrow ends: its own drop may look at the slot.
        let _removed = INSTALLED.try_with(|stack| {
            let mut stack = stack.borrow_mut();
            let at = stack.iter().rposition(|(id, _)| *id == self.id)?;
            Some(stack.remove(at))
        });
    }
}

/// A future under whose polls a host is installed: see [`Host::scope`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Scope<F> {
    host: Host,
    future: Pin<Box<F>>,
}

impl<F> Scope<F> {
    pub(crate) fn new(host: Host, future: F) -> Self {
        Scope {
            host,
            future: Box::pin(future),
        }
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let _installed = self.host.install();
        self.future.as_mut().poll(cx)
    }
}

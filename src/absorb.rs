//! Failures that change no answer, and of which nobody would know otherwise.
//!
//! What fails beside the point (an expiry of a key that is of no use by then, a claim that ends by itself, a call that is
//! repeated) does not fail a request. It is said on stdout, which the platform keeps: who looks for the reason
//! why the cache is not what it was finds it there. In a native test the mock host has the call in its log.

use std::fmt::Display;

use crate::stdout::say;

/// Goes on without what has failed.
pub(crate) trait Absorb<T> {
    /// The value; without one, the log has the reason.
    fn absorb(self) -> Option<T>;
}

impl<T, E: Display> Absorb<T> for Result<T, E> {
    #[inline]
    fn absorb(self) -> Option<T> {
        self.inspect_err(|error| carry_on(error)).ok()
    }
}

/// Says what has failed, and that this is not the end.
#[cold]
#[inline(never)]
pub(crate) fn carry_on(error: &dyn Display) {
    if cfg!(target_arch = "wasm32") {
        say(format_args!("carried on nevertheless: {error}"));
    }
}

//! A host: an implementation of each interface.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::{
    Cache, Clock, Diagnostics, Dictionary, HttpClient, Installed, KeyValue, Random, Scope, Secrets,
};

/// A host that the SDK can call: one implementation of each interface.
///
/// A `Host` is a handle: cloning it is cheap, and clones share what is behind it. It is `Send` and
/// `Sync`, so a test hands a clone to the threads that it starts, and each of them
/// [`install`](Host::install)s it for itself.
///
/// ```
/// use fastedge_host::{current, Host, StandardInterfaces};
///
/// let host = Host::new(StandardInterfaces);
/// let for_the_thread = host.clone();
/// std::thread::spawn(move || for_the_thread.run(|| assert!(current().is_ok())))
///     .join()
///     .unwrap();
/// ```
#[derive(Clone)]
pub struct Host(Arc<Interfaces>);

#[derive(Clone)]
struct Interfaces {
    key_value: Arc<dyn KeyValue>,
    cache: Arc<dyn Cache>,
    secrets: Arc<dyn Secrets>,
    dictionary: Arc<dyn Dictionary>,
    http_client: Arc<dyn HttpClient>,
    diagnostics: Arc<dyn Diagnostics>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// A getter and a replacing `with_…` for each interface.
macro_rules! interfaces {
    ($($get:ident, $with:ident, $trait:ident, $what:literal;)*) => {
        impl Host {
            $(
                #[doc = concat!("The host's ", $what, ".")]
                pub fn $get(&self) -> &dyn $trait {
                    &*self.0.$get
                }

                #[doc = concat!("The same host with another ", $what, ".")]
                #[must_use]
                pub fn $with(mut self, $get: impl $trait + 'static) -> Self {
                    Arc::make_mut(&mut self.0).$get = Arc::new($get);
                    self
                }
            )*
        }
    };
}

interfaces! {
    key_value, with_key_value, KeyValue, "Edge Storage";
    cache, with_cache, Cache, "cache";
    secrets, with_secrets, Secrets, "secrets";
    dictionary, with_dictionary, Dictionary, "dictionary";
    http_client, with_http_client, HttpClient, "client for outbound requests";
    diagnostics, with_diagnostics, Diagnostics, "diagnostics";
    clock, with_clock, Clock, "clock";
    random, with_random, Random, "source of randomness";
}

impl Host {
    /// A host whose every interface is `implementation`.
    pub fn new<T>(implementation: T) -> Self
    where
        T: KeyValue
            + Cache
            + Secrets
            + Dictionary
            + HttpClient
            + Diagnostics
            + Clock
            + Random
            + 'static,
    {
        let shared = Arc::new(implementation);
        Host(Arc::new(Interfaces {
            key_value: shared.clone(),
            cache: shared.clone(),
            secrets: shared.clone(),
            dictionary: shared.clone(),
            http_client: shared.clone(),
            diagnostics: shared.clone(),
            clock: shared.clone(),
            random: shared,
        }))
    }

    /// Installs this host on the current thread until the guard is dropped.
    pub fn install(&self) -> Installed {
        Installed::new(self.clone())
    }

    /// Runs `f` with this host installed.
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        let _installed = self.install();
        f()
    }

    /// A future during whose every poll this host is installed, on whichever thread it is polled.
    ///
    /// An async test on a runtime with several threads needs it: a guard that is held over an
    /// `.await` would stay behind on the first thread.
    pub fn scope<F: Future>(&self, future: F) -> Scope<F> {
        Scope::new(self.clone(), future)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

//! What a certain host does where the contract leaves it to the host.

use std::collections::BTreeMap;

/// What a host is expected to do where the contract leaves it to the host. What a profile does not name, may
/// be either way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile(BTreeMap<String, String>);

impl Profile {
    /// Anything that the contract allows.
    pub fn any() -> Self {
        Profile::default()
    }

    /// The simulated platform's choices, as [`Settings::platform`](https://docs.rs/fastedge-mock-host) has
    /// them.
    pub fn platform() -> Self {
        Profile::any()
            .with("kv-unlinked", "access-denied")
            .with("kv-scan-order", "in order, each once")
            .with("kv-reads-are-kept", "for 30 s")
            .with("cache-is-there", "there")
            .with("cache-overflow", "wraps")
            .with("cache-counters-and-purges", "not seen")
            .with("cache-odd-integers", "+5 and 007 are integers")
            .with("cache-of-no-integer", "value is not an integer")
            .with("cache-keeps", "everything")
            .with("cache-calls-fail", "never")
            .with("app-other-methods", "530")
            .with("limit-trap", "533/3003")
            .with("limit-exit", "533/3002")
            .with("limit-busy", "532/3010")
            .with("limit-waiting", "532/3011")
            .with("out-no-url", "invalid-url")
            .with("api-large-values", "of the value")
            .with("api-masked-values", "returned as a hash")
    }

    /// The same with a Redis behind the store and the cache.
    pub fn redis() -> Self {
        Profile::platform()
            .without("kv-scan-order")
            .with("kv-reads-are-kept", "no")
            .with("cache-overflow", "fails")
            .with("cache-odd-integers", "neither +5 nor 007 is an integer")
            .with("api-masked-values", "refused")
    }

    /// The same, but that this case sees this.
    #[must_use]
    pub fn with(mut self, case: &str, choice: &str) -> Self {
        self.0.insert(case.to_owned(), choice.to_owned());
        self
    }

    /// The same, but that this case may see anything.
    #[must_use]
    pub fn without(mut self, case: &str) -> Self {
        self.0.remove(case);
        self
    }

    /// What a case is expected to see.
    pub fn choice(&self, case: &str) -> Option<&str> {
        self.0.get(case).map(String::as_str)
    }

    /// The cases that it names.
    pub fn cases(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

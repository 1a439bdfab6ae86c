//! The app's variables: the interface `dictionary`.

/// The host interface `dictionary`.
pub trait Dictionary: Send + Sync {
    /// The variable `key`, or `None`.
    fn get(&self, key: &str) -> Option<String>;
}

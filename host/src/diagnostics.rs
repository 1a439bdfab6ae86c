//! The word that an app leaves about a request: the interface `utils`.

/// The host interface `utils`.
pub trait Diagnostics: Send + Sync {
    /// Labels the current request in the platform's statistics.
    fn set_user_diag(&self, name: &str);
}

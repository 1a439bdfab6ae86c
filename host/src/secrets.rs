//! The app's secrets: the interface `secret`.

use crate::NoHostInstalled;

/// The host interface `secret`.
pub trait Secrets: Send + Sync {
    /// The value of `key` that is in effect now, or `None`.
    fn get(&self, key: &str) -> Result<Option<String>, SecretError>;

    /// The value of `key` that is in effect at `at` (unix seconds), or `None`.
    fn get_effective_at(&self, key: &str, at: u32) -> Result<Option<String>, SecretError>;
}

/// How reading a secret fails: the interface's own words, which are these and no others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The app may not read this secret.
    #[error("access-denied: the secret is not linked to this app")]
    AccessDenied,
    /// The stored secret could not be decrypted.
    #[error("decrypt-error: the host could not decrypt it")]
    DecryptError,
    /// The host's own words.
    #[error("{0}")]
    Other(String),
    /// There is no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}

//! The app's secrets: encrypted values that are set on the platform.
//!
//! A secret can have several values, each in effect from some moment on, so that it can be rotated:
//! what was signed with yesterday's value is checked with the one that was in effect yesterday.

use std::time::SystemTime;

use fastedge_host::SecretError;

use crate::host::secrets::{Failure, explain};
use crate::{NoHostInstalled, host};

/// The value of `key` that is in effect now; `None` if there is none. One host call.
///
/// # Errors
///
/// If the app may not read the secret, or the host cannot decrypt it.
///
/// ```
/// use fastedge::secret;
/// # let edge = fastedge_mock_host::MockHost::new().secret("API_TOKEN", "s3cr3t");
/// # let _installed = edge.install();
///
/// assert_eq!(secret::get("API_TOKEN")?.as_deref(), Some("s3cr3t"));
/// assert_eq!(secret::get("NO_SUCH_SECRET")?, None);
/// # Ok::<(), secret::Error>(())
/// ```
pub fn get(key: &str) -> Result<Option<String>, Error> {
    host::secrets::get(key).map_err(|failure| Error::of_call(key, failure))
}

/// The value of `key` that is in effect at `moment`; `None` if none is. One host call.
///
/// # Errors
///
/// [`Error::MomentOutOfRange`] if the moment is not within the unix seconds 0 to 2³²-1 (1970 to
/// 2106), without asking the host; and those of [`get`].
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use fastedge::secret;
/// # let edge = fastedge_mock_host::MockHost::new()
/// #     .secret_from("KEY", 1_000, "old").secret_from("KEY", 2_000, "new");
/// # let _installed = edge.install();
///
/// let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_999);
/// assert_eq!(secret::get_effective_at("KEY", moment)?.as_deref(), Some("old"));
/// # Ok::<(), secret::Error>(())
/// ```
pub fn get_effective_at(key: &str, moment: SystemTime) -> Result<Option<String>, Error> {
    let seconds = moment
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| u32::try_from(since.as_secs()).ok())
        .ok_or_else(|| Error::MomentOutOfRange {
            key: key.to_owned(),
        })?;
    host::secrets::get_effective_at(key, seconds).map_err(|failure| Error::of_call(key, failure))
}

/// How reading a secret fails. It names the secret, and never holds its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The app may not read it.
    #[error("secret `{key}`: access-denied: link it to the app")]
    AccessDenied {
        /// The secret's name.
        key: String,
    },
    /// The host could not decrypt it.
    #[error("secret `{key}`: the host could not decrypt it")]
    Decrypt {
        /// The secret's name.
        key: String,
    },
    /// The host answered in its own words.
    #[error("secret `{key}`: {message}")]
    Other {
        /// The secret's name.
        key: String,
        /// What the host said.
        message: String,
    },
    /// The moment is before 1970 or after 2106.
    #[error("secret `{key}`: the moment is not within the unix seconds 0 to 4294967295")]
    MomentOutOfRange {
        /// The secret's name.
        key: String,
    },
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}

impl Error {
    #[cold]
    fn of_call(key: &str, failure: Failure) -> Self {
        let key = key.to_owned();
        match explain(failure) {
            SecretError::AccessDenied => Error::AccessDenied { key },
            SecretError::DecryptError => Error::Decrypt { key },
            SecretError::Other(message) => Error::Other { key, message },
            SecretError::NoHostInstalled(error) => Error::NoHostInstalled(error),
        }
    }
}

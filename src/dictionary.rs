//! The app's variables: plain values that are set on the platform.
//!
//! They are the app's environment as well: in a component, `std::env::var` reads the same ones.
//! The dictionary is what a native test can fill, for each test anew.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;

use crate::value::{self, DecodeError};
use crate::{NoHostInstalled, host};

/// The variable `key`; `None` if there is none. One host call.
///
/// # Errors
///
/// [`Error::NoHostInstalled`] in a native build without a host; in a component it cannot fail.
///
/// ```
/// use fastedge::dictionary;
/// # let edge = fastedge_mock_host::MockHost::new().variable("GREETING", "hello");
/// # let _installed = edge.install();
///
/// assert_eq!(dictionary::get("GREETING")?.as_deref(), Some("hello"));
/// assert_eq!(dictionary::get("greeting")?, None);
/// # Ok::<(), dictionary::Error>(())
/// ```
pub fn get(key: &str) -> Result<Option<String>, Error> {
    Ok(host::dictionary::get(key)?)
}

/// The variable `key`, read with [`FromStr`]. One host call.
///
/// # Errors
///
/// [`Error::Decode`] if `T` does not take the text, and those of [`get`].
///
/// ```
/// use fastedge::dictionary;
/// # let edge = fastedge_mock_host::MockHost::new().variable("MAX", "ten");
/// # let _installed = edge.install();
///
/// assert_eq!(dictionary::get_parsed("LIMIT")?.unwrap_or(5_u32), 5);
/// assert_eq!(
///     dictionary::get_parsed::<u32>("MAX").unwrap_err().to_string(),
///     "variable `MAX`: not a valid u32: invalid digit found in string",
/// );
/// # Ok::<(), dictionary::Error>(())
/// ```
pub fn get_parsed<T>(key: &str) -> Result<Option<T>, Error>
where
    T: FromStr,
    T::Err: Display,
{
    decoded(key, value::parse)
}

/// The variable `key`, read as JSON. One host call.
///
/// # Errors
///
/// [`Error::Decode`] if the text is not JSON of the shape of `T`, and those of [`get`].
pub fn get_json<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Error> {
    decoded(key, value::json)
}

fn decoded<T>(
    key: &str,
    decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<Option<T>, Error> {
    match get(key)? {
        Some(text) => decode(text.as_bytes())
            .map(Some)
            .map_err(|reason| Error::Decode {
                key: key.to_owned(),
                reason,
            }),
        None => Ok(None),
    }
}

/// How reading a variable fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The variable is not what it was to be read as.
    #[error("variable `{key}`: {reason}")]
    Decode {
        /// The variable's name.
        key: String,
        /// What is wrong with its text.
        reason: DecodeError,
    },
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}

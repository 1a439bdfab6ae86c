//! What opens the API.

use std::fmt;

use ::http::HeaderValue;

use crate::secret;

/// A permanent token of the platform's API. It is never printed: its `Debug` says only that there is
/// one, and the header that carries it is marked sensitive.
#[derive(Clone)]
pub struct Token(HeaderValue);

impl Token {
    /// A token. White space around it is not part of it.
    ///
    /// # Errors
    ///
    /// [`TokenError::Malformed`] if it is empty, or has other characters than visible ASCII.
    pub fn new(token: &str) -> Result<Self, TokenError> {
        let token = token.trim();
        let is_visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        let mut header = HeaderValue::try_from(format!("apikey {token}"))
            .ok()
            .filter(|_| is_visible)
            .ok_or(TokenError::Malformed)?;
        header.set_sensitive(true);
        Ok(Token(header))
    }

    /// The token that is the app's secret `name`. One host call.
    ///
    /// # Errors
    ///
    /// [`TokenError::NoSecret`] if there is no such secret, [`TokenError::Secret`] if it cannot be
    /// read, and those of [`new`](Self::new).
    ///
    /// ```
    /// use fastedge::edge_storage_api::Token;
    /// # let edge = fastedge_mock_host::MockHost::new().secret("API_TOKEN", "s3cr3t");
    /// # let _installed = edge.install();
    ///
    /// let token = Token::from_secret("API_TOKEN")?;
    /// assert_eq!(format!("{token:?}"), "Token(…)");
    /// # Ok::<(), fastedge::edge_storage_api::TokenError>(())
    /// ```
    pub fn from_secret(name: &str) -> Result<Self, TokenError> {
        match secret::get(name)? {
            Some(token) => Token::new(&token),
            None => Err(TokenError::NoSecret {
                name: name.to_owned(),
            }),
        }
    }

    /// The value of the header `authorization`.
    pub(super) fn header(&self) -> &HeaderValue {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why there is no token. It never says what the token is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is empty, or has other characters than visible ASCII.
    #[error("the API token is empty, or has other characters than visible ASCII")]
    Malformed,
    /// There is no such secret.
    #[error(
        "secret `{name}`, which holds the API token, is not set: set it, and link it to the app"
    )]
    NoSecret {
        /// The secret's name.
        name: String,
    },
    /// The secret cannot be read.
    #[error(transparent)]
    Secret(#[from] secret::Error),
}

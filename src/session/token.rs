//! What is in a cookie: `<number>.<signed at>.<signature>`.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Error, ErrorKind};
use crate::{host, secret};

/// What is shorter can be guessed.
const SHORTEST_SECRET: usize = 16;

/// How far the clocks of two nodes may differ.
const SKEW_SECS: u64 = 60;

/// A session's random number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number([u8; 16]);

pub(super) struct Token {
    pub(super) number: Number,
    /// In seconds since 1970.
    signed_at: u64,
    signature: Vec<u8>,
}

/// Signs with the app's secret.
pub(super) struct Signer<'a> {
    pub(super) secret: &'a str,
    /// One app's cookies are not taken for each other.
    pub(super) cookie: &'a str,
}

impl Number {
    pub(super) fn random() -> Result<Self, Error> {
        let mut bytes = [0; 16];
        host::random::fill(&mut bytes).map_err(|error| ErrorKind::Random(error.to_string()))?;
        Ok(Number(bytes))
    }

    /// The key of its state.
    pub(super) fn key(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl Token {
    pub(super) fn parse(text: &str) -> Option<Token> {
        let mut parts = text.split('.');
        let (number, signed_at, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || !signed_at.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number = URL_SAFE_NO_PAD.decode(number).ok()?;
        Some(Token {
            number: Number(number.try_into().ok()?),
            signed_at: signed_at.parse().ok()?,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }
}

impl Signer<'_> {
    /// The cookie's value for a number.
    pub(super) fn sign(&self, number: Number, now_ms: u64) -> Result<String, Error> {
        let signed_at = now_ms / 1000;
        let name = || self.secret.to_owned();
        let mac = self.mac(number, signed_at)?;
        let mac = mac.ok_or_else(|| ErrorKind::NoSecret { name: name() })?;
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        Ok(format!("{}.{signed_at}.{signature}", number.key()))
    }

    /// Whether this app has signed a token, and not too long ago.
    pub(super) fn accepts(
        &self,
        token: &Token,
        now_ms: u64,
        lifetime_ms: u64,
    ) -> Result<bool, Error> {
        let now = now_ms / 1000;
        let oldest = now.saturating_sub(lifetime_ms / 1000 + SKEW_SECS);
        if !(oldest..=now + SKEW_SECS).contains(&token.signed_at) {
            return Ok(false);
        }
        let mac = self.mac(token.number, token.signed_at)?;
        Ok(mac.is_some_and(|mac| mac.verify_slice(&token.signature).is_ok()))
    }

    /// With the secret that was in effect at that moment; `None` if there was none.
    fn mac(&self, number: Number, signed_at: u64) -> Result<Option<Hmac<Sha256>>, Error> {
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(signed_at);
        let Some(key) = secret::get_effective_at(self.secret, moment)? else {
            return Ok(None);
        };
        let weak = || ErrorKind::WeakSecret {
            name: self.secret.to_owned(),
            bytes: key.len(),
        };
        if key.len() < SHORTEST_SECRET {
            return Err(weak().into());
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| weak())?;
        mac.update(b"fastedge session 1\0");
        mac.update(self.cookie.as_bytes());
        mac.update(b"\0");
        mac.update(&number.0);
        mac.update(&signed_at.to_le_bytes());
        Ok(Some(mac))
    }
}

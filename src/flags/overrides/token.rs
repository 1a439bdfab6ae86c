//! Overrides that are signed, in a header or a cookie:
//! `<flag>=<variant>&<flag>=<variant>.<end>.<signature>`.

use std::time::{Duration, SystemTime};

use ::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;

use super::Overrides;
use crate::clock;
use crate::http::cookie;
use crate::secret;

/// What is shorter can be guessed.
const SHORTEST_SECRET: usize = 16;

/// What a flag's key or a variant is written with.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// Overrides that staff bring along, signed with the app's secret: to see a variant before others do, to
/// find out why somebody sees what they see.
///
/// A browser brings them as the cookie `__Host-flags`, a program as the header `x-flags`; the header comes
/// first. They name variants, and end. What is not signed with the secret, or has ended, is as if it were
/// not there.
///
/// An answer that is made with some is for who brought them: keep it out of shared caches, by
/// `Cache-Control: private`.
///
/// ```
/// use std::time::Duration;
/// use fastedge::flags::{EvaluationContext, Flags, Overrides, Reason, StaffOverrides};
/// use fastedge::http::Request;
/// # let edge = fastedge_mock_host::MockHost::new().secret("FLAGS_KEY", "0123456789abcdef");
/// # let _installed = edge.install();
///
/// // `fastedge-mock flags override new-checkout=on --secret …` prints the same:
/// let overrides = Overrides::new().variant("new-checkout", "on");
/// let end = fastedge::clock::now()? + Duration::from_secs(3600);
/// let signed = StaffOverrides::sign(&overrides, "0123456789abcdef", end)?;
///
/// let request = Request::get("/").header("x-flags", signed).body(())?;
/// let overrides = StaffOverrides::new("FLAGS_KEY").of(request.headers())?;
/// let flags = Flags::from_json(r#"{"flags": {"new-checkout":
///     {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off"}}}"#)
///     .with_overrides(overrides);
/// let details = flags.bool_details("new-checkout", false, &EvaluationContext::new());
/// assert_eq!((details.value, details.reason), (true, Reason::Override));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct StaffOverrides {
    secret: String,
}

/// Why overrides cannot be signed, or their signature not be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverrideError {
    /// The secret can be guessed.
    #[error(
        "the secret that signs overrides has {bytes} bytes: take 32 random ones, or 16 at least"
    )]
    WeakSecret {
        /// How long it is.
        bytes: usize,
    },
    /// There is nothing to sign.
    #[error("only overrides that name a variant can be signed")]
    NoVariants,
    /// They end before 1970.
    #[error("the end of the overrides is before 1970")]
    InvalidEnd,
    /// The secret cannot be read.
    #[error(transparent)]
    Secret(#[from] secret::Error),
    /// The clock cannot be read.
    #[error(transparent)]
    Clock(#[from] crate::NoHostInstalled),
}

impl StaffOverrides {
    /// Signed with the app's secret of this name, of 16 bytes or more.
    pub fn new(secret: impl Into<String>) -> Self {
        StaffOverrides {
            secret: secret.into(),
        }
    }

    /// The cookie that holds them.
    pub const COOKIE: &'static str = "__Host-flags";

    /// The header that holds them.
    pub const HEADER: &'static str = "x-flags";

    /// The overrides that a request brings along; none, if it brings none that count. No host call
    /// without them; with them, one for the secret.
    ///
    /// # Errors
    ///
    /// [`OverrideError`], if the secret cannot be read, or is weak. Without the secret, none count.
    pub fn of(&self, headers: &HeaderMap) -> Result<Overrides, OverrideError> {
        let header = headers
            .get(StaffOverrides::HEADER)
            .and_then(|value| value.to_str().ok());
        let mut signed = header
            .into_iter()
            .chain(cookie::values(headers, StaffOverrides::COOKIE))
            .peekable();
        if signed.peek().is_none() {
            return Ok(Overrides::new());
        }
        let Some(secret) = secret::get(&self.secret)? else {
            return Ok(Overrides::new());
        };
        let now = clock::now_ms()? / 1000;
        // Of several cookies, others may have set some.
        for token in signed.take(4) {
            if let Some(overrides) = verified(token, &secret, now)? {
                return Ok(overrides);
            }
        }
        Ok(Overrides::new())
    }

    /// Signs overrides that name variants, until they end: the value of the cookie and of the header.
    ///
    /// # Errors
    ///
    /// [`OverrideError`], if the secret is weak, or there is nothing to sign.
    pub fn sign(
        overrides: &Overrides,
        secret: &str,
        end: SystemTime,
    ) -> Result<String, OverrideError> {
        let end = end
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_err(|_| OverrideError::InvalidEnd)?;
        let encoded = |text| utf8_percent_encode(text, ENCODED).to_string();
        let variants = overrides.variants();
        let pairs: Vec<String> = variants
            .map(|(flag, variant)| format!("{}={}", encoded(flag), encoded(variant)))
            .collect();
        if pairs.is_empty() || pairs.len() < overrides.0.len() {
            return Err(OverrideError::NoVariants);
        }
        let said = format!("{}.{}", pairs.join("&"), end.as_secs());
        let signature = URL_SAFE_NO_PAD.encode(mac(&said, secret)?.finalize().into_bytes());
        Ok(format!("{said}.{signature}"))
    }
}

/// The overrides of a token, if the secret has signed it, and it has not ended.
fn verified(token: &str, secret: &str, now: u64) -> Result<Option<Overrides>, OverrideError> {
    let mac = |said| mac(said, secret);
    let Some((said, signature)) = token.rsplit_once('.') else {
        return Ok(None);
    };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
        return Ok(None);
    };
    if mac(said)?.verify_slice(&signature).is_err() {
        return Ok(None);
    }
    Ok(parsed(said, now))
}

fn parsed(said: &str, now: u64) -> Option<Overrides> {
    let (pairs, end) = said.rsplit_once('.')?;
    let end = Duration::from_secs(end.parse().ok()?);
    if end <= Duration::from_secs(now) {
        return None;
    }
    let decoded = |text| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
    let mut overrides = Overrides::new();
    for pair in pairs.split('&') {
        let (flag, variant) = pair.split_once('=')?;
        overrides = overrides.variant(decoded(flag)?, decoded(variant)?);
    }
    Some(overrides)
}

fn mac(said: &str, secret: &str) -> Result<Hmac<Sha256>, OverrideError> {
    let weak = || OverrideError::WeakSecret {
        bytes: secret.len(),
    };
    if secret.len() < SHORTEST_SECRET {
        return Err(weak());
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| weak())?;
    mac.update(b"fastedge flags 1\0");
    mac.update(said.as_bytes());
    Ok(mac)
}

//! The cookie (RFC 6265).

use ::http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

use super::{Error, ErrorKind};

/// With which requests from other sites browsers send a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// With none.
    Strict,
    /// With those that follow a link.
    Lax,
    /// With all: for an app that is embedded in other sites.
    None,
}

#[derive(Clone, Debug)]
pub(super) struct Cookie {
    pub(super) name: String,
    pub(super) same_site: SameSite,
}

impl Default for Cookie {
    fn default() -> Self {
        Cookie {
            name: "__Host-session".to_owned(),
            same_site: SameSite::Lax,
        }
    }
}

impl Cookie {
    pub(super) fn set_name(&mut self, name: String) -> Result<(), Error> {
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(ErrorKind::CookieName { name }.into());
        }
        self.name = name;
        Ok(())
    }

    /// The values of this cookie in a request: there can be several, of which others may have set some.
    pub(super) fn values<'a>(&self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        // Other cookies can hold anything, and this one is ASCII.
        let lists = headers.get_all(COOKIE).iter();
        let pairs = lists.flat_map(|list| list.as_bytes().split(|byte| *byte == b';'));
        let name = self.name.clone();
        pairs
            .filter_map(|pair| str::from_utf8(pair).ok()?.split_once('='))
            .filter(move |(other, _)| other.trim() == name)
            .map(|(_, value)| value.trim().trim_matches('"'))
    }

    pub(super) fn set(
        &self,
        value: &str,
        lives_ms: u64,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        self.append(value, lives_ms.div_ceil(1000), headers)
    }

    pub(super) fn remove(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        self.append("", 0, headers)
    }

    fn append(&self, value: &str, seconds: u64, headers: &mut HeaderMap) -> Result<(), Error> {
        let name = &self.name;
        let same_site = match self.same_site {
            SameSite::Strict => "Strict",
            SameSite::Lax => "Lax",
            SameSite::None => "None",
        };
        let cookie = format!(
            "{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite={same_site}"
        );
        let invalid = || ErrorKind::CookieName { name: name.clone() };
        let cookie = HeaderValue::try_from(cookie).map_err(|_| invalid())?;
        headers.append(SET_COOKIE, cookie);
        Ok(())
    }
}

//! The session's cookie.

use ::http::header::{HeaderMap, SET_COOKIE};

use super::{Error, ErrorKind};
use crate::http::cookie::{self, SameSite};

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
        if !cookie::is_name(&name) {
            return Err(ErrorKind::CookieName { name }.into());
        }
        self.name = name;
        Ok(())
    }

    pub(super) fn values<'a>(&self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        cookie::values(headers, &self.name)
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
        let setting = cookie::setting(&self.name, value, seconds, self.same_site);
        let invalid = || ErrorKind::CookieName {
            name: self.name.clone(),
        };
        headers.append(SET_COOKIE, setting.ok_or_else(invalid)?);
        Ok(())
    }
}

//! What a configuration has become.

use super::binary::Binary;
use crate::api::ApiRules;
use crate::wasm::Guest;

pub(in crate::serve) struct Served {
    /// The first one answers for host names that are nobody's, if it has no names of its own.
    pub(in crate::serve) apps: Vec<ServedApp>,
    /// The access of requests to the API.
    pub(in crate::serve) api: ApiAccess,
    /// The rules of the API that its documentation leaves open.
    pub(in crate::serve) api_rules: ApiRules,
    /// The configured port of the apps.
    pub(in crate::serve) port: Option<u16>,
    /// The configured port of the API and the inspector.
    pub(in crate::serve) admin_port: Option<u16>,
}

/// The access of requests to the API for Edge Storage.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiAccess {
    /// Requests that have this token reach the API.
    Token(String),
    /// The configuration disables the API.
    Disabled,
    /// The server's address is public, and no token is configured.
    NoToken,
}

pub(in crate::serve) struct ServedApp {
    pub(in crate::serve) name: String,
    /// `None` is every host name that is no other app's.
    pub(in crate::serve) hosts: Option<Vec<String>>,
    pub(in crate::serve) guest: Guest,
    pub(super) binary: Binary,
    /// The numbers of the stores that are linked to it.
    pub(in crate::serve) stores: Vec<u64>,
}

impl Served {
    /// The app of a host name.
    pub(in crate::serve) fn app(&self, host: Option<&str>) -> Option<&ServedApp> {
        let is_its = |app: &&ServedApp| match (&app.hosts, host) {
            (Some(hosts), Some(host)) => hosts.iter().any(|own| own.eq_ignore_ascii_case(host)),
            _ => false,
        };
        let for_all = || self.apps.iter().find(|app| app.hosts.is_none());
        self.apps.iter().find(is_its).or_else(for_all)
    }

    /// All host names that are an app's.
    pub(in crate::serve) fn hosts(&self) -> Vec<&str> {
        let hosts = self.apps.iter().filter_map(|app| app.hosts.as_deref());
        hosts.flatten().map(String::as_str).collect()
    }

    /// For each app, the numbers of the stores that are linked to it.
    pub(in crate::serve) fn linked(&self) -> Vec<Vec<u64>> {
        self.apps.iter().map(|app| app.stores.clone()).collect()
    }
}

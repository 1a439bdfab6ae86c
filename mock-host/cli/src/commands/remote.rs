//! The platform's API: that of a local server, or the platform's own.

use std::time::Duration;

use clap::Args;
use fastedge::edge_storage_api::{
    Api, BlockingClient, Entry, Error as ApiError, ErrorKind, Progress, Store, Token, Upload,
};
use fastedge::http::StatusCode;

use super::Error;
use super::out::say;
use crate::config::LOCAL_TOKEN;
use crate::storage::ValuesApp;

/// After how many entries the progress is told.
const BATCH: usize = 500;

/// The API of a local server, on its admin port.
const LOCAL_URL: &str = "http://127.0.0.1:8081";

/// What the platform takes.
const ENTRIES_PER_SECOND: f64 = 90.0;

/// Where the API is.
#[derive(Args, Debug)]
pub(super) struct Remote {
    /// Where the API is: a local server, or https://api.gcore.com.
    #[arg(
        long,
        global = true,
        env = "FASTEDGE_API_URL",
        default_value = LOCAL_URL
    )]
    url: String,

    /// The token of the API [default: that of a local server].
    #[arg(
        long,
        global = true,
        env = "FASTEDGE_API_TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,
}

/// The API, and how it is asked.
pub(super) struct Connection {
    pub(super) api: Api,
    pub(super) transport: BlockingClient,
    is_local: bool,
}

impl Remote {
    /// Does something with the API.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // A variable that is empty is one that is not set.
        let url = Some(self.url.as_str()).filter(|url| !url.is_empty());
        let token = self.token.as_deref().filter(|token| !token.is_empty());
        let connection = Connection::to(url.unwrap_or(LOCAL_URL), token)?;
        work(&connection).map_err(|error| connection.explained(error))
    }
}

impl Connection {
    /// The API at a URL. A server on this machine has a token that everybody knows.
    pub(super) fn to(url: &str, token: Option<&str>) -> Result<Self, Error> {
        // `serve` prints the API's address with its path.
        let url = url.trim_end_matches('/');
        let url = url.strip_suffix("/fastedge/v1").unwrap_or(url);
        let is_local = is_local(url);
        let token = match (token, is_local) {
            (Some(token), _) => token,
            (None, true) => LOCAL_TOKEN,
            (None, false) => {
                return Err(format!(
                    "{url} takes a token: give it with --token or FASTEDGE_API_TOKEN"
                )
                .into());
            }
        };
        Ok(Connection {
            api: Api::new(Token::new(token)?).at(url)?,
            transport: BlockingClient::new(),
            is_local,
        })
    }

    /// An error, and what is likely to help.
    pub(super) fn explained(&self, error: Error) -> Error {
        let text = error.to_string();
        if self.is_local && text.contains("onnection refused") {
            return format!("{error}. Is `fastedge-mock serve` running there?").into();
        }
        // The likeliest mistake: an app listens there.
        let is_other = match error.downcast_ref::<ApiError>().map(ApiError::kind) {
            Some(ErrorKind::Answer { .. }) => true,
            Some(ErrorKind::Refused { status, call, .. }) => {
                *status == StatusCode::NOT_FOUND && call.ends_with("/kv")
            }
            _ => false,
        };
        match self.is_local && is_other {
            true => format!(
                "{error}. That is not the API: a local server has it on its admin port, 8081 by \
                 default"
            )
            .into(),
            false => error,
        }
    }

    /// Whether the server is on this machine.
    pub(super) fn is_local(&self) -> bool {
        self.is_local
    }

    /// Returns all stores of the account.
    pub(super) fn all_stores(&self) -> Result<Vec<Store>, Error> {
        let stores = self.api.stores(&self.transport);
        Ok(stores.collect::<Result<_, _>>()?)
    }

    /// Returns the number of entries to write per second: `pace` if it is set, otherwise the
    /// platform's rate. 0, for a server on this machine, is no limit.
    pub(super) fn pace(&self, pace: Option<f64>) -> f64 {
        match pace {
            Some(pace) => pace,
            None if self.is_local => 0.0,
            None => ENTRIES_PER_SECOND,
        }
    }

    /// The number of a store, by its name or its number.
    pub(super) fn store(&self, store: &str) -> Result<u64, Error> {
        let stores = self.all_stores()?;
        let named = stores.iter().find(|one| one.name == store);
        let numbered = || {
            let number: u64 = store.parse().ok()?;
            stores.iter().find(|one| one.id == number)
        };
        match named.or_else(numbered) {
            Some(found) => Ok(found.id),
            None => {
                let names: Vec<_> = stores.iter().map(|one| one.name.as_str()).collect();
                let others = match names.is_empty() {
                    true => "nor any other".to_owned(),
                    false => format!("there are: {}", names.join(", ")),
                };
                Err(format!("there is no store {store:?}; {others}").into())
            }
        }
    }

    /// Writes entries, so many a second: by default as many as the platform takes, or, to a server on this
    /// machine, all at once. What has been written is told in between.
    pub(super) fn upload(
        &self,
        store: u64,
        entries: &[Entry],
        force: bool,
        pace: Option<f64>,
        mut tell: impl FnMut(u64),
    ) -> (Progress, Result<(), Error>) {
        let pace = self.pace(pace);
        let mut done = Progress::default();
        for (number, batch) in entries.chunks(BATCH).enumerate() {
            // An upload pauses between its requests, of which this is one.
            if number > 0 && pace > 0.0 {
                std::thread::sleep(
                    Duration::try_from_secs_f64(BATCH as f64 / pace).unwrap_or(Duration::MAX),
                );
            }
            let mut upload = Upload::new(self.api.clone(), store, batch.iter().cloned());
            if force {
                upload = upload.force();
            }
            upload = upload.entries_per_second(pace);
            let result = upload.run(&self.transport);
            done.confirmed += upload.progress().confirmed;
            done.attempted += upload.progress().attempted;
            done.revision = upload.progress().revision;
            tell(done.confirmed);
            if let Err(error) = result {
                return (done, Err(error.into()));
            }
        }
        (done, Ok(()))
    }
}

/// The app that serves the values which the API returns only as a hash.
#[derive(Args, Debug)]
pub(super) struct Values {
    /// The URL of an app that serves the store's values (the example `values`): the API returns values
    /// that are masked or have more than 1,024 bytes only as a hash.
    #[arg(long, env = "FASTEDGE_VALUES_URL", value_name = "URL")]
    values_url: Option<String>,

    /// The app's secret `VALUES_TOKEN`.
    #[arg(
        long,
        env = "FASTEDGE_VALUES_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        requires = "values_url"
    )]
    values_token: Option<String>,
}

impl Values {
    /// Returns the app, if its URL is set.
    pub(super) fn app(&self) -> Result<Option<ValuesApp>, Error> {
        let is_set = |text: &&String| !text.is_empty();
        let Some(url) = self.values_url.as_ref().filter(is_set) else {
            return Ok(None);
        };
        let Some(token) = self.values_token.as_ref().filter(is_set) else {
            return Err(
                "cannot read values through an app without its secret VALUES_TOKEN: set \
                        --values-token or FASTEDGE_VALUES_TOKEN"
                    .into(),
            );
        };
        let app = ValuesApp::new(url, token)?;
        Ok(Some(app.with_notice(|notice| say(&notice))))
    }
}

/// The advice for values that cannot be read back.
pub(super) const VALUES_HINT: &str = "an app can serve the values that the API does not return: see \
                                      the example `values`, and --values-url";

/// Whether a server is on this machine.
fn is_local(url: &str) -> bool {
    let uri = url.parse::<http::Uri>().ok();
    let host = uri.as_ref().and_then(|uri| uri.host());
    host.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}

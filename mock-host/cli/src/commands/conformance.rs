//! `fastedge-mock conformance`: asks a running host what the contract says.
//!
//! It deploys nothing. The host serves the probe already (`conformance/probe`, or `conformance/probe_wasi`), with the fixture:
//! what `--fixture` prints is for whoever sets it up, and `--set-up` writes the store through the platform's
//! API.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};
use fastedge::Body;
use fastedge::edge_storage_api::{BlockingClient, DataType, Entry, Transport, TransportError};
use fastedge_conformance::{
    Abilities, Case, Outcome, Profile, StoreApi, Target, Write, all, fixture, run,
};
use http::{HeaderValue, Request, Response, Uri};

use super::Error;
use super::out::Out;
use super::remote::Connection;
use crate::storage::line;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The cases, by their names, or what these begin with [default: all].
    cases: Vec<String>,

    /// Where the probe is served.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    target: Uri,

    /// The URL of the host's API for Edge Storage; a local server's is http://127.0.0.1:8081.
    /// Without it, cases that need writes are skipped.
    #[arg(long, value_name = "URL", env = "FASTEDGE_API_URL")]
    api: Option<String>,

    /// The token of the API [default: that of a local server].
    #[arg(long, env = "FASTEDGE_API_TOKEN", hide_env_values = true)]
    token: Option<String>,

    /// The name or number that the API has for the fixture's store.
    #[arg(long, default_value = fixture::STORE)]
    store: String,

    /// Write the fixture's store first, by the API.
    #[arg(long, requires = "api")]
    set_up: bool,

    /// How many seconds a case may wait: those of the read cache take 36.
    #[arg(long, value_name = "SECS", default_value_t = 7)]
    patience: u64,

    /// A second location of a local server.
    #[arg(long, value_name = "NAME")]
    second_pop: Option<String>,

    /// A URL that answers the probe with 200, the header `x-upstream: yes` and the body `upstream`.
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,

    /// Nobody else uses the cache: purge it.
    #[arg(long)]
    own_cache: bool,

    /// Exceed the app's limits for time, memory and bodies.
    #[arg(long)]
    exceed_limits: bool,

    /// What the host is expected to do where the contract leaves it to the host.
    #[arg(long, value_enum, default_value_t = Expected::Any)]
    expect: Expected,

    /// Answer with a line of JSON for each case.
    #[arg(long)]
    json: bool,

    /// Print the cases, and ask nobody.
    #[arg(long)]
    list: bool,

    /// Print what the probe has to find, and ask nobody.
    #[arg(long, value_enum, value_name = "FORM")]
    fixture: Option<Form>,

    /// What the fixture's keys begin with in a Redis.
    #[arg(long, value_name = "TEXT", default_value = "", requires = "fixture")]
    prefix: String,
}

/// What a host is expected to do where that is its own affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Expected {
    /// Anything that the contract allows.
    Any,
    /// What the simulated platform does.
    Platform,
    /// What it does with a Redis behind its stores and cache.
    Redis,
}

/// The forms of the fixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A `fastedge.toml`: an empty store, secrets and variables.
    Toml,
    /// The store's entries as JSON lines, for `fastedge-mock kv import`.
    Entries,
    /// The store's entries in Redis's protocol, for `redis-cli --pipe`.
    Redis,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<ExitCode, Error> {
        if let Some(form) = self.fixture {
            return self.print_fixture(form).map(|()| ExitCode::SUCCESS);
        }
        let is_chosen = |case: &Case| {
            let mut names = self.cases.iter();
            self.cases.is_empty() || names.any(|name| case.name().starts_with(&**name))
        };
        if !all().any(is_chosen) {
            return Err(format!(
                "no case begins with {}: `--list` names them",
                self.cases.join(", ")
            )
            .into());
        }
        if self.list {
            return list(is_chosen).map(|()| ExitCode::SUCCESS);
        }
        let mut host = Host::new(self)?;
        if self.set_up {
            host.set_up()?;
        }
        let profile = match self.expect {
            Expected::Any => Profile::any(),
            Expected::Platform => Profile::platform(),
            Expected::Redis => Profile::redis(),
        };
        let report = run(&mut host, &profile, is_chosen);
        let mut out = Out::new();
        match self.json {
            true => report.cases.iter().try_for_each(|case| {
                let line = serde_json::to_value(case)?;
                out.line(&line)
            })?,
            false => out.bytes(report.to_string().as_bytes())?,
        }
        let has_failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed { .. });
        let mut outcomes = report.cases.iter().map(|case| &case.outcome);
        Ok(match outcomes.any(has_failed) {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        })
    }

    fn print_fixture(&self, form: Form) -> Result<(), Error> {
        let mut out = Out::new();
        match form {
            Form::Toml => out.bytes(fixture::to_toml().as_bytes()),
            Form::Entries => fixture::contents()
                .iter()
                .try_for_each(|(key, content)| out.line(&line::of_content(key, content))),
            Form::Redis => {
                let mut bytes = Vec::new();
                for command in fixture::to_redis(&self.prefix) {
                    write!(bytes, "*{}\r\n", command.len())?;
                    for word in command {
                        write!(bytes, "${}\r\n", word.len())?;
                        bytes.extend_from_slice(&word);
                        bytes.extend_from_slice(b"\r\n");
                    }
                }
                out.bytes(&bytes)
            }
        }
    }
}

fn list(is_chosen: impl Fn(&Case) -> bool) -> Result<(), Error> {
    let mut out = Out::new();
    for case in all().filter(|case| is_chosen(case)) {
        let what: Vec<_> = case
            .clauses()
            .iter()
            .chain(case.helpers())
            .copied()
            .collect();
        out.line(&format!("{}: {}", case.name(), what.join(", ")))?;
    }
    Ok(())
}

/// A running host.
struct Host<'a> {
    arguments: &'a Arguments,
    client: BlockingClient,
    api: Option<(Connection, u64)>,
}

impl<'a> Host<'a> {
    fn new(arguments: &'a Arguments) -> Result<Self, Error> {
        let api = match &arguments.api {
            None => None,
            Some(url) => {
                let connection = Connection::to(url, arguments.token.as_deref())?;
                let store = connection.store(&arguments.store);
                let store = store.map_err(|error| connection.explained(error))?;
                Some((connection, store))
            }
        };
        Ok(Host {
            arguments,
            client: BlockingClient::new(),
            api,
        })
    }

    /// Writes the fixture's store, and waits until it has arrived.
    fn set_up(&self) -> Result<(), Error> {
        let Some((connection, store)) = &self.api else {
            return Ok(());
        };
        let entries = fixture::entries()?;
        let (_, written) = connection.upload(*store, &entries, true, None, |_| ());
        written?;
        // What is written arrives within two seconds, and a node may have kept that it was missing.
        std::thread::sleep(Duration::from_secs(3));
        Ok(())
    }

    fn send_to(
        &self,
        request: Request<Vec<u8>>,
        pop: Option<&str>,
    ) -> Result<Response<Vec<u8>>, String> {
        let (mut parts, body) = request.into_parts();
        let mut target = self.arguments.target.clone().into_parts();
        target.path_and_query = parts.uri.path_and_query().cloned();
        parts.uri = Uri::from_parts(target).map_err(|error| error.to_string())?;
        if let Some(pop) = pop {
            let pop = HeaderValue::from_str(pop).map_err(|error| error.to_string())?;
            parts.headers.insert("x-fastedge-pop", pop);
        }
        let request = Request::from_parts(parts, Body::from(body));
        let response = self.client.send(request);
        let response = response.map_err(|error: TransportError| {
            format!("{} does not answer: {error}", self.arguments.target)
        })?;
        Ok(response.map(Body::into_bytes))
    }
}

impl Target for Host<'_> {
    fn abilities(&self) -> Abilities {
        let mut abilities = Abilities::least();
        abilities.component = true;
        abilities.raw_http = true;
        abilities.patience = Duration::from_secs(self.arguments.patience);
        abilities.writes = self.api.is_some();
        abilities.api = self.api.is_some();
        abilities.locations = self.arguments.second_pop.is_some();
        abilities.own_cache = self.arguments.own_cache;
        abilities.limits = self.arguments.exceed_limits;
        abilities.upstream = self.arguments.upstream.clone();
        abilities
    }

    fn send(&mut self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String> {
        self.send_to(request, None)
    }

    fn send_elsewhere(&mut self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String> {
        self.send_to(request, self.arguments.second_pop.as_deref())
    }

    fn send_together(
        &mut self,
        requests: Vec<Request<Vec<u8>>>,
    ) -> Result<Vec<Response<Vec<u8>>>, String> {
        let host = &*self;
        std::thread::scope(|scope| {
            let threads: Vec<_> = requests
                .into_iter()
                .map(|request| scope.spawn(|| host.send_to(request, None)))
                .collect();
            threads
                .into_iter()
                .map(|thread| {
                    let joined = thread.join();
                    joined.unwrap_or_else(|_| Err("a request has crashed".to_owned()))
                })
                .collect()
        })
    }

    fn write(&mut self, write: Write<'_>) -> Result<(), String> {
        let Some((connection, store)) = &self.api else {
            return Err("there is no API".to_owned());
        };
        let written = entry_of(write).and_then(|entry| {
            let call = connection.api.write(*store, &[entry])?;
            Ok(call.send_with(&connection.transport)?)
        });
        written.map(|_| ()).map_err(|error| error.to_string())
    }

    fn api(&mut self) -> Option<StoreApi<'_>> {
        let url = self.arguments.api.as_deref()?;
        self.api.as_ref().map(|(connection, store)| StoreApi {
            api: &connection.api,
            transport: &connection.transport,
            store: *store,
            url,
        })
    }
}

fn entry_of(write: Write<'_>) -> Result<Entry, Error> {
    Ok(match write {
        Write::Set {
            key,
            value,
            expires_after,
        } => {
            let entry = Entry::plain(key, value)?;
            match expires_after {
                Some(time) => entry.expiring_at(SystemTime::now() + time)?,
                None => entry,
            }
        }
        Write::Score { key, member, score } => Entry::sorted_set(key, [(score, member)])?,
        Write::Delete { key } => Entry::delete(key, DataType::Plain)?,
        _ => return Err("this write is not known".into()),
    })
}

//! A request file, as it is read.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use fastedge_mock_host::central::Change;
use fastedge_mock_host::{Fault, Operation};
use http::{HeaderName, HeaderValue, Method, Request};

use super::check::Expected;
use crate::commands::request_path;
use crate::config::{ConfigError, Node, Source, Table, read_error};
use crate::suggestion::did_you_mean;

/// Requests that are sent in order.
pub(super) struct RequestFile {
    pub(super) path: PathBuf,
    pub(super) steps: Vec<Step>,
}

/// A request, what happens before it, and what is expected of its answer.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) request: Request<Bytes>,
    pub(super) pop: Option<String>,
    pub(super) advance_secs: u64,
    pub(super) writes: Vec<(String, Vec<Change>)>,
    pub(super) replicates: bool,
    /// `None` leaves the faults as they are.
    pub(super) faults: Option<Vec<Fault>>,
    pub(super) expected: Expected,
}

impl RequestFile {
    pub(super) fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::of_file(path, read_error(&error)))?;
        let source = Source::new(path, text);
        let document = source.parse()?;
        let root = Table::root(&source, &document);
        root.only(&["request"])?;
        let requests = match root.get("request") {
            Some(requests) => requests.list()?,
            None => return Err(root.error("there is no [[request]] in it")),
        };
        let steps = requests.iter().map(read_step);
        Ok(RequestFile {
            path: path.to_owned(),
            steps: steps.collect::<Result<_, _>>()?,
        })
    }
}

fn read_step(node: &Node<'_>) -> Result<Step, ConfigError> {
    let table = node.table()?;
    table.only(&[
        "name",
        "uri",
        "method",
        "headers",
        "body",
        "pop",
        "advance_secs",
        "write",
        "replicate",
        "fail",
        "expect",
    ])?;
    let request = read_request(&table)?;
    let name = match table.get("name") {
        Some(name) => name.text()?.to_owned(),
        None => format!("{} {}", request.method(), request.uri()),
    };
    let pop = table.get("pop").map(|pop| pop.text().map(str::to_owned));
    Ok(Step {
        name,
        request,
        pop: pop.transpose()?,
        advance_secs: match table.get("advance_secs") {
            Some(secs) => secs.integer("a number of seconds")?,
            None => 0,
        },
        writes: match table.get("write") {
            Some(stores) => read_writes(&stores.table()?)?,
            None => Vec::new(),
        },
        replicates: match table.get("replicate") {
            Some(replicates) => replicates.truth()?,
            None => false,
        },
        faults: table
            .get("fail")
            .map(|list| read_faults(&list))
            .transpose()?,
        expected: match table.get("expect") {
            Some(expect) => Expected::read(&expect.table()?)?,
            None => Expected::default(),
        },
    })
}

fn read_request(table: &Table<'_>) -> Result<Request<Bytes>, ConfigError> {
    let uri = table.get("uri");
    let uri = uri.ok_or_else(|| table.error("`uri` is missing"))?;
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = request_path(uri.text()?).map_err(|problem| uri.error(problem))?;
    if let Some(method) = table.get("method") {
        let text = method.text()?;
        *request.method_mut() = Method::from_bytes(text.as_bytes())
            .map_err(|_| method.error(format!("{text:?} is no method")))?;
    }
    if let Some(headers) = table.get("headers") {
        for (name, value) in headers.table()?.entries() {
            let text = value.scalar()?;
            let name: HeaderName = name
                .parse()
                .map_err(|_| value.error(format!("{name:?} cannot be the name of a header")))?;
            let text = HeaderValue::try_from(&text)
                .map_err(|_| value.error(format!("{text:?} cannot be the value of a header")))?;
            request.headers_mut().append(name, text);
        }
    }
    if let Some(body) = table.get("body") {
        *request.body_mut() = Bytes::from(body.text()?.to_owned());
    }
    Ok(request)
}

fn read_writes(stores: &Table<'_>) -> Result<Vec<(String, Vec<Change>)>, ConfigError> {
    let mut writes = Vec::new();
    for (store, keys) in stores.entries() {
        let mut changes = Vec::new();
        for (key, value) in keys.table()?.entries() {
            changes.push(Change::Put {
                key: key.to_owned(),
                value: value.scalar()?.into_bytes(),
                expires_at_ms: None,
            });
        }
        writes.push((store.to_owned(), changes));
    }
    Ok(writes)
}

fn read_faults(list: &Node<'_>) -> Result<Vec<Fault>, ConfigError> {
    let faults = list.list()?.into_iter().map(|node| {
        let name = node.text()?;
        match Operation::from_name(name).filter(|operation| operation.can_fail()) {
            Some(operation) => Ok(Fault::on(operation)),
            None => {
                let can_fail = Operation::ALL
                    .iter()
                    .filter(|operation| operation.can_fail());
                let known: Vec<_> = can_fail.map(|operation| operation.name()).collect();
                let hint = did_you_mean(name, &known);
                Err(node.error(format!("no call that can fail is called {name:?}; {hint}")))
            }
        }
    });
    faults.collect()
}

//! The cases that ask the probe from outside.

mod api;
mod app;
mod cache;
mod limits;
mod stores;

use std::time::Duration;

use fastedge::http::{Method, Uri};
use http::{Request, Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::case::Case;
use crate::check::{Stop, shown};
use crate::probe::{About, Kind};
use crate::target::{StoreApi, Target, Write};

/// All of them.
pub(crate) const ALL: &[&[Case]] = &[
    stores::CASES,
    cache::CASES,
    app::CASES,
    limits::CASES,
    api::CASES,
];

/// A case's exchanges with the probe.
pub(crate) struct Conversation<'a> {
    target: &'a mut dyn Target,
    case: &'static str,
    about: &'a About,
}

impl<'a> Conversation<'a> {
    pub(crate) fn new(target: &'a mut dyn Target, case: &Case, about: &'a About) -> Self {
        Conversation {
            target,
            case: case.name,
            about,
        }
    }

    /// A key that is this case's and this run's own.
    fn key(&self, name: &str) -> String {
        format!("conformance:{}:{}:{name}", self.about.run, self.case)
    }

    fn kind(&self) -> Kind {
        self.about.kind
    }

    /// The probe's answer, whatever its status.
    fn send(&mut self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Stop> {
        self.target.send(request).map_err(Stop::Failed)
    }

    /// What the probe answers to a deed, whatever its status.
    fn attempt(&mut self, path: &str, body: &str) -> Result<Response<Vec<u8>>, Stop> {
        self.send(deed(path, body)?)
    }

    /// What the probe answers to a deed that succeeds.
    fn ask<T: DeserializeOwned>(&mut self, path: &str, body: &str) -> Result<T, Stop> {
        let response = self.attempt(path, body)?;
        read(path, &response)
    }

    /// The same at the second location.
    fn ask_elsewhere<T: DeserializeOwned>(&mut self, path: &str, body: &str) -> Result<T, Stop> {
        let response = self.target.send_elsewhere(deed(path, body)?);
        read(path, &response.map_err(Stop::Failed)?)
    }

    /// The same, so many times at the same time.
    fn ask_together<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &str,
        times: usize,
    ) -> Result<Vec<T>, Stop> {
        let requests: Result<Vec<_>, _> = (0..times).map(|_| deed(path, body)).collect();
        let responses = self.target.send_together(requests?).map_err(Stop::Failed)?;
        responses
            .iter()
            .map(|response| read(path, response))
            .collect()
    }

    fn write(&mut self, write: Write<'_>) -> Result<(), Stop> {
        self.target.write(write).map_err(Stop::Failed)
    }

    fn pass(&mut self, time: Duration) {
        self.target.pass(time);
    }

    fn api(&mut self) -> Result<StoreApi<'_>, Stop> {
        self.target
            .api()
            .ok_or_else(|| Stop::skipped("needs the platform's API"))
    }
}

/// A request for a deed of the probe.
fn deed(path: &str, body: &str) -> Result<Request<Vec<u8>>, Stop> {
    let mut request = Request::new(body.as_bytes().to_vec());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse::<Uri>()?;
    Ok(request)
}

fn read<T: DeserializeOwned>(path: &str, response: &Response<Vec<u8>>) -> Result<T, Stop> {
    let told = || {
        Stop::failed(format!(
            "{path} is answered with status {}, {}",
            response.status(),
            shown(&String::from_utf8_lossy(response.body()))
        ))
    };
    match response.status() {
        StatusCode::OK => serde_json::from_slice(response.body()).map_err(|_| told()),
        _ => Err(told()),
    }
}

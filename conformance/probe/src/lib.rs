//! The conformance cases as a reactor app.
#![cfg(target_arch = "wasm32")]

use fastedge::http::{Body, Error, Request, Response};
use fastedge_conformance::probe::{Cases, Kind, answer};

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    answer(Kind::Reactor, Cases::all(), request)
}

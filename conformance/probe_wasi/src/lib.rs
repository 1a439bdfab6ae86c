//! The conformance cases as a WASI-HTTP app.
#![cfg(target_arch = "wasm32")]

use fastedge_conformance::probe::{Cases, Kind, answer};
use wstd::http::{Body, Request, Response, Result};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>> {
    let (parts, mut body) = request.into_parts();
    let body = fastedge::Body::from(body.contents().await?.to_vec());
    let request = Request::from_parts(parts, body);
    let response = answer(Kind::WasiHttp, Cases::without_outbound(), request)?;
    Ok(response.map(|body| body.into_bytes().into()))
}

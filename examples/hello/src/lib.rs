//! The smallest reactor app: a function from a request to a response.

use std::convert::Infallible;

use fastedge::http::{self, Body, Request, Response, StatusCode};

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let greeting = format!("Hello from {}!\n", request.uri().path());
    Ok(http::text(StatusCode::OK, greeting))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets() {
        let request = Request::get("/tea").body(Body::empty()).unwrap();
        let Ok(response) = main(request);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.body().as_text().unwrap(), "Hello from /tea!\n");
    }
}

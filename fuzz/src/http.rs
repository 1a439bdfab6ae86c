//! Requests and responses, as the host's interface has them.

use fastedge::http::{self, Body, ClientInfo, Request};
use fastedge_host::{HttpError, Method, Request as HostRequest, Response as HostResponse};
use fastedge_mock_host::MockHost;

use crate::{halves, headed, header_lines};

/// Pairs of texts, as the interface has headers: nobody has looked at them.
fn pairs(data: &[u8]) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    data.split(|byte| *byte == 0)
        .map(|line| match line.iter().position(|byte| *byte == b':') {
            Some(at) => (text(&line[..at]), text(&line[at + 1..])),
            None => (text(line), String::new()),
        })
        .collect()
}

/// A request to a handler that gives back what it has got.
pub(crate) fn request(data: &[u8]) {
    let (method, rest) = headed(data);
    let methods = [
        Method::Get,
        Method::Post,
        Method::Put,
        Method::Delete,
        Method::Head,
        Method::Patch,
        Method::Options,
    ];
    let (uri, headers) = halves(rest);
    let request = HostRequest {
        method: methods[usize::from(method) % methods.len()],
        uri: String::from_utf8_lossy(uri).into_owned(),
        headers: pairs(headers),
        body: (method > 127).then(|| rest.to_vec()),
    };
    let response = fastedge::__private::answer(request, |request: Request<Body>| {
        let _client = ClientInfo::new(request.headers()).address();
        let (parts, body) = request.into_parts();
        let mut response = http::Response::new(body);
        *response.headers_mut() = parts.headers;
        Ok::<_, http::Error>(response)
    });
    assert!(matches!(response.status, 200 | 400 | 500));
}

/// What a destination answers.
pub(crate) fn response(data: &[u8]) {
    let (status, rest) = headed(data);
    let (headers, body) = halves(rest);
    let answer = HostResponse {
        status: u16::from(status) * 4,
        headers: (status % 2 == 0).then(|| pairs(headers)),
        body: (!body.is_empty()).then(|| body.to_vec()),
    };
    let edge = MockHost::new().answer_with(move |_| match status {
        255 => Err(HttpError::RuntimeError),
        _ => Ok(answer.clone()),
    });
    let _installed = edge.install();
    let request = Request::new(Body::empty());
    let _sent = http::send_request(request);
}

/// Who the client is.
pub(crate) fn client_info(data: &[u8]) {
    let headers = header_lines(data);
    let client = ClientInfo::new(&headers);
    let _address = client.address();
    let _country = client.country_code();
    let _coordinates = client.coordinates();
    let _city = client.city();
}

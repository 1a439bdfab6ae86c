//! The app on a mock host. That real S3 servers take its signatures is tested with the component, by
//! `mock-host/cli/tests/s3_upload.rs`.

use std::time::Duration;

use fastedge_mock_host::{Answer, HttpError, MockHost, Response as Answered};

use super::*;

fn edge() -> MockHost {
    MockHost::new()
        .variable("S3_ENDPOINT", "https://s3.example.com")
        .variable("S3_BUCKET", "uploads")
        .variable("S3_REGION", "eu-west-1")
        .variable("MAX_BYTES", "10")
        .secret("S3_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .secret("S3_SECRET_ACCESS_KEY", "s3cr3t")
        .secret("UPLOAD_TOKEN", "t0ken")
}

fn put(path: &str) -> fastedge::http::request::Builder {
    Request::put(path)
        .header("authorization", "Bearer t0ken")
        .header("content-type", "text/plain; charset=utf-8")
}

/// Status and body of an answer to a request with a body.
fn ask(edge: &MockHost, request: fastedge::http::request::Builder, body: &str) -> (u16, String) {
    let request = request.body(Body::from(body)).unwrap();
    let response = edge.run(|| main(request)).unwrap();
    let text = response.body().as_text().unwrap().to_owned();
    (response.status().as_u16(), text)
}

#[test]
fn an_upload_is_put_with_a_presigned_url() {
    let edge = edge().answer_with(|request| {
        let headers = request.headers.clone();
        assert!(headers.contains(&("content-type".to_owned(), "text/plain".to_owned())));
        assert!(!headers.iter().any(|(name, _)| name == "authorization"));
        assert_eq!(request.body.as_deref(), Some(b"tea".as_slice()));
        Ok(Answer::status(200).header("etag", "\"abc\"").into())
    });
    let (status, body) = ask(&edge, put("/menu/tea.txt"), "tea");
    assert_eq!(
        (status, body.as_str()),
        (201, r#"{"key":"menu/tea.txt","bytes":3,"etag":"abc"}"#)
    );
    let calls = edge.calls();
    let url = &calls.iter().find(|call| call.bytes_sent > 0).unwrap().key;
    assert!(
        url.starts_with("https://s3.example.com/uploads/menu/tea.txt?"),
        "{url}"
    );
    assert!(url.contains("X-Amz-Date=20260101T000000Z"), "{url}");
    assert!(
        url.contains("X-Amz-SignedHeaders=content-type%3Bhost"),
        "{url}"
    );

    edge.clock().advance(Duration::from_secs(3600));
    edge.clear_calls();
    let post = Request::post("/").header("authorization", "Bearer t0ken");
    let edge = edge.answer_with(|_| Ok(Answer::status(200).into()));
    let (status, body) = ask(&edge, post, "tea");
    assert_eq!(status, 201);
    assert!(body.starts_with("{\"key\":\"uploads/"), "{body}");
    let calls = edge.calls();
    let url = &calls.iter().find(|call| call.bytes_sent > 0).unwrap().key;
    assert!(url.contains("X-Amz-Date=20260101T010000Z"), "{url}");
}

#[test]
fn what_is_wrong_with_a_request_is_told_to_the_client_and_nothing_is_sent() {
    let edge = edge();
    let anonymous = || Request::put("/a").header("content-type", "text/plain");
    for (request, body, status) in [
        (Request::get("/a"), "", 405),
        (anonymous(), "tea", 401),
        (
            anonymous().header("authorization", "Bearer wrong"),
            "tea",
            401,
        ),
        (anonymous().header("authorization", "Bearer "), "tea", 401),
        (put("/a/../b"), "tea", 400),
        (put("/uploads/a"), "tea", 403),
        (
            Request::post("/a").header("authorization", "Bearer t0ken"),
            "tea",
            404,
        ),
        (put("/a"), "", 400),
        (put("/a"), "a very long tea", 413),
        (
            Request::put("/a")
                .header("authorization", "Bearer t0ken")
                .header("content-type", "text/html"),
            "tea",
            415,
        ),
    ] {
        let (answered, text) = ask(&edge, request, body);
        assert_eq!(answered, status, "{text}");
        let problem: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(problem["status"], status);
    }
    assert_eq!(edge.calls().requests_sent(), 0);

    let request = Request::get("/a").body(Body::empty()).unwrap();
    let response = edge.run(|| main(request)).unwrap();
    assert_eq!(response.headers()["allow"], "PUT, POST");
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
}

#[test]
fn what_is_wrong_with_the_storage_is_not_told_to_the_client() {
    let xml = "<Error><Code>SignatureDoesNotMatch</Code><Message>AKIDEXAMPLE</Message></Error>";
    let answers: [(Result<Answered, HttpError>, u16); 6] = [
        (Ok(Answer::status(403).body(xml).into()), 502),
        (Ok(Answer::status(404).into()), 502),
        (Ok(Answer::status(503).into()), 503),
        (Ok(Answer::status(413).into()), 413),
        (Err(HttpError::RequestError), 502),
        (Err(HttpError::TooManyRequests), 503),
    ];
    for (answer, status) in answers {
        let edge = edge().answer_with(move |_| answer.clone());
        let (answered, text) = ask(&edge, put("/a"), "tea");
        assert_eq!(answered, status, "{text}");
        assert!(
            !text.contains("AKID") && !text.contains("s3.example.com"),
            "{text}"
        );
    }
}

#[test]
fn what_is_not_configured_is_said_in_the_log_only() {
    let without_secret = MockHost::new()
        .variable("S3_ENDPOINT", "https://s3.example.com")
        .variable("S3_BUCKET", "uploads")
        .variable("S3_REGION", "eu-west-1");
    for edge in [
        MockHost::new(),
        without_secret,
        edge().variable("S3_ENDPOINT", "s3.example.com"),
        edge().variable("S3_ENDPOINT", "https://s3.example.com/path"),
        edge().variable("S3_BUCKET", ""),
        edge().variable("S3_URL_STYLE", "paht"),
        edge().variable("MAX_BYTES", "1 MB"),
        edge().secret("UPLOAD_TOKEN", ""),
    ] {
        let (status, text) = ask(&edge, put("/a"), "tea");
        assert_eq!(status, 500, "{text}");
        assert!(!text.contains("S3_"), "{text}");
    }
}

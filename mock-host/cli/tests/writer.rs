//! An app that writes to its store, as a component: `examples/page_views_kv`, with an API on a socket.

mod common;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use common::{component, config, get, load, status_and_text};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// What the API was sent, each as `<method> <path> <authorization> <body>`.
type Received = Arc<Mutex<Vec<String>>>;

/// An API that takes writes until it is told to refuse them.
async fn api(refuses: bool) -> (SocketAddr, Received) {
    let received = Received::default();
    let seen = Arc::clone(&received);
    let answer = move |request: Request<Incoming>| {
        let seen = Arc::clone(&seen);
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let authorization = parts.headers["authorization"].to_str().unwrap();
            let (method, path) = (parts.method, parts.uri.path());
            let body = String::from_utf8_lossy(&body);
            let mut seen = seen.lock().unwrap();
            seen.push(format!("{method} {path} {authorization} {body}"));
            let revision = seen.len();
            let (status, answer) = match refuses {
                false => (
                    200,
                    format!("{{\"write_count\": 1, \"revision\": {revision}}}"),
                ),
                true => (
                    401,
                    format!("{{\"message\": \"{authorization} has expired\"}}"),
                ),
            };
            let mut response = Response::new(Full::new(Bytes::from(answer)));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            Ok::<_, hyper::Error>(response)
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let connection = TokioIo::new(connection);
            let serving =
                http1::Builder::new().serve_connection(connection, service_fn(answer.clone()));
            tokio::spawn(serving);
        }
    });
    (address, received)
}

fn platform(api: SocketAddr) -> fastedge_mock::config::Config {
    config(&format!(
        r#"
        [variables]
        STORE_ID = "7"
        API_URL = "http://{api}"
        [secrets]
        API_TOKEN = "t0ken"
        [stores.default.values]
        page_views = "41"
        [outbound]
        allow = ["{api}"]
        "#
    ))
}

#[tokio::test]
async fn what_is_written_is_remembered_until_it_is_replicated() {
    let (address, received) = api(false).await;
    let (app, printed) = load(&component("page_views_kv"), platform(address));
    for views in [42, 43] {
        let answer = status_and_text(app.request(get("/")).await);
        assert_eq!(
            answer,
            (200, format!("Page views: {views}\n")),
            "{:?}",
            printed.lines()
        );
    }
    let received = received.lock().unwrap().clone();
    assert_eq!(received.len(), 2);
    assert_eq!(
        received[1],
        "PUT /fastedge/v1/kv/7/data apikey t0ken [{\"key\":\"page_views\",\"datatype\":\"kv\",\
         \"op\":\"add\",\"payload\":{\"value\":\"43\",\"encoding\":\"plain\"}}]"
    );
}

#[tokio::test]
async fn a_refusal_is_in_the_log_and_the_token_is_not() {
    let (address, _received) = api(true).await;
    let (app, printed) = load(&component("page_views_kv"), platform(address));
    let answer = status_and_text(app.request(get("/")).await);
    assert_eq!(answer, (200, "Page views: 41\n".to_owned()));
    let log = printed.lines().join("\n");
    assert!(
        log.contains("401 Unauthorized: apikey … has expired"),
        "{log}"
    );
    assert!(!log.contains("t0ken"), "{log}");
}

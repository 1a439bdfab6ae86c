//! Requests that apps send.

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use common::{component, config, load, status_and_text};
use fastedge_mock_host::{Answer, Fault, FaultError, Operation};
use http::Request;

static PROBE: LazyLock<Vec<u8>> = LazyLock::new(|| component("probe"));
static PROBE_WASI: LazyLock<Vec<u8>> = LazyLock::new(|| component("probe_wasi"));

/// Answers every request with the first line and the body of what it was sent.
fn echo_server() -> SocketAddr {
    counting_server().0
}

/// The same, and how many requests it has answered.
fn counting_server() -> (SocketAddr, Arc<AtomicUsize>) {
    let answered = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&answered);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut received = Vec::new();
            let mut buffer = [0; 4096];
            // The requests of these tests end with their body, `ping`, or have none.
            let is_complete = |received: &[u8]| match received.starts_with(b"GET") {
                true => received.ends_with(b"\r\n\r\n"),
                false => received.ends_with(b"ping"),
            };
            while !is_complete(&received) {
                match stream.read(&mut buffer).unwrap() {
                    0 => break,
                    n => received.extend_from_slice(&buffer[..n]),
                }
            }
            count.fetch_add(1, SeqCst);
            let text = String::from_utf8(received).unwrap();
            let line = text.lines().next().unwrap_or_default();
            let has_header = text.contains("x-from: probe");
            let body = format!("{line} {has_header}");
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    (address, answered)
}

fn send(url: &str, times: u32) -> Request<Bytes> {
    Request::get("/send")
        .header("x-url", url)
        .header("x-times", times)
        .body(Bytes::new())
        .unwrap()
}

#[tokio::test]
async fn a_destination_that_the_configuration_names_is_reached() {
    let address = echo_server();
    let platform = format!("[outbound]\nallow = [\"{address}\"]");
    let (app, _) = load(&PROBE, config(&platform));
    let (_, text) = status_and_text(app.request(send(&format!("http://{address}/x?y"), 1)).await);
    assert_eq!(text, r#"["200 POST /x?y HTTP/1.1 true"]"#);

    let (wasi, _) = load(&PROBE_WASI, config(&platform));
    let (_, text) = status_and_text(
        wasi.request(send(&format!("http://{address}/x?y"), 1))
            .await,
    );
    assert_eq!(text, "200 GET /x?y HTTP/1.1 false");
}

#[tokio::test]
async fn private_destinations_are_refused_as_on_the_platform() {
    let address = echo_server();
    let port = address.port();
    let (app, _) = load(&PROBE, config("[outbound]\nallow = [\"127.0.0.1:1\"]"));
    for host in ["127.0.0.1", "localhost", "[::1]", "10.0.0.1"] {
        let url = format!("http://{host}:{port}/");
        let (_, text) = status_and_text(app.request(send(&url, 1)).await);
        assert!(text.contains("does not let the app talk"), "{host}: {text}");
    }
    let (wasi, _) = load(&PROBE_WASI, config(""));
    let (_, text) = status_and_text(wasi.request(send(&format!("http://{address}/"), 1)).await);
    assert!(text.contains("DestinationIpProhibited"), "{text}");
}

#[tokio::test]
async fn requests_are_counted_against_the_limit() {
    let address = echo_server();
    let platform =
        "[outbound]\nallow = [\"127.0.0.1\"]\n[limits]\noutbound_requests = 2\ntime_ms = 60000";
    let (app, _) = load(&PROBE, config(platform));
    let (_, text) = status_and_text(app.request(send(&format!("http://{address}/"), 3)).await);
    let answers: Vec<String> = serde_json::from_str(&text).unwrap();
    assert!(answers[0].starts_with("200 ") && answers[1].starts_with("200 "));
    assert!(answers[2].contains("too many outbound requests"), "{text}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_an_error_of_the_app_and_not_of_the_host() {
    let (app, _) = load(&PROBE, config("[outbound]\nallow = [\"127.0.0.1\"]"));
    for (url, says) in [
        ("/no-host", "invalid-url"),
        ("ftp://example.com/", "invalid-url"),
        ("http://127.0.0.1:1/", "request-error"),
    ] {
        let (status, text) = status_and_text(app.request(send(url, 1)).await);
        assert_eq!(status, 200, "{url}");
        assert!(text.contains(says), "{url}: {text}");
    }
}

/// Canned answers and faults are the edge's, for components as for native tests.
#[tokio::test]
async fn the_edge_answers_by_itself_what_it_is_told_to() {
    for (app, method) in [(&PROBE, "POST"), (&PROBE_WASI, "GET")] {
        let (app, _) = load(app, config(""));
        let edge = &app.config().edge;
        edge.answer("http://shop.example/price", Answer::text("42"));
        edge.answer_with(move |request| {
            let same = request.method.as_str() == method;
            Ok(Answer::status(if same { 201 } else { 500 }).into())
        });
        let (_, text) = status_and_text(app.request(send("http://shop.example/price", 1)).await);
        assert!(text.contains("200 42"), "{text}");
        let (_, text) = status_and_text(app.request(send("http://other.example/", 1)).await);
        assert!(text.contains("201 "), "{text}");
        edge.inject(Fault::on(Operation::SendRequest).error(FaultError::AccessDenied));
        let (_, text) = status_and_text(app.request(send("http://shop.example/price", 1)).await);
        assert!(!text.contains("200 42"), "{text}");
    }
}

/// What is sent and whose answer is lost has been done; what fails at once has not.
#[tokio::test]
async fn an_answer_can_get_lost_after_the_effect() {
    for app in [&PROBE, &PROBE_WASI] {
        let (address, answered) = counting_server();
        let (app, _) = load(app, config("[outbound]\nallow = [\"127.0.0.1\"]"));
        let url = format!("http://{address}/pay");
        let fault = Fault::on(Operation::SendRequest);
        for (fault, reached) in [(fault.clone(), 0), (fault.after_the_effect(), 1)] {
            app.config().edge.clear_faults();
            app.config().edge.inject(fault);
            let (_, text) = status_and_text(app.request(send(&url, 1)).await);
            assert!(!text.contains("200 "), "{text}");
            assert_eq!(answered.load(SeqCst), reached, "{text}");
        }
    }
}

/// The log of calls says how each request went, for who looks for the reason: the app is told less.
#[tokio::test]
async fn what_became_of_a_request_is_in_the_log() {
    let (here, silent) = (echo_server(), TcpListener::bind("127.0.0.1:0").unwrap());
    let here = format!("http://{here}/{}", "x".repeat(500));
    let silent = format!("http://{}/", silent.local_addr().unwrap());
    let refused = "http://127.0.0.1:1/";
    for (app_bytes, limits, url, received, says) in [
        (&PROBE, "body = 1000", here.as_str(), 520, None),
        (&PROBE_WASI, "body = 1000", &here, 520, None),
        (
            &PROBE,
            "body = 3",
            &here,
            0,
            Some("larger than the limit of 3 bytes"),
        ),
        (
            &PROBE,
            "body = 300",
            &here,
            520,
            Some("larger than the limit of 300 bytes"),
        ),
        (
            &PROBE,
            "time_ms = 200",
            &silent,
            0,
            Some("no answer has come"),
        ),
        (
            &PROBE_WASI,
            "time_ms = 200",
            &silent,
            0,
            Some("no answer has come"),
        ),
        (
            &PROBE,
            "outbound_requests = 0",
            &here,
            0,
            Some("(the limit is 0)"),
        ),
        (
            &PROBE_WASI,
            "outbound_requests = 0",
            &here,
            0,
            Some("(the limit is 0)"),
        ),
        (&PROBE, "", refused, 0, Some("refused")),
        (&PROBE_WASI, "", refused, 0, Some("refused")),
        (&PROBE, "", "http://10.0.0.1/", 0, Some("prohibited")),
        (&PROBE, "", "/tea", 0, Some("names no host")),
    ] {
        let toml = format!("[outbound]\nallow = [\"127.0.0.1\"]\n[limits]\n{limits}");
        let (app, _) = load(app_bytes, config(&toml));
        let outcome = app.request(send(url, 1)).await;
        let calls: Vec<_> = outcome.calls.iter().collect();
        let [call] = calls[..] else {
            panic!("{limits} {url}: {calls:?}");
        };
        assert_eq!(call.bytes_received, received, "{limits}: {call}");
        if received > 0 {
            // The reactor probe posts `ping`.
            let posted = if std::ptr::eq(app_bytes, &PROBE) {
                4
            } else {
                0
            };
            assert_eq!(call.bytes_sent, posted, "{limits}: {call}");
        }
        match says {
            None => assert_eq!(call.error, None, "{limits}"),
            Some(says) => {
                let error = call.error.as_deref().unwrap_or_default();
                assert!(error.contains(says), "{limits} {url}: {error}");
            }
        }
    }
}

/// Where there is a list, what is not on it is refused, without being looked up or reached; what is
/// private is refused in any case, until it is allowed.
#[tokio::test]
async fn a_list_of_destinations_is_kept_to() {
    let here = format!("http://{}/", echo_server());
    let only = |list: &str| format!("[outbound]\nonly = [{list}]\n");
    let allowed = only("\"shop.example\"") + "allow = [\"127.0.0.1\"]";
    for (toml, url, reached) in [
        (only("\"shop.example\""), "http://other.example/", false),
        (only("\"127.0.0.1\""), here.as_str(), false),
        (allowed.clone(), "http://other.example/", false),
        (allowed, here.as_str(), true),
    ] {
        let (app, _) = load(&PROBE, config(&toml));
        let (_, text) = status_and_text(app.request(send(url, 1)).await);
        assert_eq!(text.contains("200 "), reached, "{toml} {url}: {text}");
        let refused = "the host does not let the app talk to this destination";
        assert_eq!(text.contains(refused), !reached, "{toml} {url}: {text}");
    }
}

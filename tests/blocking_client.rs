//! `BlockingClient`, on a socket.
#![cfg(feature = "blocking-client")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use fastedge::edge_storage_api::{Api, BlockingClient, Entry, ErrorKind, Token, Upload};

/// Answers one connection after the other, and hands over what it was sent.
fn serve(answers: Vec<&'static str>) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut received = Vec::new();
        for answer in answers {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            loop {
                let read = connection.read(&mut buffer).unwrap();
                request.extend_from_slice(&buffer[..read]);
                let text = String::from_utf8_lossy(&request).into_owned();
                if read == 0 || is_whole(&text) {
                    received.push(text);
                    break;
                }
            }
            connection.write_all(answer.as_bytes()).unwrap();
        }
        received
    });
    (url, server)
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

fn api(url: &str) -> Api {
    Api::new(Token::new("t0ken").unwrap()).at(url).unwrap()
}

#[test]
fn an_upload_runs_on_it() {
    let (url, server) = serve(vec![
        "HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"write_count\": 1, \"revision\": 3}",
    ]);
    let mut upload = Upload::new(api(&url), 7, [Entry::plain("k", "v").unwrap()]);
    let progress = upload.run(&BlockingClient::new()).unwrap();
    assert_eq!((progress.confirmed, progress.revision), (1, 3));
    let received = server.join().unwrap();
    assert_eq!(received.len(), 2);
    let (head, body) = received[1].split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("PUT /fastedge/v1/kv/7/data HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("authorization: apikey t0ken"), "{head}");
    assert!(body.starts_with("[{\"key\":\"k\""), "{body}");
}

#[test]
fn a_redirect_is_not_followed() {
    let (url, server) = serve(vec![
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    ]);
    let call = api(&url).get_store(7).unwrap();
    let error = call.send_with(&BlockingClient::new()).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Refused { status, .. } if *status == 302),
        "{error}"
    );
    server.join().unwrap();
}

#[test]
fn what_was_not_sent_is_told_from_what_was_lost() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", unused.local_addr().unwrap());
    drop(unused);
    let call = api(&url).get_store(7).unwrap();
    let error = call.send_with(&BlockingClient::new()).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotAnswered { .. }),
        "{error}"
    );
    assert!(!error.may_have_happened(), "{error}");

    let (url, server) = serve(vec![""]);
    let call = api(&url).get_store(7).unwrap();
    let error = call.send_with(&BlockingClient::new()).unwrap_err();
    assert!(error.may_have_happened(), "{error}");
    server.join().unwrap();
}

//! The example `s3_upload` as a component, beside an S3 server that checks signatures.

mod common;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use common::{Printed, component, config, load, status_and_text};
use fastedge_mock::wasm::Guest;
use http::Request;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

static COMPONENT: LazyLock<Vec<u8>> = LazyLock::new(|| component("s3_upload"));

/// A server with the bucket `uploads`, until the test ends.
async fn s3_server() -> (SocketAddr, TempDir) {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("uploads")).unwrap();
    let mut builder = S3ServiceBuilder::new(FileSystem::new(root.path()).unwrap());
    builder.set_auth(SimpleAuth::from_single("AKIDEXAMPLE", "s3cr3t"));
    let service = builder.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let connection = TokioIo::new(connection);
            let serving = http1::Builder::new().serve_connection(connection, service.clone());
            tokio::spawn(serving);
        }
    });
    (address, root)
}

fn app(s3: SocketAddr, bucket: &str, secret_key: &str) -> (Guest, Arc<Printed>) {
    load(
        &COMPONENT,
        config(&format!(
            r#"
            [variables]
            S3_ENDPOINT = "http://{s3}"
            S3_BUCKET = "{bucket}"
            S3_REGION = "us-east-1"
            [secrets]
            S3_ACCESS_KEY_ID = "AKIDEXAMPLE"
            S3_SECRET_ACCESS_KEY = "{secret_key}"
            UPLOAD_TOKEN = "t0ken"
            [outbound]
            allow = ["{s3}"]
            "#
        )),
    )
}

fn upload(path: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::put(path)
        .header("authorization", "Bearer t0ken")
        .header("content-type", "image/png")
        .body(body.into())
        .unwrap()
}

fn stored(root: &TempDir, key: &str) -> Option<Vec<u8>> {
    std::fs::read(root.path().join("uploads").join(Path::new(key))).ok()
}

#[tokio::test]
async fn an_upload_is_in_the_bucket() {
    let (s3, root) = s3_server().await;
    let (app, _) = app(s3, "uploads", "s3cr3t");
    let picture: Vec<u8> = (0..900_000_u32).map(|i| (i % 251) as u8).collect();
    let request = upload("/photos/cat.png", picture.clone());
    let (status, text) = status_and_text(app.request(request).await);
    assert_eq!(status, 201, "{text}");
    assert!(
        text.starts_with(r#"{"key":"photos/cat.png","bytes":900000,"etag":""#),
        "{text}"
    );
    assert_eq!(stored(&root, "photos/cat.png"), Some(picture));

    let post = Request::post("/")
        .header("authorization", "Bearer t0ken")
        .body(Bytes::from_static(b"abc"))
        .unwrap();
    let (status, text) = status_and_text(app.request(post).await);
    assert_eq!(status, 201, "{text}");
    let key = "uploads/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(stored(&root, key).as_deref(), Some(b"abc".as_slice()));
}

#[tokio::test]
async fn a_wrong_key_stores_nothing() {
    let (s3, root) = s3_server().await;
    let (app, printed) = app(s3, "uploads", "another secret");
    let (status, text) = status_and_text(app.request(upload("/a", "tea")).await);
    assert_eq!(status, 502, "{text}");
    assert!(!text.contains("Signature"), "{text}");
    let log = printed.lines().join("\n");
    assert!(log.contains("403"), "{log}");
    assert!(log.contains("SignatureDoesNotMatch"), "{log}");
    assert!(
        !log.contains("X-Amz") && !log.contains("another secret"),
        "{log}"
    );
    assert_eq!(stored(&root, "a"), None);
}

#[tokio::test]
async fn a_skewed_clock_stores_nothing() {
    let (s3, root) = s3_server().await;
    let (app, printed) = app(s3, "uploads", "s3cr3t");
    app.config().edge.clock().advance(Duration::from_secs(3600));
    let (status, text) = status_and_text(app.request(upload("/a", "tea")).await);
    assert_eq!(status, 502, "{text}");
    let log = printed.lines().join("\n");
    assert!(log.contains("S3 answered 403"), "{log}");
    assert_eq!(stored(&root, "a"), None);
}

#[tokio::test]
async fn a_missing_server_is_a_bad_gateway() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = unused.local_addr().unwrap();
    drop(unused);
    let (app, printed) = app(address, "uploads", "s3cr3t");
    let (status, text) = status_and_text(app.request(upload("/a", "tea")).await);
    assert_eq!(status, 502, "{text}");
    assert!(!printed.lines().join("\n").contains("X-Amz"));
}

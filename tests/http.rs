//! Outbound requests, and what the platform says of a client.

use fastedge::http::{
    Body, ClientInfo, HeaderMap, HeaderValue, MAX_BODY_BYTES, Method, Request, SendError,
    StatusCode, send_request,
};
use fastedge_mock_host::{Answer, Fault, FaultError, HttpError, MockHost, Operation, Response};

const URL: &str = "https://api.example.com/v1?x=y";

fn request() -> Request<Body> {
    Request::get(URL).body(Body::empty()).unwrap()
}

#[test]
fn everything_of_a_request_reaches_the_host_and_of_an_answer_the_app() {
    let edge = MockHost::new().answer_with(|request| {
        assert_eq!(request.method.as_str(), "PATCH");
        assert_eq!(request.uri, URL);
        assert_eq!(
            request.headers,
            [
                ("x-a".to_owned(), "ü".to_owned()),
                ("x-a".to_owned(), "2".to_owned())
            ]
        );
        Ok(Answer::status(404)
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2")
            .body(request.body.clone().unwrap())
            .into())
    });
    let _installed = edge.install();
    let request = Request::patch(URL)
        .header("x-a", "ü")
        .header("x-a", "2")
        .body(Body::from("hello"))
        .unwrap();
    let response = send_request(request).unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(response.body().as_bytes(), b"hello");
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(edge.calls().requests_sent(), 1);
}

#[test]
fn what_the_interface_cannot_carry_is_an_error_before_the_host_is_called() {
    let edge = MockHost::new();
    let _installed = edge.install();
    for method in ["TRACE", "CONNECT", "PROPFIND"] {
        let mut request = request();
        *request.method_mut() = method.parse().unwrap();
        let refused = send_request(request).unwrap_err();
        assert_eq!(
            refused,
            SendError::Method(method.parse::<Method>().unwrap())
        );
    }
    let mut not_text = request();
    not_text
        .headers_mut()
        .insert("x-binary", HeaderValue::from_bytes(b"\xff").unwrap());
    let refused = send_request(not_text).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the value of header `x-binary` is not UTF-8 text, which is all that the platform can send"
    );
    let too_large = request().map(|_| Body::from(vec![0; MAX_BODY_BYTES + 1]));
    assert_eq!(
        send_request(too_large).unwrap_err(),
        SendError::BodyTooLarge {
            bytes: MAX_BODY_BYTES + 1
        }
    );
    assert!(edge.calls().is_empty());
}

#[test]
fn the_hosts_failures_are_told_apart() {
    let failing = |error| {
        let edge = MockHost::new().fault(Fault::on(Operation::SendRequest).error(error));
        edge.run(|| send_request(request()).unwrap_err())
    };
    assert!(matches!(
        failing(FaultError::AccessDenied),
        SendError::DestinationNotAllowed { .. }
    ));
    assert!(matches!(
        failing(FaultError::Internal),
        SendError::Failed { .. }
    ));
    let edge = MockHost::new().answer_with(|_| Err(HttpError::TooManyRequests));
    let error = edge.run(|| send_request(request()).unwrap_err());
    // What may be a secret is not in it: the query.
    let (named, _) = URL.split_once('?').unwrap_or((URL, ""));
    assert!(
        error.to_string().starts_with(&format!("{named}: ")),
        "{error}"
    );
    assert!(matches!(error, SendError::TooManyRequests { .. }));
}

#[test]
fn an_answer_that_is_not_http_is_an_error_and_not_a_trap() {
    let bad = |status, header: (&str, &str)| {
        let response = Response {
            status,
            headers: Some(vec![(header.0.to_owned(), header.1.to_owned())]),
            body: None,
        };
        let edge = MockHost::new().answer_with(move |_| Ok(response.clone()));
        edge.run(|| send_request(request()).unwrap_err())
    };
    for error in [
        bad(0, ("a", "b")),
        bad(1000, ("a", "b")),
        bad(200, ("a b", "c")),
        bad(200, ("a", "b\nc")),
    ] {
        assert!(matches!(error, SendError::Response { .. }), "{error}");
    }
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            (
                name.parse().unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_clients_address_is_the_platforms_word_first() {
    let address = |pairs: &[(&'static str, &'static str)]| {
        ClientInfo::new(&headers(pairs))
            .address()
            .map(|address| address.map(|address| address.to_string()))
    };
    assert_eq!(address(&[]), Ok(None));
    assert_eq!(
        address(&[
            ("x-real-ip", "2001:db8::1"),
            ("x-forwarded-for", "192.0.2.9")
        ]),
        Ok(Some("2001:db8::1".to_owned()))
    );
    assert_eq!(
        address(&[("x-forwarded-for", "192.0.2.9, 198.51.100.1")]),
        Ok(Some("192.0.2.9".to_owned()))
    );
    let error = address(&[("x-real-ip", "localhost")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "request header `x-real-ip`: invalid IP address syntax"
    );
}

#[test]
fn a_place_is_checked() {
    let place = [
        ("pop-lat", "49.61"),
        ("pop-long", "-6.5"),
        ("pop-reg", "LU"),
        ("pop-city", "Esch-sur-Alzette"),
        ("pop-continent", "Europe"),
        ("pop-country-code", "lu"),
        ("pop-country-name", "Luxembourg"),
        ("server_name", "shop.example.com"),
    ];
    let headers_here = headers(&place);
    let client = ClientInfo::new(&headers_here);
    let coordinates = client.coordinates().unwrap().unwrap();
    assert_eq!(coordinates.latitude(), 49.61);
    assert_eq!(coordinates.longitude(), -6.5);
    assert_eq!(client.region(), Some("LU"));
    assert_eq!(client.city(), Some("Esch-sur-Alzette"));
    assert_eq!(client.continent(), Some("Europe"));
    assert_eq!(client.country_code().unwrap().unwrap(), "LU");
    assert_eq!(client.country_name(), Some("Luxembourg"));
    assert_eq!(client.server_name(), Some("shop.example.com"));

    for wrong in [
        headers(&[("pop-lat", "90.5"), ("pop-long", "0")]),
        headers(&[("pop-lat", "NaN"), ("pop-long", "0")]),
        headers(&[("pop-lat", "0")]),
        headers(&[("pop-long", "0")]),
        headers(&[("pop-lat", "north"), ("pop-long", "0")]),
    ] {
        assert!(ClientInfo::new(&wrong).coordinates().is_err(), "{wrong:?}");
    }
    for wrong in ["LUX", "L", "1A", "ÄÖ"] {
        let wrong = headers(&[("pop-country-code", wrong)]);
        assert!(ClientInfo::new(&wrong).country_code().is_err(), "{wrong:?}");
    }
}

/// `?` works on all of the crate's errors in a handler that answers `http::Error`.
#[test]
fn one_error_takes_all_others() {
    fn takes<E: Into<fastedge::http::Error>>() {}
    takes::<fastedge::DecodeError>();
    takes::<fastedge::NoHostInstalled>();
    takes::<fastedge::bloom::FilterError>();
    takes::<fastedge::cache::Error>();
    takes::<fastedge::cache::TtlError>();
    takes::<fastedge::codec::EncodeError>();
    takes::<fastedge::config::Error>();
    takes::<fastedge::diagnostics::Error>();
    takes::<fastedge::dictionary::Error>();
    takes::<fastedge::edge_storage_api::EntryError>();
    takes::<fastedge::edge_storage_api::Error>();
    takes::<fastedge::edge_storage_api::TokenError>();
    takes::<fastedge::http::ClientInfoError>();
    takes::<fastedge::http::SendError>();
    takes::<fastedge::key::LimitError>();
    takes::<fastedge::key::WriteValueError>();
    takes::<fastedge::kv_store::Error>();
    takes::<fastedge::pattern::PatternError>();
    takes::<fastedge::secret::Error>();
}

/// What an app keeps in a `static`, or hands to a thread.
#[test]
fn handles_are_send_and_sync() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<fastedge::Key<String>>();
    is_send_and_sync::<fastedge::KeyTemplate<1, String>>();
    is_send_and_sync::<fastedge::Pattern>();
    is_send_and_sync::<fastedge::bloom::Filter<str>>();
    is_send_and_sync::<fastedge::config::Config<String>>();
    is_send_and_sync::<fastedge::config::Config<String, fastedge::config::Memoised>>();
    is_send_and_sync::<fastedge::edge_storage_api::Api>();
    is_send_and_sync::<fastedge::edge_storage_api::Call<()>>();
    is_send_and_sync::<fastedge::kv_store::SortedSet<'_>>();
    is_send_and_sync::<fastedge::kv_store::BloomFilter<'_>>();
    is_send_and_sync::<fastedge::KvStore<fastedge::kv_store::Writer>>();
    is_send_and_sync::<fastedge::http::Error>();
}

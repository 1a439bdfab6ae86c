//! What the SDK keeps in the cache, spoilt: by another version of the app, by another app of the account.

use std::time::Duration;

use fastedge::RateLimit;
use fastedge::cache::{
    Cache, ConcurrencyLimit, Idempotency, Lease, Memoize, Namespace, Once, ResponseCache,
    SingleFlight, Ttl, WindowCounter,
};
use fastedge::http::{self, Body, Error, Request, StatusCode};
use fastedge::session::Sessions;
use fastedge_mock_host::MockHost;

use crate::{halves, header_lines};

const MINUTE: Duration = Duration::from_secs(60);

/// Does something, puts these bytes wherever it has read from the cache, and does it again.
pub(crate) fn twice(edge: &MockHost, data: &[u8], mut f: impl FnMut()) {
    f();
    let mut keys: Vec<_> = edge
        .calls()
        .iter()
        .filter(|call| call.operation.is_cache())
        .map(|call| call.key.clone())
        .collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        edge.cache().set(&key, data, Some(MINUTE));
    }
    f();
}

/// Any value at the keys of every helper.
pub(crate) fn values(data: &[u8]) {
    let edge = MockHost::new();
    let _installed = edge.install();
    twice(&edge, data, || {
        let _outcome = use_all();
    });
}

fn use_all() -> Result<(), Error> {
    let minute = Ttl::secs(60)?;
    let limits = [
        RateLimit::fixed_window("f", 2, MINUTE)?,
        RateLimit::sliding_window("s", 2, MINUTE)?,
        RateLimit::strict_sliding_window("st", 2, MINUTE)?,
        RateLimit::paced("p", 2, MINUTE, 2)?,
    ];
    for limit in limits {
        let _verdict = limit.check("ann");
    }
    let _permit = ConcurrencyLimit::new("c", 1, MINUTE)?.acquire(());
    let _first = Once::new("o", minute).is_first("e");
    let _lease = Lease::acquire("l", "m", MINUTE);
    let memo = Memoize::<u64>::new("m", minute).stale_if_error(MINUTE);
    let _value = memo.get((), || Ok::<_, Error>(7));
    let _stale = memo.get((), || Err::<u64, _>("no"));
    let _flight = SingleFlight::<u64>::new("sf", minute).run((), || Ok::<_, Error>(7));
    let views = WindowCounter::new("w", MINUTE)?.keep(3)?;
    let _added = views.add("/", 1);
    let _total = views.total("/", 3);
    let _flushed = views.flush("/", |_| Ok::<_, fastedge::cache::Error>(()));
    let shop = Namespace::new("n");
    let _key = shop.key("k");
    let _flush = shop.flush();
    let _count = Cache::counter("k").expires_after(minute).incr();
    Ok(())
}

/// Cookies, and records of sessions.
pub(crate) fn sessions(data: &[u8]) {
    let edge = MockHost::new().secret("KEY", "0123456789abcdef0123456789abcdef");
    let _installed = edge.install();
    let sessions = Sessions::<Vec<u64>, _>::in_cache("s", "KEY");
    let (lines, record) = halves(data);
    let mut headers = header_lines(lines);
    let _loaded = sessions.load(&headers);
    // A session that is one, its record spoilt.
    headers.clear();
    let Ok(mut session) = sessions.load(&headers) else {
        panic!("a visitor without a cookie has a new session");
    };
    session.push(1);
    let mut answer = http::HeaderMap::new();
    let saved = sessions.save(session, &mut answer);
    assert!(saved.is_ok());
    let set = answer.get("set-cookie").and_then(|set| set.to_str().ok());
    if let Some(Ok(cookie)) = set.and_then(|set| Some(set.split(';').next()?.parse())) {
        headers.insert("cookie", cookie);
    }
    twice(&edge, record, || {
        let _loaded = sessions.load(&headers);
    });
}

/// The key of a request, and the record of a former one.
pub(crate) fn idempotency(data: &[u8]) {
    let (key, record) = halves(data);
    let edge = MockHost::new();
    let _installed = edge.install();
    let payments = Idempotency::new("p");
    let pay = |key: &[u8]| {
        let Ok(value) = ::http::HeaderValue::from_bytes(key) else {
            return;
        };
        let mut request = Request::new(Body::from("7"));
        *request.method_mut() = http::Method::POST;
        request.headers_mut().insert("idempotency-key", value);
        let response = payments.handle(request, |_| {
            Ok::<_, Error>(http::text(StatusCode::CREATED, "paid"))
        });
        assert!(response.is_ok());
    };
    pay(key);
    twice(&edge, record, || pay(b"\"k\""));
}

/// Headers of requests and of responses, and what is kept.
pub(crate) fn response_cache(data: &[u8]) {
    let mut parts = data.split(|byte| *byte == 0xff);
    let mut part = || parts.next().unwrap_or_default();
    let (asked, answered, kept) = (header_lines(part()), header_lines(part()), part());
    let edge = MockHost::new();
    let _installed = edge.install();
    let cache = ResponseCache::new("r").without_single_flight();
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = asked;
    twice(&edge, kept, || {
        let fetched = cache.fetch(&request, || {
            let mut response = http::text(StatusCode::OK, "tea");
            response.headers_mut().extend(answered.clone());
            Ok::<_, Error>(response)
        });
        assert!(fetched.is_ok());
        edge.clock().advance(Duration::from_secs(1));
    });
}

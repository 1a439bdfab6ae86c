//! What the SDK makes of the cache.

use std::cell::Cell;
use std::time::Duration;

use fastedge::RateLimit;
use fastedge::cache::{
    Cache, ConcurrencyLimit, Flight, Idempotency, Lease, Memoize, Namespace, Once, ResponseCache,
    Retry, SingleFlight, Source, Ttl, WindowCounter,
};
use fastedge::http::{self, Body, Error, HeaderMap, HeaderValue, Request, StatusCode, header};
use fastedge::session::Sessions;
use serde::{Deserialize, Serialize};

use super::Ground;
use crate::case::Case;
use crate::check::{Seen, Stop, Verdict, ensure, ensure_eq};
use crate::fixture;

pub(super) const CASES: &[Case] = &[
    Case::inside("sdk-counter", &[], counter).of(&["Counter"]),
    Case::inside("sdk-rate-limit", &[], rate_limit).of(&["RateLimit"]),
    Case::inside("sdk-concurrency-limit", &[], concurrency).of(&["ConcurrencyLimit"]),
    Case::inside("sdk-memoize", &[], memoize).of(&["Memoize"]),
    Case::inside("sdk-response-cache", &[], response_cache).of(&["ResponseCache"]),
    Case::inside("sdk-idempotency", &[], idempotency).of(&["Idempotency"]),
    Case::inside("sdk-once", &[], once).of(&["Once"]),
    Case::inside("sdk-lease", &[], lease).of(&["Lease"]),
    Case::inside("sdk-single-flight", &[], single_flight).of(&["SingleFlight"]),
    Case::inside("sdk-window-counter", &[], window_counter).of(&["WindowCounter"]),
    Case::inside("sdk-namespace", &[], namespace).of(&["Namespace"]),
    Case::inside("sdk-retry", &[], retry).of(&["Retry"]),
    Case::inside("sdk-sessions", &[], sessions).of(&["session::Sessions"]),
];

const MINUTE: Duration = Duration::from_secs(60);

fn a_minute() -> Result<Ttl, Stop> {
    Ok(Ttl::secs(60)?)
}

fn counter(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("n");
    let counter = Cache::counter(&key).expires_after(a_minute()?);
    ensure_eq!(counter.get()?, 0, "before");
    counter.incr()?;
    ensure_eq!(counter.incr()?, 2, "the second");
    ensure_eq!(counter.get()?, 2, "after");
    Ok(Seen::AsPromised)
}

fn rate_limit(ground: &Ground<'_>) -> Verdict {
    for (name, limit) in [
        (
            "fixed",
            RateLimit::fixed_window(ground.key("fixed"), 2, MINUTE * 60)?,
        ),
        (
            "sliding",
            RateLimit::sliding_window(ground.key("sliding"), 2, MINUTE * 60)?,
        ),
    ] {
        for number in 1..=2 {
            let verdict = limit.check("ann");
            ensure!(verdict.fell_back().is_none(), "{name}: the cache failed");
            ensure!(verdict.is_allowed(), "{name}: request {number} is denied");
        }
        let denied = limit.check("ann");
        ensure!(denied.is_denied(), "{name}: request 3 of 2 is allowed");
        ensure_eq!(
            denied.to_response().status(),
            StatusCode::TOO_MANY_REQUESTS,
            "{name}: the answer"
        );
        ensure!(limit.check("bob").is_allowed(), "{name}: another is denied");
    }
    Ok(Seen::AsPromised)
}

fn concurrency(ground: &Ground<'_>) -> Verdict {
    let limit = ConcurrencyLimit::new(ground.key("c"), 1, MINUTE)?;
    let permit = limit.acquire(())?;
    ensure!(
        limit.acquire(()).is_err(),
        "two at a time, where one may be"
    );
    drop(permit);
    ensure!(limit.acquire(()).is_ok(), "it is not free again");
    Ok(Seen::AsPromised)
}

fn memoize(ground: &Ground<'_>) -> Verdict {
    let memo = Memoize::<String>::new(ground.key("m"), a_minute()?);
    let computed = Cell::new(0);
    let compute = || {
        computed.set(computed.get() + 1);
        Ok::<_, std::fmt::Error>("tea".to_owned())
    };
    let first = memo.get("en", compute)?;
    ensure_eq!(first.source(), Source::Computed, "where the first is from");
    let second = memo.get("en", compute)?;
    ensure_eq!(second.source(), Source::Fresh, "where the second is from");
    ensure_eq!(
        (&**second, computed.get()),
        ("tea", 1),
        "value, and how often it was computed"
    );
    Ok(Seen::AsPromised)
}

fn response_cache(ground: &Ground<'_>) -> Verdict {
    let cache = ResponseCache::new(ground.key("r"));
    let request = Request::get("/page").body(Body::empty())?;
    let rendered = Cell::new(0);
    for _ in 0..2 {
        let response = cache.fetch(&request, || {
            rendered.set(rendered.get() + 1);
            let mut response = http::text(StatusCode::OK, "tea");
            let fresh = HeaderValue::from_static("max-age=60");
            response.headers_mut().insert(header::CACHE_CONTROL, fresh);
            Ok::<_, Error>(response)
        })?;
        ensure_eq!(response.body().as_bytes(), b"tea", "the page");
    }
    ensure_eq!(rendered.get(), 1, "how often it was rendered");
    Ok(Seen::AsPromised)
}

fn idempotency(ground: &Ground<'_>) -> Verdict {
    let payments = Idempotency::new(ground.key("p"));
    let paid = Cell::new(0);
    let pay = |body: &'static str| -> Result<StatusCode, Stop> {
        let request = Request::post("/payments")
            .header("idempotency-key", "\"8e03978e\"")
            .body(Body::from(body))?;
        let response = payments.handle(request, |_| {
            paid.set(paid.get() + 1);
            Ok::<_, Error>(http::text(StatusCode::CREATED, "paid"))
        });
        Ok(response?.status())
    };
    ensure_eq!(pay("7")?, StatusCode::CREATED, "the first");
    ensure_eq!(pay("7")?, StatusCode::CREATED, "its repetition");
    ensure_eq!(
        pay("8")?,
        StatusCode::UNPROCESSABLE_ENTITY,
        "another under its key"
    );
    ensure_eq!(paid.get(), 1, "how often it was paid");
    Ok(Seen::AsPromised)
}

fn once(ground: &Ground<'_>) -> Verdict {
    let delivered = Once::new(ground.key("o"), a_minute()?);
    ensure!(delivered.is_first("evt_7")?, "the first is not the first");
    ensure!(!delivered.is_first("evt_7")?, "the second is the first");
    ensure!(delivered.is_first("evt_8")?, "another one is not the first");
    Ok(Seen::AsPromised)
}

fn lease(ground: &Ground<'_>) -> Verdict {
    let acquire = || Lease::acquire(ground.key("l"), "monday", MINUTE);
    let Some(lease) = acquire()? else {
        return Err(Stop::failed("nobody gets it"));
    };
    ensure!(acquire()?.is_none(), "two get it");
    lease.release()?;
    ensure!(acquire()?.is_some(), "it is not free again");
    Ok(Seen::AsPromised)
}

fn single_flight(ground: &Ground<'_>) -> Verdict {
    let prices = SingleFlight::<String>::new(ground.key("s"), a_minute()?);
    let fetch = || Ok::<_, std::fmt::Error>("7.50".to_owned());
    let led = prices.run("tea", fetch)?;
    ensure_eq!(led, Flight::Led("7.50".to_owned()), "the first");
    let joined = prices.run("tea", fetch)?;
    ensure_eq!(joined, Flight::Joined("7.50".to_owned()), "the second");
    Ok(Seen::AsPromised)
}

fn window_counter(ground: &Ground<'_>) -> Verdict {
    let views = WindowCounter::new(ground.key("w"), MINUTE * 60)?.keep(2)?;
    views.add("/tea", 1)?;
    views.add("/tea", 2)?;
    ensure_eq!(views.total("/tea", 2)?, 3, "the total of two windows");
    Ok(Seen::AsPromised)
}

fn namespace(ground: &Ground<'_>) -> Verdict {
    let shop = Namespace::new(&ground.key("n"));
    Cache::set(&shop.key("banner")?, "Sale!", a_minute()?)?;
    let banner = Cache::get_text(&shop.key("banner")?)?;
    ensure_eq!(banner.as_deref(), Some("Sale!"), "before it is flushed");
    shop.flush()?;
    let banner = Cache::get_text(&shop.key("banner")?)?;
    ensure_eq!(banner, None, "after it is flushed");
    Ok(Seen::AsPromised)
}

fn retry(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("k");
    Retry::default().set(&key, "Sale!", a_minute()?)?;
    ensure_eq!(
        Cache::get_text(&key)?.as_deref(),
        Some("Sale!"),
        "the value"
    );
    Ok(Seen::AsPromised)
}

#[derive(Default, Serialize, Deserialize)]
struct Visit {
    pages: u32,
}

fn sessions(ground: &Ground<'_>) -> Verdict {
    let (name, _) = fixture::SESSION_KEY;
    let sessions = Sessions::<Visit, _>::in_cache(ground.key("s"), name);
    let mut cookies = HeaderMap::new();
    for wanted in 1..=2 {
        let mut session = sessions.load(&cookies)?;
        session.pages += 1;
        ensure_eq!(session.pages, wanted, "the pages of the visit");
        let mut headers = HeaderMap::new();
        sessions.save(session, &mut headers)?;
        let set = headers
            .get(header::SET_COOKIE)
            .and_then(|set| set.to_str().ok());
        if let Some(cookie) = set.and_then(|set| set.split(';').next()) {
            cookies.insert(header::COOKIE, cookie.parse()?);
        }
    }
    Ok(Seen::AsPromised)
}

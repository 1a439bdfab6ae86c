//! Sessions: the cookie, the state, and when they end.

mod common;

use std::time::Duration;

use common::Central;
use fastedge::KvStore;
use fastedge::cache::Ttl;
use fastedge::edge_storage_api::Token;
use fastedge::http::HeaderMap;
use fastedge::kv_store::Writer;
use fastedge::session::{ErrorKind, InCache, SameSite, Session, Sessions};
use fastedge_mock_host::{Fault, MockHost, Operation};

const MINUTE: Duration = Duration::from_secs(60);
const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[derive(Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Visit {
    user: Option<String>,
    pages: u32,
}

type Visits = Sessions<Visit, InCache>;

fn visits() -> Visits {
    Sessions::in_cache("app:visits", "SESSION_KEY")
}

fn edge() -> MockHost {
    MockHost::new().secret("SESSION_KEY", SECRET)
}

/// A browser: it has at most one cookie.
#[derive(Clone, Default)]
struct Browser {
    cookie: Option<String>,
}

impl Browser {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(cookie) = &self.cookie {
            let cookies = format!("theme=dark; {cookie}; lang=\"de\"");
            headers.insert("cookie", cookies.parse().unwrap());
        }
        headers
    }

    /// A request, and what was sent back to the browser.
    fn visit(
        &mut self,
        sessions: &Visits,
        act: impl FnOnce(&mut Session<Visit>),
    ) -> Option<String> {
        let mut session = sessions.load(&self.headers()).unwrap();
        act(&mut session);
        let mut headers = HeaderMap::new();
        sessions.save(session, &mut headers).unwrap();
        let set = headers.get("set-cookie")?.to_str().unwrap().to_owned();
        let (pair, _) = set.split_once(';').unwrap();
        self.cookie = (!set.contains("Max-Age=0")).then(|| pair.to_owned());
        Some(set)
    }
}

#[test]
fn a_visitor_is_known_by_the_cookie() {
    let edge = edge();
    let _installed = edge.install();
    let mut browser = Browser::default();
    // Nobody gets a cookie for nothing.
    assert_eq!(
        browser.visit(&visits(), |session| assert!(session.is_new())),
        None
    );
    assert_eq!(edge.calls().len(), 0);
    let set = browser
        .visit(&visits(), |session| session.pages += 1)
        .unwrap();
    assert!(set.starts_with("__Host-session="), "{set}");
    assert!(
        set.ends_with("; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax"),
        "{set}"
    );
    let again = browser.visit(&visits(), |session| {
        assert!(!session.is_new() && session.pages == 1);
        session.user = Some("ann".to_owned());
    });
    assert_eq!(again, None);
    browser.visit(&visits(), |session| {
        assert_eq!(session.user.as_deref(), Some("ann"))
    });
    Browser::default().visit(&visits(), |session| {
        assert!(session.is_new() && !session.is_lost())
    });
}

#[test]
fn each_outcome_costs_what_the_documentation_says() {
    let edge = edge();
    let _installed = edge.install();
    let mut browser = Browser::default();
    let mut calls = |act: fn(&mut Session<Visit>)| {
        let before = edge.calls().len();
        browser.visit(&visits(), act);
        edge.calls().len() - before
    };
    assert_eq!(calls(|_| {}), 0);
    assert_eq!(calls(|session| session.pages += 1), 2);
    assert_eq!(calls(|_| {}), 2);
    assert_eq!(calls(|session| session.pages += 1), 2 + 2);
    edge.clock().advance(Duration::from_secs(450));
    assert_eq!(calls(|_| {}), 2 + 1);
    assert_eq!(calls(Session::renew), 2 + 3);
    assert_eq!(calls(Session::end), 2 + 1);
    assert_eq!(calls(|_| {}), 0);
}

#[test]
fn a_session_ends_when_nobody_comes_and_at_its_lifetime_s_end() {
    let edge = edge();
    let _installed = edge.install();
    let sessions = || {
        visits()
            .idle(Ttl::secs(600).unwrap())
            .lifetime(Ttl::secs(3600).unwrap())
    };
    let mut browser = Browser::default();
    browser.visit(&sessions(), |session| session.pages += 1);
    // Visits keep it, also those that change nothing.
    for _ in 0..5 {
        edge.clock().advance(MINUTE * 9);
        browser.visit(&sessions(), |session| assert_eq!(session.pages, 1));
    }
    let mut idle = browser.clone();
    edge.clock().advance(Duration::from_secs(750));
    idle.visit(&sessions(), |session| {
        assert!(session.is_new() && session.is_lost())
    });

    browser.visit(&sessions(), |session| session.pages += 1);
    for _ in 0..6 {
        edge.clock().advance(MINUTE * 9);
        browser.visit(&sessions(), |session| session.pages += 1);
    }
    edge.clock().advance(MINUTE * 6);
    browser.visit(&sessions(), |session| assert_eq!(session.pages, 0));
}

#[test]
fn a_login_gives_a_new_number_and_ends_the_old_one() {
    let edge = edge();
    let _installed = edge.install();
    let mut browser = Browser::default();
    browser.visit(&visits(), |session| session.pages = 3);
    let mut thief = browser.clone();
    edge.clock().advance(MINUTE * 20);
    browser.visit(&visits(), |session| {
        session.user = Some("ann".to_owned());
        session.renew();
    });
    assert_ne!(browser.cookie, thief.cookie);
    browser.visit(&visits(), |session| {
        assert_eq!((session.user.as_deref(), session.pages), (Some("ann"), 3))
    });
    thief.visit(&visits(), |session| assert!(session.is_new()));
    // The lifetime is new as well.
    for _ in 0..35 {
        edge.clock().advance(MINUTE * 20);
        browser.visit(&visits(), |session| assert_eq!(session.pages, 3));
    }
}

#[test]
fn a_session_that_has_ended_is_not_brought_back_by_a_request_under_way() {
    let edge = edge();
    let _installed = edge.install();
    let mut browser = Browser::default();
    browser.visit(&visits(), |session| session.pages = 1);
    let mut slow = browser.clone();
    let mut under_way = visits().load(&slow.headers()).unwrap();
    let ended = browser.visit(&visits(), Session::end).unwrap();
    assert!(ended.contains("Max-Age=0"));
    under_way.pages += 1;
    visits().save(under_way, &mut HeaderMap::new()).unwrap();
    slow.visit(&visits(), |session| assert!(session.is_new()));
    assert_eq!(edge.cache().list(5).0, 0);
}

#[test]
fn who_is_lost_can_log_out_all_the_same() {
    let edge = edge();
    let _installed = edge.install();
    let mut browser = Browser::default();
    browser.visit(&visits(), |session| session.pages = 1);
    edge.cache().evict_all();
    let removed = browser.visit(&visits(), |session| {
        assert!(session.is_lost());
        session.end();
    });
    assert!(removed.unwrap().contains("Max-Age=0"));
    assert_eq!(browser.cookie, None);
}

#[test]
fn forged_cookies_are_none() {
    let edge = edge();
    let _installed = edge.install();
    let mut browser = Browser::default();
    browser.visit(&visits(), |session| session.pages = 1);
    let genuine = browser.cookie.clone().unwrap();
    let is_known = |cookie: &str| {
        let browser = Browser {
            cookie: Some(cookie.to_owned()),
        };
        !visits().load(&browser.headers()).unwrap().is_new()
    };
    assert!(is_known(&genuine));
    let (name, value) = genuine.split_once('=').unwrap();
    for at in 0..value.len() {
        for byte in *b"A0_.~" {
            let mut forged = value.as_bytes().to_vec();
            if forged[at] == byte {
                continue;
            }
            forged[at] = byte;
            let forged = String::from_utf8(forged).unwrap();
            assert!(!is_known(&format!("{name}={forged}")), "{forged}");
        }
        assert!(!is_known(&format!("{name}={}", &value[..at])));
    }
    for forged in [
        "",
        "..",
        "a.b.c",
        "AAAAAAAAAAAAAAAAAAAAAA.99999999999999999999.AAAA",
    ] {
        assert!(!is_known(&format!("{name}={forged}")), "{forged}");
    }
    // Another cookie of the app is not this one, and other cookies can hold anything.
    let mut headers = HeaderMap::new();
    let cookies = format!("name=J\u{fc}rgen; {name}=x; {genuine}");
    headers.insert(
        "cookie",
        fastedge::http::HeaderValue::from_bytes(cookies.as_bytes()).unwrap(),
    );
    assert!(!visits().load(&headers).unwrap().is_new());
    let other = visits().cookie_name("other").unwrap();
    let renamed = Browser {
        cookie: Some(format!("other={value}")),
    };
    assert!(other.load(&renamed.headers()).unwrap().is_new());
}

#[test]
fn the_secret_can_be_rotated() {
    let edge = MockHost::new().starting_at(Duration::from_secs(1_000_000));
    let edge = edge.secret("SESSION_KEY", SECRET).secret_from(
        "SESSION_KEY",
        1_000_060,
        "another-secret-of-32-bytes------",
    );
    let _installed = edge.install();
    let mut browser = Browser::default();
    browser.visit(&visits(), |session| session.pages = 1);
    edge.clock().advance(MINUTE * 2);
    browser.visit(&visits(), |session| assert_eq!(session.pages, 1));
    // Who knows the old one cannot sign with it any more, but for the time when it was in effect.
    browser.visit(&visits(), Session::renew);
    browser.visit(&visits(), |session| assert_eq!(session.pages, 1));
}

#[test]
fn secrets_that_are_not_there_or_short_are_told() {
    let mut headers = HeaderMap::new();
    let save = |edge: &MockHost, headers: &mut HeaderMap| {
        edge.run(|| {
            let mut session = visits().load(&HeaderMap::new()).unwrap();
            session.pages += 1;
            visits().save(session, headers).unwrap_err()
        })
    };
    let error = save(&MockHost::new(), &mut headers);
    assert!(
        error
            .to_string()
            .starts_with("secret `SESSION_KEY`, which signs sessions, is not set")
    );
    let error = save(
        &MockHost::new().secret("SESSION_KEY", "short"),
        &mut headers,
    );
    assert!(
        matches!(error.kind(), ErrorKind::WeakSecret { bytes: 5, .. }),
        "{error}"
    );
    assert!(headers.is_empty());
    assert!(visits().cookie_name("a b").is_err() && visits().cookie_name("").is_err());
}

#[test]
fn a_store_that_fails_is_not_taken_for_no_session() {
    let edge = edge();
    let _installed = edge.install();
    let mut browser = Browser::default();
    browser.visit(&visits(), |session| session.pages = 1);
    edge.inject(Fault::on(Operation::CacheGet));
    assert!(matches!(
        visits().load(&browser.headers()).unwrap_err().kind(),
        ErrorKind::Cache(_)
    ));
    // The way on: a new one.
    assert!(visits().start().unwrap().is_new());
    edge.clear_faults();
    // Keeping it alive is a nicety.
    edge.clock().advance(MINUTE * 10);
    edge.inject(Fault::on(Operation::CacheExpire));
    browser.visit(&visits(), |session| assert_eq!(session.pages, 1));
    edge.clear_faults();
    // Another version of the app has another state.
    for entry in edge.cache().list(1).1 {
        let text = String::from_utf8(entry.value).unwrap();
        let (times, _state) = text.split_once('{').unwrap();
        let record = format!("{times}[1]");
        edge.cache().set(&entry.key, record, Some(MINUTE));
    }
    let error = visits().load(&browser.headers()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Decode(_)), "{error}");
}

#[test]
fn browsers_are_told_what_the_app_wants() {
    let edge = edge();
    let _installed = edge.install();
    for (same_site, text) in [(SameSite::Strict, "Strict"), (SameSite::None, "None")] {
        let sessions = visits().same_site(same_site).cookie_name("sid").unwrap();
        let set = Browser::default()
            .visit(&sessions, |session| session.pages += 1)
            .unwrap();
        assert!(
            set.starts_with("sid=") && set.ends_with(&format!("SameSite={text}")),
            "{set}"
        );
    }
}

#[test]
fn sessions_in_a_store_are_written_through_the_api() {
    let central = Central::default();
    let edge = central.host().secret("SESSION_KEY", SECRET);
    let _installed = edge.install();
    let sessions = || {
        let token = Token::new("t0ken").unwrap();
        let store = KvStore::open("store")
            .unwrap()
            .with_writer(Writer::new(7, token));
        Sessions::<Visit, _>::in_store(store, "visit:", "SESSION_KEY")
    };
    let visit = |cookie: Option<&str>, act: fn(&mut Session<Visit>)| {
        let mut headers = HeaderMap::new();
        if let Some(cookie) = cookie {
            headers.insert("cookie", cookie.parse().unwrap());
        }
        let mut session = sessions().load(&headers).unwrap();
        act(&mut session);
        let mut headers = HeaderMap::new();
        sessions().save(session, &mut headers).unwrap();
        let set = headers
            .get("set-cookie")
            .map(|set| set.to_str().unwrap().to_owned());
        set.map(|set| set.split(';').next().unwrap().to_owned())
    };
    let cookie = visit(None, |session| session.pages = 1).unwrap();
    let writes = central.requests().len();
    assert_eq!(writes, 1);
    visit(Some(&cookie), |session| assert_eq!(session.pages, 1));
    assert_eq!(
        central.requests().len(),
        writes,
        "a visit that changes nothing is no write"
    );
    visit(Some(&cookie), |session| session.pages = 2);
    // Elsewhere, once it is replicated.
    central.replicate(&edge);
    edge.cache().evict_all();
    visit(Some(&cookie), |session| assert_eq!(session.pages, 2));
    visit(Some(&cookie), Session::end);
    visit(Some(&cookie), |session| assert!(session.is_new()));
}

#[test]
fn what_is_printed_of_a_session_is_not_what_is_in_it() {
    let _installed = edge().install();
    let session = visits().load(&HeaderMap::new()).unwrap();
    let printed = format!("{session:?}");
    assert_eq!(printed, "Session { is_new: true, is_lost: false, .. }");
}

//! An app that knows its visitors: a signed cookie, and their state in the cache.
//!
//! `/` says who you are, and how often you have come. `POST /login?user=ann` (a real app asks for a
//! password) and `POST /logout` begin and end a session.
//!
//! The state is this location's, and the cache may drop it: a visitor then begins anew, which this app
//! says. For a cart that somebody would miss, keep sessions in a store: `Sessions::in_store`.

use fastedge::{
    http::{self, Body, Error, Request, Response, StatusCode},
    session::{InCache, Session, Sessions},
};

#[derive(Default, serde::Deserialize, serde::Serialize)]
struct Visit {
    user: Option<String>,
    // A field that is added later has a default: visitors of before have none.
    #[serde(default)]
    visits: u32,
}

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let sessions = Sessions::<Visit, InCache>::in_cache("session", "SESSION_KEY");
    let mut session = sessions.load(request.headers())?;
    let mut response = match (request.method().as_str(), request.uri().path()) {
        ("GET", "/") => home(&mut session),
        ("POST", "/login") => login(&mut session, request.uri().query()),
        ("POST", "/logout") => {
            session.end();
            http::text(StatusCode::OK, "Good bye.\n")
        }
        _ => http::text(StatusCode::NOT_FOUND, "no such page\n"),
    };
    sessions.save(session, response.headers_mut())?;
    Ok(response)
}

fn home(session: &mut Session<Visit>) -> Response<Body> {
    let greeting = match &session.user {
        _ if session.is_lost() => {
            "Welcome back! I am sorry: I have forgotten who you are.".to_owned()
        }
        Some(user) => format!(
            "Welcome, {user}! You have been here {} times.",
            session.visits + 1
        ),
        None => "Welcome, stranger!".to_owned(),
    };
    // Who has not logged in gets no cookie.
    if session.user.is_some() {
        session.visits += 1;
    }
    http::text(StatusCode::OK, greeting + "\n")
}

fn login(session: &mut Session<Visit>, query: Option<&str>) -> Response<Body> {
    match query.and_then(|query| query.strip_prefix("user=")) {
        Some(user) if !user.is_empty() => {
            session.user = Some(user.to_owned());
            // Whoever knew the cookie before does not know this one.
            session.renew();
            http::text(StatusCode::OK, format!("Hello {user}.\n"))
        }
        _ => http::text(
            StatusCode::BAD_REQUEST,
            "say who you are: /login?user=ann\n",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::{Fault, MockHost, Operation};

    fn edge() -> MockHost {
        MockHost::new().secret("SESSION_KEY", "0123456789abcdef0123456789abcdef")
    }

    /// A browser that keeps the cookie that it is given.
    #[derive(Clone, Default)]
    struct Browser(Option<String>);

    impl Browser {
        fn send(&mut self, edge: &MockHost, method: &str, uri: &str) -> Result<String, Error> {
            let mut request = Request::builder().method(method).uri(uri);
            if let Some(cookie) = &self.0 {
                request = request.header("cookie", cookie);
            }
            let response = edge.run(|| main(request.body(Body::empty()).unwrap()))?;
            if let Some(set) = response.headers().get("set-cookie") {
                let set = set.to_str().unwrap();
                let pair = set.split(';').next().unwrap().to_owned();
                self.0 = Some(pair).filter(|_| !set.contains("Max-Age=0"));
            }
            Ok(response.body().as_text()?.to_owned())
        }
    }

    #[test]
    fn a_visitor_is_known_from_login_to_logout() {
        let edge = edge();
        let mut browser = Browser::default();
        assert_eq!(
            browser.send(&edge, "GET", "/").unwrap(),
            "Welcome, stranger!\n"
        );
        assert!(browser.0.is_none());
        browser.send(&edge, "POST", "/login?user=ann").unwrap();
        for times in 1..=3 {
            let page = browser.send(&edge, "GET", "/").unwrap();
            assert_eq!(
                page,
                format!("Welcome, ann! You have been here {times} times.\n")
            );
        }
        let copy = browser.clone();
        browser.send(&edge, "POST", "/logout").unwrap();
        assert_eq!(
            browser.send(&edge, "GET", "/").unwrap(),
            "Welcome, stranger!\n"
        );
        // The cookie alone is worth nothing any more.
        let page = copy.clone().send(&edge, "GET", "/").unwrap();
        assert!(page.contains("forgotten"), "{page}");
    }

    #[test]
    fn a_login_leaves_the_former_cookie_worthless() {
        let edge = edge();
        let mut browser = Browser::default();
        browser.send(&edge, "POST", "/login?user=bob").unwrap();
        let mut thief = browser.clone();
        browser.send(&edge, "POST", "/login?user=ann").unwrap();
        assert!(browser.send(&edge, "GET", "/").unwrap().contains("ann"));
        assert!(thief.send(&edge, "GET", "/").unwrap().contains("forgotten"));
    }

    #[test]
    fn an_evicted_session_is_told_and_a_cache_that_fails_is_an_error() {
        let edge = edge();
        let mut browser = Browser::default();
        assert!(
            browser
                .send(&edge, "POST", "/login")
                .unwrap()
                .contains("say who you are")
        );
        browser.send(&edge, "POST", "/login?user=ann").unwrap();
        edge.inject(Fault::on(Operation::CacheGet));
        assert!(browser.send(&edge, "GET", "/").is_err());
        edge.clear_faults();
        assert!(browser.send(&edge, "GET", "/").unwrap().contains("ann"));
        edge.cache().evict_all();
        assert!(
            browser
                .send(&edge, "GET", "/")
                .unwrap()
                .contains("forgotten")
        );
    }
}

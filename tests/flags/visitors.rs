//! Visitors who are not logged in, and what requests say of them.

use fastedge::flags::{EvaluationContext, Flags, Visitor};
use fastedge::http::{HeaderMap, Request};
use fastedge_mock_host::MockHost;
use serde_json::{Value, json};

fn with_cookie(cookie: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("cookie", cookie.parse().unwrap());
    headers
}

#[test]
fn a_visitor_comes_back_as_the_same() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let first = Visitor::of(&HeaderMap::new()).unwrap();
    assert!(first.is_new());
    let mut answer = HeaderMap::new();
    first.write_headers(&mut answer);
    let cookie = answer["set-cookie"].to_str().unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(
        attributes,
        "Path=/; Max-Age=34560000; Secure; HttpOnly; SameSite=Lax"
    );

    let again = Visitor::of(&with_cookie(&format!("a=b; {pair}"))).unwrap();
    assert_eq!((again.id(), again.is_new()), (first.id(), false));
    let mut answer = HeaderMap::new();
    again.write_headers(&mut answer);
    assert!(answer.is_empty());

    let another = Visitor::of(&HeaderMap::new()).unwrap();
    assert_ne!(another.id(), first.id());
    for foreign in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "<script>", "ä"] {
        let cookie = [b"__Host-visitor=", foreign.as_bytes()].concat();
        let mut headers = HeaderMap::new();
        headers.insert("cookie", cookie.as_slice().try_into().unwrap());
        assert!(Visitor::of(&headers).unwrap().is_new(), "{foreign}");
    }
}

/// Browsers take such a name for another one, which any subdomain may set.
#[test]
fn what_only_looks_like_the_cookie_is_none() {
    let edge = MockHost::new();
    let _installed = edge.install();
    for blank in ["\u{2000}", "\u{a0}", "\u{85}", "\u{3000}", "\u{b}"] {
        let cookie = format!("{blank}__Host-visitor=AAAAAAAAAAAAAAAAAAAAAA");
        let mut headers = HeaderMap::new();
        if let Ok(cookie) = cookie.as_bytes().try_into() {
            headers.insert("cookie", cookie);
        }
        assert!(Visitor::of(&headers).unwrap().is_new(), "{blank:?}");
    }
    let cookie = "a=b;  \t__Host-visitor = AAAAAAAAAAAAAAAAAAAAAA ";
    assert!(!Visitor::of(&with_cookie(cookie)).unwrap().is_new());
}

#[test]
fn visitors_stay_in_their_share() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let document = json!({"flags": {"beta": {"state": "ENABLED", "variants": {"on": true, "off": false},
        "targeting": {"fractional": [["on", 50], ["off", 50]]}}}});
    let flags = Flags::from_json(document.to_string());
    let mut on = 0;
    for _ in 0..1000 {
        let visitor = Visitor::of(&HeaderMap::new()).unwrap();
        let context = EvaluationContext::new().with_targeting_key(visitor.id());
        let first = flags.bool("beta", false, &context);
        let again = Visitor::of(&with_cookie(&format!("__Host-visitor={}", visitor.id()))).unwrap();
        let context = EvaluationContext::new().with_targeting_key(again.id());
        assert_eq!(flags.bool("beta", false, &context), first);
        on += u32::from(first);
    }
    assert!((420..580).contains(&on), "{on}");
}

#[test]
fn a_context_has_what_a_request_says_and_nothing_else() {
    let bare = Request::get("/a").body(()).unwrap();
    let context = EvaluationContext::from_request(&bare);
    let all: Vec<(&str, &Value)> = context.iter().collect();
    assert_eq!(all, [("path", &json!("/a"))]);

    let odd = Request::get("/")
        .header("pop-country-code", "Germany")
        .header("pop-city", b"K\xf6ln".as_slice())
        .header("accept-language", "*")
        .header("cookie", b"plan=\xff; plan=pro".as_slice())
        .header("x-beta", b"\xff".as_slice())
        .body(())
        .unwrap();
    let context = EvaluationContext::from_request(&odd)
        .with_cookie(odd.headers(), "plan")
        .with_cookie(odd.headers(), "none")
        .with_header(odd.headers(), "x-beta")
        .with_header(odd.headers(), "Accept-Language");
    assert_eq!(context.get("country"), None);
    assert_eq!(context.get("city"), None);
    assert_eq!(context.get("language"), None);
    assert_eq!(context.get("cookies"), Some(&json!({"plan": "pro"})));
    assert_eq!(
        context.get("headers"),
        Some(&json!({"accept-language": "*"}))
    );
}

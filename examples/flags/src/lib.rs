//! A page whose variant, price and copy come from feature flags: by country, by language, by share.
//!
//! The flags are in `flags.json`, a document of flagd. Who is not logged in is known again by a cookie, so
//! that a price does not change while they think about it. Where there are no flags, the page is what it
//! would be without them; what is killed is off at once.

use fastedge::KvStore;
use fastedge::flags::{EvaluationContext, Flags, KillSwitch, StaffOverrides, Visitor};
use fastedge::http::{self, Body, Error, Request, Response, StatusCode};

const STORE: &str = "config";
const DOCUMENT: &str = "flags";
const KILLED: &str = "flags-killed";

/// The secret that signs what staff see instead.
const SECRET: &str = "FLAGS_KEY";

/// What is written on the page.
#[derive(serde::Deserialize)]
struct Copy {
    title: String,
    button: String,
}

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let visitor = Visitor::of(request.headers())?;
    // What a cookie says, anybody can say: it opts in to what is for all who like. What is for some only, is
    // for a login to say, or for overrides that are signed.
    let context = EvaluationContext::from_request(&request)
        .with_targeting_key(visitor.id())
        .with_cookie(request.headers(), "beta");
    let flags = flags()
        .with_overrides(StaffOverrides::new(SECRET).of(request.headers())?)
        .with_hook(|evaluation| {
            println!(
                "{}={} for {}",
                evaluation.flag_key,
                evaluation.variant.unwrap_or(evaluation.reason.as_str()),
                evaluation.context.targeting_key().unwrap_or_default(),
            );
        });

    let mut response = match request.uri().path() {
        "/flags.js" => script(&flags, &context)?,
        _ => page(&flags, &context)?,
    };
    visitor.write_headers(response.headers_mut());
    Ok(response)
}

/// The flags, but for those that are killed. Without their document, each is its default; a kill switch that
/// cannot be read kills none.
fn flags() -> Flags {
    let store = match KvStore::open(STORE) {
        Ok(store) => store,
        Err(error) => {
            println!("no flags, and no kill switch: {error}");
            return Flags::unavailable(error.to_string());
        }
    };
    let flags = Flags::load(&store, DOCUMENT);
    let flags = flags.unwrap_or_else(|error| Flags::unavailable(error.to_string()));
    if let Some(failure) = flags.failure() {
        println!("no flags: {failure}");
    }
    let killed = KillSwitch::read(&store, KILLED).unwrap_or_else(|error| {
        println!("the kill switch cannot be read: {error}");
        KillSwitch::none()
    });
    flags.with_kill_switch(killed)
}

fn page(flags: &Flags, context: &EvaluationContext) -> Result<Response<Body>, Error> {
    let class = flags.string("page", "classic", context);
    let price = flags.float("price", 4.9, context);
    let usual = Copy {
        title: "Tea".to_owned(),
        button: "Buy".to_owned(),
    };
    let Copy { title, button } = flags.object("copy", usual, context);
    let banner = match flags.bool("banner", false, context) {
        true => "<p>Sale!</p>",
        false => "",
    };
    let html = format!(
        "<!doctype html><body class=\"{}\"><h1>{}</h1>{banner}<button>{} – {price:.2} €</button>\n",
        escaped(&class),
        escaped(&title),
        escaped(&button),
    );
    let response = Response::builder()
        .status(StatusCode::OK)
        .header("content-type", "text/html; charset=utf-8")
        .body(Body::from(html))?;
    Ok(private(response))
}

/// All flags for the page's scripts.
fn script(flags: &Flags, context: &EvaluationContext) -> Result<Response<Body>, Error> {
    let script = format!("const flags = {};\n", flags.all(context).to_script());
    let response = Response::builder()
        .header("content-type", "text/javascript")
        .body(Body::from(script))?;
    Ok(private(response))
}

/// What is one visitor's is for no shared cache.
fn private(mut response: Response<Body>) -> Response<Body> {
    let private = http::HeaderValue::from_static("private");
    response.headers_mut().insert("cache-control", private);
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge::flags::Overrides;
    use fastedge_mock_host::{Fault, MockHost, Operation};
    use std::time::Duration;

    fn edge() -> MockHost {
        MockHost::new()
            .kv(STORE, |kv| kv.set(DOCUMENT, include_str!("../flags.json")))
            .secret(SECRET, "0123456789abcdef0123456789abcdef")
    }

    fn ask(edge: &MockHost, headers: &[(&str, &str)]) -> String {
        let request = headers
            .iter()
            .fold(Request::get("/"), |request, (name, value)| {
                request.header(*name, *value)
            });
        let response = edge
            .run(|| main(request.body(Body::empty()).unwrap()))
            .unwrap();
        response.body().as_text().unwrap().to_owned()
    }

    fn visitor(number: u8) -> String {
        // 16 bytes as base64: 22 characters.
        let first = char::from(b'A' + number % 26);
        let second = char::from(b'a' + number / 26);
        format!("__Host-visitor={first}{second}{}", "A".repeat(20))
    }

    #[test]
    fn copy_is_by_language_and_testers_see_the_bold_page() {
        let edge = edge();
        let page = ask(&edge, &[("accept-language", "de-AT, en;q=0.5")]);
        assert!(
            page.contains("<h1>Tee</h1>") && page.contains("Jetzt kaufen"),
            "{page}"
        );
        assert!(page.contains("class=\"classic\""), "{page}");
        assert!(!page.contains("Sale!"), "{page}");
        let page = ask(&edge, &[("cookie", "beta=1")]);
        assert!(page.contains("class=\"bold\""), "{page}");
    }

    #[test]
    fn a_fifth_of_the_country_sees_the_bold_page_and_keeps_it() {
        let edge = edge();
        let mut bold = 0;
        for number in 0..=255 {
            let cookie = visitor(number);
            let headers = [("cookie", cookie.as_str()), ("pop-country-code", "AT")];
            let page = ask(&edge, &headers);
            assert_eq!(ask(&edge, &headers), page);
            bold += u32::from(page.contains("class=\"bold\""));
        }
        assert!((25..=80).contains(&bold), "{bold}");
    }

    #[test]
    fn the_page_is_as_it_was_where_there_are_no_flags() {
        let without = [
            MockHost::new().secret(SECRET, "0123456789abcdef0123456789abcdef"),
            edge().fault(Fault::on(Operation::KvGet)),
            edge().fault(Fault::on(Operation::KvOpen)),
        ];
        for edge in without {
            let page = ask(&edge, &[]);
            assert!(
                page.contains("class=\"classic\"") && page.contains("Buy – 4.90 €"),
                "{page}"
            );
        }
        let edge = edge().fault(Fault::on(Operation::KvZrangeByScore));
        assert!(ask(&edge, &[("accept-language", "de")]).contains("Tee"));
    }

    #[test]
    fn what_is_killed_is_off_at_once() {
        let edge = edge();
        edge.write(STORE, |kv| kv.sorted_set(KILLED, [(1.0, "copy")]));
        assert!(ask(&edge, &[("accept-language", "de")]).contains("Buy –"));
    }

    #[test]
    fn staff_bring_their_variants_along() {
        let edge = edge();
        let _installed = edge.install();
        let overrides = Overrides::new()
            .variant("page", "bold")
            .variant("banner", "on");
        let end = fastedge::clock::now().unwrap() + Duration::from_secs(60);
        let signed = StaffOverrides::sign(&overrides, "0123456789abcdef0123456789abcdef", end);
        let page = ask(&edge, &[("x-flags", &signed.unwrap())]);
        assert!(
            page.contains("class=\"bold\"") && page.contains("Sale!"),
            "{page}"
        );
    }

    #[test]
    fn scripts_have_the_same_flags() {
        let edge = edge();
        let request = Request::get("/flags.js").body(Body::empty()).unwrap();
        let response = edge.run(|| main(request)).unwrap();
        let script = response.body().as_text().unwrap();
        assert!(script.starts_with("const flags = {") && script.contains("\"page\":\"classic\""));
        assert_eq!(response.headers()["cache-control"], "private");
    }
}

//! An app that turns away addresses of a public threat list.
//!
//! The list is packed, each address with the number of sources that name it: `data/README.md` says where it is from. A request
//! takes one read, of 54 KB, or two where the list is larger.
//!
//! When the list cannot be read the gate stays open, and says so in the log: turning everybody away
//! would be the larger damage. Whoever guards a vault changes `without_list`.
//!
//! Whether it blocks at all is a feature flag, `blocking`, in `data/flags.json`: it can be on for a share of the
//! clients, or for some countries. It is on unless the flag says otherwise.
//!
//! Who is let in may come so often within ten seconds, as the variable `RATE` says. When that cannot be
//! counted, the gate stays open as well.

use std::net::IpAddr;
use std::time::Duration;

use fastedge::{
    Cache, KvStore, RateLimit,
    blocklist::IpList,
    cache::Ttl,
    dictionary,
    flags::{EvaluationContext, Flags},
    http::{self, Body, ClientInfo, Error, Request, Response, StatusCode},
};

const STORE: &str = "lists";
const THREATS: &str = "threats";

/// The document of feature flags in the same store.
const FLAGS: &str = "flags";

/// Turned away are addresses that more sources name than the variable `THRESHOLD` says, or this.
const DEFAULT_THRESHOLD: u8 = 2;

/// Hits are counted by the hour.
const HITS_SECONDS: u64 = 60 * 60;

/// A client may come so often within `RATE_TIME`, unless the variable `RATE` says otherwise.
const DEFAULT_RATE: u32 = 50;
const RATE_TIME: Duration = Duration::from_secs(10);

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let threshold = dictionary::get_parsed("THRESHOLD")?.unwrap_or(DEFAULT_THRESHOLD);
    let address = match ClientInfo::new(request.headers()).address() {
        Ok(address) => address,
        Err(error) => return Ok(without_list(None, &error.to_string())),
    };
    // An IPv4 client can come as ::ffff:a.b.c.d, and is the same one.
    let Some(address) = address.map(|address| address.to_canonical()) else {
        return Ok(let_in(None));
    };
    match sources_naming(address) {
        Ok(Some(count)) if count > threshold => {
            if !is_blocking(&request, address) {
                return Ok(let_in(Some(address)));
            }
            count_hit();
            Ok(http::text(
                StatusCode::FORBIDDEN,
                format!("{address} is named by {count} threat lists\n"),
            ))
        }
        Ok(_) => Ok(let_in(Some(address))),
        Err(error) => Ok(without_list(Some(address), &error.to_string())),
    }
}

/// Not more often than `RATE` says.
fn let_in(address: Option<IpAddr>) -> Response<Body> {
    let limit = match limit() {
        Ok(limit) => limit,
        Err(error) => {
            println!("a client is let in uncounted: {error}");
            return welcome();
        }
    };
    let verdict = limit.check(address);
    if verdict.is_denied() {
        return verdict.to_response();
    }
    if let Some(error) = verdict.fell_back() {
        println!("a client is let in uncounted: {error}");
    }
    let mut response = welcome();
    verdict.write_headers(response.headers_mut());
    response
}

fn limit() -> Result<RateLimit, Error> {
    let rate = dictionary::get_parsed("RATE")?.unwrap_or(DEFAULT_RATE);
    Ok(RateLimit::sliding_window("gate:rate", rate, RATE_TIME)?)
}

/// Whether the gate blocks this client. Only asked for those who would be: the others cost no read more.
fn is_blocking(request: &Request<Body>, address: IpAddr) -> bool {
    let context = EvaluationContext::from_request(request).with_targeting_key(address.to_string());
    let flags = Flags::open(STORE, FLAGS);
    let is_on = flags.bool("blocking", true, &context);
    if let Some(failure) = flags.failure() {
        println!("the gate blocks, as it does without flags: {failure}");
    }
    is_on
}

/// How many sources name an address.
fn sources_naming(address: IpAddr) -> Result<Option<u8>, Error> {
    let store = KvStore::open(STORE)?;
    Ok(IpList::new(&store, THREATS).check(address)?.tag())
}

/// The count is a nicety: a cache that fails does not open the gate.
fn count_hit() {
    let counted = Ttl::secs(HITS_SECONDS)
        .map_err(Error::from)
        .and_then(|ttl| Ok(Cache::counter("gate:hits").expires_after(ttl).incr()?));
    if let Err(error) = counted {
        println!("a hit was not counted: {error}");
    }
}

fn welcome() -> Response<Body> {
    http::text(StatusCode::OK, "Welcome!\n")
}

/// The policy for when nothing can be known of a client: let it in.
fn without_list(address: Option<IpAddr>, reason: &str) -> Response<Body> {
    println!("a client is let in unchecked: {reason}");
    let_in(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::{Fault, MockHost, Operation};
    use fastedge_pack::{LineOptions, ListRules, Subject};

    /// The real list.
    fn edge() -> MockHost {
        let options = LineOptions {
            tag_column: true,
            ..LineOptions::default()
        };
        let mut rules = ListRules::new(Subject::Addresses);
        let file = include_bytes!("../data/threats.tsv").as_slice();
        let mut fail = |problem| panic!("{problem}");
        rules
            .read(file, "threats.tsv", &options, &mut fail)
            .unwrap();
        let packed = rules.pack().unwrap();
        MockHost::new().kv(STORE, |kv| {
            let values = packed.values(THREATS, 1);
            values.fold(kv, |kv, (key, value)| kv.set(&key, value))
        })
    }

    fn ask(edge: &MockHost, address: &str) -> (StatusCode, String) {
        let request = Request::get("/")
            .header("x-real-ip", address)
            .body(Body::empty())
            .unwrap();
        let response = edge.run(|| main(request)).unwrap();
        let text = response.body().as_text().unwrap().to_owned();
        (response.status(), text)
    }

    #[test]
    fn turns_away_who_is_named_more_often_than_the_threshold() {
        let edge = edge();
        let (status, text) = ask(&edge, "77.90.185.20");
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(text, "77.90.185.20 is named by 10 threat lists\n");
        assert_eq!(ask(&edge, "::ffff:77.90.185.20").0, StatusCode::FORBIDDEN);
        assert_eq!(edge.cache().get_text("gate:hits").as_deref(), Some("2"));

        let edge = edge.variable("THRESHOLD", "10");
        assert_eq!(ask(&edge, "77.90.185.20").0, StatusCode::OK);
    }

    #[test]
    fn a_flag_turns_blocking_off_and_on() {
        let with = |flags: &str| edge().kv(STORE, |kv| kv.set(FLAGS, flags));
        let off = r#"{"flags": {"blocking": {"state": "ENABLED",
            "variants": {"on": true, "off": false}, "defaultVariant": "off",
            "targeting": {"if": [{"==": [{"var": "country"}, "LU"]}, "on"]}}}}"#;
        assert_eq!(ask(&with(off), "77.90.185.20").0, StatusCode::OK);
        assert_eq!(
            ask(&with(include_str!("../data/flags.json")), "77.90.185.20").0,
            StatusCode::FORBIDDEN
        );
        // A flag that is broken turns nothing off.
        assert_eq!(ask(&with("{"), "77.90.185.20").0, StatusCode::FORBIDDEN);
    }

    #[test]
    fn lets_in_who_is_not_listed_with_one_read() {
        let edge = edge();
        for address in ["127.0.0.1", "192.0.2.1", "2001:db8::1", "::1"] {
            edge.clear_calls();
            assert_eq!(ask(&edge, address).0, StatusCode::OK, "{address}");
            assert!(edge.calls().kv_reads() <= 1, "{}", edge.calls());
        }
        assert_eq!(edge.cache().get_text("gate:hits"), None);
    }

    #[test]
    fn every_address_of_the_list_is_found_with_its_count() {
        let edge = edge();
        let _installed = edge.install();
        for line in include_str!("../data/threats.tsv").lines() {
            let (address, count) = line.split_once('\t').unwrap();
            assert_eq!(
                sources_naming(address.parse().unwrap()).unwrap(),
                Some(count.parse().unwrap()),
                "{address}"
            );
        }
    }

    #[test]
    fn stays_open_when_nothing_can_be_known() {
        for operation in [Operation::KvOpen, Operation::KvGet] {
            let edge = edge().fault(Fault::on(operation));
            assert_eq!(ask(&edge, "77.90.185.20").0, StatusCode::OK, "{operation}");
        }
        assert_eq!(ask(&edge(), "not an address").0, StatusCode::OK);
    }

    #[test]
    fn lets_nobody_in_more_often_than_the_rate_says() {
        let edge = edge().variable("RATE", "3");
        let ask = |address| ask(&edge, address).0;
        assert_eq!(
            [ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.1")],
            [StatusCode::OK; 3]
        );
        assert_eq!(ask("192.0.2.1"), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(ask("::ffff:192.0.2.1"), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(ask("2001:db8::1"), StatusCode::OK);
        edge.clock().advance(RATE_TIME * 2);
        assert_eq!(ask("192.0.2.1"), StatusCode::OK);
    }

    #[test]
    fn lets_in_who_cannot_be_counted() {
        for edge in [
            edge().without_cache(),
            edge().fault(Fault::on_cache()),
            edge().variable("RATE", "0"),
            edge().variable("RATE", "often"),
        ] {
            assert_eq!(ask(&edge, "192.0.2.1").0, StatusCode::OK);
        }
    }

    #[test]
    fn turns_away_even_when_hits_cannot_be_counted() {
        let edge = edge().without_cache();
        assert_eq!(ask(&edge, "77.90.185.20").0, StatusCode::FORBIDDEN);
    }
}

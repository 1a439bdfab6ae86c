//! An app that asks packed lists: who may come, and who may sign up.
//!
//! 120,430 addresses of a public threat list are in `threats`, each with the number of lists that name it as its tag: a request
//! takes two reads, of up to 15 KB together, whoever it is from. 8,335 domains of disposable e-mail addresses are in
//! `disposable`, which `POST /sign-up` asks.
//!
//! What is done when a list cannot be read is said here, for each: the threat list lets everybody in, the form turns nobody
//! away, and both say so in the log.

use std::net::IpAddr;

use fastedge::{
    KvStore,
    blocklist::{Decision, DomainList, IpList, canonical::DomainKey},
    dictionary,
    http::{self, Body, ClientInfo, Error, Request, Response, StatusCode},
};

const STORE: &str = "lists";

/// Turned away are addresses that at least so many lists name, unless the variable `THRESHOLD` says otherwise.
const DEFAULT_THRESHOLD: u8 = 3;

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let threshold = dictionary::get_parsed("THRESHOLD")?.unwrap_or(DEFAULT_THRESHOLD);
    // Who hides behind an address that is none is let in, like everybody whom nothing is known of.
    let address = ClientInfo::new(request.headers()).address().ok().flatten();
    if let Some(address) = address
        && let Some(lists) = lists_naming(address)
        && lists >= threshold
    {
        let text = format!("{address} is named by {lists} threat lists\n");
        return Ok(http::text(StatusCode::FORBIDDEN, text));
    }
    Ok(match (request.method().as_str(), request.uri().path()) {
        ("POST", "/sign-up") => sign_up(&request),
        ("GET", "/") => http::text(StatusCode::OK, "Welcome! POST /sign-up takes an email.\n"),
        _ => http::text(StatusCode::NOT_FOUND, "no such page\n"),
    })
}

/// How many lists name an address.
fn lists_naming(address: IpAddr) -> Option<u8> {
    let check = |store: KvStore| IpList::new(&store, "threats").check(address);
    let decision = Decision::fail_open(KvStore::open(STORE).map_err(Into::into).and_then(check));
    if let Some(error) = decision.fell_back() {
        println!("{address} is let in unchecked: {error}");
    }
    decision.tag()
}

fn sign_up(request: &Request<Body>) -> Response<Body> {
    let mut fields = form_urlencoded::parse(request.body().as_bytes());
    let email = fields.find(|(name, _)| name == "email");
    let Some((_, email)) = email else {
        return http::text(StatusCode::BAD_REQUEST, "an email is missing\n");
    };
    let domain = email
        .trim()
        .rsplit_once('@')
        .map_or("", |(_, domain)| domain);
    // What is no domain is no failure of the list.
    if DomainKey::new(domain).is_err() {
        return http::text(
            StatusCode::UNPROCESSABLE_ENTITY,
            "that is no e-mail address\n",
        );
    }
    let check = |store: KvStore| DomainList::new(&store, "disposable").check(domain);
    let decision = Decision::fail_open(KvStore::open(STORE).map_err(Into::into).and_then(check));
    if let Some(error) = decision.fell_back() {
        println!("{domain} is taken unchecked: {error}");
    }
    match decision.is_listed() {
        true => http::text(
            StatusCode::UNPROCESSABLE_ENTITY,
            "please sign up with an address that lasts\n",
        ),
        false => http::text(StatusCode::OK, "we have sent you a message\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::{Fault, MockHost, Operation};
    use fastedge_pack::{LineOptions, ListRules, Packed, Subject};

    const THREATS: &str = include_str!("../data/ipsum.tsv");
    const DISPOSABLE: &str = include_str!("../data/disposable.txt");

    fn packed(subject: Subject, file: &str, tag_column: bool) -> Packed {
        let options = LineOptions {
            tag_column,
            ..LineOptions::default()
        };
        let mut rules = ListRules::new(subject);
        let mut fail = |problem| panic!("{problem}");
        rules
            .read(file.as_bytes(), "the list", &options, &mut fail)
            .unwrap();
        rules.pack().unwrap()
    }

    /// The real lists.
    fn edge() -> MockHost {
        let threats = packed(Subject::Addresses, THREATS, true);
        let disposable = packed(Subject::Domains, DISPOSABLE, false);
        MockHost::new().kv(STORE, |kv| {
            let values = threats.values("threats", 1);
            let values = values.chain(disposable.values("disposable", 1));
            values.fold(kv, |kv, (key, value)| kv.set(&key, value))
        })
    }

    fn ask(edge: &MockHost, address: &str) -> StatusCode {
        let request = Request::get("/").header("x-real-ip", address);
        let response = edge.run(|| main(request.body(Body::empty()).unwrap()));
        response.unwrap().status()
    }

    fn sign_up_as(edge: &MockHost, email: &str) -> StatusCode {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("email", email)
            .finish();
        let request = Request::post("/sign-up").body(body.into()).unwrap();
        edge.run(|| main(request)).unwrap().status()
    }

    #[test]
    fn every_address_has_as_many_lists_as_the_file_says() {
        let edge = edge();
        let _installed = edge.install();
        let store = KvStore::open(STORE).unwrap();
        let list = IpList::new(&store, "threats");
        for line in THREATS.lines() {
            let (address, count) = line.split_once('\t').unwrap();
            let address: IpAddr = address.parse().unwrap();
            let verdict = list.check(address).unwrap();
            assert_eq!(verdict.tag(), Some(count.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn turns_away_whom_many_lists_name() {
        let edge = edge();
        assert_eq!(ask(&edge, "77.90.185.20"), StatusCode::FORBIDDEN);
        assert_eq!(ask(&edge, "::ffff:77.90.185.20"), StatusCode::FORBIDDEN);
        edge.clear_calls();
        assert_eq!(ask(&edge, "192.0.2.1"), StatusCode::OK);
        assert!(edge.calls().kv_reads() <= 2);
        let edge = edge.variable("THRESHOLD", "11");
        assert_eq!(ask(&edge, "77.90.185.20"), StatusCode::OK);
    }

    #[test]
    fn takes_no_disposable_addresses() {
        let edge = edge();
        for line in DISPOSABLE.lines() {
            let email = format!("ann@{line}");
            assert_eq!(
                sign_up_as(&edge, &email),
                StatusCode::UNPROCESSABLE_ENTITY,
                "{email}"
            );
        }
        for email in ["ann@example.com", "ann@mailinator.example"] {
            assert_eq!(sign_up_as(&edge, email), StatusCode::OK, "{email}");
        }
        for email in [
            "ann",
            "ann@mailinator.com..",
            "ann@",
            " ann@mailinator.com ",
        ] {
            assert_eq!(
                sign_up_as(&edge, email),
                StatusCode::UNPROCESSABLE_ENTITY,
                "{email}"
            );
        }
    }

    #[test]
    fn stays_open_when_the_lists_cannot_be_read() {
        for operation in [Operation::KvOpen, Operation::KvGet] {
            let edge = edge().fault(Fault::on(operation));
            assert_eq!(ask(&edge, "77.90.185.20"), StatusCode::OK);
            assert_eq!(sign_up_as(&edge, "ann@mailinator.com"), StatusCode::OK);
        }
        assert_eq!(ask(&edge(), "nobody"), StatusCode::OK);
    }
}

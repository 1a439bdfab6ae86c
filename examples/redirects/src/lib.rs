//! An app with 100,000 redirects: the addresses of a shop's former site, and those of its present one.
//!
//! The table is packed, and a request takes two reads of up to 11 KB together. As one JSON document it would be more than a value
//! may hold, and parsing it would take each request tens of milliseconds.

use fastedge::{
    KvStore,
    blocklist::LookupTable,
    http::{self, Body, Error, Request, Response, StatusCode, header},
};

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let store = KvStore::open("site")?;
    let redirects = LookupTable::new(&store, "redirects");
    let Some(location) = redirects.get::<String>(request.uri().path())? else {
        return Ok(http::text(StatusCode::NOT_FOUND, "no such page\n"));
    };
    Ok(Response::builder()
        .status(StatusCode::MOVED_PERMANENTLY)
        .header(header::LOCATION, location)
        .body(Body::empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::MockHost;
    use fastedge_pack::{LineOptions, ListRules, Subject};

    const ROWS: &str = include_str!("../data/redirects.tsv");

    #[test]
    fn every_row_is_found_in_two_reads_and_nothing_else() {
        let mut rows = ListRules::new(Subject::TableByText);
        let mut fail = |problem| panic!("{problem}");
        rows.read(
            ROWS.as_bytes(),
            "redirects.tsv",
            &LineOptions::default(),
            &mut fail,
        )
        .unwrap();
        let packed = rows.pack().unwrap();
        let edge = MockHost::new().kv("site", |kv| {
            packed
                .values("redirects", 1)
                .fold(kv, |kv, (key, value)| kv.set(&key, value))
        });
        let _installed = edge.install();
        let ask = |path: &str| main(Request::get(path).body(Body::empty()).unwrap()).unwrap();
        for line in ROWS.lines().step_by(97) {
            let (from, to) = line.split_once('\t').unwrap();
            edge.clear_calls();
            let response = ask(from);
            assert_eq!(response.status(), StatusCode::MOVED_PERMANENTLY);
            assert_eq!(response.headers()[header::LOCATION], to);
            assert_eq!(edge.calls().kv_reads(), 2);
        }
        for path in ["/", "/p/0", "/p/100001", "/P/1"] {
            assert_eq!(ask(path).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}

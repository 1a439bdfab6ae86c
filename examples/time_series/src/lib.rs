//! A time series in sorted sets: the scores are unix seconds, the members readings.
//!
//! ```text
//! GET /latest?minutes=5
//! ```
//!
//! A set holds one day, so that a range fetches little and old days can be deleted. When the latest
//! reading was taken is published as a score as well (a pointer), which a node never keeps: a plain
//! value would be seen up to 30 s late. A reader that sees the pointer before the reading itself, which is
//! replicated on its own, answers what it has.
//!
//! Two readings with the same text are one member: so a member begins with its time.

use std::time::{SystemTime, UNIX_EPOCH};

use fastedge::http::{self, Body, Error, Request, Response, StatusCode};
use fastedge::{KvStore, clock};
use serde::Serialize;

const SECONDS_A_DAY: u64 = 86_400;

/// When the latest reading was taken.
pub const LATEST: &str = "roof:latest";

/// The set of the day to which a moment belongs.
pub fn day_of(unix_secs: u64) -> String {
    format!("roof:day:{}", unix_secs / SECONDS_A_DAY)
}

/// A reading, as the member of a set.
pub fn member_of(unix_secs: u64, celsius: f32) -> String {
    format!("{unix_secs} {celsius}")
}

#[derive(Serialize)]
struct Latest {
    taken_secs_ago: Option<u64>,
    readings: Vec<Reading>,
}

#[derive(Serialize)]
struct Reading {
    at: u64,
    celsius: f32,
}

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let minutes = match request.uri().query() {
        None => 5,
        Some(query) => match query.strip_prefix("minutes=").map(str::parse) {
            Some(Ok(minutes @ 1..=1_440)) => minutes,
            _ => {
                let wanted = "minutes=1 to minutes=1440 is wanted\n";
                return Ok(http::text(StatusCode::BAD_REQUEST, wanted));
            }
        },
    };
    let now = unix_secs(clock::now()?);
    let since = now.saturating_sub(60 * minutes);
    let store = KvStore::open("sensors")?;

    // A range that begins yesterday is in two sets.
    let mut readings = Vec::new();
    for day in since / SECONDS_A_DAY..=now / SECONDS_A_DAY {
        let set = store.sorted_set(day_of(day * SECONDS_A_DAY));
        for (member, at) in set.range(since as f64..).with_scores::<String>()? {
            let celsius = member
                .split_once(' ')
                .and_then(|(_, celsius)| celsius.parse().ok());
            let celsius = celsius.ok_or_else(|| {
                Error::other(format!(
                    "the reading `{member}` is not `<unix seconds> <degrees Celsius>`"
                ))
            })?;
            readings.push(Reading {
                at: at as u64,
                celsius,
            });
        }
    }
    let latest = store.pointer(LATEST).get_integer()?;
    let answer = Latest {
        taken_secs_ago: latest.map(|at| now.saturating_sub(at)),
        readings,
    };
    http::json(StatusCode::OK, &answer)
}

fn unix_secs(moment: SystemTime) -> u64 {
    moment
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use fastedge_mock_host::MockHost;

    fn get(edge: &MockHost, uri: &str) -> (u16, String) {
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let response = edge.run(|| main(request)).unwrap();
        let text = response.body().as_text().unwrap().to_owned();
        (response.status().as_u16(), text)
    }

    fn take(edge: &MockHost, at: u64, celsius: f32) {
        edge.write("sensors", |kv| {
            kv.sorted_set(&day_of(at), [(at as f64, member_of(at, celsius))])
                .sorted_set(LATEST, [(at as f64, "current")])
        });
    }

    #[test]
    fn the_latest_readings_are_those_of_the_last_minutes() {
        let edge = MockHost::new().kv("sensors", |kv| kv);
        let midnight = edge.clock().unix_secs();
        take(&edge, midnight - 300, 18.5);
        take(&edge, midnight - 60, 19.0);
        take(&edge, midnight + 5, 19.0);
        edge.clock().advance(Duration::from_secs(10));
        let (_, text) = get(&edge, "/latest?minutes=2");
        assert_eq!(
            text,
            format!(
                r#"{{"taken_secs_ago":5,"readings":[{{"at":{},"celsius":19.0}},{{"at":{},"celsius":19.0}}]}}"#,
                midnight - 60,
                midnight + 5
            )
        );
        let (_, text) = get(&edge, "/latest?minutes=10");
        assert!(text.contains("18.5"), "{text}");
    }

    #[test]
    fn nothing_taken_is_nothing_answered() {
        let edge = MockHost::new().kv("sensors", |kv| kv);
        let (status, text) = get(&edge, "/latest");
        assert_eq!(
            (status, text.as_str()),
            (200, r#"{"taken_secs_ago":null,"readings":[]}"#)
        );
        assert_eq!(get(&edge, "/latest?minutes=0").0, 400);
        assert_eq!(get(&edge, "/latest?hours=1").0, 400);
    }
}

//! A leaderboard in a sorted set.
//!
//! ```text
//! GET /top?n=3          the best players, and their scores
//! GET /players/ann      a player's score, and how many are ahead
//! GET /between?from=10&to=20
//! ```
//!
//! A range of scores is one fast call of the host. There are no ranks and no limits: `/top` fetches
//! the players above a score below which nobody is at the top, and not all of them. A player's score
//! by name makes the host walk the whole set (200 ms for 14,000 members), so it is also kept under a
//! key of the player's own, which the tool that writes the scores writes as well.

use fastedge::http::{self, Body, Error, Request, Response, StatusCode};
use fastedge::{KeyTemplate, KvStore};
use serde::Serialize;

/// The scores, ascending.
pub const SCORES: &str = "scores";

/// Below this score, nobody gets to the top.
const TOP_SCORE: f64 = 1_000.0;

/// A player's own score.
pub static SCORE_OF: KeyTemplate<1, f64> = KeyTemplate::new("score:{}");

#[derive(Serialize)]
struct Player {
    name: String,
    score: f64,
}

#[derive(Serialize)]
struct Standing {
    score: f64,
    ahead: usize,
}

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let store = KvStore::open("games")?;
    let query = request.uri().query().unwrap_or_default();
    let path = request.uri().path();
    if path == "/top" {
        let n = parameter(query, "n").unwrap_or(10);
        let top = store
            .sorted_set(SCORES)
            .range(TOP_SCORE..)
            .last(n)
            .descending();
        return http::json(StatusCode::OK, &players(top.with_scores::<String>()?));
    }
    if path == "/between" {
        let (Some(from), Some(to)) = (parameter(query, "from"), parameter(query, "to")) else {
            return Ok(http::text(
                StatusCode::BAD_REQUEST,
                "from and to are wanted\n",
            ));
        };
        let (from, to): (f64, f64) = (from, to);
        if from.is_nan() || to.is_nan() {
            return Ok(http::text(
                StatusCode::BAD_REQUEST,
                "from and to are numbers\n",
            ));
        }
        let between = store.sorted_set(SCORES).range(from..to);
        return http::json(StatusCode::OK, &players(between.with_scores::<String>()?));
    }
    if let Some(name) = path.strip_prefix("/players/") {
        return match store.read(&SCORE_OF.of(name))? {
            Some(score) => {
                let above = (std::ops::Bound::Excluded(score), std::ops::Bound::Unbounded);
                let ahead = store.sorted_set(SCORES).range(above).count()?;
                http::json(StatusCode::OK, &Standing { score, ahead })
            }
            None => Ok(http::text(StatusCode::NOT_FOUND, "no such player\n")),
        };
    }
    Ok(http::text(StatusCode::NOT_FOUND, "no such page\n"))
}

fn players(members: Vec<(String, f64)>) -> Vec<Player> {
    let players = members.into_iter();
    players
        .map(|(name, score)| Player { name, score })
        .collect()
}

fn parameter<T: std::str::FromStr>(query: &str, name: &str) -> Option<T> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    value.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::MockHost;

    fn get(path: &str) -> (u16, String) {
        let scores = [
            (900.0, "eve"),
            (1_000.0, "ann"),
            (3_000.0, "bob"),
            (2_000.0, "cid"),
        ];
        let edge = MockHost::new().kv("games", |kv| {
            scores
                .iter()
                .fold(kv.sorted_set(SCORES, scores), |kv, (score, name)| {
                    kv.set(SCORE_OF.of(name).name(), score.to_string())
                })
        });
        let _installed = edge.install();
        let response = main(Request::get(path).body(Body::empty()).unwrap()).unwrap();
        let text = response.body().as_text().unwrap().to_owned();
        (response.status().as_u16(), text)
    }

    #[test]
    fn the_top_is_descending_and_limited() {
        assert_eq!(
            get("/top?n=2").1,
            r#"[{"name":"bob","score":3000.0},{"name":"cid","score":2000.0}]"#
        );
        assert!(get("/top").1.contains("ann"));
        assert!(!get("/top").1.contains("eve"));
    }

    #[test]
    fn a_player_has_a_standing() {
        assert_eq!(get("/players/cid").1, r#"{"score":2000.0,"ahead":1}"#);
        assert_eq!(get("/players/eve").1, r#"{"score":900.0,"ahead":3}"#);
        assert_eq!(get("/players/*").0, 404);
    }

    #[test]
    fn a_range_has_its_lower_end_and_not_its_upper_one() {
        assert_eq!(
            get("/between?from=1000&to=2000").1,
            r#"[{"name":"ann","score":1000.0}]"#
        );
        assert_eq!(get("/between?from=1000").0, 400);
        assert_eq!(get("/between?from=NaN&to=1").0, 400);
    }
}

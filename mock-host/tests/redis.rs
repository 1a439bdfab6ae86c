//! Edge Storage answers as Redis does: the simulated one beside a real one, on random data.
//!
//! Needs `redis-server`; without it the tests say so and pass. The seed is fixed, and
//! `REDIS_TEST_SEED` sets another one.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastedge_host::Store;
use fastedge_mock_host::MockHost;
use redis::{Commands, Connection};

/// A server of this test's own.
struct Redis {
    process: Child,
    connection: Connection,
}

impl Redis {
    fn start() -> Option<Redis> {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(process) = process else {
            println!("skipped: redis-server is not installed (Debian's package redis-server)");
            return None;
        };
        let client = redis::Client::open(format!("redis://127.0.0.1:{port}/")).unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        let connection = loop {
            match client.get_connection() {
                Ok(connection) => break connection,
                Err(error) if Instant::now() > deadline => panic!("redis-server: {error}"),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        Some(Redis {
            process,
            connection,
        })
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

fn random() -> fastrand::Rng {
    let seed = std::env::var("REDIS_TEST_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("REDIS_TEST_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

/// A text of characters that mean something in a glob, and of some that do not.
fn text(random: &mut fastrand::Rng, longest: usize) -> String {
    const CHARACTERS: &[char] = &[
        'a', 'b', 'c', '-', '^', '[', ']', '*', '*', '?', '\\', ':', '/', 'ü',
    ];
    let length = random.usize(0..=longest);
    (0..length)
        .map(|_| *random.choice(CHARACTERS).unwrap())
        .collect()
}

fn open(edge: &MockHost) -> Arc<dyn Store> {
    edge.host().key_value().open("s").unwrap()
}

/// All that a scan finds, each once, sorted.
fn all(mut found: Vec<String>) -> Vec<String> {
    found.sort();
    found.dedup();
    found
}

#[test]
fn scans_find_the_same_keys() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let mut random = random();
    let mut keys: Vec<String> = (0..400).map(|_| text(&mut random, 6)).collect();
    keys.push(String::new());
    let edge = MockHost::new().kv("s", |kv| keys.iter().fold(kv, |kv, key| kv.set(key, "")));
    for key in &keys {
        let () = redis.connection.set(key, "").unwrap();
    }
    let store = open(&edge);
    for _ in 0..20_000 {
        let pattern = text(&mut random, 8);
        let (_, theirs): (u64, Vec<String>) = redis::cmd("SCAN")
            .arg(0)
            .arg("MATCH")
            .arg(&pattern)
            .arg("COUNT")
            .arg(100_000)
            .query(&mut redis.connection)
            .unwrap();
        let ours = store.scan(&pattern).unwrap();
        assert_eq!(all(ours), all(theirs), "pattern {pattern:?}");
    }
}

#[test]
fn sorted_sets_have_the_same_members_in_the_same_order() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let mut random = random();
    let score = |random: &mut fastrand::Rng| match random.u8(0..10) {
        0 => f64::NEG_INFINITY,
        1 => f64::INFINITY,
        2 => -0.0,
        3 => 0.0,
        4 => random.f64(),
        5 => f64::from_bits(random.u64(..)),
        _ => f64::from(random.i8(-3..=3)),
    };
    // Redis keeps small sets and large ones in two ways.
    for members in [5, 50, 500] {
        let key = format!("set of {members}");
        let members: Vec<(f64, String)> = (0..members)
            .map(|_| (score(&mut random), text(&mut random, 5)))
            .filter(|(score, _)| !score.is_nan())
            .collect();
        for (score, member) in &members {
            let () = redis.connection.zadd(&key, member, *score).unwrap();
        }
        let edge = MockHost::new().kv("s", |kv| {
            let members = members
                .iter()
                .map(|(score, member)| (*score, member.clone()));
            kv.sorted_set(&key, members)
        });
        let store = open(&edge);
        for _ in 0..2_000 {
            let (min, max) = (score(&mut random), score(&mut random));
            if min.is_nan() || max.is_nan() {
                assert!(store.zrange_by_score(&key, min, max).is_err());
                continue;
            }
            let ours = store.zrange_by_score(&key, min, max).unwrap();
            let theirs: Vec<(Vec<u8>, f64)> = redis
                .connection
                .zrangebyscore_withscores(&key, min, max)
                .unwrap();
            assert_eq!(ours, theirs, "{key}, {min} to {max}");
        }
        for _ in 0..2_000 {
            let pattern = text(&mut random, 6);
            let (_, mut theirs): (u64, Vec<(String, f64)>) = redis::cmd("ZSCAN")
                .arg(&key)
                .arg(0)
                .arg("MATCH")
                .arg(&pattern)
                .arg("COUNT")
                .arg(100_000)
                .query(&mut redis.connection)
                .unwrap();
            theirs.sort_by(|a, b| a.0.cmp(&b.0));
            theirs.dedup();
            let mut ours: Vec<(String, f64)> = store
                .zscan(&key, &pattern)
                .unwrap()
                .into_iter()
                .map(|(member, score)| (String::from_utf8(member).unwrap(), score))
                .collect();
            ours.sort_by(|a, b| a.0.cmp(&b.0));
            assert_eq!(ours, theirs, "{key}, pattern {pattern:?}");
        }
    }
}

//! Edge Storage answers as Redis does: the simulated one beside a real one, on random data.
//!
//! The calls are the SDK's, so that what it adds (exclusive ends, limits, orders, escapes, native
//! matching) is compared as well: 260,000 random cases a run. Needs `redis-server`; without it the
//! tests say so and pass. The seed is fixed, and `REDIS_TEST_SEED` sets another one.

use std::net::TcpListener;
use std::ops::Bound;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fastedge::{KvStore, Pattern};
use fastedge_mock_host::MockHost;
use redis::{Cmd, Commands, Connection, FromRedisValue, Pipeline, cmd};

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

impl Redis {
    /// The answers to many commands in one round trip.
    fn ask<T: FromRedisValue>(&mut self, commands: impl IntoIterator<Item = Cmd>) -> Vec<T> {
        let mut pipeline = Pipeline::new();
        for command in commands {
            pipeline.add_command(command);
        }
        pipeline.query(&mut self.connection).unwrap()
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

/// How many cases are asked for at a time.
const ROUND: usize = 500;

/// All that a scan finds, each once, sorted.
fn all<T: Ord>(mut found: Vec<T>) -> Vec<T> {
    found.sort();
    found.dedup();
    found
}

/// `SCAN` in one step.
fn scan(pattern: &str) -> Cmd {
    matching(cmd("SCAN").arg(0), pattern)
}

/// `ZSCAN` in one step.
fn zscan(key: &str, pattern: &str) -> Cmd {
    matching(cmd("ZSCAN").arg(key).arg(0), pattern)
}

fn matching(command: &mut Cmd, pattern: &str) -> Cmd {
    let command = command.arg("MATCH").arg(pattern);
    command.arg("COUNT").arg(100_000).clone()
}

/// Patterns and texts on which an implementation has been wrong, or is likely to be. What a random
/// case finds is added here.
const HARD: &[(&str, &str)] = &[
    ("*", ""),
    ("**", ""),
    ("", ""),
    ("", "a"),
    ("?", ""),
    ("[^a]", ""),
    ("[a", "a"),
    ("[", "["),
    ("[]", "]"),
    ("[]a]", "]a]"),
    ("[^]", "a"),
    ("[a-", "a"),
    ("[a-", "-"),
    ("[a-]", "b"),
    ("[a-]]", "b"),
    ("[z-a]", "m"),
    (r"[\]]", "]"),
    (r"[\a-c]", "b"),
    (r"[a-\]", "a"),
    (r"\", r"\"),
    (r"a\", r"a\"),
    (r"\*", "*"),
    (r"\*", "a"),
    ("[a-ü]", "b"),
    ("[a-ü]", "A"),
    ("[ü]", "ü"),
    ("??", "ü"),
    ("*ü", "aü"),
    ("a*b*c", "abbcbc"),
    ("*a", "aaab"),
    ("*[^a]", "ba"),
    ("a**b", "ab"),
];

#[test]
fn hard_patterns_match_what_they_match_in_redis() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    for (pattern, text) in HARD {
        let () = redis.connection.flushall().unwrap();
        let () = redis.connection.set(text, "").unwrap();
        let edge = MockHost::new().kv("s", |kv| kv.set(text, ""));
        let (_, theirs): (u64, Vec<String>) = scan(pattern).query(&mut redis.connection).unwrap();
        let ours = edge.run(|| KvStore::open("s").unwrap().scan(pattern).unwrap());
        assert_eq!(ours, theirs, "pattern {pattern:?}, text {text:?}");
        if let Ok(parsed) = Pattern::parse(pattern) {
            assert_eq!(parsed.matches(text), !theirs.is_empty(), "{pattern:?}");
        }
    }
}

#[test]
fn scans_find_the_same_keys() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let mut random = random();
    let mut keys: Vec<String> = (0..200).map(|_| text(&mut random, 6)).collect();
    keys.push(String::new());
    let keys = all(keys);
    let edge = MockHost::new().kv("s", |kv| keys.iter().fold(kv, |kv, key| kv.set(key, "")));
    for key in &keys {
        let () = redis.connection.set(key, "").unwrap();
    }
    let _installed = edge.install();
    let store = KvStore::open("s").unwrap();
    let mut well_formed = 0;
    for _ in 0..60_000 / ROUND {
        let patterns: Vec<String> = (0..ROUND).map(|_| text(&mut random, 8)).collect();
        let theirs: Vec<(u64, Vec<String>)> = redis.ask(patterns.iter().map(|p| scan(p)));
        for (pattern, (_, theirs)) in patterns.iter().zip(theirs) {
            let theirs = all(theirs);
            assert_eq!(store.scan(pattern).unwrap(), theirs, "{pattern:?}");
            if let Ok(parsed) = Pattern::parse(pattern) {
                well_formed += 1;
                let natively = keys.iter().filter(|key| parsed.matches(key));
                assert!(natively.eq(&theirs), "{pattern:?}");
            }
        }
        edge.clear_calls();
    }
    assert!(well_formed > 10_000, "{well_formed}");
}

#[test]
fn patterns_built_of_literals_find_the_literals() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let mut random = random();
    let keys: Vec<String> = (0..200).map(|_| text(&mut random, 4)).collect();
    let keys: Vec<String> = all(keys)
        .into_iter()
        .filter(|key| !key.is_empty())
        .collect();
    for key in &keys {
        let () = redis.connection.set(key, "").unwrap();
    }
    let literals: Vec<String> = (0..5_000).map(|_| text(&mut random, 3)).collect();
    type Form = (fn(&str) -> Pattern, fn(&str, &str) -> bool);
    let forms: [Form; 4] = [
        (
            |text| Pattern::prefix(text),
            |key, text| key.starts_with(text),
        ),
        (
            |text| Pattern::suffix(text),
            |key, text| key.ends_with(text),
        ),
        (
            |text| Pattern::containing(text),
            |key, text| key.contains(text),
        ),
        (|text| Pattern::exact(text), |key, text| key == text),
    ];
    for (pattern, is_meant) in forms {
        for literals in literals.chunks(ROUND) {
            let theirs: Vec<(u64, Vec<String>)> =
                redis.ask(literals.iter().map(|text| scan(pattern(text).as_str())));
            for (literal, (_, theirs)) in literals.iter().zip(theirs) {
                let meant = keys.iter().filter(|key| is_meant(key, literal));
                assert!(meant.eq(&all(theirs)), "{}", pattern(literal));
            }
        }
    }
}

/// A score, now and then an odd one.
fn score(random: &mut fastrand::Rng) -> f64 {
    let score = match random.u8(0..10) {
        0 => f64::NEG_INFINITY,
        1 => f64::INFINITY,
        2 => -0.0,
        3 => 0.0,
        4 => random.f64(),
        5 => f64::from_bits(random.u64(..)),
        _ => f64::from(random.i8(-3..=3)),
    };
    if score.is_nan() { 1.5 } else { score }
}

fn bound(random: &mut fastrand::Rng) -> Bound<f64> {
    match random.u8(0..5) {
        0 => Bound::Unbounded,
        1 | 2 => Bound::Excluded(score(random)),
        _ => Bound::Included(score(random)),
    }
}

/// A bound in Redis's words.
fn in_redis(bound: Bound<f64>, open: &str) -> String {
    match bound {
        Bound::Unbounded => open.to_owned(),
        Bound::Included(score) => format!("{score}"),
        Bound::Excluded(score) => format!("({score}"),
    }
}

/// The same members in Redis and in a store, in sets of three sizes: Redis keeps small ones and
/// large ones in two ways.
fn sets(redis: &mut Redis, random: &mut fastrand::Rng) -> (MockHost, Vec<String>) {
    let mut edge = MockHost::new();
    let mut keys = Vec::new();
    for size in [5, 50, 400] {
        let key = format!("set of {size}");
        let members: Vec<(f64, String)> = (0..size)
            .map(|_| (score(random), text(random, 5)))
            .collect();
        for (score, member) in &members {
            let () = redis.connection.zadd(&key, member, *score).unwrap();
        }
        edge = edge.kv("s", |kv| kv.sorted_set(&key, members));
        keys.push(key);
    }
    (edge, keys)
}

#[test]
fn ranges_have_the_same_members_in_the_same_order() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let mut random = random();
    let (edge, keys) = sets(&mut redis, &mut random);
    let _installed = edge.install();
    let store = KvStore::open("s").unwrap();
    for round in 0..60_000 / ROUND {
        let key = &keys[round % keys.len()];
        let ranges: Vec<(Bound<f64>, Bound<f64>)> = (0..ROUND)
            .map(|_| (bound(&mut random), bound(&mut random)))
            .collect();
        let theirs: Vec<Vec<(String, f64)>> = redis.ask(ranges.iter().map(|(start, end)| {
            cmd("ZRANGEBYSCORE")
                .arg(key)
                .arg(in_redis(*start, "-inf"))
                .arg(in_redis(*end, "+inf"))
                .arg("WITHSCORES")
                .clone()
        }));
        for (range, theirs) in ranges.into_iter().zip(theirs) {
            let ours = store.sorted_set(key).range(range);
            assert_eq!(
                ours.with_scores::<String>().unwrap(),
                theirs,
                "{key} {range:?}"
            );
        }
        edge.clear_calls();
    }
}

#[test]
fn limits_and_orders_are_those_of_redis() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let mut random = random();
    let (edge, keys) = sets(&mut redis, &mut random);
    let _installed = edge.install();
    let store = KvStore::open("s").unwrap();
    for round in 0..40_000 / ROUND {
        let key = &keys[round % keys.len()];
        let descending = round % 2 == 0;
        let ranges: Vec<(Bound<f64>, Bound<f64>, usize)> = (0..ROUND)
            .map(|_| (bound(&mut random), bound(&mut random), random.usize(0..8)))
            .collect();
        let theirs: Vec<Vec<String>> = redis.ask(ranges.iter().map(|(start, end, limit)| {
            let (start, end) = (in_redis(*start, "-inf"), in_redis(*end, "+inf"));
            let mut range = match descending {
                true => cmd("ZREVRANGEBYSCORE").arg(key).arg(end).arg(start).clone(),
                false => cmd("ZRANGEBYSCORE").arg(key).arg(start).arg(end).clone(),
            };
            range.arg("LIMIT").arg(0).arg(limit).clone()
        }));
        for ((start, end, limit), theirs) in ranges.into_iter().zip(theirs) {
            let range = store.sorted_set(key).range((start, end));
            let ours = match descending {
                true => range.last(limit).descending(),
                false => range.first(limit),
            };
            let ours = ours.members::<String>().unwrap();
            assert_eq!(ours, theirs, "{key} {start:?} {end:?} {limit}");
        }
        edge.clear_calls();
    }
}

#[test]
fn members_are_found_as_redis_finds_them() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let mut random = random();
    let (edge, keys) = sets(&mut redis, &mut random);
    let _installed = edge.install();
    let store = KvStore::open("s").unwrap();
    for round in 0..40_000 / ROUND {
        let key = &keys[round % keys.len()];
        let set = store.sorted_set(key);
        let patterns: Vec<String> = (0..ROUND).map(|_| text(&mut random, 6)).collect();
        let theirs: Vec<(u64, Vec<(String, f64)>)> =
            redis.ask(patterns.iter().map(|pattern| zscan(key, pattern)));
        for (pattern, (_, mut theirs)) in patterns.iter().zip(theirs) {
            theirs.sort_by(|a, b| a.1.partial_cmp(&b.1).unwrap().then_with(|| a.0.cmp(&b.0)));
            theirs.dedup();
            let raw = store.zscan(key, pattern).unwrap();
            assert_eq!(raw.len(), theirs.len(), "{key} {pattern:?}");
            if let Ok(parsed) = Pattern::parse(pattern) {
                let ours = set.members_matching::<String>(&parsed).unwrap();
                assert_eq!(ours, theirs, "{key} {pattern:?}");
            }
        }

        let members: Vec<String> = (0..ROUND).map(|_| text(&mut random, 3)).collect();
        let theirs: Vec<Option<f64>> = redis.ask(
            members
                .iter()
                .map(|member| cmd("ZSCORE").arg(key).arg(member).clone()),
        );
        for (member, theirs) in members.iter().zip(theirs) {
            assert_eq!(set.score(member).unwrap(), theirs, "{key} {member:?}");
        }
        edge.clear_calls();
    }
}

//! Two publishers whose names have equal length, on a server that ignores `search`.

use fastedge_mock::api::ApiRules;
use fastedge_pack::Packed;
use fastrand::Rng;

use super::lists::{few_shards, flags, one_value, publish_flags, short};
use super::platform::{Interruption, Platform, readings};

/// The names of the publishers: of lists, and of flags.
const LISTS: [&str; 2] = ["abc", "xyz"];
const PREFIXES: [&str; 2] = ["dev", "prd"];

/// Returns whether a key is one of a publisher's own.
fn is_own(name: &str, key: &str) -> bool {
    let index = format!("fastedge:flags:{name}");
    key == name || key == index || key.starts_with(&format!("{name}:"))
}

#[test]
fn no_tool_touches_keys_outside_its_prefix() {
    let lists: Vec<Vec<Packed>> = [short, one_value, few_shards]
        .iter()
        .map(|version| (0..4).map(version).collect())
        .collect();
    let readings = readings();
    let (mut interrupted, mut deleted) = (0, 0);
    for seed in 0..1_000 {
        let mut random = Rng::with_seed(seed);
        let rules: ApiRules = readings[random.usize(..readings.len())];
        let mut platform = Platform::new(rules);
        platform.ignores_search = true;
        let lists = &lists[random.usize(..lists.len())];
        for _ in 0..6 {
            let number = random.usize(..40);
            platform.interrupt(match random.u8(..4) {
                0 => Some(Interruption::Before(number)),
                1 => Some(Interruption::After(number)),
                _ => None,
            });
            let before = platform.contents();
            platform.deleted.borrow_mut().clear();
            let who = random.usize(..2);
            let (name, is_error) = match random.u8(..8) {
                0..4 => {
                    let publisher = platform.publisher(LISTS[who]);
                    let result = publisher.publish(&lists[random.usize(..4)], &mut |_| {});
                    (LISTS[who], result.is_err())
                }
                4 => {
                    let _none = platform.publisher(LISTS[who]).roll_back(&mut |_| {});
                    (LISTS[who], false)
                }
                5 => {
                    platform.advance(std::time::Duration::from_secs(601));
                    let _none = platform.publisher(LISTS[who]).clean(&mut |_| {});
                    (LISTS[who], false)
                }
                _ => {
                    let result = publish_flags(&platform, PREFIXES[who], random.u64(..5));
                    (PREFIXES[who], result.is_err())
                }
            };
            interrupted += usize::from(is_error);
            deleted += platform.deleted.borrow().len();
            for key in platform.deleted.borrow().iter() {
                assert!(is_own(name, key), "seed {seed}: {name} deletes {key}");
            }
            let mut after = platform.contents();
            after.retain(|key, _| !is_own(name, key));
            let mut others = before;
            others.retain(|key, _| !is_own(name, key));
            assert!(
                after == others,
                "seed {seed}: {name} has changed other keys"
            );
        }
        platform.interrupt(None);
        // Whatever has happened, the next publication of each is complete.
        for (list, prefix) in LISTS.into_iter().zip(PREFIXES) {
            platform
                .publisher(list)
                .publish(&lists[3], &mut |_| {})
                .unwrap();
            publish_flags(&platform, prefix, 4).unwrap();
        }
        let contents = platform.contents();
        for prefix in PREFIXES {
            for flag in flags(prefix, 4) {
                assert_eq!(contents[&flag.key].1[0].0, flag.value, "seed {seed}");
            }
        }
        let api = Platform::api();
        let export = platform.export(&api);
        let mut lines = Vec::new();
        let skipped = export.run("dev:", |line| {
            lines.push(line.to_owned());
            Ok(())
        });
        for skipped in skipped.unwrap() {
            assert!(
                skipped.key.starts_with("dev:"),
                "seed {seed}: {}",
                skipped.key
            );
        }
        assert!(!lines.is_empty());
        for line in lines {
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            let key = line["key"].as_str().unwrap();
            assert!(key.starts_with("dev:"), "seed {seed}: {key} is exported");
        }
    }
    assert!(
        interrupted > 500 && deleted > 1_000,
        "{interrupted}, {deleted}"
    );
}

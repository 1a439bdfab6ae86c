//! Publications that are interrupted at any request are completed by the next one.

use std::collections::BTreeMap;
use std::time::Duration;

use fastedge::blocklist::format::{Malformed, Root};
use fastedge_mock::api::ApiRules;
use fastedge_pack::{Packed, Publisher};

use super::lists::{Version, few_shards, flags, many_shards, one_value, publish_flags, short};
use super::platform::{Interruption, Platform, STORE, readings};

const KEY: &str = "list";

#[derive(Debug)]
struct Missing(#[allow(dead_code, reason = "printed")] String);

impl From<Malformed> for Missing {
    fn from(error: Malformed) -> Self {
        Missing(error.to_string())
    }
}

/// Checks that the list that readers find is complete, and so is the one that they fall back to.
fn assert_complete(platform: &Platform, packed: &Packed) {
    let read = |root: &[u8]| {
        let get = |key: &str| platform.value(key).ok_or_else(|| Missing(key.to_owned()));
        Packed::from_published(KEY, root, get).unwrap()
    };
    let root = platform.value(KEY).unwrap();
    assert_eq!(read(&root).digest(), packed.digest());
    let previous = Root::read(&root).unwrap().previous;
    if previous != 0 {
        read(&platform.value(&format!("{KEY}:{previous}")).unwrap());
    }
}

fn publish(platform: &Platform, packed: &Packed) -> Result<(), fastedge_pack::PublishError> {
    let publisher = platform.publisher(KEY).with_prompt_pointer();
    publisher.publish(packed, &mut |_| {}).map(drop)
}

/// Interrupts the 1st, 2nd and 10th publication of a list at each of its requests.
fn interrupt_everywhere(name: &str, version: Version) {
    let versions: Vec<Packed> = (0..11).map(version).collect();
    for published in [0, 1, 9] {
        let mut interruptions = 0;
        for number in 0.. {
            let mut was_interrupted = false;
            for interruption in [Interruption::Before(number), Interruption::After(number)] {
                let platform = Platform::new(ApiRules::default());
                for packed in &versions[..published] {
                    publish(&platform, packed).unwrap();
                }
                platform.interrupt(Some(interruption));
                was_interrupted |= publish(&platform, &versions[published]).is_err();
                platform.interrupt(None);
                // The same list again, or another one.
                let next = &versions[published + number % 2];
                publish(&platform, next).unwrap();
                assert_complete(&platform, next);
            }
            if !was_interrupted {
                break;
            }
            interruptions += 1;
        }
        assert!(interruptions > 8, "{name}: {interruptions} requests");
    }
}

#[test]
fn interrupted_publication_of_one_value_is_completed() {
    interrupt_everywhere("short", short);
    interrupt_everywhere("one value", one_value);
}

#[test]
fn interrupted_publication_of_few_shards_is_completed() {
    assert!(!few_shards(0).is_inline());
    interrupt_everywhere("few shards", few_shards);
}

#[test]
fn interrupted_publication_of_193_shards_is_completed() {
    let shards = many_shards(0).sections()[0].shards().len();
    assert_eq!(shards, 193);
    interrupt_everywhere("many shards", many_shards);
}

/// Publishes 50 times. Every publication succeeds, and keys that nobody needs are deleted.
fn publish_50_times(rules: ApiRules, version: Version, every: u64) {
    let platform = Platform::new(rules);
    let mut most = 0;
    for number in 0..50 {
        let packed = version(number * every);
        publish(&platform, &packed).unwrap();
        assert_complete(&platform, &packed);
        platform.advance(Duration::from_secs(300));
        most = most.max(platform.contents().len());
    }
    let first = version(0);
    let shards = first.sections().iter().map(|one| one.shards().len());
    let most_shards = shards.sum::<usize>() + 50;
    assert!(
        most < most_shards,
        "{most} keys, and {most_shards} are fine"
    );
    // The sorted set that points to the list has one member: long ones are removed too.
    let contents = platform.contents();
    assert_eq!(contents[&format!("{KEY}:pointer")].1.len(), 1);
    let report = platform.publisher(KEY).roll_back(&mut |_| {}).unwrap();
    assert_eq!((report.generation, report.rolled_back_to), (51, Some(49)));
    assert_complete(&platform, &version(48 * every));
}

#[test]
fn fifty_publications_succeed_under_every_reading() {
    for rules in readings() {
        publish_50_times(rules, short, 1);
        publish_50_times(rules, one_value, 1);
        publish_50_times(rules, few_shards, 1);
    }
}

#[test]
fn fifty_publications_of_193_shards_succeed() {
    // In quick succession, nothing can be deleted meanwhile.
    let platform = Platform::new(ApiRules::default());
    let versions: Vec<Packed> = (0..5).map(many_shards).collect();
    for number in 0..50 {
        let packed = &versions[number % 5];
        publish(&platform, packed).unwrap();
        assert_complete(&platform, packed);
    }
    for _ in 0..2 {
        platform.advance(Duration::from_secs(601));
        platform.publisher(KEY).clean(&mut |_| {}).unwrap();
    }
    let keys = platform.contents().len();
    assert!(keys < 193 + 50, "{keys} keys are left");
}

/// Checks that the prefix has just the flags of a version.
fn assert_flags(platform: &Platform, version: u64) {
    let contents = platform.contents().into_iter();
    let there: BTreeMap<String, Vec<u8>> = contents
        .filter(|(key, _)| key.starts_with("dev:"))
        .map(|(key, (_, mut values, _))| (key, values.remove(0).0))
        .collect();
    let wanted = flags("dev", version).into_iter();
    let wanted: BTreeMap<_, _> = wanted.map(|one| (one.key, one.value)).collect();
    assert_eq!(there, wanted, "version {version}");
    let contents = platform.contents();
    let index: Vec<&[u8]> = contents["fastedge:flags:dev"]
        .1
        .iter()
        .map(|(key, _)| key.as_slice())
        .collect();
    let keys: Vec<&[u8]> = wanted.keys().map(|key| key.as_bytes()).collect();
    let (mut index, mut keys) = (index, keys);
    index.sort_unstable();
    keys.sort_unstable();
    assert_eq!(index, keys);
}

#[test]
fn fifty_publications_of_flags_succeed_under_every_reading() {
    for rules in readings() {
        let platform = Platform::new(rules);
        for version in 0..50 {
            publish_flags(&platform, "dev", version).unwrap();
            assert_flags(&platform, version);
        }
        let again = publish_flags(&platform, "dev", 49).unwrap();
        assert_eq!(again.written, 0, "{rules:?}");
    }
}

#[test]
fn interrupted_publication_of_flags_is_completed() {
    for published in [0, 1, 9] {
        for number in 0.. {
            let mut was_interrupted = false;
            for interruption in [Interruption::Before(number), Interruption::After(number)] {
                let platform = Platform::new(ApiRules::default());
                for version in 0..published {
                    publish_flags(&platform, "dev", version).unwrap();
                }
                platform.interrupt(Some(interruption));
                was_interrupted |= publish_flags(&platform, "dev", published).is_err();
                platform.interrupt(None);
                let next = published + number as u64 % 2;
                publish_flags(&platform, "dev", next).unwrap();
                assert_flags(&platform, next);
            }
            if !was_interrupted {
                assert!(number >= 4, "{number} requests");
                break;
            }
        }
    }
}

/// Ten million entries: three publications, and 20 interruptions. It takes minutes and some 4 GB:
///
/// ```sh
/// cargo test -p fastedge-mock --test publishing -- --ignored --nocapture ten_million
/// ```
#[test]
#[ignore = "takes minutes: see the command in its documentation"]
fn ten_million_entries_survive_twenty_interruptions() {
    let began = std::time::Instant::now();
    let packed = super::lists::ten_million();
    let shards: usize = packed.sections().iter().map(|one| one.shards().len()).sum();
    let entries = packed.entries();
    println!(
        "{entries} entries in {shards} shards, packed in {:?}",
        began.elapsed()
    );
    let other = one_value(0);
    let platform = Platform::new(ApiRules::default());
    let publish = |packed: &Packed| {
        let publisher = Publisher::new(Platform::api(), STORE, KEY, &platform).force();
        let publisher = publisher.entries_per_second(0.0).with_prompt_pointer();
        publisher.publish(packed, &mut |_| {})
    };
    let mut random = fastrand::Rng::with_seed(1);
    let mut interruptions = 0;
    // The large list, a small one in its place, and the large one again.
    for (number, packed) in [&packed, &other, &packed].into_iter().enumerate() {
        for _ in 0..[8, 4, 8][number] {
            let at = random.usize(..if number == 1 { 20 } else { 80 });
            platform.interrupt(Some(match random.bool() {
                true => Interruption::Before(at),
                false => Interruption::After(at),
            }));
            let result = publish(packed);
            println!(
                "publication {number}: {} requests, {result:?}",
                platform.requests.get()
            );
            interruptions += usize::from(result.is_err());
            if number > 0 {
                // Readers find one of the two.
                let root = platform.value(KEY).unwrap();
                Root::read(&root).unwrap();
            }
        }
        platform.interrupt(None);
        let report = publish(packed).unwrap();
        println!(
            "publication {number}: {report:?}, {} requests",
            platform.requests.get()
        );
        assert_complete(&platform, packed);
        platform.advance(Duration::from_secs(700));
    }
    println!("{interruptions} interruptions, {:?}", began.elapsed());
}

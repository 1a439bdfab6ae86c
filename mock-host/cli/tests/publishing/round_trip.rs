//! Exports that are imported again.

use std::collections::BTreeSet;
use std::time::Duration;

use fastedge::Body;
use fastedge::edge_storage_api::{Entry, Transport, TransportError, Upload};
use fastedge::http::{Request, Response};
use fastedge_mock::storage::{Export, entries_of_line};
use fastrand::Rng;

use super::platform::{Platform, STORE, readings};

/// Writes entries of all types with values of up to 1,100 bytes, and returns the keys whose values
/// are short.
fn fill(platform: &Platform, random: &mut Rng) -> BTreeSet<String> {
    let mut short = BTreeSet::new();
    let mut entries = Vec::new();
    for number in 0..random.usize(1..60) {
        let key = format!("{}:{number}", random.choice(["a", "b", "ü"]).unwrap());
        let mut is_short = true;
        let mut value = || {
            let length = match random.u8(..10) {
                0 => random.usize(..=1_100),
                _ => random.usize(..30),
            };
            // As base64, even values of 768 bytes have 1,024 characters.
            is_short &= length <= 768;
            match random.bool() {
                true => "ä".repeat(length / 2).into_bytes(),
                false => (0..length).map(|_| random.u8(..)).collect(),
            }
        };
        let count = number % 4;
        let entry = match number % 3 {
            0 => Entry::plain(&key, value()),
            1 => {
                let scores = [f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.5, 1e300];
                let members = (0..=count).map(|i| (scores[i % 5], value()));
                Entry::sorted_set(&key, members.collect::<Vec<_>>())
            }
            _ => Entry::bloom_filter_items(&key, (0..=count).map(|_| value()).collect::<Vec<_>>()),
        };
        if is_short {
            short.insert(key);
        }
        entries.push(entry.unwrap());
    }
    write(platform, entries);
    short
}

fn write(platform: &Platform, entries: Vec<Entry>) {
    let mut upload = Upload::new(Platform::api(), STORE, entries).entries_per_second(0.0);
    upload.run(platform).unwrap();
}

#[test]
fn import_restores_what_an_export_does_not_name() {
    let mut named = 0;
    for (number, rules) in readings().into_iter().cycle().take(120).enumerate() {
        let mut random = Rng::with_seed(number as u64);
        let platform = Platform::new(rules);
        let short = fill(&platform, &mut random);
        let api = Platform::api();
        let mut lines = Vec::new();
        let skipped = platform.export(&api).run("", |line| {
            lines.push(line.to_owned());
            Ok(())
        });
        let skipped: BTreeSet<String> = skipped.unwrap().into_iter().map(|one| one.key).collect();
        let again = Platform::new(rules);
        for line in &lines {
            let (entries, _) = entries_of_line(line).unwrap();
            write(&again, entries);
        }
        let mut wanted = platform.contents();
        wanted.retain(|key, _| !skipped.contains(key));
        assert!(again.contents() == wanted, "store {number}");
        assert!(skipped.is_disjoint(&short), "store {number}");
        named += skipped.len();
    }
    assert!(named > 50, "{named} keys cannot be read back");
}

/// Sets and filters of any number of members are whole, however many pages they have.
#[test]
fn sets_and_filters_of_all_sizes_are_exported_whole() {
    let platform = Platform::new(readings()[0]);
    for count in [1, 49, 50, 51, 999, 10_000, 10_001, 25_000] {
        let members = (0..count).map(|i| (f64::from(i), format!("m{i}")));
        let set = Entry::sorted_set(format!("set:{count}"), members).unwrap();
        let items = (0..count).map(|i| format!("i{i}"));
        let filter = Entry::bloom_filter_items(format!("filter:{count}"), items).unwrap();
        write(&platform, vec![set, filter]);
    }
    let api = Platform::api();
    let again = Platform::new(readings()[0]);
    let skipped = platform.export(&api).run("", |line| {
        let (entries, _) = entries_of_line(line)?;
        write(&again, entries);
        Ok(())
    });
    assert_eq!(skipped.unwrap(), []);
    assert!(again.contents() == platform.contents());
}

/// A server that returns the later pages of the set `bad` in an encoding that nobody knows.
struct Garbling<'a>(&'a Platform);

impl Transport for Garbling<'_> {
    fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let query = request.uri().query().unwrap_or_default();
        let is_later = query.contains("offset=") && !query.contains("offset=0");
        let is_garbled = is_later && request.uri().path().ends_with("/data/bad");
        let response = self.0.send(request)?;
        Ok(response.map(|body| match is_garbled {
            true => {
                let text = String::from_utf8(body.into_bytes()).unwrap();
                Body::from(text.replace("\"plain\"", "\"rot13\""))
            }
            false => body,
        }))
    }

    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
    }
}

#[test]
fn set_whose_later_page_is_unreadable_is_named_and_the_rest_is_exported() {
    let platform = Platform::new(readings()[0]);
    let members = (0..10_001).map(|i| (f64::from(i), format!("m{i}")));
    let entries = [
        Entry::plain("a", "first").unwrap(),
        Entry::sorted_set("bad", members).unwrap(),
        Entry::plain("c", "last").unwrap(),
    ];
    write(&platform, entries.into());
    let (api, transport) = (Platform::api(), Garbling(&platform));
    let export = Export {
        api: &api,
        transport: &transport,
        store: STORE,
        values: None,
    };
    let mut lines = 0;
    let skipped = export.run("", |_| {
        lines += 1;
        Ok(())
    });
    let skipped = skipped.unwrap();
    assert_eq!((lines, skipped.len()), (2, 1));
    assert_eq!(skipped[0].key, "bad");
    assert!(
        skipped[0].reason.contains("unknown encoding `rot13`"),
        "{skipped:?}"
    );
}

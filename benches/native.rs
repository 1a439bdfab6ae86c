//! What things cost natively, beside what else could be done: `cargo bench`.
//!
//! An app's instance lives for one request, so each question begins with the bytes of a value: what is parsed for it is
//! parsed each time. Components are measured by `cargo edge bench`.

use std::collections::HashSet;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use criterion::{
    BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use datalogic_rs::Engine;
use fastedge::KvStore;
use fastedge::blocklist::IpList;
use fastedge::bloom::Filter;
use fastedge::flags::{EvaluationContext, Flags};
use fastedge_mock_host::MockHost;
use fastedge_pack::{Action, AddressRules};
use serde_json::{Value, json};

/// As many addresses as a value of a megabyte takes as JSON.
const ADDRESSES: u32 = 62_000;
const FLAGS: usize = 1_000;
const ITEMS: usize = 10_000;

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(20);
    targets = addresses, flags, bloom, glob
}
criterion_main!(all);

fn measure<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, mut f: impl FnMut() -> T) {
    group.bench_function(name, |bencher| bencher.iter(|| black_box(f())));
}

fn address(number: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(number.wrapping_mul(2_654_435_761))
}

/// Whether an address is listed.
fn addresses(criterion: &mut Criterion) {
    let listed: Vec<Ipv4Addr> = (0..ADDRESSES).map(address).collect();
    let document = serde_json::to_vec(&listed).unwrap();
    let mut rules = AddressRules::new();
    for address in &listed {
        rules.add_network(IpAddr::from(*address), Action::Deny { tag: 0 });
    }
    let packed = rules.pack().unwrap();
    let edge = MockHost::new().kv("lists", |kv| {
        packed
            .values("threats", 1)
            .fold(kv, |kv, (key, value)| kv.set(&key, value))
    });
    let _installed = edge.install();
    let store = KvStore::open("lists").unwrap();
    let asked = address(ADDRESSES / 2);

    let mut group = criterion.benchmark_group("addresses");
    measure(&mut group, "json_hash_set", || {
        let set: HashSet<Ipv4Addr> = serde_json::from_slice(black_box(&document)).unwrap();
        assert!(set.contains(&asked));
    });
    measure(&mut group, "packed", || {
        let verdict = IpList::new(&store, "threats").check(asked).unwrap();
        assert!(verdict.is_listed());
    });
    group.finish();
    edge.clear_calls();
}

/// The last flag of a document.
fn flags(criterion: &mut Criterion) {
    let flags = (0..FLAGS).map(|number| {
        let definition = json!({
            "state": "ENABLED",
            "variants": {"on": true, "off": false},
            "defaultVariant": "off",
            "targeting": {"if": [{"in": [{"var": "country"}, ["DE", "AT", "CH"]]}, "on", "off"]},
            "metadata": {"owner": "team-checkout", "ticket": format!("SHOP-{number:04}")},
        });
        (format!("feature-{number:04}"), definition)
    });
    let document = json!({ "flags": flags.collect::<serde_json::Map<_, _>>() }).to_string();
    let last = format!("feature-{:04}", FLAGS - 1);
    let data = json!({"country": "AT"});
    let context = EvaluationContext::new().with("country", "AT");

    let mut group = criterion.benchmark_group("flags");
    measure(&mut group, "value_datalogic", || {
        let document: Value = serde_json::from_str(black_box(&document)).unwrap();
        let flag = &document["flags"][&last];
        let engine = Engine::new();
        let variant: Value = engine.eval_into(&flag["targeting"], &data).unwrap();
        assert_eq!(flag["variants"][variant.as_str().unwrap()], true);
    });
    measure(&mut group, "in_place", || {
        let flags = Flags::from_json(black_box(document.as_bytes()));
        assert!(flags.bool(&last, false, &context));
    });
    group.finish();
}

/// Whether an item is in a set.
fn bloom(criterion: &mut Criterion) {
    let items: Vec<String> = (0..ITEMS)
        .map(|number| format!("item-{number:05}"))
        .collect();
    let document = serde_json::to_vec(&items).unwrap();
    let mut filter = Filter::<str>::new(ITEMS, 0.01).unwrap();
    items.iter().for_each(|item| filter.insert(item));
    let value = filter.into_bytes();

    let mut group = criterion.benchmark_group("bloom");
    measure(&mut group, "json_hash_set", || {
        let set: HashSet<&str> = serde_json::from_slice(black_box(&document)).unwrap();
        assert!(set.contains("item-05000"));
    });
    measure(&mut group, "filter", || {
        let filter = Filter::<str>::from_bytes(black_box(&*value)).unwrap();
        assert!(filter.contains("item-05000"));
    });
    group.finish();
}

/// Whether a key matches a pattern.
fn glob(criterion: &mut Criterion) {
    let key = "eu-central-1-frankfurt:2026-01-01:7-views";
    let mut group = criterion.benchmark_group("glob");
    measure(&mut group, "regex", || {
        let pattern = regex::Regex::new(black_box("^(?s).*-.*-.*:[0-9].*$")).unwrap();
        assert!(pattern.is_match(key));
    });
    measure(&mut group, "glob", || {
        let pattern = black_box(b"*-*-*:[0-9]*");
        assert!(fastedge_host::glob::matches(pattern, key.as_bytes()));
    });
    group.finish();
}

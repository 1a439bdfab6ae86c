//! `bloom`: rates, identity across machines, and bytes that are no filter.
//!
//! That WebAssembly makes and reads the same bytes is asserted by running a component:
//! `mock-host/cli/tests/storage.rs`.

use std::net::{IpAddr, Ipv4Addr};

use fastedge::bloom::{Filter, FilterError, Item, MAX_RATE, MIN_RATE};
use fastedge::codec::{Decode, Encode};
use fastedge::key::{Key, MAX_VALUE_BYTES};
use fastedge::kv_store::{ErrorKind, KvStore};
use fastedge_mock_host::MockHost;

/// Made on x86-64: 500 texts in a filter for 500 at 1%. `BLESS=1` makes it anew, which is a change
/// of the format.
const VECTOR: &[u8] = include_bytes!("data/bloom-v1.bin");

fn vector() -> Filter<str> {
    let mut filter = Filter::<str>::new(500, 0.01).unwrap();
    for i in 0..500 {
        filter.insert(&format!("item-{i}"));
    }
    filter
}

#[test]
fn the_format_does_not_change() {
    let made = vector().into_bytes();
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/bloom-v1.bin");
        std::fs::write(path, &made).unwrap();
        return;
    }
    assert_eq!(made, VECTOR);
    assert_eq!(vector().to_bytes(), VECTOR);
    let read = Filter::<str>::from_bytes(VECTOR).unwrap();
    assert!((0..500).all(|i| read.contains(&format!("item-{i}"))));
}

#[test]
fn at_capacity_the_rate_is_at_most_a_tenth_above_what_was_asked_for() {
    const PROBES: u64 = 1_000_000;
    for (capacity, rate) in [
        (100_u64, 0.01),
        (1_000, 0.001),
        (1_000, 0.1),
        (20_000, 0.001),
        (20_000, 0.003),
        (20_000, 0.01),
        (20_000, 0.03),
        (20_000, 0.1),
        // Few items, or very low rates, where the hashes' own collisions count.
        (10, 0.1),
        (20, 1e-4),
        (10_000, 1e-4),
        (10, 1e-6),
        (1_000, 1e-6),
        (10, 1e-9),
    ] {
        let mut filter = Filter::<u64>::new(capacity as usize, rate).unwrap();
        for item in 0..capacity {
            filter.insert(&item);
        }
        assert!((0..capacity).all(|item| filter.contains(&item)));
        let wrong = (capacity..capacity + PROBES)
            .filter(|item| filter.contains(item))
            .count();
        let measured = wrong as f64 / PROBES as f64;
        println!(
            "asked for {rate}, measured {measured}: {:.3}",
            measured / rate
        );
        assert!(measured <= 1.1 * rate, "{measured} for {rate}");
    }
}

#[test]
fn every_kind_of_item_is_found_again() {
    fn check<T: Item + ?Sized>(item: &T, other: &T) {
        let mut filter = Filter::<T>::new(10, 0.0001).unwrap();
        filter.insert(item);
        let read = Filter::<T>::from_bytes(filter.to_bytes()).unwrap();
        assert!(read.contains(item));
        assert!(!read.contains(other));
        assert_eq!(read.into_bytes(), filter.into_bytes());
    }
    check("a", "b");
    check(&[1_u8, 2][..], &[1]);
    check(&[1_u8, 2], &[2, 1]);
    check(&1_u8, &2);
    check(&1_u16, &2);
    check(&1_u32, &2);
    check(&1_u64, &2);
    check(&1_u128, &2);
    check(&-1_i8, &1);
    check(&-1_i16, &1);
    check(&-1_i32, &1);
    check(&-1_i64, &1);
    check(&-1_i128, &1);
    check(&Ipv4Addr::LOCALHOST, &Ipv4Addr::UNSPECIFIED);
    let (v4, v6): (IpAddr, IpAddr) = (Ipv4Addr::LOCALHOST.into(), [0_u16; 8].into());
    check(&v4, &v6);
}

#[test]
fn what_cannot_be_is_refused() {
    for rate in [
        0.0,
        -0.1,
        MIN_RATE / 2.0,
        MAX_RATE * 1.01,
        1.0,
        f64::NAN,
        f64::INFINITY,
    ] {
        let error = Filter::<str>::new(10, rate).unwrap_err();
        assert!(matches!(error, FilterError::Rate { .. }), "{rate}: {error}");
    }
    assert_eq!(
        Filter::<str>::new(0, 0.01).unwrap_err(),
        FilterError::NoCapacity
    );
    for (capacity, rate) in [(1_000_000, 0.01), (usize::MAX, 0.5), (10_000, MIN_RATE)] {
        let error = Filter::<str>::new(capacity, rate).unwrap_err();
        assert!(matches!(error, FilterError::TooLarge { .. }), "{error}");
    }
    for (capacity, rate) in [(1_312_000, 0.1), (655_800, 0.01), (436_600, 0.001)] {
        let bytes = Filter::<str>::new(capacity, rate).unwrap().into_bytes();
        assert!(bytes.len() <= MAX_VALUE_BYTES, "{}", bytes.len());
        assert!(bytes.len() > MAX_VALUE_BYTES - 2_000, "{}", bytes.len());
    }
}

#[test]
fn bad_bytes_are_errors_that_say_what_is_wrong() {
    let read = |bytes: &[u8]| Filter::<str>::from_bytes(bytes).unwrap_err().to_string();
    let changed = |at: usize, to: u8| {
        let mut bytes = VECTOR.to_vec();
        bytes[at] = to;
        bytes
    };
    let end = VECTOR.len();
    assert_eq!(
        read(b""),
        "not a Bloom filter: the bytes do not end with `FEBLOO`"
    );
    assert_eq!(read(&VECTOR[..end - 1]), read(b""));
    assert_eq!(
        read(&changed(end - 7, 9)),
        "a Bloom filter of version 9 of the format: this app reads version 1"
    );
    assert_eq!(
        Filter::<u32>::from_bytes(VECTOR).unwrap_err().to_string(),
        "a Bloom filter of text, which cannot be asked for u32"
    );
    assert_eq!(
        read(&changed(0, 7)),
        "a damaged Bloom filter: Version mismatch"
    );
    assert_eq!(read(&changed(1, 1)), "a damaged Bloom filter: Invalid size");
    assert_eq!(
        read(&changed(9, 0)),
        "a damaged Bloom filter: Invalid number of keys"
    );
    assert_eq!(
        read(&changed(12, 1)),
        "a damaged Bloom filter: it has too many hash functions"
    );
    let mut without_bits = VECTOR[..45].to_vec();
    without_bits[1..9].fill(0);
    without_bits.extend_from_slice(&VECTOR[end - 8..]);
    assert_eq!(
        read(&without_bits),
        "a damaged Bloom filter: it has no bits"
    );
}

#[test]
fn garbled_bytes_are_read_or_refused_but_never_trap() {
    let mut random = fastrand::Rng::with_seed(1);
    let mut read = 0;
    for _ in 0..20_000 {
        let mut bytes = VECTOR.to_vec();
        bytes.truncate(random.usize(..=bytes.len()));
        // Half of them keep the end that is looked at first.
        if random.bool() {
            bytes.extend_from_slice(&VECTOR[VECTOR.len() - 8..]);
        }
        for _ in 0..random.usize(0..4) {
            if let Some(byte) = random.choice(bytes.iter_mut()) {
                *byte = random.u8(..);
            }
        }
        if let Ok(filter) = Filter::<str>::from_bytes(bytes) {
            read += 1;
            let _answer = filter.contains("item-1");
        }
    }
    assert!(read > 0);
}

#[test]
fn a_filter_is_the_value_of_a_key() {
    static BLOCKED: Key<Filter<str>> = Key::new("blocked");
    let value = BLOCKED.encode(&vector()).unwrap();
    let edge = MockHost::new().kv("lists", |kv| kv.set("blocked", value).set("broken", "[]"));
    let _installed = edge.install();
    let store = KvStore::open("lists").unwrap();
    let blocked = store.read(&BLOCKED).unwrap().unwrap();
    assert!(blocked.contains("item-7"));
    assert_eq!(edge.calls().kv_reads(), 1);
    let error = store
        .read(&Key::<Filter<str>>::named("broken"))
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Decode { .. }), "{error}");
    assert!(Filter::<str>::decode(Filter::encode(&vector()).unwrap()).is_ok());
}

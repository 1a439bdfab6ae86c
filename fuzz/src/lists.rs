//! Packed lists, and what they are made of.

use std::net::IpAddr;

use fastedge::KvStore;
use fastedge::blocklist::canonical::{DomainKey, PathKey};
use fastedge::blocklist::{
    AsnList, CountryList, DomainList, IpList, LookupTable, PathList, TokenSet,
};
use fastedge_mock_host::MockHost;
use fastedge_pack::{LineOptions, ListRules, Packed, Subject};

use crate::headed;

/// A manifest, or a shard, or both.
pub(crate) fn packed_list(data: &[u8]) {
    let edge = MockHost::new().kv("lists", |kv| {
        kv.set("list", data)
            .set("list:1", data)
            .set("list:1:0", data)
    });
    let _installed = edge.install();
    let Ok(store) = KvStore::open("lists") else {
        panic!("the store is linked");
    };
    for address in ["192.0.2.1", "2001:db8::1", "255.255.255.255"] {
        if let Ok(address) = address.parse::<IpAddr>() {
            let _verdict = IpList::new(&store, "list").check(address);
            let table = LookupTable::by_address(&store, "list");
            let _value = table.get::<String>(address);
        }
    }
    let _verdict = DomainList::new(&store, "list").check("a.example.com");
    let _verdict = PathList::new(&store, "list").check("/a/b/c");
    let _verdict = TokenSet::new(&store, "list").check("token");
    let _verdict = AsnList::new(&store, "list").check(64_496);
    let _verdict = CountryList::new(&store, "list").check("LU");
    let _value = LookupTable::new(&store, "list").get::<String>("key");
}

/// Canonical forms are their own.
pub(crate) fn canonical(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(key) = DomainKey::new(text) {
        let domain = DomainKey::to_domain(key.as_bytes());
        let again = DomainKey::new(&domain);
        assert!(
            again.is_ok_and(|again| again.as_bytes() == key.as_bytes()),
            "{text:?} {domain:?}"
        );
    }
    let key = PathKey::new(text);
    let path = PathKey::to_path(key.as_bytes());
    assert_eq!(
        PathKey::new(&path).as_bytes(),
        key.as_bytes(),
        "{text:?} {path:?}"
    );
}

/// Lines of any of the formats, as any of the kinds: what can be used is packed, and read from a file again.
pub(crate) fn input(data: &[u8]) {
    let (kind, lines) = headed(data);
    let subjects = [
        Subject::Addresses,
        Subject::Domains,
        Subject::Paths,
        Subject::Tokens,
        Subject::Asns,
        Subject::Countries,
    ];
    let subject = subjects[usize::from(kind) % subjects.len()];
    if matches!(subject, Subject::Asns) && lines.contains(&b'-') {
        // A range is up to a million rules, each of which is packed: that takes its time, and is meant.
        return;
    }
    let mut rules = ListRules::new(subject);
    let options = LineOptions::default();
    let read = rules.read(lines, "fuzzed", &options, &mut |_| {});
    if read.is_err() {
        return;
    }
    if let Ok(packed) = rules.pack() {
        let mut file = Vec::new();
        assert!(packed.write_to(&mut file).is_ok());
        assert!(Packed::read_from(&*file).is_ok());
    }
}

/// A packed file.
pub(crate) fn file(data: &[u8]) {
    if let Ok(packed) = Packed::read_from(data) {
        let mut file = Vec::new();
        assert!(packed.write_to(&mut file).is_ok());
    }
}

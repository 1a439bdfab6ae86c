//! Bytes that are no lists: an error or an answer, and nothing else.

use std::net::IpAddr;

use fastedge::KvStore;
use fastedge::blocklist::format::{Header, Kind, Layout, PayloadKind, Role};
use fastedge::blocklist::{
    AsnList, CountryList, DomainList, ErrorKind, IpList, LookupTable, PathList, TokenSet,
};
use fastedge_mock_host::MockHost;
use fastedge_pack::{
    Action, AddressRules, AsnRules, CountryRules, DomainRules, Packed, PathRules, TableRules,
    TokenRules, explain,
};
use fastrand::Rng;

const KINDS: [Kind; 6] = [
    Kind::Addresses,
    Kind::Domains,
    Kind::Paths,
    Kind::Tokens,
    Kind::Asns,
    Kind::Countries,
];

/// Lists of all kinds, with so many rules.
fn lists(rng: &mut Rng, rules: usize) -> Vec<Packed> {
    let mut addresses = AddressRules::new();
    let (mut domains, mut paths) = (DomainRules::new(), PathRules::new());
    let (mut tokens, mut asns, mut countries) =
        (TokenRules::new(), AsnRules::new(), CountryRules::new());
    let mut tables = [
        TableRules::by_text(),
        TableRules::by_address(),
        TableRules::by_domain(),
        TableRules::by_path(),
    ];
    countries.add("LU", Action::Deny { tag: 1 }).unwrap();
    for number in 0..rules {
        let action = match rng.u8(0..5) {
            0 => Action::Allow,
            tag => Action::Deny { tag },
        };
        let address = match rng.bool() {
            true => IpAddr::from(rng.u32(..).to_be_bytes()).to_string(),
            false => format!(
                "2001:db8:{:x}::{:x}/{}",
                rng.u16(..),
                rng.u16(..),
                rng.u8(33..=128)
            ),
        };
        addresses.add(&address, action).unwrap();
        let domain = format!("d{}.e{}.com", rng.u16(..), rng.u8(..));
        let path = format!("/{}/{}", rng.u8(..), rng.u16(..));
        domains.add(&domain, action).unwrap();
        paths.add(&path, action).unwrap();
        tokens.add(format!("t{number}"), action).unwrap();
        asns.add(&rng.u32(..).to_string(), action).unwrap();
        let value = number.to_string();
        let [texts, by_address, by_domain, by_path] = &mut tables;
        texts.add(&value, &value).unwrap();
        by_address
            .add(
                &format!("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255),
                &value,
            )
            .unwrap();
        by_domain.add(&format!("{number}.com"), &value).unwrap();
        by_path.add(&format!("/{number}"), &value).unwrap();
    }
    let mut lists = vec![
        addresses.pack().unwrap(),
        domains.pack().unwrap(),
        paths.pack().unwrap(),
        tokens.pack().unwrap(),
        asns.pack().unwrap(),
        countries.pack().unwrap(),
    ];
    lists.extend(tables.map(|table| table.pack().unwrap()));
    lists
}

/// Asks whatever is at the key for everything that can be asked. How many answers there were.
fn ask_everything(store: &KvStore, rng: &mut Rng) -> usize {
    let address = match rng.bool() {
        true => IpAddr::from(rng.u32(..).to_be_bytes()),
        false => format!("2001:db8:{:x}::1", rng.u16(..)).parse().unwrap(),
    };
    let domain = format!("d{}.e{}.com", rng.u16(..), rng.u8(..));
    let path = format!("/{}/{}/x", rng.u8(..), rng.u16(..));
    let text = rng.u16(..2000).to_string();
    let answers = [
        IpList::new(store, "list").check(address).is_ok(),
        DomainList::new(store, "list").check(&domain).is_ok(),
        PathList::new(store, "list").check(&path).is_ok(),
        TokenSet::new(store, "list")
            .check(format!("t{text}"))
            .is_ok(),
        AsnList::new(store, "list").check(rng.u32(..)).is_ok(),
        CountryList::new(store, "list").check("LU").is_ok(),
        LookupTable::new(store, "list")
            .get::<Vec<u8>>(&text)
            .is_ok(),
        LookupTable::by_address(store, "list")
            .get::<Vec<u8>>(address)
            .is_ok(),
        LookupTable::by_domain(store, "list")
            .get::<Vec<u8>>(&domain)
            .is_ok(),
        LookupTable::by_path(store, "list")
            .get::<Vec<u8>>(&path)
            .is_ok(),
    ];
    answers.iter().filter(|is_answer| **is_answer).count()
}

fn spoilt(rng: &mut Rng, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    for _ in 0..rng.usize(1..6) {
        if value.is_empty() {
            break;
        }
        // Most of what is checked is at the front.
        let end = match rng.bool() {
            true => value.len().min(120),
            false => value.len(),
        };
        let at = rng.usize(..end);
        match rng.u8(0..8) {
            0 => value.truncate(at),
            1 => value.insert(at, rng.u8(..)),
            2 => drop(value.remove(at)),
            3 => value[at] = 0xff,
            4 => value[at] = 0,
            _ => value[at] ^= 1 << rng.u8(0..8),
        }
    }
    if rng.bool() && value.len() >= 32 {
        // With a length that is right, what is behind it is looked at.
        let length = (value.len() - 32) as u32;
        value[20..24].copy_from_slice(&length.to_le_bytes());
    }
    value
}

#[test]
fn spoilt_lists_are_errors_or_answers() {
    let mut rng = Rng::with_seed(1);
    let mut answers = 0;
    for rules in [3, 40, 3000] {
        for packed in lists(&mut rng, rules) {
            let values: Vec<_> = packed.values("list", 1).collect();
            let edge = MockHost::new().kv("lists", |kv| {
                values
                    .iter()
                    .fold(kv, |kv, (key, value)| kv.set(key, value.clone()))
            });
            let _installed = edge.install();
            let store = KvStore::open("lists").unwrap();
            for _ in 0..1500 {
                let (key, value) = &values[rng.usize(..values.len())];
                let bad = spoilt(&mut rng, value);
                let _unusable = Packed::from_published("list", &bad, |_| {
                    Ok::<_, fastedge::blocklist::format::Malformed>(bad.clone())
                });
                edge.write("lists", |kv| kv.set(key, bad));
                answers += ask_everything(&store, &mut rng);
                edge.write("lists", |kv| kv.set(key, value.clone()));
                edge.clear_calls();
            }
        }
    }
    assert!(answers > 0);
}

#[test]
fn bodies_of_chance_are_errors_or_answers() {
    let mut rng = Rng::with_seed(2);
    let edge = MockHost::new().kv("lists", |kv| kv);
    let _installed = edge.install();
    let store = KvStore::open("lists").unwrap();
    for _ in 0..60_000 {
        let mut body: Vec<u8> = (0..rng.usize(0..300)).map(|_| rng.u8(..)).collect();
        // Small numbers are more often possible ones.
        for byte in &mut body {
            if rng.u8(0..3) > 0 {
                *byte &= 3;
            }
        }
        let header = Header {
            role: [Role::Inline, Role::Manifest, Role::Shard][rng.usize(..3)],
            kind: KINDS[rng.usize(..6)],
            payload: [PayloadKind::None, PayloadKind::Tag, PayloadKind::Value][rng.usize(..3)],
            generation: 1,
            mark: 0,
            entries: rng.u32(0..5),
            body_bytes: 0,
            checksum: 0,
        };
        for layout in (0..8).filter_map(|number| Layout::of_number(number).ok()) {
            let mut entries = 0;
            let _malformed = explain(
                header.kind,
                layout,
                header.payload,
                None,
                &body,
                &mut |_| entries += 1,
            );
            assert!(
                entries <= 70_000,
                "{entries} entries of {} bytes",
                body.len()
            );
        }
        edge.write("lists", |kv| kv.set("list", header.write(&body)));
        ask_everything(&store, &mut rng);
        edge.clear_calls();
    }
}

#[test]
fn files_of_chance_are_no_packed_lists() {
    let mut rng = Rng::with_seed(3);
    for packed in lists(&mut rng, 300) {
        let mut file = Vec::new();
        packed.write_to(&mut file).unwrap();
        assert_eq!(Packed::read_from(file.as_slice()).unwrap(), packed);
        for _ in 0..500 {
            let bad = spoilt(&mut rng, &file);
            if bad != file {
                // What comes after the end is not read.
                let is_longer = bad.starts_with(&file);
                assert!(is_longer || Packed::read_from(bad.as_slice()).is_err());
            }
        }
    }
}

#[test]
fn a_list_of_another_kind_is_told() {
    let mut rng = Rng::with_seed(4);
    let lists = lists(&mut rng, 5);
    super::models::with_list(&lists[0], |store, _| {
        let error = DomainList::new(store, "list")
            .check("example.com")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the list at key `list` of store `lists` is one of addresses, not of domains"
        );
        let error = IpList::new(store, "lost").check([0, 0, 0, 0]).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::NotPublished { .. }),
            "{error}"
        );
    });
}

//! Tokens, tables, autonomous systems, countries.

use std::collections::{HashMap, HashSet};

use fastedge::blocklist::{AsnList, CountryList, LookupTable, TokenSet};
use fastedge_pack::{Action, AsnRules, CountryRules, PackError, TableRules, TokenRules};
use fastrand::Rng;

use super::{QUESTIONS, assert_same, with_list};

#[test]
fn tokens_agree_with_a_map() {
    for (seed, count, tags) in [(1, 200_000, 1), (2, 50_000, 7), (3, 100, 2), (4, 0, 1)] {
        let mut rng = Rng::with_seed(seed);
        let mut rules = TokenRules::new();
        let mut model: HashMap<String, Action> = HashMap::new();
        for _ in 0..count {
            let token = format!("tok_{}", rng.u32(0..1_000_000));
            let action = match rng.u8(0..6) {
                0 => Action::Allow,
                _ => Action::Deny {
                    tag: rng.u8(..tags),
                },
            };
            rules.add(&token, action).unwrap();
            let former = model.entry(token).or_insert(action);
            *former = match (*former, action) {
                (Action::Deny { tag: one }, Action::Deny { tag: other }) => Action::Deny {
                    tag: one.max(other),
                },
                _ => match (*former, action) {
                    (Action::Deny { .. }, Action::Deny { .. }) => *former,
                    _ => Action::Allow,
                },
            };
        }
        with_list(&rules.pack().unwrap(), |store, edge| {
            let mut list = TokenSet::new(store, "list");
            for number in 0..QUESTIONS / 4 {
                if number % 1000 == 0 {
                    list = TokenSet::new(store, "list");
                    edge.clear_calls();
                }
                let token = format!("tok_{}", rng.u32(0..1_000_000));
                let expected = match model.get(&token) {
                    Some(Action::Deny { tag }) => Some(*tag),
                    _ => None,
                };
                assert_same(&token, list.check(&token).unwrap().tag(), expected);
                if number % 1000 == 0 {
                    assert!(edge.calls().kv_reads() <= 2);
                }
            }
        });
    }
}

#[test]
fn a_table_by_text_agrees_with_a_map() {
    let mut rng = Rng::with_seed(1);
    let mut rows = TableRules::by_text();
    let mut model = HashMap::new();
    for number in 0..60_000 {
        let key = format!("/old/{number}");
        let value = "/new/".to_owned() + &"x".repeat(rng.usize(0..60));
        rows.add(&key, &value).unwrap();
        model.insert(key, value);
    }
    with_list(&rows.pack().unwrap(), |store, _| {
        let table = LookupTable::new(store, "list");
        for _ in 0..QUESTIONS {
            let key = format!("/old/{}", rng.u32(0..120_000));
            let expected = model.get(&key).cloned();
            assert_same(&key, table.get::<String>(&key).unwrap(), expected);
        }
    });
}

#[test]
fn a_key_with_two_values_is_not_packed() {
    let mut by_text = TableRules::by_text();
    let mut by_address = TableRules::by_address();
    let mut by_path = TableRules::by_path();
    for value in ["one", "other"] {
        by_text.add("k", value).unwrap();
        by_address.add("10.0.0.1/8", value).unwrap();
        by_path.add("/a//b/", value).unwrap();
    }
    for (rows, key) in [
        (by_text, "(hash "),
        (by_address, "10.0.0.0/8"),
        (by_path, "/a/b"),
    ] {
        match rows.pack().unwrap_err() {
            PackError::TwoValues {
                key: told,
                one,
                other,
            } => {
                assert!(told.starts_with(key), "{told}");
                assert_eq!([one, other], ["one", "other"]);
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn autonomous_systems_agree_with_a_set() {
    for (seed, count) in [(1, 90_000), (2, 300)] {
        let mut rng = Rng::with_seed(seed);
        let mut rules = AsnRules::new();
        let mut model = HashSet::new();
        for _ in 0..count {
            let asn = rng.u32(..) >> rng.u32(0..20);
            rules
                .add(&format!("AS{asn}"), Action::Deny { tag: 1 })
                .unwrap();
            model.insert(asn);
        }
        with_list(&rules.pack().unwrap(), |store, _| {
            let list = AsnList::new(store, "list");
            let listed: Vec<_> = model.iter().copied().collect();
            for _ in 0..QUESTIONS / 2 {
                let asn = match rng.u8(0..3) {
                    0 => rng.u32(..),
                    1 => listed[rng.usize(..listed.len())].wrapping_add(rng.u32(0..2)),
                    _ => rng.u32(..) >> rng.u32(0..20),
                };
                let expected = model.contains(&asn).then_some(1);
                assert_same(asn, list.check(asn).unwrap().tag(), expected);
            }
        });
    }
}

#[test]
fn countries_are_told_from_each_other() {
    let mut rules = CountryRules::new();
    for (tag, code) in [(1, "DE"), (2, "lu"), (3, "ZZ"), (4, "AA"), (5, "T1")] {
        rules.add(code, Action::Deny { tag }).unwrap();
    }
    assert!(rules.add("DEU", Action::Allow).is_err());
    with_list(&rules.pack().unwrap(), |store, edge| {
        let list = CountryList::new(store, "list");
        let tag = |code| list.check(code).unwrap().tag();
        assert_eq!(
            ["de", "LU", "ZZ", "aa", "T1"].map(tag),
            [1, 2, 3, 4, 5].map(Some)
        );
        assert_eq!(["DF", "", "D", "DEU", "é", "%%"].map(tag), [None; 6]);
        assert_eq!(edge.calls().kv_reads(), 1);
    });
}

#[test]
fn countries_agree_with_a_map() {
    let digits: Vec<char> = ('0'..='9').chain('A'..='Z').collect();
    for seed in 0..20 {
        let mut rng = Rng::with_seed(seed);
        let code = |rng: &mut Rng| -> String {
            [digits[rng.usize(..36)], digits[rng.usize(..36)]]
                .iter()
                .collect()
        };
        let (mut rules, mut model) = (CountryRules::new(), HashMap::new());
        for _ in 0..rng.usize(0..400) {
            let (code, tag) = (code(&mut rng), rng.u8(1..9));
            rules
                .add(&code.to_lowercase(), Action::Deny { tag })
                .unwrap();
            let former = model.entry(code).or_insert(tag);
            *former = tag.max(*former);
        }
        with_list(&rules.pack().unwrap(), |store, _| {
            let list = CountryList::new(store, "list");
            for _ in 0..QUESTIONS / 20 {
                let code = code(&mut rng);
                let expected = model.get(&code).copied();
                assert_same(&code, list.check(&code).unwrap().tag(), expected);
            }
        });
    }
}

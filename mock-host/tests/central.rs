//! The central side of Edge Storage: counts, items, masks.

use fastedge_mock_host::central::{Change, DataType, Entry, ListQuery, WriteError, Written};
use fastedge_mock_host::{BloomOptions, Edge, Settings};

fn put(key: &str, value: &str) -> Change {
    Change::Put {
        key: key.to_owned(),
        value: value.into(),
        expires_at_ms: None,
    }
}

fn add(key: &str, members: &[(f64, &str)]) -> Change {
    let members = members.iter();
    Change::AddMembers {
        key: key.to_owned(),
        members: members
            .map(|(score, member)| (*score, member.as_bytes().to_vec()))
            .collect(),
    }
}

fn bytes(values: &[&str]) -> Vec<Vec<u8>> {
    values
        .iter()
        .map(|value| value.as_bytes().to_vec())
        .collect()
}

fn remove(key: &str, members: &[&str]) -> Change {
    Change::RemoveMembers {
        key: key.to_owned(),
        members: bytes(members),
    }
}

fn items(key: &str, items: &[&str]) -> Change {
    Change::AddItems {
        key: key.to_owned(),
        options: BloomOptions::default(),
        items: bytes(items),
    }
}

fn mask(key: &str, values: &[&str]) -> Change {
    Change::Mask {
        key: key.to_owned(),
        values: bytes(values),
    }
}

fn delete(key: &str, data_type: DataType) -> Change {
    Change::Delete {
        key: key.to_owned(),
        data_type: Some(data_type),
    }
}

/// An edge with one store, number 1.
fn edge() -> Edge {
    let edge = Edge::for_tests(&[], Settings::platform());
    edge.create_store("s", None, None).unwrap();
    edge
}

fn write(edge: &Edge, changes: &[Change]) -> Written {
    edge.write_store(1, changes, false).unwrap()
}

fn masked(entry: &Entry, values: &[&str]) -> Vec<bool> {
    let values = values.iter();
    values
        .map(|value| entry.is_masked(value.as_bytes()))
        .collect()
}

#[test]
fn counts_are_of_values_and_of_what_existed() {
    let edge = edge();
    let counts = |changes: &[Change]| {
        let written = write(&edge, changes);
        (written.write_count, written.del_count)
    };
    let set = add("set", &[(1.0, "a"), (2.0, "b"), (3.0, "c")]);
    let filter = items("filter", &["x", "y", "z"]);
    assert_eq!(counts(&[put("k", "v"), set.clone(), filter]), (7, 0));
    assert_eq!(
        counts(&[set]),
        (3, 0),
        "members that are there are written again"
    );
    assert_eq!(counts(&[mask("k", &["v"])]), (0, 0));
    assert_eq!(counts(&[remove("set", &["a", "b", "missing"])]), (0, 2));
    assert_eq!(counts(&[remove("missing", &["a"])]), (0, 0));
    assert_eq!(counts(&[delete("set", DataType::Plain)]), (0, 0));
    let all = [
        delete("set", DataType::SortedSet),
        delete("filter", DataType::BloomFilter),
        delete("k", DataType::Plain),
        delete("k", DataType::Plain),
    ];
    assert_eq!(counts(&all), (0, 3));
}

#[test]
fn filter_keeps_its_items_each_once_and_in_order() {
    let edge = edge();
    write(&edge, &[items("f", &["b", "a"])]);
    let before = edge.entry(1, "f").unwrap().unwrap();
    write(&edge, &[items("f", &["c", "a"])]);
    let after = edge.entry(1, "f").unwrap().unwrap();
    let all = |entry: &Entry| {
        entry
            .items()
            .unwrap()
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>()
    };
    assert_eq!(all(&before), bytes(&["a", "b"]));
    assert_eq!(all(&after), bytes(&["a", "b", "c"]));
    assert_eq!((before.count(), after.count()), (2, 3));
}

#[test]
fn item_that_the_bits_have_by_chance_is_kept() {
    let options = BloomOptions::default()
        .capacity(1)
        .error_rate(0.9)
        .expansion(Some(1));
    let names: Vec<_> = (0..100)
        .map(|number: u32| number.to_string().into_bytes())
        .collect();
    let filter = Entry::bloom_filter_of("f", options, &names).unwrap();
    assert_eq!(filter.count(), 100);
    let bits = filter.filter_bytes().unwrap();
    let of_bits = Entry::from_filter_bytes(&bits).unwrap();
    assert!(of_bits.count() < 100 && of_bits.items().is_none());
    let again = Entry::from_filter_bytes_and_items(&bits, &names).unwrap();
    assert_eq!(again.count(), 100);
    let fewer = Entry::from_filter_bytes_and_items(&bits, &names[..1]).unwrap();
    assert!(
        fewer.items().is_none(),
        "one of many items is not all of them"
    );
}

#[test]
fn mask_stays_until_its_value_is_written_anew() {
    let edge = edge();
    let entry = |key: &str| edge.entry(1, key).unwrap().unwrap();
    write(
        &edge,
        &[
            put("k", "v"),
            mask("k", &["v"]),
            add("set", &[(1.0, "a"), (2.0, "b")]),
            mask("set", &["a", "missing"]),
            items("filter", &["x", "y"]),
            mask("filter", &["x"]),
        ],
    );
    assert_eq!(masked(&entry("k"), &["v"]), [true]);
    assert_eq!(
        masked(&entry("set"), &["a", "b", "missing"]),
        [true, false, false]
    );
    assert_eq!(masked(&entry("filter"), &["x", "y"]), [true, false]);
    write(&edge, &[add("set", &[(9.0, "c")]), items("filter", &["z"])]);
    assert_eq!(masked(&entry("set"), &["a", "c"]), [true, false]);
    assert_eq!(masked(&entry("filter"), &["x", "z"]), [true, false]);
    write(
        &edge,
        &[
            put("k", "v"),
            add("set", &[(1.0, "a")]),
            items("filter", &["x"]),
        ],
    );
    assert_eq!(masked(&entry("k"), &["v"]), [false]);
    assert_eq!(masked(&entry("set"), &["a"]), [false]);
    assert_eq!(masked(&entry("filter"), &["x"]), [false]);
    // A member that is gone takes its mask along.
    write(&edge, &[mask("set", &["a"]), remove("set", &["a"])]);
    write(&edge, &[add("set", &[(1.0, "a")])]);
    assert_eq!(masked(&entry("set"), &["a"]), [false]);
}

#[test]
fn infinite_scores_are_the_ends_of_a_set() {
    let edge = edge();
    let scores = [
        (f64::INFINITY, "most"),
        (0.0, "zero"),
        (f64::NEG_INFINITY, "least"),
    ];
    write(&edge, &[add("set", &scores)]);
    let entry = edge.entry(1, "set").unwrap().unwrap();
    let members: Vec<_> = entry.members().unwrap().collect();
    let wanted: [(&[u8], f64); 3] = [
        (b"least", f64::NEG_INFINITY),
        (b"zero", 0.0),
        (b"most", f64::INFINITY),
    ];
    assert_eq!(members, wanted);
    assert_eq!(entry.score(b"most"), Some(f64::INFINITY));
    let nan = edge.write_store(1, &[add("set", &[(f64::NAN, "x")])], false);
    assert!(matches!(nan, Err(WriteError::Invalid(_))));
}

#[test]
fn zero_score_has_no_sign() {
    let edge = edge();
    write(&edge, &[add("set", &[(-0.0, "a")])]);
    let entry = edge.entry(1, "set").unwrap().unwrap();
    assert_eq!(entry.score(b"a").map(f64::to_bits), Some(0));
    let mut members = entry.members().unwrap();
    assert!(members.all(|(_, score)| score.is_sign_positive()));
}

#[test]
fn page_has_the_selected_entries_and_counts_all_of_them() {
    let edge = edge();
    let expired = Change::Put {
        key: "a:0".to_owned(),
        value: b"old".to_vec(),
        expires_at_ms: Some(1),
    };
    write(
        &edge,
        &[
            expired,
            put("a:1", "v"),
            items("a:2", &["x"]),
            add("a:3", &[(1.0, "m"), (5.0, "n")]),
            add("a:4", &[(2.0, "m")]),
            put("b", "w"),
        ],
    );
    let types = [DataType::Plain, DataType::SortedSet, DataType::BloomFilter];
    let all = ListQuery {
        prefix: "",
        data_types: &types,
        scores: None,
        offset: 0,
        limit: 50,
    };
    let page = |query: ListQuery<'_>| {
        let page = edge.list(1, &query).unwrap();
        let keys: Vec<_> = page.entries.iter().map(|entry| &*entry.key).collect();
        (page.count, keys.join(" "))
    };
    assert_eq!(page(all), (5, "a:1 a:2 a:3 a:4 b".to_owned()));
    let limited = ListQuery {
        prefix: "a:",
        offset: 1,
        limit: 2,
        ..all
    };
    assert_eq!(page(limited), (4, "a:2 a:3".to_owned()));
    let sets = ListQuery {
        data_types: &types[1..2],
        ..all
    };
    for (scores, keys) in [
        ((1.5, 4.0), "a:4"),
        ((5.0, 5.0), "a:3"),
        ((2.0, f64::INFINITY), "a:3 a:4"),
        ((4.0, 1.5), ""),
        ((f64::NEG_INFINITY, 0.0), ""),
    ] {
        let scores = Some(scores);
        assert_eq!(page(ListQuery { scores, ..sets }).1, keys, "{scores:?}");
    }
    let listed = edge.list(1, &all).unwrap().entries;
    // A pair is shared with the store, and nothing else is read.
    let pairs: Vec<_> = listed.iter().map(|entry| entry.pair.is_some()).collect();
    assert_eq!(pairs, [true, false, false, false, true]);
    let here = edge.entry(1, "b").unwrap().unwrap();
    assert!(std::sync::Arc::ptr_eq(
        listed[4].pair.as_ref().unwrap(),
        &here
    ));
    assert_eq!(edge.list(2, &all).unwrap_err(), WriteError::NoSuchStore);
}

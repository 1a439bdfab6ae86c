//! Sorted sets, and the numbers that are published with them.

use std::sync::Arc;

use fastedge::Pattern;
use fastedge::kv_store::{ErrorKind, KvStore};
use fastedge_host::{KeyValue, KeyValueError, Store};
use fastedge_mock_host::{MockHost, Operation};

fn edge() -> MockHost {
    MockHost::new().kv("data", |kv| {
        kv.set("text", "x")
            .sorted_set("scores", [(2.0, "b"), (1.0, "a"), (2.0, "a2")])
    })
}

fn open() -> KvStore {
    KvStore::open("data").unwrap()
}

type Members = Result<Vec<(Vec<u8>, f64)>, KeyValueError>;

/// A host that walks a set step by step: it can meet a member twice, before and after its score
/// changes.
struct Walks(&'static [(&'static str, f64)]);

impl KeyValue for Walks {
    fn open(&self, _: &str) -> Result<Arc<dyn Store>, KeyValueError> {
        Ok(Arc::new(Walks(self.0)))
    }
}

impl Store for Walks {
    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        Err(KeyValueError::InternalError)
    }

    fn scan(&self, _: &str) -> Result<Vec<String>, KeyValueError> {
        Err(KeyValueError::InternalError)
    }

    fn zrange_by_score(&self, _: &str, _: f64, _: f64) -> Members {
        Err(KeyValueError::InternalError)
    }

    fn zscan(&self, _: &str, _: &str) -> Members {
        let members = self.0.iter();
        Ok(members
            .map(|(member, score)| (member.as_bytes().to_vec(), *score))
            .collect())
    }

    fn bf_exists(&self, _: &str, _: &str) -> Result<bool, KeyValueError> {
        Err(KeyValueError::InternalError)
    }
}

#[test]
fn members_of_a_walk_come_once_in_order_with_the_score_that_was_seen_last() {
    let walk = Walks(&[("x", 9.0), ("y", 1.5), ("z", 1.5), ("y", 1.5), ("x", 1.0)]);
    MockHost::new().host().with_key_value(walk).run(|| {
        let store = open();
        let set = store.sorted_set("set");
        let found = set
            .members_matching::<String>(&Pattern::everything())
            .unwrap();
        let expected = [("x", 1.0), ("y", 1.5), ("z", 1.5)];
        assert_eq!(
            found,
            expected.map(|(member, score)| (member.to_owned(), score))
        );
        assert_eq!(set.score("x").unwrap(), Some(1.0));
        assert_eq!(set.score("w").unwrap(), None);
    });
}

#[test]
fn the_ends_of_a_set_and_its_members_by_pattern() {
    let _installed = edge().install();
    let store = open();
    let scores = store.sorted_set("scores");
    let owned = |members: &[(&str, f64)]| -> Vec<(String, f64)> {
        let members = members.iter();
        members
            .map(|(member, score)| ((*member).to_owned(), *score))
            .collect()
    };
    let found = scores
        .members_matching::<String>(&Pattern::prefix("a"))
        .unwrap();
    assert_eq!(found, owned(&[("a", 1.0), ("a2", 2.0)]));
    assert_eq!(scores.min::<String>().unwrap(), Some(("a".to_owned(), 1.0)));
    assert_eq!(scores.max::<String>().unwrap(), Some(("b".to_owned(), 2.0)));
    assert_eq!(
        scores.lowest::<String>(2).unwrap(),
        owned(&[("a", 1.0), ("a2", 2.0)])
    );
    assert_eq!(
        scores.highest::<String>(2).unwrap(),
        owned(&[("b", 2.0), ("a2", 2.0)])
    );
    assert_eq!(store.sorted_set("none").max::<String>().unwrap(), None);
}

#[test]
fn the_score_of_a_member_that_is_not_text_can_be_asked_for() {
    let members = [(1.0, vec![0xff, b'*', b'a']), (2.0, vec![0xfe, b'*', b'a'])];
    let edge = MockHost::new().kv("data", |kv| kv.sorted_set("raw", members));
    let _installed = edge.install();
    let store = open();
    assert_eq!(
        store.sorted_set("raw").score([0xfe, b'*', b'a']).unwrap(),
        Some(2.0)
    );
    assert_eq!(
        store.sorted_set("raw").score([0xfd, b'*', b'a']).unwrap(),
        None
    );
}

#[test]
fn a_pointer_is_one_number() {
    let edge = MockHost::new().kv("data", |kv| {
        kv.sorted_set("version", [(7.0, "current")])
            .sorted_set("half", [(7.5, "current")])
            .sorted_set("below", [(-1.0, "current")])
            .sorted_set("two", [(7.0, "current"), (6.0, "other")])
    });
    let _installed = edge.install();
    let store = open();
    assert_eq!(store.pointer("version").get_integer().unwrap(), Some(7));
    assert_eq!(store.pointer("half").get().unwrap(), Some(7.5));
    assert_eq!(store.pointer("missing").get_integer().unwrap(), None);
    for (key, reason) in [
        ("half", "7.5 is not a whole number of 0 to 2^53"),
        ("below", "-1 is not a whole number of 0 to 2^53"),
        ("two", "it has 2 members"),
    ] {
        let error = store.pointer(key).get_integer().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotAPointer { .. }));
        assert!(error.to_string().ends_with(reason), "{error}");
    }
    // A number that moves is seen at once: no `get`, which a node keeps.
    edge.clear_calls();
    edge.write("data", |kv| kv.sorted_set("version", [(8.0, "current")]));
    assert_eq!(store.pointer("version").get_integer().unwrap(), Some(8));
    assert_eq!(edge.calls().count(Operation::KvZrangeByScore), 1);
    assert_eq!(edge.calls().len(), 1);
}

#[test]
fn a_bad_member_or_bound_is_an_error_that_names_the_key() {
    let edge = edge();
    let _installed = edge.install();
    let store = open();
    let scores = store.sorted_set("scores");
    let error = scores.range(..).members::<u64>().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Decode { key, .. } if key == "scores"),
        "{error}"
    );
    edge.clear_calls();
    for error in [
        scores.range(f64::NAN..).count().unwrap_err(),
        scores.range(..=f64::NAN).count().unwrap_err(),
    ] {
        assert!(
            matches!(error.kind(), ErrorKind::NotANumber { .. }),
            "{error}"
        );
    }
    assert!(edge.calls().is_empty());
    let error = store.sorted_set("text").range(..).count().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Internal { .. }),
        "{error}"
    );
}

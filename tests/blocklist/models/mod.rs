//! Lists beside models of them, which say the same more slowly. These tests are run natively, and as a component.

mod addresses;
mod others;
mod texts;

use std::fmt::Debug;

use fastedge::KvStore;
use fastedge_mock_host::MockHost;
use fastedge_pack::Packed;

/// How many random questions each kind of list is asked.
const QUESTIONS: usize = 1_000_000;

/// Puts a list into a store named `lists`, as `list`, and does something with it.
pub(crate) fn with_list<R>(packed: &Packed, work: impl FnOnce(&KvStore, &MockHost) -> R) -> R {
    let edge = MockHost::new().kv("lists", |kv| {
        let values = packed.values("list", 1);
        values.fold(kv, |kv, (key, value)| kv.set(&key, value))
    });
    let installed = edge.install();
    let store = KvStore::open("lists").unwrap();
    let result = work(&store, &edge);
    drop(installed);
    result
}

/// The two answers, where they differ.
fn assert_same<T: PartialEq + Debug>(question: impl Debug, list: T, model: T) {
    assert_eq!(list, model, "{question:?}: the list and the model");
}

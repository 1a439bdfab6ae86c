//! What asking for flags costs in host calls.

use fastedge::KvStore;
use fastedge::flags::{self, EvaluationContext, Flags, KillSwitch};
use fastedge_mock_host::MockHost;

const DOCUMENT: &str = r#"{"flags": {
    "a": {"state": "ENABLED", "variants": {"v": 1}, "defaultVariant": "v"},
    "b": {"state": "ENABLED", "variants": {"v": 2}, "defaultVariant": "v"}
}}"#;

#[test]
fn a_document_is_one_read_and_each_key_another() {
    let packed = flags::pack("flags", DOCUMENT.as_bytes()).unwrap();
    let edge = MockHost::new().kv("config", |kv| {
        packed.iter().fold(kv.set("flags", DOCUMENT), |kv, one| {
            kv.set(&one.key, &*one.value)
        })
    });
    let _installed = edge.install();
    let nobody = EvaluationContext::new();

    let flags = Flags::open("config", "flags");
    assert_eq!(edge.calls().len(), 2);
    assert_eq!(flags.int("a", 0, &nobody) + flags.int("b", 0, &nobody), 3);
    flags.int_details("missing", 0, &nobody);
    flags.all(&nobody);
    assert_eq!(edge.calls().len(), 2);

    let store = KvStore::open("config").unwrap();
    edge.clear_calls();
    let flags = Flags::per_key(&store, "flags");
    assert_eq!(edge.calls().len(), 0);
    flags.int("a", 0, &nobody);
    flags.int_details("a", 0, &nobody);
    assert_eq!(edge.calls().len(), 1);
    flags.int("missing", 0, &nobody);
    flags.int("missing", 0, &nobody);
    assert_eq!(edge.calls().len(), 2);
    // The list, and the one that has not been read yet.
    flags.all(&nobody);
    assert_eq!(edge.calls().len(), 4);

    edge.clear_calls();
    KillSwitch::read(&store, "killed").unwrap();
    assert_eq!(edge.calls().len(), 1);
}

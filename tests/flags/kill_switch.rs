//! The kill switch is prompt where the document is not.

use std::time::Duration;

use fastedge::KvStore;
use fastedge::flags::{EvaluationContext, Flags, KillSwitch, Overrides, Reason};
use fastedge_mock_host::{Fault, MockHost, Operation};

const ON: &str =
    r#"{"flags": {"pay": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}}}"#;
const OFF: &str = r#"{"flags": {"pay": {"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"}}}"#;

fn is_on() -> bool {
    let store = KvStore::open("config").unwrap();
    let flags = Flags::load(&store, "flags").unwrap();
    let flags = flags.with_kill_switch(KillSwitch::read(&store, "flags-killed").unwrap());
    flags.bool("pay", false, &EvaluationContext::new())
}

#[test]
fn a_killed_flag_is_off_at_once_and_a_changed_document_later() {
    let edge = MockHost::pops(["here"]).kv("config", |kv| kv.set("flags", ON));
    let _installed = edge.install();
    assert!(is_on());

    edge.write("config", |kv| kv.set("flags", OFF));
    edge.clock().advance(Duration::from_secs(3));
    assert!(is_on(), "the node has kept the document");
    edge.write("config", |kv| kv.sorted_set("flags-killed", [(1.0, "pay")]));
    edge.clock().advance(Duration::from_secs(3));
    assert!(!is_on());

    edge.write("config", |kv| kv.set("flags", ON).delete("flags-killed"));
    edge.clock().advance(Duration::from_secs(40));
    assert!(is_on());
}

#[test]
fn what_is_killed_is_disabled_whatever_else_is_said() {
    let overrides = || Overrides::new().variant("pay", "on").value("other", true);
    let nobody = EvaluationContext::new();
    let flags = |killed| {
        Flags::from_json(ON)
            .with_overrides(overrides())
            .with_kill_switch(killed)
    };
    let all = flags(KillSwitch::all());
    for key in ["pay", "other"] {
        let details = all.bool_details(key, false, &nobody);
        assert_eq!((details.value, details.reason), (false, Reason::Disabled));
    }
    assert!(flags(KillSwitch::none()).bool("pay", false, &nobody));
}

#[test]
fn a_kill_switch_that_cannot_be_read_says_so() {
    let edge = MockHost::new().kv("config", |kv| kv.set("flags-killed", "no set"));
    let _installed = edge.install();
    let store = KvStore::open("config").unwrap();
    assert!(KillSwitch::read(&store, "flags-killed").is_err());
    assert_eq!(
        KillSwitch::read(&store, "other").unwrap(),
        KillSwitch::none()
    );
    let edge = edge.fault(Fault::on(Operation::KvZrangeByScore));
    let _installed = edge.install();
    assert!(KillSwitch::read(&store, "other").is_err());
}

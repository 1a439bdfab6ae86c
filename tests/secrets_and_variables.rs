//! `secret`, `dictionary` and `diagnostics`.

use std::time::{Duration, SystemTime};

use fastedge::{diagnostics, dictionary, secret};
use fastedge_mock_host::{Fault, FaultError, MockHost, Operation};

fn at(unix_seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(unix_seconds)
}

#[test]
fn a_secret_is_the_value_in_effect() {
    let edge = MockHost::new()
        .starting_at(Duration::from_secs(150))
        .secret_from("KEY", 100, "old")
        .secret_from("KEY", 200, "new");
    let _installed = edge.install();
    let effective = |moment| secret::get_effective_at("KEY", at(moment)).unwrap();
    assert_eq!(effective(99), None);
    assert_eq!(effective(100).as_deref(), Some("old"));
    assert_eq!(effective(199).as_deref(), Some("old"));
    assert_eq!(effective(200).as_deref(), Some("new"));
    assert_eq!(secret::get("KEY").unwrap().as_deref(), Some("old"));
    edge.clock().advance(Duration::from_secs(50));
    assert_eq!(secret::get("KEY").unwrap().as_deref(), Some("new"));
}

#[test]
fn a_moment_that_the_interface_cannot_carry_is_refused_without_a_call() {
    let edge = MockHost::new();
    let _installed = edge.install();
    for moment in [at(1 << 32), SystemTime::UNIX_EPOCH - Duration::from_secs(1)] {
        let error = secret::get_effective_at("KEY", moment).unwrap_err();
        assert!(matches!(error, secret::Error::MomentOutOfRange { .. }));
    }
    assert!(edge.calls().is_empty());
}

#[test]
fn an_unreadable_secret_is_told_by_its_name() {
    let failing = |error| {
        let edge = MockHost::new()
            .secret("KEY", "v4lue")
            .fault(Fault::on(Operation::SecretGet).error(error));
        edge.run(|| secret::get("KEY").unwrap_err())
    };
    let denied = failing(FaultError::AccessDenied);
    assert_eq!(
        denied.to_string(),
        "secret `KEY`: access-denied: link it to the app"
    );
    assert!(matches!(
        failing(FaultError::Internal),
        secret::Error::Decrypt { .. }
    ));
}

#[test]
fn variables_are_read_with_types() {
    let edge = MockHost::new()
        .variable("TEXT", "a b")
        .variable("LIST", "[1, 2]");
    let _installed = edge.install();
    assert_eq!(dictionary::get("TEXT").unwrap().as_deref(), Some("a b"));
    assert_eq!(dictionary::get("MISSING").unwrap(), None);
    assert_eq!(dictionary::get_json("LIST").unwrap(), Some(vec![1, 2]));
    assert!(dictionary::get_json::<u8>("TEXT").is_err());
    assert_eq!(
        dictionary::get_parsed::<f32>("TEXT")
            .unwrap_err()
            .to_string(),
        "variable `TEXT`: not a valid f32: invalid float literal"
    );
}

#[test]
fn labels_are_kept_in_order() {
    let edge = MockHost::new();
    let _installed = edge.install();
    diagnostics::set("one").unwrap();
    diagnostics::set("two").unwrap();
    assert_eq!(edge.diagnostics(), ["one", "two"]);
}

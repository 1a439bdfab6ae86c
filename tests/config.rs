//! `config`: one document, one read, and what holds where it cannot be had.

use std::sync::LazyLock;
use std::time::Duration;

use fastedge::cache::Ttl;
use fastedge::config::{Config, Error, Memoised, Policy, Source};
use fastedge_mock_host::{Fault, MockHost, Operation};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    greeting: String,
    limit: u32,
}

fn config() -> Config<Settings> {
    Config::new("config", "settings").validated(|settings: &Settings| match settings.limit {
        0..=100 => Ok(()),
        _ => Err("limit is above 100"),
    })
}

fn memoised() -> Config<Settings, Memoised> {
    config()
        .memoised("shop 1", Ttl::secs(10).unwrap())
        .last_good_for(Ttl::secs(3600).unwrap())
}

/// Where the settings are memoised.
const ENTRY: &str = "shop 1:config:config:settings:config::Settings";

fn edge(document: &str) -> MockHost {
    MockHost::new().kv("config", |kv| kv.set("settings", document))
}

#[test]
fn a_document_is_read_once_and_completed_with_defaults() {
    let edge = edge(r#"{"limit": 7}"#);
    let _installed = edge.install();
    let loaded = config().load().unwrap();
    assert_eq!(loaded.limit, 7);
    assert_eq!(loaded.greeting, "");
    assert!(matches!(loaded.source(), Source::Document));
    assert_eq!(edge.calls().kv_reads(), 1);
    assert_eq!(edge.calls().cache_calls(), 0);
}

#[test]
fn each_trouble_has_its_policy() {
    let missing = MockHost::new().kv("config", |kv| kv);
    let broken = edge("{\n\"limti\": 7}");
    let invalid = edge(r#"{"limit": 101}"#);
    let unavailable = MockHost::new();

    let load = |edge: &MockHost, config: Config<Settings>| edge.run(|| config.load());

    let loaded = load(&missing, config()).unwrap();
    assert!(matches!(
        loaded.source(),
        Source::Defaults(Error::Missing { .. })
    ));
    assert_eq!(loaded.into_inner(), Settings::default());
    let error = load(&missing, config().when_missing(Policy::Fail)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no document at key `settings` of store `config`: write one, or say with \
         `when_missing` what holds without it"
    );

    let error = load(&broken, config()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the document at key `settings` of store `config` is broken: not the expected JSON: \
         unknown field `limti`, expected `greeting` or `limit` at line 2 column 7"
    );
    let error = load(&invalid, config()).unwrap_err();
    assert!(error.to_string().ends_with("is broken: limit is above 100"));
    let loaded = load(
        &invalid,
        config().when_broken(Policy::Use(Settings::default)),
    )
    .unwrap();
    assert!(matches!(
        loaded.source(),
        Source::Defaults(Error::Broken { .. })
    ));

    assert!(matches!(
        load(&unavailable, config()).unwrap_err(),
        Error::Unavailable(_)
    ));
    let lenient = config().when_unavailable(Policy::Use(Settings::default));
    assert!(load(&unavailable, lenient).is_ok());
}

#[test]
fn what_is_memoised_costs_one_call_until_it_is_stale() {
    let edge = edge(r#"{"limit": 1}"#);
    let _installed = edge.install();
    assert_eq!(memoised().load().unwrap().limit, 1);
    edge.write("config", |kv| kv.set("settings", r#"{"limit": 2}"#));
    edge.clear_calls();
    edge.clock().advance(Duration::from_secs(9));
    let loaded = memoised().load().unwrap();
    assert_eq!(loaded.limit, 1);
    assert!(matches!(loaded.source(), Source::Memoised));
    assert_eq!(edge.calls().len(), 1, "{}", edge.calls());

    edge.clock().advance(Duration::from_secs(1));
    edge.clear_calls();
    let loaded = memoised().load().unwrap();
    assert_eq!(edge.calls().len(), 4, "{}", edge.calls());
    assert_eq!(loaded.limit, 2);
    assert!(matches!(loaded.source(), Source::Document));
}

#[test]
fn the_last_good_settings_outlive_a_broken_document_and_a_failing_store() {
    let edge = edge(r#"{"limit": 1}"#);
    let _installed = edge.install();
    memoised().load().unwrap();
    edge.write("config", |kv| kv.set("settings", "{"));
    edge.clock().advance(Duration::from_secs(60));
    let loaded = memoised().load().unwrap();
    assert_eq!(loaded.limit, 1);
    assert!(matches!(
        loaded.source(),
        Source::LastGood(Error::Broken { .. })
    ));

    edge.inject(Fault::on(Operation::KvGet));
    let loaded = memoised().load().unwrap();
    assert!(matches!(
        loaded.source(),
        Source::LastGood(Error::Unavailable(_))
    ));
    edge.clear_faults();

    // Deleting the document is how one goes back to the defaults; then it stays deleted.
    edge.write("config", |kv| kv.delete("settings"));
    let is_default = || {
        let loaded = memoised().load().unwrap();
        matches!(loaded.source(), Source::Defaults(Error::Missing { .. }))
    };
    assert!(is_default());
    edge.clear_calls();
    assert!(is_default());
    assert_eq!(
        edge.calls().len(),
        1,
        "that it is missing is memoised: {}",
        edge.calls()
    );
    edge.clock().advance(Duration::from_secs(10));
    edge.inject(Fault::on(Operation::KvGet));
    assert!(matches!(
        memoised().load().unwrap_err(),
        Error::Unavailable(_)
    ));
    edge.clear_faults();

    edge.write("config", |kv| kv.set("settings", "{"));
    edge.clock().advance(Duration::from_secs(3600));
    assert!(memoised().load().is_err());
}

#[test]
fn a_cache_that_fails_or_holds_something_else_is_gone_without() {
    let edge = edge(r#"{"limit": 1}"#).without_cache();
    assert_eq!(edge.run(|| memoised().load()).unwrap().limit, 1);

    for entry in [
        "",
        "short",
        "12345678{\"limit\": 3",
        "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}{}x",
    ] {
        let edge = self::edge(r#"{"limit": 1}"#).cached(ENTRY, entry, None);
        assert_eq!(edge.run(|| memoised().load()).unwrap().limit, 1);
    }
    // Valid for the version of the app that has memoised it, and not for this one.
    let mut entry = u64::MAX.to_le_bytes().to_vec();
    entry.extend_from_slice(br#"{"limit": 200}"#);
    let edge = self::edge(r#"{"limit": 1}"#).cached(ENTRY, entry, None);
    assert_eq!(edge.run(|| memoised().load()).unwrap().limit, 1);
}

/// Two readings of one document do not get into each other's way.
#[test]
fn a_memo_belongs_to_a_type_and_a_version() {
    #[derive(Debug, Default, Serialize, Deserialize)]
    #[serde(default)]
    struct Other {
        limit: u32,
        more: u32,
    }
    let edge = edge(r#"{"limit": 7}"#);
    let _installed = edge.install();
    assert_eq!(memoised().load().unwrap().limit, 7);
    assert!(edge.cache().get(ENTRY).is_some());
    let ttl = Ttl::secs(10).unwrap();
    edge.write("config", |kv| {
        kv.set("settings", r#"{"limit": 8, "more": 9}"#)
    });
    let other = Config::<Other>::new("config", "settings").memoised("shop 1", ttl);
    let loaded = other.load().unwrap();
    assert_eq!((loaded.limit, loaded.more), (8, 9));
    edge.write("config", |kv| kv.set("settings", r#"{"limit": 9}"#));
    let next_version = config().memoised("shop 2", ttl);
    assert_eq!(next_version.load().unwrap().limit, 9);
}

#[test]
fn every_check_has_to_hold() {
    let edge = edge(r#"{"limit": 7}"#);
    let _installed = edge.install();
    let refuses = |_: &Settings| Err("no");
    let accepts = |_: &Settings| Ok::<(), String>(());
    let both = config().validated(refuses).validated(accepts);
    assert!(
        both.load()
            .unwrap_err()
            .to_string()
            .ends_with("is broken: no")
    );
}

/// Settings without which an app cannot work need no defaults, and can be a `static`.
#[test]
fn settings_can_be_required() {
    #[derive(Debug, Deserialize)]
    struct Required {
        upstream: String,
    }
    static CONFIG: LazyLock<Config<Required>> =
        LazyLock::new(|| Config::required("config", "settings"));
    let error = MockHost::new()
        .kv("config", |kv| kv)
        .run(|| CONFIG.load().unwrap_err());
    assert!(matches!(error, Error::Missing { .. }), "{error}");
    let loaded = edge(r#"{"upstream": "https://example.com"}"#).run(|| CONFIG.load().unwrap());
    assert_eq!(loaded.upstream, "https://example.com");
}

/// The document is deleted, and the cache cannot take note of it.
#[test]
fn what_a_deleted_document_said_does_not_come_back_when_the_cache_fails() {
    let edge = edge(r#"{"limit": 7}"#);
    let _installed = edge.install();
    memoised().load().unwrap();
    edge.clock().advance(Duration::from_secs(10));
    edge.write("config", |kv| kv.delete("settings"));
    edge.inject(Fault::on(Operation::CacheSet));
    assert_eq!(memoised().load().unwrap().limit, 0);
    edge.clear_faults();
    edge.inject(Fault::on(Operation::KvGet));
    assert!(matches!(
        memoised().load().unwrap_err(),
        Error::Unavailable(_)
    ));
}

//! Each setting of the simulated platform is seen by some case: to change one is to fail one.

use std::time::Duration;

use fastedge_conformance::{MockTarget, Outcome, Profile, run};
use fastedge_mock_host::{
    Fault, FaultError, Operation, Overflow, Replication, Scans, Settings, Unlinked,
};

/// The cases that fail where one setting is another one.
fn failing(settings: Settings) -> Vec<&'static str> {
    let report = run(&mut MockTarget::new(settings), &Profile::platform(), |_| {
        true
    });
    let cases = report.cases.iter();
    let failed = cases.filter(|case| matches!(case.outcome, Outcome::Failed { .. }));
    failed.map(|case| case.name).collect()
}

#[test]
fn with_the_platforms_settings_no_case_fails() {
    assert_eq!(failing(Settings::platform()), [""; 0]);
}

/// Whoever adds a setting finds it missing here: the fields are named by what `Debug` prints.
#[test]
fn every_setting_that_is_changed_fails_a_case() {
    let platform = Settings::platform;
    let late = Replication::after(Duration::from_secs(5));
    let changed = [
        (
            "replication",
            platform().replication(late),
            "kv-write-arrives",
        ),
        (
            "read_cache",
            platform().read_cache(None),
            "kv-reads-are-kept",
        ),
        ("nodes", platform().nodes(2), "kv-reads-are-kept"),
        (
            "scans",
            platform().scans(Scans::Shuffled { seed: 7 }),
            "kv-scan-order",
        ),
        (
            "unlinked",
            platform().unlinked(Unlinked::NoSuchStore),
            "kv-unlinked",
        ),
        ("is_available", platform().cache(false), "cache-is-there"),
        ("max_bytes", platform().cache_bytes(50_000), "cache-keeps"),
        (
            "ttl_ceiling",
            platform().ttl_ceiling(Duration::from_secs(3600)),
            "cache-ceiling",
        ),
        (
            "overflow",
            platform().overflow(Overflow::Fails),
            "cache-overflow",
        ),
        (
            "purges_counters",
            platform().purges_counters(true),
            "cache-counters-and-purges",
        ),
        ("evictions", platform().evictions(0.5, 7), "cache-keeps"),
        (
            "faults",
            platform().fault(
                Fault::on(Operation::CacheGet)
                    .with_probability(0.05, 7)
                    .error(FaultError::Internal),
            ),
            "cache-calls-fail",
        ),
    ];
    for (setting, settings, case) in &changed {
        assert_ne!(*settings, platform(), "{setting} is not changed");
        let failing = failing(settings.clone());
        assert!(failing.contains(case), "{setting}: {failing:?}");
    }
    let covered: Vec<_> = changed.iter().map(|(setting, ..)| *setting).collect();
    for field in fields(&platform()) {
        let is_covered = covered.contains(&field.as_str());
        assert!(is_covered, "no case sees the setting `{field}`");
    }
}

/// The names of all settings, as `Debug` prints them: those of the cache are a level deeper.
fn fields(settings: &Settings) -> Vec<String> {
    let debug = format!("{settings:#?}");
    let mut fields = Vec::new();
    let mut is_cache = false;
    for line in debug.lines() {
        let text = line.trim_start();
        let depth = (line.len() - text.len()) / 4;
        let Some((field, value)) = text.split_once(": ") else {
            continue;
        };
        let opens_cache = value.starts_with("CacheSettings");
        if (depth == 1 && !opens_cache) || (depth == 2 && is_cache) {
            fields.push(field.to_owned());
        }
        if depth == 1 {
            is_cache = opens_cache;
        }
    }
    assert!(fields.len() > 10, "{debug}");
    fields
}

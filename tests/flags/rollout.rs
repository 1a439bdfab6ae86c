//! Shares of a million users: as large as their weights, and only growing.

use fastedge::flags::{EvaluationContext, Flags, FractionalVersion};
use serde_json::{Value, json};

const USERS: u32 = 1_000_000;

fn flags(shares: &Value, version: FractionalVersion) -> Flags {
    let document = json!({"flags": {"rollout": {
        "state": "ENABLED",
        "variants": {"a": 0, "b": 1, "c": 2, "d": 3},
        "targeting": {"fractional": shares}
    }}});
    Flags::from_json(document.to_string()).with_fractional(version)
}

fn variants(flags: &Flags) -> Vec<i64> {
    (0..USERS)
        .map(|user| {
            let context = EvaluationContext::new().with_targeting_key(format!("user-{user}"));
            flags.int("rollout", -1, &context)
        })
        .collect()
}

#[test]
fn each_share_is_within_half_a_percent_of_its_weight() {
    for version in [FractionalVersion::V2, FractionalVersion::V3] {
        let weights = [("a", 50), ("b", 30), ("c", 15), ("d", 5)];
        let shares = json!(weights.map(|(variant, weight)| json!([variant, weight])));
        let variants = variants(&flags(&shares, version));
        for (place, (variant, weight)) in weights.iter().enumerate() {
            let count = variants
                .iter()
                .filter(|other| **other == place as i64)
                .count();
            let expected = f64::from(USERS) * f64::from(*weight) / 100.0;
            let off = (count as f64 - expected).abs() / expected;
            println!("{version:?} {variant}: {count}, {:.3}% off", off * 100.0);
            assert!(
                off < 0.005,
                "{version:?} {variant}: {count} instead of {expected}"
            );
        }
    }
}

#[test]
fn a_share_that_grows_loses_nobody() {
    for version in [FractionalVersion::V2, FractionalVersion::V3] {
        let at = |percent: u32| {
            variants(&flags(
                &json!([["b", percent], ["a", 100 - percent]]),
                version,
            ))
        };
        let (ten, twenty) = (at(10), at(20));
        let mut joined = 0;
        for (before, after) in ten.iter().zip(&twenty) {
            assert!(!(*before == 1 && *after != 1), "somebody was moved out");
            joined += u32::from(*before != 1 && *after == 1);
        }
        let off = (f64::from(joined) - 100_000.0).abs() / 100_000.0;
        assert!(off < 0.01, "{joined}");
    }
}

/// Whoever is in a share of one flag is not more often in that of another one.
#[test]
fn shares_of_two_flags_are_independent() {
    let shares = json!({"fractional": [["b", 50], ["a", 50]]});
    let definition = json!({"state": "ENABLED", "variants": {"a": 0, "b": 1}, "targeting": shares});
    let flags = Flags::from_json(json!({"flags": {"x": definition, "y": definition}}).to_string());
    let mut both = 0;
    for user in 0..100_000 {
        let context = EvaluationContext::new().with_targeting_key(format!("user-{user}"));
        both += flags.int("x", 0, &context) * flags.int("y", 0, &context);
    }
    assert!((24_000..26_000).contains(&both), "{both}");
}

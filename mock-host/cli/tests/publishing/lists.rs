//! Lists of several sizes, in versions that differ a little.

use std::collections::BTreeSet;

use fastedge_mock::flags::per_key::{PerKey, PerKeyError, Published};
use fastedge_pack::{Action, AddressRules, DomainRules, Packed};
use fastrand::Rng;
use serde_json::json;

use super::platform::{Platform, STORE};

/// A list of a kind, in a version.
pub(crate) type Version = fn(u64) -> Packed;

/// Returns a list of one value that the API returns in full.
pub(crate) fn short(version: u64) -> Packed {
    domains(10, version)
}

/// Returns a list of one value that the API returns as a hash.
pub(crate) fn one_value(version: u64) -> Packed {
    domains(301, version)
}

/// Returns a list of a few shards, the fewest that a list can have.
pub(crate) fn few_shards(version: u64) -> Packed {
    addresses(30_000, version)
}

/// Returns a list of many shards. Its manifest is longer than the API returns in full.
pub(crate) fn many_shards(version: u64) -> Packed {
    addresses(MANY, version)
}

/// The number of addresses of a list of 193 shards.
const MANY: usize = 928_090;

/// Returns a list of ten million addresses.
pub(crate) fn ten_million() -> Packed {
    addresses(10_040_000, 0)
}

fn domains(count: u64, version: u64) -> Packed {
    let mut rules = DomainRules::new();
    for number in version..version + count {
        let domain = format!("d{number}.example.com");
        rules.add(&domain, Action::Deny { tag: 0 }).unwrap();
    }
    rules.pack().unwrap()
}

fn addresses(count: usize, version: u64) -> Packed {
    let mut random = Rng::with_seed(1);
    let mut listed: BTreeSet<u32> = (0..count).map(|_| random.u32(..)).collect();
    let mut random = Rng::with_seed(2 + version);
    listed.extend((0..3).map(|_| random.u32(..)));
    let mut rules = AddressRules::new();
    for address in listed {
        let address = std::net::IpAddr::from(address.to_be_bytes());
        rules.add_network(address, Action::Deny { tag: 0 });
    }
    rules.pack().unwrap()
}

/// Returns the flags of a version: some stay as they are, some change, some come and go, and some
/// values are longer than the API returns. Some flags are disabled or broken.
pub(crate) fn flags(prefix: &str, version: u64) -> Vec<fastedge::flags::Packed> {
    let mut flags = serde_json::Map::new();
    for number in 0..12 {
        if (number + version).is_multiple_of(5) {
            continue;
        }
        let text = if number % 3 == 0 {
            "x".repeat(1_500)
        } else {
            "x".to_owned()
        };
        let changes = if number % 2 == 0 { version } else { 0 };
        let flag = json!({
            "state": match number % 4 {
                1 => json!("DISABLED"),
                // No flag can be evaluated so, but `--force` publishes it.
                2 => json!(["ENABLED"]),
                _ => json!("ENABLED"),
            },
            "variants": {"a": format!("{text}{changes}"), "b": ""},
            "defaultVariant": "a",
        });
        flags.insert(format!("flag{number}"), flag);
    }
    let document = json!({ "flags": flags }).to_string();
    fastedge::flags::pack(prefix, document.as_bytes()).unwrap()
}

pub(crate) fn publish_flags(
    platform: &Platform,
    prefix: &str,
    version: u64,
) -> Result<Published, PerKeyError> {
    let api = Platform::api();
    let flags_per_key = PerKey {
        api: &api,
        transport: platform,
        store: STORE,
        prefix,
        pace: 0.0,
    };
    flags_per_key.publish(flags(prefix, version))
}

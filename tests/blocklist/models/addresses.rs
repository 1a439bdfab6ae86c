//! Addresses, beside tables of longest prefixes, and beside plain loops.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use fastedge::blocklist::{IpList, LookupTable};
use fastedge_pack::{Action, AddressRules, TableRules};
use fastrand::Rng;
use ip_network::IpNetwork;
use ip_network_table::IpNetworkTable;

use super::{QUESTIONS, assert_same, with_list};

/// Networks that overlap: some small, some large, in clusters.
fn networks(rng: &mut Rng, count: usize) -> Vec<IpNetwork> {
    let clusters: Vec<u128> = (0..20).map(|_| rng.u128(..)).collect();
    let network = |rng: &mut Rng| {
        let cluster = clusters[rng.usize(..clusters.len())];
        if rng.bool() {
            let prefix = [32, 32, 32, 30, 24, 24, 22, 17, 16, 15, 12, 9][rng.usize(..12)];
            let base = (cluster >> 96) as u32;
            let address = Ipv4Addr::from_bits(base ^ (rng.u32(..) >> rng.u32(4..20)));
            IpNetwork::new_truncate(address, prefix).unwrap()
        } else {
            let prefix = [128, 128, 120, 96, 65, 64, 64, 63, 56, 48, 32, 20][rng.usize(..12)];
            let address = Ipv6Addr::from_bits(cluster ^ (rng.u128(..) >> rng.u32(12..90)));
            IpNetwork::new_truncate(address, prefix).unwrap()
        }
    };
    (0..count).map(|_| network(rng)).collect()
}

/// Addresses in networks, at their ends, beside them, and anywhere.
fn question(rng: &mut Rng, networks: &[IpNetwork]) -> IpAddr {
    let beside = rng.u8(0..5);
    match networks[rng.usize(..networks.len())] {
        IpNetwork::V4(network) => {
            let first = network.network_address().to_bits();
            let last = network.broadcast_address().to_bits();
            let address = match beside {
                0 => first,
                1 => last,
                2 => first.wrapping_sub(1),
                3 => last.wrapping_add(1),
                _ => first.saturating_add(rng.u32(0..=(last - first))),
            };
            match rng.u8(0..4) {
                // The same address, as IPv6.
                0 => Ipv4Addr::from_bits(address).to_ipv6_mapped().into(),
                1 => Ipv4Addr::from_bits(rng.u32(..)).into(),
                _ => Ipv4Addr::from_bits(address).into(),
            }
        }
        IpNetwork::V6(network) => {
            let first = network.network_address().to_bits();
            let last = network.last_address().to_bits();
            let address = match beside {
                0 => first,
                1 => last,
                2 => first.wrapping_sub(1),
                3 => last.wrapping_add(1),
                _ => first.saturating_add(rng.u128(0..=(last - first))),
            };
            Ipv6Addr::from_bits(address).into()
        }
    }
}

/// What counts most of two rules for the same network.
fn stronger(one: Action, other: Action) -> Action {
    let rank = |action| match action {
        Action::Deny { tag } => (0, tag),
        Action::Allow => (1, 0),
        Action::Except => (2, 0),
    };
    if rank(one) >= rank(other) { one } else { other }
}

#[test]
fn agrees_with_a_table_of_longest_prefixes() {
    for (seed, count, most_tags) in [(1, 60_000, 5), (2, 300, 1), (3, 3, 200), (4, 8_000, 1)] {
        let mut rng = Rng::with_seed(seed);
        let networks = networks(&mut rng, count);
        let mut rules = AddressRules::new();
        let mut table: IpNetworkTable<Action> = IpNetworkTable::new();
        for network in &networks {
            let action = match rng.u8(0..5) {
                0 => Action::Allow,
                _ => Action::Deny {
                    tag: rng.u8(..most_tags),
                },
            };
            rules.add(&network.to_string(), action).unwrap();
            let former = table.exact_match(*network).copied();
            table.insert(
                *network,
                former.map_or(action, |former| stronger(former, action)),
            );
        }
        let packed = rules.pack().unwrap();
        with_list(&packed, |store, edge| {
            let mut list = IpList::new(store, "list");
            for number in 0..QUESTIONS / 4 {
                if number % 1000 == 0 {
                    // Without what has been kept.
                    list = IpList::new(store, "list");
                    edge.clear_calls();
                }
                let address = question(&mut rng, &networks);
                let model = match table.longest_match(address.to_canonical()) {
                    Some((_, Action::Deny { tag })) => Some(*tag),
                    _ => None,
                };
                let listed = list.check(address).unwrap();
                assert_same(address, listed.tag(), model);
                if number % 1000 == 0 {
                    assert!(edge.calls().kv_reads() <= 2);
                }
            }
        });
    }
}

#[test]
fn agrees_with_a_loop_over_exceptions_and_ranges() {
    for seed in 0..300 {
        let mut rng = Rng::with_seed(seed);
        // All in a small part of the addresses, so that they overlap, up to its very ends.
        let base: u32 = [0, 0xffff_fe00, 0x0a00_ff80, 0x7fff_ff00][seed as usize % 4];
        let mut rules = AddressRules::new();
        let mut model: Vec<(u32, u32, u8, Action)> = Vec::new();
        for _ in 0..rng.usize(1..12) {
            let action = match rng.u8(0..6) {
                0 => Action::Allow,
                1 => Action::Except,
                _ => Action::Deny { tag: rng.u8(0..3) },
            };
            if rng.bool() {
                let prefix = rng.u8(23..=32);
                let address = base | rng.u32(0..512);
                let text = format!("{}/{prefix}", Ipv4Addr::from_bits(address));
                rules.add(&text, action).unwrap();
                let mask = u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
                model.push((address & !mask, address | mask, prefix, action));
            } else {
                let first = base + rng.u32(0..512);
                let last = first + rng.u32(0..=(511 - (first - base)));
                let (one, other) = (Ipv4Addr::from_bits(first), Ipv4Addr::from_bits(last));
                rules.add(&format!("{one}-{other}"), action).unwrap();
                let mut next = Some(first);
                while let Some(start) = next.filter(|start| *start <= last) {
                    let fits = |bits: &u32| {
                        let mask = u32::MAX.checked_shr(32 - bits).unwrap_or(0);
                        start & mask == 0 && start | mask <= last
                    };
                    let bits = (0..=32).filter(fits).max().unwrap();
                    let mask = u32::MAX.checked_shr(32 - bits).unwrap_or(0);
                    model.push((start, start | mask, 32 - bits as u8, action));
                    next = (start | mask).checked_add(1);
                }
            }
        }
        with_list(&rules.pack().unwrap(), |store, _| {
            let list = IpList::new(store, "list");
            for address in base.saturating_sub(2)..=base.saturating_add(514) {
                let around = model
                    .iter()
                    .filter(|(first, last, ..)| (first..=last).contains(&&address));
                let expected = if around.clone().any(|(.., action)| *action == Action::Except) {
                    None
                } else {
                    let longest = around.clone().map(|(_, _, prefix, _)| prefix).max();
                    let of_longest = around.filter(|(_, _, prefix, _)| Some(prefix) == longest);
                    match of_longest.map(|(.., action)| *action).reduce(stronger) {
                        Some(Action::Deny { tag }) => Some(tag),
                        _ => None,
                    }
                };
                let address = Ipv4Addr::from_bits(address);
                assert_same(
                    (seed, address),
                    list.check(address).unwrap().tag(),
                    expected,
                );
            }
        });
    }
}

#[test]
fn everything_and_nothing() {
    for (networks, listed) in [
        (vec!["0.0.0.0/0", "::/0"], true),
        (vec![], false),
        (
            vec![
                "0.0.0.0/1",
                "128.0.0.0/1",
                "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            ],
            true,
        ),
    ] {
        let mut rules = AddressRules::new();
        for network in networks {
            rules.add(network, Action::Deny { tag: 0 }).unwrap();
        }
        with_list(&rules.pack().unwrap(), |store, _| {
            let list = IpList::new(store, "list");
            for address in [
                "0.0.0.0",
                "255.255.255.255",
                "::",
                "::ffff:1.2.3.4",
                "8000::",
                "1.2.3.4",
            ] {
                let address: IpAddr = address.parse().unwrap();
                assert_eq!(
                    list.check(address).unwrap().is_listed(),
                    listed,
                    "{address}"
                );
            }
        });
    }
}

#[test]
fn a_table_agrees_with_a_table_of_longest_prefixes() {
    let mut rng = Rng::with_seed(7);
    let networks = networks(&mut rng, 20_000);
    let mut rows = TableRules::by_address();
    let mut table: IpNetworkTable<String> = IpNetworkTable::new();
    for network in &networks {
        if table.exact_match(*network).is_none() {
            let value = format!("AS{}", rng.u32(0..3000));
            rows.add(&network.to_string(), &value).unwrap();
            table.insert(*network, value);
        }
    }
    with_list(&rows.pack().unwrap(), |store, _| {
        let list = LookupTable::by_address(store, "list");
        for _ in 0..QUESTIONS {
            let address = question(&mut rng, &networks);
            let model = table.longest_match(address.to_canonical());
            let model = model.map(|(_, value)| value.clone());
            assert_same(address, list.get::<String>(address).unwrap(), model);
        }
    });
}

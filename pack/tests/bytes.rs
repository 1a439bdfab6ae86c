//! The bytes themselves: as `docs/packed-lists.md` says, and always the same.

use fastedge_pack::{Action, AddressRules, DomainRules, Packed, PathRules, TableRules, TokenRules};
use fastrand::Rng;

const LISTED: Action = Action::Deny { tag: 0 };

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What follows the header and the first 24 bytes of a list in one value.
fn sections(packed: &Packed) -> String {
    let (_, value) = packed.values("list", 7).last().unwrap();
    assert_eq!(hex(&value[..5]), "4645504c01");
    assert_eq!(hex(&value[8..12]), "07000000");
    hex(&value[32 + 24..])
}

#[test]
fn addresses_are_as_they_are_described() {
    let mut rules = AddressRules::new();
    rules
        .add("10.0.0.0-10.2.0.5", Action::Deny { tag: 1 })
        .unwrap();
    rules.add("192.0.2.1", Action::Deny { tag: 2 }).unwrap();
    rules.add("2001:db8::/32", Action::Deny { tag: 3 }).unwrap();
    let ipv4 = concat!(
        "0100", "0100", "0100", "0000", "01000000", "01000000", // counts
        "000a010a", // 10.0.0.0 to 10.1.255.255
        "00c00100", // 192.0 has singles up to the first
        "020a0100", // 10.2 has runs up to the first
        "0102",     // 192.0.2.1
        "00000500", // 10.2.0.0 to 10.2.0.5
        "010201",   // tags
    );
    let ipv6 = concat!(
        "04000000", "01000000", "20010db8", // all four bytes are the same
        "20",       // /32
        "00000000", "00000000", // none of more than 64 bits
        "03",       // tag
    );
    let outlines = concat!(
        "01000000", "03000000", "25000000", "02000000", "01000000", "16000000"
    );
    assert_eq!(
        sections(&rules.pack().unwrap()),
        [outlines, ipv4, ipv6].concat()
    );
}

#[test]
fn domains_are_as_they_are_described() {
    let mut rules = DomainRules::new();
    rules.add("a.de", LISTED).unwrap();
    rules.add("ab.de", LISTED).unwrap();
    let body = concat!(
        "00000000", // all are subtrees
        "02000000", "09000000", "00000000", // two texts in one block
        "0004", "64650061", // de\0a
        "0401", "62", // and b
    );
    let length = "19000000";
    let outline = ["03000000", "02000000", length].concat();
    assert_eq!(sections(&rules.pack().unwrap()), outline + body);
}

/// SipHash-1-3 has a known answer; and the first test of its authors' set for 1-3 with the key 00 to 0f.
#[test]
fn tokens_are_hashed_as_it_is_described() {
    let salt: [u8; 16] = std::array::from_fn(|index| index as u8);
    let empty = fastedge::blocklist::format::hash(&salt, b"");
    assert_eq!(
        empty.to_le_bytes(),
        [0xdc, 0xc4, 0x0f, 0x05, 0x58, 0x01, 0xac, 0xab]
    );
    let mut rules = TokenRules::with_salt(salt);
    rules.add("tok", LISTED).unwrap();
    let hash = fastedge::blocklist::format::hash(&salt, b"tok");
    let body = ["01000000", "00000000", &hex(&hash.to_be_bytes()[..6])].concat();
    let outline = "04000000010000000e000000";
    assert_eq!(sections(&rules.pack().unwrap()), outline.to_owned() + &body);
}

#[test]
fn the_same_rules_in_any_order_make_the_same_bytes() {
    let mut rng = Rng::with_seed(1);
    let mut addresses: Vec<_> = (0..60_000)
        .map(|_| {
            (
                std::net::Ipv4Addr::from_bits(rng.u32(..)).to_string(),
                rng.u8(0..3),
            )
        })
        .collect();
    let mut texts: Vec<_> = (0..20_000)
        .map(|number| (format!("/a{}/{number}", rng.u8(..)), number.to_string()))
        .collect();
    let mut former: Option<[Packed; 3]> = None;
    for _ in 0..3 {
        rng.shuffle(&mut addresses);
        rng.shuffle(&mut texts);
        let (mut list, mut paths, mut table) =
            (AddressRules::new(), PathRules::new(), TableRules::by_path());
        for (address, tag) in &addresses {
            list.add(address, Action::Deny { tag: *tag }).unwrap();
        }
        for (path, value) in &texts {
            paths.add(path, LISTED).unwrap();
            table.add(path, value).unwrap();
        }
        let packed = [list.pack(), paths.pack(), table.pack()].map(Result::unwrap);
        assert!(packed.iter().all(|packed| !packed.is_inline()));
        if let Some(former) = &former {
            for (former, packed) in former.iter().zip(&packed) {
                let mut values = former.values("list", 1).zip(packed.values("list", 1));
                assert!(values.all(|(one, other)| one == other));
                assert_eq!(former.digest(), packed.digest());
            }
        }
        former = Some(packed);
    }
}

#[test]
fn shards_are_of_the_size_that_they_should_be() {
    let mut rng = Rng::with_seed(1);
    let mut list = AddressRules::new();
    for _ in 0..300_000 {
        list.add_network(std::net::IpAddr::from(rng.u32(..).to_be_bytes()), LISTED);
    }
    let mut rows = TableRules::by_text();
    for number in 0..2_000 {
        rows.add(&number.to_string(), vec![b'x'; rng.usize(3_000..4_000)])
            .unwrap();
    }
    // Values that many have are there once in a shard.
    let mut shared = TableRules::by_text();
    for number in 0..30_000 {
        shared
            .add(&number.to_string(), vec![number as u8 % 3; 4_000])
            .unwrap();
    }
    let shared: usize = shared
        .pack()
        .unwrap()
        .values("list", 1)
        .map(|(_, value)| value.len())
        .sum();
    assert!(shared < 2_000_000, "{shared} bytes");
    for (packed, most) in [
        (list.pack().unwrap(), 16_000),
        (rows.pack().unwrap(), 64_000),
    ] {
        let values: Vec<_> = packed
            .values("list", 1)
            .map(|(_, value)| value.len())
            .collect();
        let (shards, roots) = values.split_at(values.len() - 2);
        assert!(shards.iter().all(|bytes| *bytes <= most));
        let mean = shards.iter().sum::<usize>() / shards.len();
        assert!((6_000..16_000).contains(&mean), "{mean} bytes in the mean");
        assert!(roots[0] < 4_000, "{} bytes of manifest", roots[0]);
    }
}

#[test]
fn a_file_keeps_what_is_packed_and_a_difference_is_told() {
    let mut rng = Rng::with_seed(1);
    let mut tokens: Vec<_> = (0..30_000).map(|_| rng.u64(..).to_string()).collect();
    let pack = |tokens: &[String]| {
        let mut rules = TokenRules::new();
        for token in tokens {
            rules.add(token, LISTED).unwrap();
        }
        rules.pack().unwrap()
    };
    let before = pack(&tokens);
    let mut file = Vec::new();
    before.write_to(&mut file).unwrap();
    assert_eq!(Packed::read_from(file.as_slice()).unwrap(), before);
    let root = before.values("list", 3).last().unwrap().1;
    let values: std::collections::HashMap<_, _> = before.values("list", 3).collect();
    let published = Packed::from_published("list", &root, |key| {
        Ok::<_, fastedge::blocklist::format::Malformed>(values[key].clone())
    });
    assert_eq!(published.unwrap(), before);
    tokens.pop();
    tokens.push("one".into());
    tokens.push("two".into());
    let difference = before.difference(&pack(&tokens)).unwrap();
    assert_eq!((difference.added.len(), difference.removed.len()), (2, 1));
    assert!(difference.new_shards <= 3 && difference.same_shards > 10);
    // Also where there are twice as many shards.
    tokens.extend((0..20_000).map(|_| rng.u64(..).to_string()));
    let difference = before.difference(&pack(&tokens)).unwrap();
    assert_eq!(
        (difference.added.len(), difference.removed.len()),
        (20_002, 1)
    );
}

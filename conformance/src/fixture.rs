//! What the probe expects to find: a store, secrets and variables.

use std::fmt::Write as _;

use fastedge::bloom::Filter;
use fastedge::edge_storage_api::{Entry, EntryError};

/// The store.
pub const STORE: &str = "conformance";

/// A secret.
pub const SECRET: (&str, &str) = ("CONFORMANCE_SECRET", "s3cr3t");

/// A secret with two values, the second of which is in effect from a moment, in unix seconds, on.
pub const ROTATED: (&str, &str, &str, u32) = (
    "CONFORMANCE_ROTATED",
    "the former",
    "the present",
    1_750_000_000,
);

/// A secret that signs the cookies of sessions.
pub const SESSION_KEY: (&str, &str) = (
    "CONFORMANCE_SESSION_KEY",
    "0123456789abcdef0123456789abcdef",
);

/// A variable.
pub const VARIABLE: (&str, &str) = ("CONFORMANCE", "one contract, every host");

/// How many members the long sorted set has.
pub(crate) const LONG: u32 = 2_000;

/// How many bytes the longest value has: a megabyte.
pub(crate) const LONGEST: usize = 1_000_000;

/// How many items the Bloom filter has.
pub(crate) const ITEMS: u32 = 100;

/// The document of feature flags.
const FLAGS: &str = r#"{
  "flags": {
    "checkout": {
      "state": "ENABLED",
      "variants": { "new": "new", "old": "old" },
      "defaultVariant": "old",
      "targeting": { "if": [{ "==": [{ "var": "country" }, "LU"] }, "new", "old"] }
    }
  }
}"#;

/// What is at a key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// A plain pair.
    Plain(Vec<u8>),
    /// Scores, and members.
    SortedSet(Vec<(f64, Vec<u8>)>),
    /// Items.
    BloomFilter(Vec<String>),
}

/// What is in the store, key by key.
pub fn contents() -> Vec<(String, Content)> {
    let plain = |key: &str, value: &[u8]| (key.to_owned(), Content::Plain(value.to_vec()));
    let members = |key: &str, members: &[(f64, &[u8])]| {
        let members = members
            .iter()
            .map(|(score, member)| (*score, member.to_vec()));
        (key.to_owned(), Content::SortedSet(members.collect()))
    };
    let every_byte: Vec<u8> = (0..=255).collect();
    let mut contents = vec![
        plain("text", "grüße".as_bytes()),
        plain("empty", b""),
        plain("bytes", &every_byte),
        plain("number", b"42"),
        plain("document", br#"{"items_per_page": 5}"#),
        plain(&longest_key(), b"at a long key"),
        plain("longest", &vec![b'v'; LONGEST]),
        plain("tenant:42", br#""ACME""#),
        plain("flags", FLAGS.as_bytes()),
        plain("breached", &breached()),
        plain("page:v7", b"the seventh"),
        members("page:current", &[(7.0, b"current")]),
        members(
            "scores",
            &[
                (2.0, b"b"),
                (1.0, b"a"),
                (2.0, b"a2"),
                (-3.5, b"negative"),
                (1e300, b"large"),
            ],
        ),
        members("raw", &[(1.0, &[0xff, 0x00, 0x80]), (2.0, b"text")]),
        (
            "long".to_owned(),
            Content::SortedSet(
                (0..LONG)
                    .map(|i| (f64::from(i), format!("member-{i}").into_bytes()))
                    .collect(),
            ),
        ),
        (
            "filter".to_owned(),
            Content::BloomFilter((0..ITEMS).map(|i| format!("item-{i}")).collect()),
        ),
    ];
    contents.extend(GLOB_KEYS.iter().map(|key| plain(key, b"")));
    #[cfg(not(target_arch = "wasm32"))]
    contents.extend(packed());
    contents
}

/// Keys for patterns.
pub(crate) const GLOB_KEYS: [&str; 9] = [
    "glob:a", "glob:b", "glob:ab", "glob:c:d", "glob:c/d", "glob:*", "glob:[x]", "glob:^", "glob:é",
];

/// A key as long as keys may be.
pub(crate) fn longest_key() -> String {
    "k".repeat(256)
}

/// A Bloom filter that the app answers from itself.
fn breached() -> Vec<u8> {
    let Ok(mut filter) = Filter::<str>::new(100, 0.01) else {
        return Vec::new();
    };
    filter.insert("hunter2");
    filter.into_bytes()
}

/// A list of addresses, and a table of redirects.
#[cfg(not(target_arch = "wasm32"))]
fn packed() -> Vec<(String, Content)> {
    use fastedge_pack::{LineOptions, ListRules, Subject};

    let mut rules = ListRules::new(Subject::Addresses);
    let lines = "192.0.2.0/24\n198.51.100.1-198.51.100.9\n2001:db8::/32\n";
    let read = rules.read(
        lines.as_bytes(),
        "threats.txt",
        &LineOptions::default(),
        &mut |_| {},
    );
    let packed = read.ok().and_then(|_| rules.pack().ok());
    let values = packed.map(|packed| {
        packed
            .values("threats", 1)
            .map(|(key, value)| (key, Content::Plain(value)))
            .collect()
    });
    values.unwrap_or_default()
}

/// The store as the API's entries.
///
/// # Errors
///
/// If one of them is more than the API takes, which none is.
pub fn entries() -> Result<Vec<Entry>, EntryError> {
    contents()
        .into_iter()
        .map(|(key, content)| match content {
            Content::Plain(value) => Entry::plain(key, value),
            Content::SortedSet(members) => Entry::sorted_set(key, members),
            Content::BloomFilter(items) => Entry::bloom_filter(key, items),
        })
        .collect()
}

/// The secrets and variables, and an empty store, as a `fastedge.toml`.
pub fn to_toml() -> String {
    let (rotated, former, present, from) = ROTATED;
    let mut toml = format!("[stores.{STORE}]\n\n[variables]\n");
    let _infallible = writeln!(toml, "{} = {:?}\n\n[secrets]", VARIABLE.0, VARIABLE.1);
    for (name, value) in [SECRET, SESSION_KEY] {
        let _infallible = writeln!(toml, "{name} = {value:?}");
    }
    let _infallible = write!(
        toml,
        "{rotated} = [\n    {{ value = {former:?}, from = 0 }},\n    {{ value = {present:?}, from = {from} }},\n]\n"
    );
    toml
}

/// The store as commands of Redis, each a list of words: keys begin with `prefix`.
pub fn to_redis(prefix: &str) -> Vec<Vec<Vec<u8>>> {
    let word = |text: &str| text.as_bytes().to_vec();
    let mut commands = Vec::new();
    for (key, content) in contents() {
        let key = format!("{prefix}{key}").into_bytes();
        match content {
            Content::Plain(value) => commands.push(vec![word("SET"), key, value]),
            Content::SortedSet(members) => {
                let mut command = vec![word("ZADD"), key];
                for (score, member) in members {
                    command.extend([word(&score.to_string()), member]);
                }
                commands.push(command);
            }
            Content::BloomFilter(items) => {
                let mut command = vec![word("BF.MADD"), key];
                command.extend(items.into_iter().map(String::into_bytes));
                commands.push(command);
            }
        }
    }
    commands
}

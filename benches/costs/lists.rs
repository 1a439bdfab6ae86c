//! What a question to a list costs, by formats: bytes and instructions, which are exact; memory; and microseconds beyond an empty
//! request, of a fresh instance for each, with the store in memory.
//!
//! The component is `benches/guests/lists`. Lists of 62,000 addresses, as much as goes into a value as JSON, are there in the formats
//! of others: JSON parsed into a `HashSet`, and `iprange` and `prefix-trie`, read with `postcard`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use fastedge_mock::wasm::{EngineOptions, Guest, Runtime};
use fastedge_mock_host::central::Change;
use fastedge_pack::{Action, AddressRules, DomainRules, Packed, TokenRules};
use http::Request;
use tokio::runtime::Builder;

use super::addresses::{IN_ONE_VALUE, address, scrambled};
use super::measure::{self, Error, build, load};
use super::table::{Table, number};

/// Questions of each kind, of which half are listed.
const QUESTIONS: u64 = 400;

const LISTED: Action = Action::Deny { tag: 0 };

pub(crate) fn tables(is_large: bool) -> Result<Vec<Table>, Error> {
    let component = build("lists")?;
    let counted = load(&measure::runtime()?, &component)?;
    let timed = load(&Runtime::new(&EngineOptions::default())?, &component)?;
    let bench = Bench { counted, timed };
    let nothing = bench.ask("nothing", "", &|_| String::new())?;
    let mut table = Table::new(
        "Lists",
        &format!(
            "A question to a list: reads and bytes at most; instructions, microseconds and KB of memory beyond an empty request ({} \
             instructions, {:.1} µs, {} KB), of fresh instances with the store in memory. What is not packed is one value: JSON into a \
             `HashSet`, and the crates `iprange` and `prefix-trie` by postcard.",
            nothing.instructions,
            nothing.empty * 1e6,
            nothing.memory / 1024
        ),
        [
            "",
            "reads",
            "bytes",
            "instructions",
            "µs, least",
            "µs, median",
            "KB more",
        ],
    );
    let mut row = |what: &str, kind: &str, key: &str, question: &dyn Fn(u64) -> String| {
        let cost = bench.ask(kind, key, question)?;
        table.row([
            what.to_owned(),
            cost.reads.to_string(),
            number(cost.bytes as f64),
            number((cost.instructions - nothing.instructions) as f64),
            number(cost.fastest * 1e6),
            number(cost.median * 1e6),
            (cost.memory.saturating_sub(nothing.memory) / 1024).to_string(),
        ]);
        Ok::<_, Error>(())
    };

    let ipv4 =
        |all: u64| move |number: u64| Ipv4Addr::from_bits(address(asked(number, all))).to_string();
    let ipv6 = |all: u64| move |number: u64| long_address(asked(number, all)).to_string();
    let token = |all: u64| move |number: u64| format!("tok_{}", asked(number, all));
    let domain = |all: u64| move |number: u64| domain(asked(number, all));
    for format in ["json", "iprange", "prefix-trie"] {
        bench.put_of_others(format)?;
        row(
            &format!("62,000 addresses, {format}"),
            format,
            format,
            &ipv4(IN_ONE_VALUE),
        )?;
    }
    let mut sizes = vec![("62,000", IN_ONE_VALUE), ("1M", 1_000_000)];
    if is_large {
        sizes.push(("10M", 10_000_000));
    }
    for (size, all) in sizes {
        // Each under a key of its own: nodes remember what they have read.
        let key = |what: &str| format!("{what}-{all}");
        bench.put(&key("v4"), &addresses_of(all)?)?;
        row(
            &format!("{size} addresses, packed"),
            "addresses",
            &key("v4"),
            &ipv4(all),
        )?;
        bench.put(&key("v6"), &long_addresses_of(all)?)?;
        row(
            &format!("{size} IPv6 addresses, packed"),
            "addresses",
            &key("v6"),
            &ipv6(all),
        )?;
        bench.put(&key("tokens"), &tokens_of(all)?)?;
        row(
            &format!("{size} tokens, packed"),
            "tokens",
            &key("tokens"),
            &token(all),
        )?;
        bench.put(&key("domains"), &domains_of(all)?)?;
        row(
            &format!("{size} domains, packed"),
            "domains",
            &key("domains"),
            &domain(all),
        )?;
    }
    Ok(vec![table])
}

/// The number of a question: every other one is listed.
fn asked(number: u64, all: u64) -> u64 {
    match number % 2 {
        0 => scrambled(number) % all,
        _ => all + number,
    }
}

/// IPv6 addresses as providers give them out: some thousands of networks.
fn long_address(number: u64) -> Ipv6Addr {
    let network = scrambled(number % 5000) & 0x1fff_ffff_ffff;
    let (subnet, host) = (scrambled(number) as u16, scrambled(!number));
    let bits = 0x2000_u128 << 112 | u128::from(network) << 80 | u128::from(subnet) << 64;
    Ipv6Addr::from_bits(bits | u128::from(host))
}

fn domain(number: u64) -> String {
    const ENDS: [&str; 8] = ["com", "net", "org", "de", "co.uk", "info", "xyz", "ru"];
    let mixed = scrambled(number);
    let end = ENDS.get((mixed % 8) as usize).unwrap_or(&"com");
    let mut rest = mixed >> 8;
    let mut name = String::new();
    for _ in 0..6 + mixed % 9 {
        name.push(char::from(b'a' + (rest % 26) as u8));
        rest = rest / 26 + scrambled(rest) % 7;
    }
    format!("{name}{number}.{end}")
}

fn addresses_of(all: u64) -> Result<Packed, Error> {
    let mut rules = AddressRules::new();
    for number in 0..all {
        rules.add_network(IpAddr::from(address(number).to_be_bytes()), LISTED);
    }
    Ok(rules.pack()?)
}

fn long_addresses_of(all: u64) -> Result<Packed, Error> {
    let mut rules = AddressRules::new();
    for number in 0..all {
        rules.add_network(IpAddr::from(long_address(number)), LISTED);
    }
    Ok(rules.pack()?)
}

fn tokens_of(all: u64) -> Result<Packed, Error> {
    let mut rules = TokenRules::new();
    for number in 0..all {
        rules.add(format!("tok_{number}"), LISTED)?;
    }
    Ok(rules.pack()?)
}

fn domains_of(all: u64) -> Result<Packed, Error> {
    let mut rules = DomainRules::new();
    for number in 0..all {
        rules.add(&domain(number), LISTED)?;
    }
    Ok(rules.pack()?)
}

struct Bench {
    /// Where instructions are counted, which takes time.
    counted: Guest,
    timed: Guest,
}

struct Cost {
    reads: usize,
    bytes: usize,
    instructions: u64,
    memory: usize,
    /// Seconds of an empty request, at least.
    empty: f64,
    /// Seconds beyond an empty request.
    fastest: f64,
    median: f64,
}

impl Bench {
    fn put(&self, key: &str, packed: &Packed) -> Result<(), Error> {
        let puts = packed.values(key, 1).map(|(key, value)| Change::Put {
            key,
            value,
            expires_at_ms: None,
        });
        let puts: Vec<_> = puts.collect();
        for app in [&self.counted, &self.timed] {
            app.config().edge.fill("bench", &puts)?;
        }
        Ok(())
    }

    fn put_of_others(&self, format: &str) -> Result<(), Error> {
        let request = Request::builder().method("PUT").uri(format!("/{format}"));
        let outcome = measure::answered(&self.counted, request)?;
        let put = Change::Put {
            key: format.to_owned(),
            value: outcome.response.into_body().to_vec(),
            expires_at_ms: None,
        };
        for app in [&self.counted, &self.timed] {
            app.config()
                .edge
                .fill("bench", std::slice::from_ref(&put))?;
        }
        Ok(())
    }

    /// What the questions cost, in the mean, or at most.
    fn ask(
        &self,
        format: &str,
        key: &str,
        question: &dyn Fn(u64) -> String,
    ) -> Result<Cost, Error> {
        let mut cost = Cost {
            reads: 0,
            bytes: 0,
            instructions: 0,
            memory: 0,
            empty: 0.0,
            fastest: 0.0,
            median: 0.0,
        };
        let uri = |number| format!("/{format}/{key}/{}", question(number));
        let few = if key == format { 20 } else { QUESTIONS };
        for number in 0..few {
            let outcome = measure::answered(&self.counted, Request::get(uri(number)))?;
            let answer = outcome.response.body().as_ref();
            let expected = if number % 2 == 0 && format != "nothing" {
                "yes"
            } else {
                "no"
            };
            if answer != expected.as_bytes() {
                return Err(format!("{}: {answer:?}", uri(number)).into());
            }
            cost.reads = cost.reads.max(outcome.calls.kv_reads());
            cost.bytes = cost.bytes.max(outcome.calls.bytes_received());
            cost.instructions += outcome.instructions.unwrap_or_default();
            cost.memory = cost.memory.max(outcome.memory);
        }
        cost.instructions /= few;
        let threads = Builder::new_current_thread().enable_all().build()?;
        let time = |uri: String| {
            let request = Request::get(uri).body(Default::default())?;
            let started = Instant::now();
            threads.block_on(self.timed.request(request));
            Ok::<_, Error>(started.elapsed())
        };
        // By turns, so that a slow moment is one of both.
        let (mut times, mut empty) = (Vec::new(), Vec::new());
        for number in 0..few * 20 {
            times.push(time(uri(number % few))?);
            empty.push(time("/nothing".to_owned())?);
        }
        times.sort_unstable();
        empty.sort_unstable();
        let at =
            |times: &[Duration], index: usize| times.get(index).map_or(0.0, Duration::as_secs_f64);
        let middle = times.len() / 2;
        cost.empty = at(&empty, 0);
        cost.fastest = at(&times, 0) - at(&empty, 0);
        cost.median = at(&times, middle) - at(&empty, middle);
        Ok(cost)
    }
}

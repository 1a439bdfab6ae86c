//! What feature flags cost in WebAssembly: instructions and bytes, which are exact.
//!
//! A document of 1,000 flags, 217 KB, is in the store; a request reads it and evaluates one flag or ten. The
//! instructions are those of the whole request. Beside the SDK there is `serde_json::Value` with the crate
//! `datalogic-rs`, which does less: no `$ref`, no errors, no types but booleans. The components are
//! `benches/guests/flags_by_sdk` and `flags_by_value`; `flags_none` is the same app without flags, which uses
//! `serde_json` for its settings as they do.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use fastedge::flags::pack;
use fastedge_mock::config::Config;
use fastedge_mock::package::Built;
use fastedge_mock::wasm::{Discard, Guest};
use fastedge_mock_host::central::Change;
use http::Request;
use serde_json::{Value, json};

use super::measure::{self, Error, build, load, runtime};
use super::table::{Table, number};

const FLAGS: usize = 1000;

pub(crate) fn tables() -> Result<Vec<Table>, Error> {
    let none = build("flags_none")?;
    let by_sdk = build("flags_by_sdk")?;
    let per_key = build("flags_per_key")?;
    let by_value = build("flags_by_value")?;
    let runtime = runtime()?;
    let (sdk, value) = (load(&runtime, &by_sdk)?, load(&runtime, &by_value)?);
    let sdk_per_key = load(&runtime, &per_key)?;
    let document = document().to_string();
    for app in [&sdk, &sdk_per_key, &value] {
        fill(app, &document)?;
    }

    let mut table = Table::new(
        "Flags",
        &format!(
            "A document of {FLAGS} flags, {} bytes, beside `serde_json::Value` with the crate `datalogic-rs`, which knows no `$ref`, errors \
             or types: instructions of a request that reads and evaluates, and bytes of the component beyond the same one without flags.",
            document.len()
        ),
        ["", "Value, datalogic", "SDK", "ratio"],
    );
    let ten: Vec<String> = (0..10).map(|number| key(number * 111)).collect();
    for (what, keys) in [
        ("the first flag", key(0)),
        ("one in the middle", key(FLAGS / 2)),
        ("the last flag", key(FLAGS - 1)),
        ("one that is not there", key(FLAGS)),
        ("ten flags", ten.join(",")),
    ] {
        let [one, other] = [&value, &sdk].map(|app| asked(app, "document", &keys));
        let ((slow, answer), (fast, same)) = (one?, other?);
        if answer != same {
            return Err(format!("{what}: {answer:?} and {same:?}").into());
        }
        table.compare(what, slow as f64, fast as f64);
    }
    let (instructions, _) = asked(&sdk_per_key, "per-key", &key(FLAGS - 1))?;
    let alone = |what: &str, instructions: u64| {
        let none = String::new;
        [what.to_owned(), none(), number(instructions as f64), none()]
    };
    table.row(alone("the last, under its own key", instructions));
    let bytes = |built: &Built| built.binary.len();
    weigh(
        &mut table,
        "bytes, as cargo builds it",
        [&none, &by_value, &by_sdk].map(bytes),
    );
    let small = small(["flags_none", "flags_by_value", "flags_by_sdk"])?;
    weigh(
        &mut table,
        "bytes, with the profile for deploying",
        small.each_ref().map(Vec::len),
    );

    let mut config = Config::default();
    config.limits.time = Duration::from_secs(60);
    config.edge.link_store("bench", "bench")?;
    let [_, _, binary] = small;
    let small = Guest::load(&runtime, &binary, config, Arc::new(Discard))?;
    fill(&small, &document)?;
    let (instructions, _) = asked(&small, "document", &key(FLAGS - 1))?;
    table.row(alone("the last flag, with that profile", instructions));
    Ok(vec![table])
}

fn weigh(table: &mut Table, what: &str, [none, one, other]: [usize; 3]) {
    table.compare(what, (one - none) as f64, (other - none) as f64);
}

/// Components with the profile that the README has for deploying.
fn small<const N: usize>(packages: [&str; N]) -> Result<[Vec<u8>; N], Error> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/small");
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["build", "--release", "--target", "wasm32-wasip2"])
        .env("CARGO_TARGET_DIR", &folder)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z")
        .env("CARGO_PROFILE_RELEASE_LTO", "true")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
        .env("CARGO_PROFILE_RELEASE_STRIP", "true");
    for package in packages {
        command.args(["--package", package]);
    }
    if !command.status()?.success() {
        return Err("the small components cannot be built".into());
    }
    let built = packages
        .map(|package| std::fs::read(folder.join(format!("wasm32-wasip2/release/{package}.wasm"))));
    let mut binaries = [const { Vec::new() }; N];
    for (binary, built) in binaries.iter_mut().zip(built) {
        *binary = built?;
    }
    Ok(binaries)
}

fn key(number: usize) -> String {
    format!("checkout-feature-{number:04}")
}

/// Flags as they are in use: some by country, some by share, most of them simple.
fn document() -> Value {
    let mut flags = serde_json::Map::new();
    for number in 0..FLAGS {
        let targeting = match number % 4 {
            0 => json!({"if": [{"in": [{"var": "country"}, ["DE", "AT", "CH"]]}, "on", "off"]}),
            1 => json!({"fractional": [["on", 25], ["off", 75]]}),
            2 => json!({"if": [{"ends_with": [{"var": "email"}, "@example.com"]}, "on"]}),
            _ => json!({}),
        };
        let definition = json!({
            "state": "ENABLED",
            "variants": {"on": true, "off": false},
            "defaultVariant": "off",
            "targeting": targeting,
            "metadata": {"owner": "team-checkout", "ticket": format!("SHOP-{number:04}")},
        });
        flags.insert(key(number), definition);
    }
    json!({"flags": flags})
}

/// Puts the document into the app's store, in both layouts.
fn fill(app: &Guest, document: &str) -> Result<(), Error> {
    let mut puts = vec![("flags".to_owned(), document.as_bytes().to_vec())];
    puts.push((
        "settings".to_owned(),
        br#"{"title": "t", "ratio": 0.5, "sizes": [1]}"#.to_vec(),
    ));
    puts.extend(
        pack("flags", document.as_bytes())?
            .into_iter()
            .map(|one| (one.key, one.value)),
    );
    let puts = puts.into_iter().map(|(key, value)| Change::Put {
        key,
        value,
        expires_at_ms: None,
    });
    app.config().edge.fill("bench", &puts.collect::<Vec<_>>())?;
    Ok(())
}

/// The instructions of a request, and its answer.
fn asked(app: &Guest, layout: &str, keys: &str) -> Result<(u64, String), Error> {
    let outcome = measure::answered(app, Request::get(format!("/{layout}/{keys}")))?;
    let instructions = outcome.instructions.ok_or("the runtime does not count")?;
    let answer = String::from_utf8(outcome.response.into_body().to_vec())?;
    Ok((instructions, answer))
}

//! `fastedge.toml` and the dotenv files: what they mean, and what is said of what they cannot mean.

use std::path::Path;
use std::time::Duration;

use fastedge_mock::config::{Config, Limits, SiteConfig};
use tempfile::TempDir;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn load(folder: &TempDir) -> Result<Config, String> {
    let file = folder.path().join("fastedge.toml");
    let file = file.is_file().then_some(file);
    Config::load(file.as_deref(), Some(folder.path())).map_err(|error| {
        // Paths are those of a temporary folder.
        let folder = format!("{}/", folder.path().display());
        error.to_string().replace(&folder, "")
    })
}

fn error(toml: &str) -> String {
    load(&folder(&[("fastedge.toml", toml)])).unwrap_err()
}

/// The example in the documentation.
fn example() -> String {
    include_str!("../src/config/mod.rs")
        .lines()
        .skip_while(|line| *line != "//! ```toml")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| line.trim_start_matches("//!").to_owned() + "\n")
        .collect()
}

#[test]
fn everything_in_the_documentations_example_is_understood() {
    let example = example();
    let folder = folder(&[
        ("fastedge.toml", &example),
        ("data/a/b.txt", "below"),
        ("data/.hidden", ""),
        ("pages/home.html", "<h1>"),
        (
            "scores.tsv",
            "# comment\n\n1.5\tone and a half\n-inf least\n",
        ),
        ("blocked.txt", "# comment\nx\n\ny z\n"),
        ("threats.txt", "192.0.2.0/24\t3\n"),
        ("lists/more.txt", "198.51.100.7\t4\n"),
        ("office.txt", "192.0.2.7\n"),
        (
            "hosts",
            "127.0.0.1 localhost\n0.0.0.0 ads.test\nno such line\n",
        ),
        ("redirects.tsv", "/old\t/new\n"),
        ("badges.txt", "7d1b\n0c22\n"),
        ("lost.txt", "0c22\n"),
        ("prices.csv", "tea,250\n"),
    ]);
    let config = load(&folder).unwrap();
    assert_eq!((config.port, config.admin_port), (Some(8080), Some(8081)));
    assert_eq!(config.limits, Limits::BASIC);
    let edge = config.edge.session();
    let store = edge.kv_open("config").unwrap();
    let get = |key| edge.kv_get(&store, key).unwrap();
    assert_eq!(get("a/b.txt").as_deref(), Some(&b"below"[..]));
    assert_eq!(get("home").as_deref(), Some(&b"<h1>"[..]));
    assert_eq!(get("title").as_deref(), Some(&b"Home"[..]));
    assert_eq!(get("icon").as_deref(), Some(&[0, 1, 2][..]));
    let scan = edge.kv_scan(&store, "*hidden*").unwrap();
    assert_eq!(scan, [""; 0]);
    for packed in ["threats", "hosts", "redirects"] {
        assert_eq!(
            get(packed).map(|value| value[..4].to_vec()).as_deref(),
            Some(&b"FEPL"[..])
        );
    }
    config.edge.clock().advance(Duration::from_secs(3600));
    assert_eq!(get("banner"), None);
    let scores = |key| {
        edge.kv_zrange_by_score(&store, key, f64::NEG_INFINITY, f64::INFINITY)
            .unwrap()
    };
    assert_eq!(
        scores("scores"),
        [(b"ann".to_vec(), 10.0), (b"bob".to_vec(), 20.0)]
    );
    assert_eq!(
        scores("addresses"),
        [
            (b"least".to_vec(), f64::NEG_INFINITY),
            (b"one and a half".to_vec(), 1.5)
        ]
    );
    for (key, item, listed) in [
        ("blocked", "x", true),
        ("blocked", "y z", true),
        ("blocked", "# comment", false),
        ("seen", "b", true),
    ] {
        assert_eq!(
            edge.kv_bf_exists(&store, key, item).unwrap(),
            listed,
            "{item}"
        );
    }
    assert_eq!(edge.dictionary_get("REGION").as_deref(), Some("eu"));
    assert_eq!(config.environment, [("REGION".to_owned(), "eu".to_owned())]);
    assert_eq!(edge.secret_get("TOKEN").unwrap().as_deref(), Some("s3cr3t"));
    let january = 1_768_000_000;
    let key = edge.secret_get_effective_at("KEY", january).unwrap();
    assert_eq!(key.as_deref(), Some("old"));
    assert_eq!(config.request_headers[0].0, "pop-country-code");
    assert_eq!(config.response_headers[0].1, "fastedge-mock");
}

#[test]
fn an_empty_configuration_and_none_are_an_empty_platform() {
    for files in [&[("fastedge.toml", "")][..], &[]] {
        let config = load(&folder(files)).unwrap();
        assert_eq!(config.limits, Limits::PRO);
        assert_eq!((config.port, config.admin_port), (None, None));
        assert!(config.edge.session().kv_open("default").is_err());
    }
}

#[test]
fn a_typo_is_told_with_its_place_and_the_likeliest_word() {
    assert_eq!(
        error("port = 80\n\n[store.lists]\n"),
        "fastedge.toml:3: store: unknown key; did you mean `stores`?"
    );
    assert_eq!(
        error("[stores.lists]\n[stores.lists.sorted_set]\na = 1"),
        "fastedge.toml:2: stores.lists.sorted_set: unknown key; did you mean `sorted_sets`?"
    );
    assert_eq!(
        error("[limits]\nxyz = 1"),
        "fastedge.toml:2: limits.xyz: unknown key; \
         known are: plan, time_ms, memory, body, outbound_requests"
    );
    assert_eq!(
        error("[limits]\nplan = \"pr\""),
        "fastedge.toml:2: limits.plan: no plan is called \"pr\"; did you mean `pro`?"
    );
    assert!(error("port = \n").starts_with("fastedge.toml:1: not TOML: "));
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_what_is_wanted() {
    for (toml, says) in [
        (
            "port = \"80\"",
            "fastedge.toml:1: port: a port, from 0 (any that is free) to 65535, is wanted, not a string",
        ),
        (
            "port = 70000",
            "fastedge.toml:1: port: a port, from 0 (any that is free) to 65535, is wanted, not 70000",
        ),
        (
            "stores = 1",
            "fastedge.toml:1: stores: a table is wanted, not an integer",
        ),
        (
            "[limits]\nmemory = \"lots\"",
            "fastedge.toml:2: limits.memory: a size is wanted, as \"64 MB\" or in bytes, not \"lots\"",
        ),
        (
            "[limits]\ntime_ms = 0",
            "fastedge.toml:2: limits.time_ms: a time limit is at least 1 ms",
        ),
        (
            "[stores.a.values]\n\"b c\" = []",
            "fastedge.toml:2: stores.a.values.\"b c\": a text is wanted, not an array",
        ),
        (
            "[stores.a.values]\nb = { base64 = \"?\" }",
            "fastedge.toml:2: stores.a.values.b.base64: not base64: Invalid symbol 63, offset 0.",
        ),
        (
            "[stores.a.values]\nb = {}",
            "fastedge.toml:2: stores.a.values.b: one of `text` and `base64` says what the value is",
        ),
        (
            "[stores.a.sorted_sets]\nb = { members = { c = \"1\" } }",
            "fastedge.toml:2: stores.a.sorted_sets.b.members.c: a number is wanted, not a string",
        ),
        (
            "[stores.a.sorted_sets]\nb = { members = { c = nan } }",
            "fastedge.toml:2: stores.a.sorted_sets.b: a score in sorted set `b` is NaN",
        ),
        (
            "[stores.a.bloom_filters]\nb = { items = [], error_rate = 2.0 }",
            "fastedge.toml:2: stores.a.bloom_filters.b: a Bloom filter's error rate is between 0 and 1, not 2",
        ),
        (
            "[secrets]\nK = [{ from = 1 }]",
            "fastedge.toml:2: secrets.K[0]: `value` is missing",
        ),
        (
            "[secrets]\nK = [{ value = \"v\", from = 2026-01-01 }]",
            "fastedge.toml:2: secrets.K[0].from: a moment has a date, a time and a zone: 2026-01-31T12:00:00Z",
        ),
        (
            "[request_headers]\n\"a b\" = \"c\"",
            "fastedge.toml:2: request_headers.\"a b\": \"a b\" cannot be the name of a header",
        ),
        (
            "[response_headers]\na = \"b\\nc\"",
            "fastedge.toml:2: response_headers.a: \"b\\nc\" cannot be the value of a header",
        ),
        (
            "[outbound]\nallow = [\"http://a\"]",
            "fastedge.toml:2: outbound.allow[0]: `host` or `host:port` is wanted",
        ),
    ] {
        assert_eq!(error(toml), says);
    }
}

#[test]
fn headers_about_the_connection_are_not_configurable() {
    assert_eq!(
        error("[response_headers]\ncontent-length = 5"),
        "fastedge.toml:2: response_headers.content-length: content-length is the server's to say, \
         and follows from the message"
    );
}

#[test]
fn a_missing_or_unusable_file_is_told_with_what_it_is_relative_to() {
    assert_eq!(
        error("[stores.a.files]\nb = \"c.txt\""),
        "fastedge.toml:2: stores.a.files.b: c.txt: no such file \
         (paths are relative to fastedge.toml)"
    );
    assert_eq!(
        error("[stores.a]\ndirectory = \"nowhere\""),
        "fastedge.toml:2: stores.a.directory: nowhere: no such file \
         (paths are relative to fastedge.toml)"
    );
    let folder = folder(&[
        (
            "fastedge.toml",
            "[stores.a.sorted_sets]\nb = { file = \"c.tsv\" }",
        ),
        ("c.tsv", "1\tone\n2x\ttwo\n"),
    ]);
    assert_eq!(
        load(&folder).unwrap_err(),
        "c.tsv:2: \"2x\" is not a score: a line is a score, a tab or a space, and a member"
    );
    let missing = Config::load(Some(Path::new("nowhere.toml")), None).unwrap_err();
    assert_eq!(missing.to_string(), "nowhere.toml: no such file");
}

#[test]
fn what_the_platform_would_not_take_is_refused() {
    let key = "k".repeat(257);
    let says = error(&format!("[stores.a.values]\n{key} = \"\""));
    assert!(
        says.ends_with("a key of 257 bytes: the platform takes at most 256"),
        "{says}"
    );
    let value = "v".repeat(1_048_577);
    let says = error(&format!("[stores.a.values]\nk = \"{value}\""));
    let wanted = "the value has 1048577 characters as it is encoded for the platform, which takes \
                  at most 1048576 (as base64, 786432 bytes); split it";
    assert!(says.ends_with(wanted), "{says}");
}

#[test]
fn dotenv_files_win_over_the_configuration() {
    let folder = folder(&[
        (
            "fastedge.toml",
            "[variables]\nA = 1\nB = 2\n[secrets]\nS = [{ value = \"toml\", from = 2020-01-01T00:00:00Z }]\n[request_headers]\nx-a = \"toml\"\n\
             [stores.linked.values]\nk = \"v\"",
        ),
        (".env", "A=dotenv\nFASTEDGE_VAR_SECRET_S=dotenv\nC='3'\n"),
        (".env.req_headers", "X-A=dotenv\nx-b=2\n"),
        (".env.rsp_headers", "x-c=3\n"),
        (".env.kv_stores", "linked=redis://localhost:6379\n"),
    ]);
    let config = load(&folder).unwrap();
    let edge = config.edge.session();
    assert_eq!(edge.dictionary_get("A").as_deref(), Some("dotenv"));
    assert_eq!(edge.dictionary_get("B").as_deref(), Some("2"));
    assert_eq!(edge.dictionary_get("C").as_deref(), Some("3"));
    assert_eq!(edge.secret_get("S").unwrap().as_deref(), Some("dotenv"));
    let names: Vec<_> = config
        .environment
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["B", "A", "C"]);
    let header = |name| {
        let found: Vec<_> = config
            .request_headers
            .iter()
            .filter(|h| h.0 == name)
            .collect();
        assert_eq!(found.len(), 1, "{name}");
        found[0].1.to_str().unwrap()
    };
    assert_eq!((header("x-a"), header("x-b")), ("dotenv", "2"));
    assert_eq!(config.response_headers[0].1, "3");
    assert!(edge.kv_open("linked").is_ok());
}

/// What an app says of its own goes over what is said at the top; what it does not say stays.
#[test]
fn an_apps_limits_and_destinations_go_over_those_of_all() {
    let toml = "[limits]\nplan = \"basic\"\n[outbound]\nonly = [\"api.example\"]\n\
                [apps.shop]\napp = \"shop\"\n[apps.shop.limits]\nmemory = \"64 MB\"\n\
                [apps.shop.outbound]\nallow = [\"127.0.0.1:9000\"]\n\
                [apps.bar]\napp = \"bar\"\n[apps.bar.limits]\nplan = \"pro\"\n";
    let folder = folder(&[("fastedge.toml", toml)]);
    let site = SiteConfig::load(Some(&folder.path().join("fastedge.toml")), None).unwrap();
    let config = |app: &str| site.set_up_named(app, site.new_test_edge()).unwrap();
    let shop = config("shop");
    assert_eq!(shop.limits.time, Limits::BASIC.time);
    assert_eq!(shop.limits.memory, 64 << 20);
    assert_eq!(config("bar").limits, Limits::PRO);

    let both = "[outbound]\nonly = [\"api.example\"]\nallow = [\"127.0.0.1:9000\"]";
    let both = self::folder(&[("fastedge.toml", both)]);
    assert_eq!(shop.outbound, load(&both).unwrap().outbound);
}

/// Of the dotenv files a later one wins, for stores as for all else.
#[test]
fn of_two_dotenv_lines_for_a_store_the_later_one_counts() {
    let folder = folder(&[
        (".env", "FASTEDGE_VAR_KV_STORE_lists=not a URL\n"),
        (".env.kv_stores", "lists=redis://127.0.0.1:1\n"),
    ]);
    let error = Config::load(None, Some(folder.path())).unwrap_err();
    assert!(error.to_string().contains(".env:1: lists: "), "{error}");
    let folder = self::folder(&[
        (".env", "FASTEDGE_VAR_KV_STORE_lists=redis://127.0.0.1:1\n"),
        (".env.kv_stores", "lists=redis://127.0.0.1:2\n"),
    ]);
    let config = Config::load(None, Some(folder.path())).unwrap();
    assert_eq!(config.edge.linked_stores().len(), 1);
}

#[test]
fn a_store_that_only_a_dotenv_file_names_is_its_redis() {
    // Nothing listens there: the store can be opened, and reading it fails as on the platform.
    let folder = folder(&[(".env.kv_stores", "# stores\nlists=redis://127.0.0.1:1\n")]);
    let config = load(&folder).unwrap();
    let edge = config.edge.session();
    let store = edge.kv_open("lists").unwrap();
    let error = edge.kv_get(&store, "k").unwrap_err();
    assert_eq!(error.to_string(), "internal-error");

    let wrong = self::folder(&[(".env.kv_stores", "# stores\nlists=localhost\n")]);
    let error = load(&wrong).unwrap_err();
    let start = ".env.kv_stores:2: lists: not the URL of a Redis, as in redis://127.0.0.1:6379/0: ";
    assert!(error.starts_with(start), "{error}");
}

#[test]
fn how_the_platform_behaves_is_configured() {
    let toml = "[edge]\npreset = \"prompt\"\npops = [\"lon\", \"syd\"]\n[cache]\nenabled = false\n\
                [stores.a]\nstore = \"b\"\n[stores.a.values]\nk = \"v\"";
    let config = load(&folder(&[("fastedge.toml", toml)])).unwrap();
    assert_eq!(config.edge.pops().join(" "), "lon syd");
    assert!(config.edge.session().cache_get("k").is_err());
    assert_eq!(config.edge.stores()[0].info.name, "b");
    let syd = config.edge.at("syd").unwrap().session();
    let store = syd.kv_open("a").unwrap();
    assert_eq!(syd.kv_get(&store, "k").unwrap().as_deref(), Some(&b"v"[..]));
    for (toml, problem) in [
        (
            "[edge]\npreset = \"srict\"",
            "2: edge.preset: no preset is called \"srict\"; did you mean `strict`?",
        ),
        (
            "[edge]\npops = []",
            "2: edge.pops: there is at least one location",
        ),
        (
            "[edge]\npops = [\"a\", \"a\"]",
            "2: edge.pops[1]: there is a location \"a\" already",
        ),
        (
            "[edge]\nreplication_ms = \"slow\"",
            "2: edge.replication_ms: a number of milliseconds, the least and the most of them as in \
             [1000, 2000], or \"held\" is wanted, not \"slow\"",
        ),
        (
            "[cache]\nprefix = \"a\"",
            "2: cache.prefix: a prefix is of keys in a Redis: `redis` is missing",
        ),
        (
            "[stores.a]\nredis = \"redis://127.0.0.1\"\nvalues = {}",
            "3: stores.a.values: the contents of this store are in its Redis: remove this key, or `redis`",
        ),
        (
            "[api]\ntoken = \"\"",
            "2: api.token: a token that is empty lets everybody in",
        ),
        (
            "[api]\n\ntoken = \" mine\"",
            "3: api.token: the token has characters that a header cannot carry: use visible ASCII \
             characters, and no spaces around them",
        ),
        (
            "[api]\ntoken = \"m\u{fc}ller\"",
            "2: api.token: the token has characters that a header cannot carry: use visible ASCII \
             characters, and no spaces around them",
        ),
        (
            "[api]\ntoken = \"a\\tb\"",
            "2: api.token: the token has characters that a header cannot carry: use visible ASCII \
             characters, and no spaces around them",
        ),
        (
            "[api]\nlarge_value = \"clear\"",
            "2: api.large_value: unknown key; did you mean `large_values`?",
        ),
        (
            "[api]\nlarge_values = \"sha256-of-texts\"",
            "2: api.large_values: no form of large values is called \"sha256-of-texts\"; did you \
             mean `sha256-of-text`?",
        ),
        (
            "[api]\nunknown_parameters = \"reject\"",
            "2: api.unknown_parameters: no treatment of unknown parameters is called \"reject\"; \
             known are: ignore, refuse",
        ),
        (
            "[api]\nconflict_status = 418",
            "2: api.conflict_status: a status, 400 or 409, is wanted, not 418",
        ),
        (
            "[apps.a]\nhosts = []",
            "1: apps.a: `app` is missing: a package, or a component's file",
        ),
        (
            "[apps.a]\napp = \"a\"\nhosts = [\"x\"]\n[apps.b]\napp = \"b\"\nhosts = [\"X\"]",
            "6: apps.b.hosts[0]: \"x\" is already a host name of the app \"a\"",
        ),
        (
            "[apps.a]\napp = \"a\"\nhosts = [\"b.localhost\"]\n[apps.b]\napp = \"b\"",
            "4: apps.b: \"b.localhost\" is already a host name of the app \"a\"",
        ),
    ] {
        assert_eq!(error(toml), format!("fastedge.toml:{problem}"));
    }
}

/// In a test that clock stands still, in another year; its nodes keep what they have read for half a minute.
#[test]
fn what_expires_does_so_by_the_platforms_clock() {
    let toml = "[stores.a.values]\nk = { text = \"v\", expires_after_secs = 60 }";
    let folder = folder(&[("fastedge.toml", toml)]);
    let site = SiteConfig::load(Some(&folder.path().join("fastedge.toml")), None).unwrap();
    let config = site.set_up(site.new_test_edge()).unwrap();
    let read = || {
        let session = config.edge.session();
        let store = session.kv_open("a").unwrap();
        session.kv_get(&store, "k").unwrap()
    };
    config.edge.clock().advance(Duration::from_secs(29));
    assert_eq!(read().as_deref(), Some(&b"v"[..]));
    config.edge.clock().advance(Duration::from_secs(31));
    assert_eq!(read(), None);
}

/// Garbled files are refused with a place, or understood; nothing else.
#[test]
fn no_configuration_is_too_garbled_for_an_answer() {
    let dotenv = "A=1\nexport B = 'two' # b\nFASTEDGE_VAR_SECRET_C=\"\\n\"\n";
    let folder = folder(&[("fastedge.toml", ""), (".env", "")]);
    let mut random = fastrand::Rng::with_seed(1);
    let mut garbled = |text: &str| -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(..bytes.len().max(1));
            if bytes.is_empty() {
                break;
            }
            match random.u8(..4) {
                0 => drop(bytes.remove(at)),
                1 => bytes[at] = random.u8(..),
                2 => bytes.insert(at, *random.choice(b"\"'=[]{}#.\n\\0-").unwrap()),
                _ => bytes.truncate(at.max(1)),
            }
        }
        bytes
    };
    let (mut understood, mut refused) = (0, 0);
    let example = example();
    for _ in 0..3_000 {
        let file = folder.path().join("fastedge.toml");
        std::fs::write(&file, garbled(&example)).unwrap();
        std::fs::write(folder.path().join(".env"), garbled(dotenv)).unwrap();
        match Config::load(Some(&file), Some(folder.path())) {
            Ok(_) => understood += 1,
            Err(error) => {
                assert!(error.to_string().len() > 20, "{error}");
                refused += 1;
            }
        }
    }
    assert!(
        refused > 100 && understood + refused == 3_000,
        "{understood} {refused}"
    );
}

//! The inspector: what a script asks it, and its page in a browser, headless Chromium.
#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use common::server::{Server, folder_with};
use fastedge_mock_host::Operation;
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");

fn serve() -> (tempfile::TempDir, Server) {
    let toml = "[edge]\npops = [\"lon\", \"syd\"]\nreplication_ms = \"held\"\nread_cache_ms = 0\n\
                [stores.data.values]\ngreeting = \"<b>hello</b>\"";
    let folder = folder_with("probe", toml);
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    (folder, server)
}

fn state(server: &Server) -> Value {
    let (status, body) = server.ask_admin("GET", "/_edge/state", &[], "");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

fn post(server: &Server, path: &str, body: Value) -> (u16, String) {
    server.ask_admin(
        "POST",
        &format!("/_edge/{path}"),
        &[JSON],
        &body.to_string(),
    )
}

#[test]
fn a_script_sees_and_moves_what_is_behind() {
    let (_folder, server) = serve();
    assert!(server.get("/everything", "").contains(r#""incr":1"#));
    let shown = state(&server);
    assert_eq!(shown["pops"], json!(["lon", "syd"]));
    assert_eq!(shown["caches"]["lon"]["entries"][0]["key"], "visits");
    let request = &shown["requests"][0];
    assert_eq!(
        (&request["uri"], &request["status"]),
        (&json!("/everything"), &json!(200))
    );
    let calls = request["calls"].as_array().unwrap();
    let is_get = |call: &Value| call["operation"] == Operation::KvGet.name();
    assert!(calls.iter().any(is_get), "{calls:?}");

    let now = shown["now_ms"].as_u64().unwrap();
    assert_eq!(
        post(&server, "clock", json!({ "advance_ms": 3_600_000 })).0,
        200
    );
    assert!(state(&server)["now_ms"].as_u64().unwrap() >= now + 3_600_000);

    let fault = json!({ "operation": "cache-sync.incr", "error": "internal-error" });
    assert_eq!(post(&server, "faults", fault).0, 200);
    assert_eq!(
        state(&server)["faults"],
        json!(["cache-sync.incr: internal-error, always"])
    );
    assert!(server.get("/everything", "").starts_with("HTTP/1.1 500 "));
    assert_eq!(server.ask_admin("DELETE", "/_edge/faults", &[], "").0, 200);
    assert!(server.get("/everything", "").contains(r#""incr":2"#));

    let change = json!([{ "key": "greeting", "datatype": "kv", "op": "add",
                          "payload": { "value": "new" } }]);
    assert_eq!(server.api("PUT", "/1/data", &change.to_string()).0, 200);
    let waiting = &state(&server)["on_their_way"];
    assert_eq!(waiting.as_array().unwrap().len(), 2, "{waiting}");
    assert_eq!(waiting[0]["arrives_at_ms"], Value::Null);
    let store = server.ask_admin("GET", "/_edge/store?id=1", &[], "").1;
    assert!(store.contains(r#""lagging":["lon","syd"]"#), "{store}");
    assert!(server.get("/everything", "").contains("<b>hello</b>"));
    assert_eq!(post(&server, "replicate", json!({})).0, 200);
    assert!(server.get("/everything", "").contains(r#""get":"new""#));

    assert_eq!(
        post(&server, "evict", json!({ "pop": "lon", "key": "visits" })).0,
        200
    );
    assert_eq!(state(&server)["caches"]["lon"]["count"], 0);
}

#[test]
fn what_it_does_not_take_it_refuses() {
    let (_folder, server) = serve();
    for (path, body, status, problem) in [
        (
            "clock",
            json!({ "advance": 1 }),
            400,
            "unknown field `advance`",
        ),
        (
            "faults",
            json!({ "operation": "cache.incr" }),
            400,
            "no operation is called",
        ),
        (
            "faults",
            json!({ "operation": "dictionary.get" }),
            400,
            "cannot fail",
        ),
        (
            "faults",
            json!({ "probability": 2 }),
            400,
            "between 0 and 1",
        ),
        (
            "evict",
            json!({ "pop": "par" }),
            400,
            "there is no location \"par\"",
        ),
        ("nothing", json!({}), 404, "there is nothing here to change"),
    ] {
        let (got, text) = post(&server, path, body);
        assert_eq!(got, status, "{path}: {text}");
        assert!(text.contains(problem), "{path}: {text}");
    }
    // A page of somebody else can send this without being asked.
    let form = [("content-type", "text/plain")];
    let (status, _) = server.ask_admin("POST", "/_edge/clock", &form, r#"{"advance_ms":1}"#);
    assert_eq!(status, 403);
    // A name of somebody else that leads here.
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
    ] {
        let (status, text) = server.ask_admin("GET", "/_edge/state", &[("host", host)], "");
        assert_eq!(status, 403, "{host}: {text}");
    }
    for host in ["localhost:1", "127.0.0.1:1", "[::1]:1", "shop.localhost"] {
        assert_eq!(
            server
                .ask_admin("GET", "/_edge/state", &[("host", host)], "")
                .0,
            200,
            "{host}"
        );
    }
}

/// Who is shown it by any name is still not made to send what it does not want.
#[test]
fn shown_to_all_it_takes_no_forms() {
    let folder = folder_with("probe", "");
    let arguments = ["app.wasm", "--port", "0", "--inspector-for-all"];
    let server = Server::start(folder.path(), &arguments);
    let host = ("host", "laptop.example");
    assert_eq!(server.ask_admin("GET", "/_edge/state", &[host], "").0, 200);
    let body = r#"{"advance_ms":1}"#;
    let form = [host, ("content-type", "text/plain")];
    assert_eq!(server.ask_admin("POST", "/_edge/clock", &form, body).0, 403);
    assert_eq!(
        server
            .ask_admin("POST", "/_edge/clock", &[host, JSON], body)
            .0,
        200
    );
}

/// A browser that is driven through WebDriver.
struct Browser {
    driver: Child,
    /// Kept open: a driver that cannot print ends.
    _stdout: BufReader<ChildStdout>,
    session: String,
    agent: ureq::Agent,
    url: String,
}

impl Browser {
    fn start() -> Option<Browser> {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = driver else {
            println!("skipped: chromedriver is not installed (Debian's package chromium-driver)");
            return None;
        };
        let mut stdout = BufReader::new(driver.stdout.take().unwrap());
        let lines = stdout.by_ref().lines().map_while(Result::ok);
        let port = lines
            .filter_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                Some(port.trim_end_matches('.').to_owned())
            })
            .next();
        let mut browser = Browser {
            driver,
            _stdout: stdout,
            session: String::new(),
            agent: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .build()
                .into(),
            url: format!("http://127.0.0.1:{}", port.unwrap()),
        };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1400,1000",
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let made = browser.post("/session", &wanted);
        browser.session = format!("/session/{}", made["sessionId"].as_str().unwrap());
        Some(browser)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{}{path}", self.url, self.session);
        let answer = self.agent.post(url).send(body.to_string());
        let text = answer.unwrap().into_body().read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        answer["value"].clone()
    }

    fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    fn click(&self, selector: &str) {
        let found = json!({ "using": "css selector", "value": selector });
        let element = self.post("/element", &found);
        let id = element
            .as_object()
            .and_then(|element| element.values().next());
        let id = id
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{selector}: {element}"));
        let clicked = self.post(&format!("/element/{id}/click"), &json!({}));
        assert_eq!(clicked, Value::Null, "{selector}");
    }

    /// Waits until a script answers true.
    fn wait_for(&self, script: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.run(&format!("return ({script})")) != json!(true) {
            let page = self.run("return document.body.innerText");
            assert!(
                Instant::now() < deadline,
                "waited in vain: {script}: {page}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _closed = self
                .agent
                .delete(format!("{}{}", self.url, self.session))
                .call();
        }
        let _ended = self.driver.kill();
        let _reaped = self.driver.wait();
    }
}

#[test]
fn the_page_shows_and_moves_what_is_behind() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (_folder, server) = serve();
    server.get("/everything", "");
    browser.post(
        "/url",
        &json!({ "url": format!("http://{}/_edge", server.admin) }),
    );
    // A request, and its calls when it is chosen.
    browser.wait_for("document.querySelectorAll('#requests tr.choice').length === 1");
    browser.click("#requests tr");
    browser.wait_for("document.getElementById('request').innerText.includes('key-value.get')");
    // A store's entries: what looks like HTML is text.
    browser.click("#stores tr");
    browser.wait_for("document.getElementById('store').innerText.includes('<b>hello</b>')");
    // The cache.
    browser.wait_for("document.getElementById('caches').innerText.includes('visits')");
    browser.click("#caches table button");
    browser.wait_for("document.getElementById('caches').innerText.includes('lon: 0 entries')");
    assert_eq!(state(&server)["caches"]["lon"]["count"], 0);
    // The clock.
    browser.click("[data-advance=\"3600000\"]");
    browser.wait_for("document.getElementById('clock').innerText.includes('(1.0 h ahead)')");
    // A fault, and none.
    browser.click("#fault button:not([type])");
    browser.wait_for(
        "document.getElementById('faults').innerText.includes('cache-sync: internal-error')",
    );
    assert!(server.get("/everything", "").starts_with("HTTP/1.1 500 "));
    browser.wait_for("document.getElementById('requests').innerText.includes('500')");
    browser.click("#clear-faults");
    browser.wait_for("document.getElementById('faults').innerText === ''");
    // What is held back, and released.
    let change = json!([{ "key": "greeting", "datatype": "kv", "op": "add",
                          "payload": { "value": "new" } }]);
    server.api("PUT", "/1/data", &change.to_string());
    browser.wait_for("document.getElementById('writes').innerText.includes('when released')");
    browser.wait_for("document.getElementById('store').innerText.includes('not yet in lon, syd')");
    browser.click("[data-post=\"replicate\"]");
    browser.wait_for("document.getElementById('writes').innerText.includes('everything')");
    // Nothing was complained of: no error of a script, and no breach of the page's policy.
    let log = browser.post("/se/log", &json!({ "type": "browser" }));
    assert_eq!(log, json!([]), "{log}");
    // A server that is gone is told.
    drop(server);
    browser.wait_for("document.getElementById('problem').innerText.includes('does not answer')");
}

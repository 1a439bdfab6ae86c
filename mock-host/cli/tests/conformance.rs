//! The contract, as components: on the simulated platform, and on a server, with a Redis behind it.

mod common;

use std::time::Duration;

use fastedge_conformance::{Abilities, MockTarget, Outcome, Profile, Report, Target, Write, run};
use fastedge_mock::config::Limits;
use fastedge_mock::wasm::App;
use fastedge_mock_host::{MockHost, Settings};
use http::{Request, Response};

/// The probe's component on the simulated platform.
struct AppTarget {
    app: App,
    edge: MockHost,
    kind: fastedge_conformance::Kind,
}

impl AppTarget {
    fn new(probe: &str, kind: fastedge_conformance::Kind) -> Self {
        let edge = MockTarget::edge(Settings::platform());
        let mut limits = Limits::PRO;
        limits.time = Duration::from_secs(10);
        let app = App::of(common::component(probe)).unwrap();
        AppTarget {
            app: app.on(&edge).limits(limits),
            edge,
            kind,
        }
    }
}

impl Target for AppTarget {
    fn abilities(&self) -> Abilities {
        let mut abilities = MockTarget::abilities_of_edge();
        abilities.component = true;
        abilities.limits = true;
        // A WASI-HTTP app takes any method, and any bytes.
        abilities.raw_http = self.kind == fastedge_conformance::Kind::Reactor;
        abilities
    }

    fn send(&mut self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String> {
        let outcome = self.app.request(request);
        Ok(outcome.response.map(|body| body.to_vec()))
    }

    fn send_elsewhere(&mut self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String> {
        let outcome = self.app.request_at("two", request);
        Ok(outcome.response.map(|body| body.to_vec()))
    }

    fn send_together(
        &mut self,
        requests: Vec<Request<Vec<u8>>>,
    ) -> Result<Vec<Response<Vec<u8>>>, String> {
        let app = &self.app;
        std::thread::scope(|scope| {
            let threads: Vec<_> = requests
                .into_iter()
                .map(|request| scope.spawn(|| app.request(request).response))
                .collect();
            let responses = threads.into_iter().map(|thread| thread.join().unwrap());
            Ok(responses
                .map(|response| response.map(|body| body.to_vec()))
                .collect())
        })
    }

    fn write(&mut self, write: Write<'_>) -> Result<(), String> {
        MockTarget::write_to(&self.edge, write);
        Ok(())
    }

    fn pass(&mut self, time: Duration) {
        self.edge.clock().advance(time);
    }
}

/// That nothing has failed, and that only this was skipped.
fn check(report: &Report, skipped: &[&str]) {
    println!("{report}");
    assert_eq!(report.failed(), 0);
    for case in &report.cases {
        if let Outcome::Skipped { why } = &case.outcome {
            assert!(skipped.contains(&&**why), "{}: {why}", case.name);
        }
    }
}

/// A body that is too large never comes to the app: that is the server's to see.
fn is_not_the_servers(case: &fastedge_conformance::Case) -> bool {
    case.name() != "limit-body-in"
}

#[test]
fn a_reactor_app_on_the_simulated_platform() {
    let mut target = AppTarget::new("conformance_probe", fastedge_conformance::Kind::Reactor);
    let report = run(&mut target, &Profile::platform(), is_not_the_servers);
    check(
        &report,
        &[
            "needs the platform's API",
            "needs time that passes by itself",
            "for WASI-HTTP apps",
        ],
    );
    assert!(report.passed() > 80, "{} cases", report.passed());
}

#[test]
fn a_wasi_http_app_on_the_simulated_platform() {
    let kind = fastedge_conformance::Kind::WasiHttp;
    let mut target = AppTarget::new("conformance_probe_wasi", kind);
    let report = run(&mut target, &Profile::platform(), is_not_the_servers);
    check(
        &report,
        &[
            "needs the platform's API",
            "needs time that passes by itself",
            "needs requests of any form",
            "for reactor apps",
            "the probe does not have this case",
        ],
    );
    assert!(report.passed() > 70, "{} cases", report.passed());
}

/// The command, the server, and what is behind it.
#[cfg(unix)]
mod served {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::path::Path;
    use std::process::Output;

    use fastedge_conformance::fixture;
    use serde_json::{Value, json};

    use super::common::redis::Redis;
    use super::common::server::{Server, command, folder_with};

    /// What answers the probe's requests.
    fn upstream() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                std::thread::spawn(move || {
                    let mut request = [0; 4096];
                    let _read = stream.read(&mut request).unwrap();
                    let answer = "HTTP/1.1 200 OK\r\nx-upstream: yes\r\ncontent-length: 8\r\n\
                                  connection: close\r\n\r\nupstream";
                    // Nobody may be there to read it.
                    let _written = stream.write_all(answer.as_bytes());
                });
            }
        });
        format!("http://{address}/")
    }

    /// Serves a probe, asks it, and answers what was said, case by case.
    fn conformance(probe: &str, expect: &str, redis: Option<&Redis>) -> Vec<Value> {
        let upstream = upstream();
        let allowed = upstream.trim_start_matches("http://").trim_end_matches('/');
        let mut toml = format!(
            "[limits]\nplan = \"pro\"\ntime_ms = 3000\n\n[outbound]\nallow = [{allowed:?}]\n\n\
             [edge]\npops = [\"one\", \"two\"]\n"
        );
        let folder = folder_with(probe, &toml);
        if let Some(redis) = redis {
            // The customer's own database is the account's before it is an app's.
            let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
            let store = json!({
                "name": fixture::STORE,
                "byod": { "url": redis.url(), "prefix": "probe:" },
            });
            assert_eq!(server.api("POST", "", &store.to_string()).0, 200);
            toml = format!("{toml}\n[cache]\nredis = {:?}\n", redis.url());
            redis.run::<()>(&["FLUSHALL"]);
        }
        let toml = format!("{toml}\n{}", fixture::to_toml());
        std::fs::write(folder.path().join("fastedge.toml"), toml).unwrap();
        let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
        let url = format!("http://{}", server.address);
        let arguments = [
            "conformance",
            "--json",
            "--target",
            &url,
            "--api",
            &server.api_url(),
            "--set-up",
            "--second-pop",
            "two",
            "--own-cache",
            "--exceed-limits",
            "--upstream",
            &upstream,
            "--expect",
            expect,
            "--patience",
            "36",
        ];
        let output = command(folder.path()).args(arguments).output().unwrap();
        let Output {
            status,
            stdout,
            stderr,
        } = output;
        let text = String::from_utf8(stdout).unwrap();
        let cases: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        for case in &cases {
            println!("{case}");
        }
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        cases
    }

    fn names<'a>(cases: &'a [Value], outcome: &str) -> Vec<&'a str> {
        let those = cases.iter().filter(|case| case["outcome"] == outcome);
        those.map(|case| case["name"].as_str().unwrap()).collect()
    }

    #[test]
    fn a_running_host_keeps_to_the_contract() {
        let cases = conformance("conformance_probe", "platform", None);
        assert_eq!(names(&cases, "failed"), [""; 0]);
        // Four days are too long to wait, and the probe is no WASI-HTTP app.
        let skipped = names(&cases, "skipped");
        assert_eq!(skipped, ["cache-ceiling", "app-absolute-form"]);
    }

    #[test]
    fn with_a_redis_behind_it_as_well() {
        let Some(redis) = Redis::start() else {
            return;
        };
        for probe in ["conformance_probe", "conformance_probe_wasi"] {
            let cases = conformance(probe, "redis", Some(&redis));
            assert_eq!(names(&cases, "failed"), [""; 0]);
            assert!(names(&cases, "passed").len() > 80);
        }
    }

    /// Somebody points it at something else, or at nobody.
    #[test]
    fn what_is_no_probe_is_told() {
        let folder = folder_with("hello", "");
        let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
        let url = format!("http://{}", server.address);
        let ask = |arguments: &[&str]| {
            let mut command = command(folder.path());
            let output = command.arg("conformance").args(arguments).output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            (output.status.success(), String::from_utf8(said).unwrap())
        };
        let (is_fine, said) = ask(&["--target", &url, "kv-open"]);
        assert!(!is_fine);
        assert!(
            said.contains("the target does not serve the probe"),
            "{said}"
        );
        drop(server);
        let (is_fine, said) = ask(&["--target", &url, "kv-open"]);
        assert!(!is_fine && said.contains("does not answer"), "{said}");
        let (is_fine, said) = ask(&["kv-opne"]);
        assert!(
            !is_fine && said.contains("no case begins with kv-opne"),
            "{said}"
        );
        let (is_fine, said) = ask(&["--list", "kv-o"]);
        assert!(is_fine);
        assert_eq!(
            said,
            "kv-open: KV-1, KvStore\nkv-other-types: KV-5\nkv-odd-bounds: KV-10\n"
        );
    }

    /// The probe's own configuration, with which it can be served in its folder.
    #[test]
    fn the_probes_configuration_is_the_fixtures() {
        let probe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance");
        for folder in ["probe", "probe_wasi"] {
            let toml = std::fs::read_to_string(probe.join(folder).join("fastedge.toml")).unwrap();
            assert!(
                toml.ends_with(&fixture::to_toml()),
                "{folder}:\n{}",
                fixture::to_toml()
            );
        }
    }
}

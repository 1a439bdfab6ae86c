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

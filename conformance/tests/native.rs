//! The contract natively: the simulated platform, and the probe as a function.

use fastedge_conformance::{MockTarget, Outcome, Profile, run};
use fastedge_mock_host::Settings;

#[test]
fn the_simulated_platform_does_what_the_contract_says() {
    let mut target = MockTarget::new(Settings::platform());
    let report = run(&mut target, &Profile::platform(), |_| true);
    println!("{report}");
    assert_eq!(report.failed(), 0);
    assert!(report.passed() > 60, "{} cases", report.passed());
    // What is skipped is what only a component can show, and the API, which a server has.
    for case in &report.cases {
        if let Outcome::Skipped { why } = &case.outcome {
            let known = [
                "needs a component",
                "needs the platform's API",
                "needs limits that may be exceeded",
                "needs requests of any form",
                "needs time that passes by itself",
                "for WASI-HTTP apps",
            ];
            assert!(known.contains(&why.as_str()), "{}: {why}", case.name);
        }
    }
}

/// The worst that the platform may do is within the contract, but for what it does to the patterns of the
/// cache: a call of theirs that fails is an error of the case, and no answer otherwise.
#[test]
fn the_stores_of_the_strict_platform_do_what_the_contract_says() {
    for seed in 0..20 {
        let mut target = MockTarget::new(Settings::strict(seed));
        let report = run(&mut target, &Profile::any(), |case| {
            case.name().starts_with("kv-")
        });
        assert_eq!(report.failed(), 0, "seed {seed}:\n{report}");
    }
}

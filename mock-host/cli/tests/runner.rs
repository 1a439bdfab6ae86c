//! Tests inside components: `fastedge-mock run` as cargo's runner for wasm32-wasip2.

use std::path::Path;
use std::process::{Command, Output};

/// Runs the tests of a package as components.
fn cargo_test(package: &str, arguments: &[&str]) -> (bool, String) {
    cargo_test_of(package, &["--lib", "--tests"], arguments)
}

fn cargo_test_of(package: &str, targets: &[&str], arguments: &[&str]) -> (bool, String) {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("runner");
    let installed = Command::new("rustup")
        .args(["target", "add", "wasm32-wasip2"])
        .status();
    assert!(installed.is_ok_and(|status| status.success()));
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .current_dir(workspace)
        .args(["test", "--target", "wasm32-wasip2", "--package", package])
        .args(targets)
        .arg("--target-dir")
        .arg(target)
        .args(arguments)
        .env(
            "CARGO_TARGET_WASM32_WASIP2_RUNNER",
            format!("{} run", env!("CARGO_BIN_EXE_fastedge-mock")),
        )
        .output()
        .unwrap();
    let text = [stdout, stderr].concat();
    (status.success(), String::from_utf8(text).unwrap())
}

/// The very tests that run natively elsewhere.
#[test]
fn the_tests_of_an_example_pass_as_components() {
    let (passed, text) = cargo_test("page_views", &[]);
    assert!(passed, "{text}");
    assert!(text.contains("running 3 tests\n"), "{text}");
    assert!(
        text.contains("test tests::counts_on_from_what_is_stored ... ok\n"),
        "{text}"
    );
    assert!(
        text.contains("test result: ok. 3 passed; 0 failed; 0 ignored"),
        "{text}"
    );
    let (passed, text) = cargo_test("page_views", &["--", "counts_from_zero"]);
    assert!(
        passed && text.contains("test result: ok. 1 passed"),
        "{text}"
    );
}

#[test]
fn each_test_has_an_instance_and_an_edge_of_its_own_and_controls_it() {
    let (passed, text) = cargo_test_of("wasm_tests", &["--test", "controlled"], &[]);
    assert!(passed, "{text}");
    assert!(
        text.contains("test result: ok. 8 passed; 0 failed; 4 ignored"),
        "{text}"
    );
}

/// Hashes, integers and texts are the same there as natively.
#[test]
fn packed_lists_agree_with_their_models_in_webassembly() {
    let (passed, text) = cargo_test_of("wasm_tests", &["--test", "blocklist"], &[]);
    assert!(passed, "{text}");
    assert!(
        text.contains("test result: ok. 15 passed; 0 failed; 0 ignored"),
        "{text}"
    );
}

#[test]
fn a_test_that_fails_says_why_and_what_it_had_called() {
    let ignored = ["--", "--ignored"];
    let (passed, text) = cargo_test_of("wasm_tests", &["--test", "controlled"], &ignored);
    assert!(!passed, "{text}");
    for wanted in [
        "test fails_on_purpose ... FAILED\n",
        "test exits_on_purpose ... FAILED\n",
        "test passes_when_it_is_asked_to ... ok\n",
        "on purpose\n",
        "printed before\n",
        "exited with status 1\n",
        "The calls of the host so far:\nkey-value.open             pages \"\"\n\
         key-value.get              pages \"home\", 5 B received\n",
        "failures:\n    exits_on_purpose\n    fails_on_purpose\n",
        "test result: FAILED. 1 passed; 2 failed; 0 ignored",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}

/// The interface by which a test controls its edge is the same on both of its sides.
#[test]
fn the_control_interface_is_one() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file| std::fs::read_to_string(here.join(file)).unwrap();
    assert_eq!(read("wit-control/control.wit"), read("../wit/control.wit"));
}

#[test]
fn a_program_that_is_no_test_is_run() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("no-program.wasm");
    std::fs::write(&file, "text").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_fastedge-mock"))
        .arg("run")
        .arg(&file)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("not a valid component"), "{stderr}");
}

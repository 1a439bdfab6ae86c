//! What a user's dev-dependencies weigh.

use std::process::Command;

#[test]
fn the_mock_host_brings_neither_a_wasm_runtime_nor_an_async_one() {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--package",
            "fastedge-mock-host",
            "--edges",
            "normal,build",
        ])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("fastedge-host "), "{tree}");
    for heavy in ["wasmtime", "tokio", "hyper", "serde", "fastedge-sdk"] {
        assert!(
            !tree.lines().any(|package| package.starts_with(heavy)),
            "{heavy} is among:\n{tree}"
        );
    }
}

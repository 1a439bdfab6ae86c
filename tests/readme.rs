//! The README's app and its test, compiled and run as they stand there.

use std::path::Path;
use std::process::Command;

/// The blocks of a language in a Markdown text.
fn blocks<'a>(markdown: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    markdown
        .split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect()
}

#[test]
fn the_app_and_its_test_work_as_copied() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(workspace.join("README.md")).unwrap();
    let rust = blocks(&readme, "rust");
    let toml = blocks(&readme, "toml");
    let ([app, test], manifest) = (rust.as_slice(), toml[0]) else {
        panic!("an app and a test are wanted, not {} blocks", rust.len());
    };

    // The published packages are those of this checkout.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let here = workspace.display();
    let manifest = format!(
        "{manifest}\n[workspace]\n\n[patch.crates-io]\n\
         fastedge-sdk = {{ path = {here:?} }}\n\
         fastedge-mock-host = {{ path = \"{here}/mock-host\" }}\n\
         fastedge-host = {{ path = \"{here}/host\" }}\n\
         fastedge-macros = {{ path = \"{here}/macros\" }}\n",
        here = here.to_string()
    );
    std::fs::create_dir_all(folder.join("src")).unwrap();
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.join("src/lib.rs"), format!("{app}\n{test}")).unwrap();
    std::fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    // As a user whose package builds for WebAssembly by default, too.
    std::fs::create_dir_all(folder.join(".cargo")).unwrap();
    std::fs::write(
        folder.join(".cargo/config.toml"),
        "[build]\ntarget = \"wasm32-wasip2\"\n",
    )
    .unwrap();
    let host = Command::new("rustc")
        .args(["--print", "host-tuple"])
        .output()
        .unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .args(["--target-dir", "target"])
            .env("RUSTFLAGS", "-D warnings")
            .current_dir(&folder)
            .output()
            .unwrap();
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success(), "cargo {arguments:?}: {text}");
        text
    };
    let text = cargo(&["test", "--lib", "--target", host.trim()]);
    assert!(
        text.contains("test a_page_is_shown_with_its_views ... ok"),
        "{text}"
    );
    cargo(&["build", "--release"]);
    assert!(
        folder
            .join("target/wasm32-wasip2/release/my_app.wasm")
            .is_file()
    );
}

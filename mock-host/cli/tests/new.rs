//! `fastedge-mock new`: what it makes works as it is, by its own README's commands.
#![cfg(unix)]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::server::command;

fn said(output: &Output) -> String {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

/// Runs one of the app's own commands, with the command that is being tested in the path.
fn run(app: &Path, program: &str, arguments: &[&str]) -> Output {
    let mock = Path::new(env!("CARGO_BIN_EXE_fastedge-mock"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", mock.parent().unwrap().display());
    Command::new(program)
        .args(arguments)
        .env("PATH", path)
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("new"),
        )
        .env_remove("RUSTFLAGS")
        .current_dir(app)
        .output()
        .unwrap()
}

#[test]
fn a_new_app_passes_its_tests_natively_and_as_components_and_answers_its_requests() {
    let folder = tempfile::tempdir().unwrap();
    let made = command(folder.path())
        .args(["new", "my-app"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", said(&made));
    assert!(said(&made).contains("cd my-app"), "{}", said(&made));
    let app = folder.path().join("my-app");
    // The versions that are known to build here.
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    std::fs::copy(lock, app.join("Cargo.lock")).unwrap();

    let readme = std::fs::read_to_string(app.join("README.md")).unwrap();
    assert!(readme.starts_with("# my-app\n"), "{readme}");
    let block = readme.split("```sh\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap();
    let commands: Vec<Vec<&str>> = block
        .lines()
        .map(|line| line.split('#').next().unwrap().split_whitespace().collect())
        .collect();
    assert_eq!(commands.len(), 2, "{block}");
    for words in commands {
        let output = run(&app, words[0], &words[1..]);
        assert!(output.status.success(), "{words:?}: {}", said(&output));
        assert!(
            said(&output).contains("3 passed"),
            "{words:?}: {}",
            said(&output)
        );
    }

    let output = run(&app, "fastedge-mock", &["test", "."]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("3 passed, 0 failed"),
        "{}",
        said(&output)
    );
    for arguments in [
        ["fmt", "--check"].as_slice(),
        &["clippy", "--all-targets", "--", "-D", "warnings"],
    ] {
        let output = run(&app, "cargo", arguments);
        assert!(output.status.success(), "{}", said(&output));
    }
}

#[test]
fn nothing_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let new = |arguments: &[&str]| {
        let output = command(folder.path()).arg("new").args(arguments).output();
        let output = output.unwrap();
        (output.status.success(), said(&output))
    };
    std::fs::create_dir(folder.path().join("full")).unwrap();
    std::fs::write(folder.path().join("full/file"), "mine").unwrap();
    let (is_fine, said) = new(&["full"]);
    assert!(
        !is_fine && said.contains("not empty: nothing is written"),
        "{said}"
    );
    let (is_fine, said) = new(&["2048"]);
    assert!(
        !is_fine && said.contains("cannot be a package's name"),
        "{said}"
    );
    let (is_fine, said) = new(&["2048", "--name", "game"]);
    assert!(is_fine, "{said}");
    let manifest = std::fs::read_to_string(folder.path().join("2048/Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"game\""), "{manifest}");
    let (is_fine, said) = new(&["other", "--sdk", "full"]);
    assert!(
        !is_fine && said.contains("no checkout of the SDK"),
        "{said}"
    );
    assert!(!folder.path().join("other").exists());
}

/// Whatever is in the template is in the app, and nothing is left to be filled in.
#[test]
fn all_of_the_template_is_there() {
    fn files(folder: &Path, all: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => files(&path, all),
                false => all.push(path),
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let made = command(folder.path())
        .args(["new", "app"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", said(&made));
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("template");
    let mut wanted = Vec::new();
    files(&template, &mut wanted);
    assert!(wanted.len() > 8, "{wanted:?}");
    for file in wanted {
        let name = file.strip_prefix(&template).unwrap();
        if name == Path::new("cargo-generate.toml") {
            continue;
        }
        let text = std::fs::read_to_string(folder.path().join("app").join(name)).unwrap();
        assert!(!text.contains("{{project-name}}"), "{}", name.display());
    }
}

//! `fastedge-mock inspect`: what a component is, and what it will need on the platform.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::Error;
use super::out::Out;
use crate::wasm::{Interface, Portrait};

/// The largest component that the platform takes, about.
const MAX_COMPONENT_BYTES: usize = 50_000_000;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// A component, or a core module for wasip1.
    file: PathBuf,

    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<ExitCode, Error> {
        let mut out = Out::new();
        let name = self.file.display();
        let binary = std::fs::read(&self.file).map_err(|error| format!("{name}: {error}"))?;
        let portrait = Portrait::of(&binary).map_err(|error| format!("{name}: {error}"))?;
        let needs = needs(&portrait.imports);
        let problems = problems(&portrait, binary.len());
        if self.json {
            let list = |interfaces: &[Interface]| -> Vec<Value> {
                let interfaces = interfaces.iter();
                interfaces
                    .map(|one| json!({ "name": one.name, "functions": one.functions }))
                    .collect()
            };
            let answer = json!({
                "file": name.to_string(),
                "kind": portrait.kind.map(|kind| kind.to_string()),
                "is_core_module": portrait.is_core_module,
                "bytes": binary.len(),
                "exports": list(&portrait.exports),
                "imports": list(&portrait.imports),
                "needs": needs,
                "problems": problems,
            });
            out.line(&answer)?;
            return Ok(status(&problems));
        }
        let kind = match portrait.kind {
            Some(kind) => format!("a {kind} app"),
            None => "not an app".to_owned(),
        };
        let form = match portrait.is_core_module {
            true => "a core module for wasip1, which the platform wraps",
            false => "a component",
        };
        out.line(&format!("{name}: {kind}, {form}, {} bytes", binary.len()))?;
        section(&mut out, "exports", &portrait.exports)?;
        section(&mut out, "imports", &portrait.imports)?;
        for (title, lines) in [("needs", &needs), ("problems", &problems)] {
            if !lines.is_empty() {
                out.line(&format!("\n{title}"))?;
            }
            for line in lines {
                out.line(&format!("  {line}"))?;
            }
        }
        Ok(status(&problems))
    }
}

/// A script is to notice what would go wrong.
fn status(problems: &[String]) -> ExitCode {
    match problems {
        [] => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn section(out: &mut Out, title: &str, interfaces: &[Interface]) -> Result<(), Error> {
    out.line(&format!("\n{title}"))?;
    for interface in interfaces {
        let functions = interface.functions.join(", ");
        out.line(&format!("  {:44} {functions}", interface.name))?;
    }
    Ok(())
}

/// What has to be set up for the app on the platform.
fn needs(imports: &[Interface]) -> Vec<String> {
    [
        (
            "gcore:fastedge/key-value",
            "Edge Storage: link each store to the app, under the name that it opens",
        ),
        (
            "gcore:fastedge/cache-sync",
            "the cache: a plan that has it; without it every call answers access-denied",
        ),
        (
            "gcore:fastedge/secret",
            "secrets: link each to the app, under the name that it reads",
        ),
        (
            "gcore:fastedge/dictionary",
            "variables: set each that it reads",
        ),
        (
            "gcore:fastedge/http-client",
            "outbound requests: 5 for each request on the basic plan, 20 on the pro plan",
        ),
        (
            "wasi:http/outgoing-handler",
            "outbound requests: 5 for each request on the basic plan, 20 on the pro plan",
        ),
    ]
    .into_iter()
    .filter(|(name, _)| imports.iter().any(|import| import.name.starts_with(name)))
    .map(|(_, need)| need.to_owned())
    .collect()
}

/// What would go wrong on the platform.
fn problems(portrait: &Portrait, bytes: usize) -> Vec<String> {
    let mut problems = Vec::new();
    if portrait.kind.is_none() {
        problems.push(
            "it handles no requests: it exports neither gcore:fastedge/http-handler nor \
             wasi:http/incoming-handler"
                .to_owned(),
        );
    }
    if bytes > MAX_COMPONENT_BYTES {
        problems.push("it is larger than the about 50 MB that the platform takes".to_owned());
    }
    for import in &portrait.imports {
        if let Some(problem) = problem_of(&import.name) {
            problems.push(format!("{}: {problem}", import.name));
        }
    }
    problems
}

fn problem_of(import: &str) -> Option<&'static str> {
    const PLATFORM: [&str; 7] = [
        "http",
        "http-client",
        "dictionary",
        "secret",
        "key-value",
        "utils",
        "cache-sync",
    ];
    const TYPES: &str = "cache-types";
    if let Some(interface) = import.strip_prefix("gcore:fastedge/") {
        return match interface {
            known if PLATFORM.contains(&known) || known == TYPES => None,
            versioned if versioned.contains('@') => {
                Some("the platform's interfaces have no version: it would not link (530/3000)")
            }
            _ => Some("the platform has no such interface: it would not link (530/3000)"),
        };
    }
    match import.strip_prefix("wasi:") {
        Some(interface) if interface.contains("@0.2.") => {
            const WASI: [&str; 7] = [
                "cli",
                "clocks",
                "filesystem",
                "http",
                "io",
                "random",
                "sockets",
            ];
            let package = interface.split('/').next().unwrap_or_default();
            (!WASI.contains(&package))
                .then_some("the platform has no such interface: it would not link (530/3000)")
        }
        Some(_) => Some("the platform has WASI 0.2 only: it would not link (530/3000)"),
        None => Some("the platform has no such interface: it would not link (530/3000)"),
    }
}

#[cfg(test)]
mod tests {
    use super::problem_of;

    #[test]
    fn what_the_platform_has_not_is_told() {
        for fine in [
            "gcore:fastedge/key-value",
            "gcore:fastedge/cache-types",
            "wasi:io/streams@0.2.12",
            "wasi:http/outgoing-handler@0.2.0",
        ] {
            assert_eq!(problem_of(fine), None, "{fine}");
        }
        for missing in [
            "gcore:fastedge/key-value@0.1.0",
            "gcore:fastedge/queue",
            "wasi:keyvalue/store@0.2.0-draft",
            "wasi:io/streams@0.3.0",
            "acme:shop/cart",
        ] {
            assert!(problem_of(missing).is_some(), "{missing}");
        }
    }
}

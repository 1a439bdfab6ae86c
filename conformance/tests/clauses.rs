//! No clause without a case or a test, no case without a clause, no helper without a case.

use std::collections::BTreeSet;
use std::path::Path;

use fastedge_conformance::{Profile, all};

fn project_file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// The clauses of the contract, and what proves each.
fn clauses() -> Vec<(String, String)> {
    let contract = project_file("docs/host-contract.md");
    let rows = contract.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let name = cells.next()?.to_owned();
        let is_clause = name.contains('-') && name.ends_with(|c: char| c.is_ascii_digit());
        let proof = cells.last()?.trim_end_matches(" |").to_owned();
        is_clause.then_some((name, proof))
    });
    rows.collect()
}

#[test]
fn every_clause_has_a_case_or_names_the_tests_that_hold_it() {
    let clauses = clauses();
    assert!(clauses.len() > 50, "{} clauses", clauses.len());
    let covered: BTreeSet<&str> = all().flat_map(|case| case.clauses()).copied().collect();
    for (clause, proof) in &clauses {
        if proof == "cases" {
            assert!(covered.contains(&**clause), "{clause} has no case");
            continue;
        }
        for file in proof.split(", ") {
            let file = file.trim_matches('`');
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
            assert!(file.is_file(), "{clause}: {}", file.display());
        }
    }
    let known: BTreeSet<&str> = clauses.iter().map(|(clause, _)| &**clause).collect();
    for case in all() {
        for clause in case.clauses() {
            assert!(
                known.contains(clause),
                "{}: there is no {clause}",
                case.name()
            );
        }
    }
}

#[test]
fn every_case_has_a_name_of_its_own_and_a_purpose() {
    let mut names = BTreeSet::new();
    for case in all() {
        assert!(names.insert(case.name()), "{} twice", case.name());
        let has_purpose = !case.clauses().is_empty() || !case.helpers().is_empty();
        assert!(has_purpose, "{} is for nothing", case.name());
    }
    for profile in [Profile::platform(), Profile::redis()] {
        for case in profile.cases() {
            assert!(names.contains(case), "there is no case {case}");
        }
    }
}

/// What the README lists of the SDK.
#[test]
fn every_public_helper_has_a_case() {
    let readme = project_file("README.md");
    let (_, table) = readme.split_once("| in the SDK (").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let covered: BTreeSet<&str> = all().flat_map(|case| case.helpers()).copied().collect();
    let mut helpers = 0;
    for row in table.lines().skip(2) {
        let cell = row.trim_start_matches("| ").split(" | ").next().unwrap();
        if cell.starts_with("features: ") {
            continue;
        }
        for helper in cell.split(", ") {
            let helper = helper.trim_matches('`');
            assert!(covered.contains(helper), "no case is for `{helper}`");
            helpers += 1;
        }
    }
    assert!(helpers > 30, "{helpers} helpers");
}

//! No example grows unnoticed: each has a budget for its component, as cargo builds it.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::component;

#[test]
fn every_example_is_within_its_budget() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let budgets = std::fs::read_to_string(examples.join("sizes.toml")).unwrap();
    let budgets: BTreeMap<String, usize> = budgets
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, budget)| (name.to_owned(), budget.replace('_', "").parse().unwrap()))
        .collect();
    let folders = std::fs::read_dir(&examples).unwrap();
    let names = folders
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let names = names.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let sizes: BTreeMap<String, usize> = names
        .map(|name| {
            let size = component(&name).len();
            (name, size)
        })
        .collect();
    let known: Vec<_> = budgets.keys().collect();
    assert_eq!(sizes.keys().collect::<Vec<_>>(), known);
    let mut problems = Vec::new();
    for (name, size) in &sizes {
        let budget = budgets[name];
        if *size > budget {
            problems.push(format!("{name}: {size} bytes, and its budget is {budget}"));
        }
        // A budget that is far away guards nothing.
        if *size * 5 < budget * 4 {
            problems.push(format!(
                "{name}: {size} bytes: its budget of {budget} can be less"
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

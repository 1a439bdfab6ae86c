//! The corpora, on stable: what has been looked at once is looked at each time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fastedge_fuzz::TARGETS;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn every_target_has_a_corpus_and_a_program() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&corpus()), targets);
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
    let programs: BTreeSet<String> = names(&programs)
        .iter()
        .map(|file| file.trim_end_matches(".rs").to_owned())
        .collect();
    assert_eq!(programs, targets);
}

#[test]
fn the_corpora_find_nothing() {
    for (name, target) in TARGETS {
        let folder = corpus().join(name);
        let inputs = names(&folder);
        assert!(!inputs.is_empty(), "{name} has no corpus");
        for input in inputs {
            println!("{name}/{input}");
            target(&std::fs::read(folder.join(input)).unwrap());
        }
    }
}

/// What is in the corpora, cut short at each of its first bytes: most formats break at their ends.
#[test]
fn what_is_cut_short_finds_nothing() {
    for (name, target) in TARGETS {
        // These read files, which takes its time.
        if matches!(*name, "config" | "dotenv") {
            continue;
        }
        let folder = corpus().join(name);
        for input in names(&folder) {
            println!("{name}/{input}");
            let bytes = std::fs::read(folder.join(input)).unwrap();
            for end in 0..bytes.len().min(48) {
                target(&bytes[..end]);
            }
        }
    }
}

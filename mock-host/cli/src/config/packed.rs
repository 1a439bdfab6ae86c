//! `[stores.<name>.packed]`: lists and tables, packed when the configuration is read.

use fastedge_pack::{Action, Packed, Subject};

use super::error::ConfigError;
use super::node::{Node, Table};
use crate::pack::{Recipe, SUBJECTS, Source, subject};

/// The list that a table describes, and the number of its generation.
///
/// The number follows from what is in the list: another list has other keys.
pub(super) fn read(node: &Node<'_>) -> Result<(Packed, u32), ConfigError> {
    let table = node.table()?;
    let recipe = recipe(&table)?;
    let failed = |error: &dyn std::fmt::Display| node.error(error.to_string());
    for source in &recipe.sources {
        node.source().note(&source.path);
    }
    let files = recipe.files().map_err(|error| failed(&error))?;
    for file in &files {
        node.source().note(&file.path);
    }
    let mut problem = None;
    let read = recipe.read(
        &files,
        &mut |unusable| {
            problem.get_or_insert(unusable);
        },
        &|_| {},
    );
    let (rules, _) = read.map_err(|error| failed(&error))?;
    if let Some(problem) = problem {
        let is_strict = match table.get("strict") {
            Some(truth) => truth.truth()?,
            None => true,
        };
        if is_strict {
            let hint = "`strict = false` packs the other lines";
            return Err(failed(&format!("{problem} ({hint})")));
        }
    }
    let packed = rules.pack().map_err(|error| failed(&error))?;
    if packed.entries() == 0 {
        return Err(node.error("nothing is listed in it"));
    }
    let digest = packed.digest();
    let generation = digest.bytes().fold(0_u32, |sum, digit| {
        sum.wrapping_mul(31).wrapping_add(u32::from(digit))
    });
    Ok((packed, 1 + generation % (1 << 20)))
}

/// `{ addresses = "file" }` or `{ table = "file", by = "text" }`, and what goes with it.
fn recipe(table: &Table<'_>) -> Result<Recipe, ConfigError> {
    let mut known: Vec<_> = SUBJECTS.iter().map(|(name, _)| *name).collect();
    let given: Vec<_> = known
        .iter()
        .filter_map(|name| Some((*name, table.get(name)?)))
        .collect();
    known.extend([
        "table",
        "by",
        "allow",
        "except",
        "tag",
        "tag_column",
        "separator",
        "strict",
    ]);
    table.only(&known)?;
    let (subject, files) = match (given.as_slice(), table.get("table")) {
        ([], Some(files)) => (table_subject(table)?, files),
        ([(name, files)], None) => (list_subject(name, files)?, files.clone()),
        _ => {
            return Err(table.error(
                "give exactly one of `addresses`, `domains`, `paths`, `tokens`, `asns`, `countries` and `table`: the \
                 files of which the list is made",
            ));
        }
    };
    if let Some(by) = table.get("by").or(table.get("separator"))
        && table.get("table").is_none()
    {
        return Err(by.error("this is for tables"));
    }
    if let (Some(tag), Some(_)) = (table.get("tag"), table.get("tag_column")) {
        return Err(tag.error("one of `tag` and `tag_column` says what the tags are"));
    }
    let tag = match table.get("tag") {
        Some(tag) => tag.integer("a number of 0 to 255")?,
        None => 0,
    };
    let mut sources = sources(&files, Action::Deny { tag })?;
    for (name, action) in [("allow", Action::Allow), ("except", Action::Except)] {
        if let Some(files) = table.get(name) {
            sources.extend(self::sources(&files, action)?);
        }
    }
    let tag_column = match table.get("tag_column") {
        Some(truth) => truth.truth()?,
        None => false,
    };
    let separator = match table.get("separator") {
        Some(node) => {
            let mut letters = node.text()?.chars();
            match (letters.next(), letters.next()) {
                (Some(separator), None) => separator,
                _ => return Err(node.error("one character is wanted")),
            }
        }
        None => '\t',
    };
    Ok(Recipe {
        subject,
        sources,
        tag_column,
        separator,
    })
}

fn list_subject(name: &str, node: &Node<'_>) -> Result<Subject, ConfigError> {
    let found = SUBJECTS.iter().find(|(one, _)| *one == name);
    found
        .map(|(_, subject)| *subject)
        .ok_or_else(|| node.error("there are no such lists"))
}

fn table_subject(table: &Table<'_>) -> Result<Subject, ConfigError> {
    for name in ["allow", "except", "tag", "tag_column"] {
        if let Some(node) = table.get(name) {
            return Err(node.error("this is for lists: a table has keys and values"));
        }
    }
    match table.get("by") {
        None => Ok(Subject::TableByText),
        Some(by) => subject(by.text()?)
            .ok_or_else(|| by.error("one of `text`, `address`, `domain` and `path` is wanted")),
    }
}

/// A file, or several.
fn sources(node: &Node<'_>, action: Action) -> Result<Vec<Source>, ConfigError> {
    let paths = match node.list() {
        Ok(nodes) => nodes
            .iter()
            .map(Node::path)
            .collect::<Result<Vec<_>, _>>()?,
        Err(_) => vec![node.path()?],
    };
    Ok(paths
        .into_iter()
        .map(|path| Source { path, action })
        .collect())
}

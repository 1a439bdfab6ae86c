//! A table of a report: for a terminal, and in Markdown.

use std::fmt;

/// What was measured, row by row, beside what it is compared with.
#[derive(Debug)]
pub(crate) struct Table {
    title: String,
    note: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(title: &str, note: &str, columns: [&str; N]) -> Self {
        Table {
            title: title.to_owned(),
            note: note.to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    /// Something and what it is compared with, and their ratio.
    pub(crate) fn compare(&mut self, what: &str, peer: f64, ours: f64) {
        let ratio = format!("{:.3}", ours / peer);
        self.row([what.to_owned(), number(peer), number(ours), ratio]);
    }

    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let mut text = format!("## {}\n\n{}\n\n", self.title, self.note);
        text += &line(&self.columns);
        let rules = (0..self.columns.len()).map(|at| match at {
            0 => "---".to_owned(),
            _ => "---:".to_owned(),
        });
        text += &line(&rules.collect::<Vec<_>>());
        self.rows.iter().for_each(|row| text += &line(row));
        text
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = || std::iter::once(&self.columns).chain(&self.rows);
        let width = |at: usize| {
            let lengths = all().filter_map(|row| row.get(at));
            lengths.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        writeln!(f, "{}", self.title)?;
        for row in all() {
            for (at, cell) in row.iter().enumerate() {
                match at {
                    0 => write!(f, "{cell:width$}", width = width(at))?,
                    _ => write!(f, "  {cell:>width$}", width = width(at))?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A number as a person reads it: with groups, and as many places as tell something.
pub(crate) fn number(number: f64) -> String {
    if number.abs() < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{:.0}", number.abs());
    let mut text = String::from(if number < 0.0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

//! What is wrong in a document of flagd.
//!
//! It checks what flagd's JSON schema asks for, with messages that a schema does not have, and what no schema
//! can say: variants that do not exist, references to nothing, shares that nobody gets.

mod document;
mod outcome;
mod problem;
mod targeting;

use jsonc_parser::ast::Value;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use self::problem::Report;
pub use self::problem::{Level, Problem};

/// The problems of a document, in its order.
pub fn document(text: &str) -> Vec<Problem> {
    checked(text, |root, report| {
        document::check(root, text.chars().count(), report)
    })
}

/// The problems of a rule by itself, of which neither the variants nor `$evaluators` are known.
pub fn targeting(text: &str) -> Vec<Problem> {
    checked(text, targeting::check_top)
}

fn checked(text: &str, check: impl Fn(&Value<'_>, &mut Report<'_>)) -> Vec<Problem> {
    let mut report = Report::new(text);
    // Strictly, and with what is usual to say.
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or(&message);
        report.at_byte_of_line(error.line(), error.column(), format!("not JSON: {what}"));
        return report.problems();
    }
    // What an app would not read is not published.
    if let Err(error) = fastedge::flags::minify(text.as_bytes()) {
        let message = error.to_string();
        let place = message
            .split("at byte ")
            .nth(1)
            .and_then(|rest| rest.split(':').next());
        let byte = place.and_then(|place| place.parse().ok()).unwrap_or(0);
        report.at_byte(byte, message);
        return report.problems();
    }
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::Off,
        tokens: false,
    };
    match parse_to_ast(text, &collect, &ParseOptions::default()) {
        Ok(parsed) => match parsed.value {
            Some(root) => check(&root, &mut report),
            None => report.at_byte(0, "there is nothing".to_owned()),
        },
        Err(error) => report.at_byte(error.range().start, error.kind().to_string()),
    }
    report.problems()
}

//! As much of Gherkin as the features of flagd's test bed are written in.

use std::collections::BTreeMap;

/// A scenario whose placeholders are filled in.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// Those of the feature, the scenario and the examples, with their `@`.
    pub(crate) tags: Vec<String>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Without `Given`, `When` and the like.
    pub(crate) text: String,
    /// The rows of its table.
    pub(crate) table: Vec<Vec<String>>,
}

/// The scenarios of a feature, outlines with each of their examples.
pub(crate) fn scenarios(feature: &str) -> Vec<Scenario> {
    let mut parser = Parser::default();
    for line in feature.lines().map(str::trim) {
        parser.line(line);
    }
    parser.finish_scenario();
    parser.scenarios
}

#[derive(Default)]
struct Parser {
    scenarios: Vec<Scenario>,
    feature_tags: Vec<String>,
    pending_tags: Vec<String>,
    background: Vec<Step>,
    in_background: bool,
    current: Option<Scenario>,
    is_outline: bool,
    /// Tables of examples, each with its tags.
    examples: Vec<(Vec<String>, Vec<Vec<String>>)>,
}

impl Parser {
    fn line(&mut self, line: &str) {
        if line.is_empty() || line.starts_with('#') {
        } else if line.starts_with('@') {
            self.pending_tags
                .extend(line.split_whitespace().map(str::to_owned));
        } else if line.starts_with("Feature:") {
            self.feature_tags = std::mem::take(&mut self.pending_tags);
        } else if line.starts_with("Background:") {
            self.in_background = true;
        } else if let Some(name) = line.strip_prefix("Scenario Outline:") {
            self.begin(name, true);
        } else if let Some(name) = line.strip_prefix("Scenario:") {
            self.begin(name, false);
        } else if line.starts_with("Examples:") {
            let tags = std::mem::take(&mut self.pending_tags);
            self.examples.push((tags, Vec::new()));
        } else if line.starts_with('|') {
            self.row(line);
        } else {
            let keywords = ["Given ", "When ", "Then ", "And ", "But "];
            let text = keywords
                .iter()
                .find_map(|keyword| line.strip_prefix(keyword));
            let text = text.unwrap_or_else(|| panic!("what is {line:?}?"));
            let step = Step {
                text: text.to_owned(),
                table: Vec::new(),
            };
            self.steps().push(step);
        }
    }

    fn begin(&mut self, name: &str, is_outline: bool) {
        // Tags before it are its own.
        let tags = std::mem::take(&mut self.pending_tags);
        self.finish_scenario();
        self.in_background = false;
        self.is_outline = is_outline;
        self.current = Some(Scenario {
            name: name.trim().to_owned(),
            tags: [self.feature_tags.clone(), tags].concat(),
            steps: self.background.clone(),
        });
    }

    fn row(&mut self, line: &str) {
        let cells = line.trim_matches('|').split('|');
        let row: Vec<String> = cells
            .map(|cell| cell.trim().replace("\\\"", "\""))
            .collect();
        match self.examples.last_mut() {
            Some((_, rows)) => rows.push(row),
            None => {
                let step = self.steps().last_mut().expect("a table belongs to a step");
                step.table.push(row);
            }
        }
    }

    fn steps(&mut self) -> &mut Vec<Step> {
        match &mut self.current {
            Some(scenario) if !self.in_background => &mut scenario.steps,
            _ => &mut self.background,
        }
    }

    fn finish_scenario(&mut self) {
        let examples = std::mem::take(&mut self.examples);
        let Some(scenario) = self.current.take() else {
            return;
        };
        if !self.is_outline {
            self.scenarios.push(scenario);
            return;
        }
        for (tags, rows) in examples {
            let (header, rows) = rows.split_first().expect("examples have a header");
            for row in rows {
                let values: BTreeMap<&str, &str> = header
                    .iter()
                    .map(String::as_str)
                    .zip(row.iter().map(String::as_str))
                    .collect();
                let filled = |text: &str| {
                    let mut text = text.to_owned();
                    for (name, value) in &values {
                        text = text.replace(&format!("<{name}>"), value);
                    }
                    text
                };
                let mut one = scenario.clone();
                one.name = format!("{} {row:?}", one.name);
                one.tags.extend(tags.clone());
                for step in &mut one.steps {
                    step.text = filled(&step.text);
                }
                self.scenarios.push(one);
            }
        }
    }
}

#[test]
fn outlines_become_scenarios() {
    let scenarios = scenarios(
        r#"
        @all
        Feature: f
          Background:
            Given an evaluator
          @one
          Scenario: plain
            When x
              | a | b |
          Scenario Outline: many
            # a comment
            Then "<v>" is "<w>"
            @ex
            Examples: first
              | v | w      |
              | 1 | {\"a\"} |
              | 2 |        |
        "#,
    );
    assert_eq!(scenarios.len(), 3);
    assert_eq!(scenarios[0].tags, ["@all", "@one"]);
    assert_eq!(scenarios[0].steps[1].table, [["a", "b"]]);
    assert_eq!(scenarios[1].steps[1].text, r#""1" is "{"a"}""#);
    assert_eq!(scenarios[2].steps[1].text, r#""2" is """#);
    assert_eq!(scenarios[2].tags, ["@all", "@ex"]);
}

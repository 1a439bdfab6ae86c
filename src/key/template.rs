//! Keys whose names have parts that vary.

use std::fmt::{self, Display, Write};
use std::marker::PhantomData;

use super::Key;
use crate::pattern::Pattern;

/// Makes the keys of one kind: a name with `N` parts that vary, one to three, each written as
/// `{}`, and the codec of their values.
///
/// Different parts make different names, whatever is in them. A single part, and the last one of
/// several, stands in the name as it is. In the others, `%` and the character that follows the part
/// in the template are percent-encoded, which tells `("a:b", "c")` from `("a", "b:c")`:
///
/// ```
/// use fastedge::KeyTemplate;
///
/// static SESSION: KeyTemplate<2, String> = KeyTemplate::new("session:{}:{}");
///
/// assert_eq!(SESSION.of("ann", 7).name(), "session:ann:7");
/// assert_eq!(SESSION.of("a:b", "c").name(), "session:a%3Ab:c");
/// assert_eq!(SESSION.of("a", "b:c").name(), "session:a:b:c");
/// assert_eq!(SESSION.pattern().as_str(), "session:*:*");
/// ```
///
/// A template whose parts do not fit its type, or whose parts could run together, does not compile
/// as a `static`:
///
/// ```compile_fail
/// static TWO: fastedge::KeyTemplate<2, String> = fastedge::KeyTemplate::new("only:{}");
/// ```
///
/// ```compile_fail
/// static TOUCHING: fastedge::KeyTemplate<2, String> = fastedge::KeyTemplate::new("{}{}");
/// ```
pub struct KeyTemplate<const N: usize, C> {
    template: &'static str,
    codec: PhantomData<fn() -> C>,
}

impl<const N: usize, C> KeyTemplate<N, C> {
    /// A template with `N` times `{}`.
    ///
    /// # Panics
    ///
    /// If there are more or fewer of them, or what stands between two of them does not begin with
    /// ASCII punctuation other than `%` and `{`. In a `static`, that does not compile.
    pub const fn new(template: &'static str) -> Self {
        let bytes = template.as_bytes();
        let mut parts = 0;
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b'{' && at + 1 < bytes.len() && bytes[at + 1] == b'}' {
                parts += 1;
                at += 2;
                assert!(
                    parts >= N
                        || at < bytes.len()
                            && bytes[at].is_ascii_punctuation()
                            && bytes[at] != b'%'
                            && bytes[at] != b'{',
                    "between two `{{}}` stands punctuation, such as `:`"
                );
            } else {
                at += 1;
            }
        }
        assert!(
            parts == N,
            "the template has another number of `{{}}` than its type says"
        );
        KeyTemplate {
            template,
            codec: PhantomData,
        }
    }

    /// The pattern that all keys of this kind match, for a [scan](crate::KvStore::scan).
    pub fn pattern(&self) -> Pattern {
        let mut literals = self.template.split("{}");
        let first = Pattern::exact(literals.next().unwrap_or_default());
        literals.fold(first, |pattern, literal| pattern.any().literal(literal))
    }

    fn fill(&self, parts: [&dyn Display; N]) -> Key<C> {
        let mut literals = self.template.split("{}");
        let mut name = literals.next().unwrap_or_default().to_owned();
        for (index, (part, literal)) in parts.into_iter().zip(literals).enumerate() {
            let separator = literal.chars().next().filter(|_| index + 1 < N);
            let mut part_of_name = PartOfName {
                name: &mut name,
                separator,
            };
            // Writing to a `String` does not fail; a `Display` that does leaves its part short.
            let _infallible = write!(part_of_name, "{part}");
            name.push_str(literal);
        }
        Key::named(name)
    }
}

impl<C> KeyTemplate<1, C> {
    /// The key for this part.
    pub fn of(&self, part: impl Display) -> Key<C> {
        self.fill([&part])
    }
}

impl<C> KeyTemplate<2, C> {
    /// The key for these parts.
    pub fn of(&self, first: impl Display, second: impl Display) -> Key<C> {
        self.fill([&first, &second])
    }
}

impl<C> KeyTemplate<3, C> {
    /// The key for these parts.
    pub fn of(&self, first: impl Display, second: impl Display, third: impl Display) -> Key<C> {
        self.fill([&first, &second, &third])
    }
}

impl<const N: usize, C> fmt::Debug for KeyTemplate<N, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyTemplate").field(&self.template).finish()
    }
}

/// Appends a part to a name, in a form in which it has no separator.
struct PartOfName<'a> {
    name: &'a mut String,
    separator: Option<char>,
}

impl Write for PartOfName<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let Some(separator) = self.separator else {
            self.name.push_str(text);
            return Ok(());
        };
        for character in text.chars() {
            if character == separator || character == '%' {
                write!(self.name, "%{:02X}", u32::from(character))?;
            } else {
                self.name.push(character);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::KeyTemplate;

    const THREE: KeyTemplate<3, String> = KeyTemplate::new("{}:{}/{}.json");

    #[test]
    fn different_parts_make_different_names() {
        let texts = [
            "", "a", ":", "/", "%", "%3A", "a:", ":a", ".json", "3A", "ü/",
        ];
        let mut seen = HashMap::new();
        for a in texts {
            for b in texts {
                for c in texts {
                    let name = THREE.of(a, b, c).name().to_owned();
                    assert!(THREE.pattern().matches(&name), "{name}");
                    if let Some(former) = seen.insert(name.clone(), (a, b, c)) {
                        panic!("{former:?} and {:?} are both {name}", (a, b, c));
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_special_in_a_pattern_is_literal_in_a_template() {
        const ODD: KeyTemplate<1, String> = KeyTemplate::new("[a]*{}");
        assert!(ODD.pattern().matches("[a]*x"));
        assert!(!ODD.pattern().matches("abx"));
        assert_eq!(ODD.of("x").name(), "[a]*x");
    }
}

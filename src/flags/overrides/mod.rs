//! Flags that somebody has otherwise: tests, and staff.

mod token;

pub use self::token::{OverrideError, StaffOverrides};

/// What flags are instead, whatever their document says: for tests, and, signed, for
/// [staff](StaffOverrides).
///
/// ```
/// use fastedge::flags::{EvaluationContext, Flags, Overrides};
///
/// // A test of what an app does with its flags needs no document:
/// let flags = Flags::from_json("{}").with_overrides(
///     Overrides::new().value("new-checkout", true).value("price", 499),
/// );
/// let nobody = EvaluationContext::new();
/// assert!(flags.bool("new-checkout", false, &nobody));
/// assert_eq!(flags.int("price", 0, &nobody), 499);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides(Vec<(String, Override)>);

/// What a flag is instead.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Override {
    /// This of its variants.
    Variant(String),
    /// This value, as JSON.
    Value(String),
}

impl Overrides {
    /// None.
    pub fn new() -> Self {
        Overrides::default()
    }

    /// A flag has this of its variants, even if it is disabled. One that it does not have is an error of
    /// the evaluation, [`General`](super::ErrorCode::General).
    #[must_use]
    pub fn variant(self, flag_key: impl Into<String>, variant: impl Into<String>) -> Self {
        self.with(flag_key.into(), Override::Variant(variant.into()))
    }

    /// A flag has this value, even if there is no such flag.
    #[must_use]
    pub fn value(self, flag_key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.with(flag_key.into(), Override::Value(value.into().to_string()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds others, which come first.
    pub(super) fn extend(&mut self, others: Overrides) {
        for (flag_key, other) in others.0 {
            self.set(flag_key, other);
        }
    }

    pub(super) fn of(&self, flag_key: &str) -> Option<&Override> {
        let named = self.0.iter().find(|(other, _)| other == flag_key);
        named.map(|(_, instead)| instead)
    }

    /// The flags of which there are variants.
    fn variants(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter_map(|(flag_key, instead)| match instead {
                Override::Variant(variant) => Some((flag_key.as_str(), variant.as_str())),
                Override::Value(_) => None,
            })
    }

    fn with(mut self, flag_key: String, instead: Override) -> Self {
        self.set(flag_key, instead);
        self
    }

    fn set(&mut self, flag_key: String, instead: Override) {
        match self.0.iter_mut().find(|(other, _)| *other == flag_key) {
            Some((_, former)) => *former = instead,
            None => self.0.push((flag_key, instead)),
        }
    }
}

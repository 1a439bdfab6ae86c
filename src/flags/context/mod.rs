//! Whom a flag is evaluated for.

mod device;
mod language;
mod request;

use std::borrow::Cow;

use serde_json::Value;

pub use self::device::Device;

/// What targeting calls the subject.
pub(super) const TARGETING_KEY: &str = "targetingKey";

/// Whom a flag is evaluated for, and what is known of them: what targeting looks at.
///
/// The *targeting key* identifies the subject, such as a user: `fractional` assigns it. Attributes have
/// names and values of JSON; one that is set again has the later value. `$flagd.flagKey` and
/// `$flagd.timestamp` are there by themselves, whatever is set.
///
/// ```
/// use fastedge::flags::EvaluationContext;
/// use serde_json::json;
///
/// let context = EvaluationContext::new()
///     .with_targeting_key("user-1")
///     .with("country", "DE")
///     .with("age", 42)
///     .with("tenant", json!({"plan": "pro", "seats": 5}));
/// assert_eq!(context.targeting_key(), Some("user-1"));
/// assert_eq!(context.get("tenant").unwrap()["plan"], "pro");
/// ```
///
/// [`from_request`](Self::from_request) makes one of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvaluationContext {
    attributes: Vec<(Cow<'static, str>, Value)>,
}

impl EvaluationContext {
    /// Of nobody: nothing is known.
    pub const fn new() -> Self {
        EvaluationContext {
            attributes: Vec::new(),
        }
    }

    /// With the identity of the subject. `fractional` takes an empty one for none.
    #[must_use]
    pub fn with_targeting_key(self, key: impl Into<String>) -> Self {
        self.with(TARGETING_KEY, key.into())
    }

    /// With an attribute.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets an attribute.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.attributes.iter_mut().find(|(other, _)| *other == name) {
            Some((_, former)) => *former = value,
            None => self.attributes.push((name, value)),
        }
    }

    /// The subject's identity.
    pub fn targeting_key(&self) -> Option<&str> {
        self.get(TARGETING_KEY)?.as_str()
    }

    /// An attribute.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let named = self.attributes.iter().find(|(other, _)| other == name);
        named.map(|(_, value)| value)
    }

    /// All attributes, `targetingKey` included.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.attributes
            .iter()
            .map(|(name, value)| (name.as_ref(), value))
    }

    /// The context that an object of JSON is, with `targetingKey` as the subject; `None` if it is no object.
    ///
    /// ```
    /// use fastedge::flags::EvaluationContext;
    /// use serde_json::json;
    ///
    /// let context = EvaluationContext::from_json(json!({"targetingKey": "user-1", "age": 42}));
    /// assert_eq!(context.unwrap().targeting_key(), Some("user-1"));
    /// assert_eq!(EvaluationContext::from_json(json!([1])), None);
    /// ```
    pub fn from_json(json: Value) -> Option<Self> {
        let Value::Object(members) = json else {
            return None;
        };
        let attributes = members.into_iter();
        Some(EvaluationContext {
            attributes: attributes
                .map(|(name, value)| (name.into(), value))
                .collect(),
        })
    }

    /// Sets a member of an attribute that is an object: `cookies.plan`.
    fn set_member(&mut self, object: &'static str, name: &str, value: String) {
        if !self.get(object).is_some_and(Value::is_object) {
            self.set(object, Value::Object(serde_json::Map::new()));
        }
        let attribute = self
            .attributes
            .iter_mut()
            .find(|(other, _)| other == object);
        if let Some((_, Value::Object(members))) = attribute {
            members.insert(name.to_owned(), Value::String(value));
        }
    }
}

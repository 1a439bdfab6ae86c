//! A flag's definition, and what it resolves to.

use std::borrow::Cow;

use super::details::{ErrorCode, Fault, Reason};
use super::json::{Cursor, Kind};
use super::logic::{Surroundings, Value};

/// A flag as a document defines it. Its text is JSON; what is in its parts is read when it is needed.
#[derive(Clone, Debug)]
pub(super) struct Definition<'a> {
    is_disabled: bool,
    default_variant: Option<Cow<'a, str>>,
    variants: Option<Cursor<'a>>,
    /// What is wrong, unless it is disabled.
    fault: Option<&'static str>,
    targeting: Option<&'a str>,
    metadata: Option<Cursor<'a>>,
}

/// What a flag resolves to.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    /// The variant and its value, as JSON; `None` for the caller's default.
    pub(super) variant: Option<(Cow<'a, str>, &'a str)>,
    pub(super) reason: Reason,
}

impl<'a> Definition<'a> {
    /// Reads the text of a definition, which is JSON.
    pub(super) fn read(text: &'a str) -> Result<Self, Fault> {
        let mut cursor = Cursor::new(text);
        if cursor.kind()? != Kind::Object {
            return Err(Fault::malformed("the definition is not an object"));
        }
        let (mut is_disabled, mut default_variant) = (false, None);
        let (mut variants, mut targeting, mut metadata) = (None, None, None);
        let mut fault = None;
        let mut more = cursor.enter()?;
        while more {
            let key = cursor.key()?;
            let mut place = cursor;
            let raw = cursor.raw()?;
            match &*key {
                "state" => is_disabled = raw == "\"DISABLED\"",
                "defaultVariant" => {
                    default_variant = match place.kind()? {
                        Kind::String => Some(place.string()?),
                        Kind::Null => None,
                        _ => {
                            fault = Some("`defaultVariant` is not a name");
                            None
                        }
                    }
                }
                "variants" => variants = (place.kind()? == Kind::Object).then_some(place),
                "targeting" => targeting = Some(raw),
                "metadata" => metadata = Some(place),
                _ => {}
            }
            more = cursor.next()?;
        }
        if variants.is_none() {
            fault = Some("the definition has no `variants`");
        }
        Ok(Definition {
            is_disabled,
            default_variant,
            variants,
            fault,
            targeting,
            metadata,
        })
    }

    pub(super) fn metadata(&self) -> Option<Cursor<'a>> {
        self.metadata
    }

    /// The value of a variant, as JSON.
    pub(super) fn value_of(&self, variant: &str) -> Result<Option<&'a str>, Fault> {
        let Some(variants) = self.variants else {
            return Ok(None);
        };
        match variants.member(variant)? {
            Some(mut value) => Ok(Some(value.raw()?)),
            None => Ok(None),
        }
    }

    /// The variant that the flag has for whom it is evaluated.
    pub(super) fn resolve(&self, surroundings: Surroundings<'a>) -> Result<Choice<'a>, Fault> {
        if self.is_disabled {
            return Ok(Choice {
                variant: None,
                reason: Reason::Disabled,
            });
        }
        if let Some(fault) = self.fault {
            return Err(Fault::malformed(fault));
        }
        let Some(targeting) = self.targeting()? else {
            return self.by_default(Reason::Static);
        };
        let variant = match surroundings.apply(targeting)? {
            Value::Null => return self.by_default(Reason::Default),
            Value::Text(variant) => Cow::Borrowed(variant),
            Value::Bool(bool) => Cow::Borrowed(if bool { "true" } else { "false" }),
            _ => {
                let message = "targeting chose what is neither a text nor a boolean";
                return Err(Fault::new(ErrorCode::General, message));
            }
        };
        match self.value_of(&variant)? {
            Some(value) => Ok(Choice {
                variant: Some((variant, value)),
                reason: Reason::TargetingMatch,
            }),
            None => Err(no_variant("targeting chose `", &variant)),
        }
    }

    /// The rule, if there is one that says something.
    fn targeting(&self) -> Result<Option<&'a str>, Fault> {
        let Some(targeting) = self.targeting else {
            return Ok(None);
        };
        let mut cursor = Cursor::new(targeting);
        let says_something = match cursor.kind()? {
            Kind::Null => false,
            Kind::Object => cursor.enter()?,
            _ => true,
        };
        Ok(says_something.then_some(targeting))
    }

    fn by_default(&self, reason: Reason) -> Result<Choice<'a>, Fault> {
        let Some(variant) = &self.default_variant else {
            return Ok(Choice {
                variant: None,
                reason: Reason::Default,
            });
        };
        match self.value_of(variant)? {
            Some(value) => Ok(Choice {
                variant: Some((variant.clone(), value)),
                reason,
            }),
            None => Err(no_variant("`defaultVariant` is `", variant)),
        }
    }
}

#[cold]
pub(super) fn no_variant(before: &'static str, variant: &str) -> Fault {
    Fault::named(
        ErrorCode::General,
        [before, "`, which is no variant"],
        variant,
    )
}

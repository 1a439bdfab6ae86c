//! The API's message about a request that it refuses.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The members that may have the message, in order of preference.
const MESSAGES: [&str; 4] = ["error", "message", "detail", "errors"];

/// The message of a refusal, and the numbers of conflicting resources.
///
/// It is read without `serde_json::Value`, which would add a tenth to an app that writes.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) conflicting_ids: Vec<u64>,
}

impl Refusal {
    /// Reads the body of a refusal: the message in its JSON, or all of its text.
    pub(super) fn of(body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(Refusal {
                message,
                conflicting_ids,
            }) if !message.is_empty() => Refusal {
                message,
                conflicting_ids,
            },
            _ => Refusal {
                message: String::from_utf8_lossy(body).trim().to_owned(),
                conflicting_ids: Vec::new(),
            },
        }
    }
}

impl<'de> Deserialize<'de> for Refusal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyShape)
    }
}

/// A visitor that accepts any JSON, and looks for texts in it.
struct AnyShape;

impl<'de> Visitor<'de> for AnyShape {
    type Value = Refusal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Refusal, E> {
        Ok(Refusal {
            message: text.to_owned(),
            ..Refusal::default()
        })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Refusal, E> {
        Ok(Refusal::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Refusal, E> {
        Ok(Refusal::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Refusal, E> {
        Ok(Refusal::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Refusal, E> {
        Ok(Refusal::default())
    }

    fn visit_unit<E>(self) -> Result<Refusal, E> {
        Ok(Refusal::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Refusal, A::Error> {
        let mut refusal = Refusal::default();
        while let Some(Refusal { message, .. }) = elements.next_element()? {
            if !refusal.message.is_empty() && !message.is_empty() {
                refusal.message.push_str("; ");
            }
            refusal.message.push_str(&message);
        }
        Ok(refusal)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Refusal, A::Error> {
        let mut refusal = Refusal::default();
        let mut best = MESSAGES.len();
        while let Some(name) = members.next_key::<String>()? {
            let rank = MESSAGES.iter().position(|message| *message == name);
            if let Some(rank) = rank {
                let Refusal { message, .. } = members.next_value()?;
                if rank < best && !message.is_empty() {
                    best = rank;
                    refusal.message = message;
                }
            } else if name == "conflicting_ids" {
                refusal.conflicting_ids = members.next_value()?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(refusal)
    }
}

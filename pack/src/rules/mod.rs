//! What is in a list, or a table.

mod address;
mod country;
mod domain;
mod number;
mod path;
mod table;
mod token;

pub use self::address::AddressRules;
pub use self::country::CountryRules;
pub use self::domain::DomainRules;
pub use self::number::AsnRules;
pub use self::path::PathRules;
pub use self::table::TableRules;
pub use self::token::TokenRules;

use crate::action::Effect;
use crate::encode::Payloads;

/// What the entries of a list carry: tags, if there are others than 0.
fn tags(effects: impl Iterator<Item = Effect>) -> Payloads {
    let mut effects = effects;
    match effects.any(|effect| effect.listed().is_some_and(|tag| tag != 0)) {
        true => Payloads::Tags,
        false => Payloads::None,
    }
}

//! Rules for countries.

use std::collections::BTreeMap;

use fastedge::blocklist::format::{Kind, SALT_BYTES, country_number};

use super::tags;
use crate::action::{Action, Effect};
use crate::encode::countries;
use crate::error::{PackError, RuleError};
use crate::packed::Packed;

/// Rules for a [`CountryList`](fastedge::blocklist::CountryList).
///
/// ```
/// use fastedge_pack::{Action, CountryRules};
///
/// let mut rules = CountryRules::new();
/// rules.add("lu", Action::Deny { tag: 0 })?;
/// assert_eq!(rules.pack()?.entries(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CountryRules {
    countries: BTreeMap<usize, Effect>,
}

impl CountryRules {
    /// No rules.
    pub fn new() -> Self {
        CountryRules::default()
    }

    /// A rule for a country, by its code of two letters.
    ///
    /// # Errors
    ///
    /// [`RuleError::Country`] for what is none.
    pub fn add(&mut self, code: &str, action: Action) -> Result<(), RuleError> {
        self.add_effect(code, action.into())
    }

    pub(crate) fn add_effect(&mut self, code: &str, effect: Effect) -> Result<(), RuleError> {
        let number = country_number(code).ok_or_else(|| RuleError::Country(code.to_owned()))?;
        let country = self.countries.entry(number).or_insert(effect);
        *country = effect.max(*country);
        Ok(())
    }

    /// How many countries there are rules for.
    pub fn len(&self) -> usize {
        self.countries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.countries.is_empty()
    }

    /// Packs them.
    ///
    /// # Errors
    ///
    /// [`PackError::TooLarge`].
    pub fn pack(self) -> Result<Packed, PackError> {
        let payloads = tags(self.countries.values().copied());
        let listed = self.countries.iter();
        let listed: Vec<_> = listed
            .filter_map(|(number, effect)| Some((*number, effect.listed()?)))
            .collect();
        let layer = countries(&listed, &payloads);
        Packed::of(
            Kind::Countries,
            payloads.kind(),
            [0; SALT_BYTES],
            vec![layer],
        )
    }
}

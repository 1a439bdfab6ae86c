//! Rules for autonomous systems.

use fastedge::blocklist::format::{Kind, SALT_BYTES};

use super::tags;
use crate::action::{Action, Effect};
use crate::encode::{INLINE_BYTES, Numbers, cut};
use crate::error::{PackError, RuleError};
use crate::packed::Packed;

/// The most systems of a range.
const MOST: u32 = 1 << 20;

/// Rules for an [`AsnList`](fastedge::blocklist::AsnList).
///
/// ```
/// use fastedge_pack::{Action, AsnRules};
///
/// let mut rules = AsnRules::new();
/// rules.add("AS64496-AS64511", Action::Deny { tag: 0 })?;
/// rules.add("64500", Action::Allow)?;
/// assert_eq!(rules.pack()?.entries(), 15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct AsnRules {
    numbers: Vec<(u32, Effect)>,
}

impl AsnRules {
    /// No rules.
    pub fn new() -> Self {
        AsnRules::default()
    }

    /// A rule for an autonomous system (`AS64496` or `64496`), or for up to 2²⁰ of them (`AS64496-AS64511`). Each counts by itself:
    /// of two rules for one, a range is not less specific.
    ///
    /// # Errors
    ///
    /// [`RuleError::Asn`] for what is none.
    pub fn add(&mut self, asn: &str, action: Action) -> Result<(), RuleError> {
        self.add_effect(asn, action.into())
    }

    pub(crate) fn add_effect(&mut self, asn: &str, effect: Effect) -> Result<(), RuleError> {
        let no = || RuleError::Asn(asn.to_owned());
        let number = |text: &str| {
            let text = text.trim();
            let prefix = text
                .get(..2)
                .filter(|prefix| prefix.eq_ignore_ascii_case("as"));
            let digits = prefix.map_or(text, |prefix| &text[prefix.len()..]);
            match digits.bytes().all(|byte| byte.is_ascii_digit()) {
                true => digits.parse::<u32>().map_err(|_| no()),
                false => Err(no()),
            }
        };
        let (first, last) = match asn.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(asn)?, number(asn)?),
        };
        if last < first || last - first >= MOST {
            return Err(no());
        }
        self.numbers
            .extend((first..=last).map(|number| (number, effect)));
        Ok(())
    }

    /// How many rules there are; a range counts as its systems.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Packs them.
    ///
    /// # Errors
    ///
    /// [`PackError::TooLarge`].
    pub fn pack(mut self) -> Result<Packed, PackError> {
        let payloads = tags(self.numbers.iter().map(|(_, effect)| *effect));
        self.numbers.sort_unstable();
        let same = |one: &(u32, Effect), other: &(u32, Effect)| one.0 == other.0;
        let layer = cut(&mut Numbers::new(&payloads), INLINE_BYTES, |each| {
            for (number, effect) in self.numbers.chunk_by(same).filter_map(<[_]>::last) {
                if let Some(payload) = effect.listed() {
                    each((*number, payload));
                }
            }
        });
        Packed::of(Kind::Asns, payloads.kind(), [0; SALT_BYTES], vec![layer])
    }
}

//! The kinds of list, and what each is asked.

mod address;
mod asn;
mod country;
mod domain;
mod path;
mod table;
mod token;

pub use self::address::IpList;
pub use self::asn::AsnList;
pub use self::country::CountryList;
pub use self::domain::DomainList;
pub use self::path::PathList;
pub use self::table::{LookupTable, by};
pub use self::token::TokenSet;

use super::format::{Hit, Malformed, Payload, PayloadKind};
use super::verdict::Verdict;

/// The tag of an entry; 0 where there are none.
fn tag(hit: Hit<'_>, kind: PayloadKind) -> Result<u8, Malformed> {
    match hit.payload(kind)? {
        Payload::Tag(tag) => Ok(tag),
        Payload::None | Payload::Value(_) => Ok(0),
    }
}

fn verdict(found: Option<(u8, u32)>) -> Verdict {
    match found {
        Some((tag, generation)) => Verdict::Listed { tag, generation },
        None => Verdict::NotListed,
    }
}

/// A list that is in a store, and what all of them have in common.
macro_rules! list_in_store {
    ($(#[$docs:meta])* $name:ident, $kind:expr) => {
        $(#[$docs])*
        pub struct $name<'s, A = crate::kv_store::ReadOnly> {
            packed: crate::blocklist::packed::Packed<'s, A>,
        }

        impl<'s, A: crate::kv_store::Access> $name<'s, A> {
            /// The list at a key of a store. No host call: its questions are.
            pub fn new(
                store: &'s crate::KvStore<A>,
                key: impl Into<std::borrow::Cow<'s, str>>,
            ) -> Self {
                let packed = crate::blocklist::packed::Packed::new(store, key.into());
                $name { packed }
            }

            /// Looks for the list's manifest where it is seen at once after a change: in a sorted set, `<key>:pointer`,
            /// which no node keeps. Where it is not published there, it costs one more read.
            #[must_use]
            pub fn with_prompt_pointer(self) -> Self {
                $name {
                    packed: self.packed.prompt(),
                }
            }

            /// Which generation of the list is read. One host call, if nothing has been asked before.
            ///
            /// # Errors
            ///
            /// As for a question.
            pub fn generation(&self) -> Result<u32, crate::blocklist::Error> {
                self.packed.generation($kind)
            }
        }

        impl<A> std::fmt::Debug for $name<'_, A> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("store", &self.packed.store)
                    .field("key", &self.packed.key)
                    .finish_non_exhaustive()
            }
        }
    };
}

use list_in_store;

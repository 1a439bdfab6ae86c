//! Why something cannot be packed.

use fastedge::blocklist::canonical::NotADomain;
use fastedge::key::MAX_VALUE_BYTES;

/// Why a rule cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// It is no address, no network, and no range of addresses.
    #[error("`{0}` is no address, network (192.0.2.0/24) or range (192.0.2.1-192.0.2.9)")]
    Address(String),
    /// It is no domain.
    #[error("`{domain}` is no domain: {reason}")]
    Domain {
        /// What was given.
        domain: String,
        /// What is wrong with it.
        reason: NotADomain,
    },
    /// It is no path.
    #[error(
        "`{0}` is no path: it begins with a slash, has up to 1,024 bytes, and neither a query nor blanks nor `*` (what is \
         below it is listed anyway)"
    )]
    Path(String),
    /// It is no number of an autonomous system, and no range of them.
    #[error("`{0}` is no ASN (AS64496, 64496, or AS64496-AS64511 for up to 2^20 of them)")]
    Asn(String),
    /// It is no country's code.
    #[error("`{0}` is no country's code of two letters")]
    Country(String),
    /// It is empty.
    #[error("a token or key is empty")]
    Empty,
    /// The rules before take all the room that there is.
    #[error("there are more than 4 GB of rules")]
    Full,
    /// A value is longer than tables are for.
    #[error("a value of {bytes} bytes: at most {most} are possible")]
    LongValue {
        /// Its length.
        bytes: usize,
        /// What is possible.
        most: usize,
    },
}

/// Why rules cannot be packed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// One key has two values.
    #[error("`{key}` has two values: `{one}` and `{other}`")]
    TwoValues {
        /// The key.
        key: String,
        /// A value.
        one: String,
        /// Another one.
        other: String,
    },
    /// There are more entries than a list can have.
    #[error(
        "the list is too large: one of its values would have {bytes} bytes, and the platform takes {MAX_VALUE_BYTES}; split the list"
    )]
    TooLarge {
        /// The length of its largest value.
        bytes: usize,
    },
}

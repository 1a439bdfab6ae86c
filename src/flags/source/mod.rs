//! Where the definitions of flags are.

mod document;
mod index;
mod per_key;

pub use self::document::Document;
pub use self::per_key::PerKey;
use super::definition::Definition;
use super::details::Fault;
use super::metadata::Metadata;

/// Where flags are from: a [`Document`], or [`PerKey`]. There are no others.
pub trait Source: Definitions {}

/// What evaluation needs of a source.
pub trait Definitions {
    /// Shows a flag's definition, if there is one, with the document that it is in.
    fn with_flag<R>(&self, key: &str, show: impl FnOnce(Result<Found<'_>, Fault>) -> R) -> R;

    /// What the set's metadata says that a flag belongs to.
    fn set_metadata(&self, key: &str) -> Result<Metadata, Fault>;

    /// The keys of all flags.
    fn keys(&self) -> Result<Vec<String>, Fault>;
}

/// What is in a source for a key.
pub struct Found<'a> {
    /// `None` if there is no such flag.
    pub(super) definition: Option<Definition<'a>>,
    pub(super) document: &'a Document,
}

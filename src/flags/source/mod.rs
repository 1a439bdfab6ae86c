//! Where the definitions of flags are.

mod document;
mod index;
mod members;
mod per_key;

pub use self::document::Document;
pub use self::per_key::PerKey;
use super::definition::Definition;
use super::details::Fault;
use super::metadata::Metadata;

/// Where flags are from: a [`Document`], or [`PerKey`]. There are no others.
pub trait Source: Definitions {}

/// What evaluation needs of a source.
pub trait LookUp {
    /// Shows a flag's definition, if there is one, with the document that it is in.
    fn show(&self, key: &str, show: &mut dyn FnMut(Result<Found<'_>, Fault>));
}

/// What there is beside the definitions of flags. Apart from [`LookUp`], so that an app that only asks for
/// values has nothing of it in its component.
pub trait Definitions: LookUp {
    /// What the set's metadata says that a flag belongs to.
    fn set_metadata(&self, key: &str) -> Result<Metadata, Fault>;

    /// Shows the definitions of all flags, with their keys. Why there are no more.
    fn show_all(&self, show: &mut dyn FnMut(&str, Result<Found<'_>, Fault>)) -> Option<Fault>;
}

/// What is in a source for a key.
pub struct Found<'a> {
    /// `None` if there is no such flag.
    pub(super) definition: Option<Definition<'a>>,
    pub(super) document: &'a Document,
}

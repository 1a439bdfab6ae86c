//! Tools for the entries of stores: [`Export`] writes them as lines, [`ValuesApp`] reads the values
//! that the management API returns only as a hash.

mod export;
pub(crate) mod line;
mod values_app;

pub use self::export::{Export, ExportError, Skipped};
pub use self::line::parse as entries_of_line;
pub use self::values_app::{ValuesApp, ValuesError};

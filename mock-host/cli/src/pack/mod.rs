//! Packing files into lists: for the command, and for configurations.

mod recipe;

pub(crate) use self::recipe::{Recipe, SUBJECTS, Source, subject};

//! Which of several rules counts where.

pub(crate) mod addresses;
pub(crate) mod trees;

//! Longer explanations, whose programs are compiled and run.

pub mod page_views;

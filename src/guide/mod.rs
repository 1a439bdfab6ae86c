//! Longer explanations, whose programs are compiled and run.
//!
//! | page | what it answers |
//! |---|---|
//! | [`first_app`] | what an app is, from an empty folder to a component |
//! | [`testing`] | what a native test can do, and when it takes a component |
//! | [`kv_or_cache`] | what belongs where |
//! | [`consistency`] | what a user in another city sees, and when |
//! | [`feature_flags`] | from a document to a share of the visitors |
//! | [`blocklists`] | from a file to a list that a request can ask |
//! | [`limits`] | what the platform allows, and what is seen when it is exceeded |
//! | [`costs`] | what each call costs |
//! | [`failure_policies`] | what an app answers when something fails |
//! | [`deploying`] | what is uploaded, linked and set |
//! | [`from_the_raw_sdk`] | what changes for an app on the platform's own SDK |
//! | [`page_views`] | the platform's introductory program, line by line |

#[doc = include_str!("first_app.md")]
pub mod first_app {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("kv_or_cache.md")]
pub mod kv_or_cache {}

#[doc = include_str!("consistency.md")]
pub mod consistency {}

#[doc = include_str!("feature_flags.md")]
pub mod feature_flags {}

#[doc = include_str!("blocklists.md")]
pub mod blocklists {}

#[doc = include_str!("limits.md")]
pub mod limits {}

#[doc = include_str!("costs.md")]
pub mod costs {}

#[doc = include_str!("failure_policies.md")]
pub mod failure_policies {}

#[doc = include_str!("deploying.md")]
pub mod deploying {}

#[doc = include_str!("from_the_raw_sdk.md")]
pub mod from_the_raw_sdk {}

pub mod page_views;

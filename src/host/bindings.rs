//! What `wit-bindgen` makes from `wit/`: the one place where unsafe code is allowed.
#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    reason = "generated"
)]

wit_bindgen::generate!({
    path: "wit",
    world: "reactor",
    pub_export_macro: true,
    export_macro_name: "export_http_handler",
});

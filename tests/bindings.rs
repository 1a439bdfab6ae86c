//! `src/host/bindings.rs` is what `wit-bindgen` makes from `wit/`, committed: users' builds need
//! neither the generator nor the time that it takes. It differs from the generator's own output in
//! one thing: each function is `#[inline]`, without which a call of the host from another crate is
//! a call of a wrapper, and a result that goes through memory.
//!
//! After a change of `wit/` or of the generator's version:
//! `BLESS=1 cargo test --test bindings`

use std::path::Path;

use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, ImplItemFn, ItemFn, ItemImpl, parse_quote};
use wit_bindgen_core::wit_parser::Resolve;
use wit_bindgen_core::{Files, WorldGenerator};

const BINDINGS: &str = "src/host/bindings.rs";

const HEADER: &str = "\
//! What `wit-bindgen` makes from `wit/`: the one place where unsafe code is allowed. It is made by
//! `tests/bindings.rs`; do not change it by hand.
#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    rustdoc::all,
    clippy::all,
    reason = \"generated\"
)]
#![cfg_attr(rustfmt, rustfmt::skip)]

";

fn generate() -> String {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path("wit").unwrap();
    let world = resolve.select_world(&[package], Some("reactor")).unwrap();
    let options = wit_bindgen_rust::Opts {
        pub_export_macro: true,
        export_macro_name: Some("export_http_handler".to_owned()),
        ..Default::default()
    };
    let mut files = Files::default();
    options
        .build()
        .generate(&mut resolve, world, &mut files)
        .unwrap();
    let (_, source) = files.iter().next().unwrap();
    let mut source = syn::parse_file(str::from_utf8(source).unwrap()).unwrap();
    Inline.visit_file_mut(&mut source);
    HEADER.to_owned() + &prettyplease::unparse(&source)
}

/// Makes functions `#[inline]` that say nothing of it themselves.
struct Inline;

impl Inline {
    fn add(attributes: &mut Vec<Attribute>) {
        if !attributes.iter().any(|a| a.path().is_ident("inline")) {
            attributes.push(parse_quote!(#[inline]));
        }
    }
}

impl VisitMut for Inline {
    fn visit_item_fn_mut(&mut self, function: &mut ItemFn) {
        Inline::add(&mut function.attrs);
        visit_mut::visit_item_fn_mut(self, function);
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        Inline::add(&mut function.attrs);
        visit_mut::visit_impl_item_fn_mut(self, function);
    }

    fn visit_item_impl_mut(&mut self, implementation: &mut ItemImpl) {
        // `Debug` and the like are not on the way of a call.
        let name = implementation
            .trait_
            .as_ref()
            .and_then(|(_, path, _)| path.segments.last());
        if name.is_none_or(|name| name.ident != "Debug" && name.ident != "Display") {
            visit_mut::visit_item_impl_mut(self, implementation);
        }
    }
}

#[test]
fn the_committed_bindings_are_what_the_generator_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::env::set_current_dir(folder).unwrap();
    let generated = generate();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(BINDINGS, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(BINDINGS).unwrap();
    assert!(
        committed == generated,
        "{BINDINGS} is out of date: BLESS=1 cargo test --test bindings"
    );
}

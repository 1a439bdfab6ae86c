//! `#[fastedge::http]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemFn, Result, ReturnType, parse2};

const SHAPE: &str = "a handler is `fn(Request<Body>) -> Result<Response<Body>, E>`";

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(Error::new_spanned(
            attribute,
            "#[fastedge::http] takes no arguments",
        ));
    }
    let function: ItemFn = parse2(item).map_err(|error| {
        Error::new(
            error.span(),
            format!("#[fastedge::http] stands before a function, the app's handler: {error}"),
        )
    })?;
    check(&function)?;
    let name = &function.sig.ident;
    Ok(quote! {
        #function

        // The check names what is wrong with a handler in its own words, and counts as a use of
        // the function where nothing else does: in a native build.
        const _: () = ::fastedge::__private::assert_handler(#name);

        #[cfg(all(target_arch = "wasm32", not(test)))]
        #[allow(unsafe_code, reason = "an export is unsafe by its nature, and is generated")]
        const _: () = {
            struct App;

            impl ::fastedge::__private::Guest for App {
                fn process(
                    request: ::fastedge::__private::Request,
                ) -> ::fastedge::__private::Response {
                    ::fastedge::__private::process(request, #name)
                }
            }

            ::fastedge::__private::export_http_handler!(
                App with_types_in ::fastedge::__private::bindings
            );
        };
    })
}

fn check(function: &ItemFn) -> Result<()> {
    let signature = &function.sig;
    if let Some(asyncness) = &signature.asyncness {
        return Err(Error::new_spanned(
            asyncness,
            "a handler under #[fastedge::http] is not async: for async code, write a WASI-HTTP app \
             with #[wstd::http_server], in which everything else of this SDK works as well",
        ));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &signature.generics,
            format!("a handler is not generic: {SHAPE}"),
        ));
    }
    if signature.inputs.len() != 1 {
        return Err(Error::new_spanned(
            signature,
            format!("a handler takes one argument: {SHAPE}"),
        ));
    }
    if matches!(signature.output, ReturnType::Default) {
        return Err(Error::new_spanned(
            signature,
            format!("a handler returns a `Result`: {SHAPE}"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(attribute: TokenStream, item: TokenStream) -> String {
        expand(attribute, item).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_a_handler_is_refused_in_words() {
        let none = TokenStream::new;
        assert_eq!(
            refusal(
                quote!(GET),
                quote!(
                    fn f(r: R) -> A {}
                )
            ),
            "#[fastedge::http] takes no arguments"
        );
        assert!(
            refusal(
                none(),
                quote!(
                    struct S;
                )
            )
            .contains("stands before a function")
        );
        assert!(
            refusal(
                none(),
                quote!(
                    async fn f(r: R) -> A {}
                )
            )
            .contains("#[wstd::http_server]")
        );
        assert!(
            refusal(
                none(),
                quote!(
                    fn f<T>(r: T) -> A {}
                )
            )
            .contains("not generic")
        );
        assert!(
            refusal(
                none(),
                quote!(
                    fn f() -> A {}
                )
            )
            .contains("takes one argument")
        );
        assert!(
            refusal(
                none(),
                quote!(
                    fn f(r: R, s: S) -> A {}
                )
            )
            .contains("takes one argument")
        );
        assert!(
            refusal(
                none(),
                quote!(
                    fn f(r: R) {}
                )
            )
            .contains("a handler returns a `Result`")
        );
    }
}

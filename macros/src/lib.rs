//! The attribute macro of the FastEdge SDK, for use through the package `fastedge-sdk`.

mod http;

use proc_macro::TokenStream;

/// Makes a function the handler of a reactor app.
///
/// The function takes a `Request<Body>` and returns a `Result<Response<Body>, E>`, where `E` is
/// anything that implements `Display`. It stays an ordinary function, which a native test calls.
/// In a component it is what the platform calls, once in the life of an instance; `Err` answers
/// 500 with no details, and the error's text goes to stdout, which the platform keeps.
///
/// ```
/// # mod app {
/// use fastedge::http::{Body, Error, Request, Response};
///
/// #[fastedge::http]
/// fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
///     Ok(Response::new(Body::from(format!("you asked for {}\n", request.uri().path()))))
/// }
/// # pub(super) fn test() {
/// let request = Request::get("/tea").body(Body::empty()).unwrap();
/// assert_eq!(main(request).unwrap().body().as_bytes(), b"you asked for /tea\n");
/// # }
/// # }
/// # fn main() { app::test(); }
/// ```
///
/// A component has one handler. Exporting it is unsafe code, which the macro allows for itself: a
/// crate that wants none of its own says `#![deny(unsafe_code)]`, since `forbid` allows no exception.
/// The package that it is in is a library of the types `cdylib`, for
/// the component, and `rlib`, for the tests:
///
/// ```toml
/// [lib]
/// crate-type = ["cdylib", "rlib"]
/// ```
#[proc_macro_attribute]
pub fn http(attribute: TokenStream, item: TokenStream) -> TokenStream {
    http::expand(attribute.into(), item.into())
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

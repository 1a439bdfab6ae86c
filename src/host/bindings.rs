//! What `wit-bindgen` makes from `wit/`: the one place where unsafe code is allowed. It is made by
//! `tests/bindings.rs`; do not change it by hand.
#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    rustdoc::all,
    clippy::all,
    reason = "generated"
)]
#![cfg_attr(rustfmt, rustfmt::skip)]

#[allow(dead_code, clippy::all)]
pub mod gcore {
    pub mod fastedge {
        /// The shapes of requests and responses, shared by the interfaces below.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod http {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            pub type HttpStatus = u16;
            pub type Body = _rt::Vec<u8>;
            pub type Headers = _rt::Vec<(_rt::String, _rt::String)>;
            pub type Uri = _rt::String;
            /// Any other method cannot be expressed: a host refuses the request before the app sees it.
            #[repr(u8)]
            #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
            pub enum Method {
                Get,
                Post,
                Put,
                Delete,
                Head,
                Patch,
                Options,
            }
            impl ::core::fmt::Debug for Method {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Method::Get => f.debug_tuple("Method::Get").finish(),
                        Method::Post => f.debug_tuple("Method::Post").finish(),
                        Method::Put => f.debug_tuple("Method::Put").finish(),
                        Method::Delete => f.debug_tuple("Method::Delete").finish(),
                        Method::Head => f.debug_tuple("Method::Head").finish(),
                        Method::Patch => f.debug_tuple("Method::Patch").finish(),
                        Method::Options => f.debug_tuple("Method::Options").finish(),
                    }
                }
            }
            impl Method {
                #[doc(hidden)]
                #[inline]
                pub unsafe fn _lift(val: u8) -> Method {
                    if !cfg!(debug_assertions) {
                        return unsafe { ::core::mem::transmute(val) };
                    }
                    match val {
                        0 => Method::Get,
                        1 => Method::Post,
                        2 => Method::Put,
                        3 => Method::Delete,
                        4 => Method::Head,
                        5 => Method::Patch,
                        6 => Method::Options,
                        _ => panic!("invalid enum discriminant"),
                    }
                }
            }
            #[derive(Clone)]
            pub struct Request {
                pub method: Method,
                pub uri: Uri,
                pub headers: Headers,
                pub body: ::core::option::Option<Body>,
            }
            impl ::core::fmt::Debug for Request {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Request")
                        .field("method", &self.method)
                        .field("uri", &self.uri)
                        .field("headers", &self.headers)
                        .field("body", &self.body)
                        .finish()
                }
            }
            #[derive(Clone)]
            pub struct Response {
                pub status: HttpStatus,
                pub headers: ::core::option::Option<Headers>,
                pub body: ::core::option::Option<Body>,
            }
            impl ::core::fmt::Debug for Response {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Response")
                        .field("status", &self.status)
                        .field("headers", &self.headers)
                        .field("body", &self.body)
                        .finish()
                }
            }
            #[repr(u8)]
            #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
            pub enum Error {
                Success,
                DestinationNotAllowed,
                InvalidUrl,
                RequestError,
                RuntimeError,
                TooManyRequests,
            }
            impl Error {
                #[inline]
                pub fn name(&self) -> &'static str {
                    match self {
                        Error::Success => "success",
                        Error::DestinationNotAllowed => "destination-not-allowed",
                        Error::InvalidUrl => "invalid-url",
                        Error::RequestError => "request-error",
                        Error::RuntimeError => "runtime-error",
                        Error::TooManyRequests => "too-many-requests",
                    }
                }
                #[inline]
                pub fn message(&self) -> &'static str {
                    match self {
                        Error::Success => "",
                        Error::DestinationNotAllowed => "",
                        Error::InvalidUrl => "",
                        Error::RequestError => "",
                        Error::RuntimeError => "",
                        Error::TooManyRequests => "",
                    }
                }
            }
            impl ::core::fmt::Debug for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Error")
                        .field("code", &(*self as i32))
                        .field("name", &self.name())
                        .field("message", &self.message())
                        .finish()
                }
            }
            impl ::core::fmt::Display for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{} (error {})", self.name(), * self as i32)
                }
            }
            impl ::core::error::Error for Error {}
            impl Error {
                #[doc(hidden)]
                #[inline]
                pub unsafe fn _lift(val: u8) -> Error {
                    if !cfg!(debug_assertions) {
                        return unsafe { ::core::mem::transmute(val) };
                    }
                    match val {
                        0 => Error::Success,
                        1 => Error::DestinationNotAllowed,
                        2 => Error::InvalidUrl,
                        3 => Error::RequestError,
                        4 => Error::RuntimeError,
                        5 => Error::TooManyRequests,
                        _ => panic!("invalid enum discriminant"),
                    }
                }
            }
        }
        /// Requests that the app sends.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod http_client {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            pub type Request = super::super::super::gcore::fastedge::http::Request;
            pub type Response = super::super::super::gcore::fastedge::http::Response;
            pub type Error = super::super::super::gcore::fastedge::http::Error;
            #[allow(unused_unsafe, clippy::all)]
            /// Sends the request and waits for the whole answer.
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn send_request(
                req: &Request,
            ) -> ::core::result::Result<Response, Error> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 8 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 8
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let super::super::super::gcore::fastedge::http::Request {
                        method: method0,
                        uri: uri0,
                        headers: headers0,
                        body: body0,
                    } = req;
                    let vec1 = uri0;
                    let ptr1 = vec1.as_ptr().cast::<u8>();
                    let len1 = vec1.len();
                    let vec5 = headers0;
                    let len5 = vec5.len();
                    let layout5 = _rt::alloc::Layout::from_size_align(
                            vec5.len() * (4 * ::core::mem::size_of::<*const u8>()),
                            ::core::mem::size_of::<*const u8>(),
                        )
                        .unwrap();
                    let (result5, _cleanup5) = wit_bindgen::rt::Cleanup::new(layout5);
                    for (i, e) in vec5.into_iter().enumerate() {
                        let base = result5
                            .add(i * (4 * ::core::mem::size_of::<*const u8>()));
                        {
                            let (t2_0, t2_1) = e;
                            let vec3 = t2_0;
                            let ptr3 = vec3.as_ptr().cast::<u8>();
                            let len3 = vec3.len();
                            *base
                                .add(::core::mem::size_of::<*const u8>())
                                .cast::<usize>() = len3;
                            *base.add(0).cast::<*mut u8>() = ptr3.cast_mut();
                            let vec4 = t2_1;
                            let ptr4 = vec4.as_ptr().cast::<u8>();
                            let len4 = vec4.len();
                            *base
                                .add(3 * ::core::mem::size_of::<*const u8>())
                                .cast::<usize>() = len4;
                            *base
                                .add(2 * ::core::mem::size_of::<*const u8>())
                                .cast::<*mut u8>() = ptr4.cast_mut();
                        }
                    }
                    let (result7_0, result7_1, result7_2) = match body0 {
                        Some(e) => {
                            let vec6 = e;
                            let ptr6 = vec6.as_ptr().cast::<u8>();
                            let len6 = vec6.len();
                            (1i32, ptr6.cast_mut(), len6)
                        }
                        None => (0i32, ::core::ptr::null_mut(), 0usize),
                    };
                    let ptr8 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/http-client")]
                    unsafe extern "C" {
                        #[link_name = "send-request"]
                        fn wit_import9(
                            _: i32,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                            _: usize,
                            _: i32,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                        );
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import9(
                        _: i32,
                        _: *mut u8,
                        _: usize,
                        _: *mut u8,
                        _: usize,
                        _: i32,
                        _: *mut u8,
                        _: usize,
                        _: *mut u8,
                    ) {
                        unreachable!()
                    }
                    wit_import9(
                        method0.clone() as i32,
                        ptr1.cast_mut(),
                        len1,
                        result5,
                        len5,
                        result7_0,
                        result7_1,
                        result7_2,
                        ptr8,
                    );
                    let l10 = i32::from(*ptr8.add(0).cast::<u8>());
                    let result27 = match l10 {
                        0 => {
                            let e = {
                                let l11 = i32::from(
                                    *ptr8.add(::core::mem::size_of::<*const u8>()).cast::<u16>(),
                                );
                                let l12 = i32::from(
                                    *ptr8
                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                        .cast::<u8>(),
                                );
                                let l22 = i32::from(
                                    *ptr8
                                        .add(5 * ::core::mem::size_of::<*const u8>())
                                        .cast::<u8>(),
                                );
                                super::super::super::gcore::fastedge::http::Response {
                                    status: l11 as u16,
                                    headers: match l12 {
                                        0 => None,
                                        1 => {
                                            let e = {
                                                let l13 = *ptr8
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l14 = *ptr8
                                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let base21 = l13;
                                                let len21 = l14;
                                                let mut result21 = _rt::Vec::with_capacity(len21);
                                                for i in 0..len21 {
                                                    let base = base21
                                                        .add(i * (4 * ::core::mem::size_of::<*const u8>()));
                                                    let e21 = {
                                                        let l15 = *base.add(0).cast::<*mut u8>();
                                                        let l16 = *base
                                                            .add(::core::mem::size_of::<*const u8>())
                                                            .cast::<usize>();
                                                        let len17 = l16;
                                                        let bytes17 = _rt::Vec::from_raw_parts(
                                                            l15.cast(),
                                                            len17,
                                                            len17,
                                                        );
                                                        let l18 = *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<*mut u8>();
                                                        let l19 = *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<usize>();
                                                        let len20 = l19;
                                                        let bytes20 = _rt::Vec::from_raw_parts(
                                                            l18.cast(),
                                                            len20,
                                                            len20,
                                                        );
                                                        (_rt::string_lift(bytes17), _rt::string_lift(bytes20))
                                                    };
                                                    result21.push(e21);
                                                }
                                                _rt::cabi_dealloc(
                                                    base21,
                                                    len21 * (4 * ::core::mem::size_of::<*const u8>()),
                                                    ::core::mem::size_of::<*const u8>(),
                                                );
                                                result21
                                            };
                                            Some(e)
                                        }
                                        _ => _rt::invalid_enum_discriminant(),
                                    },
                                    body: match l22 {
                                        0 => None,
                                        1 => {
                                            let e = {
                                                let l23 = *ptr8
                                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l24 = *ptr8
                                                    .add(7 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len25 = l24;
                                                <_ as From<
                                                    _rt::Vec<_>,
                                                >>::from(_rt::Vec::from_raw_parts(l23.cast(), len25, len25))
                                            };
                                            Some(e)
                                        }
                                        _ => _rt::invalid_enum_discriminant(),
                                    },
                                }
                            };
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l26 = i32::from(
                                    *ptr8.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                super::super::super::gcore::fastedge::http::Error::_lift(
                                    l26 as u8,
                                )
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result27
                }
            }
        }
        /// The app's environment variables.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod dictionary {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            #[allow(unused_unsafe, clippy::all)]
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn get(key: &str) -> ::core::option::Option<_rt::String> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 3 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 3
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = key;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/dictionary")]
                    unsafe extern "C" {
                        #[link_name = "get"]
                        fn wit_import2(_: *mut u8, _: usize, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import2(_: *mut u8, _: usize, _: *mut u8) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result7 = match l3 {
                        0 => None,
                        1 => {
                            let e = {
                                let l4 = *ptr1
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l5 = *ptr1
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let len6 = l5;
                                let bytes6 = _rt::Vec::from_raw_parts(
                                    l4.cast(),
                                    len6,
                                    len6,
                                );
                                _rt::string_lift(bytes6)
                            };
                            Some(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result7
                }
            }
        }
        /// Encrypted values, each with a time from which it is in effect.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod secret {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            #[derive(Clone)]
            pub enum Error {
                AccessDenied,
                DecryptError,
                Other(_rt::String),
            }
            impl ::core::fmt::Debug for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Error::AccessDenied => {
                            f.debug_tuple("Error::AccessDenied").finish()
                        }
                        Error::DecryptError => {
                            f.debug_tuple("Error::DecryptError").finish()
                        }
                        Error::Other(e) => {
                            f.debug_tuple("Error::Other").field(e).finish()
                        }
                    }
                }
            }
            impl ::core::fmt::Display for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{:?}", self)
                }
            }
            impl ::core::error::Error for Error {}
            #[allow(unused_unsafe, clippy::all)]
            /// The value in effect now.
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn get(
                key: &str,
            ) -> ::core::result::Result<::core::option::Option<_rt::String>, Error> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 4 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 4
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = key;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/secret")]
                    unsafe extern "C" {
                        #[link_name = "get"]
                        fn wit_import2(_: *mut u8, _: usize, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import2(_: *mut u8, _: usize, _: *mut u8) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result13 = match l3 {
                        0 => {
                            let e = {
                                let l4 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l4 {
                                    0 => None,
                                    1 => {
                                        let e = {
                                            let l5 = *ptr1
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l6 = *ptr1
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len7 = l6;
                                            let bytes7 = _rt::Vec::from_raw_parts(
                                                l5.cast(),
                                                len7,
                                                len7,
                                            );
                                            _rt::string_lift(bytes7)
                                        };
                                        Some(e)
                                    }
                                    _ => _rt::invalid_enum_discriminant(),
                                }
                            };
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l8 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                let v12 = match l8 {
                                    0 => Error::AccessDenied,
                                    1 => Error::DecryptError,
                                    n => {
                                        debug_assert_eq!(n, 2, "invalid enum discriminant");
                                        let e12 = {
                                            let l9 = *ptr1
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l10 = *ptr1
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len11 = l10;
                                            let bytes11 = _rt::Vec::from_raw_parts(
                                                l9.cast(),
                                                len11,
                                                len11,
                                            );
                                            _rt::string_lift(bytes11)
                                        };
                                        Error::Other(e12)
                                    }
                                };
                                v12
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result13
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// The value in effect at `at`, in unix seconds.
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn get_effective_at(
                key: &str,
                at: u32,
            ) -> ::core::result::Result<::core::option::Option<_rt::String>, Error> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 4 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 4
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = key;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/secret")]
                    unsafe extern "C" {
                        #[link_name = "get-effective-at"]
                        fn wit_import2(_: *mut u8, _: usize, _: i32, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import2(
                        _: *mut u8,
                        _: usize,
                        _: i32,
                        _: *mut u8,
                    ) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, _rt::as_i32(&at), ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result13 = match l3 {
                        0 => {
                            let e = {
                                let l4 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l4 {
                                    0 => None,
                                    1 => {
                                        let e = {
                                            let l5 = *ptr1
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l6 = *ptr1
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len7 = l6;
                                            let bytes7 = _rt::Vec::from_raw_parts(
                                                l5.cast(),
                                                len7,
                                                len7,
                                            );
                                            _rt::string_lift(bytes7)
                                        };
                                        Some(e)
                                    }
                                    _ => _rt::invalid_enum_discriminant(),
                                }
                            };
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l8 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                let v12 = match l8 {
                                    0 => Error::AccessDenied,
                                    1 => Error::DecryptError,
                                    n => {
                                        debug_assert_eq!(n, 2, "invalid enum discriminant");
                                        let e12 = {
                                            let l9 = *ptr1
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l10 = *ptr1
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len11 = l10;
                                            let bytes11 = _rt::Vec::from_raw_parts(
                                                l9.cast(),
                                                len11,
                                                len11,
                                            );
                                            _rt::string_lift(bytes11)
                                        };
                                        Error::Other(e12)
                                    }
                                };
                                v12
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result13
                }
            }
        }
        /// Edge Storage: replicated to every location, read-only for apps.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod key_value {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            pub type Value = _rt::Vec<u8>;
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Store {
                handle: _rt::Resource<Store>,
            }
            impl Store {
                #[doc(hidden)]
                #[inline]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                #[inline]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                #[inline]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Store {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/key-value")]
                    unsafe extern "C" {
                        #[link_name = "[resource-drop]store"]
                        fn drop(_: i32);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn drop(_: i32) {
                        unreachable!()
                    }
                    unsafe {
                        drop(_handle as i32);
                    }
                }
            }
            #[derive(Clone)]
            pub enum Error {
                NoSuchStore,
                AccessDenied,
                InternalError,
                Other(_rt::String),
            }
            impl ::core::fmt::Debug for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Error::NoSuchStore => {
                            f.debug_tuple("Error::NoSuchStore").finish()
                        }
                        Error::AccessDenied => {
                            f.debug_tuple("Error::AccessDenied").finish()
                        }
                        Error::InternalError => {
                            f.debug_tuple("Error::InternalError").finish()
                        }
                        Error::Other(e) => {
                            f.debug_tuple("Error::Other").field(e).finish()
                        }
                    }
                }
            }
            impl ::core::fmt::Display for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{:?}", self)
                }
            }
            impl ::core::error::Error for Error {}
            impl Store {
                #[allow(unused_unsafe, clippy::all)]
                /// Opens the store that is linked to the app under `name`.
                #[allow(async_fn_in_trait)]
                #[inline]
                pub fn open(name: &str) -> ::core::result::Result<Store, Error> {
                    unsafe {
                        #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                        #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                        struct RetArea(
                            [::core::mem::MaybeUninit<
                                u8,
                            >; 4 * ::core::mem::size_of::<*const u8>()],
                        );
                        let mut ret_area = RetArea(
                            [::core::mem::MaybeUninit::uninit(); 4
                                * ::core::mem::size_of::<*const u8>()],
                        );
                        let vec0 = name;
                        let ptr0 = vec0.as_ptr().cast::<u8>();
                        let len0 = vec0.len();
                        let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                        #[cfg(target_arch = "wasm32")]
                        #[link(wasm_import_module = "gcore:fastedge/key-value")]
                        unsafe extern "C" {
                            #[link_name = "[static]store.open"]
                            fn wit_import2(_: *mut u8, _: usize, _: *mut u8);
                        }
                        #[cfg(not(target_arch = "wasm32"))]
                        #[inline]
                        unsafe extern "C" fn wit_import2(
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                        ) {
                            unreachable!()
                        }
                        wit_import2(ptr0.cast_mut(), len0, ptr1);
                        let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                        let result10 = match l3 {
                            0 => {
                                let e = {
                                    let l4 = *ptr1
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<i32>();
                                    Store::from_handle(l4 as u32)
                                };
                                Ok(e)
                            }
                            1 => {
                                let e = {
                                    let l5 = i32::from(
                                        *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                    );
                                    let v9 = match l5 {
                                        0 => Error::NoSuchStore,
                                        1 => Error::AccessDenied,
                                        2 => Error::InternalError,
                                        n => {
                                            debug_assert_eq!(n, 3, "invalid enum discriminant");
                                            let e9 = {
                                                let l6 = *ptr1
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l7 = *ptr1
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len8 = l7;
                                                let bytes8 = _rt::Vec::from_raw_parts(
                                                    l6.cast(),
                                                    len8,
                                                    len8,
                                                );
                                                _rt::string_lift(bytes8)
                                            };
                                            Error::Other(e9)
                                        }
                                    };
                                    v9
                                };
                                Err(e)
                            }
                            _ => _rt::invalid_enum_discriminant(),
                        };
                        result10
                    }
                }
            }
            impl Store {
                #[allow(unused_unsafe, clippy::all)]
                /// The value of a plain pair; `none` if there is no such key.
                #[allow(async_fn_in_trait)]
                #[inline]
                pub fn get(
                    &self,
                    key: &str,
                ) -> ::core::result::Result<::core::option::Option<Value>, Error> {
                    unsafe {
                        #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                        #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                        struct RetArea(
                            [::core::mem::MaybeUninit<
                                u8,
                            >; 4 * ::core::mem::size_of::<*const u8>()],
                        );
                        let mut ret_area = RetArea(
                            [::core::mem::MaybeUninit::uninit(); 4
                                * ::core::mem::size_of::<*const u8>()],
                        );
                        let vec0 = key;
                        let ptr0 = vec0.as_ptr().cast::<u8>();
                        let len0 = vec0.len();
                        let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                        #[cfg(target_arch = "wasm32")]
                        #[link(wasm_import_module = "gcore:fastedge/key-value")]
                        unsafe extern "C" {
                            #[link_name = "[method]store.get"]
                            fn wit_import2(_: i32, _: *mut u8, _: usize, _: *mut u8);
                        }
                        #[cfg(not(target_arch = "wasm32"))]
                        #[inline]
                        unsafe extern "C" fn wit_import2(
                            _: i32,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                        ) {
                            unreachable!()
                        }
                        wit_import2((self).handle() as i32, ptr0.cast_mut(), len0, ptr1);
                        let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                        let result13 = match l3 {
                            0 => {
                                let e = {
                                    let l4 = i32::from(
                                        *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                    );
                                    match l4 {
                                        0 => None,
                                        1 => {
                                            let e = {
                                                let l5 = *ptr1
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l6 = *ptr1
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len7 = l6;
                                                <_ as From<
                                                    _rt::Vec<_>,
                                                >>::from(_rt::Vec::from_raw_parts(l5.cast(), len7, len7))
                                            };
                                            Some(e)
                                        }
                                        _ => _rt::invalid_enum_discriminant(),
                                    }
                                };
                                Ok(e)
                            }
                            1 => {
                                let e = {
                                    let l8 = i32::from(
                                        *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                    );
                                    let v12 = match l8 {
                                        0 => Error::NoSuchStore,
                                        1 => Error::AccessDenied,
                                        2 => Error::InternalError,
                                        n => {
                                            debug_assert_eq!(n, 3, "invalid enum discriminant");
                                            let e12 = {
                                                let l9 = *ptr1
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l10 = *ptr1
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len11 = l10;
                                                let bytes11 = _rt::Vec::from_raw_parts(
                                                    l9.cast(),
                                                    len11,
                                                    len11,
                                                );
                                                _rt::string_lift(bytes11)
                                            };
                                            Error::Other(e12)
                                        }
                                    };
                                    v12
                                };
                                Err(e)
                            }
                            _ => _rt::invalid_enum_discriminant(),
                        };
                        result13
                    }
                }
            }
            impl Store {
                #[allow(unused_unsafe, clippy::all)]
                /// The keys that match a glob in Redis's syntax: unordered, a key may come twice.
                #[allow(async_fn_in_trait)]
                #[inline]
                pub fn scan(
                    &self,
                    pattern: &str,
                ) -> ::core::result::Result<_rt::Vec<_rt::String>, Error> {
                    unsafe {
                        #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                        #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                        struct RetArea(
                            [::core::mem::MaybeUninit<
                                u8,
                            >; 4 * ::core::mem::size_of::<*const u8>()],
                        );
                        let mut ret_area = RetArea(
                            [::core::mem::MaybeUninit::uninit(); 4
                                * ::core::mem::size_of::<*const u8>()],
                        );
                        let vec0 = pattern;
                        let ptr0 = vec0.as_ptr().cast::<u8>();
                        let len0 = vec0.len();
                        let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                        #[cfg(target_arch = "wasm32")]
                        #[link(wasm_import_module = "gcore:fastedge/key-value")]
                        unsafe extern "C" {
                            #[link_name = "[method]store.scan"]
                            fn wit_import2(_: i32, _: *mut u8, _: usize, _: *mut u8);
                        }
                        #[cfg(not(target_arch = "wasm32"))]
                        #[inline]
                        unsafe extern "C" fn wit_import2(
                            _: i32,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                        ) {
                            unreachable!()
                        }
                        wit_import2((self).handle() as i32, ptr0.cast_mut(), len0, ptr1);
                        let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                        let result15 = match l3 {
                            0 => {
                                let e = {
                                    let l4 = *ptr1
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<*mut u8>();
                                    let l5 = *ptr1
                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let base9 = l4;
                                    let len9 = l5;
                                    let mut result9 = _rt::Vec::with_capacity(len9);
                                    for i in 0..len9 {
                                        let base = base9
                                            .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                        let e9 = {
                                            let l6 = *base.add(0).cast::<*mut u8>();
                                            let l7 = *base
                                                .add(::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len8 = l7;
                                            let bytes8 = _rt::Vec::from_raw_parts(
                                                l6.cast(),
                                                len8,
                                                len8,
                                            );
                                            _rt::string_lift(bytes8)
                                        };
                                        result9.push(e9);
                                    }
                                    _rt::cabi_dealloc(
                                        base9,
                                        len9 * (2 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    );
                                    result9
                                };
                                Ok(e)
                            }
                            1 => {
                                let e = {
                                    let l10 = i32::from(
                                        *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                    );
                                    let v14 = match l10 {
                                        0 => Error::NoSuchStore,
                                        1 => Error::AccessDenied,
                                        2 => Error::InternalError,
                                        n => {
                                            debug_assert_eq!(n, 3, "invalid enum discriminant");
                                            let e14 = {
                                                let l11 = *ptr1
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l12 = *ptr1
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len13 = l12;
                                                let bytes13 = _rt::Vec::from_raw_parts(
                                                    l11.cast(),
                                                    len13,
                                                    len13,
                                                );
                                                _rt::string_lift(bytes13)
                                            };
                                            Error::Other(e14)
                                        }
                                    };
                                    v14
                                };
                                Err(e)
                            }
                            _ => _rt::invalid_enum_discriminant(),
                        };
                        result15
                    }
                }
            }
            impl Store {
                #[allow(unused_unsafe, clippy::all)]
                /// The members of a sorted set with `min <= score <= max`, ascending by score, then by bytes.
                #[allow(async_fn_in_trait)]
                #[inline]
                pub fn zrange_by_score(
                    &self,
                    key: &str,
                    min: f64,
                    max: f64,
                ) -> ::core::result::Result<_rt::Vec<(Value, f64)>, Error> {
                    unsafe {
                        #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                        #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                        struct RetArea(
                            [::core::mem::MaybeUninit<
                                u8,
                            >; 4 * ::core::mem::size_of::<*const u8>()],
                        );
                        let mut ret_area = RetArea(
                            [::core::mem::MaybeUninit::uninit(); 4
                                * ::core::mem::size_of::<*const u8>()],
                        );
                        let vec0 = key;
                        let ptr0 = vec0.as_ptr().cast::<u8>();
                        let len0 = vec0.len();
                        let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                        #[cfg(target_arch = "wasm32")]
                        #[link(wasm_import_module = "gcore:fastedge/key-value")]
                        unsafe extern "C" {
                            #[link_name = "[method]store.zrange-by-score"]
                            fn wit_import2(
                                _: i32,
                                _: *mut u8,
                                _: usize,
                                _: f64,
                                _: f64,
                                _: *mut u8,
                            );
                        }
                        #[cfg(not(target_arch = "wasm32"))]
                        #[inline]
                        unsafe extern "C" fn wit_import2(
                            _: i32,
                            _: *mut u8,
                            _: usize,
                            _: f64,
                            _: f64,
                            _: *mut u8,
                        ) {
                            unreachable!()
                        }
                        wit_import2(
                            (self).handle() as i32,
                            ptr0.cast_mut(),
                            len0,
                            _rt::as_f64(&min),
                            _rt::as_f64(&max),
                            ptr1,
                        );
                        let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                        let result16 = match l3 {
                            0 => {
                                let e = {
                                    let l4 = *ptr1
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<*mut u8>();
                                    let l5 = *ptr1
                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let base10 = l4;
                                    let len10 = l5;
                                    let mut result10 = _rt::Vec::with_capacity(len10);
                                    for i in 0..len10 {
                                        let base = base10
                                            .add(i * (8 + 2 * ::core::mem::size_of::<*const u8>()));
                                        let e10 = {
                                            let l6 = *base.add(0).cast::<*mut u8>();
                                            let l7 = *base
                                                .add(::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len8 = l7;
                                            let l9 = *base
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<f64>();
                                            (
                                                <_ as From<
                                                    _rt::Vec<_>,
                                                >>::from(_rt::Vec::from_raw_parts(l6.cast(), len8, len8)),
                                                l9,
                                            )
                                        };
                                        result10.push(e10);
                                    }
                                    _rt::cabi_dealloc(
                                        base10,
                                        len10 * (8 + 2 * ::core::mem::size_of::<*const u8>()),
                                        8,
                                    );
                                    result10
                                };
                                Ok(e)
                            }
                            1 => {
                                let e = {
                                    let l11 = i32::from(
                                        *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                    );
                                    let v15 = match l11 {
                                        0 => Error::NoSuchStore,
                                        1 => Error::AccessDenied,
                                        2 => Error::InternalError,
                                        n => {
                                            debug_assert_eq!(n, 3, "invalid enum discriminant");
                                            let e15 = {
                                                let l12 = *ptr1
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l13 = *ptr1
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len14 = l13;
                                                let bytes14 = _rt::Vec::from_raw_parts(
                                                    l12.cast(),
                                                    len14,
                                                    len14,
                                                );
                                                _rt::string_lift(bytes14)
                                            };
                                            Error::Other(e15)
                                        }
                                    };
                                    v15
                                };
                                Err(e)
                            }
                            _ => _rt::invalid_enum_discriminant(),
                        };
                        result16
                    }
                }
            }
            impl Store {
                #[allow(unused_unsafe, clippy::all)]
                /// The members of a sorted set that match a glob, with their scores, unordered.
                #[allow(async_fn_in_trait)]
                #[inline]
                pub fn zscan(
                    &self,
                    key: &str,
                    pattern: &str,
                ) -> ::core::result::Result<_rt::Vec<(Value, f64)>, Error> {
                    unsafe {
                        #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                        #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                        struct RetArea(
                            [::core::mem::MaybeUninit<
                                u8,
                            >; 4 * ::core::mem::size_of::<*const u8>()],
                        );
                        let mut ret_area = RetArea(
                            [::core::mem::MaybeUninit::uninit(); 4
                                * ::core::mem::size_of::<*const u8>()],
                        );
                        let vec0 = key;
                        let ptr0 = vec0.as_ptr().cast::<u8>();
                        let len0 = vec0.len();
                        let vec1 = pattern;
                        let ptr1 = vec1.as_ptr().cast::<u8>();
                        let len1 = vec1.len();
                        let ptr2 = ret_area.0.as_mut_ptr().cast::<u8>();
                        #[cfg(target_arch = "wasm32")]
                        #[link(wasm_import_module = "gcore:fastedge/key-value")]
                        unsafe extern "C" {
                            #[link_name = "[method]store.zscan"]
                            fn wit_import3(
                                _: i32,
                                _: *mut u8,
                                _: usize,
                                _: *mut u8,
                                _: usize,
                                _: *mut u8,
                            );
                        }
                        #[cfg(not(target_arch = "wasm32"))]
                        #[inline]
                        unsafe extern "C" fn wit_import3(
                            _: i32,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                        ) {
                            unreachable!()
                        }
                        wit_import3(
                            (self).handle() as i32,
                            ptr0.cast_mut(),
                            len0,
                            ptr1.cast_mut(),
                            len1,
                            ptr2,
                        );
                        let l4 = i32::from(*ptr2.add(0).cast::<u8>());
                        let result17 = match l4 {
                            0 => {
                                let e = {
                                    let l5 = *ptr2
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<*mut u8>();
                                    let l6 = *ptr2
                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let base11 = l5;
                                    let len11 = l6;
                                    let mut result11 = _rt::Vec::with_capacity(len11);
                                    for i in 0..len11 {
                                        let base = base11
                                            .add(i * (8 + 2 * ::core::mem::size_of::<*const u8>()));
                                        let e11 = {
                                            let l7 = *base.add(0).cast::<*mut u8>();
                                            let l8 = *base
                                                .add(::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len9 = l8;
                                            let l10 = *base
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<f64>();
                                            (
                                                <_ as From<
                                                    _rt::Vec<_>,
                                                >>::from(_rt::Vec::from_raw_parts(l7.cast(), len9, len9)),
                                                l10,
                                            )
                                        };
                                        result11.push(e11);
                                    }
                                    _rt::cabi_dealloc(
                                        base11,
                                        len11 * (8 + 2 * ::core::mem::size_of::<*const u8>()),
                                        8,
                                    );
                                    result11
                                };
                                Ok(e)
                            }
                            1 => {
                                let e = {
                                    let l12 = i32::from(
                                        *ptr2.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                    );
                                    let v16 = match l12 {
                                        0 => Error::NoSuchStore,
                                        1 => Error::AccessDenied,
                                        2 => Error::InternalError,
                                        n => {
                                            debug_assert_eq!(n, 3, "invalid enum discriminant");
                                            let e16 = {
                                                let l13 = *ptr2
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l14 = *ptr2
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len15 = l14;
                                                let bytes15 = _rt::Vec::from_raw_parts(
                                                    l13.cast(),
                                                    len15,
                                                    len15,
                                                );
                                                _rt::string_lift(bytes15)
                                            };
                                            Error::Other(e16)
                                        }
                                    };
                                    v16
                                };
                                Err(e)
                            }
                            _ => _rt::invalid_enum_discriminant(),
                        };
                        result17
                    }
                }
            }
            impl Store {
                #[allow(unused_unsafe, clippy::all)]
                /// Whether a Bloom filter may contain `item`; `false` if there is no such filter.
                #[allow(async_fn_in_trait)]
                #[inline]
                pub fn bf_exists(
                    &self,
                    key: &str,
                    item: &str,
                ) -> ::core::result::Result<bool, Error> {
                    unsafe {
                        #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                        #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                        struct RetArea(
                            [::core::mem::MaybeUninit<
                                u8,
                            >; 4 * ::core::mem::size_of::<*const u8>()],
                        );
                        let mut ret_area = RetArea(
                            [::core::mem::MaybeUninit::uninit(); 4
                                * ::core::mem::size_of::<*const u8>()],
                        );
                        let vec0 = key;
                        let ptr0 = vec0.as_ptr().cast::<u8>();
                        let len0 = vec0.len();
                        let vec1 = item;
                        let ptr1 = vec1.as_ptr().cast::<u8>();
                        let len1 = vec1.len();
                        let ptr2 = ret_area.0.as_mut_ptr().cast::<u8>();
                        #[cfg(target_arch = "wasm32")]
                        #[link(wasm_import_module = "gcore:fastedge/key-value")]
                        unsafe extern "C" {
                            #[link_name = "[method]store.bf-exists"]
                            fn wit_import3(
                                _: i32,
                                _: *mut u8,
                                _: usize,
                                _: *mut u8,
                                _: usize,
                                _: *mut u8,
                            );
                        }
                        #[cfg(not(target_arch = "wasm32"))]
                        #[inline]
                        unsafe extern "C" fn wit_import3(
                            _: i32,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                        ) {
                            unreachable!()
                        }
                        wit_import3(
                            (self).handle() as i32,
                            ptr0.cast_mut(),
                            len0,
                            ptr1.cast_mut(),
                            len1,
                            ptr2,
                        );
                        let l4 = i32::from(*ptr2.add(0).cast::<u8>());
                        let result11 = match l4 {
                            0 => {
                                let e = {
                                    let l5 = i32::from(
                                        *ptr2.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                    );
                                    _rt::bool_lift(l5 as u8)
                                };
                                Ok(e)
                            }
                            1 => {
                                let e = {
                                    let l6 = i32::from(
                                        *ptr2.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                    );
                                    let v10 = match l6 {
                                        0 => Error::NoSuchStore,
                                        1 => Error::AccessDenied,
                                        2 => Error::InternalError,
                                        n => {
                                            debug_assert_eq!(n, 3, "invalid enum discriminant");
                                            let e10 = {
                                                let l7 = *ptr2
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<*mut u8>();
                                                let l8 = *ptr2
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let len9 = l8;
                                                let bytes9 = _rt::Vec::from_raw_parts(
                                                    l7.cast(),
                                                    len9,
                                                    len9,
                                                );
                                                _rt::string_lift(bytes9)
                                            };
                                            Error::Other(e10)
                                        }
                                    };
                                    v10
                                };
                                Err(e)
                            }
                            _ => _rt::invalid_enum_discriminant(),
                        };
                        result11
                    }
                }
            }
        }
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod utils {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            #[allow(unused_unsafe, clippy::all)]
            /// Labels the current request in the platform's statistics.
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn set_user_diag(name: &str) -> () {
                unsafe {
                    let vec0 = name;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/utils")]
                    unsafe extern "C" {
                        #[link_name = "set-user-diag"]
                        fn wit_import1(_: *mut u8, _: usize);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import1(_: *mut u8, _: usize) {
                        unreachable!()
                    }
                    wit_import1(ptr0.cast_mut(), len0);
                }
            }
        }
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod cache_types {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            pub type Payload = _rt::Vec<u8>;
            #[derive(Clone)]
            pub enum Error {
                AccessDenied,
                InternalError,
                Other(_rt::String),
            }
            impl ::core::fmt::Debug for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Error::AccessDenied => {
                            f.debug_tuple("Error::AccessDenied").finish()
                        }
                        Error::InternalError => {
                            f.debug_tuple("Error::InternalError").finish()
                        }
                        Error::Other(e) => {
                            f.debug_tuple("Error::Other").field(e).finish()
                        }
                    }
                }
            }
            impl ::core::fmt::Display for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{:?}", self)
                }
            }
            impl ::core::error::Error for Error {}
        }
        /// The cache of one location: shared by the account's apps, evictable at any time.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod cache_sync {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            pub type Payload = super::super::super::gcore::fastedge::cache_types::Payload;
            pub type Error = super::super::super::gcore::fastedge::cache_types::Error;
            #[allow(unused_unsafe, clippy::all)]
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn get(
                key: &str,
            ) -> ::core::result::Result<::core::option::Option<Payload>, Error> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 4 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 4
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = key;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/cache-sync")]
                    unsafe extern "C" {
                        #[link_name = "get"]
                        fn wit_import2(_: *mut u8, _: usize, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import2(_: *mut u8, _: usize, _: *mut u8) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result13 = match l3 {
                        0 => {
                            let e = {
                                let l4 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l4 {
                                    0 => None,
                                    1 => {
                                        let e = {
                                            let l5 = *ptr1
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l6 = *ptr1
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len7 = l6;
                                            <_ as From<
                                                _rt::Vec<_>,
                                            >>::from(_rt::Vec::from_raw_parts(l5.cast(), len7, len7))
                                        };
                                        Some(e)
                                    }
                                    _ => _rt::invalid_enum_discriminant(),
                                }
                            };
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l8 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                use super::super::super::gcore::fastedge::cache_types::Error as V12;
                                let v12 = match l8 {
                                    0 => V12::AccessDenied,
                                    1 => V12::InternalError,
                                    n => {
                                        debug_assert_eq!(n, 2, "invalid enum discriminant");
                                        let e12 = {
                                            let l9 = *ptr1
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l10 = *ptr1
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len11 = l10;
                                            let bytes11 = _rt::Vec::from_raw_parts(
                                                l9.cast(),
                                                len11,
                                                len11,
                                            );
                                            _rt::string_lift(bytes11)
                                        };
                                        V12::Other(e12)
                                    }
                                };
                                v12
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result13
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Replaces value and expiry; `ttl-ms` of `none` removes the expiry.
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn set(
                key: &str,
                value: &[u8],
                ttl_ms: ::core::option::Option<u64>,
            ) -> ::core::result::Result<(), Error> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 4 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 4
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = key;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let vec1 = value;
                    let ptr1 = vec1.as_ptr().cast::<u8>();
                    let len1 = vec1.len();
                    let (result2_0, result2_1) = match ttl_ms {
                        Some(e) => (1i32, _rt::as_i64(e)),
                        None => (0i32, 0i64),
                    };
                    let ptr3 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/cache-sync")]
                    unsafe extern "C" {
                        #[link_name = "set"]
                        fn wit_import4(
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                            _: usize,
                            _: i32,
                            _: i64,
                            _: *mut u8,
                        );
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import4(
                        _: *mut u8,
                        _: usize,
                        _: *mut u8,
                        _: usize,
                        _: i32,
                        _: i64,
                        _: *mut u8,
                    ) {
                        unreachable!()
                    }
                    wit_import4(
                        ptr0.cast_mut(),
                        len0,
                        ptr1.cast_mut(),
                        len1,
                        result2_0,
                        result2_1,
                        ptr3,
                    );
                    let l5 = i32::from(*ptr3.add(0).cast::<u8>());
                    let result11 = match l5 {
                        0 => {
                            let e = ();
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l6 = i32::from(
                                    *ptr3.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                use super::super::super::gcore::fastedge::cache_types::Error as V10;
                                let v10 = match l6 {
                                    0 => V10::AccessDenied,
                                    1 => V10::InternalError,
                                    n => {
                                        debug_assert_eq!(n, 2, "invalid enum discriminant");
                                        let e10 = {
                                            let l7 = *ptr3
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l8 = *ptr3
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len9 = l8;
                                            let bytes9 = _rt::Vec::from_raw_parts(
                                                l7.cast(),
                                                len9,
                                                len9,
                                            );
                                            _rt::string_lift(bytes9)
                                        };
                                        V10::Other(e10)
                                    }
                                };
                                v10
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result11
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// A missing key is fine.
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn delete(key: &str) -> ::core::result::Result<(), Error> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 4 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 4
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = key;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/cache-sync")]
                    unsafe extern "C" {
                        #[link_name = "delete"]
                        fn wit_import2(_: *mut u8, _: usize, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import2(_: *mut u8, _: usize, _: *mut u8) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result9 = match l3 {
                        0 => {
                            let e = ();
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l4 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                use super::super::super::gcore::fastedge::cache_types::Error as V8;
                                let v8 = match l4 {
                                    0 => V8::AccessDenied,
                                    1 => V8::InternalError,
                                    n => {
                                        debug_assert_eq!(n, 2, "invalid enum discriminant");
                                        let e8 = {
                                            let l5 = *ptr1
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l6 = *ptr1
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len7 = l6;
                                            let bytes7 = _rt::Vec::from_raw_parts(
                                                l5.cast(),
                                                len7,
                                                len7,
                                            );
                                            _rt::string_lift(bytes7)
                                        };
                                        V8::Other(e8)
                                    }
                                };
                                v8
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result9
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn exists(key: &str) -> ::core::result::Result<bool, Error> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 4 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 4
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = key;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/cache-sync")]
                    unsafe extern "C" {
                        #[link_name = "exists"]
                        fn wit_import2(_: *mut u8, _: usize, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import2(_: *mut u8, _: usize, _: *mut u8) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result10 = match l3 {
                        0 => {
                            let e = {
                                let l4 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                _rt::bool_lift(l4 as u8)
                            };
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l5 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                use super::super::super::gcore::fastedge::cache_types::Error as V9;
                                let v9 = match l5 {
                                    0 => V9::AccessDenied,
                                    1 => V9::InternalError,
                                    n => {
                                        debug_assert_eq!(n, 2, "invalid enum discriminant");
                                        let e9 = {
                                            let l6 = *ptr1
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l7 = *ptr1
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len8 = l7;
                                            let bytes8 = _rt::Vec::from_raw_parts(
                                                l6.cast(),
                                                len8,
                                                len8,
                                            );
                                            _rt::string_lift(bytes8)
                                        };
                                        V9::Other(e9)
                                    }
                                };
                                v9
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result10
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Atomic. A missing key counts as 0; an expiry is kept; the answer is the sum.
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn incr(key: &str, delta: i64) -> ::core::result::Result<i64, Error> {
                unsafe {
                    #[repr(align(8))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 16 + 2 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 16
                            + 2 * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = key;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/cache-sync")]
                    unsafe extern "C" {
                        #[link_name = "incr"]
                        fn wit_import2(_: *mut u8, _: usize, _: i64, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import2(
                        _: *mut u8,
                        _: usize,
                        _: i64,
                        _: *mut u8,
                    ) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, _rt::as_i64(&delta), ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result10 = match l3 {
                        0 => {
                            let e = {
                                let l4 = *ptr1.add(8).cast::<i64>();
                                l4
                            };
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l5 = i32::from(*ptr1.add(8).cast::<u8>());
                                use super::super::super::gcore::fastedge::cache_types::Error as V9;
                                let v9 = match l5 {
                                    0 => V9::AccessDenied,
                                    1 => V9::InternalError,
                                    n => {
                                        debug_assert_eq!(n, 2, "invalid enum discriminant");
                                        let e9 = {
                                            let l6 = *ptr1
                                                .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l7 = *ptr1
                                                .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len8 = l7;
                                            let bytes8 = _rt::Vec::from_raw_parts(
                                                l6.cast(),
                                                len8,
                                                len8,
                                            );
                                            _rt::string_lift(bytes8)
                                        };
                                        V9::Other(e9)
                                    }
                                };
                                v9
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result10
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Answers whether the key existed.
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn expire(
                key: &str,
                ttl_ms: u64,
            ) -> ::core::result::Result<bool, Error> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 4 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 4
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = key;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/cache-sync")]
                    unsafe extern "C" {
                        #[link_name = "expire"]
                        fn wit_import2(_: *mut u8, _: usize, _: i64, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import2(
                        _: *mut u8,
                        _: usize,
                        _: i64,
                        _: *mut u8,
                    ) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, _rt::as_i64(&ttl_ms), ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result10 = match l3 {
                        0 => {
                            let e = {
                                let l4 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                _rt::bool_lift(l4 as u8)
                            };
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l5 = i32::from(
                                    *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                use super::super::super::gcore::fastedge::cache_types::Error as V9;
                                let v9 = match l5 {
                                    0 => V9::AccessDenied,
                                    1 => V9::InternalError,
                                    n => {
                                        debug_assert_eq!(n, 2, "invalid enum discriminant");
                                        let e9 = {
                                            let l6 = *ptr1
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l7 = *ptr1
                                                .add(3 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len8 = l7;
                                            let bytes8 = _rt::Vec::from_raw_parts(
                                                l6.cast(),
                                                len8,
                                                len8,
                                            );
                                            _rt::string_lift(bytes8)
                                        };
                                        V9::Other(e9)
                                    }
                                };
                                v9
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result10
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Answers how many keys went.
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn purge() -> ::core::result::Result<u64, Error> {
                unsafe {
                    #[repr(align(8))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 16 + 2 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 16
                            + 2 * ::core::mem::size_of::<*const u8>()],
                    );
                    let ptr0 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/cache-sync")]
                    unsafe extern "C" {
                        #[link_name = "purge"]
                        fn wit_import1(_: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import1(_: *mut u8) {
                        unreachable!()
                    }
                    wit_import1(ptr0);
                    let l2 = i32::from(*ptr0.add(0).cast::<u8>());
                    let result9 = match l2 {
                        0 => {
                            let e = {
                                let l3 = *ptr0.add(8).cast::<i64>();
                                l3 as u64
                            };
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l4 = i32::from(*ptr0.add(8).cast::<u8>());
                                use super::super::super::gcore::fastedge::cache_types::Error as V8;
                                let v8 = match l4 {
                                    0 => V8::AccessDenied,
                                    1 => V8::InternalError,
                                    n => {
                                        debug_assert_eq!(n, 2, "invalid enum discriminant");
                                        let e8 = {
                                            let l5 = *ptr0
                                                .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l6 = *ptr0
                                                .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len7 = l6;
                                            let bytes7 = _rt::Vec::from_raw_parts(
                                                l5.cast(),
                                                len7,
                                                len7,
                                            );
                                            _rt::string_lift(bytes7)
                                        };
                                        V8::Other(e8)
                                    }
                                };
                                v8
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result9
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Answers how many keys went.
            #[allow(async_fn_in_trait)]
            #[inline]
            pub fn purge_prefix(prefix: &str) -> ::core::result::Result<u64, Error> {
                unsafe {
                    #[repr(align(8))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 16 + 2 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 16
                            + 2 * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = prefix;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "gcore:fastedge/cache-sync")]
                    unsafe extern "C" {
                        #[link_name = "purge-prefix"]
                        fn wit_import2(_: *mut u8, _: usize, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    #[inline]
                    unsafe extern "C" fn wit_import2(_: *mut u8, _: usize, _: *mut u8) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result10 = match l3 {
                        0 => {
                            let e = {
                                let l4 = *ptr1.add(8).cast::<i64>();
                                l4 as u64
                            };
                            Ok(e)
                        }
                        1 => {
                            let e = {
                                let l5 = i32::from(*ptr1.add(8).cast::<u8>());
                                use super::super::super::gcore::fastedge::cache_types::Error as V9;
                                let v9 = match l5 {
                                    0 => V9::AccessDenied,
                                    1 => V9::InternalError,
                                    n => {
                                        debug_assert_eq!(n, 2, "invalid enum discriminant");
                                        let e9 = {
                                            let l6 = *ptr1
                                                .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                                .cast::<*mut u8>();
                                            let l7 = *ptr1
                                                .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<usize>();
                                            let len8 = l7;
                                            let bytes8 = _rt::Vec::from_raw_parts(
                                                l6.cast(),
                                                len8,
                                                len8,
                                            );
                                            _rt::string_lift(bytes8)
                                        };
                                        V9::Other(e9)
                                    }
                                };
                                v9
                            };
                            Err(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result10
                }
            }
        }
    }
}
#[allow(dead_code, clippy::all)]
pub mod exports {
    pub mod gcore {
        pub mod fastedge {
            /// Requests that the app answers.
            #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
            pub mod http_handler {
                #[used]
                #[doc(hidden)]
                static __FORCE_SECTION_REF: fn() = super::super::super::super::__link_custom_section_describing_imports;
                use super::super::super::super::_rt;
                pub type Request = super::super::super::super::gcore::fastedge::http::Request;
                pub type Response = super::super::super::super::gcore::fastedge::http::Response;
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                #[inline]
                pub unsafe fn _export_process_cabi<T_: Guest>(
                    arg0: i32,
                    arg1: *mut u8,
                    arg2: usize,
                    arg3: *mut u8,
                    arg4: usize,
                    arg5: i32,
                    arg6: *mut u8,
                    arg7: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result9 = {
                            let len0 = arg2;
                            let bytes0 = _rt::Vec::from_raw_parts(
                                arg1.cast(),
                                len0,
                                len0,
                            );
                            let base7 = arg3;
                            let len7 = arg4;
                            let mut result7 = _rt::Vec::with_capacity(len7);
                            for i in 0..len7 {
                                let base = base7
                                    .add(i * (4 * ::core::mem::size_of::<*const u8>()));
                                let e7 = {
                                    let l1 = *base.add(0).cast::<*mut u8>();
                                    let l2 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len3 = l2;
                                    let bytes3 = _rt::Vec::from_raw_parts(
                                        l1.cast(),
                                        len3,
                                        len3,
                                    );
                                    let l4 = *base
                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                        .cast::<*mut u8>();
                                    let l5 = *base
                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len6 = l5;
                                    let bytes6 = _rt::Vec::from_raw_parts(
                                        l4.cast(),
                                        len6,
                                        len6,
                                    );
                                    (_rt::string_lift(bytes3), _rt::string_lift(bytes6))
                                };
                                result7.push(e7);
                            }
                            _rt::cabi_dealloc(
                                base7,
                                len7 * (4 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            T_::process(super::super::super::super::gcore::fastedge::http::Request {
                                method: super::super::super::super::gcore::fastedge::http::Method::_lift(
                                    arg0 as u8,
                                ),
                                uri: _rt::string_lift(bytes0),
                                headers: result7,
                                body: match arg5 {
                                    0 => None,
                                    1 => {
                                        let e = {
                                            let len8 = arg7;
                                            <_ as From<
                                                _rt::Vec<_>,
                                            >>::from(_rt::Vec::from_raw_parts(arg6.cast(), len8, len8))
                                        };
                                        Some(e)
                                    }
                                    _ => _rt::invalid_enum_discriminant(),
                                },
                            })
                        };
                        let ptr10 = (&raw mut _RET_AREA.0).cast::<u8>();
                        let super::super::super::super::gcore::fastedge::http::Response {
                            status: status11,
                            headers: headers11,
                            body: body11,
                        } = result9;
                        *ptr10.add(0).cast::<u16>() = (_rt::as_i32(status11)) as u16;
                        match headers11 {
                            Some(e) => {
                                *ptr10
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (1i32) as u8;
                                let vec15 = e;
                                let len15 = vec15.len();
                                let layout15 = _rt::alloc::Layout::from_size_align(
                                        vec15.len() * (4 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result15, _cleanup15) = wit_bindgen::rt::Cleanup::new(
                                    layout15,
                                );
                                if let Some(cleanup) = _cleanup15 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec15.into_iter().enumerate() {
                                    let base = result15
                                        .add(i * (4 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let (t12_0, t12_1) = e;
                                        let vec13 = (t12_0.into_bytes()).into_boxed_slice();
                                        let ptr13 = vec13.as_ptr().cast::<u8>();
                                        let len13 = vec13.len();
                                        ::core::mem::forget(vec13);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len13;
                                        *base.add(0).cast::<*mut u8>() = ptr13.cast_mut();
                                        let vec14 = (t12_1.into_bytes()).into_boxed_slice();
                                        let ptr14 = vec14.as_ptr().cast::<u8>();
                                        let len14 = vec14.len();
                                        ::core::mem::forget(vec14);
                                        *base
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len14;
                                        *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr14.cast_mut();
                                    }
                                }
                                *ptr10
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len15;
                                *ptr10
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result15;
                            }
                            None => {
                                *ptr10
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (0i32) as u8;
                            }
                        };
                        match body11 {
                            Some(e) => {
                                *ptr10
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (1i32) as u8;
                                let vec16 = <_ as Into<_rt::Vec<_>>>::into(e)
                                    .into_boxed_slice();
                                let ptr16 = vec16.as_ptr().cast::<u8>();
                                let len16 = vec16.len();
                                ::core::mem::forget(vec16);
                                *ptr10
                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len16;
                                *ptr10
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr16.cast_mut();
                            }
                            None => {
                                *ptr10
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (0i32) as u8;
                            }
                        };
                        ptr10
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                #[inline]
                pub unsafe fn __post_return_process<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(
                            *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                        );
                        match l0 {
                            0 => {}
                            _ => {
                                let l1 = *arg0
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l2 = *arg0
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base7 = l1;
                                let len7 = l2;
                                for i in 0..len7 {
                                    let base = base7
                                        .add(i * (4 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let l3 = *base.add(0).cast::<*mut u8>();
                                        let l4 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l3, l4, 1);
                                        let l5 = *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l6 = *base
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l5, l6, 1);
                                    }
                                }
                                _rt::cabi_dealloc(
                                    base7,
                                    len7 * (4 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                            }
                        }
                        let l8 = i32::from(
                            *arg0
                                .add(4 * ::core::mem::size_of::<*const u8>())
                                .cast::<u8>(),
                        );
                        match l8 {
                            0 => {}
                            _ => {
                                let l9 = *arg0
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l10 = *arg0
                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base11 = l9;
                                let len11 = l10;
                                _rt::cabi_dealloc(base11, len11 * 1, 1);
                            }
                        }
                    }
                }
                pub trait Guest {
                    /// Called once in the life of an instance.
                    #[allow(async_fn_in_trait)]
                    fn process(req: Request) -> Response;
                }
                #[doc(hidden)]
                #[macro_export]
                macro_rules! __export_gcore_fastedge_http_handler_cabi {
                    ($ty:ident with_types_in $($path_to_types:tt)*) => {
                        const _ : () = { #[unsafe (export_name =
                        "gcore:fastedge/http-handler#process")] unsafe extern "C" fn
                        export_process(arg0 : i32, arg1 : * mut u8, arg2 : usize, arg3 :
                        * mut u8, arg4 : usize, arg5 : i32, arg6 : * mut u8, arg7 :
                        usize,) -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_process_cabi::<$ty > (arg0, arg1, arg2, arg3, arg4, arg5,
                        arg6, arg7) } } #[unsafe (export_name =
                        "cabi_post_gcore:fastedge/http-handler#process")] unsafe extern
                        "C" fn _post_return_process(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_process::<$ty > (arg0) } } };
                    };
                }
                #[doc(hidden)]
                pub use __export_gcore_fastedge_http_handler_cabi;
                #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                struct _RetArea(
                    [::core::mem::MaybeUninit<
                        u8,
                    >; 7 * ::core::mem::size_of::<*const u8>()],
                );
                static mut _RET_AREA: _RetArea = _RetArea(
                    [::core::mem::MaybeUninit::uninit(); 7
                        * ::core::mem::size_of::<*const u8>()],
                );
            }
        }
    }
}
mod _rt {
    #![allow(dead_code, unused_imports, clippy::all)]
    pub use alloc_crate::vec::Vec;
    pub use alloc_crate::string::String;
    pub use alloc_crate::alloc;
    #[inline]
    pub unsafe fn string_lift(bytes: Vec<u8>) -> String {
        if cfg!(debug_assertions) {
            String::from_utf8(bytes).unwrap()
        } else {
            unsafe { String::from_utf8_unchecked(bytes) }
        }
    }
    #[inline]
    pub unsafe fn cabi_dealloc(ptr: *mut u8, size: usize, align: usize) {
        if size == 0 {
            return;
        }
        unsafe {
            let layout = alloc::Layout::from_size_align_unchecked(size, align);
            alloc::dealloc(ptr, layout);
        }
    }
    #[inline]
    pub unsafe fn invalid_enum_discriminant<T>() -> T {
        if cfg!(debug_assertions) {
            panic!("invalid enum discriminant")
        } else {
            unsafe { core::hint::unreachable_unchecked() }
        }
    }
    #[inline]
    pub fn as_i32<T: AsI32>(t: T) -> i32 {
        t.as_i32()
    }
    pub trait AsI32 {
        fn as_i32(self) -> i32;
    }
    impl<'a, T: Copy + AsI32> AsI32 for &'a T {
        #[inline]
        fn as_i32(self) -> i32 {
            (*self).as_i32()
        }
    }
    impl AsI32 for i32 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u32 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for i16 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u16 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for i8 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u8 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for char {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for usize {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    use core::fmt;
    use core::marker;
    use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
    /// A type which represents a component model resource, either imported or
    /// exported into this component.
    ///
    /// This is a low-level wrapper which handles the lifetime of the resource
    /// (namely this has a destructor). The `T` provided defines the component model
    /// intrinsics that this wrapper uses.
    ///
    /// One of the chief purposes of this type is to provide `Deref` implementations
    /// to access the underlying data when it is owned.
    ///
    /// This type is primarily used in generated code for exported and imported
    /// resources.
    #[repr(transparent)]
    pub struct Resource<T: WasmResource> {
        handle: AtomicU32,
        _marker: marker::PhantomData<T>,
    }
    /// A trait which all wasm resources implement, namely providing the ability to
    /// drop a resource.
    ///
    /// This generally is implemented by generated code, not user-facing code.
    #[allow(clippy::missing_safety_doc)]
    pub unsafe trait WasmResource {
        /// Invokes the `[resource-drop]...` intrinsic.
        unsafe fn drop(handle: u32);
    }
    impl<T: WasmResource> Resource<T> {
        #[doc(hidden)]
        #[inline]
        pub unsafe fn from_handle(handle: u32) -> Self {
            debug_assert!(handle != 0 && handle != u32::MAX);
            Self {
                handle: AtomicU32::new(handle),
                _marker: marker::PhantomData,
            }
        }
        /// Takes ownership of the handle owned by `resource`.
        ///
        /// Note that this ideally would be `into_handle` taking `Resource<T>` by
        /// ownership. The code generator does not enable that in all situations,
        /// unfortunately, so this is provided instead.
        ///
        /// Also note that `take_handle` is in theory only ever called on values
        /// owned by a generated function. For example a generated function might
        /// take `Resource<T>` as an argument but then call `take_handle` on a
        /// reference to that argument. In that sense the dynamic nature of
        /// `take_handle` should only be exposed internally to generated code, not
        /// to user code.
        #[doc(hidden)]
        #[inline]
        pub fn take_handle(resource: &Resource<T>) -> u32 {
            resource.handle.swap(u32::MAX, Relaxed)
        }
        #[doc(hidden)]
        #[inline]
        pub fn handle(resource: &Resource<T>) -> u32 {
            resource.handle.load(Relaxed)
        }
    }
    impl<T: WasmResource> fmt::Debug for Resource<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Resource").field("handle", &self.handle).finish()
        }
    }
    impl<T: WasmResource> Drop for Resource<T> {
        #[inline]
        fn drop(&mut self) {
            unsafe {
                match self.handle.load(Relaxed) {
                    u32::MAX => {}
                    other => T::drop(other),
                }
            }
        }
    }
    #[inline]
    pub fn as_f64<T: AsF64>(t: T) -> f64 {
        t.as_f64()
    }
    pub trait AsF64 {
        fn as_f64(self) -> f64;
    }
    impl<'a, T: Copy + AsF64> AsF64 for &'a T {
        #[inline]
        fn as_f64(self) -> f64 {
            (*self).as_f64()
        }
    }
    impl AsF64 for f64 {
        #[inline]
        fn as_f64(self) -> f64 {
            self as f64
        }
    }
    #[inline]
    pub unsafe fn bool_lift(val: u8) -> bool {
        if cfg!(debug_assertions) {
            match val {
                0 => false,
                1 => true,
                _ => panic!("invalid bool discriminant"),
            }
        } else {
            val != 0
        }
    }
    #[inline]
    pub fn as_i64<T: AsI64>(t: T) -> i64 {
        t.as_i64()
    }
    pub trait AsI64 {
        fn as_i64(self) -> i64;
    }
    impl<'a, T: Copy + AsI64> AsI64 for &'a T {
        #[inline]
        fn as_i64(self) -> i64 {
            (*self).as_i64()
        }
    }
    impl AsI64 for i64 {
        #[inline]
        fn as_i64(self) -> i64 {
            self as i64
        }
    }
    impl AsI64 for u64 {
        #[inline]
        fn as_i64(self) -> i64 {
            self as i64
        }
    }
    #[cfg(target_arch = "wasm32")]
    #[inline]
    pub fn run_ctors_once() {
        wit_bindgen::rt::run_ctors_once();
    }
    extern crate alloc as alloc_crate;
}
/// Generates `#[unsafe(no_mangle)]` functions to export the specified type as
/// the root implementation of all generated traits.
///
/// For more information see the documentation of `wit_bindgen::generate!`.
///
/// ```rust
/// # macro_rules! export_http_handler{ ($($t:tt)*) => (); }
/// # trait Guest {}
/// struct MyType;
///
/// impl Guest for MyType {
///     // ...
/// }
///
/// export_http_handler!(MyType);
/// ```
#[allow(unused_macros)]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_reactor_impl {
    ($ty:ident) => {
        self::export_http_handler!($ty with_types_in self);
    };
    ($ty:ident with_types_in $($path_to_types_root:tt)*) => {
        $($path_to_types_root)*::
        exports::gcore::fastedge::http_handler::__export_gcore_fastedge_http_handler_cabi!($ty
        with_types_in $($path_to_types_root)*:: exports::gcore::fastedge::http_handler);
        const _ : () = { #[cfg(target_arch = "wasm32")] #[unsafe (link_section =
        "component-type:wit-bindgen:0.61.1:gcore:fastedge:reactor:imports and exports")]
        #[doc(hidden)] #[allow(clippy::octal_escapes)] pub static
        __WIT_BINDGEN_COMPONENT_TYPE : [u8; 1879] = *
        b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\xd9\x0d\x01A\x02\x01\
A\x17\x01B\x13\x01{\x04\0\x0bhttp-status\x03\0\0\x01p}\x04\0\x04body\x03\0\x02\x01\
o\x02ss\x01p\x04\x04\0\x07headers\x03\0\x05\x01s\x04\0\x03uri\x03\0\x07\x01m\x07\
\x03get\x04post\x03put\x06delete\x04head\x05patch\x07options\x04\0\x06method\x03\
\0\x09\x01k\x03\x01r\x04\x06method\x0a\x03uri\x08\x07headers\x06\x04body\x0b\x04\
\0\x07request\x03\0\x0c\x01k\x06\x01r\x03\x06status\x01\x07headers\x0e\x04body\x0b\
\x04\0\x08response\x03\0\x0f\x01m\x06\x07success\x17destination-not-allowed\x0bi\
nvalid-url\x0drequest-error\x0druntime-error\x11too-many-requests\x04\0\x05error\
\x03\0\x11\x03\0\x13gcore:fastedge/http\x05\0\x02\x03\0\0\x07request\x02\x03\0\0\
\x08response\x02\x03\0\0\x05error\x01B\x09\x02\x03\x02\x01\x01\x04\0\x07request\x03\
\0\0\x02\x03\x02\x01\x02\x04\0\x08response\x03\0\x02\x02\x03\x02\x01\x03\x04\0\x05\
error\x03\0\x04\x01j\x01\x03\x01\x05\x01@\x01\x03req\x01\0\x06\x04\0\x0csend-req\
uest\x01\x07\x03\0\x1agcore:fastedge/http-client\x05\x04\x01B\x03\x01ks\x01@\x01\
\x03keys\0\0\x04\0\x03get\x01\x01\x03\0\x19gcore:fastedge/dictionary\x05\x05\x01\
B\x08\x01q\x03\x0daccess-denied\0\0\x0ddecrypt-error\0\0\x05other\x01s\0\x04\0\x05\
error\x03\0\0\x01ks\x01j\x01\x02\x01\x01\x01@\x01\x03keys\0\x03\x04\0\x03get\x01\
\x04\x01@\x02\x03keys\x02aty\0\x03\x04\0\x10get-effective-at\x01\x05\x03\0\x15gc\
ore:fastedge/secret\x05\x06\x01B\x1c\x01p}\x04\0\x05value\x03\0\0\x04\0\x05store\
\x03\x01\x01q\x04\x0dno-such-store\0\0\x0daccess-denied\0\0\x0einternal-error\0\0\
\x05other\x01s\0\x04\0\x05error\x03\0\x03\x01i\x02\x01j\x01\x05\x01\x04\x01@\x01\
\x04names\0\x06\x04\0\x12[static]store.open\x01\x07\x01h\x02\x01k\x01\x01j\x01\x09\
\x01\x04\x01@\x02\x04self\x08\x03keys\0\x0a\x04\0\x11[method]store.get\x01\x0b\x01\
ps\x01j\x01\x0c\x01\x04\x01@\x02\x04self\x08\x07patterns\0\x0d\x04\0\x12[method]\
store.scan\x01\x0e\x01o\x02\x01u\x01p\x0f\x01j\x01\x10\x01\x04\x01@\x04\x04self\x08\
\x03keys\x03minu\x03maxu\0\x11\x04\0\x1d[method]store.zrange-by-score\x01\x12\x01\
@\x03\x04self\x08\x03keys\x07patterns\0\x11\x04\0\x13[method]store.zscan\x01\x13\
\x01j\x01\x7f\x01\x04\x01@\x03\x04self\x08\x03keys\x04items\0\x14\x04\0\x17[meth\
od]store.bf-exists\x01\x15\x03\0\x18gcore:fastedge/key-value\x05\x07\x01B\x02\x01\
@\x01\x04names\x01\0\x04\0\x0dset-user-diag\x01\0\x03\0\x14gcore:fastedge/utils\x05\
\x08\x01B\x04\x01p}\x04\0\x07payload\x03\0\0\x01q\x03\x0daccess-denied\0\0\x0ein\
ternal-error\0\0\x05other\x01s\0\x04\0\x05error\x03\0\x02\x03\0\x1agcore:fastedg\
e/cache-types\x05\x09\x02\x03\0\x06\x07payload\x02\x03\0\x06\x05error\x01B\x1b\x02\
\x03\x02\x01\x0a\x04\0\x07payload\x03\0\0\x02\x03\x02\x01\x0b\x04\0\x05error\x03\
\0\x02\x01k\x01\x01j\x01\x04\x01\x03\x01@\x01\x03keys\0\x05\x04\0\x03get\x01\x06\
\x01kw\x01j\0\x01\x03\x01@\x03\x03keys\x05value\x01\x06ttl-ms\x07\0\x08\x04\0\x03\
set\x01\x09\x01@\x01\x03keys\0\x08\x04\0\x06delete\x01\x0a\x01j\x01\x7f\x01\x03\x01\
@\x01\x03keys\0\x0b\x04\0\x06exists\x01\x0c\x01j\x01x\x01\x03\x01@\x02\x03keys\x05\
deltax\0\x0d\x04\0\x04incr\x01\x0e\x01@\x02\x03keys\x06ttl-msw\0\x0b\x04\0\x06ex\
pire\x01\x0f\x01j\x01w\x01\x03\x01@\0\0\x10\x04\0\x05purge\x01\x11\x01@\x01\x06p\
refixs\0\x10\x04\0\x0cpurge-prefix\x01\x12\x03\0\x19gcore:fastedge/cache-sync\x05\
\x0c\x01B\x06\x02\x03\x02\x01\x01\x04\0\x07request\x03\0\0\x02\x03\x02\x01\x02\x04\
\0\x08response\x03\0\x02\x01@\x01\x03req\x01\0\x03\x04\0\x07process\x01\x04\x04\0\
\x1bgcore:fastedge/http-handler\x05\x0d\x04\0\x16gcore:fastedge/reactor\x04\0\x0b\
\x0d\x01\0\x07reactor\x03\0\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-com\
ponent\x070.258.3\x10wit-bindgen-rust\x060.61.1";
        };
    };
}
#[doc(inline)]
pub use __export_reactor_impl as export_http_handler;
#[cfg(target_arch = "wasm32")]
#[unsafe(
    link_section = "component-type:wit-bindgen:0.61.1:gcore:fastedge:reactor-with-all-of-its-exports-removed:encoded world"
)]
#[doc(hidden)]
#[allow(clippy::octal_escapes)]
pub static __WIT_BINDGEN_COMPONENT_TYPE: [u8; 1849] = *b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\x9b\x0d\x01A\x02\x01\
A\x15\x01B\x13\x01{\x04\0\x0bhttp-status\x03\0\0\x01p}\x04\0\x04body\x03\0\x02\x01\
o\x02ss\x01p\x04\x04\0\x07headers\x03\0\x05\x01s\x04\0\x03uri\x03\0\x07\x01m\x07\
\x03get\x04post\x03put\x06delete\x04head\x05patch\x07options\x04\0\x06method\x03\
\0\x09\x01k\x03\x01r\x04\x06method\x0a\x03uri\x08\x07headers\x06\x04body\x0b\x04\
\0\x07request\x03\0\x0c\x01k\x06\x01r\x03\x06status\x01\x07headers\x0e\x04body\x0b\
\x04\0\x08response\x03\0\x0f\x01m\x06\x07success\x17destination-not-allowed\x0bi\
nvalid-url\x0drequest-error\x0druntime-error\x11too-many-requests\x04\0\x05error\
\x03\0\x11\x03\0\x13gcore:fastedge/http\x05\0\x02\x03\0\0\x07request\x02\x03\0\0\
\x08response\x02\x03\0\0\x05error\x01B\x09\x02\x03\x02\x01\x01\x04\0\x07request\x03\
\0\0\x02\x03\x02\x01\x02\x04\0\x08response\x03\0\x02\x02\x03\x02\x01\x03\x04\0\x05\
error\x03\0\x04\x01j\x01\x03\x01\x05\x01@\x01\x03req\x01\0\x06\x04\0\x0csend-req\
uest\x01\x07\x03\0\x1agcore:fastedge/http-client\x05\x04\x01B\x03\x01ks\x01@\x01\
\x03keys\0\0\x04\0\x03get\x01\x01\x03\0\x19gcore:fastedge/dictionary\x05\x05\x01\
B\x08\x01q\x03\x0daccess-denied\0\0\x0ddecrypt-error\0\0\x05other\x01s\0\x04\0\x05\
error\x03\0\0\x01ks\x01j\x01\x02\x01\x01\x01@\x01\x03keys\0\x03\x04\0\x03get\x01\
\x04\x01@\x02\x03keys\x02aty\0\x03\x04\0\x10get-effective-at\x01\x05\x03\0\x15gc\
ore:fastedge/secret\x05\x06\x01B\x1c\x01p}\x04\0\x05value\x03\0\0\x04\0\x05store\
\x03\x01\x01q\x04\x0dno-such-store\0\0\x0daccess-denied\0\0\x0einternal-error\0\0\
\x05other\x01s\0\x04\0\x05error\x03\0\x03\x01i\x02\x01j\x01\x05\x01\x04\x01@\x01\
\x04names\0\x06\x04\0\x12[static]store.open\x01\x07\x01h\x02\x01k\x01\x01j\x01\x09\
\x01\x04\x01@\x02\x04self\x08\x03keys\0\x0a\x04\0\x11[method]store.get\x01\x0b\x01\
ps\x01j\x01\x0c\x01\x04\x01@\x02\x04self\x08\x07patterns\0\x0d\x04\0\x12[method]\
store.scan\x01\x0e\x01o\x02\x01u\x01p\x0f\x01j\x01\x10\x01\x04\x01@\x04\x04self\x08\
\x03keys\x03minu\x03maxu\0\x11\x04\0\x1d[method]store.zrange-by-score\x01\x12\x01\
@\x03\x04self\x08\x03keys\x07patterns\0\x11\x04\0\x13[method]store.zscan\x01\x13\
\x01j\x01\x7f\x01\x04\x01@\x03\x04self\x08\x03keys\x04items\0\x14\x04\0\x17[meth\
od]store.bf-exists\x01\x15\x03\0\x18gcore:fastedge/key-value\x05\x07\x01B\x02\x01\
@\x01\x04names\x01\0\x04\0\x0dset-user-diag\x01\0\x03\0\x14gcore:fastedge/utils\x05\
\x08\x01B\x04\x01p}\x04\0\x07payload\x03\0\0\x01q\x03\x0daccess-denied\0\0\x0ein\
ternal-error\0\0\x05other\x01s\0\x04\0\x05error\x03\0\x02\x03\0\x1agcore:fastedg\
e/cache-types\x05\x09\x02\x03\0\x06\x07payload\x02\x03\0\x06\x05error\x01B\x1b\x02\
\x03\x02\x01\x0a\x04\0\x07payload\x03\0\0\x02\x03\x02\x01\x0b\x04\0\x05error\x03\
\0\x02\x01k\x01\x01j\x01\x04\x01\x03\x01@\x01\x03keys\0\x05\x04\0\x03get\x01\x06\
\x01kw\x01j\0\x01\x03\x01@\x03\x03keys\x05value\x01\x06ttl-ms\x07\0\x08\x04\0\x03\
set\x01\x09\x01@\x01\x03keys\0\x08\x04\0\x06delete\x01\x0a\x01j\x01\x7f\x01\x03\x01\
@\x01\x03keys\0\x0b\x04\0\x06exists\x01\x0c\x01j\x01x\x01\x03\x01@\x02\x03keys\x05\
deltax\0\x0d\x04\0\x04incr\x01\x0e\x01@\x02\x03keys\x06ttl-msw\0\x0b\x04\0\x06ex\
pire\x01\x0f\x01j\x01w\x01\x03\x01@\0\0\x10\x04\0\x05purge\x01\x11\x01@\x01\x06p\
refixs\0\x10\x04\0\x0cpurge-prefix\x01\x12\x03\0\x19gcore:fastedge/cache-sync\x05\
\x0c\x04\06gcore:fastedge/reactor-with-all-of-its-exports-removed\x04\0\x0b-\x01\
\0'reactor-with-all-of-its-exports-removed\x03\0\0\0G\x09producers\x01\x0cproces\
sed-by\x02\x0dwit-component\x070.258.3\x10wit-bindgen-rust\x060.61.1";
#[inline(never)]
#[doc(hidden)]
pub fn __link_custom_section_describing_imports() {
    wit_bindgen::rt::maybe_link_cabi_realloc();
}

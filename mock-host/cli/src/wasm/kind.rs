//! What an app is, by what it exports.

use wasmtime::Engine;
use wasmtime::component::Component;

/// The two kinds of app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// It exports `gcore:fastedge/http-handler`: whole requests, synchronously.
    Reactor,
    /// It exports `wasi:http/incoming-handler`: streams, asynchronously.
    WasiHttp,
}

impl Kind {
    /// What a component is; if it is neither, the names of what it exports.
    pub(crate) fn of(component: &Component, engine: &Engine) -> Result<Kind, Vec<String>> {
        let exports: Vec<String> = component
            .component_type()
            .exports(engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        Kind::of_exports(exports.iter().map(String::as_str)).ok_or(exports)
    }

    /// What a component with these exports is.
    pub(crate) fn of_exports<'a>(
        mut exports: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<Kind> {
        if exports
            .clone()
            .any(|name| name == "gcore:fastedge/http-handler")
        {
            Some(Kind::Reactor)
        } else if exports.any(|name| name.starts_with("wasi:http/incoming-handler@0.2.")) {
            Some(Kind::WasiHttp)
        } else {
            None
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Reactor => "reactor",
            Kind::WasiHttp => "WASI-HTTP",
        })
    }
}

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
        let has = |prefix: &str| exports.iter().any(|name| name.starts_with(prefix));
        if exports
            .iter()
            .any(|name| name == "gcore:fastedge/http-handler")
        {
            Ok(Kind::Reactor)
        } else if has("wasi:http/incoming-handler@0.2.") {
            Ok(Kind::WasiHttp)
        } else {
            Err(exports)
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

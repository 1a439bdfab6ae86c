//! Why a file cannot be run.

/// Why a file cannot be run as an app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Its file cannot be read.
    #[error("{}: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: std::path::PathBuf,
        /// What the system said.
        reason: String,
    },
    /// It cannot be built.
    #[error(transparent)]
    Package(#[from] crate::package::PackageError),
    /// wasmtime cannot be set up on this machine.
    #[error("no runtime: {0}")]
    NoRuntime(String),
    /// It is not WebAssembly.
    #[error(
        "not WebAssembly: an app is built with `cargo build --release --target wasm32-wasip2`, and \
         is target/wasm32-wasip2/release/<name>.wasm"
    )]
    NotWasm,
    /// It is a core module that cannot be wrapped into a component.
    #[error(
        "a core module that cannot be made a component: {0}. Was it built for wasm32-wasip1 from an \
         app with a handler? Apps of this SDK are built for wasm32-wasip2"
    )]
    CoreModule(String),
    /// wasmtime does not take it.
    #[error("not a valid component: {0}")]
    Invalid(String),
    /// It is not a program.
    #[error(
        "not a program: it does not export wasi:cli/run, as what is built for wasm32-wasip2 does"
    )]
    NotAProgram,
    /// It handles no requests.
    #[error(
        "not an app: it exports neither gcore:fastedge/http-handler nor wasi:http/incoming-handler, \
         but {}. Is #[fastedge::http] or #[wstd::http_server] on its handler, and `cdylib` among \
         its crate-types?", list(.0)
    )]
    NoHandler(Vec<String>),
    /// It imports what the platform does not have.
    #[error("it cannot be linked, here as on the platform (530/3000): {0}")]
    Link(String),
}

fn list(exports: &[String]) -> String {
    match exports {
        [] => "nothing".to_owned(),
        exports => exports.join(", "),
    }
}

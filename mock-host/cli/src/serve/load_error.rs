//! Why something cannot be served.

use std::path::PathBuf;

use crate::config::ConfigError;
use crate::database::OpenError;
use crate::wasm;

/// Why something cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Neither the command line nor the configuration names an app.
    #[error(
        "there is no app to serve: name one (a component, or a package), or put [apps.NAME] into \
         fastedge.toml"
    )]
    NothingToServe,
    /// There is no such file.
    #[error("{0}: no such file. Has it been built? `cargo build --release --target wasm32-wasip2`")]
    NoSuchFile(String),
    /// There is no such location.
    #[error(
        "there is no location {pop:?}; there are: {pops} (`pops` under [edge] in fastedge.toml)"
    )]
    NoSuchPop {
        /// What was asked for.
        pop: String,
        /// What there is.
        pops: String,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(ConfigError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// A package cannot be found or built.
    #[error("{0}")]
    Package(String),
    /// A component's file cannot be read.
    #[error("{}: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A component cannot be run.
    #[error("{app}: {error}")]
    App {
        /// Which one.
        app: String,
        /// Why.
        error: wasm::LoadError,
    },
    /// What the configuration says cannot be had.
    #[error("{0}")]
    SetUp(String),
    /// A change that only a restart can make.
    #[error("{0} has changed: that takes a restart")]
    NeedsRestart(&'static str),
    /// A destination is none.
    #[error("--allow-outbound: {0}")]
    Allow(String),
}

impl LoadError {
    pub(super) fn app(app: &str, error: wasm::LoadError) -> Self {
        LoadError::App {
            app: app.to_owned(),
            error,
        }
    }
}

//! Components on the edge: from the imports of an app to [`Edge`](fastedge_mock_host::Edge), under
//! wasmtime.

mod app;
mod clock;
mod control;
mod deadline;
mod engine;
mod failure;
mod guest;
mod imports;
mod kind;
mod limiter;
mod load_error;
mod outbound;
mod output;
mod portrait;
mod program;
mod random;
mod reactor;
mod state;
mod wasi_http;
mod wasip1;

pub use self::app::App;
pub(crate) use self::app::compile_cache;
pub use self::engine::{EngineOptions, Runtime};
pub use self::failure::Failure;
pub use self::guest::{Guest, Outcome};
pub use self::kind::Kind;
pub use self::load_error::LoadError;
pub use self::output::{AppOutput, Discard, PrintedLine, RequestLabel, Stdio, Stream};
pub use self::portrait::{Interface, Portrait};
pub use self::program::{Program, Run};

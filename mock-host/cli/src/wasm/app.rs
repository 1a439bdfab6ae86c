//! Components in integration tests, without a socket.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, mpsc};
use std::time::Duration;

use bytes::Bytes;
use fastedge_mock_host::MockHost;
use http::Request;

use super::engine::{EngineOptions, Runtime};
use super::guest::{Guest, Outcome};
use super::load_error::LoadError;
use super::output::Discard;
use crate::config::{Config, Limits};
use crate::package::AppPackage;

/// A component in an integration test: the very file that is uploaded, on the platform of a
/// [`MockHost`], without a socket.
///
/// ```no_run
/// use fastedge_mock::wasm::App;
/// use fastedge_mock_host::MockHost;
/// use http::Request;
///
/// let edge = MockHost::new().kv("pages", |kv| kv.set("/tea", "Tea"));
/// let app = App::load("target/wasm32-wasip2/release/my_app.wasm")?.on(&edge);
/// let outcome = app.request(Request::get("/tea").body("")?);
///
/// assert_eq!(outcome.response.body(), "Tea");
/// assert_eq!(outcome.calls.kv_reads(), 1);
/// assert!(outcome.instructions.unwrap() < 1_000_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Time, randomness, stores, cache, variables and the answers to its requests are the mock host's;
/// a sleep takes no time. Requests go nowhere that the mock host does not answer for.
pub struct App {
    guest: Arc<Guest>,
    size: usize,
}

/// How long an app may take in a test, unless a test says otherwise: a laptop that is busy is not to
/// fail tests that are about something else.
const TIME: Duration = Duration::from_secs(60);

/// The runtime that all apps of a process share.
static RUNTIME: LazyLock<Result<(Runtime, tokio::runtime::Runtime), String>> =
    LazyLock::new(|| {
        let options = EngineOptions {
            cache: compile_cache(),
            counts_instructions: true,
        };
        let runtime = Runtime::new(&options).map_err(|error| format!("{error:#}"))?;
        let threads = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        Ok((runtime, threads))
    });

/// Where compiled components are kept: where the system keeps caches, if it does.
pub(crate) fn compile_cache() -> Option<PathBuf> {
    let caches = std::env::var_os("XDG_CACHE_HOME")
        .or_else(|| std::env::var_os("LOCALAPPDATA"))
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    caches.map(|folder| folder.join("fastedge-mock"))
}

impl App {
    /// Loads a component, or a core module for wasip1, from a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is not an app that the platform runs.
    pub fn load(file: impl AsRef<Path>) -> Result<App, LoadError> {
        let file = file.as_ref();
        let binary = std::fs::read(file).map_err(|error| LoadError::Unreadable {
            file: file.to_owned(),
            reason: error.to_string(),
        })?;
        App::of(binary)
    }

    /// Builds a package of the workspace, by its name or its folder, and loads its component.
    ///
    /// # Errors
    ///
    /// If it cannot be built, or is not an app that the platform runs.
    pub fn build(package: &str) -> Result<App, LoadError> {
        let package = AppPackage::find(Path::new("."), package)?;
        App::of(package.build()?.binary)
    }

    /// An app of these bytes.
    ///
    /// # Errors
    ///
    /// If they are not an app that the platform runs.
    pub fn of(binary: impl AsRef<[u8]>) -> Result<App, LoadError> {
        let binary = binary.as_ref();
        let mut config = Config::on(MockHost::new().edge().clone());
        config.limits.time = TIME;
        Ok(App {
            guest: Arc::new(load(binary, config)?),
            size: binary.len(),
        })
    }

    /// The app on this platform, at its first location, with the variables that it has now.
    #[must_use]
    pub fn on(self, edge: &MockHost) -> App {
        let former = self.guest.config();
        let mut config = Config::on(edge.edge().clone());
        config.limits = former.limits;
        self.with(config)
    }

    /// The app with these limits.
    #[must_use]
    pub fn limits(self, limits: Limits) -> App {
        let mut config = self.guest.config().clone();
        config.limits = limits;
        self.with(config)
    }

    fn with(self, config: Config) -> App {
        App {
            guest: Arc::new(self.guest.with(config)),
            size: self.size,
        }
    }

    /// Answers a request, in an instance of its own, and waits for the answer.
    pub fn request<B: Into<Bytes>>(&self, request: Request<B>) -> Outcome {
        self.answer(self.guest.config().edge.pop().to_owned(), request)
    }

    /// Answers a request at another location.
    ///
    /// # Panics
    ///
    /// If there is none of this name.
    pub fn request_at<B: Into<Bytes>>(&self, pop: &str, request: Request<B>) -> Outcome {
        self.answer(pop.to_owned(), request)
    }

    fn answer<B: Into<Bytes>>(&self, pop: String, request: Request<B>) -> Outcome {
        let request = request.map(Into::into);
        let guest = Arc::clone(&self.guest);
        let Some(edge) = guest.config().edge.at(&pop) else {
            panic!("there is no location {pop:?}");
        };
        // The test may itself run on a runtime, which does not let others run on its threads.
        let (sender, receiver) = mpsc::channel();
        if let Ok((_, threads)) = &*RUNTIME {
            threads.spawn(async move {
                // Nobody waits for the answer if the test is gone.
                let _gone = sender.send(guest.request_at(&edge, request).await);
            });
        }
        match receiver.recv() {
            Ok(outcome) => outcome,
            Err(_dropped) => panic!("the runtime has dropped the request"),
        }
    }

    /// The component's size, in bytes.
    pub fn size(&self) -> usize {
        self.size
    }
}

fn load(binary: &[u8], config: Config) -> Result<Guest, LoadError> {
    match &*RUNTIME {
        Ok((runtime, _)) => Guest::load(runtime, binary, config, Arc::new(Discard)),
        Err(reason) => Err(LoadError::NoRuntime(reason.clone())),
    }
}

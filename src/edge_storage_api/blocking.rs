//! A client for tools.

use std::time::{Duration, Instant};

use ::http::{Request, Response};
use ureq::{Agent, Timeout};

use super::transport::{Transport, TransportError};
use crate::Body;

/// Longer than the platform's gateway waits, which is 30 s.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The largest answer that is read: a page of entries with large values.
const MAX_ANSWER_BYTES: u64 = 256 * 1024 * 1024;

/// A blocking HTTP client, for tools that write to stores; not for apps.
///
/// It waits at most 60 s for an answer, and follows no redirects, so that the token goes nowhere
/// else.
///
/// ```no_run
/// use fastedge::Key;
/// use fastedge::codec::Json;
/// use fastedge::edge_storage_api::{Api, BlockingClient, Entry, Progress, Token, Upload};
///
/// // As the app has it: one definition for both.
/// static LIMITS: Key<Json<Vec<u32>>> = Key::new("limits");
///
/// let api = Api::new(Token::new(&std::env::var("GCORE_API_TOKEN")?)?);
/// let client = BlockingClient::new();
/// let one = api.write(7, &[Entry::typed(&LIMITS, &vec![10, 100])?])?.send_with(&client)?;
/// println!("revision {}", one.revision);
///
/// // Many, from a file of lines, and from where the former run of this tool has stopped.
/// let lines = std::fs::read_to_string("users.txt")?;
/// let entries = lines
///     .lines()
///     .map(|user| Entry::plain(format!("user:{user}"), "on"))
///     .collect::<Result<Vec<_>, _>>()?;
/// let before: Progress = std::fs::read("progress.json")
///     .map(|json| serde_json::from_slice(&json))
///     .unwrap_or(Ok(Progress::default()))?;
/// let mut upload = Upload::new(api, 7, entries).resume(before);
/// let result = upload.run(&client);
/// std::fs::write("progress.json", serde_json::to_vec(&upload.progress())?)?;
/// println!("{} entries are written", result?.confirmed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BlockingClient {
    agent: Agent,
    started: Instant,
}

impl BlockingClient {
    /// A client with a pool of connections of its own.
    pub fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("fastedge-sdk/", env!("CARGO_PKG_VERSION")))
            .build();
        BlockingClient {
            agent: config.into(),
            started: Instant::now(),
        }
    }
}

impl Default for BlockingClient {
    fn default() -> Self {
        BlockingClient::new()
    }
}

impl Transport for BlockingClient {
    fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let request = request.map(Body::into_bytes);
        let response = self
            .agent
            .run(request)
            .map_err(|error| match is_of_connecting(&error) {
                true => TransportError::not_sent(error),
                false => TransportError::lost(error),
            })?;
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let body = body.map_err(TransportError::lost)?;
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// Whether nothing has been sent yet.
fn is_of_connecting(error: &ureq::Error) -> bool {
    use std::io::ErrorKind;
    match error {
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::BadUri(_)
        | ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
        ureq::Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
        ),
        _ => false,
    }
}

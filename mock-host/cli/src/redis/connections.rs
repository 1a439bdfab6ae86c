//! Connections that are used again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::{Client, Connection, ErrorKind, IntoConnectionInfo, RedisError, RedisResult};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::UrlError;

/// What a round trip may take, as on the platform.
const PATIENCE: Duration = Duration::from_millis(100);

/// Connections that wait to be used again; more are closed.
const MOST_IDLE: usize = 32;

/// The connections to one Redis.
pub(super) struct Connections {
    client: Client,
    idle: Mutex<Vec<Connection>>,
}

/// Whether a command may be sent again if its connection turns out to be broken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Its effect is the same if it happens twice.
    Safe,
    /// It is not known whether it has happened.
    Unsafe,
}

impl Connections {
    pub(super) fn to(url: &str) -> Result<Self, UrlError> {
        let info = url.into_connection_info();
        let client = info.and_then(Client::open);
        let client = client.map_err(|error| {
            UrlError(format!(
                "not the URL of a Redis, as in redis://127.0.0.1:6379/0: {error}"
            ))
        })?;
        Ok(Connections {
            client,
            idle: Mutex::default(),
        })
    }

    /// Talks to the Redis on some connection. Other tasks go on meanwhile.
    pub(super) fn talk<T>(
        &self,
        repeat: Repeat,
        talk: impl Fn(&mut Connection) -> RedisResult<T>,
    ) -> RedisResult<T> {
        aside(|| {
            let waited = self.lock().pop();
            if let Some(connection) = waited {
                match self.talk_on(connection, &talk) {
                    // The Redis has closed it, perhaps because it was started anew.
                    Err(error) if is_hung_up(&error) => {
                        // The others that wait are no better.
                        self.lock().clear();
                        if repeat == Repeat::Unsafe {
                            return Err(error);
                        }
                    }
                    result => return result,
                }
            }
            let connection = self.client.get_connection_with_timeout(PATIENCE)?;
            connection.set_read_timeout(Some(PATIENCE))?;
            connection.set_write_timeout(Some(PATIENCE))?;
            self.talk_on(connection, &talk)
        })
    }

    /// A connection on which something went wrong, a time-out too, is not used again: a late answer
    /// would be taken for that to the next command.
    fn talk_on<T>(
        &self,
        mut connection: Connection,
        talk: impl Fn(&mut Connection) -> RedisResult<T>,
    ) -> RedisResult<T> {
        let result = talk(&mut connection);
        if result.as_ref().err().is_none_or(is_an_answer) {
            let mut idle = self.lock();
            if idle.len() < MOST_IDLE {
                idle.push(connection);
            }
        }
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the Redis has said it: the connection is in order.
fn is_an_answer(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension)
}

fn is_hung_up(error: &RedisError) -> bool {
    error.is_connection_dropped() && !error.is_timeout()
}

/// Waits without keeping the runtime's other tasks from running.
fn aside<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        _ => wait(),
    }
}

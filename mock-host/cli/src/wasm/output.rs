//! What an app prints: line by line, with the request that it belongs to.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Method, Uri};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// A line longer than this is printed in pieces.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// The request during which something was printed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RequestLabel {
    /// The number of the request since the start, from 1.
    pub id: u64,
    /// Its method.
    pub method: Method,
    /// Its URI.
    pub uri: Uri,
}

/// Where an app printed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// What the platform keeps.
    Stdout,
    /// What the platform drops.
    Stderr,
}

/// Takes what apps print.
pub trait AppOutput: Send + Sync {
    /// One line, without its end.
    fn line(&self, request: &RequestLabel, stream: Stream, line: &[u8]);
}

/// Prints an app's stdout to the process's, and its stderr, which the platform drops, to the
/// process's stderr.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stdio;

impl AppOutput for Stdio {
    fn line(&self, request: &RequestLabel, stream: Stream, line: &[u8]) {
        let RequestLabel { id, method, uri } = request;
        let mut text = match stream {
            Stream::Stdout => format!("[{id} {method} {uri}] "),
            Stream::Stderr => format!("[{id} {method} {uri}, stderr] "),
        }
        .into_bytes();
        text.extend_from_slice(line);
        text.push(b'\n');
        // Nobody reads it any more: not a reason to fail the request.
        let _ = match stream {
            Stream::Stdout => io::stdout()
                .write_all(&text)
                .and_then(|()| io::stdout().flush()),
            Stream::Stderr => io::stderr().write_all(&text),
        };
    }
}

/// Drops everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl AppOutput for Discard {
    fn line(&self, _request: &RequestLabel, _stream: Stream, _line: &[u8]) {}
}

/// What one request has printed, as far as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Lines(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    lines: Vec<PrintedLine>,
    /// How many bytes more are kept.
    room: usize,
}

/// A line that an app has printed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrintedLine {
    /// Where.
    pub stream: Stream,
    /// What, without its end.
    pub text: String,
}

/// Of a request that prints for ever only so much is kept, lines and what each takes beside its text.
const KEPT_BYTES: usize = 64 * 1024;
const LINE_BYTES: usize = 64;

impl Default for Lines {
    /// As much as is worth showing.
    fn default() -> Self {
        Lines::with_room(KEPT_BYTES)
    }
}

impl Lines {
    /// Everything.
    pub(crate) fn all() -> Self {
        Lines::with_room(usize::MAX)
    }

    fn with_room(room: usize) -> Self {
        let lines = Vec::new();
        Lines(Arc::new(Mutex::new(Kept { lines, room })))
    }

    pub(crate) fn take(&self) -> Vec<PrintedLine> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut kept.lines)
    }

    fn keep(&self, stream: Stream, line: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(room) = kept.room.checked_sub(line.len() + LINE_BYTES) else {
            kept.room = 0;
            return;
        };
        kept.room = room;
        kept.lines.push(PrintedLine {
            stream,
            text: String::from_utf8_lossy(line).into_owned(),
        });
    }
}

/// One of a request's two streams. Clones write to the same one; when the last is dropped, a line
/// that was not ended is.
#[derive(Clone)]
pub(crate) struct Printed(Arc<Shared>);

struct Shared {
    request: Arc<RequestLabel>,
    stream: Stream,
    output: Arc<dyn AppOutput>,
    lines: Lines,
    begun: Mutex<Vec<u8>>,
}

impl Printed {
    pub(crate) fn new(
        request: Arc<RequestLabel>,
        stream: Stream,
        output: Arc<dyn AppOutput>,
        lines: Lines,
    ) -> Self {
        Printed(Arc::new(Shared {
            request,
            stream,
            output,
            lines,
            begun: Mutex::default(),
        }))
    }

    fn print(&self, bytes: &[u8]) {
        let mut begun = self.0.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            begun.extend_from_slice(piece);
            let is_ended = pieces.peek().is_some();
            if is_ended || begun.len() >= MAX_LINE_BYTES {
                self.0.line(&begun);
                begun.clear();
            }
        }
    }
}

impl Shared {
    fn line(&self, line: &[u8]) {
        self.lines.keep(self.stream, line);
        self.output.line(&self.request, self.stream, line);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let begun = std::mem::take(self.begun.get_mut().unwrap_or_else(PoisonError::into_inner));
        if !begun.is_empty() {
            self.line(&begun);
        }
    }
}

impl IsTerminal for Printed {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Printed {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for Printed {
    async fn ready(&mut self) {}
}

impl OutputStream for Printed {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.print(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        Ok(MAX_LINE_BYTES)
    }
}

impl AsyncWrite for Printed {
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.print(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Lines(Mutex<Vec<String>>);

    impl AppOutput for Lines {
        fn line(&self, request: &RequestLabel, _stream: Stream, line: &[u8]) {
            let line = format!("{} {}", request.id, String::from_utf8_lossy(line));
            self.0.lock().unwrap().push(line);
        }
    }

    #[test]
    fn lines_are_put_together_and_the_last_one_needs_no_end() {
        let lines = Arc::new(Lines::default());
        let label = Arc::new(RequestLabel {
            id: 7,
            method: Method::GET,
            uri: Uri::from_static("/"),
        });
        let kept = super::Lines::default();
        let printed = Printed::new(label, Stream::Stdout, lines.clone(), kept.clone());
        let clone = printed.clone();
        printed.print(b"one\ntw");
        clone.print(b"o\n\nthr");
        printed.print(b"ee");
        drop((printed, clone));
        assert_eq!(
            *lines.0.lock().unwrap(),
            ["7 one", "7 two", "7 ", "7 three"]
        );
        let kept: Vec<_> = kept.take().into_iter().map(|line| line.text).collect();
        assert_eq!(kept, ["one", "two", "", "three"]);
    }
}

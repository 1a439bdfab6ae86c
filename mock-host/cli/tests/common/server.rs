//! The command as a process, and what it serves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fastedge-mock"));
    command
        .current_dir(folder)
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What the command says on stderr when it refuses.
pub(crate) fn refused(folder: &Path, arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = command(folder).args(arguments).output().unwrap();
    assert!(!status.success(), "{arguments:?}");
    String::from_utf8(stderr).unwrap()
}

/// A folder with a component, `app.wasm`, and a configuration.
pub(crate) fn folder_with(package: &str, toml: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.wasm"), super::component(package)).unwrap();
    std::fs::write(folder.path().join("fastedge.toml"), toml).unwrap();
    folder
}

/// A running server; it is killed if it is not stopped.
pub(crate) struct Server {
    pub(crate) process: Child,
    stdout: BufReader<ChildStdout>,
    stderr: Stderr,
    /// The address of the apps.
    pub(crate) address: SocketAddr,
    /// The address of the API and the inspector.
    pub(crate) admin: SocketAddr,
}

/// The lines of a server's stderr, read by a thread: a server whose pipe is full would block.
struct Stderr {
    lines: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Stderr {
    fn read(pipe: ChildStderr) -> Self {
        let lines = Arc::new(Mutex::new(String::new()));
        let mut pipe = BufReader::new(pipe);
        let reader = std::thread::spawn({
            let lines = Arc::clone(&lines);
            move || {
                let mut line = Vec::new();
                while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                    let text = String::from_utf8_lossy(&line);
                    lines.lock().unwrap().push_str(&text);
                    line.clear();
                }
            }
        });
        Stderr { lines, reader }
    }

    /// Waits for a line with this beginning, and returns it; `None` if the process ends without it.
    fn wait_for(&self, beginning: &str) -> Option<String> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let has_ended = self.reader.is_finished();
            let lines = self.lines.lock().unwrap().clone();
            let mut whole = lines.split_inclusive('\n');
            let found = whole.find(|line| line.starts_with(beginning) && line.ends_with('\n'));
            if let Some(found) = found {
                return Some(found.to_owned());
            }
            if has_ended {
                return None;
            }
            assert!(Instant::now() < deadline, "no {beginning:?}: {lines}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits for the end of the pipe, and returns all lines.
    fn all(&self) -> String {
        while !self.reader.is_finished() {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.lines.lock().unwrap().clone()
    }
}

/// Returns the address in the first URL of a line.
fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    rest.split_once('/')?.0.parse().ok()
}

impl Server {
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Server {
        let mut process = command(folder)
            .arg("serve")
            .args(arguments)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let stderr = Stderr::read(process.stderr.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let admin = stderr.wait_for("Inspector: ");
        let admin = admin.and_then(|line| address_in(&line));
        let (Some(address), Some(admin)) = (address_in(&line), admin) else {
            let _ended = process.kill();
            let _reaped = process.wait();
            panic!("{line:?}: {}", stderr.all());
        };
        Server {
            process,
            stdout,
            stderr,
            address,
            admin,
        }
    }

    /// Opens a connection to the apps, and sends a request.
    pub(crate) fn send(&self, request: &str) -> TcpStream {
        send(self.address, request)
    }

    /// The whole answer to a GET.
    pub(crate) fn get(&self, path: &str, headers: &str) -> String {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: shop.example.com:80\r\n{headers}connection: close\r\n\r\n"
        );
        read(self.send(&request))
    }

    /// Sends a request with a body to the apps, on a connection of its own. Returns the status and
    /// the body of the response.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let response = exchange(self.address, method, path, headers, body);
        (response.status, response.body)
    }

    /// Sends a request with a body to the admin port, on a connection of its own. Returns the
    /// status and the body of the response.
    pub(crate) fn ask_admin(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let response = exchange(self.admin, method, path, headers, body);
        (response.status, response.body)
    }

    /// Returns the URL of the API, for the SDK's client and the commands.
    pub(crate) fn api_url(&self) -> String {
        format!("http://{}", self.admin)
    }

    /// A request to the API, with the local token.
    pub(crate) fn api(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let path = format!("/fastedge/v1/kv{path}");
        let token = [("authorization", "apikey local")];
        let (status, body) = self.ask_admin(method, &path, &token, body);
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    /// Asks again and again until the answer is as wanted.
    pub(crate) fn wait_for(&self, what: &str, mut is_there: impl FnMut(&Server) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !is_there(self) {
            assert!(Instant::now() < deadline, "waited in vain: {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the server prints this line.
    pub(crate) fn wait_for_line(&mut self, wanted: &str) {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        assert_eq!(line, wanted);
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until the server prints a line with this beginning on stderr.
    pub(crate) fn wait_for_stderr(&self, beginning: &str) {
        let line = self.stderr.wait_for(beginning);
        assert!(line.is_some(), "it has ended without {beginning:?}");
    }

    /// Waits for the end. Returns whether it was a success, and all output since the start.
    pub(crate) fn wait(mut self) -> (bool, String, String) {
        let status = self.process.wait().unwrap();
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        (status.success(), stdout, self.stderr.all())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

pub(crate) fn read(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn send(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let patience = Some(Duration::from_secs(120));
    stream.set_read_timeout(patience).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// A response: its status, its status line and headers, and its body.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends a request to either port, on a connection of its own. The host is 127.0.0.1 by default.
pub(crate) fn exchange(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        head.push_str("host: 127.0.0.1\r\n");
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = body.len();
    let request = format!("{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
    let response = read(send(address, &request));
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, ""));
    let status = head.split(' ').nth(1);
    Response {
        status: status
            .and_then(|status| status.parse().ok())
            .unwrap_or_default(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

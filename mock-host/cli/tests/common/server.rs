//! The command as a process, and what it serves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
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
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Server {
        let mut process = command(folder)
            .arg("serve")
            .args(arguments)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line
            .split_once("http://")
            .and_then(|(_, rest)| rest.split_once('/'))
            .and_then(|(address, _)| address.parse().ok());
        let Some(address) = address else {
            let _ended = process.kill();
            let output = process.wait_with_output().unwrap();
            panic!("{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        Server {
            process,
            stdout,
            address,
        }
    }

    pub(crate) fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let patience = Some(std::time::Duration::from_secs(120));
        stream.set_read_timeout(patience).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// The whole answer to a GET.
    pub(crate) fn get(&self, path: &str, headers: &str) -> String {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: shop.example.com:80\r\n{headers}connection: close\r\n\r\n"
        );
        read(self.send(&request))
    }

    /// A request with a body, on a connection of its own: the status, and the body of the answer.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            head.push_str("host: 127.0.0.1\r\n");
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let length = body.len();
        let request = format!("{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
        let answer = read(self.send(&request));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        (status.unwrap_or_default(), body.to_owned())
    }

    /// A request to the API, with the local token.
    pub(crate) fn api(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let path = format!("/fastedge/v1/kv{path}");
        let token = [("authorization", "apikey local")];
        let (status, body) = self.ask(method, &path, &token, body);
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

    /// Waits for the end: whether it was a success, and all that was printed since.
    pub(crate) fn wait(mut self) -> (bool, String, String) {
        let status = self.process.wait().unwrap();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        let mut pipe = self.process.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        (status.success(), stdout, stderr)
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

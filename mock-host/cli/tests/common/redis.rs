//! A real Redis.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fastedge_mock::redis::{RedisCache, RedisStore};

/// A server of one test's own.
pub(crate) struct Redis {
    process: Child,
    pub(crate) port: u16,
}

impl Redis {
    pub(crate) fn start() -> Option<Redis> {
        Redis::start_on(free_port())
    }

    pub(crate) fn start_on(port: u16) -> Option<Redis> {
        Redis::start_with(port, &[])
    }

    pub(crate) fn start_with(port: u16, arguments: &[&str]) -> Option<Redis> {
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .args(["--enable-debug-command", "local"])
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(process) = process else {
            println!("skipped: redis-server is not installed (Debian's package redis-server)");
            return None;
        };
        let redis = Redis { process, port };
        let deadline = Instant::now() + Duration::from_secs(30);
        while redis.connect().is_err() {
            assert!(Instant::now() < deadline, "redis-server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(redis)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub(crate) fn connect(&self) -> redis::RedisResult<redis::Connection> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_connection()?;
        redis::cmd("PING").query::<String>(&mut connection)?;
        Ok(connection)
    }

    pub(crate) fn run<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = redis::cmd(words[0]);
        for word in &words[1..] {
            command.arg(*word);
        }
        command.query(&mut self.connect().unwrap()).unwrap()
    }

    pub(crate) fn store(&self, prefix: &str) -> RedisStore {
        RedisStore::at(&self.url(), prefix).unwrap()
    }

    pub(crate) fn cache(&self, prefix: &str) -> RedisCache {
        RedisCache::at(&self.url(), prefix, Duration::from_secs(345_600)).unwrap()
    }
}

pub(crate) fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port()
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

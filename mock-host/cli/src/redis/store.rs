//! A store whose data are in a Redis: the customer's own ("BYOD"), or one that several local hosts
//! share.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use fastedge_host::{KeyValueError, Store};
use fastedge_mock_host::central::{
    Change, DataType, Database, Entry, EntryPage, ListQuery, MAX_KEY_BYTES, WriteError, Written,
};
use redis::{Connection, ErrorKind, RedisError, RedisResult, cmd, pipe};

use super::connections::{Connections, Repeat};
use super::scan::{self, escaped};
use super::{UrlError, bloom, is_unknown_command, listing, now_ms};

/// What the type of the Bloom module's filters is called.
pub(super) const OF_THE_MODULE: &str = "MBbloom--";

/// A store in a Redis: its keys are those with a prefix.
pub struct RedisStore {
    connections: Connections,
    prefix: String,
    /// Until a Redis says that it does not know them, it has the commands of the Bloom module.
    has_bloom: AtomicBool,
}

impl RedisStore {
    /// A store in the Redis at a URL, which is connected to when it is first read.
    ///
    /// # Errors
    ///
    /// If it is not the URL of a Redis.
    pub fn at(url: &str, prefix: &str) -> Result<Self, UrlError> {
        Ok(RedisStore {
            connections: Connections::to(url)?,
            prefix: prefix.to_owned(),
            has_bloom: AtomicBool::new(true),
        })
    }

    /// Checks whether the Redis can be reached.
    ///
    /// # Errors
    ///
    /// A description, if it does not respond in time or refuses the user.
    pub fn check(&self) -> Result<(), String> {
        let ping = |connection: &mut Connection| cmd("PING").query::<()>(connection);
        let pinged = self.connections.talk(Repeat::Safe, ping);
        pinged.map_err(|error| error.to_string())
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn read<T>(
        &self,
        talk: impl Fn(&mut Connection) -> RedisResult<T>,
    ) -> Result<T, KeyValueError> {
        let talked = self.connections.talk(Repeat::Safe, talk);
        talked.map_err(|_| KeyValueError::InternalError)
    }

    fn scan_on(&self, connection: &mut Connection, pattern: &str) -> RedisResult<Vec<String>> {
        let mut keys = scan::keys(connection, &self.prefix, pattern)?;
        // Where the prefix is empty, our own filters are among the keys.
        keys.retain(|key| !scan::is_reserved(&self.prefix, key));
        let own = bloom::beside(&self.prefix);
        keys.extend(scan::keys(connection, &own, pattern)?);
        Ok(keys)
    }

    /// Asks the Bloom module, or our own filter where there is no module.
    fn ask_bloom<T>(
        &self,
        module: impl Fn(&mut Connection) -> RedisResult<T>,
        own: impl Fn(&mut Connection) -> RedisResult<T>,
    ) -> RedisResult<T> {
        if self.has_bloom.load(Relaxed) {
            match self.connections.talk(Repeat::Safe, module) {
                Err(error) if is_unknown_command(&error) => {
                    bloom::notice();
                    self.has_bloom.store(false, Relaxed);
                }
                result => return result,
            }
        }
        self.connections.talk(Repeat::Safe, own)
    }

    /// Fails if a key that Redis does not have holds a filter of our own, which is another type.
    fn check_no_own_filter(&self, connection: &mut Connection, key: &str) -> RedisResult<()> {
        match bloom::is_there(connection, key)? {
            true => Err(RedisError::from((
                ErrorKind::UnexpectedReturnType,
                "the key holds a Bloom filter",
            ))),
            false => Ok(()),
        }
    }

    /// What a key holds; `Err` is a type that the platform does not have.
    fn data_type(
        &self,
        connection: &mut Connection,
        key: &str,
    ) -> RedisResult<Result<Option<DataType>, String>> {
        let name: String = cmd("TYPE").arg(key).query(connection)?;
        Ok(match name.as_str() {
            "string" => Ok(Some(DataType::Plain)),
            "zset" => Ok(Some(DataType::SortedSet)),
            OF_THE_MODULE => Ok(Some(DataType::BloomFilter)),
            "none" if bloom::is_there(connection, key)? => Ok(Some(DataType::BloomFilter)),
            "none" => Ok(None),
            other => Err(format!("key {key:?} holds a {other} of Redis")),
        })
    }

    /// Applies a change. Returns the number of deleted keys or members.
    fn carry_out(&self, change: &Change, force: bool) -> Result<u64, WriteError> {
        let key = self.key(change.key());
        let holds = self
            .connections
            .talk(Repeat::Safe, |connection| self.data_type(connection, &key))
            .map_err(unavailable)?
            .map_err(WriteError::Invalid)?;
        let wanted = match change {
            Change::Put { .. } => DataType::Plain,
            Change::AddMembers { .. } | Change::RemoveMembers { .. } => DataType::SortedSet,
            Change::AddItems { .. } => DataType::BloomFilter,
            Change::Delete { data_type, .. } => {
                let is_meant = holds.is_some() && (data_type.is_none() || *data_type == holds);
                if is_meant {
                    self.delete(&key)?;
                }
                return Ok(u64::from(is_meant));
            }
            _ => {
                let problem = "a Redis keeps no masks; write the value without one";
                return Err(WriteError::Invalid(problem.to_owned()));
            }
        };
        if let Some(holds) = holds
            && holds != wanted
        {
            if !force {
                return Err(WriteError::OtherType {
                    key: change.key().to_owned(),
                    holds,
                });
            }
            if matches!(change, Change::RemoveMembers { .. }) {
                // There is nothing in it to remove, and no reason to lose it.
                return Ok(0);
            }
            self.delete(&key)?;
        }
        match change {
            Change::RemoveMembers { members, .. } => self.remove_members(&key, members),
            change => self.put(&key, change).map(|()| 0),
        }
    }

    fn delete(&self, key: &str) -> Result<(), WriteError> {
        let delete = |connection: &mut Connection| {
            cmd("DEL").arg(key).query::<()>(connection)?;
            bloom::remove(connection, key)
        };
        self.connections
            .talk(Repeat::Safe, delete)
            .map_err(unavailable)
    }

    /// Removes members of a sorted set. Returns the number of removed members.
    fn remove_members(&self, key: &str, members: &[Vec<u8>]) -> Result<u64, WriteError> {
        if members.is_empty() {
            return Ok(0);
        }
        let remove =
            |connection: &mut Connection| cmd("ZREM").arg(key).arg(members).query(connection);
        self.connections
            .talk(Repeat::Safe, remove)
            .map_err(unavailable)
    }

    fn put(&self, key: &str, change: &Change) -> Result<(), WriteError> {
        let written = match change {
            Change::Put {
                value,
                expires_at_ms,
                ..
            } => self.connections.talk(Repeat::Safe, |connection| {
                let mut set = pipe();
                set.atomic().cmd("SET").arg(key).arg(value).ignore();
                if let Some(at) = expires_at_ms {
                    // As old as keys that expire, which `PXAT` is not.
                    set.cmd("PEXPIREAT").arg(key).arg((*at).max(1)).ignore();
                }
                set.query(connection)
            }),
            Change::AddMembers { members, .. } => {
                if members.iter().any(|(score, _)| score.is_nan()) {
                    let problem = format!("a score in sorted set {key:?} is NaN");
                    return Err(WriteError::Invalid(problem));
                }
                self.connections.talk(Repeat::Safe, |connection| {
                    let mut add = cmd("ZADD");
                    add.arg(key);
                    for (score, member) in members {
                        add.arg(bound(*score)).arg(member);
                    }
                    match members.is_empty() {
                        true => Ok(()),
                        false => add.query(connection),
                    }
                })
            }
            Change::AddItems { options, items, .. } => {
                return self.add_items(key, items, || Entry::bloom_filter(*options));
            }
            _ => Ok(()),
        };
        written.map_err(unavailable)
    }

    fn add_items(
        &self,
        key: &str,
        items: &[Vec<u8>],
        new: impl Fn() -> Result<Entry, String>,
    ) -> Result<(), WriteError> {
        let problem = |problem: String| {
            RedisError::from((ErrorKind::InvalidClientConfig, "a filter", problem))
        };
        let added = self.ask_bloom(
            |connection| match items.is_empty() {
                true => Ok(()),
                false => cmd("BF.MADD").arg(key).arg(items).query(connection),
            },
            |connection| {
                bloom::change(connection, key, |filter| {
                    let mut filter = match filter {
                        Some(filter) => filter,
                        None => new().map_err(problem)?,
                    };
                    filter.add_items(key, items).map_err(problem)?;
                    Ok(filter)
                })
            },
        );
        added.map_err(unavailable)
    }
}

impl Store for RedisStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        let key = self.key(key);
        self.read(|connection| {
            let value: Option<Vec<u8>> = cmd("GET").arg(&key).query(connection)?;
            if value.is_none() {
                self.check_no_own_filter(connection, &key)?;
            }
            Ok(value)
        })
    }

    fn scan(&self, pattern: &str) -> Result<Vec<String>, KeyValueError> {
        self.read(|connection| self.scan_on(connection, pattern))
    }

    fn zrange_by_score(
        &self,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        let key = self.key(key);
        self.read(|connection| {
            let members: Vec<_> = cmd("ZRANGEBYSCORE")
                .arg(&key)
                .arg(bound(min))
                .arg(bound(max))
                .arg("WITHSCORES")
                .query(connection)?;
            if members.is_empty() {
                self.check_no_own_filter(connection, &key)?;
            }
            Ok(members)
        })
    }

    fn zscan(&self, key: &str, pattern: &str) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        let key = self.key(key);
        self.read(|connection| {
            let members: Vec<_> = scan::walk(connection, "ZSCAN", Some(&key), pattern)?;
            if members.is_empty() {
                self.check_no_own_filter(connection, &key)?;
            }
            Ok(members)
        })
    }

    fn bf_exists(&self, key: &str, item: &str) -> Result<bool, KeyValueError> {
        let key = self.key(key);
        let answer = self.ask_bloom(
            |connection| cmd("BF.EXISTS").arg(&key).arg(item).query(connection),
            |connection| {
                let filter = bloom::load(connection, &key)?;
                Ok(filter.is_some_and(|filter| filter.bf_exists(item.as_bytes())))
            },
        );
        match answer {
            Ok(answer) => Ok(answer),
            // A key of another type contains nothing.
            Err(error) if is_of_another_type(&error) => Ok(false),
            Err(_) => Err(KeyValueError::InternalError),
        }
    }
}

impl Database for RedisStore {
    fn write(&self, changes: &[Change], force: bool) -> Result<Written, WriteError> {
        let mut written = Written::default();
        for change in changes {
            written.del_count += self.carry_out(change, force)?;
            written.write_count += change.values();
            written.write_size += change.size();
        }
        Ok(written)
    }

    fn entry(&self, key: &str) -> Result<Option<Entry>, WriteError> {
        let key = self.key(key);
        let read = |connection: &mut Connection| {
            let holds = match self.data_type(connection, &key)? {
                Ok(holds) => holds,
                Err(problem) => return Ok(Err(problem)),
            };
            Ok(Ok(match holds {
                None => None,
                Some(DataType::Plain) => {
                    let value: Option<Vec<u8>> = cmd("GET").arg(&key).query(connection)?;
                    let at = expires_at_ms(connection, &key)?;
                    value.map(|value| Entry::plain(value, at))
                }
                Some(DataType::SortedSet) => {
                    let members: Vec<(Vec<u8>, f64)> = cmd("ZRANGE")
                        .arg(&key)
                        .arg(0)
                        .arg(-1)
                        .arg("WITHSCORES")
                        .query(connection)?;
                    let members = members.into_iter().map(|(member, score)| (score, member));
                    Some(Entry::sorted_set(members))
                }
                Some(DataType::BloomFilter) if is_of_the_module(connection, &key)? => {
                    match cmd("BF.CARD").arg(&key).query(connection) {
                        Err(error) if is_unknown_command(&error) => {
                            let problem = "the Redis has a Bloom module before 2.4.4, which does not tell how many items a filter has";
                            return Ok(Err(problem.to_owned()));
                        }
                        items => Some(Entry::foreign_filter(items?)),
                    }
                }
                Some(DataType::BloomFilter) => bloom::load(connection, &key)?,
            }))
        };
        let entry = self.connections.talk(Repeat::Safe, read);
        entry.map_err(unavailable)?.map_err(WriteError::Invalid)
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, WriteError> {
        let pattern = format!("{}*", escaped(prefix));
        let keys = self.connections.talk(Repeat::Safe, |connection| {
            self.scan_on(connection, &pattern)
        });
        let mut keys = keys.map_err(unavailable)?;
        keys.retain(|key| (1..=MAX_KEY_BYTES).contains(&key.len()));
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }

    fn list(&self, query: &ListQuery<'_>) -> Result<EntryPage, WriteError> {
        let keys = self.keys(query.prefix)?;
        let page = self.connections.talk(Repeat::Safe, |connection| {
            listing::page(connection, &self.prefix, &keys, query)
        });
        page.map_err(unavailable)
    }
}

fn is_of_the_module(connection: &mut Connection, key: &str) -> RedisResult<bool> {
    let name: String = cmd("TYPE").arg(key).query(connection)?;
    Ok(name == OF_THE_MODULE)
}

/// When a key expires, in unix milliseconds.
fn expires_at_ms(connection: &mut Connection, key: &str) -> RedisResult<Option<u64>> {
    match cmd("PEXPIRETIME").arg(key).query::<i64>(connection) {
        // Before Redis 7.
        Err(error) if is_unknown_command(&error) => {
            let left: i64 = cmd("PTTL").arg(key).query(connection)?;
            let left = u64::try_from(left).ok();
            Ok(left.map(|left| now_ms().saturating_add(left)))
        }
        answer => Ok(u64::try_from(answer?).ok()),
    }
}

/// A bound or a score, in Redis's words.
pub(super) fn bound(score: f64) -> String {
    match score {
        f64::INFINITY => "+inf".to_owned(),
        f64::NEG_INFINITY => "-inf".to_owned(),
        score => score.to_string(),
    }
}

fn is_of_another_type(error: &RedisError) -> bool {
    error.code() == Some("WRONGTYPE")
}

fn unavailable(error: RedisError) -> WriteError {
    WriteError::Unavailable(format!("the Redis behind the store: {error}"))
}

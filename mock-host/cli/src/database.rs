//! The database of the central side: SQLite, in one file. What is acknowledged is on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use fastedge_mock_host::central::{Byod, DataType, Durable, Entry, KeyWrite, StoreInfo, Stored};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, params};

/// The file's name in the folder of the data.
pub const FILE: &str = "edge.db";

/// It grows when the tables change.
const VERSION: u32 = 2;

/// By the numbers of stores and by key, the fingerprints of what a configuration has declared.
pub type Fingerprints = BTreeMap<u64, BTreeMap<String, String>>;

/// A database file, which is this process's alone.
pub struct Database {
    connection: Mutex<Connection>,
}

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it.
    #[error(
        "{}: another fastedge-mock is using it. Stop that one, or keep the data of this one in \
         another folder with `--data FOLDER`", .0.display()
    )]
    InUse(PathBuf),
    /// It is of a later version of this program.
    #[error("{}: it was made by a later fastedge-mock; delete it, or update this one", .0.display())]
    TooNew(PathBuf),
    /// It cannot be used.
    #[error("{}: {reason}", file.display())]
    Other {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
}

impl Database {
    /// Opens the database in a folder, which is made if there is none, and so is the database.
    ///
    /// # Errors
    ///
    /// If another process has it, or it cannot be used.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let file = folder.join(FILE);
        let other = |reason: String| OpenError::Other {
            file: file.clone(),
            reason,
        };
        if !folder.is_dir() {
            std::fs::create_dir_all(folder).map_err(|error| other(error.to_string()))?;
            // What a laptop has tried out is not to be committed by accident.
            std::fs::write(folder.join(".gitignore"), "*\n")
                .map_err(|error| other(error.to_string()))?;
        }
        let problem = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                OpenError::InUse(file.clone())
            }
            _ => other(error.to_string()),
        };
        let mut connection = Connection::open(&file).map_err(problem)?;
        connection
            .busy_timeout(Duration::from_millis(200))
            .map_err(problem)?;
        connection
            .execute_batch(
                "PRAGMA locking_mode = EXCLUSIVE;
                 PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 PRAGMA foreign_keys = ON;",
            )
            .map_err(problem)?;
        let version: u32 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(problem)?;
        if version > VERSION {
            return Err(OpenError::TooNew(file));
        }
        make_tables(&mut connection, version).map_err(problem)?;
        Ok(Database {
            connection: Mutex::new(connection),
        })
    }

    /// What the database has kept; what has expired is removed from it.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is not what this program has written.
    pub fn load(&self) -> Result<(Vec<Stored>, Fingerprints), String> {
        self.transact(|transaction| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            let now_ms = i64::try_from(now.unwrap_or_default().as_millis()).unwrap_or(i64::MAX);
            transaction.execute("DELETE FROM entries WHERE expires_at_ms <= ?1", [now_ms])?;
            Ok(())
        })?;
        let connection = self.lock();
        let stores = load_stores(&connection)?;
        let fingerprints = load_fingerprints(&connection).map_err(|error| error.to_string())?;
        Ok((stores, fingerprints))
    }

    /// Keeps what a configuration has declared.
    ///
    /// # Errors
    ///
    /// If it could not be made durable.
    pub fn keep_fingerprints(&self, fingerprints: &Fingerprints) -> Result<(), String> {
        self.transact(|transaction| {
            transaction.execute("DELETE FROM declared", [])?;
            let mut insert = transaction.prepare_cached(
                "INSERT INTO declared SELECT ?1, ?2, ?3 WHERE ?1 IN (SELECT id FROM stores)",
            )?;
            for (store, keys) in fingerprints {
                for (key, fingerprint) in keys {
                    insert.execute(params![store, key, fingerprint])?;
                }
            }
            Ok(())
        })
    }

    fn transact(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), String> {
        let mut connection = self.lock();
        let result = connection.transaction().and_then(|transaction| {
            write(&transaction)?;
            transaction.commit()
        });
        result.map_err(|error| format!("the database: {error}"))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Creates the tables, or adds what is new to the tables of an earlier version.
fn make_tables(connection: &mut Connection, version: u32) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    if version == 1 {
        transaction.execute_batch(
            "ALTER TABLE entries ADD COLUMN masked INTEGER NOT NULL DEFAULT 0;
             ALTER TABLE members ADD COLUMN masked INTEGER NOT NULL DEFAULT 0;",
        )?;
    }
    transaction.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS stores (
             id INTEGER PRIMARY KEY,
             name TEXT NOT NULL UNIQUE,
             comment TEXT,
             byod_url TEXT,
             byod_prefix TEXT,
             revision INTEGER NOT NULL,
             updated_at_ms INTEGER NOT NULL
         ) STRICT;
         CREATE TABLE IF NOT EXISTS entries (
             store INTEGER NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
             key TEXT NOT NULL,
             datatype TEXT NOT NULL,
             value BLOB,
             expires_at_ms INTEGER,
             masked INTEGER NOT NULL DEFAULT 0,
             PRIMARY KEY (store, key)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS members (
             store INTEGER NOT NULL,
             key TEXT NOT NULL,
             member BLOB NOT NULL,
             score REAL NOT NULL,
             masked INTEGER NOT NULL DEFAULT 0,
             PRIMARY KEY (store, key, member),
             FOREIGN KEY (store, key) REFERENCES entries (store, key) ON DELETE CASCADE
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS items (
             store INTEGER NOT NULL,
             key TEXT NOT NULL,
             item BLOB NOT NULL,
             masked INTEGER NOT NULL DEFAULT 0,
             PRIMARY KEY (store, key, item),
             FOREIGN KEY (store, key) REFERENCES entries (store, key) ON DELETE CASCADE
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS declared (
             store INTEGER NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
             key TEXT NOT NULL,
             fingerprint TEXT NOT NULL,
             PRIMARY KEY (store, key)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS given_ids (latest INTEGER NOT NULL) STRICT;
         PRAGMA user_version = {VERSION};"
    ))?;
    transaction.commit()
}

fn load_stores(connection: &Connection) -> Result<Vec<Stored>, String> {
    let stores: rusqlite::Result<Vec<StoreInfo>> = connection
        .prepare("SELECT * FROM stores ORDER BY id")
        .and_then(|mut select| {
            select
                .query_map([], |row| {
                    let url: Option<String> = row.get("byod_url")?;
                    let prefix: Option<String> = row.get("byod_prefix")?;
                    let mut info = StoreInfo::new(row.get("id")?, row.get::<_, String>("name")?);
                    info.comment = row.get("comment")?;
                    info.byod = url.map(|url| Byod {
                        url,
                        prefix: prefix.unwrap_or_default(),
                    });
                    info.revision = row.get("revision")?;
                    info.updated_at_ms = row.get("updated_at_ms")?;
                    Ok(info)
                })?
                .collect()
        });
    let stores = stores.map_err(|error| error.to_string())?;
    stores
        .into_iter()
        .map(|info| {
            let entries = load_entries(connection, info.id)
                .map_err(|error| format!("store {:?}: {error}", info.name))?;
            Ok(Stored { info, entries })
        })
        .collect()
}

type Entries = BTreeMap<Arc<str>, Arc<Entry>>;

fn load_entries(connection: &Connection, store: u64) -> Result<Entries, String> {
    let words = |error: rusqlite::Error| error.to_string();
    let mut entries = Entries::new();
    let mut select = connection
        .prepare("SELECT key, datatype, value, expires_at_ms, masked FROM entries WHERE store = ?1")
        .map_err(words)?;
    let mut rows = select.query([store]).map_err(words)?;
    while let Some(row) = rows.next().map_err(words)? {
        let key: String = row.get(0).map_err(words)?;
        let datatype: String = row.get(1).map_err(words)?;
        let value: Option<Vec<u8>> = row.get(2).map_err(words)?;
        let value = value.unwrap_or_default();
        let is_masked: bool = row.get(4).map_err(words)?;
        let masked;
        let mut entry = match DataType::from_name(&datatype) {
            Some(DataType::Plain) => {
                masked = is_masked.then(|| value.clone()).into_iter().collect();
                Entry::plain(value, row.get(3).map_err(words)?)
            }
            Some(DataType::BloomFilter) => {
                let items = load_items(connection, store, &key).map_err(words)?;
                let filter = Entry::from_filter_bytes_and_items(&value, &items.all);
                masked = items.masked;
                filter.map_err(|problem| format!("key {key:?}: {problem}"))?
            }
            Some(DataType::SortedSet) => {
                let members = load_members(connection, store, &key).map_err(words)?;
                masked = members.masked;
                Entry::sorted_set(members.all)
            }
            None => return Err(format!("key {key:?} is of type {datatype:?}")),
        };
        for value in masked {
            entry.mask(&value);
        }
        entries.insert(key.into(), Arc::new(entry));
    }
    Ok(entries)
}

/// The members or items of a key, and which of them are masked.
struct Parts<T> {
    all: Vec<T>,
    masked: Vec<Vec<u8>>,
}

fn load_members(
    connection: &Connection,
    store: u64,
    key: &str,
) -> rusqlite::Result<Parts<(f64, Vec<u8>)>> {
    let mut select = connection.prepare_cached(
        "SELECT member, masked, score FROM members WHERE store = ?1 AND key = ?2",
    )?;
    let mut rows = select.query(params![store, key])?;
    let (mut all, mut masked) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let member: Vec<u8> = row.get(0)?;
        if row.get(1)? {
            masked.push(member.clone());
        }
        all.push((row.get(2)?, member));
    }
    Ok(Parts { all, masked })
}

fn load_items(connection: &Connection, store: u64, key: &str) -> rusqlite::Result<Parts<Vec<u8>>> {
    let mut select = connection
        .prepare_cached("SELECT item, masked FROM items WHERE store = ?1 AND key = ?2")?;
    let mut rows = select.query(params![store, key])?;
    let (mut all, mut masked) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let item: Vec<u8> = row.get(0)?;
        if row.get(1)? {
            masked.push(item.clone());
        }
        all.push(item);
    }
    Ok(Parts { all, masked })
}

fn load_fingerprints(connection: &Connection) -> rusqlite::Result<Fingerprints> {
    let mut select = connection.prepare("SELECT store, key, fingerprint FROM declared")?;
    let mut rows = select.query([])?;
    let mut fingerprints = Fingerprints::new();
    while let Some(row) = rows.next()? {
        let keys = fingerprints.entry(row.get(0)?).or_default();
        keys.insert(row.get(1)?, row.get(2)?);
    }
    Ok(fingerprints)
}

impl Durable for Database {
    fn describe(&self, store: &StoreInfo) -> Result<(), String> {
        self.transact(|transaction| describe(transaction, store))
    }

    fn delete(&self, store: u64) -> Result<(), String> {
        self.transact(|transaction| {
            transaction.execute("DELETE FROM stores WHERE id = ?1", [store])?;
            Ok(())
        })
    }

    fn adopt(&self, stores: &[Stored]) -> Result<(), String> {
        self.transact(|transaction| {
            for Stored { info, entries } in stores {
                describe(transaction, info)?;
                for (key, entry) in entries {
                    let write = KeyWrite {
                        key,
                        entry: Some(entry),
                        parts: None,
                    };
                    write_key(transaction, info.id, &write)?;
                }
            }
            Ok(())
        })
    }

    fn write(&self, store: &StoreInfo, keys: &[KeyWrite<'_>]) -> Result<(), String> {
        self.transact(|transaction| {
            describe(transaction, store)?;
            keys.iter()
                .try_for_each(|write| write_key(transaction, store.id, write))
        })
    }

    fn latest_id(&self) -> Result<u64, String> {
        let connection = self.lock();
        let latest = connection
            .query_row("SELECT max(latest) FROM given_ids", [], |row| row.get(0))
            .optional();
        let latest: Option<Option<u64>> = latest.map_err(|error| error.to_string())?;
        Ok(latest.flatten().unwrap_or(0))
    }
}

fn describe(transaction: &Transaction<'_>, store: &StoreInfo) -> rusqlite::Result<()> {
    let byod = store.byod.as_ref();
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO stores VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET name = ?2, comment = ?3, byod_url = ?4, byod_prefix = ?5,
             revision = ?6, updated_at_ms = ?7",
    )?;
    upsert.execute(params![
        store.id,
        store.name,
        store.comment,
        byod.map(|byod| &byod.url),
        byod.map(|byod| &byod.prefix),
        store.revision,
        store.updated_at_ms,
    ])?;
    // The number of a store that was deleted is not given again.
    transaction.execute(
        "INSERT INTO given_ids SELECT ?1
         WHERE ?1 > (SELECT coalesce(max(latest), 0) FROM given_ids)",
        [store.id],
    )?;
    Ok(())
}

fn write_key(
    transaction: &Transaction<'_>,
    store: u64,
    write: &KeyWrite<'_>,
) -> rusqlite::Result<()> {
    let key = write.key;
    let filter = write.entry.and_then(Entry::filter_bytes);
    if let (Some(entry), Some(parts)) = (write.entry, write.parts) {
        if let Some(filter) = filter {
            transaction
                .prepare_cached("UPDATE entries SET value = ?3 WHERE store = ?1 AND key = ?2")?
                .execute(params![store, key, filter])?;
        }
        for part in parts {
            write_part(transaction, (store, key), entry, part)?;
        }
        return Ok(());
    }
    let mut delete =
        transaction.prepare_cached("DELETE FROM entries WHERE store = ?1 AND key = ?2")?;
    delete.execute(params![store, key])?;
    let Some(entry) = write.entry else {
        return Ok(());
    };
    let mut insert =
        transaction.prepare_cached("INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    insert.execute(params![
        store,
        key,
        entry.data_type().name(),
        filter.as_deref().or(entry.value()),
        entry.expires_at_ms(),
        entry.value().is_some_and(|value| entry.is_masked(value)),
    ])?;
    for (member, _) in entry.members().into_iter().flatten() {
        write_part(transaction, (store, key), entry, member)?;
    }
    for item in entry.items().into_iter().flatten() {
        write_part(transaction, (store, key), entry, item)?;
    }
    Ok(())
}

/// Writes a member or an item as the entry has it, and deletes a member that the entry lacks.
fn write_part(
    transaction: &Transaction<'_>,
    (store, key): (u64, &str),
    entry: &Entry,
    part: &[u8],
) -> rusqlite::Result<()> {
    let is_masked = entry.is_masked(part);
    match (entry.data_type(), entry.score(part)) {
        (DataType::SortedSet, Some(score)) => transaction
            .prepare_cached("INSERT OR REPLACE INTO members VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![store, key, part, score, is_masked])?,
        (DataType::SortedSet, None) => transaction
            .prepare_cached("DELETE FROM members WHERE store = ?1 AND key = ?2 AND member = ?3")?
            .execute(params![store, key, part])?,
        (DataType::BloomFilter, _) if entry.has_item(part) => transaction
            .prepare_cached("INSERT OR REPLACE INTO items VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![store, key, part, is_masked])?,
        // Not all items of this filter are known, so storing these would leave out others.
        (DataType::BloomFilter | DataType::Plain, _) => 0,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use fastedge_mock_host::central::Change;
    use fastedge_mock_host::{BloomOptions, Edge, Settings};

    use super::*;

    /// Opens the database of a folder behind an edge.
    fn open(folder: &Path) -> Edge {
        let edge = Edge::for_tests(&[], Settings::platform());
        let database = Database::open(folder).unwrap();
        let (stored, _) = database.load().unwrap();
        edge.keep_in(Arc::new(database), stored).unwrap();
        edge
    }

    fn bytes(values: &[&str]) -> Vec<Vec<u8>> {
        values
            .iter()
            .map(|value| value.as_bytes().to_vec())
            .collect()
    }

    fn items(key: &str, items: &[&str]) -> Change {
        Change::AddItems {
            key: key.to_owned(),
            options: BloomOptions::default(),
            items: bytes(items),
        }
    }

    fn members(key: &str, members: &[(f64, &str)]) -> Change {
        let members = members.iter();
        Change::AddMembers {
            key: key.to_owned(),
            members: members.map(|(s, m)| (*s, m.as_bytes().to_vec())).collect(),
        }
    }

    fn mask(key: &str, values: &[&str]) -> Change {
        Change::Mask {
            key: key.to_owned(),
            values: bytes(values),
        }
    }

    fn put(key: &str, value: &str) -> Change {
        Change::Put {
            key: key.to_owned(),
            value: value.into(),
            expires_at_ms: None,
        }
    }

    /// Describes a whole entry as text.
    fn described(edge: &Edge, key: &str) -> String {
        let entry = edge.entry(1, key).unwrap().unwrap();
        let shown = |value: &[u8]| {
            let mask = if entry.is_masked(value) { "*" } else { "" };
            format!("{}{mask}", String::from_utf8_lossy(value))
        };
        if let Some(value) = entry.value() {
            return shown(value);
        }
        if let Some(members) = entry.members() {
            let members = members.map(|(member, score)| format!("{}={score}", shown(member)));
            return members.collect::<Vec<_>>().join(" ");
        }
        match entry.items() {
            Some(items) => items.map(shown).collect::<Vec<_>>().join(" "),
            None => format!("{} items", entry.count()),
        }
    }

    #[test]
    fn items_and_masks_survive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let edge = open(folder.path());
        edge.create_store("s", None, None).unwrap();
        let write = |edge: &Edge, changes: &[Change]| {
            edge.write_store(1, changes, false).unwrap();
        };
        write(
            &edge,
            &[
                put("k", "v"),
                mask("k", &["v"]),
                members(
                    "set",
                    &[(f64::INFINITY, "a"), (2.0, "b"), (f64::NEG_INFINITY, "c")],
                ),
                mask("set", &["a", "b"]),
                items("filter", &["x", "y"]),
                mask("filter", &["x", "y"]),
            ],
        );
        // Parts of the existing entries change.
        write(
            &edge,
            &[
                members("set", &[(3.0, "b"), (4.0, "d")]),
                mask("set", &["d"]),
                Change::RemoveMembers {
                    key: "set".to_owned(),
                    members: bytes(&["c"]),
                },
                items("filter", &["y", "z"]),
                mask("filter", &["z"]),
            ],
        );
        let wanted = ["v*", "b=3 d*=4 a*=inf", "x* y z*"];
        let all = |edge: &Edge| ["k", "set", "filter"].map(|key| described(edge, key));
        assert_eq!(all(&edge), wanted);
        drop(edge);
        let edge = open(folder.path());
        assert_eq!(all(&edge), wanted);
        write(&edge, &[put("k", "v"), items("filter", &["x"])]);
        drop(edge);
        let edge = open(folder.path());
        assert_eq!(all(&edge), ["v", "b=3 d*=4 a*=inf", "x y z*"]);
    }

    /// The tables of version 1, with an entry of each type.
    fn database_of_version_1(folder: &Path) {
        let filter = Entry::bloom_filter_of("filter", BloomOptions::default(), &bytes(&["x", "y"]));
        let filter = filter.unwrap().filter_bytes().unwrap();
        let connection = Connection::open(folder.join(FILE)).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE stores (
                     id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, comment TEXT,
                     byod_url TEXT, byod_prefix TEXT, revision INTEGER NOT NULL,
                     updated_at_ms INTEGER NOT NULL
                 ) STRICT;
                 CREATE TABLE entries (
                     store INTEGER NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
                     key TEXT NOT NULL, datatype TEXT NOT NULL, value BLOB, expires_at_ms INTEGER,
                     PRIMARY KEY (store, key)
                 ) STRICT, WITHOUT ROWID;
                 CREATE TABLE members (
                     store INTEGER NOT NULL, key TEXT NOT NULL, member BLOB NOT NULL,
                     score REAL NOT NULL, PRIMARY KEY (store, key, member),
                     FOREIGN KEY (store, key) REFERENCES entries (store, key) ON DELETE CASCADE
                 ) STRICT, WITHOUT ROWID;
                 CREATE TABLE declared (
                     store INTEGER NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
                     key TEXT NOT NULL, fingerprint TEXT NOT NULL, PRIMARY KEY (store, key)
                 ) STRICT, WITHOUT ROWID;
                 CREATE TABLE given_ids (latest INTEGER NOT NULL) STRICT;
                 INSERT INTO stores VALUES (1, 's', NULL, NULL, NULL, 5, 0);
                 INSERT INTO entries VALUES (1, 'k', 'kv', x'76', NULL);
                 INSERT INTO entries VALUES (1, 'set', 'sorted_set', NULL, NULL);
                 INSERT INTO members VALUES (1, 'set', x'61', 1.5);
                 PRAGMA user_version = 1;",
            )
            .unwrap();
        let insert = "INSERT INTO entries VALUES (1, 'filter', 'bloom_filter', ?1, NULL)";
        connection.execute(insert, [filter]).unwrap();
    }

    #[test]
    fn database_of_version_1_keeps_its_data() {
        let folder = tempfile::tempdir().unwrap();
        database_of_version_1(folder.path());
        let edge = open(folder.path());
        let all = |edge: &Edge| ["k", "set", "filter"].map(|key| described(edge, key));
        // Version 1 did not keep the items of the filter.
        assert_eq!(all(&edge), ["v", "a=1.5", "2 items"]);
        let changes = [
            mask("k", &["v"]),
            mask("set", &["a"]),
            items("filter", &["z"]),
        ];
        edge.write_store(1, &changes, false).unwrap();
        drop(edge);
        let edge = open(folder.path());
        assert_eq!(all(&edge), ["v*", "a*=1.5", "3 items"]);
        let filter = edge.entry(1, "filter").unwrap().unwrap();
        assert!(
            ["x", "y", "z"]
                .iter()
                .all(|item| filter.bf_exists(item.as_bytes()))
        );
    }
}

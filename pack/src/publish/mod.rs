//! Publishing: the shards first, what points to them last, and nothing that somebody may still read is taken away.
//!
//! Keys are replicated one by one, in any order, and a node keeps what it has read, a key's absence too, for some 30 seconds.
//! So a generation has keys of its own, which are written once: `<key>:<generation>:<place>` for shards,
//! `<key>:<generation>` for the manifest. Once they have had time to arrive, the list's own key gets a copy of the manifest: from
//! then on readers find the new generation, and where a part of it is late, the one before, which is still
//! there. What a generation leaves is deleted at least ten minutes after its second successor was pointed to.
//!
//! What has been done is written down in the store itself (`<key>:state`), after each batch: a publication that was killed, at
//! whatever moment, is gone on with by publishing the same list again. The API cannot tell one writer from another, so one
//! list is for one publisher at a time. If two run at the same time, the one that is later at a step gives up. The
//! publisher reads the state before each request, so only requests that are under way at the same moment can collide.
//!
//! ```
//! use std::time::Duration;
//! use fastedge::edge_storage_api::{Api, Outbound, Token};
//! use fastedge_pack::{Action, AddressRules, Publisher};
//! # use std::collections::BTreeMap;
//! # use std::sync::Mutex;
//! # use fastedge_mock_host::{MockHost, Response};
//! # use serde_json::{Value, json};
//! # // As much of the API as this needs.
//! # let store = Mutex::new(BTreeMap::<String, Value>::new());
//! # let edge = MockHost::new().answer_with(move |request| {
//! #     let mut store = store.lock().unwrap();
//! #     let answer = |status, json: Value| {
//! #         Ok(Response { status, headers: None, body: Some(json.to_string().into_bytes()) })
//! #     };
//! #     let Some(body) = request.body.as_ref().filter(|body| !body.is_empty()) else {
//! #         let path = request.uri.split('?').next().unwrap();
//! #         let key = path.rsplit('/').next().unwrap().replace("%3A", ":");
//! #         if key == "data" {
//! #             return answer(200, json!({"count": 0, "entries": []}));
//! #         }
//! #         return match store.get(&key) {
//! #             Some(entry) => answer(200, entry.clone()),
//! #             None => answer(404, json!({})),
//! #         };
//! #     };
//! #     for entry in serde_json::from_slice::<Vec<Value>>(body).unwrap() {
//! #         store.insert(entry["key"].as_str().unwrap().to_owned(), entry);
//! #     }
//! #     answer(200, json!({"write_count": 1, "revision": 9}))
//! # });
//! # let _installed = edge.install();
//!
//! let mut rules = AddressRules::new();
//! rules.add("203.0.113.0/24", Action::Deny { tag: 0 })?;
//! let packed = rules.pack()?;
//!
//! // A tool has a `BlockingClient` (feature `blocking-client` of `fastedge-sdk`) instead of `Outbound`.
//! let api = Api::new(Token::new("secret-token")?);
//! let publisher = Publisher::new(api, 7, "blocked", Outbound).pause(Duration::from_secs(5));
//! let report = publisher.publish(&packed, &mut |step| println!("{step}"))?;
//! assert_eq!(report.generation, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clean;
mod error;
mod generations;
mod key;
mod record;
mod repair;
mod report;
mod session;
mod state;
mod store;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use fastedge::blocklist::format::{
    DEFAULT_SALT, Header, Kind, Malformed, PayloadKind, Root, Section, prefilter_item,
};
use fastedge::edge_storage_api::{Api, BatchLimits, DataType, Entry, Transport};

pub use self::error::PublishError;
use self::record::Record;
pub use self::report::{Report, Step};
use self::session::Session;
use self::state::Present;
use self::store::Remote;
use crate::packed::{Packed, Published, sums_for};

/// How long a new generation has for arriving before it is pointed to. Replication takes 1-2 s.
const PAUSE: Duration = Duration::from_secs(15);

/// Publishes generations of a list to a store: see the [module](self).
pub struct Publisher<T> {
    remote: Remote<T>,
    pause: Duration,
    is_prompt: bool,
    has_prefilter: bool,
    is_forced: bool,
    now: Box<dyn Fn() -> SystemTime>,
}

impl<T: Transport> Publisher<T> {
    /// Publishes at a key of a store.
    pub fn new(api: Api, store_id: u64, key: impl Into<String>, transport: T) -> Self {
        Publisher {
            remote: Remote::new(api, store_id, key.into(), transport),
            pause: PAUSE,
            is_prompt: false,
            has_prefilter: false,
            is_forced: false,
            now: Box::new(SystemTime::now),
        }
    }

    /// Another time for arriving than 15 s.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Another pace than 90 entries a second, which the platform takes. 0 or less is no limit.
    #[must_use]
    pub fn entries_per_second(mut self, pace: f64) -> Self {
        self.remote.pace = pace;
        self
    }

    /// Other limits for what is written at once.
    #[must_use]
    pub fn limits(mut self, limits: BatchLimits) -> Self {
        self.remote.limits = limits;
        self
    }

    /// Publishes the manifest in a sorted set as well, `<key>:pointer`, for readers with
    /// [`with_prompt_pointer`](fastedge::blocklist::IpList::with_prompt_pointer). Once it has been, it always is.
    #[must_use]
    pub fn with_prompt_pointer(mut self) -> Self {
        self.is_prompt = true;
        self
    }

    /// Adds the tokens of a set, or the keys of a table by text, to a Bloom filter, `<key>:filter`, for readers with
    /// [`with_prefilter`](fastedge::blocklist::TokenSet::with_prefilter). Once it has been done, it always is.
    ///
    /// All items are added each time, of which the platform takes some 94 a second: for lists of up to some ten thousand.
    /// What is no longer listed stays in the filter, until its key is deleted; then the next publication makes it anew.
    #[must_use]
    pub fn with_prefilter(mut self) -> Self {
        self.has_prefilter = true;
        self
    }

    /// Publishes also over what is of another kind, or no list at all, and lists that have shrunk to less than a half.
    #[must_use]
    pub fn force(mut self) -> Self {
        self.is_forced = true;
        self.remote.is_forced = true;
        self
    }

    /// Another clock than the system's.
    #[must_use]
    pub fn with_clock(mut self, now: impl Fn() -> SystemTime + 'static) -> Self {
        self.now = Box::new(now);
        self
    }

    /// Publishes a list as the next generation; what is as it has been is not written again. Goes on with a publication of the
    /// same list that did not come to its end; one of another list is taken back first. What former generations have
    /// left is deleted, if it is time.
    ///
    /// # Errors
    ///
    /// If the API fails, after repetitions: publishing again goes on. [`PublishError::Overtaken`] if somebody else publishes
    /// meanwhile; [`PublishError::OtherKind`] and [`PublishError::Shrunk`] for what is probably a mistake.
    pub fn publish(
        &self,
        packed: &Packed,
        tell: &mut dyn FnMut(Step),
    ) -> Result<Report, PublishError> {
        let now = || self.seconds();
        let mut session = Session::open(&self.remote, &now, self.is_forced)?;
        let former = session.former()?;
        let can_have_prefilter = packed.kind() == Kind::Tokens && packed.salt == DEFAULT_SALT;
        let has_prefilter = self.has_prefilter || session.state.now.filter != 0;
        // One that was there for another kind of list goes with that.
        let drops_prefilter = !can_have_prefilter && self.is_forced && !self.has_prefilter;
        if has_prefilter && !can_have_prefilter && !drops_prefilter {
            return Err(PublishError::NoPrefilter);
        }
        let has_prefilter = has_prefilter && can_have_prefilter;
        self.check_former(former.as_ref(), packed)?;
        let mut report = Report::default();
        report.clean(session.clean(tell));
        let digest = packed.digest();
        let is_complete = (session.state.now.is_prompt || !self.is_prompt)
            && (!has_prefilter || (session.state.now.filter != 0 && self.remote.has_filter()?));
        if session.is_current(&digest) && is_complete {
            report.generation = session.state.current;
            report.unchanged = packed.shards();
            return Ok(report);
        }
        let edition = |generation| packed.edition(&self.remote.key, generation, former.as_ref());
        let then = Present {
            digest: digest.clone(),
            is_prompt: session.state.now.is_prompt || self.is_prompt,
            filter: match has_prefilter {
                true => session.filter_number()?,
                false => 0,
            },
            rolled_back: false,
        };
        let edition = session.begin(&digest, then, edition)?;
        if session.state.now.filter != 0 && !has_prefilter {
            self.remote.delete_filter()?;
        }
        report.generation = session.generation();
        report.is_new = true;
        report.written = edition.shards.len();
        report.unchanged = edition.unchanged;
        let record = Record {
            root: edition.root,
            sums: edition.sums,
        };
        session.write_record(&record)?;
        let copy = (
            self.remote.manifest_key(report.generation),
            record.root.clone(),
        );
        let values = edition.shards.into_iter().chain([copy]);
        session.write_values(values.collect(), tell)?;
        if has_prefilter {
            let items = packed.hashes().map(prefilter_item).collect();
            session.fill_prefilter(items, tell)?;
        }
        self.arrive(tell);
        session.flip(record)?;
        tell(Step::Flipped {
            generation: report.generation,
        });
        report.prompt_failure = session
            .remove_old_pointers()
            .err()
            .map(|error| error.to_string());
        Ok(report)
    }

    /// Publishes the generation before once more, as the next one. Nothing is uploaded but its manifest.
    ///
    /// # Errors
    ///
    /// [`PublishError::NothingBefore`] if there is none, [`PublishError::RolledBack`] if that has been done already, and as for
    /// [`publish`](Self::publish).
    pub fn roll_back(&self, tell: &mut dyn FnMut(Step)) -> Result<Report, PublishError> {
        let now = || self.seconds();
        let mut session = Session::open(&self.remote, &now, false)?;
        let present = session.present;
        if session.state.now.rolled_back && !self.is_forced {
            return Err(PublishError::RolledBack {
                generation: present,
            });
        }
        let Some(target) = session.generations.before(present).cloned() else {
            return Err(PublishError::NothingBefore);
        };
        let Some(previous) = self.remote.record(target.generation)? else {
            let key = self.remote.record_key(target.generation);
            return Err(PublishError::Missing { key });
        };
        let value = previous.root;
        // The filter lacks entries that only the previous generation lists, unless it was filled
        // from both. Without a filter, readers search the list itself.
        let now = session.state.now.filter;
        let keeps_filter = now != 0 && now == target.filter && self.remote.has_filter()?;
        let filter = if keeps_filter { now } else { 0 };
        let then = Present {
            digest: target.digest.clone(),
            is_prompt: session.state.now.is_prompt,
            filter,
            rolled_back: true,
        };
        let own = self.remote.manifest_key(target.generation);
        let fallback = session.previous_for(&read_root(&own, &value)?.header);
        let renumber = |generation| renumbered(&value, generation, fallback);
        let root = session.begin_with(
            &format!("rollback to {}", target.generation),
            then,
            renumber,
        )?;
        if now != 0 && !keeps_filter {
            self.remote.delete_filter()?;
        }
        let generation = session.generation();
        let record = Record {
            sums: sums_for(&root, &previous.sums),
            root,
        };
        session.write_record(&record)?;
        let copy = (self.remote.manifest_key(generation), record.root.clone());
        session.write_values(vec![copy], tell)?;
        self.arrive(tell);
        session.flip(record)?;
        tell(Step::Flipped { generation });
        let mut report = Report {
            generation,
            is_new: true,
            rolled_back_to: Some(target.generation),
            ..Report::default()
        };
        report.prompt_failure = session
            .remove_old_pointers()
            .err()
            .map(|error| error.to_string());
        Ok(report)
    }

    /// Deletes what former generations have left, of those whose second successor was pointed to ten minutes ago. How many keys.
    ///
    /// # Errors
    ///
    /// If the API fails; [`PublishError::TooEarly`] if there is something, and it is not time.
    pub fn clean(&self, tell: &mut dyn FnMut(Step)) -> Result<usize, PublishError> {
        let now = || self.seconds();
        let mut session = Session::open(&self.remote, &now, false)?;
        if let Some(wait) = session.until_clean() {
            return Err(PublishError::TooEarly { wait });
        }
        session.clean(tell)
    }

    /// That what is published may be replaced by this.
    fn check_former(
        &self,
        former: Option<&Published>,
        packed: &Packed,
    ) -> Result<(), PublishError> {
        let Some(former) = former.filter(|_| !self.is_forced) else {
            return Ok(());
        };
        let is_table = |payload| payload == PayloadKind::Value;
        if former.kind() != packed.kind()
            || is_table(former.payload()) != is_table(packed.payload())
        {
            return Err(PublishError::OtherKind {
                key: self.remote.key.clone(),
                found: description(former.kind(), former.payload()),
                given: description(packed.kind(), packed.payload()),
            });
        }
        let (before, after) = (former.entries(), packed.entries());
        if after * 2 < before {
            return Err(PublishError::Shrunk { before, after });
        }
        Ok(())
    }

    fn arrive(&self, tell: &mut dyn FnMut(Step)) {
        if !self.pause.is_zero() {
            tell(Step::Pausing(self.pause));
            self.remote.transport.sleep(self.pause);
        }
    }

    fn seconds(&self) -> u64 {
        let since = (self.now)().duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap_or_default().as_secs()
    }
}

impl<T> std::fmt::Debug for Publisher<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher")
            .field("key", &self.remote.key)
            .field("store_id", &self.remote.store_id)
            .finish_non_exhaustive()
    }
}

fn description(kind: Kind, payload: PayloadKind) -> String {
    let what = match payload {
        PayloadKind::Value => "table",
        PayloadKind::None | PayloadKind::Tag => "list",
    };
    format!("a {what} of {}", kind.name())
}

/// The same manifest, as another generation after another one.
fn renumbered(value: &[u8], generation: u32, previous: u32) -> Result<Vec<u8>, PublishError> {
    let malformed = |reason| PublishError::NotAList {
        key: generation.to_string(),
        reason,
    };
    let (header, body) = Header::read(value).map_err(|error| malformed(error.to_string()))?;
    let mut body = body.to_vec();
    for (byte, of_previous) in body.iter_mut().zip(previous.to_le_bytes()) {
        *byte = of_previous;
    }
    Ok(Header {
        generation,
        ..header
    }
    .write(&body))
}

/// The deletion of a plain key.
fn deletion(key: &str) -> Result<Entry, PublishError> {
    Ok(Entry::delete(key, DataType::Plain)?)
}

/// What a root says, with the key that it is at in its errors.
fn read_root(key: &str, root: &[u8]) -> Result<Root, PublishError> {
    Root::read(root).map_err(|error| PublishError::NotAList {
        key: key.to_owned(),
        reason: error.to_string(),
    })
}

/// Returns the keys of the shards that a manifest names.
fn shard_keys(list: &str, at: &str, manifest: &[u8]) -> Result<BTreeSet<String>, PublishError> {
    let malformed = |error: Malformed| PublishError::NotAList {
        key: at.to_owned(),
        reason: error.to_string(),
    };
    let root = read_root(at, manifest)?;
    let mut keys = BTreeSet::new();
    for (layout, _) in root.layouts() {
        let section = root.section(manifest, layout).map_err(malformed)?;
        if let Some(Section::Shards(shards)) = section {
            for index in 0..shards.len() {
                let generation = shards.generation(index).map_err(malformed)?;
                keys.insert(format!("{list}:{generation}:{}", shards.place(index)));
            }
        }
    }
    Ok(keys)
}

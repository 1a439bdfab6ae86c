//! Publishing: the shards first, what points to them last, and nothing that somebody may still read is taken away.
//!
//! Keys are replicated one by one, in any order, and a node keeps what it has read, a key's absence too, for some 30 seconds.
//! So a generation has keys of its own, which are written once: `<key>:<generation>:<place>` for shards,
//! `<key>:<generation>` for the manifest. Once they have had time to arrive, the list's own key gets a copy of the manifest: from
//! then on readers find the new generation, and where a part of it is late, the one before, which is still
//! there. What only generations before that one had is deleted at least ten minutes after.
//!
//! What has been done is written down in the store itself (`<key>:state`), with each batch: a publication that was killed, at
//! whatever moment, is gone on with by publishing the same list again.
//!
//! ```
//! use std::time::Duration;
//! use fastedge::edge_storage_api::{Api, Outbound, Token};
//! use fastedge_pack::{Action, AddressRules, Publisher};
//! # use fastedge_mock_host::{Answer, MockHost};
//! # use fastedge::http::{Method, StatusCode};
//! # let edge = MockHost::new().answer_with(|request| match request.method.as_ref() {
//! #     "PUT" => Answer::text(r#"{"write_count": 1, "revision": 9}"#),
//! #     _ => Answer::status(404),
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
mod report;
mod state;
mod store;

use std::time::{Duration, SystemTime};

use fastedge::blocklist::format::{DEFAULT_SALT, Header, Kind, Root, prefilter_item};
use fastedge::edge_storage_api::{Api, DataType, Entry, Transport};

pub use self::error::PublishError;
pub use self::report::{Report, Step};
use self::state::{Pending, State};
use self::store::Remote;
use crate::packed::{Packed, Published};

/// How long a new generation has for arriving before it is pointed to. Replication takes 1-2 s.
const PAUSE: Duration = Duration::from_secs(15);

/// How long what a generation no longer needs is kept.
const KEPT: Duration = Duration::from_secs(10 * 60);

/// Publishes generations of a list to a store: see the [module](self).
pub struct Publisher<T> {
    remote: Remote<T>,
    pause: Duration,
    is_prompt: bool,
    has_prefilter: bool,
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
            now: Box::new(SystemTime::now),
        }
    }

    /// Another time for arriving than 15 s.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Another pace than the one that the platform takes, in entries a second; 0 is none.
    #[must_use]
    pub fn entries_per_second(mut self, pace: f64) -> Self {
        self.remote.pace = Some(pace);
        self
    }

    /// Publishes the manifest in a sorted set as well, `<key>:pointer`, for readers with
    /// [`with_prompt_pointer`](fastedge::blocklist::IpList::with_prompt_pointer).
    #[must_use]
    pub fn with_prompt_pointer(mut self) -> Self {
        self.is_prompt = true;
        self
    }

    /// Adds the tokens of a set, or the keys of a table by text, to a Bloom filter, `<key>:filter`, for readers with
    /// [`with_prefilter`](fastedge::blocklist::TokenSet::with_prefilter). What is no longer listed stays in it, until the
    /// filter is deleted. The platform takes some 94 items a second.
    #[must_use]
    pub fn with_prefilter(mut self) -> Self {
        self.has_prefilter = true;
        self
    }

    /// Another clock than the system's.
    #[must_use]
    pub fn with_clock(mut self, now: impl Fn() -> SystemTime + 'static) -> Self {
        self.now = Box::new(now);
        self
    }

    /// Publishes a list as the next generation; the present one stays where it is the same. Goes on with a publication of the
    /// same list that did not come to its end; one of another list is taken back first.
    ///
    /// # Errors
    ///
    /// If the API fails, after repetitions: publishing again goes on. [`PublishError::Overtaken`] if somebody else publishes
    /// meanwhile.
    pub fn publish(
        &self,
        packed: &Packed,
        tell: &mut dyn FnMut(Step),
    ) -> Result<Report, PublishError> {
        if self.has_prefilter && (packed.kind() != Kind::Tokens || packed.salt != DEFAULT_SALT) {
            return Err(PublishError::NoPrefilter);
        }
        let digest = packed.digest();
        let mut state = self.remote.state()?;
        let former = self.remote.current()?;
        let deleted = self.clean_if_due(&mut state, tell)?;
        let is_same = state.digest == digest && former.is_some();
        if is_same && state.pending.is_none() && self.is_complete(&state) {
            return Ok(Report {
                generation: state.current,
                is_new: false,
                written: 0,
                unchanged: packed.shards(),
                deleted,
            });
        }
        let generation = self.begin(&mut state, &digest)?;
        let former = match former {
            Some(root) => {
                let present = Root::read(&root)?.header.generation;
                let sums = self.remote.value(&self.remote.sums_key(present))?;
                Some(Published::read(&root, sums.as_deref())?)
            }
            None => None,
        };
        let edition = packed.edition(&self.remote.key, generation, former.as_ref());
        let written = edition.shards.len();
        let copy = (self.remote.manifest_key(generation), edition.root.clone());
        let sums = (self.remote.sums_key(generation), edition.sums);
        let values = edition.shards.into_iter().chain([copy, sums]);
        self.write_all(&mut state, values.collect(), tell)?;
        if self.has_prefilter {
            self.fill_prefilter(&mut state, packed, tell)?;
        }
        self.arrive(tell);
        self.flip(&mut state, edition.root, &digest)?;
        tell(Step::Flipped { generation });
        Ok(Report {
            generation,
            is_new: true,
            written,
            unchanged: edition.unchanged,
            deleted,
        })
    }

    /// Publishes the generation before once more, as the next one. Nothing is uploaded but its manifest.
    ///
    /// # Errors
    ///
    /// [`PublishError::NothingBefore`] if there is none, and as for [`publish`](Self::publish).
    pub fn roll_back(&self, tell: &mut dyn FnMut(Step)) -> Result<Report, PublishError> {
        let mut state = self.remote.state()?;
        let Some(root) = self.remote.current()? else {
            return Err(PublishError::NothingBefore);
        };
        let present = Root::read(&root)?;
        let before = self.remote.manifest_key(present.previous);
        let Some(value) = self
            .remote
            .value(&before)?
            .filter(|_| present.previous != 0)
        else {
            return Err(PublishError::NothingBefore);
        };
        let sums = self.remote.value(&self.remote.sums_key(present.previous))?;
        let digest = state.digest_before.clone();
        // Not the digest of the list alone: what has been published of it as another generation is another thing.
        let generation = self.begin(&mut state, &format!("rollback to {}", present.previous))?;
        let root = renumbered(&value, generation, present.header.generation)?;
        let copy = (self.remote.manifest_key(generation), root.clone());
        let sums = (self.remote.sums_key(generation), sums.unwrap_or_default());
        self.write_all(&mut state, vec![copy, sums], tell)?;
        self.arrive(tell);
        self.flip(&mut state, root, &digest)?;
        tell(Step::Flipped { generation });
        Ok(Report {
            generation,
            is_new: true,
            written: 0,
            unchanged: 0,
            deleted: 0,
        })
    }

    /// Deletes what neither the present generation nor the one before needs, if the present one has been pointed to for ten
    /// minutes. How many keys.
    ///
    /// # Errors
    ///
    /// If the API fails; [`PublishError::TooEarly`] before that.
    pub fn clean(&self, tell: &mut dyn FnMut(Step)) -> Result<usize, PublishError> {
        let mut state = self.remote.state()?;
        if let Some(wait) = self.until_clean(&state) {
            return Err(PublishError::TooEarly { wait });
        }
        self.clean_if_due(&mut state, tell)
    }

    /// The number of the generation that is written now.
    fn begin(&self, state: &mut State, digest: &str) -> Result<u32, PublishError> {
        if let Some(pending) = &state.pending {
            if pending.digest == digest {
                return Ok(pending.generation);
            }
            let abandoned = pending.generation;
            self.remote.delete_generation(abandoned)?;
        }
        let generation = state.last.max(state.current).saturating_add(1);
        state.last = generation;
        state.pending = Some(Pending {
            generation,
            digest: digest.to_owned(),
            written: 0,
            filtered: 0,
        });
        // Before anything else is: no number is used for two things.
        self.remote.write(&[self.remote.state_entry(state)?])?;
        Ok(generation)
    }

    /// Writes values, and with each batch how many of them have been.
    fn write_all(
        &self,
        state: &mut State,
        values: Vec<(String, Vec<u8>)>,
        tell: &mut dyn FnMut(Step),
    ) -> Result<(), PublishError> {
        let all = values.len();
        let mut done = state.pending.as_ref().map_or(0, |pending| pending.written);
        let mut rest = values.into_iter().skip(done).peekable();
        while rest.peek().is_some() {
            let mut batch = Vec::new();
            let mut bytes = 0;
            while batch.len() < store::BATCH_ENTRIES - 1
                && let Some((key, value)) = rest
                    .next_if(|(_, value)| bytes == 0 || bytes + value.len() <= store::BATCH_BYTES)
            {
                bytes += value.len();
                batch.push(Entry::plain(key, value)?);
            }
            done += batch.len();
            if let Some(pending) = &mut state.pending {
                pending.written = done;
            }
            batch.push(self.remote.state_entry(state)?);
            self.remote.write(&batch)?;
            tell(Step::Written { done, all });
        }
        Ok(())
    }

    fn fill_prefilter(
        &self,
        state: &mut State,
        packed: &Packed,
        tell: &mut dyn FnMut(Step),
    ) -> Result<(), PublishError> {
        let items: Vec<_> = packed.hashes().map(prefilter_item).collect();
        let all = items.len();
        let mut done = state.pending.as_ref().map_or(0, |pending| pending.filtered);
        let key = self.remote.filter_key();
        for batch in items
            .get(done.min(all)..)
            .unwrap_or_default()
            .chunks(store::BATCH_ENTRIES - 2)
        {
            done += batch.len();
            if let Some(pending) = &mut state.pending {
                pending.filtered = done;
            }
            let filter = Entry::bloom_filter(&key, batch)?;
            self.remote
                .write(&[filter, self.remote.state_entry(state)?])?;
            tell(Step::Filtered { done, all });
        }
        if all == 0 {
            self.remote.write(&[Entry::bloom_filter(&key, [""; 0])?])?;
        }
        Ok(())
    }

    fn arrive(&self, tell: &mut dyn FnMut(Step)) {
        if !self.pause.is_zero() {
            tell(Step::Pausing(self.pause));
            self.remote.transport.sleep(self.pause);
        }
    }

    /// Points to what has been written.
    fn flip(&self, state: &mut State, root: Vec<u8>, digest: &str) -> Result<(), PublishError> {
        let now = self.remote.state()?;
        if now.pending != state.pending {
            return Err(PublishError::Overtaken);
        }
        let Some(pending) = state.pending.take() else {
            return Err(PublishError::Overtaken);
        };
        state.generations.push(pending.generation);
        state.current = pending.generation;
        state.digest_before = std::mem::replace(&mut state.digest, digest.to_owned());
        state.flipped_at = self.seconds();
        state.is_prompt = self.is_prompt;
        state.has_prefilter = self.has_prefilter;
        let mut entries = vec![Entry::plain(&self.remote.key, root.clone())?];
        let pointer = self.remote.pointer_key();
        if self.is_prompt {
            let score = f64::from(pending.generation);
            entries.push(Entry::sorted_set(&pointer, [(score, root.clone())])?);
        }
        entries.push(self.remote.state_entry(state)?);
        self.remote.write(&entries)?;
        if self.is_prompt {
            let others = self.remote.members(&pointer)?;
            let others: Vec<_> = others
                .into_iter()
                .filter(|member| *member != root)
                .collect();
            if !others.is_empty() {
                self.remote
                    .write(&[Entry::remove_members(&pointer, others)?])?;
            }
        }
        Ok(())
    }

    /// Whether what readers may look for is there.
    fn is_complete(&self, state: &State) -> bool {
        (state.is_prompt || !self.is_prompt) && (state.has_prefilter || !self.has_prefilter)
    }

    fn until_clean(&self, state: &State) -> Option<Duration> {
        let due = state.flipped_at + KEPT.as_secs();
        let wait = due.saturating_sub(self.seconds());
        (wait > 0 && !state.to_clean().is_empty()).then(|| Duration::from_secs(wait))
    }

    fn clean_if_due(
        &self,
        state: &mut State,
        tell: &mut dyn FnMut(Step),
    ) -> Result<usize, PublishError> {
        if state.to_clean().is_empty() || self.until_clean(state).is_some() {
            return Ok(0);
        }
        let deleted = clean::clean(&self.remote, state)?;
        tell(Step::Cleaned { keys: deleted });
        Ok(deleted)
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

/// The same manifest, as another generation after another one.
fn renumbered(value: &[u8], generation: u32, previous: u32) -> Result<Vec<u8>, PublishError> {
    let (header, body) = Header::read(value)?;
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

/// The key of a data type that is deleted.
fn deletion(key: &str) -> Result<Entry, PublishError> {
    Ok(Entry::delete(key, DataType::Plain)?)
}

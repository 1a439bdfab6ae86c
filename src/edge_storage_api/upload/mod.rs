//! Writing much: in batches, paced, resumed.

mod batch;
mod retry;

use std::fmt;
use std::iter::Peekable;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(super) use self::batch::Batch;
pub use self::retry::Retry;
use super::api::{Api, WriteSummary};
use super::call::Call;
use super::entry::{Change, Entry};
use super::error::{Error, ErrorKind};
use super::transport::Transport;

/// Writes any number of entries to a store.
///
/// They are sent in batches, within limits of entries and bytes, no faster than the platform takes
/// them. A batch that fails for a while is repeated. What has been confirmed is never sent again: after
/// an error, [`run`](Self::run) goes on where it has stopped, and a process that is started anew goes on
/// from the [`Progress`] of the former one. A batch whose answer was lost is repeated, which changes
/// nothing: written twice, entries are as if written once.
///
/// The pace is one for tools, which run it on a `BlockingClient` (feature `blocking-client`) or a
/// [`Transport`] of their own:
///
/// ```
/// use fastedge::edge_storage_api::{Api, Entry, Outbound, Token, Upload};
/// # use fastedge_mock_host::{Answer, MockHost};
/// # let answer = Answer::text(r#"{"write_count": 500, "revision": 9}"#);
/// # let edge = MockHost::new().answer("https://api.gcore.com/fastedge/v1/kv/7/data", answer);
/// # let _installed = edge.install();
///
/// let api = Api::new(Token::new("secret-token")?);
/// let entries = (0..1_200).map(|i| Entry::plain(format!("user:{i}"), "on").unwrap());
/// let mut upload = Upload::new(api, 7, entries);
/// let progress = upload.run(&Outbound)?;
/// assert_eq!(progress.confirmed, 1_200);
/// # assert_eq!(edge.calls().requests_sent(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Upload<I: Iterator<Item = Entry>> {
    api: Api,
    store_id: u64,
    entries: Peekable<I>,
    /// How much of the next entry is confirmed or in the pending batch.
    taken_of_next: usize,
    /// How much is still to be left out, since a former process has written it.
    to_skip: u64,
    /// Whether the next batch may have been sent by a former process.
    is_resumed: bool,
    pending: Option<Pending>,
    limits: BatchLimits,
    entries_per_second: f64,
    retry: Retry,
    force: bool,
    tolerates_missing: bool,
    progress: Progress,
}

/// A batch that is to be confirmed.
struct Pending {
    body: Vec<u8>,
    units: usize,
    keys_to_delete: u64,
    /// Whether it may have been written already.
    repeated: bool,
}

/// How large a request may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Entries at most; the members of sorted sets and the items of Bloom filters count as entries.
    pub entries: usize,
    /// Bytes of the body at most. An entry that is larger by itself is sent alone.
    pub bytes: usize,
}

impl BatchLimits {
    pub(super) const NONE: BatchLimits = BatchLimits {
        entries: usize::MAX,
        bytes: usize::MAX,
    };
}

/// 500 entries, a third of what has been seen to work before the gateway's time-out of 30 s; and 1 MB,
/// the largest body of the basic plan.
impl Default for BatchLimits {
    fn default() -> Self {
        BatchLimits {
            entries: 500,
            bytes: 1_000_000,
        }
    }
}

/// How far an upload has come. It can be written down (with `serde`), to go on in another process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Progress {
    /// How many entries are written for certain; members and items count as entries.
    pub confirmed: u64,
    /// How many entries have been handed out to be sent, whether they are confirmed or not.
    pub attempted: u64,
    /// How many keys were deleted.
    pub deleted: u64,
    /// The store's revision after the latest batch.
    pub revision: u64,
}

/// What the platform has been seen to take from one client.
const ENTRIES_PER_SECOND: f64 = 90.0;

impl<I: Iterator<Item = Entry>> Upload<I> {
    /// Writes these entries to a store, in their order.
    pub fn new(
        api: Api,
        store_id: u64,
        entries: impl IntoIterator<Item = Entry, IntoIter = I>,
    ) -> Self {
        Upload {
            api,
            store_id,
            entries: entries.into_iter().peekable(),
            taken_of_next: 0,
            to_skip: 0,
            is_resumed: false,
            pending: None,
            limits: BatchLimits::default(),
            entries_per_second: ENTRIES_PER_SECOND,
            retry: Retry::default(),
            force: false,
            tolerates_missing: false,
            progress: Progress::default(),
        }
    }

    /// Goes on from the progress of a former upload of the same entries in the same order. Deletions
    /// that the former one may have sent are content with finding nothing.
    #[must_use]
    pub fn resume(mut self, progress: Progress) -> Self {
        self.to_skip = progress.confirmed;
        self.is_resumed = progress != Progress::default();
        self.progress = progress;
        self
    }

    /// Other limits for a batch: at least one entry.
    #[must_use]
    pub fn limits(mut self, limits: BatchLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Another pace than 90 entries a second. A pace that is not above 0 is none: as fast as it goes.
    #[must_use]
    pub fn entries_per_second(mut self, pace: f64) -> Self {
        self.entries_per_second = pace;
        self
    }

    /// Other rules for repeating what fails for a while.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Writes over keys that hold another data type as well. Their former contents are lost.
    #[must_use]
    pub fn force(mut self) -> Self {
        self.force = true;
        self
    }

    /// Is content with deletions of keys that do not exist, or hold another data type.
    #[must_use]
    pub fn tolerate_missing(mut self) -> Self {
        self.tolerates_missing = true;
        self
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Sends all that is left. After an error it can be called again, and goes on.
    ///
    /// # Errors
    ///
    /// What the API answers to a batch, once it is no longer repeated; and
    /// [`ErrorKind::NotDeleted`], after which the batch is confirmed.
    pub fn run(&mut self, transport: &(impl Transport + ?Sized)) -> Result<Progress, Error> {
        while let Some(call) = self.next_call()? {
            let started = transport.now();
            let units = self.pending_units();
            let summary = self.send(&call, transport)?;
            self.confirm(&summary)?;
            if !self.is_done() {
                let took = transport.now().saturating_sub(started);
                let pause = self.pause_after(units).saturating_sub(took);
                if !pause.is_zero() {
                    transport.sleep(pause);
                }
            }
        }
        Ok(self.progress)
    }

    /// The call for the next batch, for a client that is not a [`Transport`]; `None` once all is
    /// written. It is the same batch until it is [confirmed](Self::confirm).
    ///
    /// # Errors
    ///
    /// None of its own.
    pub fn next_call(&mut self) -> Result<Option<Call<WriteSummary>>, Error> {
        if self.pending.is_none() {
            self.pending = self.next_batch();
        }
        match &self.pending {
            Some(pending) => {
                let body = pending.body.clone();
                self.api.put(self.store_id, body, self.force).map(Some)
            }
            None => Ok(None),
        }
    }

    /// Takes the answer to the batch of [`next_call`](Self::next_call): it is written.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotDeleted`] if fewer keys were deleted than asked for, unless the batch had been
    /// sent before. The batch is confirmed all the same.
    pub fn confirm(&mut self, summary: &WriteSummary) -> Result<(), Error> {
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        let Progress {
            confirmed, deleted, ..
        } = self.progress;
        self.progress.confirmed = confirmed.saturating_add(pending.units as u64);
        self.progress.deleted = deleted.saturating_add(summary.del_count);
        self.progress.revision = self.progress.revision.max(summary.revision);
        let (asked, deleted) = (pending.keys_to_delete, summary.del_count);
        if deleted < asked && !pending.repeated && !self.tolerates_missing {
            return Err(ErrorKind::NotDeleted { asked, deleted }.into());
        }
        Ok(())
    }

    /// Takes note that the batch of [`next_call`](Self::next_call) may have been written, although
    /// there is no answer that says so.
    pub fn mark_uncertain(&mut self) {
        if let Some(pending) = &mut self.pending {
            pending.repeated = true;
        }
    }

    fn send(
        &mut self,
        call: &Call<WriteSummary>,
        transport: &(impl Transport + ?Sized),
    ) -> Result<WriteSummary, Error> {
        let mut failures = 0;
        loop {
            let error = match call.send_with(transport) {
                Ok(summary) => return Ok(summary),
                Err(error) => error,
            };
            if error.may_have_happened() {
                self.mark_uncertain();
            }
            failures += 1;
            match self.retry.delay_after(failures, error.kind()) {
                Some(delay) => transport.sleep(delay),
                None => return Err(error),
            }
        }
    }

    fn next_batch(&mut self) -> Option<Pending> {
        let mut batch = Batch::new();
        while let Some(entry) = self.entries.peek() {
            let units = entry.units();
            // What a former process has written.
            let skipped = self.to_skip.min((units - self.taken_of_next) as u64);
            self.to_skip -= skipped;
            self.taken_of_next += skipped as usize;
            let wanted = units - self.taken_of_next;
            let taken = match wanted {
                0 => 0,
                _ if batch.would_blur(entry) => 0,
                _ => batch.add(entry, self.taken_of_next, self.limits),
            };
            self.taken_of_next += taken;
            if taken < wanted {
                break;
            }
            self.entries.next();
            self.taken_of_next = 0;
        }
        if batch.units() == 0 {
            return None;
        }
        // A former process may have sent it: what it wrote down says so, or it was killed before it
        // could.
        let was_resumed = std::mem::take(&mut self.is_resumed);
        let repeated = was_resumed || self.progress.confirmed < self.progress.attempted;
        let end = self.progress.confirmed.saturating_add(batch.units() as u64);
        self.progress.attempted = self.progress.attempted.max(end);
        Some(Pending {
            units: batch.units(),
            keys_to_delete: batch.keys_to_delete(),
            body: batch.into_body(),
            repeated,
        })
    }

    fn pending_units(&self) -> usize {
        self.pending.as_ref().map_or(0, |pending| pending.units)
    }

    fn is_done(&mut self) -> bool {
        self.pending.is_none() && self.entries.peek().is_none()
    }

    fn pause_after(&self, units: usize) -> Duration {
        if self.entries_per_second > 0.0 {
            let seconds = units as f64 / self.entries_per_second;
            return Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        }
        Duration::ZERO
    }
}

impl Entry {
    /// How many entries it counts as.
    fn units(&self) -> usize {
        match &self.change {
            Change::Put { .. } | Change::Delete(_) => 1,
            Change::AddMembers(members) => members.len(),
            Change::RemoveMembers(members) | Change::AddItems(members) => members.len(),
        }
    }
}

impl<I: Iterator<Item = Entry>> fmt::Debug for Upload<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("store_id", &self.store_id)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

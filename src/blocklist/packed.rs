//! A packed list in a store: its manifest, and the shards that are asked for.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use super::error::{Error, ErrorKind};
use super::format::{
    Fences, Header, Hit, Kind, Layout, Malformed, PayloadKind, Role, Root, Section, Shards,
    shard_mark,
};
use crate::kv_store::{Access, BloomFilter, KvStore, ReadOnly};

/// How many shards are kept for further questions: 16 KB each, mostly.
const KEPT_SHARDS: usize = 32;

/// A question to a list.
pub(super) trait Question {
    /// What a list is of that can be asked this.
    const KIND: Kind;

    /// In which section the answer is.
    fn layout(&self) -> Layout;

    /// The number of the shard in which the answer is; `None` if there is none.
    fn shard(&self, fences: &Fences<'_>, root: &Root) -> Result<Option<usize>, Malformed>;

    /// The entry in a shard, or in the whole section.
    fn find<'a>(&self, body: &'a [u8], root: &Root) -> Result<Option<Hit<'a>>, Malformed>;
}

/// A list in a store.
pub(super) struct Packed<'s, A = ReadOnly> {
    pub(super) store: &'s KvStore<A>,
    pub(super) key: Cow<'s, str>,
    is_prompt: bool,
    prefilter: Option<BloomFilter<'s, A>>,
    current: OnceCell<Edition>,
    /// None if there is none, or it cannot be read.
    previous: OnceCell<Option<Edition>>,
    shards: RefCell<Vec<KeptShard>>,
}

/// A shard that has been asked for, or why it cannot be had.
struct KeptShard {
    /// The generation of the manifest, the section, and the shard's number there.
    place: (u32, Layout, usize),
    value: Result<Rc<Vec<u8>>, Rc<str>>,
}

/// A generation of a list.
struct Edition {
    value: Vec<u8>,
    root: Root,
}

/// Why a generation has no answer.
enum Failure {
    /// The store did not answer.
    Store(Error),
    /// A shard is not there, or another one.
    Shard(String),
}

impl<'s, A: Access> Packed<'s, A> {
    pub(super) fn new(store: &'s KvStore<A>, key: Cow<'s, str>) -> Self {
        Packed {
            store,
            key,
            is_prompt: false,
            prefilter: None,
            current: OnceCell::new(),
            previous: OnceCell::new(),
            shards: RefCell::default(),
        }
    }

    pub(super) fn prompt(mut self) -> Self {
        self.is_prompt = true;
        self
    }

    pub(super) fn with_prefilter(mut self) -> Self {
        let key = format!("{}:filter", self.key);
        self.prefilter = Some(self.store.bloom_filter(key));
        self
    }

    pub(super) fn prefilter(&self) -> Option<&BloomFilter<'s, A>> {
        self.prefilter.as_ref()
    }

    /// What an entry carries, read by `read`, and the generation that says so; `None` if there is no entry.
    pub(super) fn ask<Q: Question, R>(
        &self,
        question: &Q,
        read: impl Fn(Hit<'_>, PayloadKind) -> Result<R, Malformed>,
    ) -> Result<Option<(R, u32)>, Error> {
        let current = self.current(Q::KIND)?;
        let reason = match self.ask_one(current, question, &read) {
            Ok(answer) => return Ok(answer),
            Err(Failure::Store(error)) => return Err(error),
            Err(Failure::Shard(reason)) => reason,
        };
        let generation = current.root.header.generation;
        if let Some(previous) = self.previous(&current.root, Q::KIND)? {
            match self.ask_one(previous, question, &read) {
                Ok(answer) => return Ok(answer),
                Err(Failure::Store(error)) => return Err(error),
                Err(Failure::Shard(_)) => {}
            }
        }
        Err(ErrorKind::Unavailable {
            store: self.store.name().to_owned(),
            key: self.key.to_string(),
            generation,
            reason,
        }
        .into())
    }

    /// That this is a table, whose entries have values.
    pub(super) fn expect_values<Q: Question>(&self, _: &Q) -> Result<(), Error> {
        let current = self.current(Q::KIND)?;
        match current.root.header.payload {
            PayloadKind::Value => Ok(()),
            PayloadKind::None | PayloadKind::Tag => Err(Error::malformed(
                self.store.name(),
                &self.key,
                Malformed::NO_VALUES,
            )),
        }
    }

    /// The generation of the list, which takes a read if nothing has been asked yet.
    pub(super) fn generation(&self, kind: Kind) -> Result<u32, Error> {
        Ok(self.current(kind)?.root.header.generation)
    }

    fn ask_one<Q: Question, R>(
        &self,
        edition: &Edition,
        question: &Q,
        read: &impl Fn(Hit<'_>, PayloadKind) -> Result<R, Malformed>,
    ) -> Result<Option<(R, u32)>, Failure> {
        let Edition { value, root } = edition;
        let answer = |hit: Option<Hit<'_>>| match hit {
            Some(hit) => {
                let read = read(hit, root.header.payload)?;
                Ok(Some((read, root.header.generation)))
            }
            None => Ok(None),
        };
        let malformed =
            |reason| Failure::Store(Error::malformed(self.store.name(), &self.key, reason));
        let section = root.section(value, question.layout()).map_err(malformed)?;
        match section {
            None => Ok(None),
            Some(Section::Body(body)) => {
                let hit = question.find(body, root).map_err(malformed)?;
                answer(hit).map_err(malformed)
            }
            Some(Section::Shards(shards)) => {
                let place = question.shard(&shards.fences(), root).map_err(malformed)?;
                let Some(index) = place else {
                    return Ok(None);
                };
                let generation = root.header.generation;
                let shard = self.shard((generation, question.layout(), index), || {
                    self.fetch(&shards, index, root)
                });
                let shard = shard.map_err(Failure::Store)?;
                let shard = shard.map_err(|reason| Failure::Shard(reason.to_string()))?;
                let (_, body) = Header::read(&shard).map_err(malformed)?;
                let found = question.find(body, root).and_then(answer);
                found.map_err(|reason| Failure::Shard(format!("shard {index}: {reason}")))
            }
        }
    }

    fn current(&self, kind: Kind) -> Result<&Edition, Error> {
        if let Some(edition) = self.current.get() {
            return Ok(edition);
        }
        let prompt = match self.is_prompt {
            false => None,
            true => {
                let key = format!("{}:pointer", self.key);
                let set = self.store.sorted_set(&key);
                set.max::<Vec<u8>>()?.map(|(manifest, _)| manifest)
            }
        };
        let value = match prompt {
            Some(value) => Some(value),
            None => self.store.get_bytes(&self.key)?,
        };
        let Some(value) = value else {
            return Err(ErrorKind::NotPublished {
                store: self.store.name().to_owned(),
                key: self.key.to_string(),
            }
            .into());
        };
        let root = Root::read(&value)
            .map_err(|reason| Error::malformed(self.store.name(), &self.key, reason))?;
        if root.header.kind != kind {
            let found = root.header.kind.name();
            return Err(Error::of_another_kind(
                self.store.name(),
                &self.key,
                found,
                kind,
            ));
        }
        Ok(self.current.get_or_init(|| Edition { value, root }))
    }

    /// The generation before, if it is there.
    fn previous(&self, current: &Root, kind: Kind) -> Result<Option<&Edition>, Error> {
        if let Some(edition) = self.previous.get() {
            return Ok(edition.as_ref());
        }
        let edition = match current.previous {
            0 => None,
            generation => {
                let value = self
                    .store
                    .get_bytes(&format!("{}:{generation}", self.key))?;
                let edition = value.and_then(|value| {
                    let root = Root::read(&value).ok()?;
                    Some(Edition { value, root })
                });
                edition.filter(|edition| {
                    let header = edition.root.header;
                    let is_table = |header: &Header| header.payload == PayloadKind::Value;
                    header.kind == kind
                        && header.generation == generation
                        && is_table(&header) == is_table(&current.header)
                })
            }
        };
        Ok(self.previous.get_or_init(|| edition).as_ref())
    }

    /// A shard, or why it cannot be had: asked for once.
    fn shard(
        &self,
        place: (u32, Layout, usize),
        fetch: impl FnOnce() -> Result<Result<Rc<Vec<u8>>, Rc<str>>, Error>,
    ) -> Result<Result<Rc<Vec<u8>>, Rc<str>>, Error> {
        let mut shards = self.shards.borrow_mut();
        if let Some(kept) = shards.iter().find(|kept| kept.place == place) {
            return Ok(kept.value.clone());
        }
        let value = fetch()?;
        if shards.len() >= KEPT_SHARDS {
            shards.remove(0);
        }
        shards.push(KeptShard {
            place,
            value: value.clone(),
        });
        Ok(value)
    }

    fn fetch(
        &self,
        shards: &Shards<'_>,
        index: usize,
        root: &Root,
    ) -> Result<Result<Rc<Vec<u8>>, Rc<str>>, Error> {
        let generation = match shards.generation(index) {
            Ok(generation) => generation,
            Err(reason) => {
                return Err(Error::malformed(self.store.name(), &self.key, reason));
            }
        };
        let place = shards.place(index);
        let key = format!("{}:{generation}:{place}", self.key);
        Ok(match self.store.get_bytes(&key)? {
            None => Err(format!("`{key}` is missing").into()),
            Some(value) => match check_shard(&value, root, generation, &place) {
                Ok(()) => Ok(Rc::new(value)),
                Err(reason) => Err(format!("`{key}`: {reason}").into()),
            },
        })
    }
}

/// That a shard is the one that was asked for.
fn check_shard(shard: &[u8], root: &Root, generation: u32, place: &str) -> Result<(), Malformed> {
    let (header, _) = Header::read(shard)?;
    let wanted = Header {
        role: Role::Shard,
        generation,
        mark: shard_mark(place),
        entries: header.entries,
        body_bytes: header.body_bytes,
        checksum: header.checksum,
        ..root.header
    };
    match header == wanted {
        true => Ok(()),
        false => Err(Malformed::ANOTHER_SHARD),
    }
}

/// Shared by the questions whose fences are keys of bytes.
pub(super) fn shard_by_key(
    fences: &Fences<'_>,
    key: &[u8; 16],
) -> Result<Option<usize>, Malformed> {
    match fences {
        Fences::Column(column) => Ok(column.predecessor(key)),
        _ => Err(Malformed::ANOTHER_LAYOUT),
    }
}

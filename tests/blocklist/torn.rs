//! What readers see while a list is published, at locations where keys arrive in any order, some of them late, and where what was
//! read, and that nothing was there, is remembered for 30 seconds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastedge::KvStore;
use fastedge::blocklist::{ErrorKind, IpList, Verdict};
use fastedge_host::{Host, KeyValue, KeyValueError};
use fastedge_pack::{Action, AddressRules};
use fastrand::Rng;

use super::api::{Held, KEY, Store, Write};

/// How long a node remembers what it has read.
const REMEMBERED: Duration = Duration::from_secs(30);

/// How many schedules there are, unless `FASTEDGE_SIMULATIONS` says otherwise.
const SCHEDULES: u64 = 100_000;

/// All that is published of a list: what is written, and what each generation lists.
struct History {
    log: Vec<Write>,
    /// By generation.
    lists: Vec<BTreeMap<u32, u8>>,
    /// What to ask for: where generations differ, and some where they do not.
    questions: Vec<u32>,
    /// When there is something for the first time.
    begin: Duration,
    end: Duration,
}

/// Publishes five generations, the third of which is taken back, with pauses that are now and then so short that old
/// generations are still there, and clean-ups.
fn history(seed: u64) -> History {
    let mut rng = Rng::with_seed(seed);
    let store = Rc::new(Store::default());
    // Every other one is a single value at first, and shards later.
    let first = if seed.is_multiple_of(2) {
        26_000
    } else {
        6_000
    };
    let mut listed: BTreeMap<u32, u8> = (0..first).map(|_| (rng.u32(..), rng.u8(1..4))).collect();
    let mut lists = vec![BTreeMap::new()];
    for number in 0..5 {
        if number == 1 && first < 10_000 {
            listed.extend((0..12_000).map(|_| (rng.u32(..), rng.u8(1..4))));
        }
        for _ in 0..rng.usize(1..400) {
            listed.insert(rng.u32(..), rng.u8(1..4));
            let gone = listed
                .range(rng.u32(..)..)
                .next()
                .map(|(address, _)| *address);
            listed.remove(&gone.unwrap_or_default());
            let other = listed
                .range(rng.u32(..)..)
                .next()
                .map(|(address, _)| *address);
            listed.insert(other.unwrap_or_default(), rng.u8(1..4));
        }
        let mut rules = AddressRules::new();
        for (address, tag) in &listed {
            let address = Ipv4Addr::from_bits(*address).to_string();
            rules.add(&address, Action::Deny { tag: *tag }).unwrap();
        }
        let publisher = store.publisher().pause(Duration::from_secs(10));
        publisher
            .publish(&rules.pack().unwrap(), &mut |_| {})
            .unwrap();
        lists.push(listed.clone());
        if number == 2 {
            store.advance(Duration::from_secs(rng.u64(0..100)));
            publisher.roll_back(&mut |_| {}).unwrap();
            lists.push(lists[lists.len() - 2].clone());
        }
        store.advance(Duration::from_secs(rng.u64(0..900)));
        let _too_early = store.publisher().clean(&mut |_| {});
    }
    let mut questions = BTreeSet::new();
    for pair in lists.windows(2) {
        let keys: BTreeSet<_> = pair[0].keys().chain(pair[1].keys()).copied().collect();
        questions.extend(
            keys.into_iter()
                .filter(|key| pair[0].get(key) != pair[1].get(key))
                .take(300),
        );
    }
    questions.extend(listed.keys().step_by(500));
    let log = store.log.take();
    let first_flip = log.iter().find(|write| write.key == KEY);
    History {
        begin: first_flip.map_or(Duration::ZERO, |write| write.at),
        log,
        lists,
        questions: questions.into_iter().collect(),
        end: store.now() + Duration::from_secs(60),
    }
}

/// A value, or none.
type Stored = Option<Arc<Vec<u8>>>;

/// A location: when which write has arrived, and what it remembers.
struct Node {
    /// By key: when each of its versions arrives, the latest version last.
    versions: HashMap<String, Vec<(Duration, Stored)>>,
    remembered: HashMap<String, (Duration, Stored)>,
    now: Duration,
    reads: usize,
}

impl Node {
    fn new(history: &History, mut delay: impl FnMut() -> Duration) -> Self {
        let mut versions: HashMap<_, Vec<_>> = HashMap::new();
        for write in &history.log {
            let value = match &write.held {
                Some(Held::Plain(value)) => Some(value.clone()),
                _ => None,
            };
            let of_key = versions.entry(write.key.clone()).or_default();
            of_key.push((write.at + delay(), value));
        }
        Node {
            versions,
            remembered: HashMap::new(),
            now: Duration::ZERO,
            reads: 0,
        }
    }

    fn get(&mut self, key: &str) -> Option<Vec<u8>> {
        self.reads += 1;
        if let Some((until, value)) = self.remembered.get(key)
            && self.now < *until
        {
            return value.as_ref().map(|value| value.to_vec());
        }
        // The latest version that is there: one that arrives after a later one changes nothing.
        let versions = self.versions.get(key).into_iter().flatten();
        let there = versions.rev().find(|(arrives, _)| *arrives <= self.now);
        let value = there.and_then(|(_, value)| value.clone());
        let kept = (self.now + REMEMBERED, value.clone());
        self.remembered.insert(key.to_owned(), kept);
        value.map(|value| value.to_vec())
    }
}

/// The host of a reader.
#[derive(Clone)]
struct Edge(Arc<Mutex<Node>>);

impl KeyValue for Edge {
    fn open(&self, _: &str) -> Result<Arc<dyn fastedge_host::Store>, KeyValueError> {
        Ok(Arc::new(self.clone()))
    }
}

impl fastedge_host::Store for Edge {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        Ok(self.0.lock().unwrap().get(key))
    }

    fn scan(&self, _: &str) -> Result<Vec<String>, KeyValueError> {
        Err(KeyValueError::InternalError)
    }

    fn zrange_by_score(
        &self,
        _: &str,
        _: f64,
        _: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        Err(KeyValueError::InternalError)
    }

    fn zscan(&self, _: &str, _: &str) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        Err(KeyValueError::InternalError)
    }

    fn bf_exists(&self, _: &str, _: &str) -> Result<bool, KeyValueError> {
        Err(KeyValueError::InternalError)
    }
}

/// What readers have been told.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    answers: u64,
    /// From the generation before the one that was pointed to.
    from_before: u64,
    unavailable: u64,
}

/// Lets readers ask at random moments, at a location where each write takes as long as `delay` says.
fn ask(
    history: &History,
    rng: &mut Rng,
    told: &mut Told,
    longest: Duration,
    delay: impl Fn(&mut Rng) -> Duration,
) {
    let node = Arc::new(Mutex::new(Node::new(history, || delay(rng))));
    let edge = Edge(node.clone());
    let host = Host::new(fastedge_host::StandardInterfaces).with_key_value(edge);
    // Most readers come when something is written.
    let mut moments: Vec<_> = (0..8)
        .map(|_| match rng.u8(0..4) {
            0 => history.end.mul_f64(rng.f64()),
            _ => {
                let write = &history.log[rng.usize(..history.log.len())];
                write.at + Duration::from_secs_f64(rng.f64() * 20.0)
            }
        })
        .collect();
    moments.sort();
    for moment in moments {
        node.lock().unwrap().now = moment;
        host.run(|| {
            let store = KvStore::open("lists").unwrap();
            let list = IpList::new(&store, KEY);
            for _ in 0..2 {
                let address = history.questions[rng.usize(..history.questions.len())];
                node.lock().unwrap().reads = 0;
                let answer = list.check(address.to_be_bytes());
                let reads = node.lock().unwrap().reads;
                assert!(reads <= 4, "{reads} reads");
                if let Err(error) = &answer
                    && let ErrorKind::NotPublished { .. } = error.kind()
                {
                    assert!(
                        moment <= history.begin + longest + REMEMBERED,
                        "it is published"
                    );
                    continue;
                }
                let pointed = list.generation().unwrap() as usize;
                let says = |generation: usize| history.lists[generation].get(&address).copied();
                match answer {
                    Ok(Verdict::Listed { tag, generation }) => {
                        let generation = generation as usize;
                        assert_eq!(Some(tag), says(generation), "generation {generation}");
                        assert!(generation == pointed || generation + 1 == pointed);
                        told.answers += 1;
                        told.from_before += u64::from(generation < pointed);
                    }
                    Ok(Verdict::NotListed) => {
                        let before = pointed.saturating_sub(1);
                        assert!([says(pointed), says(before)].contains(&None));
                        told.answers += 1;
                    }
                    Err(error) => {
                        let is_unavailable = matches!(error.kind(), ErrorKind::Unavailable { .. });
                        assert!(is_unavailable, "{error}");
                        told.unavailable += 1;
                    }
                }
            }
        });
    }
}

fn schedules() -> u64 {
    let asked = std::env::var("FASTEDGE_SIMULATIONS").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(SCHEDULES)
}

/// The histories are few, since packing takes its time; what arrives when is another in each schedule.
fn each_schedule(mut each: impl FnMut(&History, &mut Rng)) {
    let histories: Vec<_> = (0..10).map(history).collect();
    for schedule in 0..schedules() / 2 {
        let mut rng = Rng::with_seed(schedule);
        let history = &histories[schedule as usize % histories.len()];
        each(history, &mut rng);
    }
}

#[test]
fn where_all_arrives_in_time_every_question_is_answered() {
    let mut told = Told::default();
    each_schedule(|history, rng| {
        let slow = rng.f64();
        ask(history, rng, &mut told, Duration::from_secs(10), |rng| {
            Duration::from_secs_f64(0.05 + 9.5 * rng.f64() * slow)
        });
    });
    assert_eq!(told.unavailable, 0, "{told:?}");
    assert!(told.answers > 0);
}

#[test]
fn where_much_arrives_late_no_answer_is_of_neither_generation() {
    let mut told = Told::default();
    each_schedule(|history, rng| {
        // One write in five loses the race, by up to some minutes.
        ask(
            history,
            rng,
            &mut told,
            Duration::from_secs(400),
            |rng| match rng.u8(0..5) {
                0 => Duration::from_secs_f64(400.0 * rng.f64()),
                _ => Duration::from_secs_f64(2.0 * rng.f64()),
            },
        );
    });
    // That is what the generation before is for.
    assert!(told.from_before > 0, "{told:?}");
    assert!(told.unavailable > 0, "{told:?}");
    assert!(told.answers > 10 * told.unavailable, "{told:?}");
}

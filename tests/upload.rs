//! `Upload`: batches, pace, and going on after a failure.

mod common;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use common::{Central, Failure, Held, STORE_ID};
use fastedge::Body;
use fastedge::edge_storage_api::{
    Api, BatchLimits, DataType, Entry, ErrorKind, Progress, Retry, Token, Transport,
    TransportError, Upload,
};
use fastedge::http::{Request, Response};
use fastedge_mock_host as mock;
use serde_json::Value;

/// Sends to the central side, and keeps the time.
struct Wire<'a> {
    central: &'a Central,
    now: Cell<Duration>,
    slept: RefCell<Vec<Duration>>,
    /// What an exchange takes.
    takes: Duration,
}

impl<'a> Wire<'a> {
    fn to(central: &'a Central) -> Self {
        Wire {
            central,
            now: Cell::default(),
            slept: RefCell::default(),
            takes: Duration::ZERO,
        }
    }

    fn slept(&self) -> Vec<u64> {
        let slept = self.slept.borrow();
        slept.iter().map(|d| d.as_millis() as u64).collect()
    }
}

impl Transport for Wire<'_> {
    fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        self.now.set(self.now.get() + self.takes);
        let answer = self.central.answer(&mock::Request {
            method: mock::Method::from_name(request.method().as_str()).unwrap(),
            uri: request.uri().to_string(),
            headers: Vec::new(),
            body: Some(request.into_body().into_bytes()),
        });
        let answer = answer.map_err(TransportError::lost)?;
        let mut response = Response::new(Body::from(answer.body.unwrap_or_default()));
        *response.status_mut() = answer.status.try_into().unwrap();
        Ok(response)
    }

    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, duration: Duration) {
        self.now.set(self.now.get() + duration);
        self.slept.borrow_mut().push(duration);
    }
}

fn api() -> Api {
    Api::new(Token::new("t0ken").unwrap())
}

fn plain(count: usize) -> Vec<Entry> {
    (0..count)
        .map(|i| Entry::plain(format!("k{i:04}"), format!("v{i}")).unwrap())
        .collect()
}

/// The entries of each request, members counted, in order.
fn batches(central: &Central) -> Vec<usize> {
    let requests = central.requests();
    let bodies = requests
        .iter()
        .map(|request| request.body.as_ref().unwrap());
    bodies
        .map(|body| {
            let entries: Vec<Value> = serde_json::from_slice(body).unwrap();
            let units = |entry: &Value| entry["payload"].as_array().map_or(1, Vec::len);
            entries.iter().map(units).sum()
        })
        .collect()
}

#[test]
fn entries_are_sent_in_batches_of_limited_number() {
    let central = Central::default();
    let progress = Upload::new(api(), STORE_ID, plain(1_200))
        .run(&Wire::to(&central))
        .unwrap();
    assert_eq!(batches(&central), [500, 500, 200]);
    assert_eq!((progress.confirmed, progress.revision), (1_200, 3));
    assert_eq!(central.keys().len(), 1_200);
    assert_eq!(central.get("k0777"), Some(Held::Plain("v777".to_owned())));
}

#[test]
fn entries_are_sent_in_batches_of_limited_bytes() {
    let central = Central::default();
    let limits = BatchLimits {
        entries: 500,
        bytes: 10_000,
    };
    let mut entries: Vec<Entry> = (0..30)
        .map(|i| Entry::plain(format!("k{i}"), "x".repeat(900)).unwrap())
        .collect();
    // By itself larger than a batch.
    entries.insert(15, Entry::plain("large", "\"".repeat(20_000)).unwrap());
    Upload::new(api(), STORE_ID, entries)
        .limits(limits)
        .run(&Wire::to(&central))
        .unwrap();
    assert_eq!(batches(&central), [10, 5, 1, 10, 5]);
    let sizes = central.requests();
    let sizes = sizes
        .iter()
        .map(|request| request.body.as_ref().unwrap().len());
    assert_eq!(sizes.filter(|size| *size > 10_002).count(), 1);
    assert_eq!(central.keys().len(), 31);
}

#[test]
fn a_large_set_is_split_among_batches() {
    let central = Central::default();
    let members = (0..1_700).map(|i| (f64::from(i), format!("m{i}")));
    let items: Vec<String> = (0..400).map(|i| format!("i{i}")).collect();
    let entries = [
        Entry::plain("before", "1").unwrap(),
        Entry::sorted_set("set", members).unwrap(),
        Entry::sorted_set("empty", [(0.0, ""); 0]).unwrap(),
        Entry::bloom_filter("filter", &items).unwrap(),
    ];
    let progress = Upload::new(api(), STORE_ID, entries)
        .run(&Wire::to(&central))
        .unwrap();
    assert_eq!(batches(&central), [500, 500, 500, 500, 102]);
    assert_eq!(progress.confirmed, 1 + 1_700 + 401);
    let Some(Held::Set(members)) = central.get("set") else {
        panic!("no set");
    };
    assert_eq!(members.len(), 1_700);
    assert_eq!(members["m1234"], 1234.0);
    assert!(matches!(central.get("filter"), Some(Held::Filter(items)) if items.len() == 401));
    assert_eq!(central.get("empty"), None);
}

#[test]
fn the_pace_is_kept_and_slow_answers_count_towards_it() {
    let central = Central::default();
    let wire = Wire::to(&central);
    Upload::new(api(), STORE_ID, plain(1_200))
        .entries_per_second(100.0)
        .run(&wire)
        .unwrap();
    assert_eq!(wire.slept(), [5_000, 5_000]);

    let central = Central::default();
    let mut wire = Wire::to(&central);
    wire.takes = Duration::from_secs(4);
    Upload::new(api(), STORE_ID, plain(1_000))
        .entries_per_second(100.0)
        .run(&wire)
        .unwrap();
    assert_eq!(wire.slept(), [1_000]);

    let wire = Wire::to(&central);
    Upload::new(api(), STORE_ID, plain(1_000))
        .entries_per_second(0.0)
        .run(&wire)
        .unwrap();
    assert_eq!(wire.slept(), [0_u64; 0]);
}

#[test]
fn what_fails_for_a_while_is_repeated() {
    let central = Central::default();
    central.fail([
        Failure::Refuse(503, "busy"),
        Failure::LoseRequest,
        Failure::LoseAnswer,
        Failure::Refuse(429, "slow down"),
    ]);
    let wire = Wire::to(&central);
    let progress = Upload::new(api(), STORE_ID, plain(10)).run(&wire).unwrap();
    assert_eq!(progress.confirmed, 10);
    assert_eq!(central.keys().len(), 10);
    assert_eq!(wire.slept(), [500, 1_000, 2_000, 4_000]);
}

#[test]
fn what_is_wrong_is_not_repeated_and_the_upload_goes_on_where_it_stopped() {
    let central = Central::default();
    let wire = Wire::to(&central);
    let mut upload = Upload::new(api(), STORE_ID, plain(1_200)).entries_per_second(0.0);
    central.fail([Failure::Refuse(401, "the token has expired")]);
    let error = upload.run(&wire).unwrap_err();
    assert!(
        error.to_string().ends_with("the token has expired"),
        "{error}"
    );
    assert_eq!(upload.progress().confirmed, 0);
    assert_eq!(upload.run(&wire).unwrap().confirmed, 1_200);
    assert_eq!(batches(&central), [500, 500, 500, 200]);
}

/// The name of each entry that a request has, members and items by theirs.
fn names(request: &mock::Request) -> Vec<String> {
    let entries: Vec<Value> = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
    let names = entries.iter().flat_map(|entry| match &entry["payload"] {
        Value::Array(members) => members.iter().map(|member| &member["value"]).collect(),
        _ => vec![&entry["key"]],
    });
    names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

/// A process is killed again and again; each next one goes on from what the former has written down.
#[test]
fn another_process_goes_on_without_losing_or_repeating_an_entry() {
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..200 {
        let central = Central::default();
        let entries = || {
            let members = (0..90).map(|i| (f64::from(i), format!("m{i}")));
            let mut entries = plain(60);
            entries.insert(20, Entry::sorted_set("set", members).unwrap());
            // Deleted by a process whose answer is lost, they are not there for the next one.
            let gone = (0..10).map(|i| Entry::delete(format!("k{i:04}"), DataType::Plain));
            entries.extend(gone.map(Result::unwrap));
            entries
        };
        let mut all: Vec<String> = (0..60).map(|i| format!("k{i:04}")).collect();
        all.splice(20..20, (0..90).map(|i| format!("m{i}")));
        all.extend((0..10).map(|i| format!("k{i:04}")));
        let mut written_down = Progress::default();
        for process in 0.. {
            assert!(process < 200, "no end");
            let saved = serde_json::to_string(&written_down).unwrap();
            let mut upload = Upload::new(api(), STORE_ID, entries())
                .resume(serde_json::from_str(&saved).unwrap())
                .limits(BatchLimits {
                    entries: random.usize(1..40),
                    bytes: random.usize(100..2_000),
                })
                .retry(Retry::NEVER)
                .entries_per_second(0.0);
            central.fail([match random.u8(0..3) {
                0 => Failure::LoseRequest,
                1 => Failure::LoseAnswer,
                _ => Failure::Refuse(502, "bad gateway"),
            }]);
            let before = central.requests().len();
            let wire = Wire::to(&central);
            // The first request fails; the process is killed after some more.
            assert!(upload.run(&wire).is_err());
            for _ in 0..random.usize(0..3) {
                let Some(call) = upload.next_call().unwrap() else {
                    break;
                };
                let summary = call.send_with(&wire).unwrap();
                upload.confirm(&summary).unwrap();
            }
            // Each process begins with the first entry that is not confirmed.
            let first = names(&central.requests()[before]);
            let confirmed = written_down.confirmed as usize;
            assert_eq!(first, all[confirmed..confirmed + first.len()]);
            written_down = upload.progress();
            if upload.next_call().unwrap().is_none() {
                break;
            }
        }
        assert_eq!(written_down.confirmed, 160);
        assert_eq!(central.keys().len(), 51);
        assert!(matches!(central.get("set"), Some(Held::Set(m)) if m.len() == 90));
        let mut again = Upload::new(api(), STORE_ID, entries()).resume(written_down);
        assert!(again.next_call().unwrap().is_none());
    }
}

#[test]
fn deletions_that_delete_nothing_are_told() {
    let central = Central::default();
    let wire = Wire::to(&central);
    let entries = [
        Entry::plain("a", "1").unwrap(),
        Entry::sorted_set("set", [(1.0, "m"), (2.0, "n")]).unwrap(),
    ];
    Upload::new(api(), STORE_ID, entries).run(&wire).unwrap();

    let deletions = || {
        [
            Entry::delete("a", DataType::Plain).unwrap(),
            // Of another type: it stays.
            Entry::delete("set", DataType::Plain).unwrap(),
            Entry::delete("missing", DataType::Plain).unwrap(),
        ]
    };
    let mut upload = Upload::new(api(), STORE_ID, deletions());
    let error = upload.run(&wire).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::NotDeleted {
                asked: 3,
                deleted: 1
            }
        ),
        "{error}"
    );
    // What could be done is done, and there is nothing to repeat.
    assert_eq!(upload.run(&wire).unwrap().confirmed, 3);
    assert_eq!(central.get("a"), None);
    assert!(central.get("set").is_some());

    let progress = Upload::new(api(), STORE_ID, deletions())
        .tolerate_missing()
        .run(&wire)
        .unwrap();
    assert_eq!((progress.confirmed, progress.deleted), (3, 0));

    // Repeated, since the answer was lost, the deletion finds nothing left, which is right.
    Upload::new(api(), STORE_ID, [Entry::plain("b", "1").unwrap()])
        .run(&wire)
        .unwrap();
    central.fail([Failure::LoseAnswer]);
    let deletion = [Entry::delete("b", DataType::Plain).unwrap()];
    let progress = Upload::new(api(), STORE_ID, deletion).run(&wire).unwrap();
    assert_eq!(progress.deleted, 0);
    assert_eq!(central.get("b"), None);

    // Removed members may count as deleted, so they are in batches of their own.
    let before = central.requests().len();
    let mixed = [
        Entry::delete("set", DataType::SortedSet).unwrap(),
        Entry::remove_members("other", ["m"]).unwrap(),
    ];
    Upload::new(api(), STORE_ID, mixed).run(&wire).unwrap();
    assert_eq!(central.requests().len() - before, 2);
}

#[test]
fn what_can_never_be_sent_is_not_repeated() {
    struct Refuses(RefCell<u32>);
    impl Transport for Refuses {
        fn send(&self, _: Request<Body>) -> Result<Response<Body>, TransportError> {
            *self.0.borrow_mut() += 1;
            Err(TransportError::refused("the app has used up its requests"))
        }
        fn now(&self) -> Duration {
            Duration::ZERO
        }
        fn sleep(&self, duration: Duration) {
            panic!("waits {duration:?}");
        }
    }
    let refuses = Refuses(RefCell::default());
    let error = Upload::new(api(), STORE_ID, plain(1))
        .run(&refuses)
        .unwrap_err();
    assert!(error.to_string().contains("used up"), "{error}");
    assert!(!error.may_have_happened());
    assert_eq!(*refuses.0.borrow(), 1);
}

#[test]
fn no_batch_is_larger_than_its_limit() {
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..300 {
        let central = Central::default();
        let bytes = random.usize(300..3_000);
        let mut entries = plain(20);
        let members = (0..40).map(|i| (f64::from(i), format!("m{i}")));
        entries.push(Entry::sorted_set("set", members).unwrap());
        Upload::new(api(), STORE_ID, entries)
            .limits(BatchLimits {
                entries: 500,
                bytes,
            })
            .entries_per_second(0.0)
            .run(&Wire::to(&central))
            .unwrap();
        for request in central.requests() {
            let size = request.body.unwrap().len();
            assert!(size <= bytes, "{size} of {bytes}");
        }
    }
}

#[test]
fn a_key_of_another_type_takes_force() {
    let central = Central::default();
    let wire = Wire::to(&central);
    let set = || [Entry::sorted_set("a", [(1.0, "m")]).unwrap()];
    Upload::new(api(), STORE_ID, plain(1)).run(&wire).unwrap();
    Upload::new(api(), STORE_ID, [Entry::plain("a", "1").unwrap()])
        .run(&wire)
        .unwrap();
    let error = Upload::new(api(), STORE_ID, set()).run(&wire).unwrap_err();
    assert!(
        error.to_string().contains("holds another datatype"),
        "{error}"
    );
    Upload::new(api(), STORE_ID, set())
        .force()
        .run(&wire)
        .unwrap();
    assert!(matches!(central.get("a"), Some(Held::Set(_))));
}

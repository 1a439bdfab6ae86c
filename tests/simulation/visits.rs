//! Sessions that end while requests are under way, and responses that vary.

use std::cell::Cell;
use std::time::Duration;

use fastedge::cache::{ResponseCache, Ttl};
use fastedge::http::{Body, HeaderMap, Request, Response};
use fastedge::session::{InCache, Sessions};

use crate::claims;
use crate::explore::explore;
use crate::scheduler::{Check, Job, Record};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Visit {
    Began,
    /// The session is there.
    Known,
    Unknown,
    /// From here on, nobody who begins finds it, unless somebody was saving it.
    Ended,
    Failed,
}

fn sessions() -> Sessions<u32, InCache> {
    Sessions::in_cache("sim", "SESSION_KEY").idle(Ttl::secs(600).unwrap())
}

#[test]
fn session() {
    explore(|random| {
        let chaos = claims::chaos(random);
        let actors = random.usize(chaos.actors.clone());
        // Who comes first begins it, and the others have its cookie.
        let cookie = std::sync::Arc::new(std::sync::Mutex::new(None::<String>));
        let job = |index: usize| {
            let role = random.u8(..3);
            let cookie = std::sync::Arc::clone(&cookie);
            let job: Job<Visit> = Box::new(move |actor| {
                let mut headers = HeaderMap::new();
                if let Some(cookie) = &*cookie.lock().unwrap() {
                    headers.insert("cookie", cookie.parse().unwrap());
                } else if index > 0 {
                    return;
                }
                actor.note(Visit::Began);
                let Ok(mut session) = sessions().load(&headers) else {
                    return actor.note(Visit::Failed);
                };
                actor.note(match session.is_new() {
                    true => Visit::Unknown,
                    false => Visit::Known,
                });
                match role {
                    0 if !session.is_new() => session.end(),
                    1 => {}
                    _ => *session += 1,
                }
                let is_end = role == 0 && !session.is_new();
                let mut headers = HeaderMap::new();
                if sessions().save(session, &mut headers).is_err() {
                    return actor.note(Visit::Failed);
                }
                if is_end {
                    actor.note(Visit::Ended);
                }
                if let Some(set) = headers.get("set-cookie")
                    && index == 0
                {
                    let pair = set.to_str().unwrap().split(';').next().unwrap();
                    *cookie.lock().unwrap() = Some(pair.to_owned());
                }
            });
            job
        };
        let jobs = (0..actors).map(job).collect();
        let check: Check<Visit> = Box::new(|record| {
            ended_is_ended(record)?;
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

/// Who begins after the end does not find the session, unless somebody was saving it at that moment.
fn ended_is_ended(record: &Record<Visit>) -> Result<(), String> {
    for (at, ended) in record.events.iter().enumerate() {
        if ended.event != Visit::Ended {
            continue;
        }
        let mut others = (0..record.actors.len()).filter(|other| *other != ended.actor);
        if others.any(|other| record.overlap(other, ended.actor)) {
            continue;
        }
        let known = record.events[at..]
            .iter()
            .find(|noted| noted.event == Visit::Known);
        if let Some(known) = known {
            return Err(format!("it is back: {known:?} after {ended:?}"));
        }
    }
    Ok(())
}

#[derive(Clone, Debug)]
enum Page {
    /// A change, which the pages from now on show.
    Changed(u64),
    /// What language was asked for and shown, the change that it shows, and the one that was the latest
    /// when this request began.
    Shown {
        asked: u8,
        shown: u8,
        change: u64,
        latest: u64,
    },
}

/// Variants are not taken for each other, and what is forgotten does not come back.
#[test]
fn responses_that_vary() {
    explore(|random| {
        let chaos = claims::chaos(random).evicting(random);
        let actors = random.usize(chaos.actors.clone());
        let latest = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
        let job = |_| {
            let (changes, language) = (random.u8(..4) == 0, random.u8(..2));
            let latest = std::sync::Arc::clone(&latest);
            let job: Job<Page> = Box::new(move |actor| {
                let cache = ResponseCache::new("sim")
                    .lease(claims::lease_time())
                    .unwrap();
                let cache = cache.wait(Duration::from_millis(50));
                let request = Request::get("/").header("x-language", language.to_string());
                let request = request.body(Body::empty()).unwrap();
                if changes {
                    let change = latest.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
                    if cache.forget(&request).is_ok() {
                        actor.note(Page::Changed(change));
                    }
                    return;
                }
                let before = latest.load(std::sync::atomic::Ordering::SeqCst);
                let computing = Cell::new(0);
                let response = cache.fetch(&request, || {
                    computing.set(latest.load(std::sync::atomic::Ordering::SeqCst));
                    actor.work(2);
                    let response = Response::builder()
                        .header("cache-control", "max-age=600")
                        .header("vary", "x-language");
                    response.body(Body::from(format!("{language} {}", computing.get())))
                });
                let text = response.unwrap().body().as_text().unwrap().to_owned();
                let (shown, change) = text.split_once(' ').unwrap();
                actor.note(Page::Shown {
                    asked: language,
                    shown: shown.parse().unwrap(),
                    change: change.parse().unwrap(),
                    latest: before,
                });
            });
            job
        };
        let jobs = (0..actors).map(job).collect();
        let check: Check<Page> = Box::new(|record| {
            pages_are_right(record)?;
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

fn pages_are_right(record: &Record<Page>) -> Result<(), String> {
    for noted in &record.events {
        let Page::Shown {
            asked,
            shown,
            change,
            latest,
        } = noted.event
        else {
            continue;
        };
        if asked != shown {
            return Err(format!("another's variant: {noted:?}"));
        }
        if change >= latest {
            continue;
        }
        // An older one: somebody was computing when it was forgotten, or the forgetting failed.
        let began = record.actors[noted.actor].steps.map_or(0, |steps| steps.0);
        let forgotten = record.events.iter().find(|changed| {
            matches!(changed.event, Page::Changed(to) if to > change) && changed.step < began
        });
        let Some(forgotten) = forgotten else { continue };
        let beside = (0..record.actors.len())
            .any(|other| other != noted.actor && record.overlap(other, forgotten.actor));
        if !beside {
            return Err(format!("an older page: {noted:?} after {forgotten:?}"));
        }
    }
    Ok(())
}

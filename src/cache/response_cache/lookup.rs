//! Finding what is stored for a request.

use ::http::{Method, Request, Response};

use super::directives::RequestDirectives;
use super::is_authorized;
use super::kept::{Kept, Varies};
use super::status::Status;
use crate::absorb::{Absorb, carry_on};
use crate::cache::memoize::Source;
use crate::cache::memoize::entry::Entry;
use crate::cache::memoize::slot::{self, Computation, Found, Policy};
use crate::clock::now_ms;
use crate::http::Body;

pub(super) enum Looked {
    Served(Response<Body>, Status),
    Forward(Box<Forward>),
}

/// A request that is to be computed.
pub(super) struct Forward {
    /// The key of the URI.
    pub(super) key: String,
    pub(super) computation: Computation,
    pub(super) status: Status,
    /// Whether it may be noted that the response is not to be stored.
    pub(super) is_for_passing: bool,
}

/// Where is looked.
struct Place<'a> {
    request: &'a Request<Body>,
    asked: &'a RequestDirectives,
    policy: &'a Policy,
    key: String,
    varies: Option<Varies>,
}

pub(super) fn look(
    request: &Request<Body>,
    key: String,
    asked: &RequestDirectives,
    policy: &Policy,
) -> Looked {
    let place = Place {
        request,
        asked,
        policy,
        key,
        varies: None,
    };
    if asked.no_cache {
        let computation = Computation::replacing(place.key.clone());
        return place.forward(computation, Status::forwarded("request"), false);
    }
    let entry = match Entry::read(&place.key) {
        Ok(entry) => entry,
        Err(error) => {
            let computation = Computation::unprotected(place.key.clone(), error);
            return place.forward(computation, Status::forwarded("uri-miss"), false);
        }
    };
    // What leads to variants does so for as long as it is there.
    let kept = entry
        .as_ref()
        .and_then(|entry| Some((Kept::read(&entry.value)?, entry.ends_ms())));
    match kept {
        Some((Kept::Varies(varies), until_ms)) => place.look_at_variant(varies, until_ms),
        _ => place.look_at(entry),
    }
}

/// What leads to the variants of a URI.
pub(super) fn varies_at(key: &str) -> Option<Varies> {
    let entry = Entry::read(key).absorb()??;
    match Kept::read(&entry.value)? {
        Kept::Varies(varies) => Some(varies.until(entry.ends_ms())),
        _ => None,
    }
}

impl Place<'_> {
    fn at(&self) -> String {
        match &self.varies {
            Some(varies) => varies.key(&self.key, self.request.headers()),
            None => self.key.clone(),
        }
    }

    fn look_at_variant(mut self, varies: Varies, until_ms: u64) -> Looked {
        self.varies = Some(varies.until(until_ms));
        match Entry::read(&self.at()) {
            Ok(entry) => self.look_at(entry),
            Err(error) => {
                let computation = Computation::unprotected(self.at(), error);
                self.forward(computation, Status::forwarded("vary-miss"), false)
            }
        }
    }

    fn look_at(self, entry: Option<Entry>) -> Looked {
        // What these ask for is mostly not for others, so nobody is to wait for it.
        let is_alone = *self.request.method() == Method::HEAD
            || is_authorized(self.request.headers())
            || self.asked.only_if_cached;
        let found = match is_alone {
            true => self.served_or_computed(entry),
            false => slot::decide(self.at(), entry, self.policy),
        };
        let (entry, source) = match found {
            Found::Value(entry, source) => (entry, source),
            Found::Nothing(computation) => {
                let status = Status::forwarded(match computation.has_stale() {
                    true => "stale",
                    false if self.varies.is_some() => "vary-miss",
                    false => "uri-miss",
                });
                return self.forward(computation, status, true);
            }
        };
        match Kept::read(&entry.value) {
            Some(Kept::Response(kept)) => match kept.serve(self.request, self.asked, source) {
                Ok((response, status)) => Looked::Served(response, status),
                Err(status) => {
                    let mut computation = Computation::replacing(self.at());
                    computation.keep_stale(entry);
                    self.forward(computation, status, false)
                }
            },
            // Whoever had the claim has found out that it varies.
            Some(Kept::Varies(varies)) if self.varies.is_none() => {
                self.look_at_variant(varies, entry.ends_ms())
            }
            Some(Kept::Passed) => {
                let computation = Computation::replacing(self.at());
                let status = Status::forwarded("uri-miss").detail("not-stored-before");
                self.forward(computation, status, false)
            }
            // Written by another version of the app.
            _ => {
                let computation = Computation::replacing(self.at());
                self.forward(computation, Status::forwarded("uri-miss"), true)
            }
        }
    }

    /// Without a claim: what is there is served if it may be.
    fn served_or_computed(&self, entry: Option<Entry>) -> Found {
        let now_ms = now_ms().unwrap_or(u64::MAX);
        let mut computation = Computation::replacing(self.at());
        match entry {
            Some(entry) if entry.is_fresh(now_ms) => Found::Value(entry, Source::Fresh),
            // Nobody refreshes it for HEAD; the others compute, and store what may be stored.
            Some(entry)
                if entry.serves_while_revalidated(now_ms)
                    && !is_authorized(self.request.headers()) =>
            {
                Found::Value(entry, Source::Stale)
            }
            Some(entry) => {
                computation.keep_stale(entry);
                Found::Nothing(computation)
            }
            None => Found::Nothing(computation),
        }
    }

    fn forward(self, computation: Computation, status: Status, is_for_passing: bool) -> Looked {
        if let Some(error) = computation.fell_back() {
            carry_on(error);
        }
        Looked::Forward(Box::new(Forward {
            key: self.key,
            computation,
            status,
            is_for_passing,
        }))
    }
}

//! Sessions: typed state of one visitor, under a signed cookie.
//!
//! The cookie holds a random number, the time at which it was signed, and an HMAC-SHA256 of both with
//! the app's secret. The state stays at the edge, at a key of that number.
//!
//! # Where the state is
//!
//! [`Sessions::in_cache`] keeps it in the location's cache:
//!
//! - **One location.** Another one does not know the session: a visitor who comes there, since they travel
//!   or the routing changes, begins a new one, whose cookie takes the place of the former one once there is
//!   something to keep. [`Session::is_lost`] tells such a visitor from one who comes for the first time.
//! - **Evictable.** The cache may drop a session at any time. For what a visitor would miss, such as a
//!   cart, and what cannot be asked for again, keep the state in the store.
//! - The platform keeps nothing in a cache for more than four days.
//!
//! [`Sessions::in_store`] keeps it in Edge Storage, through a [`Writer`]: it is
//! durable and everywhere, but
//!
//! - a write is a request to the platform's API: tens of milliseconds, some 90 a second;
//! - another location sees it after one to two seconds, or, where it has asked before, after up to 30
//!   more. Until then it knows the former state, or none;
//! - what has ended at one location is alive at another for as long, and a request there that changes it
//!   brings it back. Where a logout has to hold at once and everywhere, ask whoever knows;
//! - only requests that change the state keep it from ending by idleness.
//!
//! [`SessionStore`] is for a place of one's own.
//!
//! | | calls, in the cache |
//! |---|---|
//! | [`load`](Sessions::load) without a cookie | 0 |
//! | with one | 2: the secret, the state |
//! | [`save`](Sessions::save) what has not changed | 0; 1 once a quarter of the idle time has passed since a change |
//! | what has changed | 2; also 2 for a new one, which is signed |
//! | what is [renewed](Session::renew) | 3 |
//! | what is [ended](Session::end) | 1 |
//!
//! Two requests of one visitor at the same time both load the state, and of what they save the later
//! one stays: there is no compare-and-set.
//!
//! # What it is safe against
//!
//! - **Guessing and forging**: 128 random bits, and a signature that is compared in constant time.
//!   A secret can be [rotated](crate::secret): what was signed before is checked with what was in effect
//!   then.
//! - **Fixation**: an unknown number is never taken over, and [`Session::renew`], at login, gives the
//!   session a new one and ends the old one. What has ended is not brought back by a request that was under
//!   way, but for one that saves at the same moment, and what the store does, above.
//! - **Scripts and other sites**: the cookie is `__Host-session; Secure; HttpOnly; SameSite=Lax`.
//! - **Age**: a session ends after the idle time, and at its lifetime's end however busy it is.

mod cookie;
mod error;
mod record;
mod store;
mod token;

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use ::http::HeaderMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::cookie::Cookie;
pub use self::error::{Error, ErrorKind};
use self::record::Record;
pub use self::store::{InCache, InStore, SessionStore};
use self::token::{Number, Signer, Token};
use crate::absorb::Absorb;
use crate::cache::{Name, Ttl};
use crate::clock::now_ms;
pub use crate::http::cookie::SameSite;
use crate::kv_store::{KvStore, Writer};

/// Half an hour.
const USUAL_IDLE_MS: u64 = 30 * 60 * 1000;

/// Of several cookies with the session's name, which others can have set, so many are looked at.
const MOST_COOKIES: usize = 4;

/// Half a day.
const USUAL_LIFETIME_MS: u64 = 12 * 60 * 60 * 1000;

/// The sessions of an app: where they are, and how long they last.
///
/// ```
/// use fastedge::http::{self, Body, Error, Request, Response, StatusCode};
/// use fastedge::session::Sessions;
///
/// #[derive(Default, serde::Serialize, serde::Deserialize)]
/// struct Visit { pages: u32 }
///
/// fn handler(request: Request<Body>) -> Result<Response<Body>, Error> {
///     let sessions = Sessions::<Visit, _>::in_cache("shop:sessions", "SESSION_KEY");
///     let mut session = sessions.load(request.headers())?;
///     session.pages += 1;
///     let mut response = http::text(StatusCode::OK, session.pages.to_string());
///     sessions.save(session, response.headers_mut())?;
///     Ok(response)
/// }
/// # let edge = fastedge_mock_host::MockHost::new().secret("SESSION_KEY", "0123456789abcdef0123456789abcdef");
/// # let _installed = edge.install();
/// # let first = handler(Request::get("/").body(Body::empty()).unwrap())?;
/// # let cookie = first.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
/// # let second = handler(Request::get("/").header("cookie", cookie).body(Body::empty()).unwrap())?;
/// # assert_eq!(second.body().as_text()?, "2");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "sessions are loaded and saved"]
pub struct Sessions<T, S> {
    store: S,
    secret: String,
    cookie: Cookie,
    idle_ms: u64,
    lifetime_ms: u64,
    state: PhantomData<fn() -> T>,
}

/// One visitor's session: it is the state, to read and to change. A change is kept when the session is
/// [saved](Sessions::save).
#[must_use = "a session that is not saved is as it was"]
pub struct Session<T> {
    state: T,
    /// Where it is kept; `None` if it is new.
    number: Option<Number>,
    /// A number that this app has signed, at which there is nothing.
    lost: Option<Number>,
    created_ms: u64,
    touched_ms: u64,
    is_changed: bool,
    is_renewed: bool,
    is_ended: bool,
}

impl<T> Sessions<T, InCache> {
    /// Sessions in the cache of the location. The name begins with the app's; `secret` is the name of
    /// the app's secret that signs, of 16 bytes or more.
    pub fn in_cache(name: impl Into<Name>, secret: impl Into<String>) -> Self {
        Sessions::in_place(InCache::new(name.into()), secret)
    }
}

impl<T> Sessions<T, InStore> {
    /// Sessions in a store, under keys that begin with `prefix`: see the [module](self) for what that
    /// costs.
    pub fn in_store(
        store: KvStore<Writer>,
        prefix: impl Into<String>,
        secret: impl Into<String>,
    ) -> Self {
        Sessions::in_place(InStore::new(store, prefix.into()), secret)
    }
}

impl<T, S> Sessions<T, S> {
    /// Sessions in a place of one's own.
    pub fn in_place(store: S, secret: impl Into<String>) -> Self {
        Sessions {
            store,
            secret: secret.into(),
            cookie: Cookie::default(),
            idle_ms: USUAL_IDLE_MS,
            lifetime_ms: USUAL_LIFETIME_MS,
            state: PhantomData,
        }
    }

    /// A session ends when nothing is heard of the visitor for so long, or up to a quarter longer: 30
    /// minutes unless said otherwise.
    pub fn idle(mut self, time: Ttl) -> Self {
        self.idle_ms = time.as_millis();
        self
    }

    /// A session ends so long after it began: 12 hours unless said otherwise.
    pub fn lifetime(mut self, time: Ttl) -> Self {
        self.lifetime_ms = time.as_millis();
        self
    }

    /// The cookie's name: `__Host-session` unless said otherwise. With that prefix browsers make sure
    /// that it is this host's own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::CookieName`] if it is no token (RFC 6265, section 4.1.1).
    pub fn cookie_name(mut self, name: impl Into<String>) -> Result<Self, Error> {
        self.cookie.set_name(name.into())?;
        Ok(self)
    }

    /// With which requests from other sites browsers send the cookie: `Lax` unless said otherwise.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.cookie.same_site = same_site;
        self
    }
}

impl<T, S> Sessions<T, S>
where
    T: Serialize + DeserializeOwned + Default,
    S: SessionStore,
{
    /// The visitor's session; a new one with the default state, if there is no cookie, it is not signed by
    /// this app, or its session is over.
    ///
    /// # Errors
    ///
    /// If the secret cannot be read, or is too short; if the store fails, which is not taken for there
    /// being no session: the visitor would lose it. [`ErrorKind::Decode`] for a state that `T` does not
    /// take: give a field that is new a default. Where a request is to be answered nevertheless, it is by
    /// a [new session](Self::start).
    pub fn load(&self, headers: &HeaderMap) -> Result<Session<T>, Error> {
        let mut session = self.start()?;
        let now_ms = session.created_ms;
        let values = self.cookie.values(headers);
        for token in values.filter_map(Token::parse).take(MOST_COOKIES) {
            if !self.signer().accepts(&token, now_ms, self.lifetime_ms)? {
                continue;
            }
            session.lost = Some(token.number);
            let Some(bytes) = self.store.load(&token.number.key())? else {
                continue;
            };
            let record = Record::decode(&bytes)?;
            if record.is_over(now_ms, self.lifetime_ms) {
                continue;
            }
            return Ok(Session {
                state: record.state()?,
                number: Some(token.number),
                lost: None,
                created_ms: record.created_ms,
                touched_ms: record.touched_ms,
                ..session
            });
        }
        Ok(session)
    }

    /// A new session with the default state, whatever the visitor had. No host call.
    ///
    /// # Errors
    ///
    /// In a native build without a host.
    pub fn start(&self) -> Result<Session<T>, Error> {
        let now_ms = now_ms()?;
        Ok(Session {
            state: T::default(),
            number: None,
            lost: None,
            created_ms: now_ms,
            touched_ms: now_ms,
            is_changed: false,
            is_renewed: false,
            is_ended: false,
        })
    }

    /// Keeps what has changed, and tells the browser about a new session or the end of one. A new session
    /// that nobody has changed is not kept: there is no cookie before there is something to remember. One
    /// that another request has ended meanwhile is not kept either.
    ///
    /// # Errors
    ///
    /// If the state cannot be written as JSON, or is larger than the place takes; if there is no such
    /// secret, or it is too short; if the store or the source of randomness fails.
    pub fn save(&self, session: Session<T>, headers: &mut HeaderMap) -> Result<(), Error> {
        let now_ms = now_ms()?;
        if session.is_ended {
            self.cookie.remove(headers)?;
            // What is not here may be there a moment later, or at another location.
            if let Some(number) = session.number.or(session.lost) {
                self.store.delete(&number.key())?;
            }
            return Ok(());
        }
        match session.number {
            Some(number) if !session.is_renewed => self.save_known(number, &session, now_ms),
            None if !session.is_changed && !session.is_renewed => Ok(()),
            former => self.save_new(former, &session, now_ms, headers),
        }
    }

    fn save_known(&self, number: Number, session: &Session<T>, now_ms: u64) -> Result<(), Error> {
        let Some(left) = self.left(session.created_ms, now_ms) else {
            // Its lifetime is over, and so is it.
            return Ok(());
        };
        if session.is_changed {
            let record = Record::encode(session.created_ms, now_ms, &session.state)?;
            let _is_alive = self.store.replace(&number.key(), &record, left)?;
            return Ok(());
        }
        let unchanged_ms = now_ms.saturating_sub(session.touched_ms);
        if unchanged_ms >= self.idle_ms / 4 {
            // What fails here ends a session early at worst, and does not fail the request.
            self.store.touch(&number.key(), left).absorb();
        }
        Ok(())
    }

    fn save_new(
        &self,
        former: Option<Number>,
        session: &Session<T>,
        now_ms: u64,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        // A login begins anew.
        let created_ms = now_ms;
        let number = Number::random()?;
        let token = self.signer().sign(number, now_ms)?;
        let record = Record::encode(created_ms, now_ms, &session.state)?;
        if let Some(left) = self.left(created_ms, now_ms) {
            self.store.create(&number.key(), &record, left)?;
        }
        self.cookie.set(&token, self.lifetime_ms, headers)?;
        if let Some(former) = former {
            self.store.delete(&former.key())?;
        }
        Ok(())
    }

    /// For how long the session is kept, if nothing more is heard of the visitor.
    fn left(&self, created_ms: u64, now_ms: u64) -> Option<Ttl> {
        let until_ms = created_ms.saturating_add(self.lifetime_ms);
        // A quarter more, since what is unchanged is touched once a quarter has passed.
        let idle_ms = self.idle_ms.saturating_add(self.idle_ms / 4);
        Ttl::millis(until_ms.saturating_sub(now_ms).min(idle_ms)).ok()
    }

    fn signer(&self) -> Signer<'_> {
        Signer {
            secret: &self.secret,
            cookie: &self.cookie.name,
        }
    }
}

/// Neither what opens the session nor what is in it is for logs.
impl<T> std::fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("is_new", &self.is_new())
            .field("is_lost", &self.is_lost())
            .finish_non_exhaustive()
    }
}

impl<T> Session<T> {
    /// Whether this session is a new one: the visitor had none, or it [is lost](Self::is_lost).
    pub fn is_new(&self) -> bool {
        self.number.is_none()
    }

    /// Whether the visitor had a session of this app that is not here: it has ended, was evicted, or is
    /// another location's.
    pub fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// Gives the session a new number and a new lifetime, and ends the old one: at each login and change of
    /// rights, so that who knew the number before does not have the rights after.
    pub fn renew(&mut self) {
        self.is_renewed = true;
    }

    /// Ends the session when it is saved, and removes the cookie. One that is [lost](Self::is_lost) here
    /// is alive where it is not, for whoever has kept the cookie.
    pub fn end(&mut self) {
        self.is_ended = true;
    }
}

impl<T> Deref for Session<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.state
    }
}

/// Whoever asks to change the state is taken to change it.
impl<T> DerefMut for Session<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.is_changed = true;
        &mut self.state
    }
}

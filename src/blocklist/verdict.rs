//! What a list answers.

use super::Error;

/// What a list says of what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a verdict is to be acted upon"]
pub enum Verdict {
    /// It is listed.
    Listed {
        /// What the list says about it: a reason, a score. 0 in a list without tags.
        tag: u8,
        /// The generation of the list that says so.
        generation: u32,
    },
    /// It is not listed.
    NotListed,
}

impl Verdict {
    /// Whether it is listed.
    pub fn is_listed(self) -> bool {
        matches!(self, Verdict::Listed { .. })
    }

    /// The tag, if it is listed.
    pub fn tag(self) -> Option<u8> {
        match self {
            Verdict::Listed { tag, .. } => Some(tag),
            Verdict::NotListed => None,
        }
    }
}

/// A verdict of a list, or a [ruling](super::Ruling) of several, or what is done without one.
///
/// What it means that there is none is for the app to say: a block list that *opens* lets in whoever it
/// would have turned away, and one that *closes* turns everybody away. That a client has asked for something that is no
/// domain ([`ErrorKind::NotADomain`](super::ErrorKind::NotADomain)) is such an error as well: who opens then looks at
/// what has been asked for first.
///
/// ```
/// use fastedge::KvStore;
/// use fastedge::blocklist::{Decision, IpList};
/// # let edge = fastedge_mock_host::MockHost::new().kv("lists", |kv| kv);
/// # let _installed = edge.install();
///
/// let store = KvStore::open("lists")?;
/// let blocked = IpList::new(&store, "blocked");
/// let address: std::net::IpAddr = "192.0.2.1".parse()?;
///
/// // The list has not been published.
/// let decision = Decision::fail_open(blocked.check(address));
/// assert!(!decision.is_listed());
/// assert!(decision.fell_back().unwrap().to_string().contains("there is no list"));
/// assert!(Decision::fail_closed(blocked.check(address)).is_listed());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a decision is to be acted upon"]
pub struct Decision<V = Verdict> {
    is_listed: bool,
    verdict: Result<V, Error>,
}

/// What a list, or several, can say. There are no others than [`Verdict`] and [`Ruling`](super::Ruling).
pub trait Says: sealed::Sealed {
    /// Whether it is listed, or denied.
    fn is_listed(&self) -> bool;

    /// What the list says about it.
    fn tag(&self) -> Option<u8>;
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Verdict {}
    impl Sealed for crate::blocklist::Ruling {}
}

impl Says for Verdict {
    fn is_listed(&self) -> bool {
        Verdict::is_listed(*self)
    }

    fn tag(&self) -> Option<u8> {
        Verdict::tag(*self)
    }
}

impl<V: Says> Decision<V> {
    /// Takes what is not known for not listed.
    pub fn fail_open(verdict: Result<V, Error>) -> Self {
        Decision::of(verdict, false)
    }

    /// Takes what is not known for listed.
    pub fn fail_closed(verdict: Result<V, Error>) -> Self {
        Decision::of(verdict, true)
    }

    fn of(verdict: Result<V, Error>, otherwise: bool) -> Self {
        let is_listed = match &verdict {
            Ok(verdict) => verdict.is_listed(),
            Err(_) => otherwise,
        };
        Decision { is_listed, verdict }
    }

    /// Whether it is listed, or denied, or taken for that.
    pub fn is_listed(&self) -> bool {
        self.is_listed
    }

    /// What the list says about it; `None` if it is not listed, or only taken for listed.
    pub fn tag(&self) -> Option<u8> {
        self.verdict.as_ref().ok()?.tag()
    }

    /// What was said, if anything was.
    pub fn verdict(&self) -> Option<&V> {
        self.verdict.as_ref().ok()
    }

    /// Why there is no verdict.
    pub fn fell_back(&self) -> Option<&Error> {
        self.verdict.as_ref().err()
    }
}

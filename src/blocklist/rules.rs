//! Several lists at once.

use std::fmt;
use std::net::IpAddr;

use super::error::Error;
use super::list::{AsnList, CountryList, DomainList, IpList, PathList, TokenSet};
use super::verdict::{Says, Verdict};
use crate::kv_store::Access;

/// A list that can be asked this question. There are no others than those of this module.
pub trait Checks<Q>: sealed::Sealed {
    /// Whether it is listed.
    ///
    /// # Errors
    ///
    /// If that is not known.
    fn check_listed(&self, question: Q) -> Result<Verdict, Error>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! checks {
    ($($list:ident: $question:ty),*) => {$(
        impl<A> sealed::Sealed for $list<'_, A> {}

        impl<'q, A: Access> Checks<$question> for $list<'_, A> {
            fn check_listed(&self, question: $question) -> Result<Verdict, Error> {
                self.check(question)
            }
        }
    )*};
}

checks!(IpList: IpAddr, DomainList: &'q str, PathList: &'q str, CountryList: &'q str, AsnList: u32, TokenSet: &'q [u8]);

/// Several lists, for one question: who is allowed, and who is denied.
///
/// What a list of the allowed ones lists is let in, whatever the others say; then the first list that denies it decides.
/// Lists are asked only as long as that is open, and each keeps what it has read for further questions. Several
/// lists of one kind cost two reads each: packed into one, with a tag for each, they cost two together.
///
/// ```
/// use std::net::IpAddr;
/// use fastedge::KvStore;
/// use fastedge::blocklist::{IpList, Rules, Ruling};
/// # use fastedge_mock_host::MockHost;
/// # use fastedge_pack::{Action, AddressRules};
/// # let packed = |network: &str| {
/// #     let mut rules = AddressRules::new();
/// #     rules.add(network, Action::Deny { tag: 4 }).unwrap();
/// #     rules.pack().unwrap()
/// # };
/// # let edge = MockHost::new().kv("lists", |kv| {
/// #     let kv = packed("192.0.2.7").values("office", 1).fold(kv, |kv, (key, value)| kv.set(&key, value));
/// #     packed("192.0.2.0/24").values("threats", 1).fold(kv, |kv, (key, value)| kv.set(&key, value))
/// # });
/// # let _installed = edge.install();
///
/// let store = KvStore::open("lists")?;
/// let (office, threats) = (IpList::new(&store, "office"), IpList::new(&store, "threats"));
/// let rules = Rules::new().allow(&office).deny(&threats);
///
/// let ask = |address| rules.check(IpAddr::from(address));
/// assert_eq!(ask([192, 0, 2, 7])?, Ruling::Allowed);
/// assert_eq!(ask([192, 0, 2, 8])?, Ruling::Denied { list: 0, tag: 4, generation: 1 });
/// assert_eq!(ask([198, 51, 100, 1])?, Ruling::NotListed);
/// # Ok::<(), fastedge::blocklist::Error>(())
/// ```
pub struct Rules<'l, Q> {
    allow: Vec<&'l dyn Checks<Q>>,
    deny: Vec<&'l dyn Checks<Q>>,
}

/// What several lists say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a ruling is to be acted upon"]
pub enum Ruling {
    /// A list of the allowed ones lists it.
    Allowed,
    /// A list denies it.
    Denied {
        /// Which: the number of its [`deny`](Rules::deny), from 0.
        list: usize,
        /// What the list says about it; 0 in a list without tags.
        tag: u8,
        /// The generation of the list that says so.
        generation: u32,
    },
    /// No list lists it.
    NotListed,
}

impl Ruling {
    /// Whether it is denied.
    pub fn is_denied(self) -> bool {
        matches!(self, Ruling::Denied { .. })
    }
}

impl Says for Ruling {
    fn is_listed(&self) -> bool {
        self.is_denied()
    }

    fn tag(&self) -> Option<u8> {
        match self {
            Ruling::Denied { tag, .. } => Some(*tag),
            Ruling::Allowed | Ruling::NotListed => None,
        }
    }
}

impl<'l, Q: Copy> Rules<'l, Q> {
    /// No lists.
    pub fn new() -> Self {
        Rules {
            allow: Vec::new(),
            deny: Vec::new(),
        }
    }

    /// With a list of those who are let in.
    #[must_use]
    pub fn allow(mut self, list: &'l dyn Checks<Q>) -> Self {
        self.allow.push(list);
        self
    }

    /// With a list of those who are not, unless they are allowed.
    #[must_use]
    pub fn deny(mut self, list: &'l dyn Checks<Q>) -> Self {
        self.deny.push(list);
        self
    }

    /// What the lists say: those of the allowed ones first, each in its turn.
    ///
    /// # Errors
    ///
    /// An error of a list, if what the other lists say leaves it open (see [`Decision`](super::Decision)): with a list of the allowed ones that cannot
    /// be read, what nobody denies is not listed all the same, and what is denied is an error.
    pub fn check(&self, question: Q) -> Result<Ruling, Error> {
        let mut not_allowed_for_certain = Ok(());
        for list in &self.allow {
            match list.check_listed(question) {
                Ok(Verdict::Listed { .. }) => return Ok(Ruling::Allowed),
                Ok(Verdict::NotListed) => {}
                Err(error) => not_allowed_for_certain = not_allowed_for_certain.and(Err(error)),
            }
        }
        let mut unknown = None;
        for (number, list) in self.deny.iter().enumerate() {
            match list.check_listed(question) {
                Ok(Verdict::Listed { tag, generation }) => {
                    return not_allowed_for_certain.map(|()| Ruling::Denied {
                        list: number,
                        tag,
                        generation,
                    });
                }
                Ok(Verdict::NotListed) => {}
                Err(error) => {
                    unknown.get_or_insert(error);
                }
            }
        }
        match unknown {
            Some(error) => Err(error),
            None => Ok(Ruling::NotListed),
        }
    }
}

impl<Q: Copy> Default for Rules<'_, Q> {
    fn default() -> Self {
        Rules::new()
    }
}

impl<Q> fmt::Debug for Rules<'_, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("allow", &self.allow.len())
            .field("deny", &self.deny.len())
            .finish()
    }
}

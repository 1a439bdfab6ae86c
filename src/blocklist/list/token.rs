//! Texts, exactly.

use super::{list_in_store, tag, verdict};
use crate::blocklist::error::Error;
use crate::blocklist::format::{
    DEFAULT_SALT, Fences, HashedBody, Hit, Kind, Layout, Malformed, Root, hash, prefilter_item,
};
use crate::blocklist::packed::{Packed, Question};
use crate::blocklist::verdict::Verdict;
use crate::kv_store::{Access, Membership};

list_in_store! {
    /// Texts or bytes, exactly as they are: tokens, fingerprints, hashes of passwords.
    ///
    /// A list has hashes of 48 bits, and says of a text that is not in it that it is, once in so many questions:
    /// of a list with ten million entries once in 10¹¹.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// use fastedge::blocklist::TokenSet;
    /// use fastedge_pack::{Action, TokenRules};
    /// # use fastedge_mock_host::MockHost;
    ///
    /// let mut rules = TokenRules::new();
    /// rules.add("tok_1", Action::Deny { tag: 3 })?;
    /// let packed = rules.pack()?;
    ///
    /// # let edge = MockHost::new().kv("lists", |kv| {
    /// #     packed.values("revoked", 1).fold(kv, |kv, (key, value)| kv.set(&key, value))
    /// # });
    /// # let _installed = edge.install();
    /// let store = KvStore::open("lists")?;
    /// let revoked = TokenSet::new(&store, "revoked");
    /// assert_eq!(revoked.check("tok_1")?.tag(), Some(3));
    /// assert!(!revoked.check("tok_2")?.is_listed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    TokenSet, Kind::Tokens
}

impl<A: Access> TokenSet<'_, A> {
    /// Asks a Bloom filter of the host first, `<key>:filter`, which has to be published with the list. It is only for a list without
    /// a salt of its own. For a text that is
    /// not listed, which it nearly always knows, two calls that copy nothing take the place of two that copy the
    /// manifest and a shard.
    #[must_use]
    pub fn with_prefilter(self) -> Self {
        TokenSet {
            packed: self.packed.with_prefilter(),
        }
    }

    /// Whether a text is listed.
    ///
    /// Up to two host calls, and four if a part of the list has not arrived; fewer where something has been asked
    /// before. With a prefilter, two for what is not listed, and one more for what is.
    ///
    /// # Errors
    ///
    /// If that is not known: see [`ErrorKind`](crate::blocklist::ErrorKind).
    pub fn check(&self, token: impl AsRef<[u8]>) -> Result<Verdict, Error> {
        let question = TokenQuestion(token.as_ref());
        if question.is_absent(&self.packed)? {
            return Ok(Verdict::NotListed);
        }
        self.packed.ask(&question, tag).map(verdict)
    }
}

pub(super) struct TokenQuestion<'q>(pub(super) &'q [u8]);

impl TokenQuestion<'_> {
    /// Whether the prefilter, if there is one, says that it is certainly not in the list.
    pub(super) fn is_absent<A: Access>(&self, packed: &Packed<'_, A>) -> Result<bool, Error> {
        let Some(filter) = packed.prefilter() else {
            return Ok(false);
        };
        let item = prefilter_item(hash(&DEFAULT_SALT, self.0));
        Ok(filter.lookup(item)? == Membership::Absent)
    }
}

impl Question for TokenQuestion<'_> {
    const KIND: Kind = Kind::Tokens;

    fn layout(&self) -> Layout {
        Layout::Hashed
    }

    fn shard(&self, fences: &Fences<'_>, root: &Root) -> Result<Option<usize>, Malformed> {
        match fences {
            Fences::Bits(bits) => {
                let hash = hash(&root.salt, self.0);
                Ok(Some((hash.checked_shr(64 - bits).unwrap_or(0)) as usize))
            }
            _ => Err(Malformed::ANOTHER_LAYOUT),
        }
    }

    fn find<'a>(&self, body: &'a [u8], root: &Root) -> Result<Option<Hit<'a>>, Malformed> {
        let hash = hash(&root.salt, self.0);
        Ok(HashedBody::read(body)?.find(hash))
    }
}

//! Countries.

use super::{list_in_store, tag, verdict};
use crate::blocklist::error::Error;
use crate::blocklist::format::{
    CountryBody, Fences, Hit, Kind, Layout, Malformed, Root, country_number,
};
use crate::blocklist::packed::Question;
use crate::blocklist::verdict::Verdict;
use crate::kv_store::Access;

list_in_store! {
    /// Countries, by their codes of two letters.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// use fastedge::blocklist::CountryList;
    /// use fastedge_pack::{Action, CountryRules};
    /// # use fastedge_mock_host::MockHost;
    ///
    /// let mut rules = CountryRules::new();
    /// rules.add("LU", Action::Deny { tag: 1 })?;
    /// let packed = rules.pack()?;
    ///
    /// # let edge = MockHost::new().kv("lists", |kv| {
    /// #     packed.values("countries", 1).fold(kv, |kv, (key, value)| kv.set(&key, value))
    /// # });
    /// # let _installed = edge.install();
    /// let store = KvStore::open("lists")?;
    /// let countries = CountryList::new(&store, "countries");
    /// assert!(countries.check("lu")?.is_listed());
    /// assert!(!countries.check("DE")?.is_listed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    CountryList, Kind::Countries
}

impl<A: Access> CountryList<'_, A> {
    /// Whether a country is listed. What is no code of two letters or digits is not. One host call, or none if
    /// something has been asked before.
    ///
    /// # Errors
    ///
    /// If that is not known: see [`ErrorKind`](crate::blocklist::ErrorKind).
    pub fn check(&self, code: &str) -> Result<Verdict, Error> {
        let question = CountryQuestion(country_number(code));
        self.packed.ask(&question, tag).map(verdict)
    }
}

struct CountryQuestion(Option<usize>);

impl Question for CountryQuestion {
    const KIND: Kind = Kind::Countries;

    fn layout(&self) -> Layout {
        Layout::Countries
    }

    fn shard(&self, _: &Fences<'_>, _: &Root) -> Result<Option<usize>, Malformed> {
        Err(Malformed::ANOTHER_LAYOUT)
    }

    fn find<'a>(&self, body: &'a [u8], _: &Root) -> Result<Option<Hit<'a>>, Malformed> {
        let countries = CountryBody::read(body)?;
        Ok(self.0.and_then(|number| countries.find(number)))
    }
}

//! The write path.

use fastedge::edge_storage_api::{
    Api, Call, DataType, Entry, EntryQuery, Page, Stored, StoredEntry, Token, WriteSummary,
};

use super::Conversation;
use crate::case::{Case, Need};
use crate::check::{Seen, Stop, Verdict, ensure, ensure_eq};
use crate::target::StoreApi;

pub(super) const CASES: &[Case] = &[
    api("api-token", &["API-1"], token),
    api("api-round-trip", &["API-2"], round_trip),
    api("api-revision", &["API-3"], revision),
    api("api-deletions", &["API-4"], deletions),
    api("api-types", &["API-5"], types),
    api("api-members", &["API-6"], members),
    api("api-listings", &["API-7"], listings),
];

const fn api(
    name: &'static str,
    clauses: &'static [&'static str],
    proof: fn(&mut Conversation<'_>) -> Verdict,
) -> Case {
    Case::outside(name, clauses, proof).needs(&[Need::Api])
}

impl StoreApi<'_> {
    fn write(&self, entries: &[Entry]) -> Result<WriteSummary, Stop> {
        let call = self.api.write(self.store, entries)?;
        Ok(call.send_with(self.transport)?)
    }

    fn read(&self, key: &str) -> Result<StoredEntry, Stop> {
        let call = self.api.get_entry(self.store, key)?;
        Ok(call.send_with(self.transport)?)
    }

    /// Removes what a case has written.
    fn clear(&self, keys: &[&str]) -> Result<(), Stop> {
        let types = [DataType::Plain, DataType::SortedSet, DataType::BloomFilter];
        let deletions = keys
            .iter()
            .flat_map(|key| types.map(|data_type| Entry::delete(*key, data_type)));
        let deletions: Result<Vec<_>, _> = deletions.collect();
        self.write(&deletions?)?;
        Ok(())
    }

    fn status<T>(&self, call: &Call<T>) -> Result<u16, Stop> {
        let response = self.transport.send(call.request().clone())?;
        Ok(response.status().as_u16())
    }
}

fn token(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    let access = conversation.api()?;
    let stranger = Api::new(Token::new("not-the-token")?).at(access.url)?;
    let entry = Entry::plain(key, "")?;
    let refused = access.status(&stranger.write(access.store, &[entry])?)?;
    ensure!(
        matches!(refused, 401 | 403),
        "another token is answered with {refused}"
    );
    let mut anonymous = stranger
        .list_stores(None, Page::first(1))?
        .request()
        .clone();
    anonymous.headers_mut().remove("authorization");
    let refused = access.transport.send(anonymous)?.status().as_u16();
    ensure!(
        matches!(refused, 401 | 403),
        "no token at all is answered with {refused}"
    );
    Ok(Seen::AsPromised)
}

fn round_trip(conversation: &mut Conversation<'_>) -> Verdict {
    let keys = ["text", "bytes", "set", "filter"].map(|name| conversation.key(name));
    let [text, bytes, set, filter] = &keys;
    let every_byte: Vec<u8> = (0..=255).collect();
    let access = conversation.api()?;
    let written = access.write(&[
        Entry::plain(text, "grüße")?,
        Entry::plain(bytes, every_byte.clone())?,
        Entry::sorted_set(set, [(2.5, "b"), (-1.0, "a")])?,
        Entry::bloom_filter(filter, ["x"])?,
    ])?;
    ensure!(
        written.write_count >= 4,
        "{} entries are written",
        written.write_count
    );
    for (key, wanted) in [(text, "grüße".as_bytes()), (bytes, &every_byte)] {
        let Stored::Plain { value, .. } = access.read(key)?.stored else {
            return Err(Stop::failed(format!("`{key}` is no pair")));
        };
        ensure_eq!(value.as_bytes(), wanted, "the value of `{key}`");
    }
    let Stored::SortedSet(members) = access.read(set)?.stored else {
        return Err(Stop::failed(format!("`{set}` is no sorted set")));
    };
    let mut members: Vec<_> = members
        .iter()
        .map(|(member, score)| (member.as_bytes(), *score))
        .collect();
    members.sort_by(|one, other| one.1.total_cmp(&other.1));
    ensure_eq!(
        members,
        [(b"a".as_slice(), -1.0), (b"b".as_slice(), 2.5)],
        "the members"
    );
    ensure!(
        matches!(access.read(filter)?.stored, Stored::BloomFilter(_)),
        "`{filter}` is no Bloom filter"
    );
    access.clear(&[text, bytes, set, filter])?;
    let gone = access.read(text);
    ensure!(gone.is_err(), "what is deleted can be read");
    Ok(Seen::AsPromised)
}

fn revision(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    let access = conversation.api()?;
    let first = access.write(&[Entry::plain(&key, "1")?])?.revision;
    let second = access.write(&[Entry::plain(&key, "2")?])?.revision;
    access.clear(&[&key])?;
    ensure!(second > first, "after revision {first} comes {second}");
    Ok(Seen::AsPromised)
}

fn deletions(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    let access = conversation.api()?;
    access.write(&[Entry::plain(&key, "kept")?])?;
    let other = access.write(&[Entry::delete(&key, DataType::SortedSet)?])?;
    ensure_eq!(other.del_count, 0, "how many went as a sorted set");
    access.read(&key)?;
    let own = access.write(&[Entry::delete(&key, DataType::Plain)?])?;
    ensure_eq!(own.del_count, 1, "how many went as a pair");
    Ok(Seen::AsPromised)
}

fn types(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    let access = conversation.api()?;
    access.write(&[Entry::plain(&key, "pair")?])?;
    let set = Entry::sorted_set(&key, [(1.0, "a")])?;
    let status = access.status(&access.api.write(access.store, std::slice::from_ref(&set))?)?;
    ensure!(
        (400..500).contains(&status),
        "a sorted set over a pair is answered with {status}"
    );
    access
        .api
        .force_write(access.store, &[set])?
        .send_with(access.transport)?;
    ensure!(
        matches!(access.read(&key)?.stored, Stored::SortedSet(_)),
        "it is no sorted set, although that was forced"
    );
    access.clear(&[&key])?;
    Ok(Seen::AsPromised)
}

fn members(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    let access = conversation.api()?;
    access.write(&[Entry::sorted_set(&key, [(1.0, "a"), (2.0, "b")])?])?;
    access.write(&[Entry::remove_members(&key, ["a"])?])?;
    let Stored::SortedSet(members) = access.read(&key)?.stored else {
        return Err(Stop::failed("it is no sorted set"));
    };
    ensure_eq!(members.len(), 1, "how many members are left");
    access.clear(&[&key])?;
    Ok(Seen::AsPromised)
}

fn listings(conversation: &mut Conversation<'_>) -> Verdict {
    let prefix = conversation.key("");
    let keys = ["a", "b", "c"].map(|name| conversation.key(name));
    let access = conversation.api()?;
    let entries: Result<Vec<_>, _> = keys.iter().map(|key| Entry::plain(key, "")).collect();
    access.write(&entries?)?;
    let mut found = Vec::new();
    for offset in [0, 2] {
        let query = EntryQuery::new()
            .prefix(&*prefix)
            .page(Page::first(2).after(offset));
        let page = access.api.list_entries(access.store, &query)?;
        let page = page.send_with(access.transport)?;
        ensure_eq!(page.count, 3, "the count of all");
        found.extend(page.entries.into_iter().map(|entry| entry.key));
    }
    found.sort();
    ensure_eq!(found, keys, "the keys of two pages");
    access.clear(&[&keys[0], &keys[1], &keys[2]])?;
    let gone = access.read(&keys[0]);
    ensure!(
        gone.is_err_and(|stop| matches!(stop, Stop::Failed(_))),
        "what is deleted is found"
    );
    Ok(Seen::AsPromised)
}

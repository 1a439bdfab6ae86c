//! The management API.

use fastedge::edge_storage_api::{
    Api, Call, DataType, Entry, EntryQuery, MAX_READABLE_BYTES, Page, Stored, StoredEntry,
    StoredValue, Token, ValueQuery, WriteSummary,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

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
    api("api-stores", &["API-8"], stores),
    api("api-large-values", &["API-9"], large_values),
    api("api-masked-values", &["API-10"], masked_values),
    api("api-pages", &["API-11"], pages),
    api("api-counts", &["API-12"], counts),
    api("api-errors", &["API-13"], errors),
    api("api-longest-values", &["API-14"], longest_values),
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

    /// Reads the items of a Bloom filter; `None` if its store is a Redis of the customer's own, which
    /// does not have them.
    fn items(&self, key: &str) -> Result<Option<Vec<StoredValue>>, Stop> {
        match self.read(key)?.stored {
            Stored::BloomFilter(items) => Ok(Some(items)),
            Stored::Omitted(DataType::BloomFilter) => Ok(None),
            _ => Err(Stop::failed(format!("`{key}` is not a Bloom filter"))),
        }
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
        Ok(self.raw(call)?.0)
    }

    /// Returns the status and the body of the response.
    fn raw<T>(&self, call: &Call<T>) -> Result<(u16, Vec<u8>), Stop> {
        let response = self.transport.send(call.request().clone())?;
        let status = response.status().as_u16();
        Ok((status, response.into_body().into_bytes()))
    }

    fn json<T>(&self, call: &Call<T>) -> Result<Value, Stop> {
        let (status, body) = self.raw(call)?;
        ensure_eq!(status, 200, "the status of {call:?}");
        Ok(serde_json::from_slice(&body)?)
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
        ensure_eq!(value.bytes(), Some(wanted), "the value of `{key}`");
    }
    let Stored::SortedSet(members) = access.read(set)?.stored else {
        return Err(Stop::failed(format!("`{set}` is no sorted set")));
    };
    let mut members: Vec<_> = members
        .iter()
        .map(|(member, score)| (member.bytes().unwrap_or_default(), *score))
        .collect();
    members.sort_by(|one, other| one.1.total_cmp(&other.1));
    ensure_eq!(
        members,
        [(b"a".as_slice(), -1.0), (b"b".as_slice(), 2.5)],
        "the members"
    );
    let items = access.items(filter)?;
    ensure!(
        items.is_none_or(|items| items.iter().any(|item| item.is(b"x"))),
        "the filter's items lack `x`"
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
    let removed = access.write(&[Entry::remove_members(&key, ["a"])?])?;
    ensure_eq!(removed.del_count, 1, "the number of removed members");
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

fn stores(conversation: &mut Conversation<'_>) -> Verdict {
    let access = conversation.api()?;
    let described = access.json(&access.api.get_store(access.store)?)?;
    ensure!(
        described["name"].is_string(),
        "a described store has no name"
    );
    ensure!(
        described.get("id").is_none(),
        "a described store has an `id`; the platform's have none"
    );
    let list = access.json(&access.api.list_stores(None, Page::first(1))?)?;
    ensure!(list["count"].is_u64(), "a list of stores has no count");
    let first = &list["stores"][0];
    ensure!(
        first["id"].is_u64() && first["app_count"].is_u64(),
        "a listed store lacks `id` or `app_count`"
    );
    for limit in [0, 1_001] {
        let call = access.api.list_stores(None, Page::first(limit))?;
        ensure_eq!(
            access.status(&call)?,
            400,
            "the status of the limit {limit}"
        );
    }
    Ok(Seen::AsPromised)
}

fn large_values(conversation: &mut Conversation<'_>) -> Verdict {
    let keys = ["short", "long", "set", "filter"].map(|name| conversation.key(name));
    let [short, long, set, filter] = &keys;
    let short_value = "s".repeat(MAX_READABLE_BYTES);
    // Not text, so that it is sent as base64.
    let long_value = vec![0xff; MAX_READABLE_BYTES + 1];
    let long_text = "l".repeat(MAX_READABLE_BYTES + 1);
    let access = conversation.api()?;
    access.write(&[
        Entry::plain(short, &*short_value)?,
        Entry::plain(long, &*long_value)?,
        Entry::sorted_set(set, [(1.0, &*long_text)])?,
        Entry::bloom_filter_items(filter, [&*long_text])?,
    ])?;
    let query = EntryQuery::new().prefix(long);
    let list = access.api.list_entries(access.store, &query)?;
    let list = list.send_with(access.transport)?;
    let mut choice = "";
    let listed = list.entries.into_iter().map(|entry| entry.stored);
    for stored in listed.chain([access.read(long)?.stored]) {
        let Stored::Plain { value, .. } = stored else {
            return Err(Stop::failed(format!("`{long}` is not a plain pair")));
        };
        ensure!(
            matches!(value, StoredValue::Sha256(_)),
            "a value of {} bytes is returned in full",
            long_value.len()
        );
        ensure!(value.is(&long_value), "the hash is not that of the value");
        let of_value = StoredValue::Sha256(sha256(&long_value)) == value;
        choice = if of_value {
            "of the value"
        } else {
            "of its base64"
        };
    }
    let Stored::Plain { value, .. } = access.read(short)?.stored else {
        return Err(Stop::failed(format!("`{short}` is not a plain pair")));
    };
    ensure_eq!(
        value.bytes(),
        Some(short_value.as_bytes()),
        "the short value"
    );
    let Stored::SortedSet(members) = access.read(set)?.stored else {
        return Err(Stop::failed(format!("`{set}` is not a sorted set")));
    };
    let items = access.items(filter)?.unwrap_or_default();
    for value in members.iter().map(|(member, _)| member).chain(&items) {
        ensure!(
            value.bytes().is_none(),
            "a long member or item is returned in full"
        );
        ensure!(
            value.is(long_text.as_bytes()),
            "its hash is not that of the value"
        );
    }
    access.clear(&[short, long, set, filter])?;
    Ok(Seen::Choice(choice))
}

fn masked_values(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    let access = conversation.api()?;
    let entry = Entry::plain(&key, "s3cr3t")?.masked()?;
    let call = access
        .api
        .write(access.store, std::slice::from_ref(&entry))?;
    if access.status(&call)? == 400 {
        return Ok(Seen::Choice("refused"));
    }
    let call = access.api.get_entry(access.store, &key)?;
    let (_, body) = access.raw(&call)?;
    ensure!(
        !String::from_utf8_lossy(&body).contains("s3cr3t"),
        "a masked value is returned"
    );
    let Stored::Plain { value, .. } = access.read(&key)?.stored else {
        return Err(Stop::failed("the key is not a plain pair"));
    };
    ensure!(value.is(b"s3cr3t"), "the hash is not that of the value");
    access.clear(&[&key])?;
    Ok(Seen::Choice("returned as a hash"))
}

fn pages(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("set");
    let access = conversation.api()?;
    let members = (0..120).map(|number| (f64::from(number), format!("m{number:03}")));
    access.write(&[Entry::sorted_set(&key, members)?])?;
    let query = EntryQuery::new().prefix(&*key);
    let list = access.json(&access.api.list_entries(access.store, &query)?)?;
    ensure!(
        list["entries"][0].get("payload").is_none_or(Value::is_null),
        "a listing has the members of a sorted set"
    );
    let by_default = access
        .api
        .get_entry_page(access.store, &key, &ValueQuery::new())?;
    let by_default = access.json(&by_default)?;
    ensure_eq!(
        by_default["count"].as_u64(),
        Some(120),
        "the count of all members"
    );
    let page = by_default["payload"].as_array().map(Vec::len);
    ensure_eq!(page, Some(50), "the members of a page without a limit");
    for (limit, offset, wanted) in [(10_000, 0, 120), (100, 100, 20), (10, 120, 0)] {
        let query = ValueQuery::new().page(Page::first(limit).after(offset));
        let call = access.api.get_entry_page(access.store, &key, &query)?;
        let page = access.json(&call)?["payload"]
            .as_array()
            .map_or(0, Vec::len);
        ensure_eq!(page, wanted, "the members from {offset} on");
    }
    let query = ValueQuery::new().min_score(10.0).max_score(19.0);
    let call = access.api.get_entry_page(access.store, &key, &query)?;
    let count = access.json(&call)?["count"].as_u64();
    ensure_eq!(
        count,
        Some(10),
        "the count of the members with scores from 10 to 19"
    );
    access.clear(&[&key])?;
    Ok(Seen::AsPromised)
}

fn counts(conversation: &mut Conversation<'_>) -> Verdict {
    let [set, filter] = ["set", "filter"].map(|name| conversation.key(name));
    let access = conversation.api()?;
    let members = [(1.0, "a"), (2.0, "b"), (3.0, "c")];
    let written = access.write(&[Entry::sorted_set(&set, members)?])?;
    ensure_eq!(written.write_count, 3, "the count of three members");
    let items = Entry::bloom_filter_items(&filter, ["a", "b", "c"])?;
    ensure_eq!(
        access.write(&[items])?.write_count,
        3,
        "the count of three items"
    );
    let removed = access.write(&[Entry::remove_members(&set, ["a", "b"])?])?;
    ensure_eq!(removed.del_count, 2, "the count of two removed members");
    access.clear(&[&set, &filter])?;
    Ok(Seen::AsPromised)
}

fn errors(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("missing");
    let access = conversation.api()?;
    let (status, body) = access.raw(&access.api.get_entry(access.store, &key)?)?;
    ensure_eq!(status, 404, "the status of a missing key");
    ensure!(body.is_empty(), "a 404 has a body");
    for page in [Page::first(0), Page::first(10_001)] {
        let query = EntryQuery::new().page(page);
        let call = access.api.list_entries(access.store, &query)?;
        let (status, body) = access.raw(&call)?;
        ensure_eq!(status, 400, "the status of {page:?}");
        let json: Value = serde_json::from_slice(&body)?;
        ensure!(
            json["error"].is_string(),
            "the body of a 400 has no `error`"
        );
    }
    Ok(Seen::AsPromised)
}

fn longest_values(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    let access = conversation.api()?;
    let text = "ü".repeat(1_048_576);
    access.write(&[Entry::plain(&key, &*text)?])?;
    let Stored::Plain { value, .. } = access.read(&key)?.stored else {
        return Err(Stop::failed("the key is not a plain pair"));
    };
    ensure!(value.is(text.as_bytes()), "another text is stored");
    access.write(&[Entry::plain(&key, vec![0xff; 786_432])?])?;
    // The client refuses a longer value, so the request is changed.
    let call = access
        .api
        .write(access.store, &[Entry::plain(&key, "x")?])?;
    let mut request = call.request().clone();
    let body = String::from_utf8_lossy(request.body().as_bytes()).into_owned();
    let longer = body.replace("\"x\"", &format!("\"{}\"", "x".repeat(1_048_577)));
    *request.body_mut() = longer.into();
    let status = access.transport.send(request)?.status().as_u16();
    ensure_eq!(status, 400, "the status of a text of 1,048,577 characters");
    access.clear(&[&key])?;
    Ok(Seen::AsPromised)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

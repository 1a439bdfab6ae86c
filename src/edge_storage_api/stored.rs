//! What is in a store, as the API answers it.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::wire::{self, Answered};
use crate::Value;

/// A page of entries.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EntryList {
    /// How many there are on all pages.
    pub count: u64,
    /// Those of this page.
    pub entries: Vec<StoredEntry>,
}

/// A key, and what it holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredEntry {
    /// The key.
    pub key: String,
    /// How many members or items it has, where the API says so.
    pub count: Option<u64>,
    /// What it holds.
    pub stored: Stored,
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Stored {
    /// A plain pair.
    Plain {
        /// The value.
        value: Value,
        /// When it expires, as RFC 3339 text.
        expiry: Option<String>,
    },
    /// Members with their scores, which `serde_json` reads to the last bit where its feature `float_roundtrip` is on, and
    /// may be off by that bit where not.
    SortedSet(Vec<(Value, f64)>),
    /// The items, where the API answers them.
    BloomFilter(Vec<Value>),
    /// A data type that this version of the crate does not know.
    Other {
        /// Its name.
        datatype: String,
        /// Its payload.
        payload: serde_json::Value,
    },
}

impl EntryList {
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct List {
            #[serde(default)]
            count: u64,
            #[serde(deserialize_with = "wire::list")]
            entries: Vec<Answered>,
        }
        let list: List = super::call::json(body)?;
        let entries = list.entries.into_iter().map(StoredEntry::of);
        Ok(EntryList {
            count: list.count,
            entries: entries.collect::<Result<_, _>>()?,
        })
    }
}

impl StoredEntry {
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        StoredEntry::of(super::call::json(body)?)
    }

    fn of(answered: Answered) -> Result<Self, String> {
        let Answered {
            key,
            datatype,
            count,
            payload,
        } = answered;
        let stored = match datatype.as_str() {
            "kv" => plain(payload),
            "sorted_set" => members(payload),
            "bloom_filter" => items(payload),
            _ => Ok(Stored::Other { datatype, payload }),
        };
        match stored {
            Ok(stored) => Ok(StoredEntry { key, count, stored }),
            Err(reason) => Err(format!("the payload of key `{key}`: {reason}")),
        }
    }
}

fn plain(payload: serde_json::Value) -> Result<Stored, String> {
    let plain: wire::Plain<'static> = shaped(payload)?;
    Ok(Stored::Plain {
        value: plain.bytes.into_bytes()?.into(),
        expiry: plain.expiry.map(Into::into),
    })
}

fn members(payload: serde_json::Value) -> Result<Stored, String> {
    let members: Option<Vec<wire::Member<'static>>> = shaped(payload)?;
    let members = members.unwrap_or_default().into_iter();
    let members = members.map(|member| Ok((member.bytes.into_bytes()?.into(), member.score)));
    Ok(Stored::SortedSet(members.collect::<Result<_, String>>()?))
}

fn items(payload: serde_json::Value) -> Result<Stored, String> {
    let items: Option<Vec<wire::Bytes<'static>>> = shaped(payload)?;
    let items = items.unwrap_or_default().into_iter();
    let items = items.map(|item| Ok(item.into_bytes()?.into()));
    Ok(Stored::BloomFilter(items.collect::<Result<_, String>>()?))
}

fn shaped<T: DeserializeOwned>(payload: serde_json::Value) -> Result<T, String> {
    serde_json::from_value(payload).map_err(|error| error.to_string())
}

//! The query parameters of a call, with the limits that the documentation sets.

use std::borrow::Cow;
use std::str::FromStr;

use bytes::Bytes;
use fastedge_mock_host::central::DataType;
use http::Request;

use super::reply::Refusal;
use super::rules::UnknownParameters;
use super::score;

/// The parameters of one request.
pub(super) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// A page of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) offset: usize,
    pub(super) limit: usize,
}

/// The default number of elements on a page.
const DEFAULT_LIMIT: usize = 50;

impl<'a> Query<'a> {
    /// Reads the parameters of a call that accepts the `known` ones.
    pub(super) fn read(
        request: &'a Request<Bytes>,
        known: &[&str],
        unknown: UnknownParameters,
    ) -> Result<Self, Refusal> {
        let query = request.uri().query().unwrap_or_default();
        let mut pairs: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::new();
        for text in query.split('&') {
            let Some((name, value)) = form_urlencoded::parse(text.as_bytes()).next() else {
                continue;
            };
            if known.contains(&&*name) {
                // The parser replaces what is not UTF-8, and would search for the replacement.
                if percent_encoding::percent_decode_str(text)
                    .decode_utf8()
                    .is_err()
                {
                    let problem = format!("query parameter `{name}` is not UTF-8; encode it so");
                    return Err(Refusal::bad_request(problem));
                }
                let is_repeated = pairs.iter().any(|(other, _)| *other == name);
                if is_repeated && name != "data_type" {
                    let problem = format!("query parameter `{name}` is repeated; send it once");
                    return Err(Refusal::bad_request(problem));
                }
            }
            pairs.push((name, value));
        }
        let query = Query(pairs);
        if unknown == UnknownParameters::Refuse
            && let Some((name, _)) = query.0.iter().find(|(name, _)| !known.contains(&&**name))
        {
            let known = match known {
                [] => "it has none".to_owned(),
                known => format!("it has {}", known.join(", ")),
            };
            let problem = format!("this call has no query parameter {name:?}; {known}");
            return Err(Refusal::bad_request(problem));
        }
        Ok(query)
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| &**value)
    }

    /// Returns a text of 1 to `longest` characters.
    pub(super) fn text(&self, name: &str, longest: usize) -> Result<Option<&str>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let chars = text.chars().count();
        match (1..=longest).contains(&chars) {
            true => Ok(Some(text)),
            false => Err(Refusal::bad_request(format!(
                "query parameter `{name}` has {chars} characters; send 1 to {longest}, or leave it \
                 out"
            ))),
        }
    }

    /// Returns a hash.
    pub(super) fn hash(&self) -> Option<String> {
        self.get("hash").map(str::to_ascii_lowercase)
    }

    /// Returns the number of an app.
    pub(super) fn app(&self) -> Result<Option<usize>, Refusal> {
        let Some(text) = self.get("app_id") else {
            return Ok(None);
        };
        match whole::<i64>(text) {
            Some(id) if id >= 1 => Ok(Some(usize::try_from(id).unwrap_or(usize::MAX))),
            _ => Err(invalid("app_id", text, "the number of an app, from 1")),
        }
    }

    /// Returns the page, of at most `most` elements.
    pub(super) fn page(&self, most: usize) -> Result<Page, Refusal> {
        let offset = self.get("offset").map_or(Ok(0), |text| {
            whole(text).ok_or_else(|| invalid("offset", text, "a whole number from 0"))
        })?;
        let limit = self.get("limit").map_or(Ok(DEFAULT_LIMIT), |text| {
            let limit = whole(text);
            let limit = limit.filter(|limit| (1..=most).contains(limit));
            limit.ok_or_else(|| {
                let wanted = format!("a whole number from 1 to {most}");
                invalid("limit", text, &wanted)
            })
        })?;
        Ok(Page { offset, limit })
    }

    /// Returns the range of scores, both ends included, if the request sets a bound.
    pub(super) fn scores(&self) -> Result<Option<(f64, f64)>, Refusal> {
        let bound = |name: &str, open: f64| {
            self.get(name).map_or(Ok(open), |text| {
                score::parse(text).ok_or_else(|| invalid(name, text, "a number, as 1.5 or 1e999"))
            })
        };
        let min = bound("min_score", f64::NEG_INFINITY)?;
        let max = bound("max_score", f64::INFINITY)?;
        let has_bound = self.get("min_score").is_some() || self.get("max_score").is_some();
        Ok(has_bound.then_some((min, max)))
    }

    /// Returns the requested data types: all types if the request names none.
    pub(super) fn data_types(&self) -> Result<Vec<DataType>, Refusal> {
        let named = self.0.iter().filter(|(name, _)| name == "data_type");
        let named: Vec<_> = named
            .map(|(name, text)| {
                DataType::from_name(text).ok_or_else(|| {
                    let wanted = "kv, sorted_set or bloom_filter, and the parameter once for each";
                    invalid(name, text, wanted)
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(match named.is_empty() {
            true => vec![DataType::Plain, DataType::SortedSet, DataType::BloomFilter],
            false => named,
        })
    }

    /// Returns whether a write is forced.
    pub(super) fn force(&self) -> Result<bool, Refusal> {
        match self.get("force") {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(invalid("force", other, "true or false")),
        }
    }
}

/// Parses a whole number. Rust's parser would accept `+5` too.
fn whole<T: FromStr>(text: &str) -> Option<T> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok())?
}

fn invalid(name: &str, text: &str, wanted: &str) -> Refusal {
    let problem = format!("query parameter `{name}` is {text:?}; send {wanted}");
    Refusal::bad_request(problem)
}

//! Whether something is in a list, by formats.
//!
//! `PUT /<format>`, and the answer is the value that the benchmark puts into the store. `GET /<format>/<key>/<question>`, and it is
//! `yes` or `no`. `GET /nothing` asks nothing.

#[path = "../../addresses.rs"]
mod addresses;

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};

use addresses::{IN_ONE_VALUE, address};
use fastedge::KvStore;
use fastedge::blocklist::{DomainList, IpList, TokenSet};
use fastedge::http::{self, Body, Error, Method, Request, Response, StatusCode};
use ipnet::Ipv4Net;
use iprange::IpRange;
use prefix_trie::PrefixSet;

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let mut parts = request.uri().path().split('/').skip(1);
    let format = parts.next().unwrap_or_default();
    if request.method() == Method::PUT {
        return Ok(Response::new(value(format)?.into()));
    }
    let key = parts.next().unwrap_or_default();
    let question = parts.next().unwrap_or_default();
    let is_listed = match format {
        "nothing" => false,
        _ => is_listed(format, key, question)?,
    };
    let answer = if is_listed { "yes" } else { "no" };
    Ok(http::text(StatusCode::OK, answer))
}

fn is_listed(format: &str, key: &str, question: &str) -> Result<bool, Error> {
    let store = KvStore::open("bench")?;
    let network = || {
        let address: Ipv4Addr = question.parse().map_err(Error::other)?;
        Ok::<_, Error>(Ipv4Net::from(address))
    };
    match format {
        "addresses" => {
            let address: IpAddr = question.parse().map_err(Error::other)?;
            Ok(IpList::new(&store, key).check(address)?.is_listed())
        }
        "tokens" => Ok(TokenSet::new(&store, key).check(question)?.is_listed()),
        "domains" => Ok(DomainList::new(&store, key).check(question)?.is_listed()),
        "json" => {
            let list: Option<HashSet<String>> = store.get_json(key)?;
            Ok(list.unwrap_or_default().contains(question))
        }
        "iprange" => {
            let value = store.get_bytes(key)?.unwrap_or_default();
            let range: IpRange<Ipv4Net> = postcard::from_bytes(&value).map_err(Error::other)?;
            Ok(range.contains(&network()?))
        }
        "prefix-trie" => {
            let value = store.get_bytes(key)?.unwrap_or_default();
            let set: PrefixSet<Ipv4Net> = postcard::from_bytes(&value).map_err(Error::other)?;
            Ok(set.get_lpm(&network()?).is_some())
        }
        _ => Err(Error::other("there is no such format")),
    }
}

fn value(format: &str) -> Result<Vec<u8>, Error> {
    let addresses = (0..IN_ONE_VALUE).map(|number| Ipv4Addr::from_bits(address(number)));
    match format {
        "json" => {
            let texts: Vec<_> = addresses.map(|address| address.to_string()).collect();
            serde_json::to_vec(&texts).map_err(Error::other)
        }
        "iprange" => {
            let range: IpRange<Ipv4Net> = addresses.map(Ipv4Net::from).collect();
            postcard::to_allocvec(&range).map_err(Error::other)
        }
        "prefix-trie" => {
            let set: PrefixSet<Ipv4Net> = addresses.map(Ipv4Net::from).collect();
            postcard::to_allocvec(&set).map_err(Error::other)
        }
        _ => Err(Error::other("there is no such format")),
    }
}

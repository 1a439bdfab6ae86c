//! Values of several formats, read from a store and used once.
//!
//! The URI is `/<format>/<times>`. `PUT`, and the answer is the value that the benchmark puts into the
//! store; `GET`, and it is read `times` times.

use std::collections::HashSet;
use std::hint::black_box;

use fastedge::bloom::Filter;
use fastedge::codec::{Decode, Encode, Json, Postcard};
use fastedge::http::{Body, Error, Method, Request, Response};
use fastedge::{Key, KvStore};
use serde::{Deserialize, Serialize};

/// A record as configurations have them.
#[derive(Serialize, Deserialize)]
struct Route {
    id: u32,
    host: String,
    path: String,
    weight: f64,
    methods: Vec<String>,
    enabled: bool,
}

static JSON: Key<Json<Vec<Route>>> = Key::new("json");
static POSTCARD: Key<Postcard<Vec<Route>>> = Key::new("postcard");
static LIST: Key<Json<Vec<String>>> = Key::new("list");
static FILTER: Key<Filter<str>> = Key::new("filter");

const ITEMS: usize = 10_000;

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let mut parts = request.uri().path().split('/').skip(1);
    let format = parts.next().unwrap_or_default();
    if request.method() == Method::PUT {
        let value = match format {
            "json" => encoded::<Json<_>>(&routes())?,
            "postcard" => encoded::<Postcard<_>>(&routes())?,
            "list" => encoded::<Json<_>>(&items())?,
            _ => {
                let mut filter = Filter::<str>::new(ITEMS, 0.01)?;
                items().iter().for_each(|item| filter.insert(item));
                filter.into_bytes()
            }
        };
        return Ok(Response::new(Body::from(value)));
    }
    let times: u32 = parts.next().unwrap_or("1").parse().map_err(Error::other)?;
    let store = KvStore::open("bench")?;
    for _ in 0..times {
        match format {
            "json" => used(&store, &JSON, |routes| routes.len())?,
            "postcard" => used(&store, &POSTCARD, |routes| routes.len())?,
            "list" => used(&store, &LIST, |list| {
                let set: HashSet<String> = list.into_iter().collect();
                usize::from(set.contains("item-77"))
            })?,
            _ => used(&store, &FILTER, |filter| {
                usize::from(filter.contains("item-77"))
            })?,
        }
    }
    Ok(Response::new(Body::empty()))
}

fn used<C: Decode>(
    store: &KvStore,
    key: &Key<C>,
    take: impl Fn(C::Value) -> usize,
) -> Result<(), Error> {
    let value = store.read(key)?;
    let value = value.ok_or_else(|| Error::other("there is no value"))?;
    match black_box(take(value)) {
        0 => Err(Error::other("the value is not what was written")),
        _ => Ok(()),
    }
}

fn encoded<C: Encode>(value: &C::Borrowed) -> Result<Vec<u8>, Error> {
    Ok(C::encode(value)?)
}

fn routes() -> Vec<Route> {
    let route = |id: u32| Route {
        id,
        host: format!("www{id}.example.com"),
        path: format!("/products/{id}"),
        weight: f64::from(id) / 7.0,
        methods: vec!["GET".to_owned(), "POST".to_owned()],
        enabled: !id.is_multiple_of(3),
    };
    (0..100).map(route).collect()
}

fn items() -> Vec<String> {
    (0..ITEMS).map(|i| format!("item-{i}")).collect()
}

//! A counter of page views that is written to Edge Storage: the twin of `page_views`, to show what
//! writing from an app takes, and what it does not give.
//!
//! - Each view is a request to the platform's API: tens of milliseconds or more, one of the app's
//!   few outbound requests, and the platform takes some 90 writes a second from one client.
//! - **There is no atomicity.** Two requests that read, add one and write at the same time count as
//!   one view: a test below shows it.
//! - Each location reads its own count for 45 s after its latest view, and writes it over the other
//!   locations' counts. Where there is a view every 45 s, it never sees theirs.
//!
//! So it is right for what is written now and then by one hand: a setting, a published page. Views are
//! counted in the cache, as `page_views` does, where adding is atomic.
//!
//! The store that is linked as `default` is number `STORE_ID` (a variable) of the account whose API
//! token is the secret `API_TOKEN`. `API_URL` (a variable) names another API than the platform's: that
//! of the local server, in `fastedge.toml`.

use fastedge::{
    body::Body,
    dictionary,
    http::{Error, Request, Response, StatusCode},
    kv_store::{KvStore, StoreType, Writer},
};

#[fastedge::http]
fn main(_req: Request<Body>) -> Result<Response<Body>, Error> {
    let store = KvStore::open(StoreType::Default)?.with_writer(writer()?);

    // What was written here lately is remembered here; otherwise the replica answers.
    let counter: u64 = store
        .get("page_views")?
        .and_then(|views| views.parse().ok())
        .unwrap_or(0);
    let new_count = counter.saturating_add(1);

    // A page is shown even if its view cannot be counted; the log says why.
    let body = match store.put("page_views", new_count.to_string()) {
        Ok(_) => format!("Page views: {new_count}\n"),
        Err(error) => {
            println!("a view was not counted: {error}");
            format!("Page views: {counter}\n")
        }
    };
    Ok(Response::builder()
        .status(StatusCode::OK)
        .header("content-type", "text/plain")
        .body(Body::from(body))?)
}

fn writer() -> Result<Writer, Error> {
    let store_id = dictionary::get("STORE_ID")?
        .ok_or_else(|| Error::other("the variable STORE_ID is the number of the store"))?
        .parse()
        .map_err(|error| Error::other(format!("STORE_ID: {error}")))?;
    let writer = Writer::from_secret(store_id, "API_TOKEN")?;
    match dictionary::get("API_URL")? {
        Some(url) => Ok(writer.at(&url)?),
        None => Ok(writer),
    }
}

#[cfg(test)]
mod tests;

//! A WASI-HTTP app that does what a test asks it to: each path is one thing.
#![cfg(target_arch = "wasm32")]

use std::cell::RefCell;
use std::hash::BuildHasher;
use std::hint::black_box;

use fastedge::{Cache, KvStore};
use futures_lite::future::zip;
use wstd::future::FutureExt;
use wstd::http::{Body, Client, Error, Request, Response, Result};
use wstd::time::{Duration, Timer};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>> {
    let argument = request.uri().query().unwrap_or_default().to_owned();
    match request.uri().path() {
        "/echo" => {
            let line = format!("{} {}\n", request.method(), request.uri());
            let mut body = request.into_body();
            let text = body.str_contents().await?;
            Ok(Response::new(format!("{line}{text}").into()))
        }
        "/store" => {
            let greeting = KvStore::open("data")?.get_text("greeting")?;
            let visits = Cache::incr("visits", 1)?;
            Ok(Response::new(format!("{greeting:?} {visits}").into()))
        }
        "/error" => Err(Error::msg("the password is hunter2")),
        "/sleep" => {
            println!("sleeping");
            Timer::after(Duration::from_millis(argument.parse()?))
                .wait()
                .await;
            Ok(Response::new("slept".to_owned().into()))
        }
        "/send" => {
            let url = request.headers().get("x-url").ok_or(Error::msg("x-url"))?;
            let outbound = Request::get(url.to_str()?).body(Body::empty())?;
            let answer = Client::new().send(outbound).await;
            let text = match answer {
                Ok(response) => {
                    let status = response.status().as_u16();
                    let text = response.into_body().str_contents().await?.to_owned();
                    format!("{status} {text}")
                }
                Err(error) => format!("{error:#}"),
            };
            Ok(Response::new(text.into()))
        }
        "/random" => {
            let (mut bytes, map) = ([0; 16], std::collections::HashMap::from([(1, 1)]));
            wstd::rand::get_random_bytes(&mut bytes);
            // Hashing is seeded as well.
            let hash = map.hasher().hash_one(1);
            Ok(Response::new(format!("{bytes:?} {hash}").into()))
        }
        "/race" => {
            let outbound = Request::get("http://shop.example/price").body(Body::empty())?;
            let patience = Duration::from_millis(argument.parse()?);
            let client = Client::new();
            let text = match client.send(outbound).timeout(patience).await {
                Ok(response) => response?.into_body().str_contents().await?.to_owned(),
                Err(_) => "too late".to_owned(),
            };
            Ok(Response::new(text.into()))
        }
        "/sleepers" => {
            let woken = RefCell::new(Vec::new());
            let sleep = async |secs| {
                Timer::after(Duration::from_secs(secs)).wait().await;
                woken.borrow_mut().push(secs.to_string());
            };
            zip(sleep(3), zip(sleep(1), sleep(2))).await;
            let woken = woken.borrow().join(" ");
            Ok(Response::new(woken.into()))
        }
        "/spin" => loop {
            black_box(());
        },
        "/panic" => panic!("as asked"),
        "/body" => Ok(Response::new(vec![b'x'; argument.parse()?].into())),
        _ => Ok(Response::builder().status(404).body(Body::empty())?),
    }
}

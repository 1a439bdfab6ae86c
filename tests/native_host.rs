//! The seam in native builds: without a host, in parallel, on other threads, and in async tests.

use std::time::SystemTime;

use fastedge::http::{Body, Request, send_request};
use fastedge::{Cache, KvStore, cache, diagnostics, dictionary, secret};
use fastedge_mock_host::MockHost;

#[test]
fn without_a_host_every_call_says_how_to_install_one() {
    let errors = [
        KvStore::open("s").unwrap_err().to_string(),
        Cache::get("k").unwrap_err().to_string(),
        Cache::incr("k", 1).unwrap_err().to_string(),
        cache::Ttl::until_unix(1).unwrap_err().to_string(),
        secret::get("k").unwrap_err().to_string(),
        secret::get_effective_at("k", SystemTime::now())
            .unwrap_err()
            .to_string(),
        dictionary::get("k").unwrap_err().to_string(),
        diagnostics::set("label").unwrap_err().to_string(),
        send_request(Request::get("http://x/").body(Body::empty()).unwrap())
            .unwrap_err()
            .to_string(),
    ];
    for error in errors {
        assert!(
            error.contains("let _installed = edge.install();"),
            "{error}"
        );
        assert!(error.contains("two versions of fastedge-host"), "{error}");
    }
}

#[test]
fn a_store_stays_open_after_its_host_is_uninstalled() {
    let edge = MockHost::new().kv("s", |kv| kv.set("k", "v"));
    let store = edge.run(|| KvStore::open("s").unwrap());
    assert_eq!(store.get_text("k").unwrap().as_deref(), Some("v"));
}

#[test]
fn threads_do_not_see_each_others_host() {
    let threads: Vec<_> = (0..8)
        .map(|i| {
            std::thread::spawn(move || {
                let edge = MockHost::new().variable("THREAD", i.to_string());
                let _installed = edge.install();
                for n in 1..=200 {
                    assert_eq!(dictionary::get_parsed("THREAD").unwrap(), Some(i));
                    assert_eq!(Cache::incr("n", 1).unwrap(), n);
                    std::thread::yield_now();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn other_threads_install_the_tests_host_by_its_handle() {
    let edge = MockHost::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let host = edge.host();
            scope.spawn(move || {
                host.run(|| {
                    for _ in 0..100 {
                        Cache::incr("n", 1).unwrap();
                    }
                });
            });
        }
    });
    assert_eq!(edge.cache().get_text("n").as_deref(), Some("400"));
}

#[test]
fn a_thousand_fresh_hosts_are_cheap_and_empty() {
    for i in 0..1_000 {
        let edge = MockHost::new().kv("s", |kv| kv.set("k", i.to_string()));
        let _installed = edge.install();
        assert_eq!(Cache::incr("n", 1).unwrap(), 1);
        let store = KvStore::open("s").unwrap();
        assert_eq!(store.get_parsed("k").unwrap(), Some(i));
        assert_eq!(edge.calls().len(), 3);
    }
}

#[test]
fn a_scope_holds_in_async_code() {
    let edge = MockHost::new().variable("A", "1");
    let future = edge.scope(async {
        std::future::ready(()).await;
        dictionary::get("A").unwrap()
    });
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => assert_eq!(value.as_deref(), Some("1")),
        std::task::Poll::Pending => panic!("nothing to wait for"),
    }
    assert!(dictionary::get("A").is_err());
}

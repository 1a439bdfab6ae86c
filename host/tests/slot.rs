//! Installing hosts: nesting, threads, async, and what happens without one.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use fastedge_host::{Dictionary, Host, StandardInterfaces, current};

struct Named(&'static str);

impl Dictionary for Named {
    fn get(&self, _key: &str) -> Option<String> {
        Some(self.0.to_owned())
    }
}

fn host(name: &'static str) -> Host {
    Host::new(StandardInterfaces).with_dictionary(Named(name))
}

fn installed() -> Option<String> {
    current()
        .ok()
        .and_then(|host| host.dictionary().get("name"))
}

#[test]
fn the_latest_living_guard_wins_in_any_order_of_drops() {
    let outer = host("outer").install();
    let inner = host("inner").install();
    assert_eq!(installed().as_deref(), Some("inner"));
    drop(outer);
    assert_eq!(installed().as_deref(), Some("inner"));
    drop(inner);
    assert_eq!(installed(), None);
}

#[test]
fn a_nested_install_restores_the_outer_host_even_on_panic() {
    let _outer = host("outer").install();
    let panicked = std::panic::catch_unwind(|| host("inner").run(|| panic!("on purpose")));
    assert!(panicked.is_err());
    assert_eq!(installed().as_deref(), Some("outer"));
}

#[test]
fn another_thread_has_its_own_slot() {
    let outer = host("outer");
    let _installed = outer.install();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(installed(), None);
            outer.run(|| assert_eq!(installed().as_deref(), Some("outer")));
            assert_eq!(installed(), None);
        });
    });
}

#[test]
fn without_a_host_the_error_says_what_to_do() {
    let error = current().unwrap_err().to_string();
    assert!(error.contains("MockHost::new()"), "{error}");
    assert!(error.contains("two versions of fastedge-host"), "{error}");
}

struct Nothing;

impl Wake for Nothing {
    fn wake(self: Arc<Self>) {}
}

/// Is pending once, so that a second poll, from another thread, is needed.
struct Twice(bool);

impl Future for Twice {
    type Output = Option<String>;

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Self::Output> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(installed())
        } else {
            assert_eq!(installed().as_deref(), Some("async"));
            Poll::Pending
        }
    }
}

#[test]
fn a_scope_follows_its_future_from_thread_to_thread() {
    let mut future = Box::pin(host("async").scope(Twice(false)));
    let waker = Waker::from(Arc::new(Nothing));
    assert!(
        future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert_eq!(installed(), None);
    let answer = std::thread::spawn(move || {
        let waker = Waker::from(Arc::new(Nothing));
        future.as_mut().poll(&mut Context::from_waker(&waker))
    })
    .join()
    .unwrap();
    assert_eq!(answer, Poll::Ready(Some("async".to_owned())));
}

use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use fastedge_mock_host::{Answer, Fault, MockHost, Operation};

use super::*;

/// The platform's central side, as far as this app needs it: the value of the one key.
#[derive(Clone, Default)]
struct Central(Arc<Mutex<Option<String>>>);

impl Central {
    fn edge(&self) -> MockHost {
        let central = self.clone();
        MockHost::new()
            .kv("default", |kv| kv)
            .variable("STORE_ID", "7")
            .secret("API_TOKEN", "t0ken")
            .answer_with(move |request| {
                let entries: serde_json::Value =
                    serde_json::from_slice(request.body.as_deref().unwrap_or_default()).unwrap();
                assert_eq!(request.uri, "https://api.gcore.com/fastedge/v1/kv/7/data");
                assert_eq!(entries[0]["key"], "page_views");
                let value = entries[0]["payload"]["value"].as_str().unwrap();
                *central.0.lock().unwrap() = Some(value.to_owned());
                Ok(Answer::text(r#"{"write_count": 1, "revision": 1}"#).into())
            })
    }

    fn value(&self) -> Option<String> {
        self.0.lock().unwrap().clone()
    }

    fn replicate(&self, edge: &MockHost) {
        edge.write("default", |kv| match self.value() {
            Some(value) => kv.set("page_views", value),
            None => kv,
        });
    }
}

fn view() -> String {
    let response = main(Request::get("/").body(Body::empty()).unwrap()).unwrap();
    response.body().as_text().unwrap().to_owned()
}

#[test]
fn views_one_after_the_other_are_counted_before_they_are_replicated() {
    let central = Central::default();
    let edge = central.edge();
    let _installed = edge.install();
    assert_eq!(view(), "Page views: 1\n");
    assert_eq!(view(), "Page views: 2\n");
    assert_eq!(central.value().as_deref(), Some("2"));
    assert_eq!(edge.calls().requests_sent(), 2);
}

#[test]
fn views_at_the_same_time_are_lost() {
    let central = Central::default();
    let edge = central.edge();
    let both_have_read = Arc::new(Barrier::new(2));
    let waiting = both_have_read.clone();
    let inner = central.edge().host();
    // A request is answered once the other has been sent, so both have read the same count.
    let edge = edge.answer_with(move |request| {
        waiting.wait();
        inner.http_client().send_request(request.clone())
    });
    let viewers = [edge.clone(), edge].map(|edge| thread::spawn(move || edge.run(view)));
    for viewer in viewers {
        assert_eq!(viewer.join().unwrap(), "Page views: 1\n");
    }
    drop(both_have_read);
    assert_eq!(
        central.value().as_deref(),
        Some("1"),
        "two views, one counted"
    );
}

#[test]
fn two_busy_locations_write_over_each_other() {
    let central = Central::default();
    let locations = [central.edge(), central.edge()];
    for _ in 0..50 {
        for viewed in &locations {
            viewed.run(view);
            for location in &locations {
                central.replicate(location);
                location.clock().advance(Duration::from_secs(20));
            }
        }
    }
    assert_eq!(central.value().as_deref(), Some("51"), "of 100 views");
}

#[test]
fn a_page_is_shown_even_if_its_view_cannot_be_counted() {
    let central = Central::default();
    let edge = central.edge();
    let _installed = edge.install();
    assert_eq!(view(), "Page views: 1\n");
    edge.inject(Fault::on(Operation::SendRequest));
    assert_eq!(view(), "Page views: 1\n");
    edge.clear_faults();
    central.replicate(&edge);
    assert_eq!(view(), "Page views: 2\n");
}

#[test]
fn an_app_that_is_not_set_up_says_what_is_missing() {
    let request = || Request::get("/").body(Body::empty()).unwrap();
    let edge = MockHost::new().kv("default", |kv| kv);
    let error = edge.run(|| main(request()).unwrap_err());
    assert!(error.to_string().contains("STORE_ID"), "{error}");
    let edge = edge.variable("STORE_ID", "7");
    let error = edge.run(|| main(request()).unwrap_err());
    assert!(error.to_string().contains("API_TOKEN"), "{error}");
}

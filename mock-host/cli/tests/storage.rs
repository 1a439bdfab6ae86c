//! Edge Storage's data as a component decodes them.

mod common;

use common::{component, config, get, load, status_and_text};
use fastedge::bloom::Filter;
use fastedge_mock::wasm::Guest;
use fastedge_mock_host::central::Change;
use serde_json::{Value, json};

fn app() -> Guest {
    let (app, _) = load(&component("storage"), config(""));
    app
}

async fn ask(app: &Guest, path: &str) -> Value {
    let (status, text) = status_and_text(app.request(get(path)).await);
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The host's answer is one allocation a member, which is that of its bytes; the typed member is
/// made of it.
#[tokio::test]
async fn a_range_takes_at_most_one_allocation_a_member() {
    const MEMBERS: u64 = 10_000;
    let app = app();
    let members = (0..MEMBERS).map(|i| (i as f64, format!("{}", 1_000_000_000 + i).into_bytes()));
    let add = Change::AddMembers {
        key: "members".to_owned(),
        members: members.collect(),
    };
    app.config().edge.fill("data", &[add]).unwrap();
    for codec in ["bytes", "text", "numbers"] {
        let answer = ask(&app, &format!("/range/{codec}")).await;
        assert_eq!(answer["members"], MEMBERS, "{codec}");
        let allocations = answer["allocations"].as_u64().unwrap();
        println!("{codec}: {allocations} allocations");
        // Beside the members' own there are the lists that hold them.
        assert!(allocations <= MEMBERS + 5, "{codec}: {allocations}");
    }
}

#[tokio::test]
async fn a_bloom_filter_is_the_same_on_both_machines() {
    let vector = include_bytes!("../../../tests/data/bloom-v1.bin");
    let here = Filter::<str>::from_bytes(vector.as_slice()).unwrap();
    let others = (0..100_000).filter(|i| here.contains(&format!("other-{i}")));
    let expected = json!({
        "found": 500,
        "false_positives": others.count(),
        "same_bytes": true,
    });
    assert_eq!(ask(&app(), "/bloom").await, expected);
}

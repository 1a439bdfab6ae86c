//! The flags behind OpenFeature's own crate.
#![cfg(feature = "open-feature")]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use fastedge::KvStore;
use fastedge::flags::open_feature::FlagdProvider;
use fastedge_mock_host::MockHost;
use open_feature::{
    EvaluationContext, EvaluationContextFieldValue, EvaluationErrorCode, EvaluationReason,
    OpenFeature, StructValue,
};
use serde_json::json;

/// Nothing here waits for anything.
fn done<T>(task: impl Future<Output = T>) -> T {
    let mut task = pin!(task);
    match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the provider waits"),
    }
}

fn document() -> String {
    json!({
        "metadata": {"flagSetId": "shop"},
        "flags": {
            "on": {"state": "ENABLED", "variants": {"true": true, "false": false},
                "targeting": {"==": [{"var": "tenant.plan"}, "pro"]}},
            "size": {"state": "ENABLED", "variants": {"s": 5}, "defaultVariant": "s",
                "metadata": {"owner": "web", "n": 1.5, "ok": true}},
            "ratio": {"state": "ENABLED", "variants": {"h": 0.5}, "defaultVariant": "h"},
            "theme": {"state": "ENABLED", "variants": {"o": {"a": [1, "x", null], "b": {"c": 2.5}}},
                "defaultVariant": "o"},
            "user": {"state": "ENABLED", "variants": {"user-1": "one", "2026-01-01T00:00:00Z": "new year"},
                "targeting": {"if": [{"var": "when"}, {"var": "when"}, {"var": "targetingKey"}]}},
            "off": {"state": "DISABLED", "variants": {"a": "A"}, "defaultVariant": "a"},
            "bad": {"state": "ENABLED", "variants": {"a": "A"}, "defaultVariant": "b"}
        }
    })
    .to_string()
}

#[test]
fn flags_are_answered_in_the_crates_words() {
    let edge = MockHost::new().kv("config", |kv| kv.set("flags", document()));
    let _installed = edge.install();
    let provider = FlagdProvider::load(&KvStore::open("config").unwrap(), "flags").unwrap();
    done(async {
        let mut api = OpenFeature::default();
        api.set_provider(provider).await;
        let client = api.create_client();

        let tenant = EvaluationContextFieldValue::new_struct(json!({"plan": "pro"}));
        let context = EvaluationContext::default()
            .with_targeting_key("user-1")
            .with_custom_field("tenant", tenant);
        assert_eq!(
            client.get_bool_value("on", Some(&context), None).await,
            Ok(true)
        );
        assert_eq!(client.get_bool_value("on", None, None).await, Ok(false));
        assert_eq!(client.get_float_value("ratio", None, None).await, Ok(0.5));
        let user = client.get_string_value("user", Some(&context), None).await;
        assert_eq!(user.as_deref(), Ok("one"));

        let size = client.get_int_details("size", None, None).await.unwrap();
        assert_eq!((size.value, size.variant.as_deref()), (5, Some("s")));
        assert_eq!(size.reason, Some(EvaluationReason::Static));
        assert_eq!(size.flag_metadata.values.len(), 4);

        let theme: StructValue = client.get_struct_value("theme", None, None).await.unwrap();
        assert_eq!(theme.fields["a"].as_array().unwrap().len(), 2);
        assert_eq!(
            theme.fields["b"].as_struct().unwrap().fields["c"].as_f64(),
            Some(2.5)
        );

        for (key, code) in [
            ("none", EvaluationErrorCode::FlagNotFound),
            ("size", EvaluationErrorCode::TypeMismatch),
        ] {
            let error = client.get_bool_value(key, None, None).await.unwrap_err();
            assert_eq!(error.code, code, "{key}");
        }
        for key in ["off", "bad"] {
            let error = client.get_string_value(key, None, None).await.unwrap_err();
            assert!(
                matches!(error.code, EvaluationErrorCode::General(_)),
                "{key}"
            );
        }
    });
}

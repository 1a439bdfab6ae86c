//! Overrides: of tests, and of staff.

use std::time::{Duration, SystemTime};

use fastedge::flags::{ErrorCode, EvaluationContext, Flags, Overrides, Reason, StaffOverrides};
use fastedge::http::HeaderMap;
use fastedge_mock_host::MockHost;
use serde_json::json;

const KEY: &str = "0123456789abcdef";

fn flags() -> Flags {
    let document = json!({"flags": {
        "beta": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off"},
        "off": {"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"}
    }});
    Flags::from_json(document.to_string())
}

#[test]
fn overrides_come_before_what_the_document_says() {
    let overrides = Overrides::new()
        .variant("beta", "off")
        .variant("beta", "on")
        .variant("off", "on")
        .variant("missing", "on")
        .value("new", json!({"a": 1}));
    let flags = flags().with_overrides(overrides);
    let nobody = EvaluationContext::new();
    let beta = flags.bool_details("beta", false, &nobody);
    assert_eq!((beta.value, beta.reason), (true, Reason::Override));
    assert_eq!(beta.variant.as_deref(), Some("on"));
    assert!(flags.bool("off", false, &nobody));
    assert_eq!(flags.object("new", json!(null), &nobody), json!({"a": 1}));
    let missing = flags.bool_details("missing", false, &nobody);
    assert_eq!(missing.error_code, Some(ErrorCode::FlagNotFound));

    let flags = flags.with_overrides(Overrides::new().variant("beta", "purple").value("new", 7));
    let beta = flags.bool_details("beta", false, &nobody);
    assert_eq!(beta.error_code, Some(ErrorCode::General));
    assert_eq!(
        beta.error_message.unwrap(),
        "an override is `purple`, which is no variant"
    );
    assert_eq!(flags.int("new", 0, &nobody), 7);
    assert_eq!(
        flags.string_details("new", "", &nobody).error_code,
        Some(ErrorCode::TypeMismatch)
    );
}

fn headers(name: &'static str, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, value.parse().unwrap());
    headers
}

#[test]
fn staff_bring_what_is_signed_and_has_not_ended() {
    let edge = MockHost::new().secret("FLAGS_KEY", KEY);
    let _installed = edge.install();
    let staff = StaffOverrides::new("FLAGS_KEY");
    let hour = fastedge::clock::now().unwrap() + Duration::from_secs(3600);
    let wanted = Overrides::new()
        .variant("beta", "on")
        .variant("a.b&c=d é", "x y");
    let signed = StaffOverrides::sign(&wanted, KEY, hour).unwrap();
    let of = |headers: &HeaderMap| staff.of(headers).unwrap();

    assert_eq!(of(&headers("x-flags", &signed)), wanted);
    assert_eq!(
        of(&headers(
            "cookie",
            &format!("a=b; __Host-flags={signed}; c=d")
        )),
        wanted
    );
    assert!(of(&HeaderMap::new()).is_empty());
    let flags = flags().with_overrides(of(&headers("x-flags", &signed)));
    assert!(flags.bool("beta", false, &EvaluationContext::new()));

    // Any byte that is changed, and any other secret.
    for at in 0..signed.len() {
        let mut forged = signed.clone().into_bytes();
        forged[at] = if forged[at] == b'x' { b'y' } else { b'x' };
        let forged = String::from_utf8(forged).unwrap();
        assert!(of(&headers("x-flags", &forged)).is_empty(), "{forged}");
    }
    let other = StaffOverrides::sign(&wanted, "another secret 1", hour).unwrap();
    assert!(of(&headers("x-flags", &other)).is_empty());
    for garbage in [
        "",
        ".",
        "..",
        "a=b",
        "a=b.c.d",
        "%ff=a.99999999999999999999.AAAA",
    ] {
        assert!(of(&headers("x-flags", garbage)).is_empty());
    }
    // A wrong header does not hide a good cookie.
    let mut both = headers("x-flags", &other);
    both.insert("cookie", format!("__Host-flags={signed}").parse().unwrap());
    assert_eq!(of(&both), wanted);

    edge.clock().advance(Duration::from_secs(3600));
    assert!(of(&headers("x-flags", &signed)).is_empty());
}

#[test]
fn secrets_that_can_be_guessed_sign_nothing() {
    let edge = MockHost::new().secret("SHORT", "0123456789");
    let _installed = edge.install();
    let some = Overrides::new().variant("beta", "on");
    let now = SystemTime::now();
    let error = StaffOverrides::sign(&some, "0123456789", now).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the secret that signs overrides has 10 bytes: take 32 random ones, or 16 at least"
    );
    assert!(StaffOverrides::sign(&Overrides::new().value("a", 1), KEY, now).is_err());

    let mixed = some.clone().value("a", 1);
    assert!(
        StaffOverrides::sign(&mixed, KEY, now).is_err(),
        "half of them would be lost"
    );

    let signed = StaffOverrides::sign(&some, KEY, now).unwrap();
    assert!(
        StaffOverrides::new("SHORT")
            .of(&headers("x-flags", &signed))
            .is_err()
    );
    assert!(
        StaffOverrides::new("NONE")
            .of(&headers("x-flags", &signed))
            .unwrap()
            .is_empty()
    );
    edge.clear_calls();
    assert!(
        StaffOverrides::new("SHORT")
            .of(&HeaderMap::new())
            .unwrap()
            .is_empty()
    );
    assert_eq!(edge.calls().len(), 0);
}

//! Feature flags.

use fastedge::KvStore;
use fastedge::flags::{
    self, EvaluationContext, Flags, KillSwitch, StaffOverrides, Visitor, json_logic,
};
use fastedge::http::{Body, Request};
use fastedge_mock_host::MockHost;
use serde_json::{Value, json};

use crate::{halves, header_lines};

/// A document and a context.
pub(crate) fn document(data: &[u8]) {
    let (document, context) = halves(data);
    let context = serde_json::from_slice::<Value>(context).ok();
    let context = context.and_then(EvaluationContext::from_json);
    let context = context.unwrap_or_default().with_targeting_key("u");
    let flags = Flags::from_json(document);
    flags.bool("a", false, &context);
    flags.string_details("a", "", &context);
    flags.int_details("b", 1, &context);
    flags.float_details("b", 1.0, &context);
    flags.object_details("c", json!({}), &context);
    flags.all(&context).to_script();
    if let Ok(minified) = flags::minify(document) {
        // White space makes no difference.
        let small = Flags::from_json(minified);
        assert_eq!(
            small.object_details("a", Value::Null, &context).value,
            flags.object_details("a", Value::Null, &context).value
        );
    }
    let _packed = flags::pack("p", document);
}

/// A rule and its data.
pub(crate) fn json_logic(data: &[u8]) {
    let (rule, data) = halves(data);
    let Ok(rule) = str::from_utf8(rule) else {
        return;
    };
    let data = serde_json::from_slice(data).unwrap_or(Value::Null);
    let _result = json_logic::apply(rule, &data);
}

/// What requests say of visitors, and of what they are to see.
pub(crate) fn headers(data: &[u8]) {
    let edge = MockHost::new().secret("KEY", "0123456789abcdef0123456789abcdef");
    let _installed = edge.install();
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = header_lines(data);
    let context = EvaluationContext::from_request(&request);
    let _with = context.with_cookie(request.headers(), "beta");
    let _visitor = Visitor::of(request.headers());
    let _overrides = StaffOverrides::new("KEY").of(request.headers());
}

/// The flags that are killed.
pub(crate) fn kill_switch(data: &[u8]) {
    let members: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let edge = MockHost::new().kv("config", |kv| {
        kv.sorted_set("killed", members.iter().map(|member| (1.0, *member)))
    });
    let _installed = edge.install();
    let Ok(store) = KvStore::open("config") else {
        panic!("the store is linked");
    };
    if let Ok(killed) = KillSwitch::read(&store, "killed") {
        killed.is_killed("a");
    }
}

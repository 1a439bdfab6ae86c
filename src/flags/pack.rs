//! Documents as they are published: small, and in the second layout a key for each flag.

use super::details::Fault;
use super::json::{Cursor, Kind, NotJson, validated};
use super::source::Document;
use crate::key::{LimitError, check_key, check_value};

/// A key and the value for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Packed {
    /// The key in the store.
    pub key: String,
    /// The value: a document with one flag.
    pub value: Vec<u8>,
}

/// Why a document cannot be published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// It is not JSON, or a flag in it refers to a rule that is not there.
    #[error("{0}")]
    Malformed(String),
    /// A key or a value is too large for the platform.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

/// Makes a document into one for each flag, with the rules of `$evaluators` that it refers to and the set's
/// metadata: the layout that [`Flags::per_key`](super::Flags::per_key) reads. The keys are
/// `<prefix>:<flag's key>`.
///
/// Each value is a document of flagd by itself. Keys are replicated one by one: what changes in several flags,
/// is not seen at one moment.
///
/// # Errors
///
/// [`PackError`], if the document is no JSON, a flag in it refers to a rule that is not there, or something in it
/// is too large. What else can be wrong with a flag, `fastedge-mock flags lint` finds.
///
/// ```
/// use fastedge::KvStore;
/// use fastedge::flags::{self, EvaluationContext, Flags};
/// # use fastedge_mock_host::MockHost;
///
/// let packed = flags::pack("flags", br#"{
///     "flags": {"beta": {"state": "ENABLED", "variants": {"on": true, "off": false},
///                        "defaultVariant": "off", "targeting": {"if": [{"$ref": "staff"}, "on"]}}},
///     "$evaluators": {"staff": {"ends_with": [{"var": "email"}, "@example.com"]}}
/// }"#)?;
/// assert_eq!(packed[0].key, "flags:beta");
///
/// let edge = MockHost::new().kv("config", |kv| kv.set(&packed[0].key, &*packed[0].value));
/// let _installed = edge.install();
/// let store = KvStore::open("config")?;
/// let ann = EvaluationContext::new().with("email", "ann@example.com");
/// assert!(Flags::per_key(&store, "flags").bool("beta", false, &ann));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn pack(prefix: &str, document: &[u8]) -> Result<Vec<Packed>, PackError> {
    validated(document).map_err(Fault::from)?;
    let document = Document::new(document.to_vec());
    let metadata = document.metadata_text()?;
    let mut all = Vec::new();
    let (flags, broken) = document.all();
    if let Some(broken) = broken {
        return Err(broken.into());
    }
    for (flag, definition) in flags {
        let value = alone(&document, &flag, definition?, metadata).map_err(|fault| {
            let reason = fault.into_message();
            PackError::Malformed(format!("flag `{flag}`: {reason}"))
        })?;
        let key = key_of(prefix, &flag);
        check_key(&key)?;
        let value = without_blanks(&value);
        check_value(&key, &value)?;
        all.push(Packed { key, value });
    }
    Ok(all)
}

/// A document of one flag, with the rules that it refers to.
fn alone(
    document: &Document,
    flag: &str,
    definition: &str,
    metadata: Option<&str>,
) -> Result<String, Fault> {
    let mut rules = Vec::new();
    if let Some(mut targeting) = Cursor::new(definition).member("targeting")? {
        references(&mut targeting, &mut rules)?;
    }
    let mut value = String::from("{");
    if let Some(metadata) = metadata {
        value += &format!("\"metadata\":{metadata},");
    }
    if !rules.is_empty() {
        let mut members = Vec::new();
        for rule in rules {
            members.push(format!(
                "{}:{}",
                quoted(&rule),
                document.evaluator(&rule)?.0
            ));
        }
        value += &format!("\"$evaluators\":{{{}}},", members.join(","));
    }
    value += &format!("\"flags\":{{{}:{definition}}}}}", quoted(flag));
    Ok(value)
}

/// A document without the white space that nobody needs. All else stays as it is written.
///
/// # Errors
///
/// [`PackError::Malformed`], if it is not JSON.
///
/// ```
/// let minified = fastedge::flags::minify(b"{ \"flags\" : {\n} }")?;
/// assert_eq!(minified, b"{\"flags\":{}}");
/// # Ok::<(), fastedge::flags::PackError>(())
/// ```
pub fn minify(document: &[u8]) -> Result<Vec<u8>, PackError> {
    Ok(without_blanks(validated(document).map_err(Fault::from)?))
}

/// The key of a flag.
pub(super) fn key_of(prefix: &str, flag: &str) -> String {
    format!("{prefix}:{flag}")
}

fn without_blanks(json: &str) -> Vec<u8> {
    let (mut in_text, mut escaped) = (false, false);
    let keep = |byte: &u8| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ => {}
        }
        in_text || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
    };
    json.bytes().filter(keep).collect()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The names of the rules that a value refers to, each once.
fn references(cursor: &mut Cursor<'_>, names: &mut Vec<String>) -> Result<(), NotJson> {
    let is_object = match cursor.kind()? {
        Kind::Object => true,
        Kind::Array => false,
        _ => return cursor.skip(),
    };
    let mut more = cursor.enter()?;
    while more {
        if is_object && cursor.key()? == "$ref" && cursor.kind()? == Kind::String {
            let name = cursor.string()?.into_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        } else {
            references(cursor, names)?;
        }
        more = cursor.next()?;
    }
    Ok(())
}

impl From<Fault> for PackError {
    fn from(fault: Fault) -> Self {
        PackError::Malformed(fault.into_message())
    }
}

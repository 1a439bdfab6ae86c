//! Structured fields (RFC 9651).

use std::fmt::Write;

/// A string: printable ASCII in quotes. What is not ASCII is percent-encoded.
pub(super) fn string(text: &str) -> String {
    let mut string = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => string.extend(['\\', char::from(byte)]),
            b' '..=b'~' => string.push(byte.into()),
            _ => {
                // Writing to a `String` does not fail.
                let _infallible = write!(string, "%{byte:02X}");
            }
        }
    }
    string.push('"');
    string
}

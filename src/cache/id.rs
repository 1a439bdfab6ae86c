//! Whom or what an entry is about.

use std::fmt::{self, Display, Write};
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Longer texts become their SHA-256 in a key: a namespace, a name and an id are less than 256 bytes
/// together, with all that stands between them.
const LONGEST_IN_A_KEY: usize = 64;

/// Whom or what a limit, a claim or a counter is about: a client's address, an account, a path, or
/// several of them in a tuple.
///
/// Ids that differ make keys that differ: parts are kept apart by `:`, which is percent-encoded
/// within them, and what is longer than 64 bytes is hashed (SHA-256). Keys stay legible otherwise.
/// An id stands in the cache's keys, and in the errors that name them: what is secret, such as an API key, goes in
/// as [`Hashed`], as may whatever implements [`Hash`]. `()` is the id of what there is one of.
///
/// ```
/// use fastedge::cache::{Cache, Id, Once, Ttl};
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let seen = Once::new("shop:seen", Ttl::secs(60)?);
/// assert!(seen.is_first(("a:b", "c"))?);
/// assert!(seen.is_first(("a", "b:c"))?);
/// assert!(!seen.is_first(("a", "b:c"))?);
///
/// // One's own type:
/// struct Account(u64);
/// impl Id for Account {
///     fn write_to(&self, id: &mut fastedge::cache::IdWriter<'_>) {
///         id.part(self.0);
///     }
/// }
/// assert!(seen.is_first(Account(7))?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Id {
    /// Writes the parts of the id.
    fn write_to(&self, id: &mut IdWriter<'_>);
}

/// Collects the parts of an [`Id`].
#[derive(Debug)]
pub struct IdWriter<'a> {
    text: &'a mut String,
}

impl IdWriter<'_> {
    /// Appends a part.
    pub fn part(&mut self, part: impl Display) {
        self.write(format_args!("{part}"));
    }

    fn write(&mut self, part: fmt::Arguments<'_>) {
        self.separate();
        let start = self.text.len();
        // Writing to a `String` does not fail; a `Display` that does leaves its part short.
        let _infallible = Escaped(self.text).write_fmt(part);
        if self.text.len() == start {
            self.mark("");
        }
    }

    /// Appends a part that no text is: text has two digits after `%`.
    fn marker(&mut self, marker: &str) {
        self.separate();
        self.mark(marker);
    }

    fn mark(&mut self, marker: &str) {
        self.text.push('%');
        self.text.push_str(marker);
    }

    fn separate(&mut self) {
        if !self.text.is_empty() {
            self.text.push(':');
        }
    }
}

/// What stands for an id in a key.
pub(super) fn subject(id: &dyn Id) -> String {
    let mut text = String::with_capacity(LONGEST_IN_A_KEY);
    id.write_to(&mut IdWriter { text: &mut text });
    if text.len() > LONGEST_IN_A_KEY {
        return format!("~{}", digest(text.as_bytes()));
    }
    text
}

/// What stands for a name in a key, where that is not the name itself: legible from its beginning, which
/// the platform's tools and `purge-prefix` look at. A name's own `:` stay.
pub(super) fn name(text: &str) -> Option<String> {
    if text.len() <= LONGEST_IN_A_KEY && !text.bytes().any(|byte| is_special(byte) && byte != b':')
    {
        return None;
    }
    let mut name = String::with_capacity(text.len());
    for part in text.split_inclusive(':') {
        let (part, separator) = match part.strip_suffix(':') {
            Some(part) => (part, ":"),
            None => (part, ""),
        };
        // Writing to a `String` does not fail.
        let _infallible = Escaped(&mut name).write_str(part);
        name.push_str(separator);
    }
    if name.len() > LONGEST_IN_A_KEY {
        let digest = digest(name.as_bytes());
        let longest = LONGEST_IN_A_KEY - digest.len() - 1;
        let cut = (0..=longest).rev().find(|at| name.is_char_boundary(*at));
        name.truncate(cut.unwrap_or(0));
        name.push('~');
        name.push_str(&digest);
    }
    Some(name)
}

/// SHA-256, as 43 characters that stand in a key as they are.
pub(super) fn digest(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

/// Percent-encodes what separates the parts of keys, and what makes them hard to read.
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, mut text: &str) -> fmt::Result {
        // Special characters are few, and all of them ASCII: what is between them is copied at once.
        while let Some(at) = text.bytes().position(is_special) {
            let (plain, rest) = text.split_at(at);
            self.0.push_str(plain);
            let mut characters = rest.chars();
            if let Some(special) = characters.next() {
                write!(self.0, "%{:02X}", u32::from(special))?;
            }
            text = characters.as_str();
        }
        self.0.push_str(text);
        Ok(())
    }
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'%' | b':' | b'#' | b'~' | b'\0'..=b' ' | 0x7f)
}

/// An id of whatever implements [`Hash`]: its SHA-256. That of two values is the same if they say the
/// same to a [`Hasher`], as equal ones do, and practically only then.
///
/// ```
/// use fastedge::cache::{Hashed, Once, Ttl};
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// #[derive(Hash)]
/// struct Order { shop: String, number: u64 }
///
/// let order = Order { shop: "tea".to_owned(), number: 7 };
/// assert!(Once::new("shop:orders", Ttl::secs(60)?).is_first(Hashed(&order))?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Hashed<T>(pub T);

impl<T: Hash> Id for Hashed<T> {
    fn write_to(&self, id: &mut IdWriter<'_>) {
        let mut hasher = Sha256Hasher(Sha256::new());
        self.0.hash(&mut hasher);
        id.part(URL_SAFE_NO_PAD.encode(hasher.0.finalize()));
    }
}

/// Collects what a value says of itself. A `usize` is as wide on every machine.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_i64(number as i64);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        let (first, _) = digest.split_at(size_of::<u64>());
        first
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

macro_rules! id_by_its_text {
    ($($type:ty),*) => {
        $(impl Id for $type {
            fn write_to(&self, id: &mut IdWriter<'_>) {
                id.part(self);
            }
        })*
    };
}

id_by_its_text!(
    str, String, bool, char, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize,
    IpAddr, Ipv4Addr, Ipv6Addr
);

impl Id for () {
    fn write_to(&self, _id: &mut IdWriter<'_>) {}
}

impl<T: Id + ?Sized> Id for &T {
    fn write_to(&self, id: &mut IdWriter<'_>) {
        (**self).write_to(id);
    }
}

impl<T: Id> Id for Option<T> {
    fn write_to(&self, id: &mut IdWriter<'_>) {
        match self {
            None => id.marker("-"),
            Some(some) => {
                id.marker("+");
                some.write_to(id);
            }
        }
    }
}

impl<T: Id> Id for [T] {
    fn write_to(&self, id: &mut IdWriter<'_>) {
        id.marker(&format!("[{}", self.len()));
        self.iter().for_each(|item| item.write_to(id));
    }
}

impl<T: Id> Id for Vec<T> {
    fn write_to(&self, id: &mut IdWriter<'_>) {
        self.as_slice().write_to(id);
    }
}

impl<T: Id, const N: usize> Id for [T; N] {
    fn write_to(&self, id: &mut IdWriter<'_>) {
        self.as_slice().write_to(id);
    }
}

macro_rules! id_of_parts {
    ($($name:ident)+) => {
        impl<$($name: Id),+> Id for ($($name,)+) {
            fn write_to(&self, id: &mut IdWriter<'_>) {
                #[allow(non_snake_case, reason = "the parts are named as their types")]
                let ($($name,)+) = self;
                $($name.write_to(id);)+
            }
        }
    };
}

id_of_parts!(A);
id_of_parts!(A B);
id_of_parts!(A B C);
id_of_parts!(A B C D);
id_of_parts!(A B C D E);
id_of_parts!(A B C D E F);

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn different_parts_make_different_subjects() {
        let texts = [
            "", "a", ":", "%", "%3A", "a:", ":a", "#", "~", "%-", "%+", " ", "3A", "ü",
        ];
        let mut seen = HashMap::new();
        for a in texts {
            for b in texts {
                for c in texts {
                    let parts = (a, b, c);
                    if let Some(former) = seen.insert(subject(&parts), parts) {
                        panic!("{former:?} and {parts:?} are one subject");
                    }
                }
            }
        }
        let nested: [&dyn Id; 9] = [
            &(Some("a"), None::<&str>),
            &(None::<&str>, Some("a")),
            &(vec!["a"], vec!["b", "c"]),
            &(vec!["a", "b"], vec!["c"]),
            &Some(None::<&str>),
            &None::<Option<&str>>,
            &Some(""),
            &"",
            &(),
        ];
        let subjects: std::collections::BTreeSet<_> = nested.into_iter().map(subject).collect();
        assert_eq!(subjects.len(), nested.len(), "{subjects:?}");
    }

    #[test]
    fn short_ids_are_legible_and_long_ones_are_short() {
        let address: IpAddr = "203.0.113.7".parse().unwrap();
        assert_eq!(subject(&address), "203.0.113.7");
        assert_eq!(subject(&(&address, "GET", 7)), "203.0.113.7:GET:7");
        assert_eq!(subject(&"a b\n:"), "a%20b%0A%3A");
        let long = "x".repeat(10_000);
        assert_eq!(subject(&long).len(), 44);
        assert_ne!(subject(&long), subject(&"x".repeat(10_001)));
        // A text cannot pass for the hash of another one.
        assert_ne!(subject(&subject(&long)), subject(&long));
    }

    #[test]
    fn names_keep_their_beginning() {
        assert_eq!(name("shop:api"), None);
        assert_eq!(name("shop::#1:").unwrap(), "shop::%231:");
        let long = |times| name(&"shop:ü".repeat(times)).unwrap();
        let (long, longer) = (long(40), long(41));
        assert!(long.starts_with("shop:ü") && long.len() <= LONGEST_IN_A_KEY);
        assert_ne!(long, longer);
    }

    #[test]
    fn hashed_ids_are_the_same_on_every_machine() {
        let hashed = subject(&Hashed(("a", 7_usize, [1_u8, 2])));
        // Of the bytes 'a' 0xff, 7 in 64 bits, the length 2 in 64 bits, 1, 2: little-endian.
        let bytes = [b"a\xff\x07\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x01\x02".as_slice()];
        assert_eq!(hashed, digest(&bytes.concat()));
        assert_ne!(subject(&Hashed(("a", "bc"))), subject(&Hashed(("ab", "c"))));
    }
}

//! Paths: segments, as RFC 3986 normalises them.

/// So many bytes of a path count. Prefixes in lists are no longer.
pub const MAX_PATH_BYTES: usize = 1024;

/// One more, so that a longer path is told from one that ends there.
const KEPT: usize = MAX_PATH_BYTES + 1;

/// A path as it is in a list: its segments, each with a zero before it.
///
/// The query and the fragment are not part of it. Characters that a segment may have are decoded where they are encoded
/// (`%61`), other bytes are encoded, with digits in upper case. A backslash and encoded slashes (`%2F`, `%5C`) separate
/// segments as `/` does: what some servers take for one is not a way around a list. Then empty segments are left out (`//`,
/// and a slash at the end), and dot segments are resolved, as RFC 3986 (5.2.4) says. Letters are told from each other by
/// case, and parameters (`;a=b`) are part of their segment.
///
/// Servers do not agree on what `/a//../b` is: those that leave out empty segments first (as nginx does, and this) take it for
/// `/b`, and RFC 3986 for `/a/b`. Where the server behind is of the other sort, turn such paths away.
#[derive(Clone, Copy, Debug)]
pub struct PathKey {
    bytes: [u8; KEPT],
    length: usize,
}

impl PathKey {
    /// The key of a path. Of a longer one it has the first 1,025 bytes, as normalised.
    ///
    /// ```
    /// use fastedge::blocklist::canonical::PathKey;
    ///
    /// assert_eq!(PathKey::new("/admin/../%61pi//v1/?x=1").as_bytes(), b"\0api\0v1");
    /// assert_eq!(PathKey::new("/").as_bytes(), b"");
    /// ```
    pub fn new(path: &str) -> Self {
        let mut key = PathKey {
            bytes: [0; KEPT],
            length: 0,
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        match normalise(path, &mut key.bytes) {
            Some(length) => key.length = length,
            None => key.take_long(path),
        }
        key
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The path that a key is of.
    pub fn to_path(key: &[u8]) -> String {
        match key {
            [] => "/".to_owned(),
            key => String::from_utf8_lossy(key).replace('\0', "/"),
        }
    }

    /// A path that has no room here as long as it is not normalised.
    #[cold]
    fn take_long(&mut self, path: &str) {
        // A byte is encoded as three, and the first segment may lack the slash before it.
        let mut room = vec![0; path.len() * 3 + 2];
        let length = normalise(path, &mut room).unwrap_or_default();
        self.length = length.min(KEPT);
        for (byte, long) in self.bytes.iter_mut().zip(room) {
            *byte = long;
        }
    }
}

/// Writes the segments of a path, and answers how long they are; `None` if they do not fit.
fn normalise(path: &str, room: &mut [u8]) -> Option<usize> {
    let mut out = Out { room, length: 0 };
    let mut rest = path.as_bytes();
    loop {
        let start = out.length;
        out.add(0)?;
        let is_last = out.add_segment(&mut rest)?;
        match out.room.get(start + 1..out.length)? {
            [] | [b'.'] => out.length = start,
            [b'.', b'.'] => {
                let before = out.room.get(..start)?;
                out.length = before.iter().rposition(|&byte| byte == 0).unwrap_or(0);
            }
            _ => {}
        }
        if is_last {
            return Some(out.length);
        }
    }
}

struct Out<'a> {
    room: &'a mut [u8],
    length: usize,
}

impl Out<'_> {
    /// Writes what comes before the next separator. Whether there is none.
    fn add_segment(&mut self, rest: &mut &[u8]) -> Option<bool> {
        loop {
            let byte = match **rest {
                [] => return Some(true),
                [b'%', high, low, ref after @ ..]
                    if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
                {
                    *rest = after;
                    digit(high) << 4 | digit(low)
                }
                // A percent sign that encodes nothing.
                [b'%', ref after @ ..] => {
                    *rest = after;
                    self.add_encoded(b'%')?;
                    continue;
                }
                [byte, ref after @ ..] => {
                    *rest = after;
                    byte
                }
            };
            match byte {
                b'/' | b'\\' => return Some(false),
                b'-' | b'.' | b'_' | b'~' => self.add(byte)?,
                _ if byte.is_ascii_alphanumeric() || b"!$&'()*+,;=:@".contains(&byte) => {
                    self.add(byte)?;
                }
                _ => self.add_encoded(byte)?,
            }
        }
    }

    fn add_encoded(&mut self, byte: u8) -> Option<()> {
        self.add(b'%')?;
        for number in [byte >> 4, byte & 15] {
            self.add(b"0123456789ABCDEF".get(usize::from(number)).copied()?)?;
        }
        Some(())
    }

    fn add(&mut self, byte: u8) -> Option<()> {
        *self.room.get_mut(self.length)? = byte;
        self.length += 1;
        Some(())
    }
}

fn digit(digit: u8) -> u8 {
    char::from(digit).to_digit(16).unwrap_or_default() as u8
}

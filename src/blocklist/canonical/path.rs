//! Paths: segments, as RFC 3986 normalises them.

/// So many bytes of a path count. Prefixes in lists are no longer.
pub const MAX_PATH_BYTES: usize = 1024;

/// One more, so that a longer path is told from one that ends there.
const KEPT: usize = MAX_PATH_BYTES + 1;

/// A path as it is in a list: its segments, each with a zero before it.
///
/// The query and the fragment are not part of it. Empty segments are left out first (`//`, and a slash at the end),
/// then dot segments are resolved, as RFC 3986 (5.2.4) says. Unreserved characters that are encoded (`%61`) are
/// decoded, the digits of other encodings are in upper case, and bytes that a path may not have are encoded.
/// Letters are told from each other by case.
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
        // A byte is encoded as three, and a segment may lack the slash before it.
        let mut room = vec![0; path.len() * 3 + 1];
        let length = normalise(path, &mut room).unwrap_or_default();
        self.length = length.min(KEPT);
        for (byte, long) in self.bytes.iter_mut().zip(room) {
            *byte = long;
        }
    }
}

/// Writes the segments of a path, and answers how long they are; `None` if they do not fit.
fn normalise(path: &str, room: &mut [u8]) -> Option<usize> {
    let mut length = 0;
    for segment in path.split('/') {
        match dots(segment) {
            _ if segment.is_empty() => {}
            Some(1) => {}
            Some(_) => {
                let written = room.get(..length)?;
                length = written.iter().rposition(|&byte| byte == 0).unwrap_or(0);
            }
            None => {
                let mut out = Out { room, length };
                out.add(0)?;
                out.add_segment(segment)?;
                length = out.length;
            }
        }
    }
    Some(length)
}

struct Out<'a> {
    room: &'a mut [u8],
    length: usize,
}

impl Out<'_> {
    fn add_segment(&mut self, segment: &str) -> Option<()> {
        let mut rest = segment.as_bytes();
        while let [byte, after @ ..] = rest {
            rest = after;
            match (byte, after) {
                (b'%', [high, low, after @ ..])
                    if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
                {
                    rest = after;
                    match digit(*high) << 4 | digit(*low) {
                        byte if is_unreserved(byte) => self.add(byte)?,
                        byte => self.add_encoded(byte)?,
                    }
                }
                (&byte, _) if is_unreserved(byte) || b"!$&'()*+,;=:@".contains(&byte) => {
                    self.add(byte)?;
                }
                (&byte, _) => self.add_encoded(byte)?,
            }
        }
        Some(())
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

/// How many dots a segment is, one or two, encoded or not.
fn dots(segment: &str) -> Option<usize> {
    let mut rest = segment.as_bytes();
    let mut count = 0;
    while !rest.is_empty() {
        match rest {
            [b'.', after @ ..] | [b'%', b'2', b'e' | b'E', after @ ..] => rest = after,
            _ => return None,
        }
        count += 1;
    }
    (1..=2).contains(&count).then_some(count)
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn digit(digit: u8) -> u8 {
    char::from(digit).to_digit(16).unwrap_or_default() as u8
}

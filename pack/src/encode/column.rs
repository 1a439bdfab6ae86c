//! Keys without what all of them share.

/// Writes sorted keys as a column.
pub(crate) fn write_column(keys: &[Vec<u8>], body: &mut Vec<u8>) {
    let (shared, end) = span(keys.iter().map(Vec::as_slice));
    let width = end - shared;
    body.extend([shared as u8, width as u8, 0, 0]);
    body.extend((keys.len() as u32).to_le_bytes());
    let first = keys.first().map(Vec::as_slice).unwrap_or_default();
    body.extend(first.iter().take(shared));
    for key in keys {
        let stored = key.iter().skip(shared).chain(std::iter::repeat(&0));
        body.extend(stored.take(width));
    }
}

/// Which bytes tell keys from each other: all share those before, and have zeros after.
fn span<'k>(keys: impl Iterator<Item = &'k [u8]>) -> (usize, usize) {
    let mut span = Span::default();
    keys.for_each(|key| span.add(key));
    (span.shared, span.end)
}

/// The same, key by key.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    former: Option<[u8; 16]>,
    shared: usize,
    end: usize,
    count: usize,
}

impl Span {
    /// How many bytes the keys take.
    pub(crate) fn bytes(&self) -> usize {
        self.shared + (self.end - self.shared) * self.count
    }

    pub(crate) fn add(&mut self, key: &[u8]) {
        let mut full = [0; 16];
        for (byte, of_key) in full.iter_mut().zip(key) {
            *byte = *of_key;
        }
        let end = full
            .iter()
            .rposition(|&byte| byte != 0)
            .map_or(0, |last| last + 1);
        self.end = self.end.max(end);
        match self.former {
            None => self.shared = self.end,
            Some(former) => {
                let same = former
                    .iter()
                    .zip(&full)
                    .take_while(|(one, other)| one == other);
                self.shared = self.shared.min(same.count());
            }
        }
        self.end = self.end.max(self.shared);
        self.former = Some(full);
        self.count += 1;
    }
}

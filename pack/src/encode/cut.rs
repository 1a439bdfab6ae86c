//! Where a shard ends and the next begins.
//!
//! Shards are cut where the hash of an entry's key says so, between a half and the whole of the most that they may have. So an
//! entry that comes in or goes changes the shard that it is in, and those behind it only up to the next place where the
//! hash cuts: of a list that changes a little, most shards stay as they are. Addresses are cut between /24 and /64 networks,
//! as far as that is possible, so that fences are short.

use fastedge::blocklist::format::{HEADER_BYTES, Layout, hash};

use super::SHARD_BYTES;

/// Makes bodies of entries, which come in order.
pub(crate) trait Encoder {
    type Entry<'e>;

    const LAYOUT: Layout;

    /// So many bytes of keys tell neighbours from each other, mostly: shards are cut where they do.
    const SHORT_FENCE: usize = usize::MAX;

    /// How many bytes a body without entries has.
    fn fixed(&self) -> usize;

    /// How many bytes this entry would add.
    fn cost(&self, entry: &Self::Entry<'_>) -> usize;

    /// Whether this entry can be added at all.
    fn has_room(&self) -> bool;

    fn push(&mut self, entry: Self::Entry<'_>);

    /// The key of an entry, by which shards are found.
    fn key(entry: &Self::Entry<'_>) -> Vec<u8>;

    /// The last key that an entry covers.
    fn last_key(entry: &Self::Entry<'_>) -> Vec<u8>;

    /// The entry with which a shard begins that is cut off before an entry, if the entries before it reach on into it.
    fn carried_over(&self) -> bool {
        false
    }

    /// Writes what has been pushed, and begins anew.
    fn finish(&mut self) -> Vec<u8>;
}

/// A body of a section: the whole of it, or a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    /// Where it begins: no entry of the bodies before is at it or after it.
    pub(crate) fence: Vec<u8>,
    pub(crate) entries: u32,
    pub(crate) bytes: Vec<u8>,
}

/// The bodies of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    pub(crate) layout: Layout,
    pub(crate) bodies: Vec<Body>,
}

/// Makes the bodies of a section: one if that has no more than so many bytes, or shards.
pub(crate) fn cut<E: Encoder>(
    encoder: &mut E,
    inline: usize,
    each: impl Fn(&mut dyn FnMut(E::Entry<'_>)),
) -> Layer {
    let mut bodies = cut_at(encoder, SHARD_BYTES[0], &each);
    let total: usize = bodies.iter().map(|body| body.bytes.len()).sum();
    if total <= inline && bodies.len() > 1 {
        // Keys that have less in common take more room together.
        let merged = cut_at(encoder, usize::MAX, &each);
        if merged.iter().all(|body| body.bytes.len() <= inline) {
            bodies = merged;
        }
    } else {
        // A reader fetches the fences and a shard: together they are smallest where both are as large.
        let fences: usize = bodies.iter().map(|body| body.fence.len() + 3).sum();
        let best = (total as f64 * fences as f64 / bodies.len().max(1) as f64).sqrt();
        let larger = SHARD_BYTES.iter().skip(1);
        if let Some(&limit) = larger.rev().find(|&&limit| best > limit as f64 * 0.7) {
            bodies = cut_at(encoder, limit, &each);
        }
    }
    Layer {
        layout: E::LAYOUT,
        bodies,
    }
}

fn cut_at<E: Encoder>(
    encoder: &mut E,
    limit: usize,
    each: &impl Fn(&mut dyn FnMut(E::Entry<'_>)),
) -> Vec<Body> {
    let mut bodies = Vec::new();
    let mut fence = Vec::new();
    let mut last_key = Vec::new();
    let mut entries = 0;
    let mut size = 0;
    each(&mut |entry| {
        let key = E::key(&entry);
        let cost = encoder.cost(&entry);
        let is_full = size + cost > limit || !encoder.has_room();
        // All fences are as wide as the longest one.
        let is_short = || separator_bytes(&last_key, &key) <= E::SHORT_FENCE;
        let by_hash = size >= limit / 2 && is_cut(&key, cost, limit / 4) && is_short();
        let by_size = size >= limit - limit / 16 && E::SHORT_FENCE < key.len() && is_short();
        if entries > 0 && (is_full || by_hash || by_size) {
            bodies.push(Body {
                fence: std::mem::take(&mut fence),
                entries,
                bytes: encoder.finish(),
            });
            entries = 0;
        }
        let mut cost = cost;
        if entries == 0 {
            fence = match encoder.carried_over() {
                true => key,
                false => separator(&last_key, key, bodies.is_empty().then_some(E::SHORT_FENCE)),
            };
            cost = encoder.cost(&entry);
            size = HEADER_BYTES + encoder.fixed();
        }
        last_key = E::last_key(&entry);
        size += cost;
        entries += 1;
        encoder.push(entry);
    });
    if entries > 0 {
        bodies.push(Body {
            fence,
            entries,
            bytes: encoder.finish(),
        });
    }
    bodies
}

/// Whether the hash of a key says that a shard begins here: once in so many bytes.
fn is_cut(key: &[u8], cost: usize, spacing: usize) -> bool {
    let share = u64::MAX / spacing as u64;
    hash(&[0; 16], key) < share.saturating_mul(cost as u64)
}

/// The shortest beginning of a key that is above another one, or, of the very first, a short one.
fn separator(below: &[u8], mut key: Vec<u8>, first: Option<usize>) -> Vec<u8> {
    key.truncate(first.unwrap_or_else(|| separator_bytes(below, &key)));
    key
}

fn separator_bytes(below: &[u8], key: &[u8]) -> usize {
    let same = below
        .iter()
        .zip(key)
        .take_while(|(one, other)| one == other);
    same.count() + 1
}

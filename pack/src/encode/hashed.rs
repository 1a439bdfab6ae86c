//! Hashes: see `HashedBody`.

use fastedge::blocklist::format::{HEADER_BYTES, Layout, REMAINDER_BYTES};

use super::cut::{Body, Layer};
use super::payloads::{Carried, Payloads};

/// A hash, and the number of what is carried.
pub(crate) type Hashed = (u64, u32);

/// The most that a shard has, with its header.
const SHARD_BYTES: usize = 16_000;

/// The most shards that there can be, in bits.
const MAX_BITS: u32 = 16;

/// Makes the bodies of hashes, which are sorted: one if it has no more than so many bytes, or 2ⁿ shards.
pub(crate) fn hashed(hashes: &[Hashed], payloads: &Payloads, inline: usize) -> Layer {
    let whole = body(hashes, 0, payloads);
    if whole.bytes.len() <= inline {
        return Layer {
            layout: Layout::Hashed,
            bodies: vec![whole],
        };
    }
    let least = (whole.bytes.len() / SHARD_BYTES).max(1).ilog2();
    drop(whole);
    let mut bits = least;
    loop {
        let bodies: Vec<_> = shards(hashes, bits)
            .map(|shard| body(shard, bits, payloads))
            .collect();
        let largest = bodies
            .iter()
            .map(|body| body.bytes.len() + HEADER_BYTES)
            .max();
        if bits == MAX_BITS || largest <= Some(SHARD_BYTES) {
            return Layer {
                layout: Layout::Hashed,
                bodies,
            };
        }
        bits += 1;
    }
}

/// The hashes of each shard.
fn shards(hashes: &[Hashed], bits: u32) -> impl Iterator<Item = &[Hashed]> {
    let mut rest = hashes;
    (0..1_u64 << bits).map(move |shard| {
        let of_shard = |(hash, _): &Hashed| hash.checked_shr(64 - bits).unwrap_or(0) <= shard;
        let (taken, after) = rest.split_at(rest.partition_point(of_shard));
        rest = after;
        taken
    })
}

fn body(hashes: &[Hashed], bits: u32, payloads: &Payloads) -> Body {
    let mut bytes = Vec::with_capacity(8 + hashes.len() * (REMAINDER_BYTES + 1));
    bytes.extend((hashes.len() as u32).to_le_bytes());
    bytes.extend([bits as u8, 0, 0, 0]);
    let mut carried = Carried::new(payloads, 1);
    for &(hash, payload) in hashes {
        bytes.extend((hash << bits).to_be_bytes().iter().take(REMAINDER_BYTES));
        carried.push(0, payload);
    }
    carried.write(&mut bytes);
    Body {
        fence: Vec::new(),
        entries: hashes.len() as u32,
        bytes,
    }
}

//! Hashes: see `HashedBody`.

use fastedge::blocklist::format::{HEADER_BYTES, Layout, REMAINDER_BYTES};

use super::SHARD_BYTES;
use super::cut::{Body, Layer};
use super::payloads::{Carried, Payloads};

/// A hash, and the number of what is carried.
pub(crate) type Hashed = (u64, u32);

/// The most shards that there can be, in bits.
const MAX_BITS: u32 = 16;

/// Makes the bodies of hashes, which are sorted: one if it has no more than so many bytes, or 2ⁿ shards.
pub(crate) fn hashed(hashes: &[Hashed], payloads: &Payloads, inline: usize) -> Layer {
    let layer = |bodies| Layer {
        layout: Layout::Hashed,
        bodies,
    };
    let total = bytes_of(hashes, payloads);
    if total <= inline {
        return layer(vec![body(hashes, 0, payloads)]);
    }
    let [most, .., largest_possible] = SHARD_BYTES;
    // Values may be shared, and be fewer than that.
    let least = least_bytes_of(hashes, payloads);
    let mut bits = least
        .div_ceil(most)
        .next_power_of_two()
        .ilog2()
        .min(MAX_BITS);
    loop {
        let bodies: Vec<_> = shards(hashes, bits)
            .map(|shard| body(shard, bits, payloads))
            .collect();
        let bytes = bodies.iter().map(|body| body.bytes.len() + HEADER_BYTES);
        let (sum, largest) = (bytes.clone().sum::<usize>(), bytes.max().unwrap_or(0));
        // Of large values a shard has a few, or twice as many: then their mean counts.
        let is_uneven = matches!(payloads, Payloads::Values(_))
            && sum <= most * bodies.len()
            && largest <= largest_possible;
        if largest <= most || is_uneven || bits == MAX_BITS {
            return layer(bodies);
        }
        bits += 1;
    }
}

/// How many bytes all are together at least: if each value were there once.
fn least_bytes_of(hashes: &[Hashed], payloads: &Payloads) -> usize {
    match payloads {
        Payloads::None => hashes.len() * REMAINDER_BYTES,
        Payloads::Tags => hashes.len() * (REMAINDER_BYTES + 1),
        Payloads::Values(values) => hashes.len() * (REMAINDER_BYTES + 2) + values.bytes(),
    }
}

/// How many bytes all are together at most: if each entry had a value of its own.
fn bytes_of(hashes: &[Hashed], payloads: &Payloads) -> usize {
    let entry = |(_, payload): &Hashed| match payloads {
        Payloads::None => REMAINDER_BYTES,
        Payloads::Tags => REMAINDER_BYTES + 1,
        Payloads::Values(values) => REMAINDER_BYTES + 6 + values.get(*payload).len(),
    };
    12 + hashes.iter().map(entry).sum::<usize>()
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

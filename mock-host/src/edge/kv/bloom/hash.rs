//! The two hashes of an item, of which RedisBloom makes all others.

/// The seed of the first hash, which is also the hash function's multiplier.
const SEED: u64 = 0xc6a4_a793_5bd1_e995;

#[derive(Clone, Copy)]
pub(super) struct Hash {
    pub(super) a: u64,
    pub(super) b: u64,
}

impl Hash {
    pub(super) fn of(item: &[u8]) -> Self {
        let a = murmur_hash_64a(item, SEED);
        let b = murmur_hash_64a(item, a);
        Hash { a, b }
    }
}

/// Austin Appleby's MurmurHash64A, reading little-endian words.
fn murmur_hash_64a(bytes: &[u8], seed: u64) -> u64 {
    const M: u64 = 0xc6a4_a793_5bd1_e995;
    const R: u32 = 47;
    let mut hash = seed ^ (bytes.len() as u64).wrapping_mul(M);
    let (words, tail) = bytes.as_chunks::<8>();
    for word in words {
        let mut k = u64::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> R;
        hash = (hash ^ k.wrapping_mul(M)).wrapping_mul(M);
    }
    if !tail.is_empty() {
        let mut last = [0; 8];
        last[..tail.len()].copy_from_slice(tail);
        hash = (hash ^ u64::from_le_bytes(last)).wrapping_mul(M);
    }
    hash ^= hash >> R;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> R)
}

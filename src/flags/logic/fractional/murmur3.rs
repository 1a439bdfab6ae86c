//! MurmurHash3, 32 bits for x86 (Austin Appleby, 2011, public domain), with seed 0.

const C1: u32 = 0xcc9e_2d51;
const C2: u32 = 0x1b87_3593;

pub(super) fn x86_32(bytes: &[u8]) -> u32 {
    let mut hash = 0_u32;
    let (blocks, tail) = bytes.as_chunks::<4>();
    for block in blocks {
        hash ^= scrambled(u32::from_le_bytes(*block));
        hash = hash
            .rotate_left(13)
            .wrapping_mul(5)
            .wrapping_add(0xe654_6b64);
    }
    let tail = tail
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u32::from(*byte));
    hash ^= scrambled(tail);

    // Of lengths the lower 32 bits count.
    hash ^= bytes.len() as u32;
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

fn scrambled(word: u32) -> u32 {
    word.wrapping_mul(C1).rotate_left(15).wrapping_mul(C2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_others_do() {
        // Of the reference's test vectors with seed 0, and of flagd's specification.
        assert_eq!(x86_32(b""), 0);
        assert_eq!(x86_32(&[0]), 0x514e_28b7);
        assert_eq!(x86_32(&[0, 0]), 0x30f4_c306);
        assert_eq!(x86_32(&[0, 0, 0]), 0x85f0_b427);
        assert_eq!(x86_32(&[0, 0, 0, 0]), 0x2362_f9de);
        assert_eq!(x86_32(&[0x21, 0x43, 0x65, 0x87]), 0xf55b_516b);
        assert_eq!(x86_32(&[0x21, 0x43, 0x65]), 0x7e4a_8634);
        assert_eq!(x86_32(b"new-checkoutuser-1"), 1_954_156_369);
    }
}

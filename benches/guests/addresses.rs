//! The addresses of the benchmark's lists, which are the same in the benchmark and in its component.

/// A number that looks like chance.
pub(crate) fn scrambled(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// An address.
pub(crate) fn address(number: u64) -> u32 {
    scrambled(number) as u32
}

/// So many fit into 1 MB of JSON.
pub(crate) const IN_ONE_VALUE: u64 = 62_000;

//! Reading integers out of bytes that may be too few.

/// What is wrong with bytes that are to be a packed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(super) &'static str);

impl Malformed {
    /// It is a shard, and not the one that was looked for.
    pub const ANOTHER_SHARD: Malformed = Malformed("it is another shard than the one wanted");
    /// It ends before it should.
    pub const CUT_OFF: Malformed = Malformed("it is cut off");
    pub(crate) const NO_VALUES: Malformed = Malformed("it is a list, whose entries have no values");
    pub(crate) const ANOTHER_LAYOUT: Malformed = Malformed("its shards begin at other things");
}

/// Takes so many bytes off the front.
pub(super) fn take<'a>(
    bytes: &mut &'a [u8],
    count: usize,
    what: &'static str,
) -> Result<&'a [u8], Malformed> {
    match bytes.split_at_checked(count) {
        Some((taken, rest)) => {
            *bytes = rest;
            Ok(taken)
        }
        None => Err(Malformed(what)),
    }
}

/// Takes so many elements of `N` bytes each.
pub(super) fn take_all<'a, const N: usize>(
    bytes: &mut &'a [u8],
    count: usize,
    what: &'static str,
) -> Result<&'a [[u8; N]], Malformed> {
    let length = count.checked_mul(N).ok_or(Malformed(what))?;
    Ok(take(bytes, length, what)?.as_chunks().0)
}

pub(super) fn take_u8(bytes: &mut &[u8], what: &'static str) -> Result<u8, Malformed> {
    match bytes.split_first() {
        Some((&byte, rest)) => {
            *bytes = rest;
            Ok(byte)
        }
        None => Err(Malformed(what)),
    }
}

pub(super) fn take_u16(bytes: &mut &[u8], what: &'static str) -> Result<u16, Malformed> {
    take_array(bytes, what).map(u16::from_le_bytes)
}

pub(super) fn take_u32(bytes: &mut &[u8], what: &'static str) -> Result<u32, Malformed> {
    take_array(bytes, what).map(u32::from_le_bytes)
}

/// A count, of 32 bits.
pub(super) fn take_count(bytes: &mut &[u8], what: &'static str) -> Result<usize, Malformed> {
    Ok(take_u32(bytes, what)? as usize)
}

pub(super) fn take_array<const N: usize>(
    bytes: &mut &[u8],
    what: &'static str,
) -> Result<[u8; N], Malformed> {
    match bytes.split_first_chunk() {
        Some((&taken, rest)) => {
            *bytes = rest;
            Ok(taken)
        }
        None => Err(Malformed(what)),
    }
}

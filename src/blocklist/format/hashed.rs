//! Texts, by their hashes.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use super::Hit;
use super::bytes::{Malformed, take_all, take_array, take_count, take_u8};

/// The bytes of each hash that are kept.
pub const REMAINDER_BYTES: usize = 6;

/// The hash of a text: SipHash-1-3 under the list's salt.
pub fn hash(salt: &[u8; 16], text: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_key(salt);
    hasher.write(text);
    hasher.finish()
}

/// How a text is called in the Bloom filter before a list with the default salt: the first 48 bits of its hash, so that the
/// text is not told, and a packed list knows it.
pub fn prefilter_item(hash: u64) -> String {
    format!("{:012x}", hash >> 16)
}

/// Hashes, sorted: the 48 bits of each that follow those which say in which shard it is.
#[derive(Clone, Copy, Debug)]
pub struct HashedBody<'a> {
    shard_bits: u32,
    remainders: &'a [[u8; REMAINDER_BYTES]],
    payload: &'a [u8],
}

impl<'a> HashedBody<'a> {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// If it is too short for what it says.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        const SHORT: &str = "hashes are cut off";
        let mut rest = body;
        let count = take_count(&mut rest, SHORT)?;
        let shard_bits = u32::from(take_u8(&mut rest, SHORT)?);
        take_array::<3>(&mut rest, SHORT)?;
        if shard_bits > 16 {
            return Err(Malformed("hashes are in more shards than there can be"));
        }
        Ok(HashedBody {
            shard_bits,
            remainders: take_all(&mut rest, count, SHORT)?,
            payload: rest,
        })
    }

    /// The entry of a hash.
    pub fn find(&self, hash: u64) -> Option<Hit<'a>> {
        let [wanted @ .., _, _] = (hash << self.shard_bits).to_be_bytes();
        let index = self.remainders.binary_search(&wanted).ok()?;
        Some(self.hit(index))
    }

    /// The 48 bits of all hashes, as they are kept, with what they carry.
    pub fn entries(self) -> impl Iterator<Item = ([u8; REMAINDER_BYTES], Hit<'a>)> {
        let body = self;
        let remainders = body.remainders.iter().enumerate();
        remainders.map(move |(index, remainder)| (*remainder, body.hit(index)))
    }

    fn hit(&self, index: usize) -> Hit<'a> {
        Hit {
            index,
            entries: self.remainders.len(),
            payload: self.payload,
        }
    }
}

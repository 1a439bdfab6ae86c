//! A filter as bytes, in which the local database keeps it.

use super::{BloomFilter, Layer, fits_in_memory, words};

/// What an encoded filter begins with.
const MARK: &[u8] = b"fastedge:bloom:1\n";
const CUT_OFF: &str = "a Bloom filter that is cut off";

impl BloomFilter {
    /// The filter as bytes: a mark, the expansion (0 for none), how many filters there are in
    /// the chain, and for each its capacity, items, error rate and bits; all numbers little-endian.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + self.size() as usize);
        bytes.extend_from_slice(MARK);
        bytes.extend_from_slice(&u64::from(self.expansion.unwrap_or(0)).to_le_bytes());
        bytes.extend_from_slice(&(self.chain.len() as u64).to_le_bytes());
        for layer in &self.chain {
            bytes.extend_from_slice(&layer.capacity.to_le_bytes());
            bytes.extend_from_slice(&layer.items.to_le_bytes());
            bytes.extend_from_slice(&layer.error_rate.to_le_bytes());
            for word in &layer.words {
                bytes.extend_from_slice(&word.to_le_bytes());
            }
        }
        bytes
    }

    /// The filter of [`encode`](Self::encode)d bytes. Nothing larger than the bytes is allocated.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let mut rest = bytes
            .strip_prefix(MARK)
            .ok_or("not a Bloom filter: it does not begin as one")?;
        let expansion = take(&mut rest)?;
        let expansion = u32::try_from(expansion).map_err(|_| {
            format!("a Bloom filter whose expansion is {expansion}, which is too much")
        })?;
        let mut chain: Vec<Layer> = Vec::new();
        for _ in 0..take(&mut rest)? {
            let (capacity, items) = (take(&mut rest)?, take(&mut rest)?);
            let error_rate = f64::from_bits(take(&mut rest)?);
            let is_possible = error_rate > 0.0
                && error_rate < 1.0
                && (1..=u64::MAX / 2).contains(&capacity)
                && items <= capacity
                && fits_in_memory(capacity, error_rate);
            if !is_possible {
                return Err(format!(
                    "a Bloom filter with {items} items of {capacity} at an error rate of {error_rate}"
                ));
            }
            if (rest.len() as u64) / 8 < words(capacity, error_rate) {
                return Err(CUT_OFF.to_owned());
            }
            let mut layer = Layer::new(capacity, error_rate);
            for word in &mut layer.words {
                *word = take(&mut rest)?;
            }
            layer.items = items;
            chain.push(layer);
        }
        if chain.is_empty() || !rest.is_empty() {
            return Err("a Bloom filter whose bytes are not as many as it says".to_owned());
        }
        Ok(BloomFilter {
            expansion: (expansion > 0).then_some(expansion),
            chain,
        })
    }
}

/// The next number of an encoded filter.
fn take(bytes: &mut &[u8]) -> Result<u64, String> {
    let (number, rest) = bytes.split_first_chunk().ok_or(CUT_OFF)?;
    *bytes = rest;
    Ok(u64::from_le_bytes(*number))
}

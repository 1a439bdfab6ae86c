//! The filter, and its bytes.

use std::f64::consts::LN_2;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use bloomfilter::Bloom;
use bloomfilter::reexports::siphasher::sip128::{Hasher128, SipHasher13};

use super::FilterError;
use super::item::{Item, name_of};
use crate::codec::{Decode, Encode, EncodeError};
use crate::key::MAX_VALUE_BYTES;
use crate::value::DecodeError;

/// The lowest rate of false positives that can be asked for.
pub const MIN_RATE: f64 = 1e-9;

/// The highest rate of false positives that can be asked for.
pub const MAX_RATE: f64 = 0.5;

/// What stands at the end: the items' type, the version, and this.
const MAGIC: &[u8; 6] = b"FEBLOO";
const VERSION: u8 = 1;
const TRAILER_BYTES: usize = 2 + MAGIC.len();

/// What the inner filter has before its bits.
const HEADER_BYTES: usize = 45;

/// As many as the lowest rate takes, and some; a damaged number must not become a long loop.
const MAX_HASHES: u32 = 64;

/// The seed of the hash functions, unless another one is asked for.
const SEED: [u8; 16] = *b"fastedge bloom 1";

/// A Bloom filter of items `T`: see the [module](super). `Filter<str>` takes any text.
///
/// As a [codec](crate::codec) it reads and writes itself: `Key<Filter<str>>` is the key of a filter.
pub struct Filter<T: ?Sized> {
    inner: Bloom<Digest>,
    digests: SipHasher13,
    items: PhantomData<fn(&T)>,
}

/// An item's 128 bits. The inner filter hashes them as bytes, the same on every machine.
#[derive(Clone)]
struct Digest([u8; 16]);

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

impl<T: Item + ?Sized> Filter<T> {
    /// A filter for up to `capacity` items, which then answers `true` for another item at most at
    /// about `rate`. With more items the rate rises.
    ///
    /// The hash functions are always the same, and with them the bytes for the same items; where
    /// somebody might choose items to be taken for others, use [`with_seed`](Self::with_seed).
    ///
    /// # Errors
    ///
    /// [`FilterError::Rate`] if the rate is not within [`MIN_RATE`] and [`MAX_RATE`],
    /// [`FilterError::NoCapacity`] for no items, [`FilterError::TooLarge`] if the filter does not fit
    /// a value.
    pub fn new(capacity: usize, rate: f64) -> Result<Self, FilterError> {
        Filter::with_seed(capacity, rate, SEED)
    }

    /// Like [`new`](Self::new), with a seed of one's own for the hash functions. It is in the
    /// filter's bytes, so whoever reads those knows it.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    pub fn with_seed(capacity: usize, rate: f64, seed: [u8; 16]) -> Result<Self, FilterError> {
        if !(MIN_RATE..=MAX_RATE).contains(&rate) {
            return Err(FilterError::Rate { rate });
        }
        if capacity == 0 {
            return Err(FilterError::NoCapacity);
        }
        let bytes_an_item = bytes_an_item(capacity, rate);
        let bitmap = (capacity as f64 * bytes_an_item).max(least_bytes(capacity, rate));
        let bitmap = bitmap.ceil() as usize;
        let bytes = bitmap.saturating_add(HEADER_BYTES + TRAILER_BYTES);
        if bytes > MAX_VALUE_BYTES {
            return Err(FilterError::TooLarge {
                capacity,
                rate,
                bytes,
            });
        }
        // The number of hash functions follows from the bits an item, which are those of the rate
        // in the smallest filter as well.
        let capacity = capacity.max((bitmap as f64 / bytes_an_item) as usize);
        let inner = Bloom::new_with_seed(bitmap, capacity, &keys(seed))
            .map_err(|reason| FilterError::Damaged { reason })?;
        Ok(Filter::of(inner))
    }

    /// Reads a filter from its bytes, without copying them.
    ///
    /// # Errors
    ///
    /// If the bytes are no filter, one of another version, one of other items, or damaged. That a
    /// bit has flipped among the filter's own bits is not seen.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, FilterError> {
        let mut bytes = bytes.into();
        let Some((_, [kind, version, magic @ ..])) = bytes.split_last_chunk::<TRAILER_BYTES>()
        else {
            return Err(FilterError::NotAFilter);
        };
        if magic != MAGIC {
            return Err(FilterError::NotAFilter);
        }
        if *version != VERSION {
            return Err(FilterError::Version { version: *version });
        }
        if *kind != T::KIND {
            return Err(FilterError::Items {
                found: name_of(*kind).unwrap_or("items of an unknown type"),
                wanted: name_of(T::KIND).unwrap_or_default(),
            });
        }
        bytes.truncate(bytes.len() - TRAILER_BYTES);
        let damaged = |reason| FilterError::Damaged { reason };
        let inner = Bloom::from_bytes(bytes).map_err(damaged)?;
        let bits = inner.len();
        if bits == 0 {
            return Err(damaged("it has no bits"));
        }
        if inner.number_of_hash_functions() > MAX_HASHES {
            return Err(damaged("it has too many hash functions"));
        }
        Ok(Filter::of(inner))
    }

    /// The filter's bytes, without a copy of them: what goes into a value.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.inner.into_bytes();
        Self::finish(&mut bytes);
        bytes
    }

    /// The filter's bytes: what goes into a value.
    pub fn to_bytes(&self) -> Vec<u8> {
        let inner = self.inner.as_slice();
        let mut bytes = Vec::with_capacity(inner.len() + TRAILER_BYTES);
        bytes.extend_from_slice(inner);
        Self::finish(&mut bytes);
        bytes
    }

    fn finish(bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&[T::KIND, VERSION]);
        bytes.extend_from_slice(MAGIC);
    }

    /// Adds an item.
    pub fn insert(&mut self, item: &T) {
        self.inner.set(&self.digest(item));
    }

    /// Whether an item may be in the filter: `false` is certain. No host call.
    pub fn contains(&self, item: &T) -> bool {
        self.inner.check(&self.digest(item))
    }

    fn of(inner: Bloom<Digest>) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&inner.seed()[..16]);
        Filter {
            inner,
            digests: SipHasher13::new_with_key(&key),
            items: PhantomData,
        }
    }

    fn digest(&self, item: &T) -> Digest {
        let mut hasher = self.digests;
        item.with_bytes(|bytes| hasher.write(bytes));
        Digest(hasher.finish128().as_u128().to_le_bytes())
    }
}

/// The bytes below which a filter is worse than asked for, however many bits an item has.
///
/// All of an item's bits follow from two hashes, so two items share all of them with a probability of
/// some `2 / bits^2`: of `capacity` items, one does with `2 * capacity / bits^2`. With 40 for the 2, what
/// that adds to the rate is a twentieth of it. Filters for many items, or for a rate that is not very low,
/// have these bits anyway.
fn least_bytes(capacity: usize, rate: f64) -> f64 {
    (40.0 * capacity as f64 / rate).sqrt() / 8.0
}

/// The keys of the two hash functions, which differ: with one key for both, an item's bits would not
/// be independent, and the rate many times higher.
fn keys(seed: [u8; 16]) -> [u8; 32] {
    let mut keys = [0; 32];
    keys[..16].copy_from_slice(&seed);
    keys[16..].copy_from_slice(&seed.map(|byte| byte ^ 0x5c));
    keys
}

/// The bytes that an item takes so that a filter at capacity keeps to the rate.
///
/// The textbook's `ln(1/p) / (8 * ln(2)^2)` keeps to it on average, over all filters, but for 1% that
/// the whole number of hash functions costs. How many bits of one filter are set varies by
/// `0.277 / sqrt(bits)` of them (one standard deviation, when half are), and the rate by `2k` times
/// that: 4% for 1,000 items at 1%, 12% for 100; and a million probes measure a rate `p` of
/// 0.01% or more to `1 / sqrt(10^6 * p)`. Filters are made for as much less as keeps what is
/// measured, in all but one of a thousand, within a tenth of what was asked for: nothing for large
/// ones, 5% of the bytes for 100 items at 1%.
fn bytes_an_item(capacity: usize, rate: f64) -> f64 {
    // Not the machine's logarithm, whose last digit could make the sizes differ.
    let bits_for = |rate: f64| -libm::log(rate) / (LN_2 * LN_2);
    let hashes = bits_for(rate) * LN_2;
    let of_the_bits = 0.554 * hashes / (capacity as f64 * bits_for(rate)).sqrt();
    let of_the_probes = 1.0 / (1e6 * rate.max(0.0001)).sqrt();
    let deviation = (of_the_bits * of_the_bits + of_the_probes * of_the_probes).sqrt();
    let margin = (1.01 + 3.1 * deviation) / 1.1;
    bits_for(rate / margin.max(1.0)) / 8.0
}

impl<'a, T: Item + ?Sized> Extend<&'a T> for Filter<T> {
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.insert(item));
    }
}

impl<T: Item + ?Sized> Decode for Filter<T> {
    type Value = Filter<T>;

    fn decode(bytes: Vec<u8>) -> Result<Filter<T>, DecodeError> {
        Filter::from_bytes(bytes).map_err(|error| DecodeError::Codec(error.to_string()))
    }
}

impl<T: Item + ?Sized> Encode for Filter<T> {
    type Borrowed = Filter<T>;

    fn encode(filter: &Filter<T>) -> Result<Vec<u8>, EncodeError> {
        Ok(filter.to_bytes())
    }
}

impl<T: ?Sized> Clone for Filter<T> {
    fn clone(&self) -> Self {
        Filter {
            inner: self.inner.clone(),
            digests: self.digests,
            items: PhantomData,
        }
    }
}

impl<T: ?Sized> fmt::Debug for Filter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter")
            .field("bits", &self.inner.len())
            .field("hash_functions", &self.inner.number_of_hash_functions())
            .finish_non_exhaustive()
    }
}

//! RedisBloom's scaling Bloom filters: the same bits, so the same wrong answers.

mod encoding;
mod hash;
mod options;

use std::f64::consts::LN_2;

use self::hash::Hash;
pub use self::options::BloomOptions;

/// A chain of filters, each next one larger and stricter.
#[derive(Clone, Debug)]
pub(crate) struct BloomFilter {
    expansion: Option<u32>,
    chain: Vec<Layer>,
}

#[derive(Clone, Debug)]
struct Layer {
    capacity: u64,
    items: u64,
    error_rate: f64,
    hashes: u32,
    words: Vec<u64>,
}

impl BloomFilter {
    pub(crate) fn new(options: BloomOptions) -> Result<Self, String> {
        if let Some(problem) = options.problem() {
            return Err(problem);
        }
        // A chain's rates add up to the asked one: a half, a quarter, …
        let first_rate = match options.expansion {
            Some(_) => options.error_rate / 2.0,
            None => options.error_rate,
        };
        Ok(BloomFilter {
            expansion: options.expansion,
            chain: vec![Layer::new(options.capacity, first_rate)],
        })
    }

    /// Adds an item. Answers `false`, and does nothing, if the filter is full.
    pub(crate) fn add(&mut self, item: &[u8]) -> bool {
        let hash = Hash::of(item);
        if self.has(hash) {
            return true;
        }
        let Some(latest) = self.chain.last_mut() else {
            return false;
        };
        if latest.items < latest.capacity {
            latest.add(hash);
            return true;
        }
        let Some(expansion) = self.expansion else {
            return false;
        };
        let capacity = latest.capacity.saturating_mul(u64::from(expansion));
        let error_rate = latest.error_rate / 2.0;
        if !fits_in_memory(capacity, error_rate) {
            return false;
        }
        let mut next = Layer::new(capacity, error_rate);
        next.add(hash);
        self.chain.push(next);
        true
    }

    pub(crate) fn contains(&self, item: &[u8]) -> bool {
        self.has(Hash::of(item))
    }

    /// How many items were added.
    pub(crate) fn items(&self) -> u64 {
        self.chain.iter().map(|layer| layer.items).sum()
    }

    /// How many bytes the bits take.
    pub(crate) fn size(&self) -> u64 {
        let words = self.chain.iter().map(|layer| layer.words.len() as u64);
        words.sum::<u64>() * 8
    }

    fn has(&self, hash: Hash) -> bool {
        self.chain.iter().rev().any(|layer| layer.has(hash))
    }
}

fn bits_per_entry(error_rate: f64) -> f64 {
    -error_rate.ln() / (LN_2 * LN_2)
}

/// 2^32 bits are 512 MiB: far above what a host holds, and far below what ends a process.
fn fits_in_memory(capacity: u64, error_rate: f64) -> bool {
    capacity as f64 * bits_per_entry(error_rate) <= (1_u64 << 32) as f64
}

/// How many words of 64 bits a filter has.
fn words(capacity: u64, error_rate: f64) -> u64 {
    let bits = (capacity as f64 * bits_per_entry(error_rate)) as u64;
    bits.div_ceil(64).max(1)
}

impl Layer {
    fn new(capacity: u64, error_rate: f64) -> Self {
        let words = words(capacity, error_rate);
        Layer {
            capacity,
            items: 0,
            error_rate,
            hashes: (LN_2 * bits_per_entry(error_rate)).ceil() as u32,
            words: vec![0; words as usize],
        }
    }

    fn bits(&self, hash: Hash) -> impl Iterator<Item = (usize, u64)> + use<> {
        let bits = self.words.len() as u64 * 64;
        (0..u64::from(self.hashes)).map(move |i| {
            let bit = hash.a.wrapping_add(i.wrapping_mul(hash.b)) % bits;
            ((bit / 64) as usize, 1 << (bit % 64))
        })
    }

    fn has(&self, hash: Hash) -> bool {
        self.bits(hash)
            .all(|(word, mask)| self.words[word] & mask != 0)
    }

    fn add(&mut self, hash: Hash) {
        for (word, mask) in self.bits(hash) {
            self.words[word] |= mask;
        }
        self.items += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{BloomFilter, BloomOptions};

    /// A filter with this many items, as RedisBloom's answers below are of.
    fn filled(capacity: u64, error_rate: f64, expansion: Option<u32>, items: u64) -> BloomFilter {
        let options = BloomOptions::default()
            .capacity(capacity)
            .error_rate(error_rate)
            .expansion(expansion);
        let mut filter = BloomFilter::new(options).unwrap();
        for i in 0..items {
            filter.add(format!("item-{}", i * 7919).as_bytes());
        }
        filter
    }

    /// Odd probes are of items that were added, even ones are not.
    fn contains(filter: &BloomFilter, probe: usize) -> bool {
        let item = match probe % 2 {
            1 => format!("item-{}", (probe / 2) * 7919),
            _ => format!("nope-{probe}"),
        };
        filter.contains(item.as_bytes())
    }

    /// RedisBloom is wrong about exactly these, and about the items that a full filter refused.
    #[test]
    fn wrong_answers_are_those_of_redisbloom() {
        let wrong = |filter: &BloomFilter, probes: std::ops::Range<usize>| -> Vec<usize> {
            let absent = probes.step_by(2);
            absent.filter(|probe| contains(filter, *probe)).collect()
        };
        let scaling = filled(100, 0.01, Some(2), 50_000);
        assert_eq!(
            wrong(&scaling, 0..4_000),
            [
                90, 154, 460, 802, 1002, 1082, 1160, 1358, 1438, 1516, 1676, 2022, 2362, 2374,
                2632, 2754, 2916, 2930, 2986, 3170, 3276, 3724, 3766, 3836, 3858
            ]
        );
        let strict = filled(1_000, 0.001, Some(4), 20_000);
        assert_eq!(
            wrong(&strict, 0..24_000),
            [
                3458, 7884, 12252, 13926, 14162, 16460, 18452, 18788, 20892, 20958, 23896
            ]
        );
        let full = filled(10_000, 0.01, None, 20_000);
        assert_eq!(
            wrong(&full, 0..4_000),
            [
                184, 438, 1202, 1308, 1370, 1604, 2044, 2066, 2166, 2200, 2628, 2864, 3306, 3584
            ]
        );
        let added = wrong(&full, 20_001..20_700);
        let expected: Vec<_> = (20_001..20_044).step_by(2).collect();
        assert_eq!(added[..22], expected);
        assert_eq!(added[22..], [20221, 20229, 20237, 20659, 20683]);
    }

    /// All 200,000 answers for each of those filters.
    #[test]
    fn answers_are_those_of_redisbloom() {
        let Some(data) = std::env::var_os("FASTEDGE_TEST_DATA") else {
            println!("skipped: FASTEDGE_TEST_DATA is not set");
            return;
        };
        let folder = std::path::Path::new(&data).join("redisbloom");
        for (capacity, error_rate, expansion, items) in [
            (100, 0.01, Some(2), 50_000),
            (1_000, 0.001, Some(4), 20_000),
            (10_000, 0.01, None, 20_000),
        ] {
            let scale = expansion.unwrap_or(0);
            let name = format!("c_{capacity}_{error_rate}_{scale}_{items}.txt");
            let answers = std::fs::read_to_string(folder.join(&name)).unwrap();
            let filter = filled(capacity, error_rate, expansion, items);
            let digits: Vec<u8> = answers.bytes().filter(u8::is_ascii_digit).collect();
            assert_eq!(digits.len(), 200_000, "{name}");
            for (probe, digit) in digits.iter().enumerate() {
                assert_eq!(contains(&filter, probe), *digit == b'1', "{name}: {probe}");
            }
        }
    }

    #[test]
    fn a_filter_that_does_not_scale_refuses_when_full() {
        let options = BloomOptions::default().capacity(2).expansion(None);
        let mut filter = BloomFilter::new(options).unwrap();
        assert!(filter.add(b"a"));
        assert!(filter.add(b"b"));
        assert!(filter.add(b"a"), "an item that is there already is fine");
        assert!(!filter.add(b"c"));
        assert!(!filter.contains(b"c"));
    }

    #[test]
    fn a_filter_survives_its_bytes_and_broken_bytes_are_refused() {
        let filter = filled(100, 0.01, Some(2), 1_000);
        let bytes = filter.encode();
        let again = BloomFilter::decode(&bytes).unwrap();
        assert_eq!(again.encode(), bytes);
        for probe in 0..4_000 {
            assert_eq!(contains(&again, probe), contains(&filter, probe), "{probe}");
        }
        for length in 0..bytes.len() {
            assert!(BloomFilter::decode(&bytes[..length]).is_err(), "{length}");
        }
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..20_000 {
            let mut broken = bytes[..random.usize(..300)].to_vec();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..broken.len().max(1));
                if let Some(byte) = broken.get_mut(at) {
                    *byte = random.u8(..);
                }
            }
            let _either = BloomFilter::decode(&broken);
        }
    }

    #[test]
    fn options_out_of_range_are_refused_in_words() {
        let refused = |options| BloomFilter::new(options).unwrap_err();
        let defaults = BloomOptions::default();
        for rate in [0.0, 1.0, -1.0, f64::NAN] {
            assert!(refused(defaults.error_rate(rate)).contains("between 0 and 1"));
        }
        assert!(refused(defaults.capacity(0)).contains("at least 1"));
        assert!(refused(defaults.capacity(u64::MAX)).contains("does not fit"));
        assert!(refused(defaults.expansion(Some(0))).contains("at least 1"));
    }
}

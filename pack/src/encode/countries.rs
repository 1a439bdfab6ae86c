//! Countries: bits.

use fastedge::blocklist::format::{COUNTRY_BYTES, Layout};

use super::cut::{Body, Layer};
use super::payloads::{Carried, Payloads};

/// Makes the body of countries, by their numbers, which are sorted, and of what they carry.
pub(crate) fn countries(countries: &[(usize, u32)], payloads: &Payloads) -> Layer {
    let mut bits = [0_u8; COUNTRY_BYTES];
    let mut carried = Carried::new(payloads, 1);
    for &(number, payload) in countries {
        if let Some(byte) = bits.get_mut(number / 8) {
            *byte |= 1 << (number % 8);
        }
        carried.push(0, payload);
    }
    let mut bytes = bits.to_vec();
    carried.write(&mut bytes);
    Layer {
        layout: Layout::Countries,
        bodies: vec![Body {
            fence: Vec::new(),
            entries: countries.len() as u32,
            bytes,
        }],
    }
}

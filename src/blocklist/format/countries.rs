//! Countries, as bits.

use super::Hit;
use super::bytes::{Malformed, take_array};

/// The bytes of a bit for each code of two letters or digits.
pub const COUNTRY_BYTES: usize = (36_usize * 36).div_ceil(8);

/// The number of a code: of its letters, in either case, and digits. `None` for what is no code.
pub fn country_number(code: &str) -> Option<usize> {
    let [first, second] = code.as_bytes() else {
        return None;
    };
    let number = |letter: u8| char::from(letter).to_digit(36);
    Some((number(*first)? * 36 + number(*second)?) as usize)
}

/// A bit for each country that is listed.
#[derive(Clone, Copy, Debug)]
pub struct CountryBody<'a> {
    bits: [u8; COUNTRY_BYTES],
    payload: &'a [u8],
}

impl<'a> CountryBody<'a> {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// If it is too short.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut rest = body;
        Ok(CountryBody {
            bits: take_array(&mut rest, "countries are cut off")?,
            payload: rest,
        })
    }

    /// The entry of a country's [number](country_number).
    pub fn find(&self, number: usize) -> Option<Hit<'a>> {
        let is_set = self.bits.get(number / 8)? >> (number % 8) & 1 == 1;
        let ones =
            |bytes: &[u8]| -> usize { bytes.iter().map(|byte| byte.count_ones() as usize).sum() };
        let below = self.bits.get(number / 8)? & !(u8::MAX << (number % 8));
        is_set.then(|| Hit {
            index: ones(self.bits.get(..number / 8).unwrap_or_default()) + ones(&[below]),
            entries: ones(&self.bits),
            payload: self.payload,
        })
    }

    /// The codes of all countries, with what they carry.
    pub fn entries(self) -> impl Iterator<Item = (String, Hit<'a>)> {
        let body = self;
        (0..36 * 36).filter_map(move |number: usize| {
            let digit = |digit| char::from_digit(digit as u32, 36);
            let code = [digit(number / 36)?, digit(number % 36)?];
            let code: String = code.iter().map(char::to_ascii_uppercase).collect();
            body.find(number).map(|hit| (code, hit))
        })
    }
}

//! Domains: labels in lower case, the last first.

use std::borrow::Cow;

/// The longest domain, in bytes, without the dot at the end.
pub const MAX_DOMAIN_BYTES: usize = 253;

/// A domain as it is in a list: in lower case, in ASCII, its labels from the last to the first, with zeros
/// between them.
///
/// A zero is below all that is in labels, so that a domain is directly followed by its subdomains: a dot would
/// come after `-`, and `example-shop.com` between `example.com` and `www.example.com`.
#[derive(Clone, Copy, Debug)]
pub struct DomainKey {
    bytes: [u8; MAX_DOMAIN_BYTES],
    length: usize,
}

/// A text that is no domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotADomain {
    /// Nothing is left of it.
    #[error("it is empty")]
    Empty,
    /// It has more bytes than domains have.
    #[error("it is longer than 253 bytes")]
    TooLong,
    /// There is nothing between two dots.
    #[error("it has an empty label")]
    EmptyLabel,
    /// It has a character that no host has.
    #[error("it has a character that no domain has")]
    Character,
    /// Its other characters than ASCII have no form in ASCII.
    #[error("it cannot be written in ASCII")]
    Idna,
}

impl DomainKey {
    /// The key of a domain. A dot at the end is ignored, and what is not ASCII becomes `xn--…`, as UTS 46 says.
    ///
    /// ```
    /// use fastedge::blocklist::canonical::DomainKey;
    ///
    /// assert_eq!(DomainKey::new("Shop.Example.COM.")?.as_bytes(), b"com\0example\0shop");
    /// assert_eq!(DomainKey::new("bücher.example")?.as_bytes(), b"example\0xn--bcher-kva");
    /// assert!(DomainKey::new("a..b").is_err());
    /// # Ok::<(), fastedge::blocklist::canonical::NotADomain>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If it is no domain. Labels of any length are taken, of letters, digits, `-` and `_`.
    pub fn new(domain: &str) -> Result<Self, NotADomain> {
        let ascii = match domain.is_ascii() {
            true => Cow::Borrowed(domain),
            false => to_ascii(domain)?,
        };
        let domain = ascii.strip_suffix('.').unwrap_or(&ascii);
        if domain.is_empty() {
            return Err(NotADomain::Empty);
        }
        if domain.len() > MAX_DOMAIN_BYTES {
            return Err(NotADomain::TooLong);
        }
        let mut key = DomainKey {
            bytes: [0; MAX_DOMAIN_BYTES],
            length: domain.len(),
        };
        let mut rest = key.bytes.as_mut_slice();
        for label in domain.rsplit('.') {
            if label.is_empty() {
                return Err(NotADomain::EmptyLabel);
            }
            let (place, after) = rest
                .split_at_mut_checked(label.len())
                .ok_or(NotADomain::TooLong)?;
            for (byte, letter) in place.iter_mut().zip(label.bytes()) {
                if !letter.is_ascii_alphanumeric() && !matches!(letter, b'-' | b'_') {
                    return Err(NotADomain::Character);
                }
                *byte = letter.to_ascii_lowercase();
            }
            // The zero between labels is there already.
            rest = after.get_mut(1..).unwrap_or_default();
        }
        Ok(key)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The domain that a key is of.
    pub fn to_domain(key: &[u8]) -> String {
        let labels = key.rsplit(|&byte| byte == 0);
        let labels: Vec<_> = labels.map(String::from_utf8_lossy).collect();
        labels.join(".")
    }
}

#[cold]
fn to_ascii(domain: &str) -> Result<Cow<'_, str>, NotADomain> {
    idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::EMPTY)
        .map_err(|_| NotADomain::Idna)
}

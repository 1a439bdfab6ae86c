//! The first 32 bytes of every value.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use super::bytes::{Malformed, take_array, take_u8, take_u32};
use super::payload::PayloadKind;

/// What every packed value begins with.
pub const MAGIC: [u8; 4] = *b"FEPL";

/// The version of the format that is written, and the only one that is read.
pub const VERSION: u8 = 1;

/// The length of a [`Header`].
pub const HEADER_BYTES: usize = 32;

/// The bytes of a header that its checksum covers.
const CHECKED_BYTES: usize = 24;

/// What a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A whole list.
    Inline,
    /// What says which shards there are.
    Manifest,
    /// A part of a list.
    Shard,
}

/// What a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// IP addresses, in networks and ranges.
    Addresses,
    /// Domains, with or without their subdomains.
    Domains,
    /// Paths of URLs, with what is below them.
    Paths,
    /// Texts, exactly.
    Tokens,
    /// Numbers of autonomous systems.
    Asns,
    /// Countries.
    Countries,
}

impl Kind {
    /// What it is, in words.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Addresses => "addresses",
            Kind::Domains => "domains",
            Kind::Paths => "paths",
            Kind::Tokens => "tokens",
            Kind::Asns => "ASNs",
            Kind::Countries => "countries",
        }
    }
}

/// The first 32 bytes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the value is for.
    pub role: Role,
    /// What the list is asked for.
    pub kind: Kind,
    /// What entries carry.
    pub payload: PayloadKind,
    /// In which generation it was written.
    pub generation: u32,
    /// Of a shard: [`shard_mark`](super::shard_mark) of its place. Otherwise 0.
    pub mark: u32,
    /// How many entries there are.
    pub entries: u32,
    /// The length of what follows the header.
    pub body_bytes: u32,
    /// SipHash-1-3, without a key, of the header's first 24 bytes and the body.
    pub checksum: u64,
}

impl Header {
    /// Reads a value's header, and checks that the rest has the length that it says.
    ///
    /// # Errors
    ///
    /// With what is wrong.
    pub fn read(value: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        const SHORT: &str = "it is shorter than a header";
        let mut rest = value;
        if take_array(&mut rest, SHORT)? != MAGIC {
            return Err(Malformed("it does not begin with FEPL"));
        }
        if take_u8(&mut rest, SHORT)? != VERSION {
            return Err(Malformed(
                "it has another version than 1, the one that this reads",
            ));
        }
        let role = match take_u8(&mut rest, SHORT)? {
            0 => Role::Inline,
            1 => Role::Manifest,
            2 => Role::Shard,
            _ => return Err(Malformed("its role is none")),
        };
        let kind = match take_u8(&mut rest, SHORT)? {
            1 => Kind::Addresses,
            2 => Kind::Domains,
            3 => Kind::Paths,
            4 => Kind::Tokens,
            5 => Kind::Asns,
            6 => Kind::Countries,
            _ => return Err(Malformed("its kind is none")),
        };
        let payload = PayloadKind::read(take_u8(&mut rest, SHORT)?)?;
        let header = Header {
            role,
            kind,
            payload,
            generation: take_u32(&mut rest, SHORT)?,
            mark: take_u32(&mut rest, SHORT)?,
            entries: take_u32(&mut rest, SHORT)?,
            body_bytes: take_u32(&mut rest, SHORT)?,
            checksum: u64::from_le_bytes(take_array(&mut rest, SHORT)?),
        };
        if rest.len() != header.body_bytes as usize {
            return Err(Malformed("it is not as long as its header says"));
        }
        Ok((header, rest))
    }

    /// Writes a value: this header, with the length and the checksum of the body, and the body.
    pub fn write(mut self, body: &[u8]) -> Vec<u8> {
        self.body_bytes = body.len() as u32;
        let mut value = Vec::with_capacity(HEADER_BYTES + body.len());
        value.extend(MAGIC);
        value.extend([
            VERSION,
            match self.role {
                Role::Inline => 0,
                Role::Manifest => 1,
                Role::Shard => 2,
            },
            match self.kind {
                Kind::Addresses => 1,
                Kind::Domains => 2,
                Kind::Paths => 3,
                Kind::Tokens => 4,
                Kind::Asns => 5,
                Kind::Countries => 6,
            },
            self.payload.number(),
        ]);
        for number in [self.generation, self.mark, self.entries, self.body_bytes] {
            value.extend(number.to_le_bytes());
        }
        value.extend(checksum(&value, body).to_le_bytes());
        value.extend(body);
        value
    }

    /// Checks a value's checksum, which takes a look at each of its bytes.
    ///
    /// # Errors
    ///
    /// If it is another one than the header says.
    pub fn verify(&self, value: &[u8]) -> Result<(), Malformed> {
        let parts = value
            .split_at_checked(CHECKED_BYTES)
            .zip(value.get(HEADER_BYTES..));
        match parts {
            Some(((head, _), body)) if checksum(head, body) == self.checksum => Ok(()),
            _ => Err(Malformed("its checksum is another one")),
        }
    }
}

fn checksum(head: &[u8], body: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(head);
    hasher.write(body);
    hasher.finish()
}

//! What a reader opens first.

use fastedge::blocklist::format::{Header, Kind, Layout, PayloadKind, Role, SALT_BYTES};

use super::column::write_column;
use super::tree::write_texts;

/// The largest value that the platform takes.
pub(crate) const MAX_ROOT_BYTES: usize = fastedge::key::MAX_VALUE_BYTES;

/// What a manifest, or a list in one value, says.
pub(crate) struct RootParts<'a> {
    pub(crate) kind: Kind,
    pub(crate) payload: PayloadKind,
    pub(crate) generation: u32,
    pub(crate) previous: u32,
    pub(crate) salt: [u8; SALT_BYTES],
    /// Those in which shards were written.
    pub(crate) generations: &'a [u32],
    pub(crate) sections: Vec<(Layout, u32, SectionParts<'a>)>,
}

pub(crate) enum SectionParts<'a> {
    Body(&'a [u8]),
    Shards {
        /// The number of each shard's generation.
        written: Vec<u8>,
        fences: Vec<Vec<u8>>,
    },
}

pub(crate) fn write_root(parts: &RootParts<'_>) -> Vec<u8> {
    let mut body = parts.previous.to_le_bytes().to_vec();
    body.extend([
        parts.generations.len() as u8,
        parts.sections.len() as u8,
        0,
        0,
    ]);
    body.extend(parts.salt);
    body.extend(parts.generations.iter().flat_map(|one| one.to_le_bytes()));
    let mut bodies: Vec<u8> = Vec::new();
    let mut role = Role::Inline;
    for (layout, entries, section) in &parts.sections {
        body.extend([layout.number(), 0, 0, 0]);
        body.extend(entries.to_le_bytes());
        match section {
            SectionParts::Body(bytes) => {
                body.extend((bytes.len() as u32).to_le_bytes());
                bodies.extend(*bytes);
            }
            SectionParts::Shards { written, fences } => {
                role = Role::Manifest;
                let mut bytes = written.clone();
                match layout {
                    Layout::Hashed => {}
                    Layout::Tree => write_texts(fences, &mut bytes),
                    _ => write_column(fences, &mut bytes),
                }
                body.extend((written.len() as u32).to_le_bytes());
                body.extend((bytes.len() as u32).to_le_bytes());
                body.extend(bytes);
            }
        }
    }
    body.extend(bodies);
    let entries = parts.sections.iter().map(|(_, entries, _)| entries).sum();
    let header = Header {
        role,
        kind: parts.kind,
        payload: parts.payload,
        generation: parts.generation,
        mark: 0,
        entries,
        body_bytes: 0,
        checksum: 0,
    };
    header.write(&body)
}

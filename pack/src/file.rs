//! Packed lists in files, between packing and publishing.

use std::io::{self, Read, Write};

use fastedge::blocklist::format::{Header, Layout, Role, SALT_BYTES, hash};

use crate::packed::{Packed, PackedSection, PackedShard};

/// What a file begins with.
pub(crate) const MAGIC: [u8; 4] = *b"FEPF";

/// The version of such files.
const VERSION: u8 = 1;

/// No part of a list is longer; a value of the platform is shorter still.
const MOST: u32 = 1 << 20;

/// Why a file is no packed list.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is something else, or broken.
    #[error("it is no packed list: {0}")]
    Malformed(&'static str),
}

impl Packed {
    /// Writes the list to a file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write_to(&self, file: impl Write) -> io::Result<()> {
        let mut file = Summed { file, sum: 0 };
        file.write_all(&MAGIC)?;
        // A header without a generation says what the list is of.
        file.write_all(&[
            VERSION,
            u8::from(self.is_inline),
            self.sections.len() as u8,
            0,
        ])?;
        file.write_all(&self.header().write(&[]))?;
        file.write_all(&self.salt)?;
        for section in &self.sections {
            file.write_all(&[section.layout.number(), 0, 0, 0])?;
            file.write_all(&(section.shards.len() as u32).to_le_bytes())?;
            for shard in &section.shards {
                file.write_all(&shard.entries.to_le_bytes())?;
                for part in [&shard.fence, &shard.body] {
                    file.write_all(&(part.len() as u32).to_le_bytes())?;
                    file.write_all(part)?;
                }
            }
        }
        let sum = file.sum;
        file.write_all(&sum.to_le_bytes())?;
        file.flush()
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is none that [`write_to`](Self::write_to) has written.
    pub fn read_from(file: impl Read) -> Result<Self, FileError> {
        let mut file = Summed { file, sum: 0 };
        let [magic, [version, is_inline, sections, _]]: [[u8; 4]; 2] =
            [file.array()?, file.array()?];
        if magic != MAGIC {
            return Err(FileError::Malformed(
                "it does not begin like one, which `fastedge-mock pack` writes",
            ));
        }
        if version != VERSION {
            return Err(FileError::Malformed(
                "it was written by another version of `fastedge-mock pack`: pack it again",
            ));
        }
        let header: [u8; 32] = file.array()?;
        let (header, _) =
            Header::read(&header).map_err(|_| FileError::Malformed("its header is broken"))?;
        let salt: [u8; SALT_BYTES] = file.array()?;
        let mut packed = Packed {
            kind: header.kind,
            payload: header.payload,
            salt,
            is_inline: is_inline != 0,
            sections: Vec::new(),
        };
        for _ in 0..sections {
            let [layout, ..]: [u8; 4] = file.array()?;
            let layout = Layout::of_number(layout)
                .map_err(|_| FileError::Malformed("the layout of a section is unknown"))?;
            let mut shards = Vec::new();
            for _ in 0..u32::from_le_bytes(file.array()?) {
                shards.push(PackedShard {
                    entries: u32::from_le_bytes(file.array()?),
                    fence: file.part()?,
                    place: String::new(),
                    body: file.part()?,
                });
            }
            packed.sections.push(PackedSection { layout, shards });
        }
        let sum = file.sum;
        if u64::from_le_bytes(file.array()?) != sum {
            return Err(FileError::Malformed("its checksum is another one"));
        }
        packed
            .checked()
            .map_err(|_| FileError::Malformed("its parts are none of one list"))
    }

    fn header(&self) -> Header {
        Header {
            role: Role::Manifest,
            kind: self.kind,
            payload: self.payload,
            generation: 0,
            mark: 0,
            entries: 0,
            body_bytes: 0,
            checksum: 0,
        }
    }
}

impl FileError {
    fn of_end(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => FileError::Malformed("it is cut off"),
            _ => FileError::Io(error),
        }
    }
}

/// A file whose contents are summed up.
struct Summed<F> {
    file: F,
    sum: u64,
}

impl<F> Summed<F> {
    fn add(&mut self, bytes: &[u8]) {
        let mut salt = [0; 16];
        for (byte, of_sum) in salt.iter_mut().zip(self.sum.to_le_bytes()) {
            *byte = of_sum;
        }
        self.sum = hash(&salt, bytes);
    }
}

impl<F: Write> Summed<F> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.add(bytes);
        self.file.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl<F: Read> Summed<F> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], FileError> {
        let mut bytes = [0; N];
        self.file
            .read_exact(&mut bytes)
            .map_err(FileError::of_end)?;
        self.add(&bytes);
        Ok(bytes)
    }

    fn part(&mut self) -> Result<Vec<u8>, FileError> {
        let length = u32::from_le_bytes(self.array()?);
        if length > MOST {
            return Err(FileError::Malformed("a part of it is too long"));
        }
        let mut bytes = vec![0; length as usize];
        self.file
            .read_exact(&mut bytes)
            .map_err(FileError::of_end)?;
        self.add(&bytes);
        Ok(bytes)
    }
}

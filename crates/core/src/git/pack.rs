//! Packs: many objects in one file, whole or as deltas of others, each compressed (gitformat-pack).

use flate2::{Decompress, FlushDecompress, Status};

use super::bytes::Bytes;
use super::index::Index;
use super::object::{Fault, Id, Kind};

/// Bytes before the first object.
const HEADER: usize = 12;
/// A byte of compressed data becomes no more than this.
const EXPANSION: u64 = 1032;

/// How an object is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Whole(Kind),
    /// A delta of the object at this offset in the same pack.
    Offset(u64),
    /// A delta of the object with this id.
    Base(Id),
}

/// The head of an object in a pack. size: bytes that inflating gives: the object's, or the delta's. data: where the
/// compressed data begins.
#[derive(Clone, Copy, Debug)]
pub struct PackEntry {
    pub form: Form,
    pub size: u64,
    pub data: usize,
}

/// A pack with its index.
pub struct Pack {
    /// The file's name.
    pub name: String,
    data: Bytes,
    pub index: Index,
    width: usize,
}

impl Pack {
    /// width: bytes of an id. The error says what is wrong with the pack.
    pub fn new(name: String, data: Bytes, index: Index, width: usize) -> Result<Self, String> {
        if data.len() < HEADER + width || !data.starts_with(b"PACK") {
            return Err("is not a pack".into());
        }
        if !matches!(data[4..8], [0, 0, 0, 2 | 3]) {
            return Err("has a version that is not known".into());
        }
        Ok(Self { name, data, index, width })
    }

    /// The head of the object at an offset.
    pub fn entry(&self, offset: u64) -> Result<PackEntry, Fault> {
        let end = || Fault::damaged(format!("{} ends too early", self.name));
        let start = usize::try_from(offset).map_err(|_| end())?;
        let mut rest = self.data.get(start.max(HEADER)..self.data.len() - self.width).ok_or_else(end)?;
        let mut byte = || -> Result<u8, Fault> {
            let (&byte, more) = rest.split_first().ok_or_else(end)?;
            rest = more;
            Ok(byte)
        };
        let mut head = byte()?;
        let kind = head >> 4 & 7;
        let mut size = u64::from(head & 15);
        let mut shift = 4;
        while head & 0x80 != 0 {
            head = byte()?;
            if shift > 53 {
                return Err(Fault::damaged("its size is no number"));
            }
            size |= u64::from(head & 0x7f) << shift;
            shift += 7;
        }
        let form = match kind {
            1 => Form::Whole(Kind::Commit),
            2 => Form::Whole(Kind::Tree),
            3 => Form::Whole(Kind::Blob),
            4 => Form::Whole(Kind::Tag),
            6 => {
                head = byte()?;
                let mut back = u64::from(head & 0x7f);
                while head & 0x80 != 0 {
                    head = byte()?;
                    back = back
                        .checked_add(1)
                        .and_then(|back| back.checked_mul(128))
                        .ok_or_else(|| Fault::damaged("its delta base is nowhere"))?
                        | u64::from(head & 0x7f);
                }
                let base = offset.checked_sub(back).filter(|base| *base < offset && *base >= HEADER as u64);
                Form::Offset(base.ok_or_else(|| Fault::damaged("its delta base is nowhere"))?)
            }
            7 => {
                let (id, more) = rest.split_at_checked(self.width).ok_or_else(end)?;
                rest = more;
                Form::Base(Id::new(id).ok_or_else(end)?)
            }
            _ => return Err(Fault::damaged("it is of no known kind")),
        };
        let data = self.data.len() - self.width - rest.len();
        Ok(PackEntry { form, size, data })
    }

    /// The compressed data of an object, and all behind it.
    pub fn compressed(&self, entry: &PackEntry) -> &[u8] {
        &self.data[entry.data..self.data.len() - self.width]
    }

    /// Gives back the memory of what was read.
    pub fn release(&self) {
        self.data.release();
    }

    /// Inflates an object, or a delta.
    pub fn inflate(&self, entry: &PackEntry, inflater: &mut Inflater, out: &mut Vec<u8>) -> Result<(), Fault> {
        inflater.inflate(self.compressed(entry), entry.size, out)
    }
}

/// Inflates one object after the other.
pub struct Inflater(Decompress);

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompress::new(true))
    }
}

impl Inflater {
    /// Inflates exactly `size` bytes into `out`, which is emptied first. The size is for the caller to bound.
    pub fn inflate(&mut self, source: &[u8], size: u64, out: &mut Vec<u8>) -> Result<(), Fault> {
        out.clear();
        let short = || Fault::damaged("its compressed data ends too early");
        if size / EXPANSION > source.len() as u64 {
            return Err(short());
        }
        let size = usize::try_from(size).map_err(|_| short())?;
        out.reserve_exact(size.saturating_add(1));
        self.0.reset(true);
        let status = self.0.decompress_vec(source, out, FlushDecompress::Finish);
        match status {
            Ok(Status::StreamEnd) if out.len() == size => Ok(()),
            Ok(_) if out.len() > size => Err(Fault::damaged("its compressed data goes on behind its end")),
            Ok(_) => Err(short()),
            Err(_) => Err(Fault::damaged("its compressed data is broken")),
        }
    }

    /// Inflates the first bytes into `out`, up to its length. How many there were.
    pub fn head(&mut self, source: &[u8], out: &mut [u8]) -> Result<usize, Fault> {
        self.0.reset(true);
        match self.0.decompress(source, out, FlushDecompress::None) {
            Ok(_) => Ok(usize::try_from(self.0.total_out()).unwrap_or(0).min(out.len())),
            Err(_) => Err(Fault::damaged("its compressed data is broken")),
        }
    }
}

//! Headers of tar archives, read by hand: ustar and PAX (POSIX.1-2001), GNU long names, numbers and sparse files, star, v7.
//!
//! Where implementations differ, this follows Go's `archive/tar`, because container runtimes unpack layers with it.

use crate::limits::ReadError;
use crate::pax::{self, Records};
use crate::sparse::{self, Sparse};

pub const BLOCK: usize = 512;
/// Bytes of one long name or PAX header.
const MOST_EXTENDED: u64 = 1 << 20;

type Result<T> = std::result::Result<T, ReadError>;

/// Where a tar is read from, front to back.
pub trait Source {
    /// Offset of the next byte.
    fn position(&self) -> u64;
    /// Fills the buffer as far as there are bytes; returns how many.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize>;
    /// Passes over bytes; returns how many there were.
    fn skip(&mut self, count: u64) -> Result<u64>;
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
    Hard,
    Symlink,
    Other,
}

/// The header of one entry. Names are bytes as they stand in the archive.
#[derive(Debug)]
pub struct Entry {
    pub kind: Kind,
    pub name: Vec<u8>,
    pub link: Vec<u8>,
    pub mode: u32,
    /// Bytes in the archive.
    pub stored: u64,
    /// Bytes of the file: more than stored for sparse ones.
    pub size: u64,
    pub sparse: Option<Sparse>,
}

/// A walk over the entries.
pub struct Tar<S> {
    pub source: S,
    pub entry: Entry,
    /// PAX global headers that set what runtimes would not apply: (offset, keywords).
    pub ignored: Vec<(u64, String)>,
    left: u64,
    padding: u64,
    extended: Vec<u8>,
    ended: bool,
}

fn text(field: &[u8]) -> &[u8] {
    &field[..field.iter().position(|&byte| byte == 0).unwrap_or(field.len())]
}

/// A number: octal with blanks around it, or base 256 with the first bit set (GNU). None when it is neither.
pub fn number(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 != 0 {
        if field[0] & 0x40 != 0 {
            return None; // negative
        }
        let mut value = u64::from(field[0] & 0x3f);
        for &byte in &field[1..] {
            value = value.checked_mul(256)? | u64::from(byte);
        }
        return Some(value);
    }
    let digits = text(field).trim_ascii();
    let mut value = 0_u64;
    for &digit in digits {
        if !(b'0'..=b'7').contains(&digit) {
            return None;
        }
        value = value.checked_mul(8)? + u64::from(digit - b'0');
    }
    Some(value)
}

fn checksum_matches(block: &[u8; BLOCK]) -> bool {
    let Some(stated) = number(&block[148..156]) else { return false };
    let (mut unsigned, mut signed) = (0_i64, 0_i64);
    for (place, &byte) in block.iter().enumerate() {
        let byte = if (148..156).contains(&place) { b' ' } else { byte };
        unsigned += i64::from(byte);
        signed += i64::from(byte as i8);
    }
    i64::try_from(stated).is_ok_and(|stated| stated == unsigned || stated == signed)
}

/// Whether a tar begins with these bytes: its first header, in any dialect.
pub fn is_header(start: &[u8]) -> bool {
    start.first_chunk::<BLOCK>().is_some_and(|block| block[0] != 0 && checksum_matches(block))
}

/// Cleans a path into `clean`: no leading slash, no empty and no dot parts. False when it would leave the root, holds a zero byte
/// or says nothing. Bytes that are no UTF-8 become U+FFFD.
pub fn clean_path(name: &[u8], clean: &mut String) -> bool {
    clean.clear();
    if name.contains(&0) {
        return false;
    }
    for part in name.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                if clean.is_empty() {
                    return false;
                }
                clean.truncate(clean.rfind('/').unwrap_or(0));
            }
            _ => {
                if !clean.is_empty() {
                    clean.push('/');
                }
                match std::str::from_utf8(part) {
                    Ok(part) => clean.push_str(part),
                    Err(_) => clean.push_str(&String::from_utf8_lossy(part)),
                }
            }
        }
    }
    true
}

impl<S: Source> Tar<S> {
    pub fn new(source: S) -> Self {
        let entry =
            Entry { kind: Kind::Other, name: Vec::new(), link: Vec::new(), mode: 0, stored: 0, size: 0, sparse: None };
        Self { source, entry, ignored: Vec::new(), left: 0, padding: 0, extended: Vec::new(), ended: false }
    }

    /// Bytes of the entry's data not read yet.
    pub fn left(&self) -> u64 {
        self.left
    }

    fn cut_off<T>(&self) -> Result<T> {
        Err(ReadError::damaged("the tar is cut off", self.source.position()))
    }

    fn bad<T>(&self, what: &str) -> Result<T> {
        Err(ReadError::damaged(what, self.source.position().saturating_sub(BLOCK as u64)))
    }

    /// The next data of the entry: fills the buffer unless the entry ends before.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if self.source.read(&mut buffer[..most])? < most {
            return self.cut_off();
        }
        self.left -= most as u64;
        Ok(most)
    }

    /// Says that the source was moved on by `count` bytes of the entry's data.
    pub fn taken(&mut self, count: u64) {
        self.left = self.left.saturating_sub(count);
    }

    /// Passes over what is left of the entry.
    pub fn skip_data(&mut self) -> Result<()> {
        let count = self.left + self.padding;
        if count > 0 && self.source.skip(count)? < count {
            return self.cut_off();
        }
        (self.left, self.padding) = (0, 0);
        Ok(())
    }

    /// A block; None at a clean end.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        match self.source.read(&mut block)? {
            0 => Ok(None),
            BLOCK => Ok(Some(block)),
            _ => self.cut_off(),
        }
    }

    fn set_data(&mut self, size: u64) -> Result<()> {
        if size > i64::MAX as u64 - BLOCK as u64 {
            return self.bad("a tar header states an impossible size");
        }
        self.left = size;
        self.padding = size.next_multiple_of(BLOCK as u64) - size;
        Ok(())
    }

    /// Reads a long name or PAX header into `extended`.
    fn read_extended(&mut self, block: &[u8; BLOCK]) -> Result<()> {
        let Some(size) = number(&block[124..136]).filter(|&size| size <= MOST_EXTENDED) else {
            return self.bad("an extended tar header is damaged or too long");
        };
        self.set_data(size)?;
        let mut extended = std::mem::take(&mut self.extended);
        extended.clear();
        extended.resize(usize::try_from(size).unwrap_or(0), 0);
        let read = self.read(&mut extended);
        self.extended = extended;
        read?;
        self.skip_data()
    }

    /// Moves to the next entry, which then stands in `entry`; false at the end.
    pub fn next_entry(&mut self) -> Result<bool> {
        self.skip_data()?;
        if self.ended {
            return Ok(false);
        }
        let mut records = Records::default();
        let (mut long_name, mut long_link) = (None, None);
        // Nothing but headers describing a header can be repeated without end: bounded by the size limit of the source.
        loop {
            let Some(block) = self.block()? else {
                self.ended = true;
                if long_name.is_some() || long_link.is_some() || !records.is_empty() {
                    return self.cut_off();
                }
                return Ok(false);
            };
            if block == [0; BLOCK] {
                self.ended = true;
                return match self.block()? {
                    Some(next) if next != [0; BLOCK] => self.bad("data follows the end mark of the tar"),
                    _ => Ok(false),
                };
            }
            if !checksum_matches(&block) {
                return self.bad("not a tar header, or a damaged one");
            }
            match block[156] {
                b'x' => {
                    self.read_extended(&block)?;
                    records = match pax::parse(&self.extended) {
                        Ok(records) => records,
                        Err(what) => return self.bad(what),
                    };
                }
                b'g' => {
                    self.read_extended(&block)?;
                    match pax::parse(&self.extended) {
                        Ok(global) if self.ignored.len() < 100 && !global.is_empty() => {
                            self.ignored.push((self.source.position(), global.keywords().to_owned()));
                        }
                        Ok(_) => {}
                        Err(what) => return self.bad(what),
                    }
                }
                b'L' | b'K' => {
                    self.read_extended(&block)?;
                    let name = Some(text(&self.extended).to_vec());
                    if block[156] == b'L' { long_name = name } else { long_link = name }
                }
                flag => {
                    self.fill_entry(&block, flag, &mut records, long_name, long_link)?;
                    return Ok(true);
                }
            }
        }
    }

    fn fill_entry(
        &mut self,
        block: &[u8; BLOCK],
        flag: u8,
        records: &mut Records,
        long_name: Option<Vec<u8>>,
        long_link: Option<Vec<u8>>,
    ) -> Result<()> {
        let entry = &mut self.entry;
        entry.name.clear();
        let prefix = match &block[257..265] {
            b"ustar\x0000" if &block[508..512] == b"tar\0" => text(&block[345..476]),
            b"ustar\x0000" => text(&block[345..500]),
            _ => b"",
        };
        if !prefix.is_empty() {
            entry.name.extend_from_slice(prefix);
            entry.name.push(b'/');
        }
        entry.name.extend_from_slice(text(&block[..100]));
        entry.link.clear();
        entry.link.extend_from_slice(text(&block[157..257]));
        if let Some(name) = long_name.or_else(|| records.path.take()) {
            entry.name = name;
        }
        if let Some(link) = long_link.or_else(|| records.link.take()) {
            entry.link = link;
        }
        entry.kind = match flag {
            0 if entry.name.ends_with(b"/") => Kind::Folder,
            0 | b'0' | b'7' | b'S' => Kind::File,
            b'1' => Kind::Hard,
            b'2' => Kind::Symlink,
            b'5' => Kind::Folder,
            _ => Kind::Other,
        };
        entry.sparse = None;
        let Some(mode) = number(&block[100..108]) else { return self.bad("a tar header states no mode") };
        let stated = number(&block[124..136]);
        self.entry.mode = (mode & 0o7777) as u32;
        // Headers of folders, links, devices and pipes may state a size, but no data follows.
        let Some(stored) = (match flag {
            b'1'..=b'6' => Some(0),
            _ => records.size.or(stated),
        }) else {
            return self.bad("a tar header states no size");
        };
        self.set_data(stored)?;
        (self.entry.stored, self.entry.size) = (stored, stored);
        if flag == b'S' {
            let map = sparse::from_header(block, stored, || match self.block()? {
                Some(block) => Ok(block),
                None => Err(ReadError::damaged("the tar is cut off", self.source.position())),
            })?;
            self.entry.size = map.size;
            self.entry.sparse = Some(map);
        } else if self.entry.kind == Kind::File && records.is_sparse() {
            match sparse::from_records(records, stored) {
                Ok(map) => {
                    self.entry.size = map.size;
                    self.entry.sparse = Some(map);
                }
                Err(what) => return self.bad(what),
            }
            if let Some(name) = records.sparse_name.take() {
                self.entry.name = name;
            }
        }
        Ok(())
    }
}

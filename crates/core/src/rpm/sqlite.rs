//! SQLite (`rpmdb.sqlite`): the blobs of the table `Packages`. Rows that are still in a write-ahead log are not seen.

use std::collections::HashSet;

use super::Blobs;
use super::field::{u16_be, u32_be};
use crate::read_at::ReadAt;

const INTERIOR: u8 = 0x05;
const LEAF: u8 = 0x0d;

/// Deeper trees are damaged: with the fewest children a page can have, this is far beyond the largest file.
const DEEPEST: usize = 40;

/// Records of the schema are small; a longer one is not read.
const LONGEST_SCHEMA: u64 = 1 << 20;

/// Hands every header blob to `blobs`.
pub fn walk(source: &dyn ReadAt, blobs: &mut Blobs) -> Result<(), String> {
    let file = File::open(source)?;
    let mut root = None;
    let mut schema = |record: Cell<'_>| {
        if root.is_none() && record.length <= LONGEST_SCHEMA {
            root = file.payload(&record).ok().and_then(|payload| packages_root(&payload));
        }
        Ok(())
    };
    file.rows(1, &mut schema)?;
    let root = root.ok_or("the SQLite file has no table Packages")?;
    file.rows(root, &mut |record: Cell<'_>| {
        blobs.reserve(record.length)?;
        match file.payload(&record) {
            Ok(payload) => match columns(&payload).and_then(|columns| columns.blob()) {
                Some(blob) => blobs.package(blob),
                None => blobs.problem("a row of Packages has no blob".to_owned()),
            },
            Err(what) => blobs.problem(what),
        }
        Ok(())
    })
}

/// The root page, if this record of the schema is that of the table.
fn packages_root(record: &[u8]) -> Option<u32> {
    let columns = columns(record)?;
    if columns.bytes(0)? != b"table" || columns.bytes(1)? != b"Packages" {
        return None;
    }
    let root = columns.bytes(3)?;
    root.iter().try_fold(0u32, |sum, byte| sum.checked_mul(256)?.checked_add(u32::from(*byte)))
}

/// Columns of a record: serial type and bytes.
struct Columns<'a>(Vec<(u64, &'a [u8])>);

impl<'a> Columns<'a> {
    fn bytes(&self, index: usize) -> Option<&'a [u8]> {
        self.0.get(index).map(|(_, bytes)| *bytes)
    }

    fn blob(&self) -> Option<&'a [u8]> {
        self.0.iter().find(|(kind, _)| *kind >= 12 && kind % 2 == 0).map(|(_, bytes)| *bytes)
    }
}

fn columns(record: &[u8]) -> Option<Columns<'_>> {
    let (header_length, mut at) = varint(record, 0)?;
    let header_length = usize::try_from(header_length).ok()?;
    let mut data_at = header_length;
    let mut columns = Vec::new();
    while at < header_length {
        let (kind, next) = varint(record, at)?;
        at = next;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        let end = data_at.checked_add(length)?;
        columns.push((kind, record.get(data_at..end)?));
        data_at = end;
    }
    Some(Columns(columns))
}

/// A number of one to nine bytes, big-endian in groups of seven bits, and the place behind it.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for index in 0..9 {
        let byte = *bytes.get(at.checked_add(index)?)?;
        if index == 8 {
            return Some(((value << 8) | u64::from(byte), at + 9));
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, at + index + 1));
        }
    }
    None
}

/// The payload of a row: what stands in its leaf page, and where it goes on.
struct Cell<'p> {
    length: u64,
    local: &'p [u8],
    overflow: u32,
}

struct File<'a> {
    source: &'a dyn ReadAt,
    page_size: usize,
    usable: usize,
    pages: u64,
}

impl<'a> File<'a> {
    fn open(source: &'a dyn ReadAt) -> Result<Self, String> {
        let header = source.bytes_at(0, 100).map_err(|_| "the SQLite file is cut off")?;
        let page_size = match u16_be(&header, 16) {
            Some(1) => 65536,
            Some(size) if size >= 512 && size.is_power_of_two() => usize::from(size),
            _ => return Err("a SQLite file with an impossible page size".to_owned()),
        };
        let usable = page_size - usize::from(header.get(20).copied().unwrap_or(0));
        if usable < 480 {
            return Err("a SQLite file with an impossible page size".to_owned());
        }
        Ok(Self { source, page_size, usable, pages: source.len() / page_size as u64 })
    }

    /// Pages count from 1.
    fn page(&self, number: u32) -> Result<Vec<u8>, String> {
        let damaged = || format!("page {number} of the SQLite file does not exist");
        let index = u64::from(number).checked_sub(1).ok_or_else(damaged)?;
        self.source.bytes_at(index * self.page_size as u64, self.page_size).map_err(|_| damaged())
    }

    /// Visits the rows of a table in the order of their keys. `Err` of the visitor ends it.
    fn rows(&self, root: u32, visit: &mut dyn FnMut(Cell<'_>) -> Result<(), String>) -> Result<(), String> {
        let mut seen = HashSet::new();
        // Pages still to be read, the next one last, each with its depth.
        let mut waiting = vec![(root, 0)];
        while let Some((number, depth)) = waiting.pop() {
            if !seen.insert(number) || depth > DEEPEST {
                return Err(format!("page {number} of the SQLite file stands twice in a tree"));
            }
            let page = self.page(number)?;
            let start = if number == 1 { 100 } else { 0 };
            let kind = page.get(start).copied().unwrap_or(0);
            let cells = usize::from(u16_be(&page, start + 3).unwrap_or(0));
            let header = match kind {
                INTERIOR => 12,
                LEAF => 8,
                _ => return Err(format!("page {number} of the SQLite file is no table page")),
            };
            let places = (0..cells).map(|cell| u16_be(&page, start + header + 2 * cell).map(usize::from));
            let damaged = || format!("page {number} of the SQLite file is damaged");
            if kind == LEAF {
                for at in places {
                    visit(at.and_then(|at| self.cell(&page, at)).ok_or_else(damaged)?)?;
                }
            } else {
                waiting.push((u32_be(&page, start + 8).ok_or_else(damaged)?, depth + 1));
                if waiting.len() as u64 > self.pages + u64::from(u16::MAX) {
                    return Err(damaged());
                }
                for at in places.rev() {
                    waiting.push((at.and_then(|at| u32_be(&page, at)).ok_or_else(damaged)?, depth + 1));
                }
            }
        }
        Ok(())
    }

    fn cell<'p>(&self, page: &'p [u8], at: usize) -> Option<Cell<'p>> {
        let (length, at) = varint(page, at)?;
        let (_key, at) = varint(page, at)?;
        let most = self.usable - 35;
        if length <= most as u64 {
            let local = page.get(at..at.checked_add(usize::try_from(length).ok()?)?)?;
            return Some(Cell { length, local, overflow: 0 });
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let fitting = least + usize::try_from((length - least as u64) % (self.usable as u64 - 4)).ok()?;
        let end = at + if fitting <= most { fitting } else { least };
        Some(Cell { length, local: page.get(at..end)?, overflow: u32_be(page, end)? })
    }

    /// The whole payload. Every overflow page adds to it, so a chain in a circle ends as well.
    fn payload(&self, cell: &Cell<'_>) -> Result<Vec<u8>, String> {
        if cell.length > self.source.len() {
            return Err("a row is longer than the SQLite file".to_owned());
        }
        let length = usize::try_from(cell.length).map_err(|_| "a row is too long")?;
        let mut payload = Vec::with_capacity(length);
        payload.extend_from_slice(cell.local);
        let mut next = cell.overflow;
        while payload.len() < length {
            let page = self.page(next)?;
            next = u32_be(&page, 0).unwrap_or(0);
            let part = page.get(4..self.usable).unwrap_or_default();
            payload.extend_from_slice(part.get(..length - payload.len()).unwrap_or(part));
        }
        Ok(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints() {
        assert_eq!(varint(&[0x7f], 0), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00], 0), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9], 0), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0x80, 0x80], 0), None);
        assert_eq!(varint(&[], usize::MAX), None);
    }

    #[test]
    fn records() {
        let record = [5, 23, 1, 9, 18, b't', b'a', b'b', b'l', b'e', 7, 1, 2, 3];
        let columns = columns(&record).unwrap();
        assert_eq!(columns.bytes(0), Some(&b"table"[..]));
        assert_eq!(columns.bytes(1), Some(&[7][..]));
        assert_eq!(columns.bytes(2), Some(&[][..]));
        assert_eq!(columns.blob(), Some(&[1, 2, 3][..]));
        assert!(super::columns(&[2, 10]).is_none());
        assert!(super::columns(&[3, 0x8f, 0xff]).is_none());
        assert!(super::columns(&[2, 23, b'x']).is_none());
    }
}

//! Berkeley DB hash files (`Packages`). All pages are walked; the hash itself is not needed.

use super::Blobs;
use super::field::{u16_be, u16_le, u32_be, u32_le};
use crate::read_at::ReadAt;

const MAGIC: u32 = 0x0006_1561;
const HASH_META: u8 = 8;
const HASH_UNSORTED: u8 = 2;
const HASH: u8 = 13;
const OVERFLOW: u8 = 7;
const OFF_PAGE: u8 = 3;
const PAGE_HEADER: usize = 26;

/// Hands every header blob to `blobs`.
pub fn walk(source: &dyn ReadAt, blobs: &mut Blobs) -> Result<(), String> {
    let file = Pages::open(source)?;
    for number in 0..=file.last {
        let page = file.page(number)?;
        if !matches!(page.kind(), HASH | HASH_UNSORTED) {
            continue;
        }
        let entries = usize::from(page.u16(20));
        // Keys and values alternate: the values stand at odd places.
        for index in (1..entries).step_by(2) {
            let at = usize::from(page.u16(PAGE_HEADER + 2 * index));
            if page.bytes.get(at) != Some(&OFF_PAGE) {
                continue;
            }
            let (first, length) = (page.u32(at + 4), page.u32(at + 8));
            let length = blobs.reserve(length.into())?;
            match file.chain(first, length) {
                Ok(blob) => blobs.package(&blob),
                Err(what) => blobs.problem(what),
            }
        }
    }
    Ok(())
}

struct Pages<'a> {
    source: &'a dyn ReadAt,
    big_endian: bool,
    size: usize,
    last: u32,
}

struct Page {
    bytes: Vec<u8>,
    big_endian: bool,
}

impl Page {
    /// Zero beyond the end of the page.
    fn u16(&self, at: usize) -> u16 {
        if self.big_endian { u16_be(&self.bytes, at) } else { u16_le(&self.bytes, at) }.unwrap_or(0)
    }

    fn u32(&self, at: usize) -> u32 {
        if self.big_endian { u32_be(&self.bytes, at) } else { u32_le(&self.bytes, at) }.unwrap_or(0)
    }

    fn kind(&self) -> u8 {
        self.bytes.get(25).copied().unwrap_or(0)
    }
}

impl<'a> Pages<'a> {
    fn open(source: &'a dyn ReadAt) -> Result<Self, String> {
        let bytes = source.bytes_at(0, 512).map_err(|_| "not an rpm database: too short")?;
        let big_endian = match u32_le(&bytes, 12) {
            Some(MAGIC) => false,
            Some(other) if other.swap_bytes() == MAGIC => true,
            _ => return Err("not an rpm database: unknown magic number".to_owned()),
        };
        let meta = Page { bytes, big_endian };
        if meta.bytes.get(24) != Some(&0) {
            return Err("an encrypted Berkeley DB file".to_owned());
        }
        if meta.kind() != HASH_META {
            return Err("a Berkeley DB file that is no hash".to_owned());
        }
        let size = meta.u32(20);
        if !size.is_power_of_two() || !(512..=65536).contains(&size) {
            return Err(format!("a Berkeley DB file with pages of {size} bytes"));
        }
        Ok(Self { source, big_endian, size: size as usize, last: meta.u32(32) })
    }

    fn page(&self, number: u32) -> Result<Page, String> {
        let offset = u64::from(number) * self.size as u64;
        let bytes =
            self.source.bytes_at(offset, self.size).map_err(|_| format!("page {number} lies behind the end"))?;
        Ok(Page { bytes, big_endian: self.big_endian })
    }

    /// `length` bytes over the overflow pages from `first`. Every page adds to them, so a chain in a circle ends as well.
    fn chain(&self, first: u32, length: usize) -> Result<Vec<u8>, String> {
        let mut blob = Vec::with_capacity(length);
        let mut number = first;
        loop {
            let page = self.page(number)?;
            if page.kind() != OVERFLOW {
                return Err(format!("page {number} holds no part of a header"));
            }
            let next = page.u32(16);
            let used = if next == 0 { usize::from(page.u16(22)) } else { self.size - PAGE_HEADER };
            let part = page.bytes.get(PAGE_HEADER..PAGE_HEADER + used);
            let part = part.ok_or_else(|| format!("page {number} claims more than it holds"))?;
            blob.extend_from_slice(part);
            if blob.len() >= length {
                blob.truncate(length);
                return Ok(blob);
            }
            if next == 0 {
                return Err(format!("the header that ends on page {number} is cut off"));
            }
            number = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::tests::package;
    use super::super::read;
    use super::*;

    const SIZE: usize = 512;

    /// A file with one hash page for `blobs`, in the byte order asked for.
    fn file(blobs: &[Vec<u8>], big_endian: bool) -> Vec<u8> {
        let put16 = |page: &mut [u8], at: usize, value: usize| {
            let value = value as u16;
            page[at..at + 2].copy_from_slice(&if big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
        };
        let put32 = |page: &mut [u8], at: usize, value: usize| {
            let value = value as u32;
            page[at..at + 4].copy_from_slice(&if big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
        };
        let mut pages = vec![vec![0; SIZE], vec![0; SIZE]];
        pages[1][25] = HASH;
        put16(&mut pages[1], 20, blobs.len() * 2);
        for (index, blob) in blobs.iter().enumerate() {
            let at = SIZE - 12 * (index + 1);
            put16(&mut pages[1], PAGE_HEADER + 2 * (2 * index), SIZE - 1);
            put16(&mut pages[1], PAGE_HEADER + 2 * (2 * index + 1), at);
            pages[1][at] = OFF_PAGE;
            let first = pages.len();
            put32(&mut pages[1], at + 4, first);
            put32(&mut pages[1], at + 8, blob.len());
            for part in blob.chunks(SIZE - PAGE_HEADER) {
                let mut page = vec![0; SIZE];
                page[25] = OVERFLOW;
                let next = pages.len() + 1;
                put32(&mut page, 16, next);
                put16(&mut page, 22, part.len());
                page[PAGE_HEADER..PAGE_HEADER + part.len()].copy_from_slice(part);
                pages.push(page);
            }
            let last = pages.len() - 1;
            put32(&mut pages[last], 16, 0);
        }
        let last = pages.len() - 1;
        put32(&mut pages[0], 12, MAGIC as usize);
        put32(&mut pages[0], 20, SIZE);
        pages[0][25] = HASH_META;
        put32(&mut pages[0], 32, last);
        pages.concat()
    }

    fn names(file: &[u8]) -> Vec<String> {
        read(&file).unwrap().packages.into_iter().map(|package| package.name).collect()
    }

    #[test]
    fn both_byte_orders() {
        let long = "n".repeat(2000);
        for big_endian in [false, true] {
            let file = file(&[package("a"), package(&long), package("c")], big_endian);
            assert_eq!(names(&file), ["a", &long, "c"]);
        }
    }

    #[test]
    fn a_circle_of_pages_ends() {
        let mut file = file(&[package("a"), package(&"n".repeat(900))], false);
        let first = file.windows(4).position(|bytes| bytes == b"nnnn").unwrap_or(0) / SIZE;
        file[first * SIZE + 16] = first as u8;
        let database = read(&file.as_slice()).unwrap();
        assert_eq!(database.packages.len() + database.problems.len(), 2, "each header once, right or wrong");
    }

    #[test]
    fn damage_is_told() {
        let whole = file(&[package("a"), package(&"n".repeat(900))], false);
        let mut wrong = whole.clone();
        let last = wrong.len() - SIZE;
        wrong[last + 25] = HASH;
        let database = read(&wrong.as_slice()).unwrap();
        assert_eq!((database.packages.len(), database.problems.len()), (1, 1));
        let short = &whole[..whole.len() - 1];
        assert!(!read(&short).unwrap().problems.is_empty());
        for (at, value) in [(12, 0), (20, 1), (24, 1), (25, 9)] {
            let mut wrong = whole.clone();
            wrong[at] = value;
            assert!(read(&wrong.as_slice()).is_err(), "{at}");
        }
        let mut huge = whole;
        huge[SIZE * 2 - 1] = 0xff;
        assert!(read(&huge.as_slice()).is_err());
    }
}

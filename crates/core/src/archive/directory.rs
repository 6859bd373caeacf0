//! The central directory of a ZIP archive (APPNOTE 4.3 and 4.5.3, with ZIP64).

use crate::read_at::ReadAt;

/// One entry, as the central directory tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub packed: u64,
    pub size: u64,
    /// Place of the local header in the file.
    pub header_at: u64,
}

const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: u64 = 22;
const LONGEST_COMMENT: u64 = 0xffff;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_LENGTH: u64 = 20;
const END64: &[u8] = b"PK\x06\x06";
const END64_LENGTH: usize = 56;
const CENTRAL: &[u8] = b"PK\x01\x02";
const CENTRAL_LENGTH: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_LENGTH: usize = 30;
const DESCRIPTOR: &[u8] = b"PK\x07\x08";
/// The size stands behind the bytes.
const DESCRIBED: u16 = 8;
const EXTRA64: u16 = 1;
const LARGEST: u64 = 64 << 20;

/// How many bytes at the end are searched for the end record.
pub const SEARCHED: u64 = END_LENGTH + LONGEST_COMMENT;

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// All entries that are files, in order; `Err` when it is no archive, damaged, or has more than `most` entries.
pub fn entries(source: &dyn ReadAt, most: usize) -> Result<Vec<Entry>, String> {
    match listed(source, most)? {
        (entries, None) => Ok(entries),
        (_, Some(flaw)) => Err(flaw),
    }
}

/// The entries that are files, in order, at most `most`, and what is wrong with the list; `Err` when there is none.
pub fn listed(source: &dyn ReadAt, most: usize) -> Result<(Vec<Entry>, Option<String>), String> {
    let end = end_record(source).ok_or("not a ZIP archive")?;
    if end.size > LARGEST {
        return Err(format!("a directory of {} bytes", end.size));
    }
    let directory_at = end.at.checked_sub(end.size).ok_or("the directory of the archive is damaged")?;
    // Something may stand before the archive (a start script): offsets count from where the archive begins.
    let shift = directory_at.checked_sub(end.offset).ok_or("the directory of the archive is damaged")?;
    let directory = source.bytes_at(directory_at, end.size as usize).map_err(|error| error.to_string())?;
    let mut entries = Vec::new();
    let mut rest = directory.as_slice();
    let mut count = 0;
    while rest.starts_with(CENTRAL) {
        count += 1;
        if count > most {
            return Ok((entries, Some(format!("more than {most} entries"))));
        }
        let Some((entry, length)) = entry(rest, shift) else {
            return Ok((entries, Some("the directory of the archive is damaged".to_owned())));
        };
        if !entry.name.ends_with('/') {
            entries.push(entry);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    if count as u64 != end.count && count as u64 & 0xffff != end.count {
        let flaw = format!("{} entries are announced, {count} are there", end.count);
        return Ok((entries, Some(flaw)));
    }
    Ok((entries, None))
}

/// Where the directory ends, how long it is and where it claims to begin.
struct End {
    at: u64,
    size: u64,
    offset: u64,
    count: u64,
}

fn end_record(source: &dyn ReadAt) -> Option<End> {
    let mut searched = END_LENGTH;
    let (at, record) = loop {
        let start = source.len().checked_sub(searched.min(source.len()))?;
        let tail = source.bytes_at(start, usize::try_from(source.len() - start).ok()?).ok()?;
        let found = (0..tail.len()).rev().find(|index| {
            let record = tail.get(*index..).unwrap_or_default();
            record.starts_with(END)
                && u16_at(record, 20).is_some_and(|comment| usize::from(comment) + END_LENGTH as usize <= record.len())
        });
        match found {
            Some(index) => break (start + index as u64, tail.get(index..)?.to_vec()),
            None if searched < SEARCHED => searched = SEARCHED,
            None => return None,
        }
    };
    let plain = End {
        at,
        size: u32_at(&record, 12)?.into(),
        offset: u32_at(&record, 16)?.into(),
        count: u16_at(&record, 10)?.into(),
    };
    Some(end_record_64(source, at).unwrap_or(plain))
}

fn end_record_64(source: &dyn ReadAt, end_at: u64) -> Option<End> {
    let locator_at = end_at.checked_sub(LOCATOR_LENGTH)?;
    let locator = source.bytes_at(locator_at, LOCATOR_LENGTH as usize).ok()?;
    if !locator.starts_with(LOCATOR) {
        return None;
    }
    // Straight before its locator, unless it is longer than it need be or something stands before the archive.
    let claimed = u64_at(&locator, 8)?;
    let usual = locator_at.checked_sub(END64_LENGTH as u64)?;
    [usual, claimed].into_iter().find_map(|at| {
        let record = source.bytes_at(at, END64_LENGTH).ok()?;
        record.starts_with(END64).then_some(())?;
        Some(End { at, size: u64_at(&record, 40)?, offset: u64_at(&record, 48)?, count: u64_at(&record, 32)? })
    })
}

/// The entry at the start of `bytes`, and how long its record is.
fn entry(bytes: &[u8], shift: u64) -> Option<(Entry, usize)> {
    let (name, extra, comment) = (u16_at(bytes, 28)?, u16_at(bytes, 30)?, u16_at(bytes, 32)?);
    let name_end = CENTRAL_LENGTH + usize::from(name);
    let extra_end = name_end + usize::from(extra);
    let mut packed = u64::from(u32_at(bytes, 20)?);
    let mut size = u64::from(u32_at(bytes, 24)?);
    let mut offset = u64::from(u32_at(bytes, 42)?);
    if let Some(wide) = extra_field(bytes.get(name_end..extra_end)?, EXTRA64) {
        // Only what does not fit its usual field stands here, in this order.
        let mut at = 0;
        for value in [&mut size, &mut packed, &mut offset] {
            if *value == u64::from(u32::MAX) {
                *value = u64_at(wide, at)?;
                at += 8;
            }
        }
    }
    let entry = Entry {
        name: String::from_utf8_lossy(bytes.get(CENTRAL_LENGTH..name_end)?).into_owned(),
        flags: u16_at(bytes, 8)?,
        method: u16_at(bytes, 10)?,
        crc: u32_at(bytes, 16)?,
        packed,
        size,
        header_at: offset.checked_add(shift)?,
    };
    Some((entry, extra_end + usize::from(comment)))
}

fn extra_field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let (kind, length) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        let (content, rest) = extra.get(4..)?.split_at_checked(length)?;
        if kind == wanted {
            return Some(content);
        }
        extra = rest;
    }
}

/// The entries of an archive whose directory is missing or damaged, as their own headers tell them: those from the start on, as
/// far as one follows the other, at most `most`. One that does not say how long it is ends before the next signature, and
/// its `size` is `u64::MAX`.
pub fn loose(source: &dyn ReadAt, most: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at = 0;
    while entries.len() < most {
        let Some((entry, end)) = loose_entry(source, at) else { break };
        if !entry.name.ends_with('/') {
            entries.push(entry);
        }
        at = end;
        // What stands behind the bytes of an entry has 16 bytes, or 24 with large sizes.
        let starts = |at: u64, with: &[u8]| source.bytes_at(at, 4).is_ok_and(|bytes| bytes == with);
        if starts(at, DESCRIPTOR) {
            at = if starts(at + 24, LOCAL) { at + 24 } else { at + 16 };
        }
    }
    entries
}

fn loose_entry(source: &dyn ReadAt, at: u64) -> Option<(Entry, u64)> {
    let header = source.bytes_at(at, LOCAL_LENGTH).ok()?;
    if !header.starts_with(LOCAL) {
        return None;
    }
    let (name, extra) = (u16_at(&header, 26)?, u16_at(&header, 28)?);
    let name = source.bytes_at(at + LOCAL_LENGTH as u64, name.into()).ok()?;
    let start = at + LOCAL_LENGTH as u64 + name.len() as u64 + u64::from(extra);
    let (flags, packed, mut size) = (u16_at(&header, 6)?, u32_at(&header, 18)?, u64::from(u32_at(&header, 22)?));
    let mut end = start.checked_add(packed.into())?;
    if packed == u32::MAX || (flags & DESCRIBED != 0 && packed == 0) {
        (size, end) = (u64::MAX, next_signature(source, start)?);
    }
    let end = end.min(source.len());
    let entry = Entry {
        name: String::from_utf8_lossy(&name).into_owned(),
        flags,
        method: u16_at(&header, 8)?,
        crc: u32_at(&header, 14)?,
        packed: end.checked_sub(start)?,
        size,
        header_at: at,
    };
    Some((entry, end))
}

/// Where a header or descriptor is next, or the source ends.
fn next_signature(source: &dyn ReadAt, mut at: u64) -> Option<u64> {
    const CHUNK: u64 = 64 << 10;
    while at < source.len() {
        let chunk = source.bytes_at(at, (source.len() - at).min(CHUNK) as usize).ok()?;
        let is_one = |index: &usize| {
            let rest = chunk.get(*index..).unwrap_or_default();
            [LOCAL, CENTRAL, DESCRIPTOR].into_iter().any(|signature| rest.starts_with(signature))
        };
        if let Some(index) = memchr::memmem::find_iter(&chunk, b"PK").find(is_one) {
            return Some(at + index as u64);
        }
        // A signature may begin in the last bytes.
        at += if at + CHUNK < source.len() { CHUNK - 3 } else { CHUNK };
    }
    Some(source.len())
}

/// Place and length of an entry's packed bytes.
pub fn data(source: &dyn ReadAt, entry: &Entry) -> Result<(u64, u64), String> {
    let damaged = "its bytes lie outside the archive";
    let local = source.bytes_at(entry.header_at, LOCAL_LENGTH).map_err(|_| damaged)?;
    if !local.starts_with(LOCAL) {
        return Err("it has no local header".to_owned());
    }
    let skipped = [26, 28].into_iter().filter_map(|at| u16_at(&local, at)).map(u64::from).sum::<u64>();
    let start = entry.header_at + LOCAL_LENGTH as u64 + skipped;
    let end = start.checked_add(entry.packed).filter(|end| *end <= source.len()).ok_or(damaged)?;
    Ok((start, end - start))
}

//! NDB (`Packages.db`): a table of slots over blobs, little-endian.

use super::Blobs;
use super::field::u32_le;
use crate::read_at::ReadAt;

const PAGE: u64 = 4096;
const MOST_SLOT_PAGES: u32 = 2048;
const SLOT: usize = 16;
const BLOB_HEADER: usize = 16;

/// Hands every header blob to `blobs`.
pub fn walk(source: &dyn ReadAt, blobs: &mut Blobs) -> Result<(), String> {
    let cut_off = |_| "the NDB file is cut off";
    let header = source.bytes_at(0, 32).map_err(cut_off)?;
    let (version, slot_pages) = (u32_le(&header, 4).unwrap_or(0), u32_le(&header, 12).unwrap_or(0));
    if version != 0 {
        return Err(format!("an NDB file of the unknown version {version}"));
    }
    if !(1..=MOST_SLOT_PAGES).contains(&slot_pages) {
        return Err(format!("an NDB file with {slot_pages} pages of slots"));
    }
    for page in 0..u64::from(slot_pages) {
        let slots = source.bytes_at(page * PAGE, PAGE as usize).map_err(cut_off)?;
        // The file header takes the place of the first two slots.
        for slot in slots.chunks_exact(SLOT).skip(if page == 0 { 2 } else { 0 }) {
            if !slot.starts_with(b"Slot") {
                return Err("the NDB file has a damaged slot".to_owned());
            }
            let (index, block) = (u32_le(slot, 4).unwrap_or(0), u32_le(slot, 8).unwrap_or(0));
            if index == 0 {
                continue;
            }
            match blob(source, index, block, blobs)? {
                Some(blob) => blobs.package(&blob),
                None => blobs.problem(format!("the header of package number {index} is damaged")),
            }
        }
    }
    Ok(())
}

/// One header blob; `None` when it is not there.
fn blob(source: &dyn ReadAt, index: u32, block: u32, blobs: &mut Blobs) -> Result<Option<Vec<u8>>, String> {
    let at = u64::from(block) * 16;
    let Ok(header) = source.bytes_at(at, BLOB_HEADER) else { return Ok(None) };
    if !header.starts_with(b"BlbS") || u32_le(&header, 4) != Some(index) {
        return Ok(None);
    }
    let length = u64::from(u32_le(&header, 12).unwrap_or(0));
    if length > source.len() {
        return Ok(None);
    }
    let length = blobs.reserve(length)?;
    Ok(source.bytes_at(at + BLOB_HEADER as u64, length).ok())
}

#[cfg(test)]
mod tests {
    use super::super::header::tests::package;
    use super::super::read;

    fn file(blobs: &[Vec<u8>]) -> Vec<u8> {
        let mut file = b"RpmP".to_vec();
        for number in [0u32, 1, 1, 0, 0, 0, 0] {
            file.extend(number.to_le_bytes());
        }
        let mut heap = Vec::new();
        for slot in 0..254 {
            let (index, block) = match blobs.get(slot) {
                Some(blob) => {
                    let block = (4096 + heap.len()) / 16;
                    heap.extend(b"BlbS");
                    for number in [slot as u32 + 1, 1, blob.len() as u32] {
                        heap.extend(number.to_le_bytes());
                    }
                    heap.extend(blob);
                    heap.resize((heap.len() + 12).next_multiple_of(16), 0);
                    (slot as u32 + 1, block as u32)
                }
                None => (0, 0),
            };
            file.extend(b"Slot");
            for number in [index, block, 1] {
                file.extend(number.to_le_bytes());
            }
        }
        file.extend(heap);
        file
    }

    #[test]
    fn packages_in_slot_order() {
        let file = file(&[package("a"), package(&"n".repeat(5000)), package("c")]);
        let database = read(&file.as_slice()).unwrap();
        let lengths: Vec<usize> = database.packages.iter().map(|package| package.name.len()).collect();
        assert_eq!((lengths, database.problems.len()), (vec![1, 5000, 1], 0));
        assert!(read(&super::super::ndb::tests::file(&[]).as_slice()).unwrap().packages.is_empty());
    }

    #[test]
    fn damage_is_told() {
        let whole = file(&[package("a"), package("b")]);
        let with = |at: usize, value: u8| {
            let mut wrong = whole.clone();
            wrong[at] = value;
            read(&wrong.as_slice())
        };
        assert!(with(4, 1).is_err());
        assert!(with(12, 0).is_err());
        assert!(with(13, 9).is_err());
        assert!(with(32, b'X').is_err());
        let lost = with(32 + 8, 0xff).unwrap();
        assert_eq!(
            (lost.packages.len(), lost.problems),
            (1, vec!["the header of package number 1 is damaged".to_owned()])
        );
        assert_eq!(with(4096 + 4, 7).unwrap().problems.len(), 1);
        assert_eq!(with(4096 + 15, 0xff).unwrap().problems.len(), 1);
    }
}

//! The readers of git's objects. The first byte chooses: commits and tags, trees, deltas, or a pack with an index to it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::git::delta::Delta;
use vigie_core::git::{Bytes, Commit, Cursor, Id, Index, Pack, Store, Tag, differences, entries};
use vigie_core::limits::Limits;

const WIDTH: usize = 20;
const MOST: u64 = 1 << 20;

/// An index of version 2 that names objects at these offsets, in order.
fn index(offsets: &[u32]) -> Vec<u8> {
    let count = offsets.len() as u32;
    let mut data = vec![0xff, b't', b'O', b'c', 0, 0, 0, 2];
    data.extend((0..256).flat_map(|_| count.to_be_bytes()));
    for number in 0..count {
        data.extend(name(number));
    }
    data.extend(vec![0; 4 * offsets.len()]);
    data.extend(offsets.iter().flat_map(|offset| offset.to_be_bytes()));
    data
}

/// The id of an object of that index.
fn name(number: u32) -> [u8; WIDTH] {
    let mut id = [0; WIDTH];
    id[WIDTH - 4..].copy_from_slice(&number.to_be_bytes());
    id
}

fn pack(data: &[u8]) {
    // Offsets are bytes, so that objects can be deltas of each other by name.
    let Some((&count, rest)) = data.split_first() else { return };
    let count = usize::from(count % 8);
    if rest.len() < count {
        return;
    }
    let (offsets, body) = rest.split_at(count);
    let offsets: Vec<u32> = offsets.iter().map(|offset| 12 + u32::from(*offset)).collect();
    let mut file = b"PACK\0\0\0\x02\0\0\0\0".to_vec();
    file.extend_from_slice(body);
    file.extend([0; WIDTH]);
    let Ok(index) = Index::new(Bytes::Held(index(&offsets)), WIDTH) else { return };
    let Ok(pack) = Pack::new("pack".into(), Bytes::Held(file), index, WIDTH) else { return };
    let store = Store::of_packs(vec![pack], &Limits::new(MOST, MOST, 1000, 5.0));
    let mut cursor = Cursor::default();
    for number in 0..count as u32 {
        let Some(id) = Id::new(&name(number)) else { continue };
        if let Ok(object) = store.read(&id, &mut cursor) {
            assert!(object.data.len() as u64 <= MOST);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    match first % 5 {
        0 => {
            if let Some(commit) = Commit::new(rest) {
                let _ = (commit.parents(), commit.author(), commit.subject());
            }
            if let Some(tag) = Tag::new(rest) {
                let _ = (tag.tagger(), tag.subject());
            }
        }
        1 => {
            let (one, other) = rest.split_at(rest.len() / 2);
            let mut seen = 0;
            let each = &mut |_| {
                seen += 1;
                Ok::<(), ()>(())
            };
            let _ = differences(entries(one, WIDTH), entries(other, WIDTH), each);
            assert!(seen <= rest.len());
        }
        2 => {
            let (base, delta) = rest.split_at(rest.len() / 2);
            if let Ok(delta) = Delta::new(delta) {
                let mut out = Vec::new();
                if delta.size <= MOST && delta.apply(base, &mut out).is_ok() {
                    assert_eq!(out.len() as u64, delta.size);
                }
            }
        }
        3 => pack(rest),
        _ => {
            if let (Ok(index), Some(id)) = (Index::new(Bytes::Held(rest.to_vec()), WIDTH), Id::new(&[first; WIDTH])) {
                let _ = (index.find(&id), index.count());
            }
        }
    }
});

//! Layouts are those of `bpf/listing.h` and `bpf/record.h`.

use std::collections::VecDeque;
use std::sync::mpsc::channel;

use super::*;
use crate::wire::tag;

/// A record with these blobs.
fn written(version: u16, flags: u16, blobs: &[(u16, &[u8])]) -> Vec<u8> {
    let mut data = Vec::new();
    for (tag, blob) in blobs {
        data.extend_from_slice(&tag.to_le_bytes());
        data.extend_from_slice(&(blob.len() as u16).to_le_bytes());
        data.extend_from_slice(blob);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    let mut all: Vec<u8> = [version, 1, flags, 0].iter().flat_map(|number| number.to_le_bytes()).collect();
    all.extend_from_slice(&(data.len() as u32).to_le_bytes());
    all.extend_from_slice(&[0; 4]);
    all.extend_from_slice(&data);
    all
}

/// Gives out so many bytes at a time.
struct Slow(VecDeque<u8>, usize);

impl Read for Slow {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let count = to.len().min(self.1).min(self.0.len());
        self.0.drain(..count).zip(to).for_each(|(byte, place)| *place = byte);
        Ok(count)
    }
}

/// The lengths of the names in a list.
fn read(list: &[u8], at_a_time: usize) -> Result<Vec<usize>, StartError> {
    let mut lengths = Vec::new();
    records(Slow(list.iter().copied().collect(), at_a_time), &AtomicU64::new(0), |record| {
        lengths.push(record.blob(tag::NAME).map_or(0, <[u8]>::len));
        true
    })?;
    Ok(lengths)
}

#[test]
fn records_that_come_in_pieces() {
    let list: Vec<u8> =
        [1, 30_000, 7, 0].iter().flat_map(|&size| written(1, 0, &[(tag::NAME, &vec![b'x'; size])])).collect();
    for at_a_time in [1, 7, 4096, 1 << 20] {
        assert_eq!(read(&list, at_a_time).unwrap(), [1, 30_000, 7, 0]);
    }
    // One that ends in its middle is none.
    assert_eq!(read(&list[..list.len() - 3], 4096).unwrap(), [1, 30_000, 7]);
}

#[test]
fn lists_that_make_no_sense() {
    let refused = |list: &[u8]| matches!(read(list, 64), Err(StartError::Failed(_)));
    assert!(refused(&written(2, 0, &[])));
    let mut longer = written(1, 0, &[]);
    longer[8..12].copy_from_slice(&(LARGEST as u32 + 1).to_le_bytes());
    assert!(refused(&longer));
}

#[test]
fn any_bytes_are_taken_for_something() {
    // A small generator of numbers that look like chance.
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let (mut threads, mut files) = (threads::Threads::new(u64::MAX), files::Files::default());
    let tags = [
        tag::PROCESS,
        tag::LISTED_THREAD,
        tag::LISTED_FILE,
        tag::FILE,
        tag::SOCKET,
        tag::NAME,
        tag::ARGS,
        tag::ENV,
        tag::CWD,
        tag::CGROUP,
    ];
    for _ in 0..20_000 {
        let blobs: Vec<(u16, Vec<u8>)> = tags
            .iter()
            .filter_map(|&tag| {
                let size = next() % 300;
                let narrow = next() % 3 == 0;
                let blob = (0..size).map(|_| if narrow { (next() % 3) as u8 } else { next() as u8 }).collect();
                (next() % 4 != 0).then_some((tag, blob))
            })
            .collect();
        let blobs: Vec<(u16, &[u8])> = blobs.iter().map(|(tag, blob)| (*tag, &blob[..])).collect();
        let record = written(1, next() as u16, &blobs);
        let record = super::record(&record);
        assert!(threads.add(&record) && files.add(&record));
    }
    let listed = threads.listed();
    assert!(listed.threads.len() < 20_000);
    assert!(!files.listed().is_empty());
}

#[test]
fn a_kernel_that_does_not_answer_is_left_behind() {
    let (silent, receiver) = channel();
    let started = Instant::now();
    assert!(matches!(awaited(&receiver, &AtomicU64::new(0)), Err(StartError::Failed(_))));
    assert!(started.elapsed() >= PATIENCE && started.elapsed() < TIME);
    drop(silent);
    assert!(matches!(awaited(&receiver, &AtomicU64::new(0)), Err(StartError::Failed(_))));
}

//! Hostile captures: nothing but an error, and what came before it stays.

#![allow(clippy::unwrap_used)]

mod bytes;

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use vigie_capture::Reader;

use bytes::{block, bytes, event, read, read_all, section};

const CLOSE: u16 = 5;

fn close(ts: u64) -> Vec<u8> {
    event(ts, 1, CLOSE, &[&[0; 8], &[3, 0, 0, 0, 0, 0, 0, 0]], None, false)
}

fn small() -> (Vec<u8>, Vec<usize>) {
    let parts = [section(), block(0x201, &[0; 180]), close(1), close(2), close(3)];
    let mut ends = Vec::new();
    let mut whole = Vec::new();
    for part in parts {
        whole.extend(part);
        ends.push(whole.len());
    }
    (whole, ends)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn what(capture: Vec<u8>) -> String {
    read(capture).error.map_or_else(String::new, |error| error.what)
}

#[test]
fn cut_anywhere() {
    let (whole, ends) = small();
    for length in 0..=whole.len() {
        let delivery = read(whole[..length].to_vec());
        let blocks = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(delivery.events.len(), blocks.saturating_sub(2), "cut at {length}");
        if length == 0 {
            assert_eq!(delivery.error.unwrap().what, "an empty capture");
        } else if ends.contains(&length) {
            assert_eq!(delivery.error, None, "cut at {length}");
            assert_eq!(delivery.hosts.len(), 1);
        } else {
            let error = delivery.error.unwrap();
            assert_eq!(error.what, "the capture ends inside a block", "cut at {length}");
            assert_eq!(error.offset, Some(if blocks == 0 { 0 } else { ends[blocks - 1] as u64 }));
        }
    }
}

/// The compressed stream is cut: what was decompressed before is delivered.
#[test]
fn a_compressed_capture_cut_anywhere() {
    let whole = gzip(&small().0);
    for length in 2..whole.len() {
        assert!(read(whole[..length].to_vec()).error.is_some(), "cut at {length}");
    }
    assert_eq!(read(whole).events.len(), 3);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/captures/activity_small.scap");
    let recorded = std::fs::read(path).unwrap();
    let delivery = read(recorded[..recorded.len() / 2].to_vec());
    assert!(delivery.error.is_some());
    assert!((20_000..58_000).contains(&delivery.events.len()), "{}", delivery.events.len());
}

/// Each byte of a real capture's beginning, changed: nothing but an error or other events.
#[test]
fn each_byte_changed() {
    let (whole, _) = small();
    for at in 0..whole.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] ^= change;
            let delivery = read(changed);
            assert!(delivery.events.len() <= 3);
        }
    }
}

/// A capture that arrives in small pieces is the same capture.
#[test]
fn read_in_pieces() {
    struct Pieces(io::Cursor<Vec<u8>>);
    impl Read for Pieces {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(7);
            self.0.read(&mut into[..length])
        }
    }
    for capture in [small().0, gzip(&small().0)] {
        let delivery = read_all(Reader::over(Pieces(io::Cursor::new(capture))).unwrap());
        assert_eq!((delivery.error, delivery.events.len()), (None, 3));
    }
}

#[test]
fn several_members_are_one_stream_and_what_follows_is_ignored() {
    let (whole, ends) = small();
    let mut capture = [gzip(&whole[..ends[2] + 5]), gzip(&whole[ends[2] + 5..])].concat();
    capture.extend(b"\0\0\0trailing");
    let delivery = read(capture);
    assert_eq!((delivery.error, delivery.events.len()), (None, 3));
}

#[test]
fn section_headers() {
    let header = |magic: u32, major: u16| {
        block(bytes::SECTION, &bytes().u32(magic).u16(major).u16(9).u64(u64::MAX).raw(&[0; 60]).0)
    };
    // Options after the fixed part, a minor version of the future, a major one of the past.
    assert_eq!(read([header(0x1A2B_3C4D, 1), close(1)].concat()).events.len(), 1);
    assert_eq!(read([header(0x1A2B_3C4D, 0), close(1)].concat()).events.len(), 1);
    assert_eq!(what(header(0x1A2B_3C4D, 2)), "a capture of a newer major version");
    assert_eq!(what(header(0x4D3C_2B1A, 1)), "a capture of a machine with the other byte order");
    assert_eq!(what(header(7, 1)), "not a capture");
    assert_eq!(what(block(bytes::SECTION, &[0; 8])), "a section header that is too short");
    assert_eq!(what(close(1)), "not a capture");
    assert_eq!(what(b"PK\x03\x04 some other file".to_vec()), "not a capture");
}

#[test]
fn lengths_that_lie() {
    let after = |bytes: &[u8]| [section(), close(1), bytes.to_vec()].concat();
    let lengths = |first: u32, last: u32| bytes().u32(0x216).u32(first).raw(&[0; 88]).u32(last).0;
    for length in [0, 4, 11] {
        let delivery = read(after(&lengths(length, length)));
        assert_eq!(delivery.events.len(), 1);
        assert_eq!(delivery.error.unwrap().what, format!("a block of {length} bytes"));
    }
    assert_eq!(what(after(&lengths(u32::MAX, 100))), format!("a block of {} bytes", u32::MAX));
    assert_eq!(what(after(&lengths(200 << 20, 100))), "the capture ends inside a block");
    assert_eq!(what(after(&lengths(100, 104))), "a block whose two lengths differ");
    let header = |length: u32, id: u16, params: u32| {
        block(0x216, &bytes().u16(0).u64(1).u64(1).u32(length).u16(id).u32(params).raw(&[1; 60]).0)
    };
    assert_eq!(what(after(&header(25, CLOSE, 0))), "an event whose header does not fit its block");
    assert_eq!(what(after(&header(500, CLOSE, 2))), "an event longer than its block");
    assert_eq!(what(after(&header(27, CLOSE, 1))), "an event too short for its parameters");
    assert_eq!(what(after(&header(86, CLOSE, u32::MAX))), "an event of more parameters than any has");
    assert_eq!(what(after(&header(86, CLOSE, 2))), "an event whose parameters are longer than itself");
    assert_eq!(what(after(&block(0x216, &[0; 20]))), "an event whose header does not fit its block");
    // An unmanaged type may have parameters that the schema does not know; a managed exit may not.
    let more: Vec<&[u8]> = vec![&[0; 8]; 9];
    assert_eq!(read(after(&event(2, 1, 234, &more, None, false))).events.len(), 2);
    assert_eq!(what(after(&event(2, 1, CLOSE, &more, None, false))), "an event of more parameters than its type has");
}

#[test]
fn entries_that_lie() {
    for (number, head) in [(0x215, 0), (0x218, 8), (0x219, 0), (0x220, 0)] {
        for length in [0u32, 3, 4, 5, 1 << 20, u32::MAX] {
            let body = bytes().raw(&[0; 8][..head]).u32(length).raw(&[9; 40]).0;
            let delivery = read([section(), block(number, &body), close(1)].concat());
            let error = delivery.error.unwrap_or_else(|| panic!("{number:#x} {length}"));
            assert_eq!((error.what.as_str(), error.offset), ("a list with a damaged entry", Some(28)));
        }
    }
    for number in [0x202, 0x203, 0x205, 0x206, 0x207, 0x209, 0x210, 0x211, 0x212, 0x213, 0x214] {
        let delivery = read([section(), block(number, &[0xff; 64]), close(1)].concat());
        assert_eq!(delivery.error.unwrap().what, "a list with a damaged entry", "{number:#x}");
    }
    assert_eq!(what([section(), block(0x201, &[0; 20])].concat()), "a machine block that is too short");
}

#[test]
fn lists_are_kept_only_so_far() {
    let entry = bytes().entry(true, bytes().u64(1).u64(0).u8(0));
    let mut list = bytes().u64(7);
    for _ in 0..10_000 {
        list = list.raw(&entry.0);
    }
    let delivery = read([section(), block(0x218, &list.0), close(1)].concat());
    assert_eq!(delivery.error, None);
    assert_eq!((delivery.hosts[0].descriptors[0].0, delivery.hosts[0].descriptors[0].1.len()), (7, 4096));
}

/// Many gigabytes in some megabytes: refused as soon as the block's length is seen, or read without keeping it.
#[test]
fn decompression_bombs() {
    let mut member = GzEncoder::new(Vec::new(), Compression::fast());
    member.write_all(&section()).unwrap();
    member.write_all(&bytes().u32(0x300).u32(300 << 20).0).unwrap();
    for _ in 0..16 {
        member.write_all(&vec![0; 1 << 20]).unwrap();
    }
    assert_eq!(what(member.finish().unwrap()), format!("a block of {} bytes", 300 << 20));
    // Blocks that nobody knows, one after another: more than all metadata may take.
    let mut member = GzEncoder::new(Vec::new(), Compression::fast());
    let unknown = block(0x300, &vec![0; 32 << 20]);
    member.write_all(&unknown).unwrap();
    let unknown = member.finish().unwrap();
    let capture = [gzip(&section()), unknown.repeat(9)].concat();
    assert!(capture.len() < 10 << 20);
    assert_eq!(what(capture), "a host with more metadata than is read");
}

#[test]
fn blocks_between_events() {
    let delivery = read([section(), close(1), block(0x300, &[]), close(2)].concat());
    assert_eq!(delivery.events.len(), 1);
    assert_eq!(delivery.error.unwrap().what, "a block among the events that is none");
    let delivery = read([section(), block(0x300, &[]), close(1)].concat());
    assert_eq!((delivery.error, delivery.events.len()), (None, 1));
}

#[test]
fn types_of_newer_writers_are_skipped_and_counted() {
    let delivery = read([section(), event(1, 1, 454, &[b"x"], None, false), close(2)].concat());
    assert_eq!((delivery.error, delivery.events.len(), delivery.skipped), (None, 1, 1));
}

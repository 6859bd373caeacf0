//! Gzip and zstd streams, whole, joined, cut and damaged.
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::PathBuf;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use vigie_core::inflate::{Raw, Sums, inflate_file};
use vigie_core::limits::{Limits, ReadError};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("vigie-inflate-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The bytes a stream holds, and its sums.
fn inflate(bytes: &[u8]) -> Result<(Vec<u8>, Sums), ReadError> {
    let folder = Folder::new();
    let source = folder.0.join("source");
    std::fs::write(&source, bytes).unwrap();
    let mut raw = Raw::open(&source, &Limits::default(), 0, None)?;
    let mut out = Vec::new();
    loop {
        let count = raw.available()?.len();
        if count == 0 {
            let sums = raw.finish()?;
            return Ok((out, sums));
        }
        out.extend_from_slice(raw.at_hand());
        raw.consume(count);
    }
}

fn error(bytes: &[u8]) -> String {
    match inflate(bytes) {
        Err(ReadError::Damaged(what)) => what,
        other => panic!("{:?}", other.map(|(out, sums)| (out.len(), sums))),
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(bytes.len()));
    let mut context = zstd_safe::CCtx::create();
    context.set_parameter(zstd_safe::CParameter::ChecksumFlag(true)).unwrap();
    context.compress2(&mut out, bytes).unwrap();
    out
}

/// Something that compresses neither to nothing nor not at all.
fn data(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if state >> 28 < 12 { b'a' } else { (state >> 20) as u8 }
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn both_sides_are_hashed() {
    let data = data(1_000_000);
    for stored in [gzip(&data), zstd(&data), data.clone()] {
        let (out, sums) = inflate(&stored).unwrap();
        assert!(out == data);
        assert_eq!(sums.digest, sha256(&stored));
        assert_eq!(sums.diff_id, sha256(&data));
        assert_eq!((sums.size, sums.stored), (1_000_000, stored.len() as u64));
    }
}

#[test]
fn streams_are_joined() {
    let (one, two) = (data(300_000), data(1));
    let whole = [one.clone(), Vec::new(), two.clone()].concat();
    let skippable = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let members = [gzip(&one), gzip(b""), gzip(&two)].concat();
    let frames =
        [skippable.to_vec(), zstd(&one), zstd(b""), skippable.to_vec(), zstd(&two), skippable.to_vec()].concat();
    let padded = [members.clone(), vec![0; 700_000]].concat();
    for stored in [members, frames, padded] {
        let (out, sums) = inflate(&stored).unwrap();
        assert!(out == whole);
        assert_eq!(sums.digest, sha256(&stored));
    }
}

#[test]
fn gzip_headers_with_every_field() {
    let builder = GzBuilder::new().filename("a".repeat(300_000)).comment("b").extra(vec![0; 60_000]);
    let mut encoder = builder.write(Vec::new(), Compression::fast());
    encoder.write_all(b"content").unwrap();
    let stored = encoder.finish().unwrap();
    assert_eq!(inflate(&stored).unwrap().0, b"content");
    let mut summed = gzip(b"content");
    summed[3] |= 2;
    summed.splice(10..10, [7, 7]);
    assert_eq!(inflate(&summed).unwrap().0, b"content");
}

#[test]
fn damage_is_an_error() {
    let stored = gzip(&data(5_000));
    let end = stored.len();
    let changed = |at: usize| {
        let mut bad = stored.clone();
        bad[at] ^= 1;
        bad
    };
    assert!(error(&changed(end - 1)).contains("gzip size does not match"));
    assert!(error(&changed(end - 8)).contains("gzip checksum does not match"));
    assert!(error(&changed(2)).contains("no gzip header"));
    assert!(error(&[stored.clone(), b"x".to_vec()].concat()).contains("cut off"));
    assert!(error(&[stored.clone(), vec![b'x'; 20]].concat()).contains("follows the gzip data"));
    assert!(error(&[stored.clone(), vec![0, 0, 1]].concat()).contains("follows the gzip data"));
    let stored = zstd(&data(5_000));
    let mut bad = stored.clone();
    *bad.last_mut().unwrap() ^= 1;
    assert!(error(&bad).contains("zstd"), "{}", error(&bad));
    assert!(error(&[stored, b"xxxx".to_vec()].concat()).contains("zstd"));
}

#[test]
fn every_cut_is_an_error() {
    let data = data(3_000);
    for stored in [gzip(&data), zstd(&data)] {
        for end in 4..stored.len() {
            let what = error(&stored[..end]);
            assert!(what.contains("cut off") || what.contains("damaged"), "{what}");
        }
    }
}

#[test]
fn ranges_of_a_file() {
    let folder = Folder::new();
    let source = folder.0.join("source");
    std::fs::write(&source, [b"before".to_vec(), gzip(b"middle"), b"after".to_vec()].concat()).unwrap();
    let length = gzip(b"middle").len() as u64;
    let sums = |offset, length| Raw::open(&source, &Limits::default(), offset, length)?.finish();
    assert_eq!(sums(6, Some(length)).unwrap().diff_id, sha256(b"middle"));
    assert_eq!(sums(6, Some(0)).unwrap().size, 0);
    assert!(sums(6, Some(length + 6)).unwrap_err().to_string().contains("ends early"));
    assert!(sums(7, Some(u64::MAX)).unwrap_err().to_string().contains("ends early"));
    assert!(sums(10_000, None).unwrap_err().to_string().contains("ends early"));
}

#[test]
fn files_are_inflated_within_bounds() {
    let folder = Folder::new();
    let (source, target) = (folder.0.join("source"), folder.0.join("target"));
    let data = data(600_000);
    let limits = Limits { max_bytes: 600_000, ..Limits::default() };
    for stored in [gzip(&data), zstd(&data)] {
        std::fs::write(&source, stored).unwrap();
        assert_eq!(inflate_file(&source, &target, &limits).unwrap(), 600_000);
        assert!(std::fs::read(&target).unwrap() == data);
        assert!(inflate_file(&source, &target, &Limits { max_bytes: 599_999, ..Limits::default() }).is_err());
        assert!(!target.exists());
    }
    std::fs::write(&source, "plain").unwrap();
    assert!(inflate_file(&source, &target, &limits).unwrap_err().to_string().contains("neither gzip nor zstd"));
}

//! Layers built by hand, byte by byte, and what reading them says.
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha1::Digest;
use vigie_core::found::{Content, Found};
use vigie_core::layer::{LayerReader, Walked};
use vigie_core::limits::{Limits, ReadError};
use vigie_core::selection::{Kind, Rule, Selection};

/// A file of the test's own, removed at its end.
struct Blob(PathBuf);

impl Blob {
    fn new(bytes: &[u8]) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("vigie-layer-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn sealed(mut block: [u8; 512]) -> [u8; 512] {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn block(name: &str, flag: u8, size: u64) -> [u8; 512] {
    let mut block = [0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[156] = flag;
    block[257..265].copy_from_slice(b"ustar\x0000");
    block
}

fn padded(data: &[u8]) -> Vec<u8> {
    let mut out = data.to_vec();
    out.resize(data.len().next_multiple_of(512), 0);
    out
}

fn entry(name: &str, flag: u8, data: &[u8]) -> Vec<u8> {
    [sealed(block(name, flag, data.len() as u64)).to_vec(), padded(data)].concat()
}

fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let mut data = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let length = (1..).find(|digits| (rest + digits).to_string().len() == *digits).unwrap() + rest;
        data.extend(format!("{length} {key}={value}\n").bytes());
    }
    entry("pax", b'x', &data)
}

const END: [u8; 1024] = [0; 1024];

fn selection(limit_kind: Kind) -> Arc<Selection> {
    let rule = Rule { globs: vec!["**".into()], expressions: vec![], kind: limit_kind };
    Arc::new(Selection::new(&[rule], &[], &[]).unwrap())
}

fn read_with(bytes: &[u8], selection: Arc<Selection>, limits: &Limits) -> Result<(Vec<Found>, Walked), ReadError> {
    let blob = Blob::new(bytes);
    let mut reader = LayerReader::open(&blob.0, selection, limits, 0, None)?;
    let mut all = Vec::new();
    loop {
        let batch = reader.next_batch()?;
        if batch.is_empty() {
            return Ok((all, reader.finish()?));
        }
        all.extend(batch);
    }
}

fn read(bytes: &[u8]) -> Result<(Vec<Found>, Walked), ReadError> {
    read_with(bytes, selection(Kind::Bytes), &Limits::default())
}

fn contents(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let found = read(bytes).unwrap().0;
    let bytes = |found: Found| match found.content {
        Some(Content::Bytes(bytes)) => (found.path, bytes),
        other => panic!("{other:?} {:?}", found.problem),
    };
    found.into_iter().map(bytes).collect()
}

fn error(bytes: &[u8]) -> String {
    match read(bytes) {
        Err(ReadError::Damaged(what)) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn names_in_every_dialect() {
    let long = "d/".repeat(70) + "f";
    let mut prefixed = block("f", b'0', 1);
    prefixed[345..345 + 4].copy_from_slice(b"a/bc");
    let mut gnu = block("f", b'0', 1);
    gnu[257..265].copy_from_slice(b"ustar  \0");
    gnu[345..349].copy_from_slice(b"1234"); // access time, no prefix
    let mut v7 = block("v", 0, 1);
    v7[257..512].fill(0);
    let tar = [
        entry("./plain", b'0', b"1"),
        entry("/rooted//x/./y", b'0', b"2"),
        sealed(prefixed).to_vec(),
        padded(b"3"),
        sealed(gnu).to_vec(),
        padded(b"4"),
        sealed(v7).to_vec(),
        padded(b"5"),
        entry("././@LongLink", b'L', format!("{long}\0").as_bytes()),
        entry("cut", b'0', b"6"),
        pax(&[("mtime", "1.5"), ("path", "pax/päth=\n")]),
        entry("cut", b'0', b"7"),
        entry("a/b/../c", b'7', b"8"),
        END.to_vec(),
    ]
    .concat();
    let names = ["plain", "rooted/x/y", "a/bc/f", "f", "v", &long, "pax/päth=\n", "a/c"];
    let expected: Vec<_> = names.iter().zip(b'1'..).map(|(name, byte)| ((*name).to_owned(), vec![byte])).collect();
    assert_eq!(contents(&tar), expected);
}

#[test]
fn entries_without_data_may_state_a_size() {
    let mut tar = Vec::new();
    for flag in b'1'..=b'6' {
        tar.extend(sealed(block("x", flag, 5000)));
    }
    tar.extend(sealed(block("folder/", 0, 0)));
    tar.extend(entry("y", b'0', b"y"));
    assert_eq!(contents(&tar), [("y".to_owned(), b"y".to_vec())]);
}

#[test]
fn sizes_in_every_notation() {
    let mut binary = block("x", b'0', 0);
    binary[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
    let mut blank = block("y", b'0', 0);
    blank[124..136].copy_from_slice(b"       3 \0\0\0");
    let tar = [
        sealed(binary).to_vec(),
        padded(b"abc"),
        sealed(blank).to_vec(),
        padded(b"def"),
        pax(&[("size", "3")]),
        sealed(block("z", b'0', 0o77)).to_vec(),
        padded(b"ghi"),
    ]
    .concat();
    assert_eq!(
        contents(&tar),
        [("x", b"abc"), ("y", b"def"), ("z", b"ghi")].map(|(name, data)| (name.to_owned(), data.to_vec()))
    );
    for (at, bad) in [(0, 0xff), (0, b'9'), (3, b'x')] {
        let mut block = block("x", b'0', 1);
        block[124 + at] = bad;
        assert!(error(&sealed(block)).contains("states no size"), "{bad}");
    }
    let mut huge = block("x", b'0', 0);
    huge[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert!(error(&sealed(huge)).contains("impossible size"));
}

#[test]
fn a_global_header_is_not_applied_and_said() {
    let mut global = pax(&[("path", "elsewhere"), ("comment", "x")]);
    global[156] = b'g';
    let head: [u8; 512] = global[..512].try_into().unwrap();
    global[..512].copy_from_slice(&sealed(head));
    let (found, walked) = read(&[global, entry("here", b'0', b"x")].concat()).unwrap();
    assert_eq!(found[0].path, "here");
    assert_eq!(walked.problems.len(), 1);
    assert!(walked.problems[0].1.contains("sets path"));
}

#[test]
fn whiteouts_of_any_type() {
    let tar = [
        entry("a/.wh.b", b'0', b""),
        entry(".wh.c", b'1', b""),
        entry("d/e/.wh..wh..opq", b'0', b""),
        entry(".wh..wh..opq", b'0', b""),
        entry("f/.wh...", b'0', b""),
        entry("proc/.wh.g", b'0', b""),
        entry("h.wh.i", b'0', b""),
        END.to_vec(),
    ]
    .concat();
    let (found, walked) = read(&tar).unwrap();
    assert_eq!(walked.whiteouts, ["a/b", "c", "proc/g"]);
    assert_eq!(walked.opaque, ["d/e", ""]);
    assert_eq!(walked.problems, [("f/.wh...".to_owned(), "a whiteout of nothing".to_owned())]);
    assert_eq!(found.iter().map(|found| found.path.as_str()).collect::<Vec<_>>(), ["h.wh.i"]);
}

#[test]
fn paths_that_leave_the_root_are_problems() {
    let tar = [
        entry("../x", b'0', b"1"),
        entry("a/../../x", b'0', b"2"),
        entry("/..", b'5', b""),
        pax(&[("path", "a\0b")]),
        entry("c", b'0', b"3"),
        entry("./", b'5', b""),
        entry("good", b'0', b"4"),
    ]
    .concat();
    let (found, walked) = read(&tar).unwrap();
    assert_eq!(
        walked.problems.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>(),
        ["../x", "a/../../x", "/..", "a\0b"]
    );
    assert_eq!(found.len(), 1);
}

/// Three pieces in a file of 5000 bytes: 0..2, 1000..1003 and, empty, at the end.
const SPARSE: [(u64, u64); 3] = [(0, 2), (1000, 3), (5000, 0)];

fn sparse_content() -> Vec<u8> {
    let mut expected = vec![0; 5000];
    expected[..2].copy_from_slice(b"ab");
    expected[1000..1003].copy_from_slice(b"cde");
    expected
}

#[test]
fn sparse_files_of_gnu() {
    let mut head = block("sparse", b'S', 5);
    head[257..265].copy_from_slice(b"ustar  \0");
    head[345..512].fill(0);
    let pair = |offset: u64, length: u64| format!("{offset:011o}\0{length:011o}\0").into_bytes();
    head[386..410].copy_from_slice(&pair(0, 2));
    head[482] = 1;
    head[483..495].copy_from_slice(format!("{:011o}\0", 5000).as_bytes());
    let mut more = [0; 512];
    more[..24].copy_from_slice(&pair(1000, 3));
    more[24..48].copy_from_slice(&pair(5000, 0));
    let tar = [sealed(head).to_vec(), more.to_vec(), padded(b"abcde"), entry("next", b'0', b"n")].concat();
    assert_eq!(contents(&tar), [("sparse".to_owned(), sparse_content()), ("next".to_owned(), b"n".to_vec())]);
}

#[test]
fn sparse_files_of_pax() {
    let map = SPARSE.map(|(offset, length)| format!("{offset},{length}")).join(",");
    let mut zero = vec![("GNU.sparse.size", "5000".to_owned()), ("GNU.sparse.numblocks", "3".to_owned())];
    for (offset, length) in SPARSE {
        zero.push(("GNU.sparse.offset", offset.to_string()));
        zero.push(("GNU.sparse.numbytes", length.to_string()));
    }
    let zero: Vec<_> = zero.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let one = [("GNU.sparse.size", "5000"), ("GNU.sparse.map", &map), ("GNU.sparse.name", "sparse")];
    let last = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "sparse"),
        ("GNU.sparse.realsize", "5000"),
    ];
    let list = padded(b"3\n0\n2\n1000\n3\n5000\n0\n");
    let tar = [
        pax(&zero),
        entry("sparse", b'0', b"abcde"),
        pax(&one),
        entry("GNUSparseFile.0/sparse", b'0', b"abcde"),
        pax(&last),
        entry("GNUSparseFile.0/sparse", b'0', &[list, b"abcde".to_vec()].concat()),
        entry("next", b'0', b"n"),
    ]
    .concat();
    let sparse = ("sparse".to_owned(), sparse_content());
    assert_eq!(contents(&tar), [sparse.clone(), sparse.clone(), sparse, ("next".to_owned(), b"n".to_vec())]);
}

#[test]
fn damaged_sparse_maps() {
    for map in ["0,2,1,3", "0,6", "4999,3", "1", "0,-1", "18446744073709551615,1", "x"] {
        let records = [("GNU.sparse.size", "5000"), ("GNU.sparse.map", map)];
        error(&[pax(&records), entry("x", b'0', b"abcde")].concat());
    }
    for list in ["1\n0\n6\n", "2\n1\n1\n0\n1\n", "99999999\n", "1\nx\n", "\n", "1\n0", "99999999999999999999999\n"] {
        let records = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "5000")];
        error(&[pax(&records), entry("x", b'0', &[padded(list.as_bytes()), b"abcde".to_vec()].concat())].concat());
    }
    let huge = [("GNU.sparse.size", "9223372036854775807"), ("GNU.sparse.map", "0,2")];
    let (found, _) = read(&[pax(&huge), entry("x", b'0', b"ab"), entry("y", b'0', b"y")].concat()).unwrap();
    assert!(found[0].problem.as_ref().unwrap().contains("9223372036854775807 bytes are more"));
    assert_eq!(found[1].path, "y");
}

#[test]
fn ends() {
    let file = entry("x", b'0', b"x");
    let trailing = [file.clone(), END.to_vec(), b"anything, even this".to_vec()].concat();
    let (found, walked) = read(&trailing).unwrap();
    assert_eq!((found.len(), walked.size), (1, trailing.len() as u64));
    assert_eq!(read(&[]).unwrap().1.files, 0);
    assert_eq!(read(&file).unwrap().0.len(), 1);
    assert_eq!(read(&[file.clone(), vec![0; 512]].concat()).unwrap().0.len(), 1);
    assert!(error(&[file.clone(), vec![0; 512], file.clone()].concat()).contains("end mark"));
    assert!(error(&file[..513]).contains("cut off (at byte 513)"), "{}", error(&file[..513]));
    assert!(error(&file[..100]).contains("cut off"));
    assert!(error(&[pax(&[("path", "x")])].concat()).contains("cut off"));
    assert!(error(&[file.clone(), vec![b'x'; 512]].concat()).contains("damaged one (at byte 1024)"));
    assert!(error(b"not a tar at all").contains("cut off"));
    assert!(error(&[0xfd, b'7', b'z', b'X', b'Z', 0]).contains("xz"));
    let mut wrong = file;
    wrong[0] = b'y';
    assert!(error(&wrong).contains("not a tar header"));
}

#[test]
fn files_found_before_damage_are_delivered() {
    let blob = Blob::new(&[entry("x", b'0', b"x"), vec![b'x'; 512]].concat());
    let mut reader = LayerReader::open(&blob.0, selection(Kind::Bytes), &Limits::default(), 0, None).unwrap();
    assert_eq!(reader.next_batch().unwrap().len(), 1);
    for _ in 0..2 {
        assert!(matches!(reader.next_batch(), Err(ReadError::Damaged(_))));
    }
    assert!(matches!(reader.finish(), Err(ReadError::Damaged(_))));
}

#[test]
fn limits() {
    let tar = [entry("x", b'0', &[b'x'; 3000]), entry("y", b'0', b"y")].concat();
    let small = Limits { max_file: 2999, ..Limits::default() };
    let (found, _) = read_with(&tar, selection(Kind::Bytes), &small).unwrap();
    assert_eq!(found[0].problem.as_deref(), Some("3000 bytes are more than the 2999 that are read of one file"));
    assert!(found[1].problem.is_none());
    let (kept, walked) = read_with(&tar, selection(Kind::Keep), &small).unwrap();
    assert_eq!((kept.len(), walked.files), (1, 2));
    let few = Limits { max_entries: 1, ..Limits::default() };
    assert!(read_with(&tar, selection(Kind::Bytes), &few).unwrap_err().to_string().contains("more than 1 entries"));
    let late = Limits { deadline: Some(std::time::Instant::now()), ..Limits::default() };
    assert!(matches!(read_with(&tar, selection(Kind::Bytes), &late), Err(ReadError::Timeout)));
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&sealed(block("bomb", b'0', 1 << 30))).unwrap();
    for _ in 0..64 {
        encoder.write_all(&[0; 1 << 20]).unwrap();
    }
    let limits = Limits { max_bytes: 1 << 20, ..Limits::default() };
    let error = read_with(&encoder.finish().unwrap(), selection(Kind::Keep), &limits).unwrap_err();
    assert!(error.to_string().contains("larger than 1048576 bytes raw"));
}

#[test]
fn large_files_straddle_chunks_whole() {
    let data: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let tar = [entry("a", b'0', b"a"), entry("big", b'0', &data), entry("z", b'0', b"z"), END.to_vec()].concat();
    let all = contents(&tar);
    assert_eq!(all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "big", "z"]);
    assert!(all[1].1 == data);
}

/// Archives are read from memory below 16 MiB and from the spool above; what they are made of is the same.
#[test]
fn the_spool_holds_what_memory_does_not() {
    let mut small = b"PK\x05\x06".to_vec();
    small.resize(22, 0);
    let large = [vec![b'-'; 17 << 20], small.clone()].concat();
    let tar = [entry("large", b'0', &large), entry("small", b'0', &small), entry("large2", b'0', &large), END.to_vec()]
        .concat();
    let (found, _) = read_with(&tar, selection(Kind::Archive), &Limits::default()).unwrap();
    let sums: Vec<_> = found
        .iter()
        .map(|found| match &found.content {
            Some(Content::Archive(archive)) => (archive.path.as_str(), archive.sha1.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sums.iter().map(|(path, _)| *path).collect::<Vec<_>>(), ["large", "small", "large2"]);
    let sha1 = |bytes: &[u8]| sha1::Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(sums.into_iter().map(|(_, sum)| sum).collect::<Vec<_>>(), [sha1(&large), sha1(&small), sha1(&large)]);
}

//! Files that are archives, that fail while they are read, or hold very much.

use std::io::{self, Read};

use super::super::{MOST_MATCHES, SearchOptions, Searcher, Sightings};
use crate::read_at::ReadAt;

const TOKEN: &str = "ghp_Ab12Cd34Ef56";

fn searcher(options: SearchOptions) -> Searcher {
    let rules = [(r"\b(?P<secret>ghp_[0-9A-Za-z]{12})\b", vec!["ghp_"]), (r"(?P<secret>tok[0-9]+)", vec!["tok"])];
    Searcher::new(&rules, options).unwrap()
}

fn plain() -> Searcher {
    searcher(SearchOptions::default())
}

fn inner(sightings: &Sightings) -> Vec<(&str, u64)> {
    sightings.list.iter().map(|one| (one.inner.as_str(), one.offset)).collect()
}

/// A tar of one file.
fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[108..116].copy_from_slice(b"0000000\0");
    header[116..124].copy_from_slice(b"0000000\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[136..148].copy_from_slice(b"00000000000\0");
    header[148..156].fill(b' ');
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut tar = header.to_vec();
    tar.extend(content);
    tar.resize(tar.len().div_ceil(512) * 512 + 1024, 0);
    tar
}

#[test]
fn archives_are_opened_when_asked() {
    let file = format!("x\ny = {TOKEN}\n");
    let archive = tar("out.tar", &tar("a/b.txt", file.as_bytes()));
    let archives = |archives| searcher(SearchOptions { archives, ..SearchOptions::default() });
    let offset = 6;
    for (depth, expected) in [(2, vec![("out.tar!a/b.txt", offset)]), (1, vec![])] {
        let searcher = archives(depth);
        for found in [
            searcher.search("x.tar", &archive),
            searcher.search_at("x.tar", &archive.as_slice()),
            searcher.search_read("x.tar", u64::MAX, &mut archive.as_slice()),
            searcher.with_cut(2000, 100, 200).search_read("x.tar", u64::MAX, &mut archive.as_slice()),
        ] {
            assert_eq!(inner(&found), expected, "{found:?}");
        }
    }
    assert!(plain().search("x.tar", &archive).is_empty());
    let cut = archives(2).search("x.tar", &archive[..1100]);
    assert!(!cut.problems.is_empty());
}

/// Gives some bytes, then fails.
struct Failing<'b>(&'b [u8], io::ErrorKind);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(self.1.into()),
            count => Ok(count),
        }
    }
}

#[test]
fn what_fails_in_the_middle_is_named_and_the_rest_is_kept() {
    let text = format!("y = {TOKEN}\n{}", "x\n".repeat(2000));
    for held in [600, 1 << 20] {
        let searcher = plain().with_cut(held, 100, 200);
        let found = searcher.search_read("x", 9999, &mut Failing(text.as_bytes(), io::ErrorKind::TimedOut));
        assert_eq!((found.list.len(), found.problems.len()), (1, 1));
        assert!(found.problems[0].starts_with("cannot be read to its end: "), "{found:?}");
        let found = searcher.search_read("x", 9999, &mut text.as_bytes());
        assert_eq!((found.list.len(), found.problems.len()), (1, 1));
        assert!(found.problems[0].contains("ends after 4021 of 9999 bytes"), "{found:?}");
    }
}

/// A file that has become shorter than it said.
struct Shrunk<'b>(&'b [u8], u64);

impl ReadAt for Shrunk<'_> {
    fn len(&self) -> u64 {
        self.1
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
}

#[test]
fn of_a_file_that_shrinks_what_is_left_is_searched() {
    let text = format!("{}y = {TOKEN}\n", "x\n".repeat(2000));
    for held in [600, 1 << 20] {
        let found = plain().with_cut(held, 100, 200).search_at("x", &Shrunk(text.as_bytes(), 1 << 30));
        assert_eq!(
            (found.list.len(), found.problems.as_slice()),
            (1, &["it became shorter while it was read".into()][..])
        );
    }
}

#[test]
fn a_search_that_fails_harms_its_file_only() {
    struct Panics;
    impl Read for Panics {
        #[allow(clippy::panic)]
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("as a bug would")
        }
    }
    let searcher = plain();
    assert!(searcher.search_read("x", 9, &mut Panics).problems[0].contains("which is a bug"));
    assert_eq!(searcher.search("x", format!("y = {TOKEN}").as_bytes()).list.len(), 1);
}

#[test]
fn there_is_an_end_to_what_is_told_of_a_file() {
    let text = "tok12345 ".repeat(MOST_MATCHES + 5000);
    for searcher in [plain(), plain().with_cut(64 << 10, 8000, 9000)] {
        for found in [searcher.search("x", text.as_bytes()), searcher.search_read("x", u64::MAX, &mut text.as_bytes())]
        {
            assert_eq!((found.list.len(), found.problems.len()), (MOST_MATCHES, 1), "{:?}", found.problems);
            assert!(found.problems[0].contains("not all are told"));
        }
    }
}

#[test]
fn small_files_and_heads() {
    let searcher = plain();
    assert!(searcher.search("x", b"tok12").is_empty());
    assert!(!searcher.wants("x", 9, b""));
    assert!(searcher.wants("x", 10, b""));
    assert!(searcher.wants("x", 100, b"t\0o\0k\0"));
    assert!(!searcher.wants("x", 100, &[0; 64]));
    assert!(searcher.wants("x.pyc", 100, &[0; 64]));
}

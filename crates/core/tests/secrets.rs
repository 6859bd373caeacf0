//! Secrets that do not stand in a file as they are: in archives, encoded, in executables, and all of that at once.
#![allow(clippy::unwrap_used)]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use vigie_core::content::{SearchOptions, Searcher, Sightings};

const EVERYTHING: SearchOptions = SearchOptions { archives: 4, binaries: true, lines: false };

fn token(number: u32) -> String {
    format!("tok_{number:08}")
}

fn searcher(options: SearchOptions) -> Searcher {
    Searcher::new(&[(r"\b(?P<secret>tok_[0-9]{8})\b", vec!["tok_"])], options).unwrap()
}

/// Inner path, what it was written as, offset, secret.
type Told = (String, &'static str, u64, String);

/// All that is found, which is the same in each way of reading.
fn found(name: &str, content: &[u8], options: SearchOptions) -> (Vec<Told>, Vec<String>) {
    let searcher = searcher(options);
    let told = |sightings: Sightings| {
        let one = |one: &vigie_core::content::Sighting| {
            assert!(!one.matched.contains("tok_0"), "{}", one.matched);
            (one.inner.clone(), one.decoded, one.offset, String::from_utf8(one.secret.clone()).unwrap())
        };
        (sightings.list.iter().map(one).collect::<Vec<_>>(), sightings.problems)
    };
    let whole = told(searcher.search(name, content));
    assert_eq!(told(searcher.search_at(name, &content)), whole);
    assert_eq!(told(searcher.search_read(name, content.len() as u64, &mut &*content)), whole);
    whole
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, data) in files {
        let mut block = [0; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[100..108].copy_from_slice(b"0000644\0");
        block[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
        block[148..156].fill(b' ');
        block[156] = b'0';
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend(block);
        archive.extend(*data);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// A ZIP archive of one file that is stored.
fn zip(name: &str, data: &[u8]) -> Vec<u8> {
    let size = u32::try_from(data.len()).unwrap().to_le_bytes();
    let crc = {
        let mut sum = flate2::Crc::new();
        sum.update(data);
        sum.sum().to_le_bytes()
    };
    let length = [u8::try_from(name.len()).unwrap(), 0, 0, 0];
    let about = [[0; 8].as_slice(), &crc, &size, &size, &length].concat();
    let local = [b"PK\x03\x04\x14\0".as_slice(), &about, name.as_bytes(), data].concat();
    let entry = [b"PK\x01\x02\x14\0\x14\0".as_slice(), &about, &[0; 14], name.as_bytes()].concat();
    let lengths = [entry.len(), local.len()].map(|length| u32::try_from(length).unwrap().to_le_bytes());
    [local, entry, [b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &lengths[0], &lengths[1], &[0; 2]].concat()].concat()
}

/// An executable without sections: code, and what is only read.
fn elf(code: &[u8], data: &[u8]) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    for word in [0_u64, 64, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend([0, 0, 0, 0, 64, 0, 56, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    let first = 64 + 2 * 56;
    for (flags, at, part) in [(5_u32, first, code), (4, first + code.len(), data)] {
        file.extend(1_u32.to_le_bytes());
        file.extend(flags.to_le_bytes());
        for word in [at, at, at, part.len(), part.len(), 4096] {
            file.extend((word as u64).to_le_bytes());
        }
    }
    [file.as_slice(), code, data].concat()
}

#[test]
fn in_an_encoded_text_in_an_archive_in_an_archive() {
    // `printf 'user=me token=tok_00000007 .' | base64`
    let encoded = "dXNlcj1tZSB0b2tlbj10b2tfMDAwMDAwMDcgLg==";
    let text = format!("a: 1\nb: {encoded}\nc: {}\nd: 'x%3D{}%26y'\n", token(3), token(5).replace('_', "%5F"));
    let offsets = [8, text.find("tok_").unwrap() as u64, text.find("x%3D").unwrap() as u64];
    let expected = |inner: &str| {
        [("base64", 0, 7), ("", 1, 3), ("percent", 2, 5)]
            .map(|(how, place, number)| (inner.to_owned(), how, offsets[place], token(number)))
    };
    let archive = gz(&tar(&[("lib/a.jar", &zip("conf/x.yaml", text.as_bytes())), ("x.yaml", text.as_bytes())]));
    let (sightings, problems) = found("x.tgz", &archive, EVERYTHING);
    assert_eq!((&sightings[..3], &sightings[3..]), (&expected("lib/a.jar!conf/x.yaml")[..], &expected("x.yaml")[..]));
    assert_eq!(problems, [""; 0]);
    let shallow = SearchOptions { archives: 1, ..SearchOptions::default() };
    assert_eq!(found("x.tgz", &archive, shallow).0, expected("x.yaml"));
    assert_eq!(found("x.tgz", &archive, SearchOptions::default()), (vec![], vec![]));
    assert_eq!(found("x.yaml", text.as_bytes(), SearchOptions::default()).0, expected(""));
}

#[test]
fn in_the_data_of_an_executable_and_not_in_its_code() {
    let code = [b"\0\x01\x02 ".as_slice(), token(1).as_bytes(), b" \0\0\0"].concat();
    let data = [b"\0\0\0usage: ".as_slice(), token(2).as_bytes(), b" and more\0\0"].concat();
    let program = elf(&code, &data);
    let offset = (64 + 2 * 56 + code.len() + 10) as u64;
    assert_eq!(found("bin/tool", &program, EVERYTHING).0, [(String::new(), "", offset, token(2))]);
    assert_eq!(found("x.zip", &zip("bin/tool", &program), EVERYTHING).0, [("bin/tool".into(), "", offset, token(2))]);
    assert_eq!(found("bin/tool", &program, SearchOptions { archives: 4, ..SearchOptions::default() }).0, []);
}

#[test]
fn what_is_harmful_is_named_and_the_rest_is_searched() {
    let secret = format!("first = {}\n", token(4));
    let bomb = gz(&tar(&[("a.txt", secret.as_bytes()), ("zeros", &vec![b'0'; 80 << 20])]));
    let (sightings, problems) = found("x.tgz", &bomb, EVERYTHING);
    assert_eq!(sightings, [("a.txt".to_owned(), "", 8, token(4))]);
    assert_eq!(problems, ["inflates to more than 67108864 bytes; what is beyond them was not read"]);
    // Cut in the middle: what stands before is read, whatever asks for it.
    let noise: String = (0..60_000).map(|number: u32| format!("{}\n", number.wrapping_mul(2_654_435_761))).collect();
    let cut = gz(format!("{secret}{noise}").as_bytes());
    let (sightings, problems) = found("a.txt.gz", &cut[..cut.len() * 3 / 4], EVERYTHING);
    assert_eq!(sightings, [("a.txt".to_owned(), "", 8, token(4))]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("the gzip data is cut off"), "{problems:?}");
}

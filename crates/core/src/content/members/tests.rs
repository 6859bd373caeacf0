use super::{Format, MOST_PROBLEMS, members};
use writers::{Packed, about, bz2, file, gz, tar, xz, zip, zip_with, zst};

mod writers;

type Read1 = (String, u64, Vec<u8>);

fn read_as(name: &str, archive: &[u8], depth: u32) -> (Vec<Read1>, Vec<String>) {
    let mut found = Vec::new();
    let problems = members(name, &archive, depth, &mut |path, size, reader| {
        let mut content = Vec::new();
        reader.read_to_end(&mut content).unwrap();
        found.push((path.to_owned(), size, content));
    });
    (found, problems)
}

fn all(archive: &[u8], depth: u32) -> Vec<(String, String)> {
    let (found, problems) = read_as("", archive, depth);
    assert_eq!(problems, [""; 0]);
    found.into_iter().map(|(path, _, content)| (path, String::from_utf8_lossy(&content).into_owned())).collect()
}

fn texts(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(path, content)| ((*path).to_owned(), (*content).to_owned())).collect()
}

fn paths(archive: &[u8], depth: u32) -> (Vec<String>, Vec<String>) {
    let (found, problems) = read_as("", archive, depth);
    (found.into_iter().map(|(path, ..)| path).collect(), problems)
}

const LONG: &str = "a line of a text that is repeated\n";

#[test]
fn zip_in_every_way_of_packing() {
    let long = LONG.repeat(5000);
    let files: Vec<_> = [0, 8, 12, 93, 95].map(|way| file(&format!("dir/{way}.txt"), way, long.as_bytes())).into();
    let names = ["dir/0.txt", "dir/8.txt", "dir/12.txt", "dir/93.txt", "dir/95.txt"];
    assert_eq!(all(&zip(&files), 1), texts(&names.map(|name| (name, long.as_str()))));
}

#[test]
fn tar_plain_and_compressed() {
    let long = LONG.repeat(5000);
    let plain = tar(&[("dir/", b'5', b""), ("dir/a", b'0', b"first"), ("l", b'2', b""), ("b", b'0', long.as_bytes())]);
    let expected = texts(&[("dir/a", "first"), ("b", &long)]);
    for archive in [plain.clone(), gz(&plain), bz2(&plain), xz(&plain), zst(&plain)] {
        assert_eq!(all(&archive, 1), expected);
    }
    let sizes: Vec<_> = read_as("", &plain, 1).0.into_iter().map(|(_, size, _)| size).collect();
    assert_eq!(sizes, [5, long.len() as u64]);
}

#[test]
fn one_compressed_file() {
    let long = LONG.repeat(5000);
    for (ending, packed) in [
        ("gz", gz(long.as_bytes())),
        ("bz2", bz2(long.as_bytes())),
        ("xz", xz(long.as_bytes())),
        ("zst", zst(long.as_bytes())),
    ] {
        let (found, problems) = read_as(&format!("var/log/my.log.{ending}"), &packed, 1);
        assert_eq!((found, problems), (vec![("my.log".to_owned(), u64::MAX, long.clone().into_bytes())], vec![]));
    }
    // Two streams behind each other are one file, in each of these formats.
    for pack in [gz, bz2, xz, zst] {
        assert_eq!(all(&[pack(b"one and "), pack(b"two")].concat(), 1)[0].1, "one and two");
    }
}

#[test]
fn archives_in_archives_in_archives() {
    let inner = zip(&[file("d.txt", 8, b"deepest")]);
    for method in [0, 8] {
        let middle = tar(&[("c.zip", b'0', &inner), ("c.txt", b'0', b"deep")]);
        let outer =
            zip(&[file("lib/b.tgz", method, &gz(&middle)), file("b.jar", method, &inner), file("b", method, b"x")]);
        let archive = gz(&tar(&[("a.jar", b'0', &outer)]));
        let deep = texts(&[
            ("a.jar!lib/b.tgz!c.zip!d.txt", "deepest"),
            ("a.jar!lib/b.tgz!c.txt", "deep"),
            ("a.jar!b.jar!d.txt", "deepest"),
            ("a.jar!b", "x"),
        ]);
        for depth in [4, 8, u32::MAX] {
            assert_eq!(all(&archive, depth), deep);
        }
        let names = |depth| paths(&archive, depth).0;
        assert_eq!(names(3), ["a.jar!lib/b.tgz!c.zip", "a.jar!lib/b.tgz!c.txt", "a.jar!b.jar!d.txt", "a.jar!b"]);
        assert_eq!(names(2), ["a.jar!lib/b.tgz", "a.jar!b.jar", "a.jar!b"]);
        assert_eq!(names(1), ["a.jar"]);
        assert_eq!(names(0), [""; 0]);
        // The same as they stand in a tar, where nothing is held.
        assert_eq!(all(&tar(&[("a.jar", b'0', &outer)]), 4), deep);
    }
    let log = gz(&zip(&[file("x.log.gz", 8, &gz(b"line"))]));
    assert_eq!(read_as("logs.zip.gz", &log, 3).0, [("logs.zip!x.log.gz!x.log".to_owned(), u64::MAX, b"line".to_vec())]);
}

#[test]
fn large_archives_inside_are_spooled() {
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..9 << 20)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    let inner = zip(&[file("noise", 0, &noise), file("text", 8, b"found")]);
    let found = read_as("", &gz(&tar(&[("in.zip", b'0', &inner)])), 2);
    assert_eq!(found.1, [""; 0]);
    assert_eq!(found.0[1], ("in.zip!text".to_owned(), 5, b"found".to_vec()));
    assert!(found.0[0].2 == noise);
}

#[test]
fn what_is_no_archive() {
    for bytes in [&b""[..], b"text", b"PK", b"\x1f\x8b", &[0; 2000], b"BZh9 is a text", &[b' '; 600]] {
        assert_eq!(read_as("a.zip", bytes, 5), (vec![], vec![]));
        assert_eq!(Format::of(bytes), None);
    }
    assert_eq!(read_as("a.zip", &zip(&[]), 1), (vec![], vec![]));
    assert_eq!(read_as("a.gz", &gz(b""), 1), (vec![("a".to_owned(), u64::MAX, vec![])], vec![]));
}

#[test]
fn names_stay_inside() {
    let names = ["../../etc/passwd", "/abs", "a\\..\\b", "C:\\x", "x\ny\x1b[1m", "..", "a//b/./c", "日本"];
    let clean = ["etc/passwd", "abs", "a/b", "C:/x", "x\u{fffd}y\u{fffd}[1m", "(no name)", "a/b/c", "日本"];
    assert_eq!(paths(&zip(&names.map(|name| file(name, 0, b"1"))), 1), (clean.map(str::to_owned).into(), vec![]));
    assert_eq!(paths(&tar(&names.map(|name| (name, b'0', &b"1"[..]))), 1).0, clean);
    let long = "é".repeat(20_000);
    assert_eq!(paths(&zip(&[file(&long, 0, b"1")]), 1).0, ["é".repeat(512)]);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_read() {
    let mut files =
        ["locked", "odd", "lying size", "lying sum", "broken", "fine"].map(|name| file(name, 8, b"some bytes"));
    files[0].flags = 1;
    files[1].method = 97;
    files[2].size = 4;
    files[3].crc ^= 1;
    files[4].data[0] = 0xff;
    let (found, problems) = read_as("", &zip(&files), 1);
    assert_eq!(found.last().unwrap(), &("fine".to_owned(), 10, b"some bytes".to_vec()));
    assert!(found.contains(&("lying size".to_owned(), 4, b"some bytes".to_vec())));
    assert!(found.contains(&("lying sum".to_owned(), 10, b"some bytes".to_vec())));
    assert_eq!(
        problems[..4],
        [
            "locked: it is encrypted",
            "odd: it is compressed in the unknown way 97",
            "lying size: cannot be read to its end: it has 10 bytes, 4 are announced",
            "lying sum: cannot be read to its end: its checksum is wrong",
        ]
    );
    assert!(problems[4].starts_with("broken: cannot be read to its end: "), "{}", problems[4]);
    assert_eq!(problems.len(), 5);
    // A reader that stops early has no reason to complain.
    let archive = zip(&files[5..]);
    let mut first = [0];
    let problems = members("", &archive.as_slice(), 1, &mut |_, _, reader| reader.read_exact(&mut first).unwrap());
    assert_eq!((problems, first), (vec![], *b"s"));
}

#[test]
fn problems_are_bounded() {
    let mut files = vec![file("x", 8, b""); MOST_PROBLEMS + 9];
    files.iter_mut().for_each(|file| file.flags = 1);
    let problems = read_as("", &zip(&files), 1).1;
    assert_eq!(problems.len(), MOST_PROBLEMS + 1);
    assert_eq!(problems.last().unwrap(), "9 more problems are not listed");
}

#[test]
fn a_directory_that_lies() {
    let files = [file("a", 8, b"first"), file("b", 0, b"second")];
    // Another count than there are entries.
    let archive = zip_with(&files, |entries| (entries, 7));
    let problem = "7 entries are announced, 2 are there".to_owned();
    assert_eq!(paths(&archive, 1), (vec!["a".to_owned(), "b".to_owned()], vec![problem]));
    // Two entries with the same bytes, and one whose bytes are nowhere.
    let archive = zip_with(&files, |mut entries| {
        entries.push(entries[0].clone());
        entries.push((file("c", 0, b"third"), 1 << 20));
        entries.push((file("d", 0, b"fourth"), 5));
        (entries, 5)
    });
    let (found, problems) = paths(&archive, 1);
    assert_eq!(found, ["a", "b"]);
    assert_eq!(
        problems,
        [
            "a: its bytes are those of another entry as well",
            "d: it has no local header",
            "c: its bytes lie outside the archive",
        ]
    );
}

#[test]
fn a_zip_without_its_directory() {
    let long: String = (0..20_000).map(|number: u32| number.wrapping_mul(2_654_435_761).to_string()).collect();
    let mut files = [file("a", 8, b"first"), file("b", 0, b"second"), file("c", 8, long.as_bytes())];
    let archive = zip(&files);
    let at = memchr::memmem::find(&archive, b"PK\x01\x02").unwrap();
    let (found, problems) = read_as("", &archive[..at - 20_000], 1);
    assert_eq!(found[0], ("a".to_owned(), 5, b"first".to_vec()));
    assert_eq!(found[1], ("b".to_owned(), 6, b"second".to_vec()));
    assert!(found[2].2.len() > 40_000 && long.as_bytes().starts_with(&found[2].2), "{}", found[2].2.len());
    assert_eq!(problems[0], "not a ZIP archive");
    assert!(problems[1].starts_with("c: cannot be read to its end: ") && problems.len() == 2, "{problems:?}");
    // As programs write it that cannot go back: sizes behind the bytes, with or without 64 bits.
    for (wide, method) in [(false, 8), (true, 8), (false, 0)] {
        files[0] = file("a", method, b"first");
        let mut archive = Vec::new();
        for file in &mut files {
            file.flags = 8;
            let described = Packed { crc: 0, size: 0, ..file.clone() };
            archive.extend(b"PK\x03\x04\x14\x00");
            let header = about(&described);
            archive.extend(&header[..12]);
            archive.extend([0; 4]);
            archive.extend(&header[16..]);
            archive.extend(&file.name);
            archive.extend(&file.data);
            archive.extend(b"PK\x07\x08");
            archive.extend(vec![1; if wide { 20 } else { 12 }]);
        }
        let (found, problems) = read_as("", &archive, 1);
        assert_eq!(problems, ["not a ZIP archive"]);
        let whole = [("a", b"first".as_slice()), ("b", b"second"), ("c", long.as_bytes())];
        assert_eq!(found.len(), 3);
        for ((path, _, content), (name, expected)) in found.iter().zip(whole) {
            assert!(path == name && content == expected, "{path}: {} bytes", content.len());
        }
    }
}

#[test]
fn archives_that_are_cut_off() {
    let long: String = (0..20_000).map(|number: u32| number.wrapping_mul(2_654_435_761).to_string()).collect();
    let plain = tar(&[("a", b'0', b"whole"), ("b", b'0', long.as_bytes())]);
    for archive in [plain.clone(), gz(&plain), bz2(&plain), xz(&plain), zst(&plain)] {
        let (found, problems) = read_as("", &archive[..archive.len() * 3 / 4], 1);
        assert!(!problems.is_empty());
        for (_, _, content) in found {
            assert!(content == b"whole" || long.as_bytes().starts_with(&content));
        }
    }
    let (found, problems) = read_as("", &gz(&plain)[..40_000], 1);
    assert_eq!(found[0], ("a".to_owned(), 5, b"whole".to_vec()));
    assert!(found[1].2.len() > 10_000);
    assert!(problems.iter().any(|what| what.contains("the gzip data is cut off")), "{problems:?}");
}

/// Each of them would be gigabytes.
#[test]
fn bombs() {
    let zeros = vec![0; 100 << 20];
    let count = |archive: &[u8], depth| {
        let mut bytes = 0;
        let problems = members("", &archive, depth, &mut |_, _, reader| {
            bytes += std::io::copy(reader, &mut std::io::sink()).unwrap();
        });
        (bytes, problems)
    };
    let over = |most: u64| format!("inflates to more than {most} bytes; what is beyond them was not read");
    let small = 64 << 20;
    for archive in [gz(&zeros), bz2(&zeros), xz(&zeros), zst(&zeros), zip(&[file("z", 8, &zeros)])] {
        let most = small.max(archive.len() as u64 * super::MOST_RATIO);
        let (bytes, problems) = count(&archive, 1);
        if most < zeros.len() as u64 {
            assert_eq!(problems.last().unwrap(), &over(most));
        }
        assert!(bytes <= most, "{bytes}");
    }
    // One in another: 16 archives of 16 archives of … of zeros.
    let mut nested = zip(&[file("z", 8, &zeros[..4 << 20])]);
    for _ in 0..4 {
        let files: Vec<_> = (0..16).map(|number| file(&format!("{number}.zip"), 8, &nested)).collect();
        nested = zip(&files);
    }
    let (bytes, problems) = count(&nested, 8);
    assert_eq!(problems, [over(small)]);
    assert!(bytes <= small, "{bytes}");
    // Many entries of the same bytes.
    let shared = zip_with(&[file("z", 8, &zeros[..60 << 20])], |entries| (vec![entries[0].clone(); 5000], 5000));
    let (bytes, problems) = count(&shared, 1);
    assert_eq!((bytes, problems.len()), (60 << 20, MOST_PROBLEMS + 1));
    // Compressed again and again.
    let mut again = zeros;
    for _ in 0..20 {
        again = gz(&again);
    }
    let (bytes, problems) = count(&again, 100);
    assert!(bytes < 1000 && problems.is_empty(), "{bytes} {problems:?}");
}

#[test]
fn any_damage() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % limit
    };
    let inner = zip(&[file("d", 8, LONG.as_bytes()), file("e", 0, b"stored")]);
    let plain = tar(&[("a", b'0', LONG.as_bytes()), ("b.zip", b'0', &inner)]);
    let archives = [inner, gz(&plain), bz2(&plain), xz(&plain), zst(&plain), plain];
    for archive in archives {
        for _ in 0..2000 {
            let mut damaged = archive.clone();
            for _ in 0..1 + below(3) {
                let at = below(damaged.len());
                damaged[at] = u8::try_from(below(256)).unwrap();
            }
            damaged.truncate(1 + below(2 * damaged.len()));
            read_as("", &damaged, 3);
        }
    }
}

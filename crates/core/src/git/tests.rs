#![allow(clippy::unwrap_used)]

use super::delta::{Delta, Piece};
use super::*;
use crate::limits::Limits;

/// Numbers that look random (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((value ^ value >> 31) % limit as u64).unwrap()
    }
}

fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

fn copy(from: usize, length: usize) -> Vec<u8> {
    let (mut code, mut bytes) = (0x80_u8, Vec::new());
    for (place, byte) in from.to_le_bytes().iter().take(4).enumerate().filter(|(_, byte)| **byte != 0) {
        code |= 1 << place;
        bytes.push(*byte);
    }
    for (place, byte) in length.to_le_bytes().iter().take(3).enumerate().filter(|(_, byte)| **byte != 0) {
        code |= 0x10 << place;
        bytes.push(*byte);
    }
    [vec![code], bytes].concat()
}

#[test]
fn deltas_do_what_they_say() {
    let mut random = Random(1);
    let base: Vec<u8> = (0..100_000).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
    for _ in 0..200 {
        let (mut pieces, mut expected) = (Vec::new(), Vec::new());
        for _ in 0..random.below(12) {
            if random.below(2) == 0 {
                let from = random.below(base.len());
                let length = 1 + random.below((base.len() - from).min(0xff_ffff));
                pieces.extend(copy(from, length));
                expected.extend_from_slice(&base[from..from + length]);
            } else {
                let new: Vec<u8> = (0..=random.below(127)).map(|_| b'x').collect();
                pieces.push(u8::try_from(new.len()).unwrap());
                pieces.extend_from_slice(&new);
                expected.extend(new);
            }
        }
        let data = [number(base.len()), number(expected.len()), pieces].concat();
        let delta = Delta::new(&data).unwrap();
        let mut out = vec![1];
        delta.apply(&base, &mut out).unwrap();
        assert!(out == expected);
        // Whatever is cut off or changed, nothing is made of another size than it says.
        let mut broken = data.clone();
        let place = random.below(broken.len());
        broken[place] ^= 1 << random.below(8);
        for data in [&data[..random.below(data.len())], &broken] {
            let Ok(delta) = Delta::new(data) else { continue };
            if delta.size < 1 << 24 && delta.apply(&base, &mut out).is_ok() {
                assert_eq!(out.len() as u64, delta.size);
            }
        }
    }
}

/// The cases of gitformat-pack's description of copy instructions: no byte of the size is 65,536; bytes left out are 0.
#[test]
fn pieces_of_deltas() {
    fn read(data: &[u8]) -> Vec<Result<Piece<'_>, &'static str>> {
        Delta::new(data).unwrap().pieces().collect()
    }
    assert_eq!(read(&[1, 1, 0x80]), [Ok(Piece::Copy { from: 0, length: 0x1_0000 })]);
    assert_eq!(read(&[1, 1, 0x91, 7, 9]), [Ok(Piece::Copy { from: 7, length: 9 })]);
    assert_eq!(read(&[1, 1, 0xaa, 1, 2, 3]), [Ok(Piece::Copy { from: 0x0200_0100, length: 0x300 })]);
    assert_eq!(read(&[1, 1, 2, b'a', b'b']), [Ok(Piece::New(b"ab"))]);
    assert!(read(&[1, 1, 0])[0].is_err());
    assert!(read(&[1, 1, 3, b'a'])[0].is_err());
    assert!(Delta::new(&[0x80]).is_err());
    assert!(Delta::new(&[0xff; 30]).is_err());
}

#[test]
fn ids() {
    let sha1 = "0123456789abcdef0123456789abcdef01234567";
    let sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    for text in [sha1, sha256] {
        assert_eq!(Id::from_hex(text.as_bytes()).unwrap().to_string(), text);
    }
    for wrong in ["", "01", &sha1[1..], &sha1.replace('a', "g"), &sha1.replace('a', "é")] {
        assert!(Id::from_hex(wrong.as_bytes()).is_none(), "{wrong}");
    }
    assert!(Id::new(&[0; 20]).unwrap().is_zero());
    assert!(Id::new(&[0; 21]).is_none());
}

#[test]
fn commits() {
    let (one, two) = ("11".repeat(20), "22".repeat(20));
    let text = format!(
        "tree {one}\nparent {two}\nparent {one}\nauthor A \x1bU <a@b.c> 1700000000 +0100\n\
         committer C <c@d.e> 1700000500 -0700\ngpgsig -----BEGIN\n author x\n\n\nThe subject\nand more\n"
    );
    let commit = Commit::new(text.as_bytes()).unwrap();
    assert_eq!(commit.tree.to_string(), one);
    assert_eq!(commit.parents().unwrap().iter().map(Id::to_string).collect::<Vec<_>>(), [two, one]);
    assert_eq!(commit.time, 1_700_000_500);
    let author = commit.author();
    assert_eq!((&*author.name, &*author.email, author.date), ("A  U", "a@b.c", 1_700_000_000));
    assert_eq!(commit.subject(), "The subject");
    for wrong in ["", "tree 11\n", "parent x\n"] {
        assert!(Commit::new(wrong.as_bytes()).is_none());
    }
    let latin = [format!("tree {}\nauthor M", "11".repeat(20)).as_bytes(), b"\xfcller <> x y\n"].concat();
    let commit = Commit::new(&latin).unwrap();
    assert_eq!((&*commit.author().name, commit.time, &*commit.subject()), ("Müller", 0, ""));
}

fn tree(entries: &[(&str, u8)]) -> Vec<u8> {
    let entry = |(head, id): &(&str, u8)| [head.as_bytes(), &[0], &[*id; 20]].concat();
    entries.iter().flat_map(entry).collect()
}

fn changes(old: &[u8], new: &[u8]) -> Vec<String> {
    let mut told = Vec::new();
    let damaged = differences::<()>(entries(old, 20), entries(new, 20), &mut |(old, new)| {
        let say = |entry: Option<Entry<'_>>| {
            entry.map_or("-".into(), |entry| format!("{}{}", String::from_utf8_lossy(entry.name), entry.id.bytes()[0]))
        };
        told.push(format!("{} {}", say(old), say(new)));
        Ok(())
    });
    let (old, new) = damaged.unwrap();
    told.extend([(old, "old"), (new, "new")].iter().filter(|(damaged, _)| *damaged).map(|(_, which)| (*which).into()));
    told
}

#[test]
fn differences_of_trees() {
    // Git orders a folder as if its name ended in a slash: a.b, a/, a0.
    let old = tree(&[("100644 a.b", 1), ("40000 a", 2), ("100644 a0", 3), ("100644 z", 4)]);
    assert!(changes(&old, &old).is_empty());
    let new = tree(&[("100644 a", 2), ("100644 a.b", 1), ("100644 a0", 5), ("100755 z", 4)]);
    assert_eq!(changes(&old, &new), ["- a2", "a2 -", "a03 a05", "z4 z4"]);
    assert_eq!(changes(&[], &new[..new.len() - 1]), ["- a2", "- a.b1", "- a05", "new"]);
    assert_eq!(changes(&old[..old.len() - 1], &new), ["- a2", "a2 -", "a03 a05", "- z4", "old"]);
    for wrong in ["100644 a/b", "100644 ..", "100644 ", "10064x a", "100644a"] {
        assert_eq!(changes(&[], &tree(&[(wrong, 1)])), ["new"], "{wrong}");
    }
}

/// An index of version 2 for objects named 0, 1, …
fn index(offsets: &[u32]) -> Index {
    let count = u32::try_from(offsets.len()).unwrap();
    let mut data = vec![0xff, b't', b'O', b'c', 0, 0, 0, 2];
    data.extend((0..256).flat_map(|_| count.to_be_bytes()));
    data.extend((0..count).flat_map(|number| *name(number).bytes().first_chunk::<20>().unwrap()));
    data.extend(vec![0; 4 * offsets.len()]);
    data.extend(offsets.iter().flat_map(|offset| offset.to_be_bytes()));
    Index::new(Bytes::Held(data), 20).unwrap()
}

fn name(number: u32) -> Id {
    Id::new(&[&[0; 16][..], &number.to_be_bytes()].concat()).unwrap()
}

fn store(entries: &[Vec<u8>], limits: &Limits) -> Store {
    let mut file = b"PACK\0\0\0\x02\0\0\0\x01".to_vec();
    let mut offsets = Vec::new();
    for entry in entries {
        offsets.push(u32::try_from(file.len()).unwrap());
        file.extend_from_slice(entry);
    }
    file.extend([0; 20]);
    let pack = Pack::new("p".into(), Bytes::Held(file), index(&offsets), 20).unwrap();
    Store::of_packs(vec![pack], limits)
}

fn compressed(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(data).unwrap();
    writer.finish().unwrap()
}

/// An object of a pack: kind, size, what stands before its data, the data.
fn object(kind: u8, size: usize, before: &[u8], data: &[u8]) -> Vec<u8> {
    let low = u8::try_from(size & 15).unwrap();
    let mut head = vec![kind << 4 | low];
    if size > 15 {
        head[0] |= 0x80;
        head.extend(number(size >> 4));
    }
    [head, before.to_vec(), compressed(data)].concat()
}

#[test]
fn objects_that_lie_or_lead_in_circles() {
    let delta = [&[3, 4][..], &copy(0, 3), b"\x01!"].concat();
    let by_name = |base: u32| object(7, delta.len(), &name(base).bytes()[..20], &delta);
    let limits = Limits::new(1000, 1000, 1000, 0.0);
    let entries = [
        object(3, 3, &[], b"abc"),
        by_name(0),
        by_name(3),
        by_name(2),
        by_name(77),
        object(3, 4, &[], b"abc"),
        object(3, 2, &[], b"abc"),
        object(3, 5000, &[], &[0; 5000]),
        object(5, 3, &[], b"abc"),
        object(6, delta.len(), &[0xff, 0xff, 0x7f], &delta),
        object(3, 0, &[], b""),
    ];
    let store = store(&entries, &limits);
    let mut cursor = Cursor::default();
    let mut read = |number| store.read(&name(number), &mut cursor).map(|object| object.data.to_vec());
    assert_eq!(read(0).unwrap(), b"abc");
    assert_eq!(read(1).unwrap(), b"abc!");
    assert_eq!(read(10).unwrap(), b"");
    for (number, reason) in [
        (2, "4095 deltas"),
        (3, "4095 deltas"),
        (4, "is missing"),
        (5, "too early"),
        (6, "behind its end"),
        (7, "5000 bytes"),
        (8, "no known kind"),
        (9, "nowhere"),
        (11, "is missing"),
    ] {
        let fault = read(number).unwrap_err().to_string();
        assert!(fault.contains(reason), "{number}: {fault}");
    }
}

#[test]
fn settings() {
    use super::config::Format;
    let read = Format::new;
    assert_eq!(read("").unwrap(), Format::default());
    assert!(read("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n").unwrap().sha256);
    assert!(read("[extensions]\npartialClone = origin ; x\n").unwrap().partial);
    assert!(read("[remote \"origin\"]\n\tpromisor = true\n").unwrap().partial);
    assert!(read("[Core]\nRepositoryFormatVersion = 2\n").is_err());
    assert!(read("[core]\nrepositoryformatversion = 1\n[extensions]\nnoop\nother = 1\n").is_err());
    assert!(read("[core]\nrepositoryformatversion = 0\n[extensions]\nother = 1\n").is_ok());
    assert!(read("[core]\nrepositoryformatversion = 1\n[extensions]\nrefStorage = reftable\n").is_err());
}

/// A delta that makes one text of another by what they have in common at both ends, and the lines between.
fn delta_of(old: &[u8], new: &[u8]) -> Vec<u8> {
    let start = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(one, other)| one == other).count();
    let copied = |from: usize, to: usize| (from..to).step_by(9000).flat_map(move |at| copy(at, (to - at).min(9000)));
    let mut pieces: Vec<u8> = copied(0, start).collect();
    for part in new[start..new.len() - end].chunks(100) {
        pieces.push(u8::try_from(part.len()).unwrap());
        pieces.extend_from_slice(part);
    }
    pieces.extend(copied(old.len() - end, old.len()));
    [number(old.len()), number(new.len()), pieces].concat()
}

#[test]
fn what_is_searched_by_its_changes_gives_what_all_of_it_gives() {
    use super::search::{Search, Target};
    use crate::content::{SearchOptions, Searcher};
    let rules = [
        ("value-(?P<secret>[0-9]+)", vec!["value-"]),
        ("(?m)^line (?P<secret>[0-9]{4})$", vec!["acme"]),
        ("BEGIN (?P<secret>[^#]*?)END", vec!["begin"]),
        ("\\bkey=(?P<secret>[a-z]{3,40})\\b", vec!["key="]),
    ];
    let searcher = Searcher::new(&rules, SearchOptions::default()).unwrap();
    let mut random = Random(9);
    let (mut told, mut quiet) = (0, 0);
    for _ in 0..60 {
        let mut lines: Vec<String> = (0..300).map(|_| format!("some line {} of text", random.below(100_000))).collect();
        let (mut packed, mut targets, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for version in 0..20_u32 {
            let text = lines.join("\n").into_bytes();
            let before = version.checked_sub(1).map(name);
            packed.push(match before {
                None => object(3, text.len(), &[], &text),
                Some(before) => {
                    let delta = delta_of(&last, &text);
                    object(7, delta.len(), &before.bytes()[..20], &delta)
                }
            });
            let first = version as usize;
            let id = name(version);
            targets.push(Target { id, path: 0, first, last: first, present: false, before: false });
            last = text;
            let at = random.below(lines.len());
            match random.below(16) {
                0 => lines.insert(at, format!("a value-{} b", random.below(50))),
                1 => lines.insert(at, ["acme", "line 1234", "BEGIN a", "END", "# x"][random.below(5)].into()),
                2 => lines.insert(at, "dmFsdWUtNzc3IHdpdGggYSBsb3Qgb2YgdGV4dCBhcm91bmQgaXQK".into()),
                3 => drop(lines.remove(at)),
                4 => lines[at] = format!("key{}", lines[at].replace(' ', "=")),
                5 => lines[at].truncate(7),
                6 => lines.retain(|line| !line.contains("value-")),
                7 => lines.rotate_left(at),
                8 => lines.retain(|line| line != "acme"),
                9 => lines[at] = "value-".into(),
                10 => lines[at].insert_str(0, "12"),
                _ => lines.insert(at, format!("more text {}", random.below(1000))),
            }
        }
        let limits = Limits::default();
        let store = store(&packed, &limits);
        let outcome = |by_changes| {
            let mut search = Search::new(&store, &searcher, &targets, &|_| "a.txt", &limits);
            search.by_changes = by_changes;
            let mut hits: Vec<_> = search.run(2).unwrap().hits.into_iter().map(|(_, hit)| hit).collect();
            hits.sort_by_key(|hit| (hit.first, hit.sighting.offset));
            let hit = |hit: super::search::Hit| (hit.first, hit.last, hit.size, hit.sighting);
            hits.into_iter().map(hit).collect::<Vec<_>>()
        };
        let whole = outcome(usize::MAX);
        assert_eq!(outcome(0), whole);
        told += whole.len();
        quiet += usize::from(whole.is_empty());
    }
    assert!(told > 100 && quiet > 0, "{told} {quiet}");
}

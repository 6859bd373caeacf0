//! What is found in a file that is held in parts is what is found in it as a whole.

use super::super::{SearchOptions, Searcher, Sighting, Sightings};
use super::AROUND;
use crate::random::Random;

const RULES: &[(&str, &[&str])] = &[
    (r"\b(?P<secret>ghp_[0-9A-Za-z]{6})\b", &["ghp_"]),
    (
        r#"(?i:ado_be)[0-9A-Za-z_.-]{0,8}["']?[ \t]{0,3}(?:[=:]|=>)[ \t]{0,3}["']?(?P<secret>[0-9a-f]{6})\b"#,
        &["ado_be"],
    ),
    (r"^[ \t]*token[ \t]*=[ \t]*(?P<secret>[^\s#]+)$", &["token"]),
    (r"-----BEGIN (?:[A-Z]{1,3} )?KEY-----(?P<secret>[0-9A-Za-z\s]+?)-----END (?:[A-Z]{1,3} )?KEY-----", &["key-----"]),
    (r"\b(?P<key>EXO[0-9a-f]{4,8})\b[\s\S]{1,20}?[^0-9a-f](?P<secret>[0-9a-f]{6})\b", &["EXO"]),
    (r"[a-z]+_secret=(?P<secret>\w{3,})", &["_secret"]),
    (r"(?:abc|abcd|bcd)[0-9]*x?", &[]),
    (r"(?P<secret>[0-9]{3}){2,5}-end", &["end"]),
    (r"[0-9]{4}", &["pin"]),
    (r"aXbXc|XbX|bX[a-c]{0,3}Xb", &[]),
    (r"(?:aba){2}", &["aba"]),
    (r"é{2}x|€+", &[]),
    (r"x{5}", &[]),
];

const PIECES: &[&str] = &[
    "ghp_",
    "GHP_",
    "abcdef",
    "012345",
    "01ab",
    "ado_be",
    "_id",
    "'",
    "\"",
    " ",
    "\t",
    "=",
    ":",
    "\n",
    "\r\n",
    "\r",
    "token",
    "#",
    "-----BEGIN ",
    "KEY-----",
    "-----END ",
    "RSA ",
    "MII",
    "EXO",
    "ab12cd",
    "x_secret=",
    "abc",
    "abcd",
    "bcd",
    "123",
    "456789",
    "-end",
    "aXbXbXc",
    "aba",
    "é",
    "€",
    "éx",
    "𝄞",
    "xxxxxxx",
    "\n\n",
    "token = v1",
    "\ntoken = secret1\r\n",
];

impl Random {
    fn text(&mut self, pieces: usize) -> String {
        (0..pieces).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}

fn searcher(rules: &[(&str, &[&str])], options: SearchOptions) -> Searcher {
    let rules: Vec<_> = rules.iter().map(|(pattern, keywords)| (*pattern, keywords.to_vec())).collect();
    Searcher::new(&rules, options).unwrap()
}

/// Without the masked lines: where a value comes again, a part that was told before does not know it.
fn bare(sightings: &Sightings) -> Vec<Sighting> {
    let mut list = sightings.list.clone();
    for one in &mut list {
        one.matched.clear();
        one.code.iter_mut().for_each(|line| line.content.clear());
    }
    list
}

#[test]
fn parts_of_any_size_find_what_the_whole_finds() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut found = 0;
    for round in 0..200 {
        let text = format!("pin {}", random.text(40 + round % 900));
        let whole = searcher(RULES, SearchOptions::default()).search("x", text.as_bytes());
        let longest = 400;
        let (before, behind) = (1 + random.below(50), longest + random.below(40));
        let held = before + behind + 2048 + random.below(200);
        let parts = searcher(RULES, SearchOptions::default()).with_cut(held, before, behind);
        let parts = parts.search_read("x", text.len() as u64, &mut text.as_bytes());
        let told = |sightings: &Sightings| -> Vec<_> {
            let list = sightings.list.iter();
            list.map(|one| (one.offset, one.rule, one.start, one.end, one.secret.clone(), one.key_id.clone())).collect()
        };
        assert_eq!(told(&parts), told(&whole), "held {held}, before {before}, behind {behind}: {text:?}");
        assert_eq!(parts.problems, whole.problems);
        found += whole.list.len();
    }
    assert!(found > 2000, "{found}");
}

#[test]
fn excerpts_in_parts_are_those_of_the_whole() {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for round in 0..8 {
        let text = format!("pin {}", random.text(6000 + 500 * round));
        let whole = searcher(RULES, SearchOptions::default()).search("x", text.as_bytes());
        let (before, behind) = (AROUND, AROUND + 400);
        let parts = searcher(RULES, SearchOptions::default()).with_cut(
            before + behind + 2048 + random.below(9000),
            before,
            behind,
        );
        let parts = parts.search_read("x", text.len() as u64, &mut text.as_bytes());
        assert_eq!(bare(&parts), bare(&whole));
    }
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// Line, column and offset of all that is told.
fn places(sightings: &Sightings) -> Vec<(usize, usize, u64)> {
    sightings.list.iter().map(|one| (one.start.line, one.start.column, one.offset)).collect()
}

#[test]
fn utf16_is_found_as_the_same_text_is() {
    let mut random = Random(0xA076_1D64_78BD_642F);
    for round in 0..60 {
        let text = format!("pin = {}", random.text(50 + 20 * round));
        let plain = searcher(RULES, SearchOptions::default()).search("x", text.as_bytes());
        for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
            let bytes = utf16(&format!("{}{text}", if mark { "\u{feff}" } else { "" }), big);
            if !mark && text.chars().take(4000).filter(|character| !character.is_ascii()).count() * 10 > text.len() {
                continue;
            }
            let parts = searcher(RULES, SearchOptions::default()).with_cut(1200 + random.below(300), 30, 430);
            let parts = parts.search("x", &bytes);
            let skipped = u64::from(mark) * 2;
            let expected = plain.list.iter().map(|one| {
                let before = &text[..usize::try_from(one.offset).unwrap()];
                (one.rule, one.start, one.end, one.secret.clone(), skipped + 2 * before.encode_utf16().count() as u64)
            });
            let told = parts.list.iter().map(|one| (one.rule, one.start, one.end, one.secret.clone(), one.offset));
            assert!(told.eq(expected), "{text:?} {big} {mark}");
        }
    }
}

#[test]
fn marks_at_the_start_are_no_text() {
    let found = searcher(RULES, SearchOptions::default()).search("x", b"\xef\xbb\xbftoken = v1v\n");
    assert_eq!(places(&found), [(1, 1, 11)]);
    let found = searcher(RULES, SearchOptions::default()).search("x", b"\xff\xfe\0\0t\0\0\0o\0\0\0");
    assert!(found.list.is_empty() && found.problems[0].contains("UTF-32"), "{found:?}");
}

/// Compiled code, as it looks.
fn compiled(secret: &str) -> Vec<u8> {
    let mut bytes = b"\xa7\r\r\n\0\0\0\0\x12\x34\x56\x78\0\0\0\0\xe3\0\0\0\0 ghp\0".to_vec();
    bytes.extend((0..200_u16).flat_map(|n| (n * 7).to_le_bytes()));
    bytes.extend(b"\xda\x1fx = '");
    bytes.extend(secret.as_bytes());
    bytes.extend(b"'\0\0\x01\x02ghp_\0\0");
    bytes
}

#[test]
fn what_can_be_read_of_other_files() {
    let secret = "ghp_Ab12Cd";
    let bytes = compiled(secret);
    let offset = bytes.windows(4).position(|four| four == b"ghp_").unwrap();
    let all = SearchOptions { binaries: true, ..SearchOptions::default() };
    for (name, options, finds) in [
        ("a/b.cpython-311.pyc", SearchOptions::default(), true),
        ("a/b.o", SearchOptions::default(), false),
        ("a/b.o", all, true),
    ] {
        let searcher = searcher(RULES, options).with_cut(100, 20, 40);
        assert_eq!(searcher.wants(name, 1000, &bytes), finds);
        let read = searcher.search_read(name, bytes.len() as u64, &mut bytes.as_slice());
        for found in [searcher.search(name, &bytes), searcher.search_at(name, &bytes.as_slice()), read] {
            assert!(found.problems.is_empty());
            if !finds {
                assert!(found.list.is_empty());
                continue;
            }
            assert_eq!(places(&found), [(1, offset + 1, offset as u64)]);
            assert_eq!(found.list[0].secret, secret.as_bytes());
            assert!(found.list[0].matched.ends_with("x = '**********'"), "{found:?}");
            assert_eq!(found.list[0].code.len(), 1);
            assert_eq!(found.list[0].code[0].content, found.list[0].matched);
        }
    }
}

#[test]
fn a_zero_far_behind_the_start_makes_no_binary_of_a_text() {
    let text = [b"x\n".repeat(5000).as_slice(), b"\0\0\ntoken = v1v\n"].concat();
    assert_eq!(places(&searcher(RULES, SearchOptions::default()).search("x", &text)), [(5002, 1, 10_011)]);
    assert!(searcher(RULES, SearchOptions::default()).search("x", &text[9990..]).list.is_empty());
}

const HIDDEN: &[(&str, &[&str])] = &[(r"\b(?P<secret>ghp_[0-9A-Za-z]{12})\b", &["ghp_"])];

fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().enumerate().fold(0_u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let letter = char::from(ALPHABET[(bits >> (18 - 6 * at) & 63) as usize]);
            out.push(if at <= three.len() { letter } else { '=' });
        }
    }
    out
}

#[test]
fn what_decodes_is_searched_and_told_where_it_stands() {
    let secret = "ghp_Ab12Cd34Ef56";
    let run = base64(&format!("the token is {secret} and no other"));
    let text = format!("a: 1\nb: {run}\nc: 2\n");
    let found = searcher(HIDDEN, SearchOptions::default()).search("x", text.as_bytes());
    assert_eq!(found.list.len(), 1, "{found:?}");
    let one = &found.list[0];
    assert_eq!((one.decoded, one.offset, one.start.line, one.start.column), ("base64", 8, 2, 4));
    assert_eq!((one.end.line, one.end.column), (2, 3 + run.len()));
    assert_eq!(one.secret, secret.as_bytes());
    assert!(one.matched.starts_with("b: ***") && !one.matched.contains(&run[..4]), "{found:?}");
    let numbers: Vec<_> = one.code.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn what_also_stands_in_the_text_is_told_once() {
    let secret = "ghp_Ab12Cd34Ef56";
    let run = base64(&format!("the token is {secret} and no other"));
    for (text, expected) in [
        (format!("b: {run}\nagain = {secret}\n"), vec![""]),
        (format!("url = https://x/?a=%20b&t={secret}&b=%2F%2Fx\n"), vec![""]),
        (format!("b: {run}\nagain = ghp_000000000000\n"), vec!["base64", ""]),
        (format!("a: {run} b: {run}\n"), vec!["base64", "base64"]),
    ] {
        let found = searcher(HIDDEN, SearchOptions::default()).search("x", text.as_bytes());
        assert_eq!(found.list.iter().map(|one| one.decoded).collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn what_decodes_is_found_wherever_a_file_is_cut() {
    let secrets: Vec<String> = (0..40).map(|n| format!("ghp_Ab12Cd34Ef{n:02}")).collect();
    let text: String = secrets
        .iter()
        .map(|secret| format!("line {}\n", base64(&format!("this says that {secret} is what opens the door"))))
        .collect();
    for held in [2448, 2501, 2909, 2613] {
        let parts = searcher(HIDDEN, SearchOptions::default()).with_cut(held, 100, 300);
        let found = parts.search_read("x", u64::MAX, &mut text.as_bytes());
        let told: Vec<_> = found.list.iter().map(|one| String::from_utf8_lossy(&one.secret).into_owned()).collect();
        assert_eq!(told, secrets, "{held}");
        let lines: Vec<_> = found.list.iter().map(|one| one.start.line).collect();
        assert_eq!(lines, (1..=40).collect::<Vec<_>>());
    }
}

#[test]
fn a_run_that_is_longer_than_what_is_held_is_decoded_to_its_end() {
    let secrets: Vec<String> = (0..90).map(|n| format!("ghp_Ab12Cd34Ef{n:02}")).collect();
    let text: String =
        secrets.iter().map(|secret| format!("this line says that {secret} is what opens the door\n")).collect();
    for lead in ["", "run: ", "some = '"] {
        let text = format!("{lead}{}", base64(&text));
        for held in [3000, 4801, 3913, 3914, 3915] {
            let parts = searcher(HIDDEN, SearchOptions::default()).with_cut(held, 100, 600);
            let found = parts.search_read("x", u64::MAX, &mut text.as_bytes());
            let told: Vec<_> = found.list.iter().map(|one| String::from_utf8_lossy(&one.secret).into_owned()).collect();
            assert_eq!(told, secrets, "{lead} {held}");
        }
    }
}

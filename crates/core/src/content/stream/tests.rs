//! What is found in a file that is held in parts is what is found in it as a whole.

use super::super::{SearchOptions, Searcher, Sighting, Sightings};
use super::AROUND;

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

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % end
    }

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
        let text = format!("pin {}", random.text(40 + round % 400));
        let whole = searcher(RULES, SearchOptions::default()).search("x", text.as_bytes());
        let longest = 400;
        let (before, behind) = (1 + random.below(50), longest + random.below(40));
        let held = before + behind + 1 + random.below(200);
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
            before + behind + 1 + random.below(9000),
            before,
            behind,
        );
        let parts = parts.search_read("x", text.len() as u64, &mut text.as_bytes());
        assert_eq!(bare(&parts), bare(&whole));
    }
}

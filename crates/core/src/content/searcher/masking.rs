//! No secret is shown, wherever it stands.

use super::super::{SearchOptions, Searcher, Sighting};
use crate::random::Random;

/// Letters of secrets; no other part of the texts has them.
const SECRET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// What stands between secrets.
const BETWEEN: &[&str] = &[
    " ",
    "\n",
    "\r\n",
    "\t",
    "é",
    "€",
    "𝄞",
    "x",
    "word ",
    "'",
    "\"",
    ", ",
    "=",
    "\n\n",
    "---\n",
    "ö: ",
    "\u{fffd}",
    "a,b;c\r",
    "abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij ",
    "un texte français très long où il y a beaucoup de caractères à deux octets, à côté d'un secret: ",
];

const RULES: &[(&str, &[&str])] = &[
    (r"tok_(?P<secret>[A-Z2-9]{8,40})", &["tok_"]),
    (r"set\((?P<secret>[A-Z2-9]+)\)", &["set("]),
    // A secret inside another one's match, and matches of many lines.
    (r"set\([A-Z2-9]{2}(?P<secret>[A-Z2-9]+)\)", &["set("]),
    (r"<key>(?P<secret>[A-Z2-9\s]+)</key>", &["<key>"]),
    (r"pair (?P<secret>[A-Z2-9]{4,})[^A-Z2-9]{1,3}(?P<secret2>[A-Z2-9]{4,})", &["pair"]),
];

impl Random {
    fn value(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(SECRET[self.below(SECRET.len())])).collect()
    }
}

fn shown(sighting: &Sighting) -> impl Iterator<Item = &str> {
    [sighting.matched.as_str(), &sighting.allow]
        .into_iter()
        .chain(sighting.code.iter().map(|line| line.content.as_str()))
}

/// A text with values in all forms, again and again, and the values.
fn planted(random: &mut Random) -> (String, Vec<String>) {
    let count = 1 + random.below(12);
    let mut values = Vec::new();
    for _ in 0..count {
        let length = 8 + random.below(30);
        values.push(random.value(length));
    }
    let mut text = String::new();
    for _ in 0..10 + random.below(60) {
        let value = &values[random.below(values.len())];
        match random.below(9) {
            0 => text += &format!("tok_{value}"),
            1 => text += &format!("set({value})"),
            2 => {
                let lines: Vec<_> = (0..random.below(14)).map(|_| random.value(30)).collect();
                text += &format!("<key>\r\n{value}\r\n{}\n</key>", lines.join("\n"));
            }
            // Bare: it is a secret elsewhere.
            3 => text += value,
            4 => text += &value.repeat(2),
            5 => text += &format!("# trivy:ignore:{value}"),
            _ => {}
        }
        for _ in 0..1 + random.below(4) {
            text += BETWEEN[random.below(BETWEEN.len())];
        }
    }
    (text, values)
}

#[test]
fn nothing_shown_has_six_letters_of_a_secret() {
    let rules: Vec<_> = RULES.iter().map(|(pattern, keywords)| (*pattern, keywords.to_vec())).collect();
    let searcher = Searcher::new(&rules, SearchOptions::default()).unwrap();
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let mut count = 0;
    for _ in 0..400 {
        let (text, _) = planted(&mut random);
        let found = searcher.search("x", text.as_bytes());
        let secrets: Vec<&[u8]> =
            found.list.iter().map(|one| one.secret.as_slice()).filter(|secret| secret.len() >= 8).collect();
        count += secrets.len();
        for line in found.list.iter().flat_map(shown) {
            assert!(line.len() < 2500);
            for secret in &secrets {
                let letters = secret.split(|byte| !SECRET.contains(byte)).flat_map(|part| part.windows(6));
                for six in letters {
                    let leaks = line.as_bytes().windows(6).any(|shown| shown == six);
                    assert!(!leaks, "{line:?} shows {} in {text:?}", six.escape_ascii());
                }
            }
        }
        for one in &found.list {
            assert!(
                one.code.iter().filter(|line| line.is_cause && !line.truncated).all(|line| line.content.len() < 2500)
            );
        }
    }
    assert!(count > 3000, "{count}");
}

/// In parts a value that is found behind the place that was shown is masked there too, if it stands in what is shown.
#[test]
fn what_is_known_later_is_masked_as_well() {
    let rules: Vec<_> = RULES.iter().map(|(pattern, keywords)| (*pattern, keywords.to_vec())).collect();
    let searcher = Searcher::new(&rules, SearchOptions::default()).unwrap().with_cut(30_000, 7000, 8000);
    let mut random = Random(0x9E6C_63D0_676A_9A99);
    let (first, second) = (random.value(20), random.value(20));
    let text = format!("{second} tok_{first} {second}\n{second}\n{}\ntok_{second}\n", "x\n".repeat(50_000));
    let found = searcher.search_read("x", u64::MAX, &mut text.as_bytes());
    assert_eq!(found.list.len(), 2);
    for line in found.list.iter().flat_map(shown) {
        assert!(!line.contains(&second[..4]) && !line.contains(&first[..4]), "{line}");
    }
}

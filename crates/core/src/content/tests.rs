//! What is found is what each expression finds alone in the whole text.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use regex::bytes::{Regex, RegexBuilder};

use super::keyword::Keywords;
use super::matcher::NEAR;
use super::prefilter::{BLOCK, Lanes};
use super::{Found, MOST_MATCHES, Matcher};
use crate::random::Random;

type Rules<'r> = [(&'r str, &'r [&'r str])];

fn matcher(rules: &Rules) -> Matcher {
    let rules: Vec<_> = rules.iter().map(|(pattern, keywords)| (*pattern, keywords.to_vec())).collect();
    Matcher::new(&rules).unwrap()
}

fn alone(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).unicode(false).multi_line(true).crlf(true).build().unwrap()
}

/// All matches of all expressions in texts that hold one of their keywords, the slow way.
fn brute(rules: &Rules, text: &[u8]) -> Vec<Found> {
    let small = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for (rule, (pattern, keywords)) in rules.iter().enumerate() {
        let has = |keyword: &&str| {
            let keyword = keyword.to_ascii_lowercase();
            small.windows(keyword.len()).any(|here| here == keyword.as_bytes())
        };
        if !keywords.is_empty() && !keywords.iter().any(has) {
            continue;
        }
        for captures in alone(pattern).captures_iter(text) {
            let whole = captures.get(0).unwrap();
            let secret = captures.name("secret").unwrap_or(whole);
            let secret = (secret.start(), secret.end());
            found.push(Found { rule, start: whole.start(), end: whole.end(), secret });
        }
    }
    found.sort_unstable();
    found
}

fn same(rules: &Rules, text: &[u8]) -> usize {
    let (found, expected) = (matcher(rules).find(text).unwrap(), brute(rules, text));
    assert_eq!(found, expected, "{} bytes", text.len());
    found.len()
}

/// The expressions of the tests below: the forms that rules have, and those that are hard for windows.
const RULES: &Rules = &[
    (r"\b(?P<secret>ghp_[0-9A-Za-z]{6})\b", &["ghp_"]),
    (r"\b(?P<secret>gh[us]_[0-9A-Za-z]{6})\b", &["ghu_", "ghs_"]),
    (r"(?P<secret>[0-9a-f]{8}-us[1-9][0-9]?)\b", &["-us1", "-us2"]),
    (
        r#"(?i:adobe|ado_be)[0-9A-Za-z_.-]{0,8}["']?[ \t]{0,3}(?:[=:]|=>)[ \t]{0,3}["']?(?P<secret>[0-9a-f]{6})\b"#,
        &["adobe"],
    ),
    (r"^[ \t]*token[ \t]*=[ \t]*(?P<secret>[^\s#]+)$", &["token"]),
    (r"-----BEGIN (?:[A-Z]{1,3} )?KEY-----(?P<secret>[0-9A-Za-z\s]+?)-----END (?:[A-Z]{1,3} )?KEY-----", &["key-----"]),
    (r"\b(?P<secret>(?:AKIA|ASIA)[A-Z2-7]{4})\b", &["AKIA", "ASIA"]),
    (r"(?:^|[^0-9A-Za-z+/])(?P<secret>[0-9A-Za-z+/]{4}ACDb[0-9A-Za-z+/]{2}==)", &["ACDb"]),
    (r"<password>\s{0,4}(?P<secret>[^<>\s][^<>\n]{2,20}?)\s{0,4}</password>", &["password>"]),
    (r"\b(?P<key>EXO[0-9a-f]{4,8})\b[\s\S]{1,20}?[^0-9a-f](?P<secret>[0-9a-f]{6})\b", &["EXO"]),
    (r"[a-z]+_secret=(?P<secret>\w{3,})", &["_secret"]),
    (r"(?:abc|abcd|bcd)[0-9]*x?", &[]),
    (r"(?P<secret>[0-9]{3}){2,5}-end", &["end"]),
    (r"foo(?:bar|baz|qux){1,3}(?P<secret>[a-z]?)\B", &["foo"]),
    (r"(?i)k[e3]y\s*[:=]\s*(?:'(?P<secret>[^']*)'|none)", &["key", "k3y"]),
    (r"[0-9]{4}", &["pin"]),
    (r"[0-9]+\.[0-9]{2}", &["p8", "zz"]),
    (r"aXbXc|XbX|bX[a-c]{0,3}Xb", &[]),
    (r"(?:aba){2}", &["aba"]),
    (r"(?-m:^start[0-9]|[0-9]end$)", &["start", "end"]),
    (r"(?s)<<.*?>>\z", &[]),
    (r"(?:\xff\xfe|\x00A)key", &["key"]),
    (r"é{2}x|€+", &[]),
    (r"(?:a|ab)(?:c|bcd)(?:d*)\$\{[a-z]{1,4}\}", &["${"]),
];

/// Texts of which the generated ones are made: parts of matches of the rules above, and what separates them.
const PIECES: &[&str] = &[
    "ghp_",
    "GHP_",
    "ghu_",
    "gh",
    "_",
    "abcdef",
    "012345",
    "01ab",
    "AKIA",
    "ASIA",
    "QRST",
    "-us1",
    "-us2",
    "5",
    "adobe",
    "ADOBE",
    "ado_be",
    "_id",
    "'",
    "\"",
    " ",
    "\t",
    "=",
    ":",
    "=>",
    "\n",
    "\r\n",
    "\r",
    "token",
    "Token",
    "#",
    "-----BEGIN ",
    "KEY-----",
    "-----END ",
    "RSA ",
    "MII",
    "ACDb",
    "==",
    "<password>",
    "</password>",
    "<",
    ">",
    "EXO",
    "ab12cd",
    "x_secret=",
    "abc",
    "abcd",
    "bcd",
    "123",
    "456789",
    "-end",
    "end",
    "foo",
    "bar",
    "baz",
    "qux",
    "q",
    "key",
    "k3y",
    "none",
    "pin",
    "1234",
    "1.25",
    "p8",
    "P8",
    "aXbXc",
    "Xb",
    "aba",
    "0123ACDb",
    "01==",
    "-----BEGIN KEY-----",
    "-----END KEY-----",
    "c${abc}",
    "ab",
    "start7",
    "7end",
    "<<",
    ">>",
    "é",
    "€",
    "${",
    "abc}",
    "$",
    "{",
    "}",
    "a",
    "b",
    "c",
    "d",
    ".",
    ",",
    "-",
    "/",
    "+",
    "  ",
    "zz",
];

fn text_of_pieces(numbers: &mut Random, pieces: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..pieces {
        match numbers.below(40) {
            0 => text.push(u8::try_from(numbers.below(256)).unwrap()),
            1 => text.extend(b"\xff\xfekey"),
            2 => text.extend(b"\0AKEY"),
            _ => text.extend(PIECES[numbers.below(PIECES.len())].as_bytes()),
        }
    }
    text
}

#[test]
fn equal_to_brute_force() {
    let mut numbers = Random(0x9E37_79B9_7F4A_7C15);
    let all = matcher(RULES);
    let alone: Vec<_> = RULES.iter().map(|rule| matcher(&[*rule])).collect();
    let mut per_rule: BTreeMap<usize, usize> = BTreeMap::new();
    for round in 0..3000 {
        let pieces = numbers.below(if round % 100 == 0 { 3000 } else { 60 });
        let text = text_of_pieces(&mut numbers, pieces);
        let expected = brute(RULES, &text);
        assert_eq!(all.find(&text).unwrap(), expected, "{}", text.escape_ascii());
        for found in &expected {
            *per_rule.entry(found.rule).or_default() += 1;
        }
        // That a rule finds the same without the others.
        let rule = round % RULES.len();
        let mut own: Vec<_> = expected.into_iter().filter(|found| found.rule == rule).collect();
        own.iter_mut().for_each(|found| found.rule = 0);
        assert_eq!(alone[rule].find(&text).unwrap(), own, "{}", text.escape_ascii());
    }
    let never: Vec<_> =
        (0..RULES.len()).filter(|rule| !per_rule.contains_key(rule)).map(|rule| RULES[rule].0).collect();
    assert!(never.is_empty(), "never matched: {never:?}");
}

/// Expressions put together at random, over texts of a few letters: what holds for no rule that somebody would write.
#[test]
fn equal_to_brute_force_for_any_expression() {
    const PARTS: &[&str] = &[
        "abc",
        "bca",
        "cab",
        "aab",
        "[ab]",
        "[^a]",
        "c",
        "a*",
        "b+",
        "c{2,3}",
        "(?:abc|cba)",
        "(?:ab|c)?",
        r"\b",
        "^",
        "$",
        "(?i:ABC)",
        ".",
        "(?P<secret>bb*)",
        "[a-c]{3}",
        "(?:aab|[bc]aa){1,2}",
        r"\s",
        r"\B",
        "(?:a|)",
        "_",
    ];
    let mut numbers = Random(7);
    let (mut tried, mut matched) = (0, 0);
    while tried < 3000 {
        let parts: Vec<_> = (0..1 + numbers.below(5)).map(|_| PARTS[numbers.below(PARTS.len())]).collect();
        if parts.iter().filter(|part| part.contains("secret")).count() > 1 {
            continue;
        }
        let pattern = if numbers.below(3) == 0 { format!("(?:{})+", parts.concat()) } else { parts.concat() };
        let keywords: &[&str] = if numbers.below(4) == 0 { &["abc", "ca"] } else { &[] };
        let Ok(matcher) = Matcher::new(&[(pattern.as_str(), keywords.to_vec())]) else { continue };
        tried += 1;
        for length in [3, 8, 20, 60] {
            let text: Vec<u8> = (0..length).map(|_| b"aaabbbcccA_ \n\r"[numbers.below(14)]).collect();
            let expected = brute(&[(pattern.as_str(), keywords)], &text);
            matched += expected.len();
            assert_eq!(matcher.find(&text).unwrap(), expected, "{pattern} in {}", text.escape_ascii());
        }
    }
    assert!(matched > 3000, "{matched}");
}

/// Ordinary source: our own.
#[test]
fn equal_to_brute_force_in_source() {
    let (mut folders, mut found) = (vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")], 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found += same(RULES, &fs::read(path).unwrap());
            }
        }
    }
    assert!(found > 10, "{found}");
}

/// Each way of looking for keywords that this processor can go, and the plain one.
fn ways() -> Vec<Option<Lanes>> {
    Lanes::all().into_iter().map(Some).chain([None]).collect()
}

#[test]
fn each_way_finds_the_same() {
    let rules: Vec<_> = RULES.iter().map(|(pattern, keywords)| (*pattern, keywords.to_vec())).collect();
    let matchers: Vec<_> = ways().into_iter().map(|way| Matcher::by(&rules, way).unwrap()).collect();
    let mut numbers = Random(11);
    for round in 0..300 {
        let pieces = numbers.below(if round % 10 == 0 { 3000 } else { 200 });
        let text = text_of_pieces(&mut numbers, pieces);
        let expected = brute(RULES, &text);
        for matcher in &matchers {
            assert_eq!(matcher.find(&text).unwrap(), expected, "{}", text.escape_ascii());
        }
    }
}

/// Also where the rules have matches and candidates close to each other all over the text, and where a match begins long
/// before the region.
#[test]
fn near_regions_what_the_whole_text_has_there() {
    let added: &Rules = &[("(?:abc){2}|ab[a-z]{1,900}xyz", &[]), (r"begin[\s\S]{0,6000}until", &[])];
    let rules: Vec<_> = [RULES, added].concat();
    let local = |rule: &(&str, &[&str])| matcher(&[*rule]).is_local();
    let bounded: Vec<_> =
        rules.into_iter().filter(local).map(|(pattern, keywords)| (pattern, keywords.to_vec())).collect();
    assert!(bounded.len() > 18, "{}", bounded.len());
    let matcher = Matcher::new(&bounded).unwrap();
    let filler = "A line of text with nothing in it, and one more word.\n".repeat(400);
    let mut numbers = Random(23);
    let (mut told, mut left) = (0, 0);
    for round in 0..200 {
        let mut text = Vec::new();
        while text.len() < 150_000 {
            let pieces = numbers.below(if round % 7 == 0 { 2000 } else { 60 });
            text.extend(text_of_pieces(&mut numbers, pieces));
            let end = numbers.below(filler.len());
            text.extend(&filler.as_bytes()[end - end.min(numbers.below(9000))..end]);
            text.extend(["begin ", " until", "abcabcabc"][numbers.below(3)].as_bytes());
        }
        let (mut regions, mut at) = (Vec::new(), 0);
        for _ in 0..1 + numbers.below(4) {
            let from = at + numbers.below(text.len() - at);
            at = (from + numbers.below(500)).min(text.len() - 1);
            regions.push((from, at));
            at += 1;
            if at + 1 >= text.len() {
                break;
            }
        }
        let all = matcher.find(&text).unwrap();
        let near = |found: &Found, region: &(usize, usize)| {
            found.start <= region.1 && found.end >= region.0 && found.start + NEAR >= region.0
        };
        let expected: Vec<_> =
            all.iter().filter(|found| regions.iter().any(|region| near(found, region))).copied().collect();
        assert_eq!(matcher.find_near(&text, &regions).unwrap(), expected, "round {round}: {regions:?}");
        told += expected.len();
        left += all.len() - expected.len();
    }
    assert!(told > 300 && left > 1000, "{told} {left}");
    assert_eq!(matcher.find_near(b"abcabc", &[]).unwrap(), []);
    assert_eq!(matcher.find_near(b"", &[(0, 0)]).unwrap(), []);
    assert_eq!(matcher.find_near(b"abcabc", &[(6, 90)]).unwrap().len(), 2);
    // Where each match begins depends on all before it.
    let text = [filler.repeat(3), "abc".repeat(6001), filler.repeat(3)].concat();
    let all = matcher.find(text.as_bytes()).unwrap();
    for from in (3 * filler.len() + 7000..3 * filler.len() + 7030).chain([3 * filler.len() + 16_000]) {
        let expected: Vec<_> = all.iter().filter(|found| found.start <= from && found.end >= from).copied().collect();
        assert!(expected.len() > 1);
        assert_eq!(matcher.find_near(text.as_bytes(), &[(from, from)]).unwrap(), expected);
    }
}

/// Texts that begin anywhere in memory and end anywhere within what is looked at together.
#[test]
fn keywords_by_each_way_in_texts_of_any_length() {
    let words = ["key", "ghp_", "a-b_c", "0:9", "password", "\u{e9}t\u{e9}", "qqq", "xoxb", "token=", "no\nend", "__;"];
    let mut numbers = Random(5);
    let held: Vec<u8> = (0..3 * BLOCK + 300)
        .flat_map(|_| {
            let word = words[numbers.below(words.len())];
            let cut = 1 + numbers.below(word.len());
            if numbers.below(3) > 0 { word.to_uppercase().into_bytes() } else { word.as_bytes()[..cut].to_vec() }
        })
        .take(3 * BLOCK + 300)
        .collect();
    // A few, so that each triple has a bucket of its own, and more than there are buckets.
    let mut many: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    let few = many.clone();
    for _ in 0..400 {
        let start = numbers.below(held.len() - 10);
        many.push(held[start..start + 3 + numbers.below(6)].to_ascii_lowercase());
    }
    many.sort();
    many.dedup();
    let lengths =
        (0..200).chain(BLOCK - 70..BLOCK + 70).chain([2 * BLOCK + 1, 2 * BLOCK + 2, 3 * BLOCK, 3 * BLOCK + 99]);
    let lengths: Vec<_> = lengths.collect();
    for keywords in [few, many] {
        let all: Vec<_> = ways().into_iter().map(|way| Keywords::by(&keywords, way)).collect();
        let mut places = Vec::new();
        for (keyword, text) in keywords.iter().enumerate() {
            let here = held.windows(text.len()).enumerate().filter(|(_, here)| here.eq_ignore_ascii_case(text));
            places.extend(here.map(|(start, _)| (start, start + text.len(), keyword)));
        }
        places.sort_unstable();
        for (round, &length) in lengths.iter().enumerate() {
            let from = (round * 7) % 67;
            let text = &held[from..from + length];
            let within = places.iter().filter(|(start, end, _)| *start >= from && *end <= from + length);
            let mut expected: Vec<_> = within.map(|(start, _, keyword)| (*keyword, start - from)).collect();
            expected.sort_unstable();
            for keywords in &all {
                let mut found = Vec::new();
                keywords.scan(text, |keyword, start| found.push((keyword, start)));
                found.sort_unstable();
                assert_eq!(found, expected, "{length} bytes from {from}");
            }
        }
    }
}

#[test]
fn keywords_at_both_ends_and_in_any_case() {
    let rules: &Rules = &[("(?i)secret", &["secret"]), ("qzx", &["qzx"])];
    assert_eq!(same(rules, b"SECRETsecretSeCrEt"), 3);
    assert_eq!(same(rules, b"qzx"), 1);
    assert_eq!(same(rules, b"QZX"), 0);
    assert_eq!(same(rules, b""), 0);
    assert_eq!(same(rules, b"qz"), 0);
}

#[test]
fn the_group_secret_or_the_whole() {
    let found = matcher(&[(r"id=(?P<secret>[0-9]+)?;", &["id="])]).find(b"id=12; id=;").unwrap();
    assert_eq!(found.iter().map(|found| found.secret).collect::<Vec<_>>(), [(3, 5), (7, 11)]);
}

#[test]
fn lines_end_with_or_without_carriage_return() {
    let rules: &Rules = &[("^key=(?P<secret>.+)$", &["key"])];
    assert_eq!(same(rules, b"key=1\r\nkey=2\nkey=3"), 3);
    let secrets: Vec<_> = matcher(rules).find(b"key=1\r\nkey=2\n").unwrap().iter().map(|found| found.secret).collect();
    assert_eq!(secrets, [(4, 5), (11, 12)]);
}

#[test]
fn what_is_refused_and_why() {
    let reason = |pattern: &str| Matcher::new(&[("fine", vec![""]), (pattern, vec![])]).map(|_| ()).unwrap_err();
    for (pattern, part) in [
        (r"(?<=x)key", "\"(?<=\": looking ahead or behind"),
        (r"key(?!x)", "\"(?!\": looking ahead or behind"),
        (r"(a)key\1", "\"\\\\1\": a back reference"),
        ("key[", "unclosed character class"),
        ("a*", "matches the empty text"),
        (r"[^\s\S]", "can match no text"),
        ("(?:(?:a{1000}){1000}){1000}", "steps when its repetitions are written out"),
        (&"a".repeat(20_001), "20001 bytes"),
        (&format!("{}a{}", "(".repeat(200), ")".repeat(200)), "nest"),
        (r"\p{Greek}", "Unicode"),
    ] {
        let refused = reason(pattern);
        assert_eq!(refused.rule, 1);
        assert!(refused.reason.contains(part), "{pattern}: {}", refused.reason);
    }
}

#[test]
fn no_more_than_so_many_matches() {
    let text = b"ghp_012345 ".repeat(MOST_MATCHES + 5);
    assert_eq!(matcher(RULES).find(&text).unwrap().len(), MOST_MATCHES);
    assert_eq!(matcher(&[("0[0-9]", &[])]).find(&text).unwrap().len(), MOST_MATCHES);
    let all = matcher(RULES).find(&text[..11_000]).unwrap();
    assert_eq!(all.len(), 1000);
}

/// Each of these would take minutes if tries at candidates read on to the end of the text each time.
#[test]
fn time_grows_with_the_text_only() {
    let hostile: &Rules = &[
        (r"BEGIN[\s\S]*END", &["begin"]),
        (r"key(?:.|\n)*?!", &["key"]),
        (r"(?:x.*y|xab)", &["x"]),
        (r"[a-z]+_name[\s\S]*?;;", &["_name"]),
    ];
    let matcher = matcher(hostile);
    for piece in ["BEGIN ", "key ", "xab ", "a_name ", "BEGINxaba_name"] {
        let text = piece.repeat((1 << 20) / piece.len());
        let expected = if piece.contains("xab") { MOST_MATCHES } else { 0 };
        assert_eq!(matcher.find(text.as_bytes()).unwrap().len(), expected, "{piece}");
    }
}

#[test]
fn one_matcher_for_many_threads() {
    let matcher = matcher(RULES);
    let text = text_of_pieces(&mut Random(3), 20_000);
    let expected = brute(RULES, &text);
    assert!(expected.len() > 100);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(matcher.find(&text).unwrap(), expected));
        }
    });
}

use super::{Decoded, LONGEST_PART, OVERLAP, decoded};
use crate::random::Random;

const STANDARD: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn encode(bytes: &[u8], alphabet: &[u8], padded: bool) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().chain(&[0, 0]).take(3).fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for letter in 0..=three.len() {
            text.push(char::from(alphabet[bits >> (18 - 6 * letter) & 63]));
        }
        if padded {
            text.extend(std::iter::repeat_n('=', 3 - three.len()));
        }
    }
    text
}

fn lines(letters: &str, width: usize, end: &str) -> String {
    let lines: Vec<_> = letters.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(end)
}

#[derive(Debug, PartialEq, Eq)]
struct Part {
    start: usize,
    end: usize,
    how: &'static str,
    text: Vec<u8>,
}

fn all(text: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    decoded(text, &mut |found: Decoded<'_>| {
        assert!(found.start < found.end && found.end <= text.len(), "{}..{}", found.start, found.end);
        parts.push(Part { start: found.start, end: found.end, how: found.how, text: found.text.to_vec() });
    });
    parts
}

/// What stands where, as text.
fn told(text: &str) -> Vec<(String, String)> {
    let part = |part: Part| (text[part.start..part.end].to_owned(), String::from_utf8(part.text).unwrap());
    all(text.as_bytes()).into_iter().map(part).collect()
}

fn pair(written: &str, says: &str) -> Vec<(String, String)> {
    vec![(written.to_owned(), says.to_owned())]
}

impl Random {
    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    fn prose(&mut self, length: usize) -> Vec<u8> {
        const WORDS: &[&str] =
            &["user", "=", "é", "\n", " ", "{\"a\": 1}", "\t", "~", "?>", "ÿ", "日本", "x", "0", "\r\n"];
        let mut text = Vec::new();
        while text.len() < length {
            text.extend(WORDS[self.below(WORDS.len())].as_bytes());
        }
        text
    }
}

#[test]
fn as_other_programs_write_it() {
    // `printf 'user=admin&pass=letmein' | base64`, and what `basenc --base64url` makes of a text with ?, > and ~.
    assert_eq!(
        told("x: dXNlcj1hZG1pbiZwYXNzPWxldG1laW4="),
        pair("dXNlcj1hZG1pbiZwYXNzPWxldG1laW4=", "user=admin&pass=letmein")
    );
    assert_eq!(told("<Pj4-fn5-Pz8_fn5-Pj4->"), pair("Pj4-fn5-Pz8_fn5-Pj4-", ">>>~~~???~~~>>>"));
    // `$c = [Text.Encoding]::Unicode.GetBytes('Get-Date -Ago'); [Convert]::ToBase64String($c)`
    let command = "RwBlAHQALQBEAGEAdABlACAALQBBAGcAbwA=";
    assert_eq!(told(&format!("powershell -EncodedCommand {command}")), pair(command, "Get-Date -Ago"));
    assert_eq!(told("'a%20b%3Dc%26d%3De%25'"), pair("a%20b%3Dc%26d%3De%25", "a b=c&d=e%"));
}

#[test]
fn found_in_any_surroundings_with_its_place() {
    let mut numbers = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..20_000 {
        let length = 15 + numbers.below(if round % 50 == 0 { 5000 } else { 90 });
        let prose = numbers.prose(length);
        let padded = numbers.below(2) == 0;
        let letters = encode(&prose, if numbers.below(2) == 0 { STANDARD } else { URL }, padded);
        let around = |numbers: &mut Random, count: usize| -> String {
            (0..numbers.below(count)).map(|_| char::from(b" \n(!:,.<"[numbers.below(8)])).collect()
        };
        let before = format!("{}{}", around(&mut numbers, 200), [" ", "\"", ":", "=", "<", "\n", ""][numbers.below(6)]);
        let after = format!("{}{}", ["\"", " ", "<", "\n", ")"][numbers.below(5)], around(&mut numbers, 90));
        let text = format!("{before}{letters}{after}");
        // A row of letters that stands around by chance may be too short only.
        let expected = Part { start: before.len(), end: before.len() + letters.len(), how: "base64", text: prose };
        assert_eq!(all(text.as_bytes()), [expected], "{text}");
    }
}

#[test]
fn percent_signs_in_any_surroundings() {
    let mut numbers = Random(77);
    for _ in 0..20_000 {
        let length = 12 + numbers.below(60);
        let prose = numbers.prose(length);
        let mut written = String::new();
        for (index, byte) in prose.iter().enumerate() {
            if index == 0 || !byte.is_ascii_alphanumeric() || numbers.below(4) == 0 {
                written += &if numbers.below(2) == 0 { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
            } else {
                written.push(char::from(*byte));
            }
        }
        let text = format!("say \"{written}\" 100%");
        let found: Vec<_> = all(text.as_bytes()).into_iter().filter(|part| part.how == "percent").collect();
        let expected = Part { start: 5, end: 5 + written.len(), how: "percent", text: prose };
        assert_eq!(found, [expected], "{text}");
    }
}

#[test]
fn any_bytes() {
    let mut numbers = Random(5);
    for round in 0..20_000 {
        let letters = round % 3;
        let length = numbers.below(400);
        let text: Vec<u8> = (0..length)
            .map(|_| match letters {
                0 => numbers.byte(),
                1 => STANDARD[numbers.below(64)],
                _ => b"aQ%=\\n\r\n /-4f"[numbers.below(13)],
            })
            .collect();
        all(&text);
    }
}

#[test]
fn what_is_no_text_is_left() {
    let mut numbers = Random(11);
    let mut told = 0;
    for _ in 0..10_000 {
        // Digests as lock files have them.
        let digest: Vec<u8> = (0..64).map(|_| numbers.byte()).collect();
        told += all(encode(&digest, STANDARD, true).as_bytes()).len();
    }
    assert!(told < 20, "{told}");
    for text in [
        "a_name_that_is_longer_than_any_name_should_be",
        "/usr/share/doc/packages/something/LICENSE/and/more/of/it/still",
        "----------------------------------------------------------",
        "d41d8cd98f00b204e9800998ecf8427ed41d8cd98f00b204e9800998ecf8427e",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "dXNlcj1hZG1pbi=",
        "%d of %s, %02x%% and 100%",
        "50%25",
    ] {
        assert_eq!(all(text.as_bytes()), [], "{text}");
    }
}

#[test]
fn shorter_than_twenty_is_not_decoded() {
    let (letters, padded) = (encode(b"abcdefghijklmn", STANDARD, false), encode(b"abcdefghijklm", STANDARD, true));
    assert_eq!((letters.len(), padded.len()), (19, 20));
    assert_eq!(told(&letters), []);
    assert_eq!(told(&padded), pair(&padded, "abcdefghijklm"));
}

#[test]
fn lines_are_one_text() {
    let prose = "The quick brown fox jumps over the lazy dog. ".repeat(9);
    for (width, end) in [(64, "\n"), (76, "\r\n"), (76, "\n    "), (52, "\n"), (64, "\\n"), (72, "\n\t")] {
        for cut in 0..9 {
            let prose = &prose[cut..];
            let block = lines(&encode(prose.as_bytes(), STANDARD, true), width, end);
            let text = format!("data: |\n    {block}\nkind: Secret\n");
            assert_eq!(told(&text), pair(&block, prose), "{width} {end:?}");
        }
    }
}

#[test]
fn a_list_of_words_is_not_one_text() {
    let words = ["first=number one and", "second=number two be", "third=number three c"];
    let letters = words.map(|word| encode(word.as_bytes(), STANDARD, true));
    let expected: Vec<_> = letters.iter().cloned().zip(words.map(str::to_owned)).collect();
    assert_eq!(told(&letters.join("\n")), expected);
}

#[test]
fn what_is_before_it_in_a_run() {
    let says = "password is nothing for you";
    let letters = encode(says.as_bytes(), STANDARD, true);
    for before in ["https://x.example/files/of/", "some-name-", "x_", "\\n", "\\r\\n", "%3D", "+"] {
        assert_eq!(told(&format!("{before}{letters}"))[0], (letters.clone(), says.to_owned()), "{before}");
    }
}

#[test]
fn what_is_behind_it_in_a_run() {
    let says = "password is nothing for you, is it?";
    let letters = encode(&says.as_bytes()[..33], STANDARD, false);
    let strange: String = encode(&[0x81; 90], STANDARD, false);
    let text = format!("{letters}{strange}{letters}");
    let parts = all(text.as_bytes());
    assert_eq!((parts[0].start, parts[0].end), (0, letters.len()));
    assert_eq!(parts[0].text, &says.as_bytes()[..33]);
}

#[test]
fn long_ones_come_in_pieces() {
    let prose = Random(3).prose(5 * LONGEST_PART);
    let letters = encode(&prose, STANDARD, true);
    let wrapped = lines(&letters, 76, "\n");
    for text in [&letters, &wrapped] {
        let parts = all(text.as_bytes());
        assert!(parts.len() >= 5 && parts.len() < 30, "{}", parts.len());
        assert!(parts.iter().all(|part| part.end - part.start < LONGEST_PART + 2 * OVERLAP));
        assert_eq!((parts[0].start, parts.last().unwrap().end), (0, text.len()));
        // Any stretch of 1 KiB is whole in one of them.
        for at in (0..prose.len() - 1024).step_by(700) {
            let wanted = &prose[at..at + 1024];
            let near = at / 3 * 4;
            let inside = |part: &&Part| part.start <= near + near / 70 && near <= part.end;
            let found = parts.iter().filter(inside).any(|part| memchr::memmem::find(&part.text, wanted).is_some());
            assert!(found, "{at}");
        }
    }
    let text = "a%20".repeat(LONGEST_PART);
    let parts = all(text.as_bytes());
    assert_eq!((parts[0].start, parts.last().unwrap().end), (0, text.len()));
    for two in parts.windows(2) {
        assert!(two[0].end >= two[1].start + OVERLAP / 2, "{} {}", two[0].end, two[1].start);
    }
}

/// Texts that end again and again, and runs that begin as texts and are none: hundreds of times the work, if what was
/// decoded in vain were decoded again from each place.
#[test]
fn work_grows_with_the_text() {
    let start = std::time::Instant::now();
    let mut bytes = Vec::new();
    while bytes.len() < 6 << 20 {
        bytes.extend(b"eighteen bytes now");
        bytes.extend([0x80, 0x80, 0x80, 0xff, 0xff, 0xff]);
    }
    let letters = encode(&bytes, STANDARD, false);
    let mut decoded_bytes = 0;
    decoded(letters.as_bytes(), &mut |found| decoded_bytes += found.text.len());
    assert!(decoded_bytes > 1 << 20 && decoded_bytes <= letters.len(), "{decoded_bytes}");
    for text in ["/aaaaaaaaaaaaaaaaaaa", "%41%ff%00%01%02%03", "QUJDQUJDQUJDQUJDQUJD/", "%", "aa%4"] {
        all(text.repeat((8 << 20) / text.len()).as_bytes());
    }
    let lines = format!("{}\n", "QUJD".repeat(12)).repeat(100_000);
    all(lines.as_bytes());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

//! Patterns, prefixes, networks and searches: falco_semantics.md §3.2; beside naive implementations.

use std::net::IpAddr;

use vigie_filter::operators::{Glob, Net, PathPrefixes, Search, hex, ip};

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn text(&mut self, alphabet: &[u8], longest: usize) -> Vec<u8> {
        let length = self.below(longest + 1);
        (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

fn glob(pattern: &str, value: &str) -> bool {
    Glob::new(pattern.as_bytes(), false).matches(value.as_bytes())
}

#[test]
fn globs_cover_whole_values_and_know_no_path_rules() {
    assert!(glob("/etc/*", "/etc/a/b"));
    assert!(glob("*", ""));
    assert!(glob("*", ".hidden"));
    assert!(glob("?hidden", ".hidden"));
    assert!(glob("a?b", "a/b"));
    assert!(glob("", ""));
    assert!(!glob("", "a"));
    assert!(!glob("a", "ab"));
    assert!(!glob("b", "ab"));
    assert!(glob("*a*b*", "xaxbx"));
    assert!(!glob("*a*b*", "xbxax"));
    assert!(glob("a*a", "aa"));
    assert!(!glob("a*a", "a"));
    assert!(glob("*.so.?", "lib.so.1"));
}

#[test]
fn globs_have_classes() {
    assert!(glob("[a-c]x", "bx"));
    assert!(!glob("[a-c]x", "dx"));
    assert!(glob("[!a-c]x", "dx"));
    assert!(glob("[^a-c]x", "dx"));
    assert!(!glob("[!a-c]x", "ax"));
    assert!(glob("[]]", "]"));
    assert!(glob("[!]]", "a"));
    assert!(!glob("[!]]", "]"));
    assert!(glob("[a-]", "-"));
    assert!(glob("[\\]]", "]"));
    assert!(glob("[[:digit:]x]", "5"));
    assert!(glob("[[:digit:]x]", "x"));
    assert!(!glob("[[:digit:]]", "x"));
    assert!(glob("[![:alpha:]]", "1"));
    assert!(glob("[[:space:]]", "\t"));
    assert!(glob("[a", "[a"));
    assert!(glob("[z-a]*", "[z-a]") == glob("[z-a]*", "m") && !glob("[z-a]", "m"));
    assert!(!glob("[[:nosuch:]]", "n"));
}

#[test]
fn globs_have_escapes() {
    assert!(glob("\\*", "*"));
    assert!(!glob("\\*", "a"));
    assert!(glob("a\\\\b", "a\\b"));
    assert!(glob("\\[a]", "[a]"));
    assert!(!glob("a\\", "a"));
    assert!(!glob("a\\", "a\\"));
}

#[test]
fn iglob_folds_ascii() {
    let iglob = |pattern: &str, value: &str| Glob::new(pattern.as_bytes(), true).matches(value.as_bytes());
    assert!(iglob("*PaSs*", "/etc/pASSwd"));
    assert!(iglob("[A-C]x", "bX"));
    assert!(!iglob("\u{e9}", "\u{c9}"));
    assert!(!glob("A", "a"));
}

/// By the book: every way a star can go.
fn naive_glob(pattern: &[u8], value: &[u8]) -> bool {
    match (pattern, value) {
        ([], value) => value.is_empty(),
        ([b'*', rest @ ..], value) => (0..=value.len()).any(|skip| naive_glob(rest, &value[skip..])),
        ([b'?', rest @ ..], [_, value @ ..]) => naive_glob(rest, value),
        ([b'[', b'a', b']', rest @ ..], [b'a', value @ ..]) => naive_glob(rest, value),
        ([b'[', b'a', b']', ..], _) => false,
        ([b'\\', _], []) => false,
        ([b'\\', wanted, rest @ ..], [byte, value @ ..]) => wanted == byte && naive_glob(rest, value),
        ([b'\\'], _) => false,
        ([wanted, rest @ ..], [byte, value @ ..]) => wanted == byte && naive_glob(rest, value),
        _ => false,
    }
}

#[test]
fn globs_match_as_the_naive_ones() {
    let mut random = Random(7);
    for _ in 0..60_000 {
        let pieces: [&[u8]; 8] = [b"*", b"?", b"a", b"b", b"[a]", b"\\*", b"*", b"\\a"];
        let pattern: Vec<u8> = (0..random.below(8)).flat_map(|_| pieces[random.below(8)].to_vec()).collect();
        let value = random.text(b"ab*/", 9);
        let expected = naive_glob(&pattern, &value);
        assert_eq!(
            Glob::new(&pattern, false).matches(&value),
            expected,
            "{} {}",
            pattern.escape_ascii(),
            value.escape_ascii()
        );
    }
}

#[test]
fn globs_do_not_backtrack_without_end() {
    let value = vec![b'a'; 100_000];
    let pattern = [b"a*".repeat(120), b"b".to_vec()].concat();
    assert!(!Glob::new(&pattern, false).matches(&value));
    let pattern = [b"*[a]".repeat(60), b"*[b]*".to_vec()].concat();
    assert!(!Glob::new(&pattern, false).matches(&value));
    assert!(!Glob::new(&vec![b'['; 1_000_000], false).matches(&value));
}

fn prefixes(paths: &[&str], value: &str) -> bool {
    PathPrefixes::new(paths).matches(value.as_bytes())
}

#[test]
fn prefixes_go_by_whole_parts() {
    assert!(prefixes(&["/etc"], "/etc/passwd"));
    assert!(prefixes(&["/etc"], "/etc"));
    assert!(prefixes(&["/etc/"], "/etc"));
    assert!(prefixes(&["/etc"], "etc//passwd/"));
    assert!(prefixes(&["etc"], "/etc/passwd"));
    assert!(!prefixes(&["/etc"], "/etcetera"));
    assert!(!prefixes(&["/etc/ssh"], "/etc"));
    assert!(prefixes(&["/"], "/anything"));
    assert!(prefixes(&["/"], ""));
    assert!(!prefixes(&[], "/etc"));
    assert!(prefixes(&["/usr/bin/x", "/usr"], "/usr/lib"));
    assert!(prefixes(&["/usr", "/usr/bin/x"], "/usr/lib"));
}

#[test]
fn prefixes_may_have_globs_for_one_part() {
    assert!(prefixes(&["/home/*/.ssh"], "/home/me/.ssh/id"));
    assert!(!prefixes(&["/home/*/.ssh"], "/home/a/b/.ssh"));
    assert!(prefixes(&["/proc/[0-9]*/mem"], "/proc/12/mem"));
    assert!(!prefixes(&["/proc/[0-9]*/mem"], "/proc/self/mem"));
    // The way of a plain part is left when it ends, for that of a glob.
    assert!(prefixes(&["/a/b/c", "/*/b/d"], "/a/b/d"));
    assert!(prefixes(&["/*/b/d", "/a/b/c"], "/a/b/d"));
}

#[test]
fn only_the_first_of_several_globs_is_followed() {
    assert!(!prefixes(&["/a*/x", "/*b/y"], "/ab/y"));
    assert!(prefixes(&["/a*/x", "/*b/y"], "/ab/x"));
    assert!(prefixes(&["/a*/x", "/*b/y"], "/cb/y"));
    assert!(prefixes(&["/a*/x", "/a*/y"], "/ab/y"));
}

/// Without the oddity: all globs are followed.
fn naive_prefixes(paths: &[Vec<u8>], value: &[u8]) -> bool {
    let parts = |path: &[u8]| -> Vec<Vec<u8>> {
        path.split(|&byte| byte == b'/').filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect()
    };
    let value = parts(value);
    paths.iter().any(|path| {
        let path = parts(path);
        path.len() <= value.len() && path.iter().zip(&value).all(|(wanted, part)| naive_glob(wanted, part))
    })
}

#[test]
fn prefixes_match_as_the_naive_ones() {
    let mut random = Random(11);
    let mut both = [0, 0];
    for _ in 0..20_000 {
        // One glob at most, so that the oddity does not show.
        let mut paths: Vec<Vec<u8>> = (0..random.below(6)).map(|_| random.text(b"ab//", 8)).collect();
        paths.push([random.text(b"ab/", 4), b"*".to_vec(), random.text(b"ab/", 4)].concat());
        let value = random.text(b"ab//", 10);
        let expected = naive_prefixes(&paths, &value);
        both[usize::from(expected)] += 1;
        assert_eq!(PathPrefixes::new(&paths).matches(&value), expected, "{paths:?} {}", value.escape_ascii());
    }
    assert!(both[0] > 500 && both[1] > 500, "{both:?}");
}

#[test]
fn long_paths_cost_no_depth() {
    let path = b"a/".repeat(100_000);
    let prefixes = PathPrefixes::new(&[&path]);
    assert!(prefixes.matches(&path));
    assert!(!prefixes.matches(&path[2..]));
}

#[test]
fn addresses_with_a_dot_are_version_4() {
    assert_eq!(ip(b"10.0.0.1"), Some(IpAddr::from([10, 0, 0, 1])));
    assert_eq!(ip(b"::1").map(|ip| ip.to_string()), Some("::1".into()));
    for text in ["", "10.0.0", "10.0.0.256", "::ffff:1.2.3.4", "10.0.0.1/8", "localhost", "fe80::1%eth0", "1.2.3.4 "] {
        assert_eq!(ip(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn networks_need_a_length_and_ignore_host_bits() {
    let inside = |net: &str, address: &str| {
        Net::parse(net.as_bytes()).map(|net| ip(address.as_bytes()).is_some_and(|ip| net.contains(ip)))
    };
    assert_eq!(inside("10.0.0.0/8", "10.255.0.1"), Some(true));
    assert_eq!(inside("10.1.2.3/8", "10.255.0.1"), Some(true));
    assert_eq!(inside("10.0.0.0/8", "11.0.0.1"), Some(false));
    assert_eq!(inside("0.0.0.0/0", "11.0.0.1"), Some(true));
    assert_eq!(inside("1.2.3.4/32", "1.2.3.4"), Some(true));
    assert_eq!(inside("1.2.3.4/32", "1.2.3.5"), Some(false));
    assert_eq!(inside("fe80::/10", "fe80::1"), Some(true));
    assert_eq!(inside("fe80::/10", "ff80::1"), Some(false));
    assert_eq!(inside("::1/128", "::1"), Some(true));
    assert_eq!(inside("0.0.0.0/0", "::1"), Some(false));
    assert_eq!(inside("8000::/1", "1.2.3.4"), Some(false));
    for net in ["10.0.0.0", "10.0.0.0/33", "::/0", "::/129", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/8/8", "/8", "a/8"] {
        assert_eq!(Net::parse(net.as_bytes()), None, "{net}");
    }
}

#[test]
fn hex_digits_come_in_pairs() {
    assert_eq!(hex(b"00fFaB"), Some(vec![0, 0xff, 0xab]));
    assert_eq!(hex(b""), Some(vec![]));
    assert_eq!(hex(b"abc"), None);
    assert_eq!(hex(b"0x"), None);
    assert_eq!(hex(b"0g"), None);
}

#[test]
fn searches_find_as_the_naive_ones() {
    assert!(Search::new(b"", false).matches(b""));
    assert!(Search::new(b"", true).matches(b""));
    assert!(Search::new(b"", true).matches(b"abc"));
    assert!(!Search::new(b"B", false).matches(b"abc"));
    assert!(Search::new(b"BC", true).matches(b"abc"));
    assert!(!Search::new("\u{c9}".as_bytes(), true).matches("\u{e9}".as_bytes()));
    let mut random = Random(3);
    let mut found = 0;
    for _ in 0..1_500 {
        let value = random.text(b"aAbB", 3000);
        let longest = if random.below(10) == 0 { 800 } else { 14 };
        let mut needle = random.text(b"aAbB", longest);
        if random.below(2) == 0 && value.len() > 1070 {
            // Around the seam between two windows.
            let at = 1000 + random.below(60);
            needle = value[at..(at + needle.len()).min(value.len())].to_ascii_uppercase();
        }
        let (folded, lower) = (value.to_ascii_lowercase(), needle.to_ascii_lowercase());
        let naive = |value: &[u8], needle: &[u8]| {
            needle.is_empty() || value.windows(needle.len()).any(|window| window == needle)
        };
        let expected = naive(&folded, &lower);
        found += usize::from(expected);
        assert_eq!(Search::new(&needle, true).matches(&value), expected);
        assert_eq!(Search::new(&needle, false).matches(&value), naive(&value, &needle));
    }
    assert!(found > 250 && found < 1_450, "{found}");
}

//! RE2's POSIX syntax over whole values: falco_semantics.md §3.2.

use vigie_filter::operators::{PosixRegex, has_metacharacters};

fn matches(regex: &str, value: &str) -> bool {
    PosixRegex::new(regex.as_bytes()).unwrap_or_else(|error| panic!("{regex}: {error:?}")).matches(value.as_bytes())
}

#[test]
fn the_whole_value_must_match() {
    assert!(matches("a+", "aaa"));
    assert!(!matches("a", "ba"));
    assert!(!matches("a", "ab"));
    assert!(matches("a|ab", "ab"));
    assert!(matches("(a|b)*c", "ababc"));
    assert!(matches("", ""));
    assert!(matches("a||b", ""));
    assert!(matches("x{2,3}", "xxx"));
    assert!(!matches("x{2,3}", "xxxx"));
    assert!(matches("x{2}", "xx"));
    assert!(matches("x{2,}", "xxxxx"));
    assert!(matches("()", ""));
}

#[test]
fn a_brace_that_counts_nothing_is_plain() {
    assert!(matches("x{", "x{"));
    assert!(matches("x{,3}", "x{,3}"));
    assert!(matches("{a}", "{a}"));
}

#[test]
fn line_breaks() {
    assert!(!matches("a.b", "a\nb"));
    assert!(matches("a[^x]b", "a\nb"));
    assert!(matches("a\n^b$\nc", "a\nb\nc"));
    assert!(matches("a$\nb", "a\nb"));
    assert!(!matches("a$b", "ab"));
    assert!(matches("^a$", "a"));
    assert!(!matches("a$", "a\n"));
}

#[test]
fn what_is_not_utf_8_becomes_the_replacement_character() {
    let dot = PosixRegex::new(b"a.b").unwrap();
    assert!(dot.matches(b"a\xffb"));
    assert!(PosixRegex::new("a\u{fffd}b".as_bytes()).unwrap().matches(b"a\xffb"));
    assert!(dot.matches("a\u{e9}b".as_bytes()));
    assert!(dot.matches(b"a\0b"));
    assert!(PosixRegex::new(b"\xff").is_err());
}

#[test]
fn classes() {
    assert!(matches("[a-c-]+", "ab-"));
    assert!(matches("[]a]+", "]a"));
    assert!(matches("[^]a]", "b"));
    assert!(!matches("[^]a]", "]"));
    assert!(matches("[[:alpha:]_]+", "ab_"));
    assert!(!matches("[[:alpha:]]", "1"));
    assert!(matches("[[:^alpha:]]", "1"));
    assert!(matches("[[:word:]]", "_"));
    assert!(matches("[\\]\\n]", "\n"));
    assert!(matches("[.*]", "*"));
    assert!(matches("[[:]", ":"));
    for class in ["alnum", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper"] {
        assert!(PosixRegex::new(format!("[[:{class}:]]").as_bytes()).is_ok(), "{class}");
    }
    for wrong in ["[", "[a", "[]", "[^]", "[b-a]", "[[:nosuch:]]", "[a-b-c]", "[a-c-e]"] {
        assert!(PosixRegex::new(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
fn escapes() {
    assert!(matches(r"\.\*\\\/\-", r".*\/-"));
    assert!(matches(r"\n\t\x41\x{e9}\101\0", "\n\tA\u{e9}A\0"));
    for perl in [r"\d", r"\s", r"\w", r"\b", r"\B", r"\A", r"\z", r"\pL", r"\Qa\E", r"\1", r"\8", r"\C", r"\", r"\xg"] {
        assert!(PosixRegex::new(perl.as_bytes()).is_err(), "{perl}");
    }
}

#[test]
fn repetitions() {
    for wrong in ["*a", "+", "a|*", "(*a)", "x{1001}", "x{3,2}", "(?i)a", "(?:a)", "(?P<n>a)", "(a", "a)"] {
        assert!(PosixRegex::new(wrong.as_bytes()).is_err(), "{wrong}");
    }
    // A question mark behind a repetition repeats again.
    assert!(matches("a+?", ""));
    assert!(matches("a+?", "aaa"));
    assert!(matches("a*?b", "aab"));
    assert!(matches("a??", "a"));
    assert!(!matches("a??", "aa"));
    assert!(matches("(a?)+", "aaa"));
    assert!(matches("(a+)+", "aaa"));
    assert!(!matches("(a+)+", ""));
    assert!(matches("a{2}{3}", "aaaaaa"));
}

#[test]
fn errors_say_where() {
    assert_eq!(PosixRegex::new(b"ab\\d").unwrap_err().offset, 2);
    assert_eq!(PosixRegex::new(b"a(b").unwrap_err().offset, 1);
    assert_eq!(PosixRegex::new(b"a)").unwrap_err().offset, 1);
    assert_eq!(PosixRegex::new(b"(?:a)").unwrap_err().message, "`(?` is no POSIX syntax");
}

#[test]
fn size_and_depth_are_bounded() {
    assert!(PosixRegex::new(&[vec![b'('; 1000], vec![b')'; 1000]].concat()).is_err());
    assert!(PosixRegex::new(b"((((((a{1000}){1000}){1000}){1000}){1000}){1000})").is_err());
    assert!(PosixRegex::new(&vec![b'a'; 100_000]).is_err());
    assert!(matches(&format!("a{}", "*".repeat(1000)), "aaa"));
    assert!(PosixRegex::new(format!("a{}", "{1}".repeat(1000)).as_bytes()).is_err());
    assert!(matches("[^/]{0,255}", &"\u{e9}".repeat(255)));
    let value = "a".repeat(100_000);
    assert!(!matches("(a*)*(a*)*(a|aa)*b", &value));
}

#[test]
fn plain_texts_are_noticed() {
    assert!(!has_metacharacters(b"abc/def"));
    assert!(has_metacharacters(b"a.c"));
}

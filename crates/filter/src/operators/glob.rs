//! Shell patterns without path rules: `glob`, `iglob`, the parts of `pmatch`.

use memchr::memmem::Finder;

/// A pattern that must cover the whole value: `*`, `?`, `[a-z]`, `[!...]`, `[[:alpha:]]`, backslash escapes. `*` and `?`
/// match `/` and a leading dot too; a bracket that is never closed is itself; a pattern that ends in a lone backslash or
/// names an unknown class matches nothing (as fnmatch without flags).
#[derive(Clone, Debug)]
pub struct Glob {
    /// What stands between the stars; one more than there are stars.
    segments: Vec<Segment>,
    /// The bytes that all segments take together.
    shortest: usize,
    never: bool,
}

/// Tokens that each match one byte.
#[derive(Clone, Debug)]
enum Segment {
    Literal(Box<Finder<'static>>),
    Tokens(Vec<Token>),
}

#[derive(Clone, Debug)]
enum Token {
    Byte(u8),
    /// An ASCII letter in both cases, the lower one given.
    Folded(u8),
    Any,
    Set(Box<Set>),
}

/// Which bytes.
type Set = [u64; 4];

/// One thing between brackets.
enum Item {
    Range(u8, u8),
    Class(fn(&u8) -> bool),
}

impl Glob {
    pub fn new(pattern: &[u8], ignore_case: bool) -> Glob {
        let mut glob = Glob { segments: Vec::new(), shortest: 0, never: false };
        let mut tokens = Vec::new();
        let mut rest = pattern;
        let last_close = memchr::memrchr(b']', pattern).map_or(usize::MAX, |at| pattern.len() - at);
        while let [first, tail @ ..] = rest {
            rest = tail;
            match first {
                b'*' => glob.push(std::mem::take(&mut tokens)),
                b'?' => tokens.push(Token::Any),
                // No bracket closes behind the last one.
                b'[' if tail.len() < last_close => tokens.push(Token::Byte(b'[')),
                b'[' => match bracket(tail, ignore_case) {
                    Bracket::Set(set, length) => {
                        tokens.push(Token::Set(Box::new(set)));
                        rest = &tail[length..];
                    }
                    Bracket::Unclosed => tokens.push(Token::Byte(b'[')),
                    Bracket::UnknownClass => glob.never = true,
                },
                b'\\' => match tail {
                    [] => glob.never = true,
                    [escaped, tail @ ..] => {
                        tokens.push(byte(*escaped, ignore_case));
                        rest = tail;
                    }
                },
                &plain => tokens.push(byte(plain, ignore_case)),
            }
        }
        glob.push(tokens);
        glob
    }

    fn push(&mut self, tokens: Vec<Token>) {
        self.shortest += tokens.len();
        let literal: Option<Vec<u8>> = tokens
            .iter()
            .map(|token| match token {
                Token::Byte(byte) => Some(*byte),
                _ => None,
            })
            .collect();
        self.segments.push(match literal {
            Some(bytes) => Segment::Literal(Box::new(Finder::new(&bytes).into_owned())),
            None => Segment::Tokens(tokens),
        });
    }

    /// Whether the pattern covers the value. Takes at most the product of their lengths.
    pub fn matches(&self, value: &[u8]) -> bool {
        if self.never || value.len() < self.shortest {
            return false;
        }
        match &self.segments[..] {
            [] => value.is_empty(),
            [only] => value.len() == self.shortest && only.fits(value),
            [first, middle @ .., last] => {
                // Long enough for all segments, so that the first and the last do not overlap.
                let end = value.len() - last.len();
                if !first.fits(&value[..first.len()]) || !last.fits(&value[end..]) {
                    return false;
                }
                let mut rest = &value[first.len()..end];
                middle.iter().all(|segment| match segment.find(rest) {
                    Some(at) => {
                        rest = &rest[at + segment.len()..];
                        true
                    }
                    None => false,
                })
            }
        }
    }
}

impl Segment {
    fn len(&self) -> usize {
        match self {
            Segment::Literal(finder) => finder.needle().len(),
            Segment::Tokens(tokens) => tokens.len(),
        }
    }

    /// Whether it covers bytes of its own length.
    fn fits(&self, bytes: &[u8]) -> bool {
        match self {
            Segment::Literal(finder) => finder.needle() == bytes,
            Segment::Tokens(tokens) => tokens.iter().zip(bytes).all(|(token, &byte)| token.matches(byte)),
        }
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Segment::Literal(finder) => finder.find(bytes),
            Segment::Tokens(tokens) => bytes.windows(tokens.len()).position(|window| self.fits(window)),
        }
    }
}

impl Token {
    fn matches(&self, byte: u8) -> bool {
        match self {
            Token::Byte(wanted) => *wanted == byte,
            Token::Folded(wanted) => *wanted == byte.to_ascii_lowercase(),
            Token::Any => true,
            Token::Set(set) => set[usize::from(byte / 64)] & (1 << (byte % 64)) != 0,
        }
    }
}

fn byte(byte: u8, ignore_case: bool) -> Token {
    if ignore_case && byte.is_ascii_alphabetic() { Token::Folded(byte.to_ascii_lowercase()) } else { Token::Byte(byte) }
}

enum Bracket {
    /// The bytes, and how much of the pattern the bracket takes.
    Set(Set, usize),
    Unclosed,
    UnknownClass,
}

/// What stands behind an opening bracket.
fn bracket(pattern: &[u8], ignore_case: bool) -> Bracket {
    let negated = matches!(pattern.first(), Some(b'!' | b'^'));
    let mut at = usize::from(negated);
    let mut items = Vec::new();
    let first = at;
    loop {
        match &pattern[at..] {
            [] => return Bracket::Unclosed,
            [b']', ..] if at > first => break,
            [b'[', b':', name @ ..] => {
                let length = name.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                if name[length..].starts_with(b":]") {
                    match class(&name[..length]) {
                        Some(class) => items.push(Item::Class(class)),
                        // An unclosed bracket is plain text, whatever stands in it.
                        None if name.contains(&b']') => return Bracket::UnknownClass,
                        None => return Bracket::Unclosed,
                    }
                    at += length + 4;
                } else {
                    items.push(Item::Range(b'[', b'['));
                    at += 1;
                }
            }
            _ => {
                let Some(low) = member(pattern, &mut at) else { return Bracket::Unclosed };
                let mut high = low;
                if pattern.get(at) == Some(&b'-') && !matches!(pattern.get(at + 1), None | Some(b']')) {
                    at += 1;
                    match member(pattern, &mut at) {
                        Some(end) => high = end,
                        None => return Bracket::Unclosed,
                    }
                }
                items.push(Item::Range(low, high));
            }
        }
    }
    let mut set = Set::default();
    for byte in 0..=u8::MAX {
        let folded = |byte: u8| if ignore_case { byte.to_ascii_lowercase() } else { byte };
        let inside = items.iter().any(|item| match item {
            Item::Range(low, high) => (folded(*low)..=folded(*high)).contains(&folded(byte)),
            Item::Class(class) => class(&byte),
        });
        if inside != negated {
            set[usize::from(byte / 64)] |= 1 << (byte % 64);
        }
    }
    Bracket::Set(set, at + 1)
}

/// One byte between brackets: itself, escaped, or as `[.x.]` or `[=x=]`.
fn member(pattern: &[u8], at: &mut usize) -> Option<u8> {
    let (byte, length) = match pattern.get(*at..)? {
        [b'\\', escaped, ..] => (*escaped, 2),
        [b'\\'] | [] => return None,
        [b'[', b'.', byte, b'.', b']', ..] | [b'[', b'=', byte, b'=', b']', ..] => (*byte, 5),
        [byte, ..] => (*byte, 1),
    };
    *at += length;
    Some(byte)
}

fn class(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b' ' | 9..=13),
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

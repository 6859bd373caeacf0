//! The syntax of POSIX regular expressions, as RE2 reads them.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Dot, Hir, HirKind, Look, Repetition};

use super::RegexError;

/// Groups and repetitions within each other.
const MOST_LEVELS: usize = 200;

/// The largest number in braces, as RE2 has it.
const MOST_REPEATS: u32 = 1000;

/// A part of a concatenation, and how many levels it has.
struct Part {
    hir: Hir,
    levels: usize,
}

/// A group that is still open.
#[derive(Default)]
struct Group {
    alternatives: Vec<Hir>,
    parts: Vec<Part>,
    /// The deepest of the parts that are finished.
    levels: usize,
    opened: usize,
}

impl Group {
    fn finish_alternative(&mut self) {
        self.levels = self.parts.iter().map(|part| part.levels).fold(self.levels, usize::max);
        self.alternatives.push(Hir::concat(self.parts.drain(..).map(|part| part.hir).collect()));
    }

    fn finish(mut self) -> Part {
        self.finish_alternative();
        Part { hir: Hir::alternation(self.alternatives), levels: self.levels + 1 }
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

/// Reads an expression.
///
/// # Errors
/// Where and why it is none.
pub(super) fn parse(text: &str) -> Result<Hir, RegexError> {
    Parser { text, at: 0 }.expression()
}

fn literal(char: char) -> Hir {
    Hir::literal(char.encode_utf8(&mut [0; 4]).as_bytes().to_vec())
}

impl Parser<'_> {
    fn error<T>(&self, offset: usize, message: impl Into<String>) -> Result<T, RegexError> {
        Err(RegexError { message: message.into(), offset })
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.text[self.at..].starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn expression(&mut self) -> Result<Hir, RegexError> {
        let mut outer: Vec<Group> = Vec::new();
        let mut group = Group::default();
        loop {
            let start = self.at;
            let Some(char) = self.next() else { break };
            let hir = match char {
                '(' => {
                    if outer.len() >= MOST_LEVELS {
                        return self.error(start, "nested too deeply");
                    }
                    if self.peek() == Some('?') {
                        return self.error(start, "`(?` is no POSIX syntax");
                    }
                    outer.push(std::mem::replace(&mut group, Group { opened: start, ..Group::default() }));
                    continue;
                }
                ')' => match outer.pop() {
                    None => return self.error(start, "this parenthesis was never opened"),
                    Some(around) => {
                        let part = std::mem::replace(&mut group, around).finish();
                        if part.levels > MOST_LEVELS {
                            return self.error(start, "nested too deeply");
                        }
                        group.parts.push(part);
                        continue;
                    }
                },
                '|' => {
                    group.finish_alternative();
                    continue;
                }
                '*' => {
                    self.repeat(&mut group, start, 0, None)?;
                    continue;
                }
                '+' => {
                    self.repeat(&mut group, start, 1, None)?;
                    continue;
                }
                '?' => {
                    self.repeat(&mut group, start, 0, Some(1))?;
                    continue;
                }
                '{' => match self.braces(start)? {
                    Some((least, most)) => {
                        self.repeat(&mut group, start, least, most)?;
                        continue;
                    }
                    None => literal('{'),
                },
                '.' => Hir::dot(Dot::AnyCharExceptLF),
                '^' => Hir::look(Look::StartLF),
                '$' => Hir::look(Look::EndLF),
                '[' => self.class(start)?,
                '\\' => literal(self.escape(start)?),
                plain => literal(plain),
            };
            group.parts.push(Part { hir, levels: 1 });
        }
        if outer.is_empty() { Ok(group.finish().hir) } else { self.error(group.opened, "this group is never closed") }
    }

    fn repeat(&self, group: &mut Group, start: usize, least: u32, most: Option<u32>) -> Result<(), RegexError> {
        let Some(part) = group.parts.pop() else {
            return self.error(start, "there is nothing to repeat");
        };
        // Stars on stars are one, so that a row of them costs no depth.
        let simple = |least: u32, most: Option<u32>| matches!((least, most), (0 | 1, None) | (0, Some(1)));
        let (mut least, mut most, mut levels) = (least, most, part.levels + 1);
        let inner = match part.hir.kind() {
            HirKind::Repetition(inner) if simple(inner.min, inner.max) && simple(least, most) => {
                least = least.min(inner.min);
                most = if most == inner.max { most } else { None };
                levels = part.levels;
                (*inner.sub).clone()
            }
            _ => part.hir,
        };
        if levels > MOST_LEVELS {
            return self.error(start, "nested too deeply");
        }
        let hir = Hir::repetition(Repetition { min: least, max: most, greedy: true, sub: Box::new(inner) });
        group.parts.push(Part { hir, levels });
        Ok(())
    }

    /// What follows an opening brace: `n}`, `n,}` or `n,m}`. Anything else makes the brace a plain character.
    fn braces(&mut self, start: usize) -> Result<Option<(u32, Option<u32>)>, RegexError> {
        let rest = &self.text[self.at..];
        let Some((inside, _)) = rest.split_once('}').filter(|(inside, _)| inside.len() < 24) else { return Ok(None) };
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse().unwrap_or(u32::MAX))
        };
        let (least, most) = match inside.split_once(',') {
            None => (number(inside), number(inside)),
            Some((least, "")) => (number(least), None),
            Some((least, most)) => match number(most) {
                None => return Ok(None),
                most => (number(least), most),
            },
        };
        let Some(least) = least else { return Ok(None) };
        if least > MOST_REPEATS || most.is_some_and(|most| most > MOST_REPEATS || most < least) {
            return self.error(start, "repeated too often");
        }
        self.at += inside.len() + 1;
        Ok(Some((least, most)))
    }

    /// What follows a backslash.
    fn escape(&mut self, start: usize) -> Result<char, RegexError> {
        let digit = |char: Option<char>, radix| char.and_then(|char| char.to_digit(radix));
        let code = match self.next() {
            None => return self.error(start, "the text ends in a backslash"),
            Some('n') => return Ok('\n'),
            Some('r') => return Ok('\r'),
            Some('t') => return Ok('\t'),
            Some('a') => return Ok('\x07'),
            Some('f') => return Ok('\x0c'),
            Some('v') => return Ok('\x0b'),
            Some('x') if self.eat("{") => {
                let mut code = 0u32;
                let first = self.at;
                while let Some(value) = digit(self.peek(), 16) {
                    code = code.saturating_mul(16).saturating_add(value);
                    self.at += 1;
                }
                (self.at > first && self.eat("}")).then_some(code)
            }
            Some('x') => match (digit(self.next(), 16), digit(self.next(), 16)) {
                (Some(high), Some(low)) => Some(high * 16 + low),
                _ => None,
            },
            // One digit alone would be a back-reference.
            Some(first @ '0'..='7') => {
                let (mut code, mut more) = (first.to_digit(8).unwrap_or_default(), 0);
                while let (true, Some(value)) = (more < 2, digit(self.peek(), 8)) {
                    code = code * 8 + value;
                    self.at += 1;
                    more += 1;
                }
                (first == '0' || more > 0).then_some(code)
            }
            Some(plain) if plain.is_ascii() && !plain.is_ascii_alphanumeric() => return Ok(plain),
            Some(_) => None,
        };
        match code.and_then(char::from_u32) {
            Some(char) => Ok(char),
            None => {
                let text = &self.text[start..self.at];
                self.error(start, format!("`{}` is no POSIX escape", text.escape_debug()))
            }
        }
    }

    /// What follows an opening bracket.
    fn class(&mut self, start: usize) -> Result<Hir, RegexError> {
        let negated = self.eat("^");
        let first = self.at;
        let mut ranges = Vec::new();
        loop {
            if self.at > first && self.eat("]") {
                break;
            }
            let at = self.at;
            let rest = &self.text[at..];
            if at > first && rest.starts_with('-') && !rest.starts_with("-]") {
                return self.error(at, "`-` stands first or last in brackets");
            }
            if let Some((name, _)) = rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) {
                match named(name) {
                    Some(found) => ranges.extend(found),
                    None => return self.error(at, format!("`[:{}:]` is no known class", name.escape_debug())),
                }
                self.at += name.len() + 4;
                continue;
            }
            let low = self.member(start)?;
            let rest = &self.text[self.at..];
            let high = if rest.starts_with('-') && !rest.starts_with("-]") {
                self.at += 1;
                self.member(start)?
            } else {
                low
            };
            if high < low {
                return self.error(at, "the range ends before it begins");
            }
            ranges.push(ClassUnicodeRange::new(low, high));
        }
        let mut class = ClassUnicode::new(ranges);
        if negated {
            class.negate();
        }
        Ok(Hir::class(Class::Unicode(class)))
    }

    fn member(&mut self, start: usize) -> Result<char, RegexError> {
        let at = self.at;
        match self.next() {
            None => self.error(start, "this bracket is never closed"),
            Some('\\') => self.escape(at),
            Some(plain) => Ok(plain),
        }
    }
}

/// A class such as `alpha`, or `^alpha` for all others.
fn named(name: &str) -> Option<Vec<ClassUnicodeRange>> {
    let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
    let ranges: &[(char, char)] = match name {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "ascii" => &[('\0', '\x7f')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        "digit" => &[('0', '9')],
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "upper" => &[('A', 'Z')],
        "word" => &[('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')],
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    };
    let mut class = ClassUnicode::new(ranges.iter().map(|&(low, high)| ClassUnicodeRange::new(low, high)));
    if negated {
        class.negate();
    }
    Some(class.ranges().to_vec())
}

//! One expression: read, judged, and compiled when it is first needed.

use std::sync::OnceLock;

use regex_automata::meta::{Cache, Config, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::{Input, Match};
use regex_syntax::ast::ErrorKind;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::anchor::{Anchor, anchors};
use super::shape::{Length, shape};

/// Bytes of an expression.
pub const LONGEST_PATTERN: usize = 20_000;
/// Steps of an expression with its repetitions written out.
pub const MOST_STEPS: usize = 200_000;
/// Parts within parts.
const DEEPEST: u32 = 100;
/// Bytes that a compiled expression may take; that of `MOST_STEPS` takes less.
const MOST_COMPILED: usize = 32 << 20;
/// Bytes in which one thread keeps what it has learnt of one expression.
const MOST_LEARNT: usize = 512 << 10;
/// The group that is the secret. There may be more, `secret2` and so on: the first that is not empty counts then.
const GROUP: &str = "secret";

/// An expression that is asked for by its anchors.
pub struct Rule {
    pattern: String,
    regex: OnceLock<Result<Regex, String>>,
    /// Which groups may be the secret.
    secret: Vec<usize>,
    /// How long a match is.
    pub length: Length,
    /// One of these is in every match; `None` when no text is.
    pub anchors: Option<Vec<Anchor>>,
}

impl Rule {
    /// Reads an expression: the syntax of the `regex` crate on bytes, without Unicode, where `^` and `$` are the ends
    /// of lines (`\n` or `\r\n`). Says what is wrong with one that is not taken.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let hir = read(pattern)?;
        let properties = hir.properties();
        match properties.minimum_len() {
            Some(0) => return Err("the expression matches the empty text, so it would match everywhere".into()),
            None => return Err("the expression can match no text".into()),
            Some(_) => {}
        }
        let mut secret = Vec::new();
        groups(&hir, &mut secret);
        let elements = shape(&hir);
        let length = Length { least: properties.minimum_len().unwrap_or(0), most: properties.maximum_len() };
        Ok(Self { pattern: pattern.into(), regex: OnceLock::new(), secret, length, anchors: anchors(&elements) })
    }

    /// The compiled expression. Fails for one that became larger than was to be expected.
    pub fn regex(&self) -> Result<&Regex, String> {
        self.regex.get_or_init(|| compile(&self.pattern)).as_ref().map_err(Clone::clone)
    }

    /// The first match in the input, and where its secret is.
    pub fn search(&self, regex: &Regex, cache: &mut Cache, input: &Input<'_>) -> Option<(Match, (usize, usize))> {
        let found = regex.search_with(cache, input)?;
        let whole = (found.start(), found.end());
        if self.secret.is_empty() {
            return Some((found, whole));
        }
        let mut captures = Captures::all(regex.group_info().clone());
        // Anchored where the match is known to begin: only its own bytes are read again.
        let anchored = regex_automata::Anchored::Yes;
        let again = input.clone().span(found.start()..input.end()).anchored(anchored);
        regex.search_captures_with(cache, &again, &mut captures);
        let mut spans = self.secret.iter().filter_map(|&group| captures.get_group(group));
        let counts = |span: &regex_automata::Span| self.secret.len() == 1 || !span.is_empty();
        Some((found, spans.find(counts).map_or(whole, |span| (span.start, span.end))))
    }
}

/// The expression compiled. Fails for one that became larger than was to be expected.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let config = Config::new()
        .utf8_empty(false)
        .nfa_size_limit(Some(MOST_COMPILED))
        .onepass_size_limit(Some(64 << 10))
        .hybrid_cache_capacity(MOST_LEARNT)
        .dfa(false);
    let built = Regex::builder().configure(config).build_from_hir(&read(pattern)?);
    built.map_err(|error| format!("the expression cannot be compiled: {error}"))
}

/// Reads an expression of any kind; `Rule::new` says which syntax.
pub fn read(pattern: &str) -> Result<Hir, String> {
    let hir = parse(pattern)?;
    let steps = steps(&hir);
    if steps > MOST_STEPS {
        return Err(format!(
            "the expression has {steps} steps when its repetitions are written out; at most {MOST_STEPS} are taken"
        ));
    }
    Ok(hir)
}

fn parse(pattern: &str) -> Result<Hir, String> {
    if pattern.len() > LONGEST_PATTERN {
        return Err(format!("the expression has {} bytes; at most {LONGEST_PATTERN} are taken", pattern.len()));
    }
    let mut parser = regex_syntax::ParserBuilder::new();
    parser.unicode(false).utf8(false).multi_line(true).crlf(true).nest_limit(DEEPEST);
    parser.build().parse(pattern).map_err(|error| {
        let (what, span) = match &error {
            regex_syntax::Error::Parse(error) => (explain(error.kind()), *error.span()),
            regex_syntax::Error::Translate(error) => (error.kind().to_string(), *error.span()),
            other => return other.to_string(),
        };
        let part = pattern.get(span.start.offset..span.end.offset).unwrap_or_default();
        let place = format!("character {}", pattern[..span.start.offset].chars().count() + 1);
        if part.is_empty() { format!("{what} ({place})") } else { format!("{part:?}: {what} ({place})") }
    })
}

fn explain(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::UnsupportedBackreference => {
            "a back reference is refused: no method finds it in time that grows only with the text".into()
        }
        ErrorKind::UnsupportedLookAround => {
            "looking ahead or behind is refused: expressions are tried in time that grows only with the text; \
             write what stands there into the expression and name the secret's group `secret`"
                .into()
        }
        other => other.to_string(),
    }
}

/// How many steps a compiled expression has at most. Nesting is bounded by `DEEPEST`.
fn steps(hir: &Hir) -> usize {
    let one = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        // A character of up to four bytes, each range in several parts.
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().saturating_mul(8),
        HirKind::Repetition(repetition) => {
            let copies = repetition.max.unwrap_or(repetition.min).max(1);
            steps(&repetition.sub).saturating_mul(usize::try_from(copies).unwrap_or(usize::MAX))
        }
        HirKind::Capture(capture) => steps(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(0, |sum: usize, part| sum.saturating_add(steps(part)))
        }
    };
    one.saturating_add(1)
}

/// The numbers of the groups that may be the secret.
fn groups(hir: &Hir, found: &mut Vec<usize>) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            let number = capture.name.as_deref().and_then(|name| name.strip_prefix(GROUP));
            if number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
                found.extend(usize::try_from(capture.index));
            }
            groups(&capture.sub, found);
        }
        HirKind::Repetition(repetition) => groups(&repetition.sub, found),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| groups(part, found)),
        _ => {}
    }
}

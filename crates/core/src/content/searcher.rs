//! The secrets of one file, whatever it is.

use std::io::Read;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::excerpt::Excerpts;
use super::lines::Lines;
use super::matcher::{Found, MOST_MATCHES, Matcher, Refused};
use super::sighting::{LONGEST_SECRET, Sighting, Sightings};
use crate::read_at::ReadAt;

/// Files with fewer bytes hold nothing that is looked for.
const SHORTEST: usize = 10;
/// Bytes of a file that is read into memory.
const HELD: u64 = 64 << 20;
/// Bytes at the start of a file by which a text is told from other things.
const HEAD: usize = 8 << 10;

/// What is looked into beyond plain texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchOptions {
    /// How deep archives in archives are opened; 0: none is.
    pub archives: u32,
    /// Files that are no texts: what can be read of them.
    pub binaries: bool,
}

/// Looks for secrets in files. Any number of threads may ask.
pub struct Searcher {
    matcher: Matcher,
    /// By rule: the expression, when it tells of a key's id.
    ids: Vec<Option<(String, OnceLock<Option<Regex>>)>>,
    options: SearchOptions,
}

impl Searcher {
    /// From expressions with their keywords, as `Matcher::new` takes them. Their group `secret` is what is hidden, their
    /// group `key` the id that belongs to it.
    pub fn new<P: AsRef<str>, K: AsRef<str>>(rules: &[(P, Vec<K>)], options: SearchOptions) -> Result<Self, Refused> {
        let id = |pattern: &str| pattern.contains("(?P<key>").then(|| (pattern.to_owned(), OnceLock::new()));
        let ids = rules.iter().map(|(pattern, _)| id(pattern.as_ref())).collect();
        Ok(Self { matcher: Matcher::new(rules)?, ids, options })
    }

    /// Whether a file is searched, by its name, size and first bytes (all that are at hand; some may be missing).
    pub fn wants(&self, name: &str, size: u64, head: &[u8]) -> bool {
        let _ = name;
        let binary = memchr::memchr(0, &head[..head.len().min(HEAD)]).is_some();
        size >= SHORTEST as u64 && (!binary || self.options.binaries || self.options.archives > 0)
    }

    /// The secrets of a file in memory. name: its path; the end of it may tell what it is.
    pub fn search(&self, name: &str, content: &[u8]) -> Sightings {
        let mut sightings = Sightings::default();
        let _ = (name, self.options);
        if content.len() < SHORTEST || memchr::memchr(0, &content[..content.len().min(HEAD)]).is_some() {
            return sightings;
        }
        self.text(content, &mut sightings);
        sightings
    }

    /// The secrets of a file that is read from its start to its end. size: what it is said to have, in bytes.
    pub fn search_read(&self, name: &str, size: u64, source: &mut dyn Read) -> Sightings {
        let mut content = Vec::new();
        let _ = size;
        if let Err(error) = source.take(HELD).read_to_end(&mut content) {
            return Sightings { problems: vec![format!("cannot be read: {error}")], ..Sightings::default() };
        }
        self.search(name, &content)
    }

    /// The secrets of a file that can be read at any place.
    pub fn search_at(&self, name: &str, source: &dyn ReadAt) -> Sightings {
        let length = usize::try_from(source.len().min(HELD)).unwrap_or(0);
        match source.bytes_at(0, length) {
            Ok(content) => self.search(name, &content),
            Err(error) => Sightings { problems: vec![format!("cannot be read: {error}")], ..Sightings::default() },
        }
    }

    fn text(&self, text: &[u8], sightings: &mut Sightings) {
        let found = match self.matcher.find(text) {
            Ok(found) => found,
            Err(Refused { rule, reason }) => {
                sightings.problems.push(format!("rule {rule} could not be tried: {reason}"));
                return;
            }
        };
        if found.is_empty() {
            return;
        }
        if found.len() >= MOST_MATCHES {
            let what = format!("more than {MOST_MATCHES} places look like secrets; not all are told");
            sightings.problems.push(what);
        }
        let secrets: Vec<_> = found.iter().map(|one| one.secret).collect();
        let excerpts = Excerpts::new(text, &secrets);
        let mut lines = Lines::new(text);
        for one in &found {
            sightings.list.push(self.sighting(text, one, &excerpts, &mut lines));
        }
    }

    fn sighting(&self, text: &[u8], found: &Found, excerpts: &Excerpts<'_>, lines: &mut Lines<'_>) -> Sighting {
        let Found { start, end, rule, secret } = *found;
        let position = lines.position(start);
        Sighting {
            rule,
            inner: String::new(),
            decoded: "",
            offset: secret.0 as u64,
            start: position,
            end: Lines::new(&text[start..]).position(end - start - 1).behind(position),
            secret: text[secret.0..secret.1.min(secret.0 + LONGEST_SECRET)].to_vec(),
            key_id: self.key_id(text, found),
            before: excerpts.before(secret.0).to_vec(),
            matched: excerpts.matched(start),
            code: excerpts.code(start, end, position.line),
            allow: excerpts.allow(start, end),
            seen: None,
        }
    }

    /// What a rule's group `key` is in a match.
    fn key_id(&self, text: &[u8], found: &Found) -> Vec<u8> {
        let Some(Some((pattern, compiled))) = self.ids.get(found.rule) else { return Vec::new() };
        let compile = || RegexBuilder::new(pattern).unicode(false).multi_line(true).crlf(true).build().ok();
        let regex = compiled.get_or_init(compile);
        let captures = regex.as_ref().and_then(|regex| regex.captures_at(text, found.start));
        captures.and_then(|captures| captures.name("key").map(|key| key.as_bytes().to_vec())).unwrap_or_default()
    }
}

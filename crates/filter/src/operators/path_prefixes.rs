//! `pmatch`: whether a path lies in one of many.

use std::collections::HashMap;

use super::Glob;

/// Paths, cut at their slashes into a tree: the cost of a look-up goes by the parts of the value, not by the number of
/// paths. Empty parts do not count, so relative and absolute look alike. A part with `?`, `*` or `[` is a shell pattern
/// for one part; of several patterns in one place only the first that matches is followed, as the peer does.
#[derive(Clone, Debug)]
pub struct PathPrefixes {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// A path ends here: whatever lies below matches.
    ends: bool,
    plain: HashMap<Box<[u8]>, usize>,
    /// In the order in which they were first given.
    patterns: Vec<(Glob, usize)>,
    pattern_texts: HashMap<Box<[u8]>, usize>,
}

impl PathPrefixes {
    pub fn new<T: AsRef<[u8]>>(paths: &[T]) -> PathPrefixes {
        let mut prefixes = PathPrefixes { nodes: vec![Node::default()] };
        for path in paths {
            let mut at = 0;
            let mut rest = path.as_ref();
            while let Some(part) = next_part(&mut rest) {
                at = prefixes.child(at, part);
            }
            if let Some(node) = prefixes.nodes.get_mut(at) {
                node.ends = true;
            }
        }
        prefixes
    }

    fn child(&mut self, at: usize, part: &[u8]) -> usize {
        let fresh = self.nodes.len();
        let node = &mut self.nodes[at];
        let is_pattern = part.iter().any(|byte| matches!(byte, b'?' | b'*' | b'['));
        let known = if is_pattern { &mut node.pattern_texts } else { &mut node.plain };
        if let Some(&child) = known.get(part) {
            return child;
        }
        known.insert(part.into(), fresh);
        if is_pattern {
            node.patterns.push((Glob::new(part, false), fresh));
        }
        self.nodes.push(Node::default());
        fresh
    }

    /// Whether one of the paths is the value or a folder above it.
    pub fn matches(&self, value: &[u8]) -> bool {
        // Other ways down, taken when the one followed ends.
        let mut others: Vec<(usize, &[u8])> = Vec::new();
        let (mut at, mut rest) = (0, value);
        loop {
            let node = &self.nodes[at];
            if node.ends {
                return true;
            }
            let mut next = None;
            if let Some(part) = next_part(&mut rest) {
                next = node.plain.get(part).copied();
                if let Some(&(_, child)) = node.patterns.iter().find(|(glob, _)| glob.matches(part)) {
                    match next {
                        Some(_) => others.push((child, rest)),
                        None => next = Some(child),
                    }
                }
            }
            match next {
                Some(child) => at = child,
                None => match others.pop() {
                    Some(other) => (at, rest) = other,
                    None => return false,
                },
            }
        }
    }
}

/// The next part that is not empty, cut off.
fn next_part<'v>(rest: &mut &'v [u8]) -> Option<&'v [u8]> {
    loop {
        if rest.is_empty() {
            return None;
        }
        let (part, tail) = match memchr::memchr(b'/', rest) {
            Some(slash) => (&rest[..slash], &rest[slash + 1..]),
            None => (*rest, &rest[rest.len()..]),
        };
        *rest = tail;
        if !part.is_empty() {
            return Some(part);
        }
    }
}

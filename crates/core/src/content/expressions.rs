//! Expressions of people that are tried on short texts: paths, secrets, lines.

use std::sync::{Mutex, OnceLock, PoisonError};

use regex_automata::Input;
use regex_automata::meta::{Cache, Regex};

use super::matcher::Refused;
use super::rule::{compile, read};

/// Expressions of which one is sought that is found in a text; those that match the empty text too. Any number of
/// threads may ask.
pub struct Expressions {
    list: Vec<(String, OnceLock<Compiled>)>,
}

type Compiled = Result<(Regex, Mutex<Option<Cache>>), String>;

impl Expressions {
    /// Reads them, in the syntax of rules (`Matcher::new`). Each is compiled when it is first tried.
    pub fn new<P: AsRef<str>>(patterns: &[P]) -> Result<Self, Refused> {
        for (rule, pattern) in patterns.iter().enumerate() {
            read(pattern.as_ref()).map_err(|reason| Refused { rule, reason })?;
        }
        Ok(Self { list: patterns.iter().map(|pattern| (pattern.as_ref().to_owned(), OnceLock::new())).collect() })
    }

    /// The first expression that is found in the text.
    pub fn first(&self, text: &[u8]) -> Result<Option<usize>, Refused> {
        for (rule, (pattern, compiled)) in self.list.iter().enumerate() {
            let compiled = compiled.get_or_init(|| compile(pattern).map(|regex| (regex, Mutex::new(None))));
            let (regex, idle) = compiled.as_ref().map_err(|reason| Refused { rule, reason: reason.clone() })?;
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).take();
            let mut cache = kept.unwrap_or_else(|| regex.create_cache());
            let found = regex.search_half_with(&mut cache, &Input::new(text).earliest(true)).is_some();
            *idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(cache);
            if found {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::Expressions;

    #[test]
    fn the_first_that_is_found() {
        let expressions = Expressions::new(&["^a$", "(?-m)^b", ".*", "c"]).unwrap();
        assert_eq!(expressions.first(b"x\na\ny").unwrap(), Some(0));
        assert_eq!(expressions.first(b"bbb").unwrap(), Some(1));
        assert_eq!(expressions.first(b"x\nb").unwrap(), Some(2));
        assert_eq!(expressions.first(b"").unwrap(), Some(2));
        assert_eq!(Expressions::new(&["(?-m)^b", "[0-9]"]).unwrap().first(b"x\nb\xff").unwrap(), None);
    }

    #[test]
    fn what_is_refused() {
        let reason = |pattern| Expressions::new(&["a", pattern]).err().map(|refused| (refused.rule, refused.reason));
        let (rule, why) = reason("(?=a)b").unwrap();
        assert!(rule == 1 && why.contains("looking ahead"), "{why}");
        assert!(reason("(?:a{1000}){1000}").unwrap().1.contains("steps"));
        assert!(reason("a").is_none());
    }
}

//! `contains`, `icontains`, `bcontains`: bytes searched for in many values.

use memchr::memmem::Finder;

/// Bytes to search for.
#[derive(Clone, Debug)]
pub struct Search {
    finder: Box<Finder<'static>>,
    ignore_case: bool,
}

/// Values are folded through a buffer of this size, so that no case costs an allocation and time stays linear.
const WINDOW: usize = 256;

impl Search {
    /// `ignore_case`: ASCII letters match in both cases.
    pub fn new(needle: &[u8], ignore_case: bool) -> Search {
        let finder = if ignore_case {
            Finder::new(&needle.to_ascii_lowercase()).into_owned()
        } else {
            Finder::new(needle).into_owned()
        };
        Search { finder: Box::new(finder), ignore_case }
    }

    /// Whether the value holds the bytes; every value holds none.
    pub fn matches(&self, value: &[u8]) -> bool {
        if !self.ignore_case {
            return self.finder.find(value).is_some();
        }
        let needle = self.finder.needle().len();
        if needle > WINDOW / 2 {
            return value.len() >= needle && self.finder.find(&value.to_ascii_lowercase()).is_some();
        }
        let mut buffer = [0; WINDOW];
        let mut rest = value;
        loop {
            let window = &mut buffer[..rest.len().min(WINDOW)];
            window.copy_from_slice(&rest[..window.len()]);
            window.make_ascii_lowercase();
            if self.finder.find(window).is_some() {
                return true;
            }
            if rest.len() <= WINDOW {
                return false;
            }
            // What begins near the end of one window is whole in the next.
            rest = &rest[WINDOW + 1 - needle.max(1)..];
        }
    }
}

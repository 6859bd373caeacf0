//! Paths as the peer builds them, in the arena of an event: joined to a base and normalised, symbolic links never
//! followed.

use vigie_filter::Bump;

use crate::Current;
use crate::text::Text;

/// Longer paths, base and name together, become a constant.
const MAX: usize = 1024;
const TOO_LONG: &[u8] = b"/DIR_TOO_LONG/FILENAME_TOO_LONG";

/// What stands for a directory that nobody knows.
pub(crate) const UNKNOWN: &[u8] = b"<UNKNOWN>";

/// The descriptor that stands for the current directory.
pub(crate) const AT_FDCWD: i64 = -100;

/// A name joined to a base that is not normalised itself; an absolute name stands alone, an empty one stays empty.
pub(crate) fn join<'a>(base: &[u8], name: &[u8], arena: &'a Bump) -> &'a [u8] {
    if name.is_empty() {
        return b"";
    }
    if base.len() + name.len() + 1 > MAX {
        return TOO_LONG;
    }
    let mut path = Text::new(arena);
    if name[0] != b'/' {
        path.bytes(base);
    }
    let mut rest = name;
    while let Some((&byte, tail)) = rest.split_first() {
        let begins = path.last().is_none_or(|last| last == b'/');
        if byte == b'.' && begins {
            match tail {
                [b'.'] | [b'.', b'/', ..] => {
                    rewind(&mut path);
                    rest = tail.get(2..).unwrap_or(b"");
                    continue;
                }
                [b'/', after @ ..] => {
                    rest = after;
                    continue;
                }
                [] => break,
                _ => {}
            }
        }
        if byte != b'/' || path.last() != Some(b'/') {
            path.push(byte);
        }
        rest = tail;
    }
    if path.len() > 1 && path.last() == Some(b'/') {
        path.pop();
    }
    path.done()
}

/// Takes the last component away, but never the first character.
fn rewind(path: &mut Text<'_>) {
    if path.len() <= 1 {
        return;
    }
    path.pop();
    while path.len() > 1 && path.last() != Some(b'/') {
        path.pop();
    }
}

/// The directory of the event's process, ending with `/`; `./` when the process is not known.
pub(crate) fn cwd<'a>(current: &Current<'a>) -> &'a [u8] {
    current.process().map_or(b"./", |process| &process.cwd)
}

/// The name of a descriptor of the event's process.
pub(crate) fn descriptor<'a>(current: &Current<'a>, number: i64) -> Option<&'a vigie_state::Fd> {
    current.process()?.fds.get(number)
}

/// A name relative to a directory's descriptor, as calls of the `openat` family read it.
pub(crate) fn at<'a>(current: &Current<'_>, dirfd: Option<i64>, name: &[u8], arena: &'a Bump) -> &'a [u8] {
    if name.first() == Some(&b'/') {
        return join(b".", name, arena);
    }
    match dirfd {
        Some(AT_FDCWD) => join(cwd(current), name, arena),
        Some(number) => match descriptor(current, number) {
            Some(fd) => join(slashed(&fd.name, arena), name, arena),
            None => join(UNKNOWN, name, arena),
        },
        None => join(UNKNOWN, name, arena),
    }
}

/// A directory's name with a slash behind it.
pub(crate) fn slashed<'a>(name: &[u8], arena: &'a Bump) -> &'a [u8] {
    let mut text = Text::new(arena);
    text.bytes(name).push(b'/');
    text.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(base: &str, name: &str) -> String {
        let arena = Bump::new();
        String::from_utf8_lossy(join(base.as_bytes(), name.as_bytes(), &arena)).into_owned()
    }

    #[test]
    fn names_are_normalised_behind_their_base() {
        assert_eq!(joined("/home/u/", "a/../b"), "/home/u/b");
        assert_eq!(joined("/home/u/", "../../../../etc"), "/etc");
        assert_eq!(joined("/home/u/", "./x/./y//z/"), "/home/u/x/y/z");
        assert_eq!(joined("/home/u/", "/etc/../etc//passwd"), "/etc/passwd");
        assert_eq!(joined("/home/u/", ".."), "/home");
        assert_eq!(joined("/home/u/", "..x/.y"), "/home/u/..x/.y");
        assert_eq!(joined("/", "/"), "/");
        assert_eq!(joined("/x/", ""), "");
        assert_eq!(joined("<UNKNOWN>", "rel"), "<UNKNOWN>rel");
        assert_eq!(joined("/", &"a".repeat(1023)), "/DIR_TOO_LONG/FILENAME_TOO_LONG");
        assert_eq!(joined("/", &"a".repeat(1022)).len(), 1023);
    }
}

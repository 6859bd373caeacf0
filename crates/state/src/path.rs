//! Paths as the peer builds them: joined to a base and normalised, symbolic links never followed.

use crate::{Host, Thread};

/// The descriptor that stands for the current directory in calls with a directory argument.
pub const AT_FDCWD: i64 = -100;

/// The longest path, its end included; what is longer becomes `TOO_LONG`.
pub const MAX_PATH: usize = 1024;

pub const TOO_LONG: &[u8] = b"/DIR_TOO_LONG/FILENAME_TOO_LONG";

/// The base of a path whose directory is not known; a name follows it without a slash.
pub const UNKNOWN: &[u8] = b"<UNKNOWN>";

/// Appends to `out` the path `path` as seen from `base`, which is expected to end with `/` and is taken as it is. An
/// absolute path ignores the base; `//`, `./` and `../` of the path vanish, a `/` at its end too.
pub fn join(base: &[u8], path: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    if base.len() + path.len() + 1 > MAX_PATH {
        out.extend_from_slice(TOO_LONG);
        return;
    }
    if is_normal(path) {
        out.extend_from_slice(path);
        return;
    }
    if !path.is_empty() && path[0] != b'/' {
        out.extend_from_slice(base);
    }
    normalise(path, start, out);
}

/// An absolute path, short enough, in which nothing has to be changed.
#[inline]
pub(crate) fn is_normal(path: &[u8]) -> bool {
    path.first() == Some(&b'/')
        && path.len() < MAX_PATH - 1
        && memchr::memchr_iter(b'/', path).all(|slash| !matches!(path.get(slash + 1), None | Some(b'/' | b'.')))
}

/// Appends `path` to `out`, in which the path begins at `start`.
fn normalise(path: &[u8], start: usize, out: &mut Vec<u8>) {
    let had_base = out.len() > start;
    let mut rest = path;
    while let Some((&byte, after)) = rest.split_first() {
        let at_component = out.len() == start || out.last() == Some(&b'/');
        match (byte, after) {
            (b'.', [b'.', b'/', left @ ..]) if at_component => {
                to_parent(start, out);
                rest = left;
            }
            (b'.', [b'.']) if at_component => {
                to_parent(start, out);
                rest = &[];
            }
            (b'.', [b'/', left @ ..]) if at_component => rest = left,
            (b'.', []) if at_component => rest = &[],
            (b'/', _) if at_component && (out.len() > start || had_base) => rest = after,
            _ => {
                // The whole component at once: its inner bytes mean nothing.
                let end = memchr::memchr(b'/', after).map_or(rest.len(), |slash| slash + 1);
                let end = if byte == b'/' { 1 } else { end };
                out.extend_from_slice(&rest[..end]);
                rest = &rest[end..];
            }
        }
    }
    if out.len() > start + 1 && out.last() == Some(&b'/') {
        out.pop();
    }
}

/// Takes the last component off, but never the first byte.
fn to_parent(start: usize, out: &mut Vec<u8>) {
    if out.len() <= start + 1 {
        return;
    }
    out.pop();
    while out.len() > start + 1 && out.last() != Some(&b'/') {
        out.pop();
    }
}

/// The current directory of a thread's process, with `/` at its end; `./` when the process is not known.
pub fn cwd<'h>(host: &'h Host, thread: &'h Thread) -> &'h [u8] {
    match host.threads.main_of(thread) {
        Some(main) => &main.cwd,
        None => b"./",
    }
}

/// Appends the full path of an argument of the `openat` family: seen from the current directory for `AT_FDCWD`, from
/// the descriptor's name and a slash, or glued to `<UNKNOWN>`.
pub fn at(host: &Host, thread: Option<&Thread>, dirfd: i64, path: &[u8], out: &mut Vec<u8>) {
    if path.first() == Some(&b'/') {
        return join(b".", path, out);
    }
    let directory = thread.and_then(|thread| host.threads.table_of(thread)).and_then(|table| table.fds.get(dirfd));
    match (thread, directory) {
        (Some(thread), _) if dirfd == AT_FDCWD => join(cwd(host, thread), path, out),
        (_, Some(directory)) => {
            let mut base = Vec::with_capacity(directory.name.len() + 1);
            base.extend_from_slice(&directory.name);
            base.push(b'/');
            join(&base, path, out);
        }
        _ => join(UNKNOWN, path, out),
    }
}

/// Appends `path` with each run of slashes as one.
pub fn collapse_slashes(path: &[u8], out: &mut Vec<u8>) {
    let mut rest = path;
    while let Some(double) = memchr::memmem::find(rest, b"//") {
        out.extend_from_slice(&rest[..=double]);
        rest = &rest[double + 1..];
        while let [b'/', after @ ..] = rest {
            rest = after;
        }
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(base: &str, path: &str) -> String {
        let mut out = b"before".to_vec();
        join(base.as_bytes(), path.as_bytes(), &mut out);
        String::from_utf8(out.split_off(6)).unwrap()
    }

    #[test]
    fn joined_and_normalised() {
        assert_eq!(joined("/home/", "a/b"), "/home/a/b");
        assert_eq!(joined("/home/", "/etc//passwd"), "/etc/passwd");
        assert_eq!(joined("/home/", "./a/./b"), "/home/a/b");
        assert_eq!(joined("/", "/etc/../etc/../etc/shadow"), "/etc/shadow");
        assert_eq!(joined("/home/user/", "../../etc/x/"), "/etc/x");
        assert_eq!(joined("/a/", "../../../../b"), "/b");
        assert_eq!(joined("/a/", "/../../b"), "/b");
        assert_eq!(joined("/a/b/", ".."), "/a");
        assert_eq!(joined("/a/b/", "."), "/a/b");
        assert_eq!(joined("/a/", "/"), "/");
        assert_eq!(joined("/a/", "b..c/.d/..e"), "/a/b..c/.d/..e");
        assert_eq!(joined("/a/", ""), "");
        assert_eq!(joined("<UNKNOWN>", "x/y"), "<UNKNOWN>x/y");
        assert_eq!(joined("", "x//y/"), "x/y");
    }

    #[test]
    fn only_the_path_itself_is_normalised() {
        assert_eq!(joined("/a//b/./", "c"), "/a//b/./c");
    }

    #[test]
    fn a_path_that_is_too_long_is_a_constant() {
        let long = "x".repeat(1020);
        assert_eq!(joined("/a/", &long), format!("/a/{long}"));
        assert_eq!(joined("/ab/", &long), "/DIR_TOO_LONG/FILENAME_TOO_LONG");
    }

    #[test]
    fn runs_of_slashes() {
        let mut out = b"/".to_vec();
        collapse_slashes(b"//a///../b/", &mut out);
        collapse_slashes(b"c//", &mut out);
        collapse_slashes(b"/d", &mut out);
        assert_eq!(out, b"//a/../b/c//d");
    }
}

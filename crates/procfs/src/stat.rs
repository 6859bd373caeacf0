//! `/proc/PID/stat`.

use crate::file::{number, words};

/// What is used of the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// As the kernel keeps it, at most 15 bytes; kernel threads show more here, which is cut off.
    pub comm: Vec<u8>,
    pub ppid: i64,
    pub pgid: i64,
    pub sid: i64,
    pub tty: u32,
    pub pfminor: u64,
    pub pfmajor: u64,
    /// Since the host's start, in hundredths of a second.
    pub start: u64,
}

const COMM: usize = 15;

/// Reads the line. `None` when it is none: the name, which may hold blanks and parentheses, is what lies between the
/// first and the last of them.
pub fn parse(line: &[u8]) -> Option<Stat> {
    let open = memchr::memchr(b'(', line)?;
    let close = memchr::memrchr(b')', line).filter(|&close| close > open)?;
    let comm = &line[open + 1..close];
    let rest = line[close + 1..].strip_suffix(b"\n").unwrap_or(&line[close + 1..]);
    // The first of these is the third of the line.
    let fields: Vec<&[u8]> = words(rest).take(20).collect();
    let signed = |index: usize| -> Option<i64> { std::str::from_utf8(fields.get(index)?).ok()?.parse().ok() };
    let unsigned = |index: usize| number(fields.get(index)?);
    Some(Stat {
        comm: comm[..comm.len().min(COMM)].to_vec(),
        ppid: signed(1)?,
        pgid: signed(2)?,
        sid: signed(3)?,
        tty: signed(4)? as u32,
        pfminor: unsigned(7)?,
        pfmajor: unsigned(9)?,
        start: unsigned(19)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_everything_in_it() {
        let line = b"42 (a) b ( c) S 1 40 39 34816 40 4194304 11 12 13 14 15 16 17 18 20 0 1 0 987654 4096 1 rest\n";
        let stat = parse(line).unwrap();
        assert_eq!(stat.comm, b"a) b ( c");
        assert_eq!((stat.ppid, stat.pgid, stat.sid, stat.tty), (1, 40, 39, 34816));
        assert_eq!((stat.pfminor, stat.pfmajor, stat.start), (11, 13, 987_654));
    }

    #[test]
    fn what_is_no_such_line() {
        for line in [&b""[..], b"1 (x", b"1 )x(", b"1 (x) S 1", b"1 (x) S a b c d e f g h i j k l m n o p q r s t u"] {
            assert_eq!(parse(line), None);
        }
    }

    #[test]
    fn long_names_are_cut_as_the_kernel_keeps_them() {
        let line = b"7 (kworker/u8:3-events_unbound) I 2 0 0 0 -1 1 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0";
        assert_eq!(parse(line).unwrap().comm, b"kworker/u8:3-ev");
    }
}

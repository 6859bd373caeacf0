//! What passes between the probe and its reader: kept in step with `bpf/record.h`.

/// System calls that have a place; the last places are those of tracepoints.
pub const CALLS: usize = 512;
pub const MAX_CAPTURES: usize = 4;
pub const MAX_GATES: usize = 64;
pub const MAX_PREFIXES: usize = 32;

pub const RECIPE_SIZE: usize = 48;
pub const GATE_SIZE: usize = 1936;

/// Places in the table of recipes behind the calls.
pub mod point {
    pub const EXEC: usize = 511;
    pub const EXIT: usize = 510;
    pub const SWITCH: usize = 509;
    pub const SIGNAL: usize = 508;
    pub const FAULT: usize = 507;
    pub const CHILD: usize = 506;
}

/// Which program makes the record of a call.
pub mod handler {
    pub const SCALARS: u8 = 0;
    pub const MEMORY: u8 = 1;
    pub const OPEN: u8 = 2;
    pub const SOCKET: u8 = 3;
    pub const CLONE: u8 = 4;
    pub const EXEC: u8 = 5;
    pub const RESOURCES: u8 = 6;
}

/// Arguments that a recipe does not have, and the result in the place of one.
pub const NO_ARG: u8 = 255;
pub const RESULT_FD: u8 = 254;

pub mod test {
    pub const SUCCESS: u32 = 1;
    pub const FAILURE: u32 = 2;
    pub const OPEN_FLAGS: u32 = 4;
    pub const PATHS: u32 = 8;
    pub const FAMILIES: u32 = 16;
    pub const UIDS: u32 = 32;
}

pub mod flag {
    pub const TRUNCATED: u16 = 2;
    pub const UNREAD: u16 = 4;
}

pub mod tag {
    pub const FILE: u16 = 16;
    pub const SOCKET: u16 = 17;
    pub const PROCESS: u16 = 18;
    pub const ARGS: u16 = 19;
    pub const ENV: u16 = 20;
    pub const EXE_PATH: u16 = 21;
    pub const CGROUP: u16 = 22;
    pub const FILE_NAME: u16 = 23;
    pub const CONTROL: u16 = 25;
    pub const ADDRESS: u16 = 26;
    pub const MEMORY: u16 = 27;
    pub const PATH: u16 = 28;
    pub const BACKLOG: u16 = 30;
    pub const SIZE: u16 = 31;
    pub const CWD: u16 = 40;
    pub const ROOT: u16 = 41;
    pub const LISTED_THREAD: u16 = 42;
    pub const LISTED_FILE: u16 = 43;
    pub const NAME: u16 = 44;
}

/// Places in the table of counters.
pub mod counter {
    pub const EVENTS: usize = 0;
    pub const CLASSES: [(&str, usize); 8] = [
        ("clone_fork", 1),
        ("execve", 2),
        ("open", 3),
        ("connect", 4),
        ("close", 5),
        ("dir_file", 6),
        ("proc", 7),
        ("other_interest", 8),
    ];
    pub const SCRATCH: usize = 9;
    pub const PAGE_FAULTS: usize = 10;
    pub const SHED: [usize; 3] = [11, 12, 13];
    pub const COUNT: usize = 16;
}

const HEAD_SIZE: usize = 88;

/// A record in the ring, not copied.
pub struct Record<'r> {
    /// Nanoseconds since boot.
    pub ts: u64,
    pub tid: u32,
    pub event: u16,
    /// The native number of the call.
    pub nr: u16,
    pub cpu: u16,
    pub flags: u16,
    pub result: i64,
    pub args: [u64; 6],
    blobs: &'r [u8],
}

impl<'r> Record<'r> {
    /// `None` when the bytes are no record.
    #[inline(always)]
    pub fn read(bytes: &'r [u8]) -> Option<Record<'r>> {
        let (head, rest) = bytes.split_at_checked(HEAD_SIZE)?;
        let u64_at = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap_or_default());
        let u32_at = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap_or_default());
        let u16_at = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        Some(Record {
            ts: u64_at(0),
            tid: u32_at(8),
            event: u16_at(16),
            nr: u16_at(18),
            cpu: u16_at(20),
            flags: u16_at(22),
            result: u64_at(32) as i64,
            args: [u64_at(40), u64_at(48), u64_at(56), u64_at(64), u64_at(72), u64_at(80)],
            blobs: rest.get(..u32_at(24) as usize)?,
        })
    }

    /// The first blob of that tag.
    #[inline]
    pub fn blob(&self, tag: u16) -> Option<&'r [u8]> {
        self.blobs().find(|blob| blob.0 == tag).map(|blob| blob.1)
    }

    /// Up to the first whose length lies.
    pub fn blobs(&self) -> Blobs<'r> {
        Blobs(self.blobs)
    }
}

/// Blobs one after the other: tag and bytes.
pub struct Blobs<'r>(pub &'r [u8]);

impl<'r> Iterator for Blobs<'r> {
    type Item = (u16, &'r [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (&[a, b, c, d], after) = self.0.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_le_bytes([c, d]));
        let blob = after.get(..length)?;
        self.0 = after.get((length + 3) & !3..).unwrap_or_default();
        Some((u16::from_le_bytes([a, b]), blob))
    }
}

/// Numbers one after the other out of a blob; zero behind its end.
pub struct Fields<'b>(pub &'b [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let Some((first, rest)) = self.0.split_first_chunk::<N>() else {
            self.0 = &[];
            return [0; N];
        };
        self.0 = rest;
        *first
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }

    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    pub fn i32(&mut self) -> i32 {
        i32::from_le_bytes(self.take())
    }

    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(blobs: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; HEAD_SIZE];
        bytes[8] = 7;
        bytes[16] = 5;
        bytes[24..28].copy_from_slice(&(blobs.len() as u32).to_le_bytes());
        bytes[32..40].copy_from_slice(&(-2i64).to_le_bytes());
        bytes.extend_from_slice(blobs);
        bytes
    }

    #[test]
    fn blobs_are_padded_to_four_bytes() {
        let bytes = record(&[0, 0, 3, 0, b'a', b'b', 0, 99, 17, 0, 1, 0, 8, 0, 0, 0]);
        let record = Record::read(&bytes).unwrap();
        assert_eq!((record.tid, record.event, record.result), (7, 5, -2));
        assert_eq!(record.blob(0), Some(&b"ab\0"[..]));
        assert_eq!(record.blob(tag::SOCKET), Some(&[8][..]));
        assert_eq!(record.blob(tag::FILE), None);
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        assert_eq!(Record::read(&record(&[0, 0, 9, 0, 1])).unwrap().blob(0), None);
        let mut longer = record(&[]);
        longer[24] = 1;
        assert!(Record::read(&longer).is_none());
        assert!(Record::read(&[0; HEAD_SIZE - 1]).is_none());
    }
}

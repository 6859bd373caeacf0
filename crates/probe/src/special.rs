//! Parameters that the tokens of `tables/calls.tsv` cannot say: those that depend on the outcome or on another argument.

mod pieces;

use crate::flags::{Conversion, convert};
use pieces::{dynamic, i64, int, number, result, text, u8, u16, u32, u64, unsigned, until_nul};
use vigie_events::id;

/// A system call that has ended, and what was copied of its memory.
pub trait Raw {
    fn result(&self) -> i64;
    /// Argument `n`, 0 to 5.
    fn arg(&self, n: usize) -> u64;
    /// The bytes that argument `arg` points to. `None` where they could not be read.
    fn memory(&self, arg: usize) -> Option<&[u8]>;
    fn success(&self) -> bool {
        self.result() >= 0
    }
}

/// Where parameters go: one `put` or `absent` for each, in the schema's order.
pub trait Out {
    fn put(&mut self, bytes: &[u8]);
    fn absent(&mut self);
}

/// Puts all parameters of one event.
pub type Write = fn(&dyn Raw, &mut dyn Out);

/// How one event is made.
#[derive(Clone, Copy, Debug)]
pub struct Special {
    /// What must be copied after the call; at most one capture for each argument.
    pub captures: &'static [Capture],
    pub write: Write,
}

/// A piece of the process's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// Up to the NUL.
    Text(usize),
    Fixed {
        arg: usize,
        len: usize,
    },
    /// Argument `len_arg` times `unit` bytes, `max` at the most.
    LengthArg {
        arg: usize,
        len_arg: usize,
        unit: u16,
        max: usize,
    },
    /// As many bytes as the 32-bit number says that `len_pointer_arg` points to.
    LengthPointer {
        arg: usize,
        len_pointer_arg: usize,
        max: usize,
    },
    /// As many bytes as the result says.
    Result {
        arg: usize,
    },
}

/// The descriptors of a `poll` that are reported, as many as the peer reports.
const POLLED: usize = 16;
/// The bytes of a socket option that are reported.
const OPTION: usize = 128;

/// How the event of that id is made. `None` for events made from tokens, and of processes.
pub fn special(event: u16) -> Option<Special> {
    use Capture::{Fixed, LengthArg, LengthPointer, Result, Text};
    const POLL: Capture = LengthArg { arg: 0, len_arg: 1, unit: 8, max: 8 * POLLED };
    let (captures, write): (&'static [Capture], Write) = match event {
        id::SETSOCKOPT_X => (&[LengthArg { arg: 3, len_arg: 4, unit: 1, max: OPTION }], setsockopt),
        id::GETSOCKOPT_X => {
            (&[LengthPointer { arg: 3, len_pointer_arg: 4, max: OPTION }, Fixed { arg: 4, len: 4 }], getsockopt)
        }
        id::POLL_X => (&[POLL], poll),
        id::LLSEEK_X => (&[], llseek),
        id::GETCWD_X => (&[Result { arg: 0 }], getcwd),
        id::GETRLIMIT_X => (&[Fixed { arg: 1, len: 16 }], getrlimit),
        id::PRLIMIT_X => (&[Fixed { arg: 2, len: 16 }, Fixed { arg: 3, len: 16 }], prlimit),
        id::PTRACE_X => (&[Fixed { arg: 3, len: 8 }], ptrace),
        id::SENDFILE_X => (&[Fixed { arg: 2, len: 8 }], sendfile),
        id::QUOTACTL_X => (&[Text(1), Fixed { arg: 3, len: 72 }], quotactl),
        id::SEMOP_X => (&[LengthArg { arg: 1, len_arg: 2, unit: 6, max: 12 }], semop),
        id::SEMCTL_X => (&[], semctl),
        id::PPOLL_X => (&[POLL, Fixed { arg: 2, len: 16 }, Fixed { arg: 3, len: 4 }], ppoll),
        id::IO_URING_SETUP_X => (&[Fixed { arg: 1, len: 24 }], io_uring_setup),
        id::CAPSET_X => (&[Fixed { arg: 0, len: 4 }, Fixed { arg: 1, len: 24 }], capset),
        id::FSCONFIG_X => (&[Text(2), Text(3)], fsconfig),
        id::PRCTL_X => (&[Text(1)], prctl),
        id::KEYCTL_X => (&[Text(1), Text(2), Text(3)], keyctl),
        _ => return None,
    };
    Some(Special { captures, write })
}

fn setsockopt(raw: &dyn Raw, out: &mut dyn Out) {
    sockopt(raw, raw.memory(3), out);
    u32(raw.arg(4), out);
}

fn getsockopt(raw: &dyn Raw, out: &mut dyn Out) {
    sockopt(raw, raw.memory(3).filter(|_| raw.success()), out);
    u32(number::<4>(raw, 4, 0), out);
}

/// Result, descriptor, level, option and value.
fn sockopt(raw: &dyn Raw, value: Option<&[u8]>, out: &mut dyn Out) {
    const SOL_SOCKET: u64 = 1;
    let (level, option) = (unsigned(raw, 1), unsigned(raw, 2));
    result(raw, out);
    i64(int(raw, 0), out);
    u8(convert(Conversion::SockoptLevel, level), out);
    u8(if level == SOL_SOCKET { convert(Conversion::SockoptOption, option) } else { 0 }, out);
    let Some(value) = value else { return out.absent() };
    let start = value.first_chunk::<4>();
    match (option, start, value.first_chunk::<8>(), value.first_chunk::<16>()) {
        _ if level != SOL_SOCKET => dynamic(0, value, out),
        // SO_ERROR, as results are written: negative.
        (4, Some(&error), ..) => dynamic(1, &(-i64::from(i32::from_le_bytes(error))).to_le_bytes(), out),
        // SO_RCVTIMEO and SO_SNDTIMEO: a struct timeval.
        (20 | 21 | 66 | 67, _, Some(&seconds), Some(time)) => {
            let micros = time.last_chunk::<8>().map_or(0, |&micros| u64::from_le_bytes(micros));
            let seconds = u64::from_le_bytes(seconds).saturating_mul(1_000_000_000);
            dynamic(4, &seconds.saturating_add(micros.saturating_mul(1000)).to_le_bytes(), out);
        }
        // SO_COOKIE.
        (57, _, Some(cookie), _) => dynamic(3, cookie, out),
        (1..=3 | 5..=12 | 14..=16 | 18..=19 | 22..=24 | 30 | 32..=34 | 36 | 38..=49, Some(value), ..) => {
            dynamic(2, value, out);
        }
        _ => dynamic(0, value, out),
    }
}

/// Number and returned events of each descriptor.
fn polled(raw: &dyn Raw, out: &mut dyn Out) {
    let Some(memory) = raw.memory(0) else { return out.absent() };
    let entries = memory.chunks_exact(8).take(POLLED);
    let mut list = (entries.len() as u16).to_le_bytes().to_vec();
    // struct pollfd: descriptor, requested and returned events.
    for entry in entries {
        let fd = entry.first_chunk::<4>().map_or(-1, |&fd| i32::from_le_bytes(fd));
        let returned = entry.last_chunk::<2>().map_or(0, |&events| u16::from_le_bytes(events));
        list.extend_from_slice(&i64::from(fd).to_le_bytes());
        list.extend_from_slice(&(convert(Conversion::Poll, returned.into()) as u16).to_le_bytes());
    }
    out.put(&list);
}

fn poll(raw: &dyn Raw, out: &mut dyn Out) {
    result(raw, out);
    polled(raw, out);
    i64(int(raw, 2), out);
}

fn ppoll(raw: &dyn Raw, out: &mut dyn Out) {
    result(raw, out);
    polled(raw, out);
    // Without an end: all ones.
    let nanoseconds = number::<8>(raw, 2, 0).saturating_mul(1_000_000_000).saturating_add(number::<8>(raw, 2, 8));
    u64(if raw.arg(2) == 0 { u64::MAX } else { nanoseconds }, out);
    u32(number::<4>(raw, 3, 0), out);
}

/// The offset comes in two halves.
fn llseek(raw: &dyn Raw, out: &mut dyn Out) {
    result(raw, out);
    i64(int(raw, 0), out);
    u64(unsigned(raw, 1) << 32 | unsigned(raw, 2), out);
    u8(convert(Conversion::Lseek, unsigned(raw, 4)), out);
}

fn getcwd(raw: &dyn Raw, out: &mut dyn Out) {
    result(raw, out);
    if raw.success() { text(raw, 0, out) } else { out.absent() }
}

fn getrlimit(raw: &dyn Raw, out: &mut dyn Out) {
    result(raw, out);
    limits(raw, 1, raw.success(), out);
    u8(convert(Conversion::Rlimit, unsigned(raw, 0)), out);
}

fn prlimit(raw: &dyn Raw, out: &mut dyn Out) {
    result(raw, out);
    limits(raw, 2, true, out);
    limits(raw, 3, raw.success(), out);
    i64(int(raw, 0), out);
    u8(convert(Conversion::Rlimit, unsigned(raw, 1)), out);
}

/// Soft and hard limit; -1 for those that a failed call did not tell.
fn limits(raw: &dyn Raw, arg: usize, told: bool, out: &mut dyn Out) {
    for offset in [0, 8] {
        u64(if told { number::<8>(raw, arg, offset) } else { u64::MAX }, out);
    }
}

fn ptrace(raw: &dyn Raw, out: &mut dyn Out) {
    let request = raw.arg(0);
    result(raw, out);
    dynamic(0, &raw.arg(2).to_le_bytes(), out);
    match request {
        // Peeking puts the word where the data argument points.
        1..=3 => dynamic(0, &number::<8>(raw, 3, 0).to_le_bytes(), out),
        // CONT, SINGLESTEP, DETACH, SYSCALL: a signal.
        7 | 9 | 17 | 24 => dynamic(1, &[raw.arg(3) as u8], out),
        _ => dynamic(0, &raw.arg(3).to_le_bytes(), out),
    }
    u16(convert(Conversion::Ptrace, request), out);
    i64(int(raw, 1), out);
}

fn sendfile(raw: &dyn Raw, out: &mut dyn Out) {
    result(raw, out);
    u64(number::<8>(raw, 2, 0), out);
    i64(int(raw, 0), out);
    i64(int(raw, 1), out);
    u64(raw.arg(3), out);
}

/// linux/quota.h: `struct if_dqblk`, `struct if_dqinfo`.
fn quotactl(raw: &dyn Raw, out: &mut dyn Out) {
    const QUOTAON: u64 = 1;
    let native = unsigned(raw, 0);
    let command = convert(Conversion::QuotactlCommand, native >> 8);
    let (format, quota) = (command == 4, command == 32 && raw.success() || command == 64);
    let info = command == 8 && raw.success() || command == 16;
    result(raw, out);
    text(raw, 1, out);
    if command == QUOTAON {
        text(raw, 3, out)
    } else {
        out.absent()
    }
    for offset in [0, 8, 16, 24, 32, 48, 56] {
        u64(if quota { number::<8>(raw, 3, offset) } else { 0 }, out);
    }
    for offset in [0, 8] {
        u64(if info { number::<8>(raw, 3, offset) } else { 0 }, out);
    }
    u8(if info { convert(Conversion::QuotactlInfo, number::<4>(raw, 3, 16)) } else { 0 }, out);
    let told = if format && raw.success() { number::<4>(raw, 3, 0) } else { 0 };
    u8(convert(Conversion::QuotactlFormat, told), out);
    u16(command, out);
    u8(convert(Conversion::QuotactlType, native & 0xff), out);
    // GETQUOTA, SETQUOTA and their XFS likes are about one id; for QUOTAON the argument is a format.
    u32(if matches!(command, 32 | 64 | 1024 | 2048) { raw.arg(2) } else { 0 }, out);
    u8(convert(Conversion::QuotactlFormat, if command == QUOTAON { unsigned(raw, 2) } else { 0 }), out);
}

/// The first two of the operations; 0 where there is none.
fn semop(raw: &dyn Raw, out: &mut dyn Out) {
    result(raw, out);
    u32(raw.arg(2), out);
    for offset in [0, 6] {
        u16(number::<2>(raw, 1, offset), out);
        u16(number::<2>(raw, 1, offset + 2), out);
        u16(convert(Conversion::Semop, number::<2>(raw, 1, offset + 4)), out);
    }
    u32(raw.arg(0), out);
}

fn semctl(raw: &dyn Raw, out: &mut dyn Out) {
    const IPC_64: u64 = 0x100;
    const SETVAL: u64 = 16;
    let command = unsigned(raw, 2) & !IPC_64;
    result(raw, out);
    u32(raw.arg(0), out);
    u32(raw.arg(1), out);
    u16(convert(Conversion::Semctl, command), out);
    u32(if command == SETVAL { raw.arg(3) } else { 0 }, out);
}

/// linux/io_uring.h: `struct io_uring_params`.
fn io_uring_setup(raw: &dyn Raw, out: &mut dyn Out) {
    result(raw, out);
    u32(raw.arg(0), out);
    u32(number::<4>(raw, 1, 0), out);
    u32(number::<4>(raw, 1, 4), out);
    u32(convert(Conversion::IoUringSetup, number::<4>(raw, 1, 8)), out);
    u32(number::<4>(raw, 1, 12), out);
    u32(number::<4>(raw, 1, 16), out);
    u32(convert(Conversion::IoUringFeatures, number::<4>(raw, 1, 20)), out);
}

/// linux/capability.h: effective, permitted, inheritable, 32 bits each; the upper halves follow except in version 1.
/// What a failed call asked for has not come true and is left out.
fn capset(raw: &dyn Raw, out: &mut dyn Out) {
    const VERSION_1: u64 = 0x1998_0330;
    result(raw, out);
    let wide = number::<4>(raw, 0, 0) != VERSION_1;
    for offset in [8, 4, 0] {
        if !raw.success() || raw.memory(1).is_none() {
            out.absent();
            continue;
        }
        let upper = if wide { number::<4>(raw, 1, 12 + offset) } else { 0 };
        u64(upper << 32 | number::<4>(raw, 1, offset), out);
    }
}

/// Of a binary value only what stands before its first NUL is seen; no file system of the kernel takes one.
fn fsconfig(raw: &dyn Raw, out: &mut dyn Out) {
    let command = unsigned(raw, 1);
    result(raw, out);
    i64(int(raw, 0), out);
    u32(convert(Conversion::Fsconfig, command), out);
    text(raw, 2, out);
    match until_nul(raw, 3) {
        Some(bytes) if command == 2 => {
            let length = usize::try_from(int(raw, 4)).unwrap_or(0);
            out.put(bytes.get(..length).unwrap_or(bytes));
        }
        _ => out.absent(),
    }
    if matches!(command, 1 | 3 | 4) {
        text(raw, 3, out)
    } else {
        out.absent()
    }
    u32(raw.arg(4), out);
}

fn prctl(raw: &dyn Raw, out: &mut dyn Out) {
    let option = unsigned(raw, 0);
    result(raw, out);
    u32(convert(Conversion::Prctl, option), out);
    match option {
        // PR_SET_NAME, PR_GET_NAME.
        15 | 16 => {
            text(raw, 1, out);
            i64(0, out);
        }
        // PR_GET_CHILD_SUBREAPER puts 0 or 1 there, which is also the first byte of a text.
        37 => {
            out.absent();
            i64(until_nul(raw, 1).and_then(|bytes| bytes.first()).map_or(0, |&byte| byte.into()), out);
        }
        _ => {
            out.absent();
            u64(raw.arg(1), out);
        }
    }
}

/// Which of the arguments 2 to 5 are texts: keyctl(2).
fn keyctl(raw: &dyn Raw, out: &mut dyn Out) {
    let operation = unsigned(raw, 0);
    let texts: &[usize] = match operation {
        1 => &[1],          // JOIN_SESSION_KEYRING: name
        10 | 29 => &[2, 3], // SEARCH, RESTRICT_KEYRING: type and description
        24 => &[3],         // PKEY_QUERY: info
        25..=28 => &[2],    // PKEY_ENCRYPT, DECRYPT, SIGN, VERIFY: info
        _ => &[],
    };
    result(raw, out);
    u32(convert(Conversion::Keyctl, operation), out);
    for arg in 1..=4 {
        match until_nul(raw, arg) {
            Some(text) if texts.contains(&arg) => dynamic(1, &[text, b"\0"].concat(), out),
            _ => dynamic(0, &raw.arg(arg).to_le_bytes(), out),
        }
    }
}

#[cfg(test)]
mod tests;

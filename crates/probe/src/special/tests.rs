//! Layouts of memory are those of the UAPI headers; parameters as the schema has them, and as the peer's capture shows
//! them where a test says so.

use super::*;
use std::collections::HashMap;
use vigie_events::schema::{self, Kind};

#[derive(Default)]
struct Call {
    result: i64,
    args: [u64; 6],
    memory: HashMap<usize, Vec<u8>>,
}

impl Call {
    fn new(result: i64, args: &[u64]) -> Call {
        let mut call = Call { result, ..Call::default() };
        call.args[..args.len()].copy_from_slice(args);
        call
    }

    fn with(mut self, arg: usize, bytes: &[u8]) -> Call {
        self.memory.insert(arg, bytes.to_vec());
        self
    }

    fn write(&self, event: u16) -> Vec<Option<Vec<u8>>> {
        let mut out = Written(Vec::new());
        (special(event).unwrap().write)(self, &mut out);
        out.0
    }
}

impl Raw for Call {
    fn result(&self) -> i64 {
        self.result
    }

    fn arg(&self, n: usize) -> u64 {
        self.args[n]
    }

    fn memory(&self, arg: usize) -> Option<&[u8]> {
        self.memory.get(&arg).map(Vec::as_slice)
    }
}

struct Written(Vec<Option<Vec<u8>>>);

impl Out for Written {
    fn put(&mut self, bytes: &[u8]) {
        self.0.push(Some(bytes.to_vec()));
    }

    fn absent(&mut self) {
        self.0.push(None);
    }
}

fn le64(value: i64) -> Option<Vec<u8>> {
    Some(value.to_le_bytes().to_vec())
}

fn le32(value: u32) -> Option<Vec<u8>> {
    Some(value.to_le_bytes().to_vec())
}

fn le16(value: u16) -> Option<Vec<u8>> {
    Some(value.to_le_bytes().to_vec())
}

fn dynamic(selector: u8, bytes: &[u8]) -> Option<Vec<u8>> {
    Some([&[selector], bytes].concat())
}

fn width(kind: Kind) -> Option<usize> {
    Some(match kind {
        Kind::Errno | Kind::Fd | Kind::Pid | Kind::Int64 | Kind::Uint64 | Kind::Reltime => 8,
        Kind::Uint32 | Kind::Int32 | Kind::Flags32 | Kind::Enumflags32 | Kind::Sigset => 4,
        Kind::Uint16 | Kind::Int16 | Kind::Flags16 | Kind::Enumflags16 => 2,
        Kind::Uint8 | Kind::Flags8 | Kind::Enumflags8 => 1,
        _ => return None,
    })
}

#[test]
fn parameters_have_number_and_width_of_the_schema() {
    let mut seen = 0;
    for event in schema::event_types() {
        let Some(made) = special(event.id) else { continue };
        seen += 1;
        let mut args: Vec<usize> = Vec::new();
        for capture in made.captures {
            let (arg, size) = match *capture {
                Capture::Text(arg) | Capture::Result { arg } => (arg, 0),
                Capture::Fixed { arg, len } => (arg, len),
                Capture::LengthArg { arg, max, .. } | Capture::LengthPointer { arg, max, .. } => (arg, max),
            };
            assert!(!args.contains(&arg) && size <= 4096, "{}", event.name);
            args.push(arg);
        }
        assert!(args.len() <= 4, "{}", event.name);
        for result in [0, 1, -1, -22] {
            for memory in [None, Some(vec![0u8; 72]), Some(vec![0xff; 72]), Some(vec![1, 0, 1]), Some(Vec::new())] {
                for first in (0..64).chain([0x80_0002 << 8, 0x80_0007 << 8, u64::MAX]) {
                    let mut call = Call::new(result, &[first, first, first, first, u64::MAX, first]);
                    for arg in 0..6 {
                        call.memory.extend(memory.clone().map(|bytes| (arg, bytes)));
                    }
                    let written = call.write(event.id);
                    assert_eq!(written.len(), event.params.len(), "{}", event.name);
                    for (bytes, param) in written.iter().zip(event.params.iter()) {
                        if let (Some(bytes), Some(width)) = (bytes, width(param.kind)) {
                            assert_eq!(bytes.len(), width, "{} {}", event.name, param.name);
                        }
                    }
                }
            }
        }
    }
    assert_eq!(seen, 18);
}

#[test]
fn poll_reports_what_came_back() {
    // struct pollfd { int fd; short events, revents; }: POLLIN asked and got, POLLHUP got.
    let fds = [[5, 0, 0, 0, 1, 0, 1, 0], [0xff, 0xff, 0xff, 0xff, 1, 0, 16, 0]].concat();
    let call = Call::new(2, &[0x7000, 2, u64::from(u32::MAX)]).with(0, &fds);
    let mut list = vec![2, 0];
    list.extend([&5i64.to_le_bytes()[..], &[1, 0], &(-1i64).to_le_bytes(), &[32, 0]].concat());
    assert_eq!(call.write(81), [le64(2), Some(list), le64(-1)]);
}

#[test]
fn ppoll_has_a_time_or_none() {
    let time = [3u64.to_le_bytes(), 5u64.to_le_bytes()].concat();
    let call = Call::new(0, &[0x7000, 0, 0x7100, 0x7200]).with(0, b"").with(2, &time).with(3, &[4, 1, 0, 0]);
    assert_eq!(call.write(255), [le64(0), Some(vec![0, 0]), le64(3_000_000_005), le32(260)]);
    assert_eq!(Call::new(0, &[0, 0, 0, 0]).write(255), [le64(0), None, le64(-1), le32(0)]);
}

#[test]
fn getcwd_has_a_path_when_it_worked() {
    assert_eq!(Call::new(5, &[0x7000, 100]).with(0, b"/tmp\0").write(93), [le64(5), Some(b"/tmp\0".to_vec())]);
    assert_eq!(Call::new(-34, &[0x7000, 1]).with(0, b"").write(93), [le64(-34), None]);
}

/// The peer's capture: newcur 0, newmax 0, oldcur 8388608, oldmax -1, pid 0, RLIMIT_STACK for `prlimit(0, 3, NULL, old)`.
#[test]
fn prlimit_is_the_peers() {
    let old = [8_388_608u64.to_le_bytes(), u64::MAX.to_le_bytes()].concat();
    let written = Call::new(0, &[0, 3, 0, 0x7000]).with(3, &old).write(145);
    assert_eq!(written, [le64(0), le64(0), le64(0), le64(8_388_608), le64(-1), le64(0), Some(vec![3])]);
    let failed = Call::new(-1, &[0, 3, 0, 0x7000]).with(3, &old).write(145);
    assert_eq!(failed[3..5], [le64(-1), le64(-1)]);
}

/// The peer's capture: SO_SNDBUF 32768, and bytes for an option of another level.
#[test]
fn options_of_sockets_have_kinds() {
    let call = Call::new(0, &[3, 1, 7, 0x7000, 4]).with(3, &32768u32.to_le_bytes());
    let sndbuf = dynamic(2, &32768u32.to_le_bytes());
    assert_eq!(call.write(45), [le64(0), le64(3), Some(vec![1]), Some(vec![7]), sndbuf, le32(4)]);
    let netlink = Call::new(0, &[3, 270, 11, 0x7000, 4]).with(3, &[1, 0, 0, 0]).write(45);
    assert_eq!(netlink[2..5], [Some(vec![0]), Some(vec![0]), dynamic(0, &[1, 0, 0, 0])]);
    let time = [2u64.to_le_bytes(), 7u64.to_le_bytes()].concat();
    let timeout = Call::new(0, &[3, 1, 20, 0x7000, 16]).with(3, &time).write(45);
    assert_eq!(timeout[4], dynamic(4, &2_000_007_000u64.to_le_bytes()));
    let error =
        Call::new(0, &[3, 1, 4, 0x7000, 0x7100]).with(3, &111u32.to_le_bytes()).with(4, &[4, 0, 0, 0]).write(47);
    assert_eq!(error[4..], [dynamic(1, &(-111i64).to_le_bytes()), le32(4)]);
    assert_eq!(Call::new(-9, &[3, 1, 4, 0x7000, 0x7100]).with(3, &[9; 4]).write(47)[4], None);
}

/// The peer's capture: strace seizes (20), asks what the peer does not know (0, data as it is), detaches (12).
#[test]
fn ptrace_data_is_an_address_a_word_or_a_signal() {
    let unknown = Call::new(80, &[0x420e, 9431, 0x58, 0x7ffe]).write(169);
    let data = dynamic(0, &0x7ffeu64.to_le_bytes());
    assert_eq!(unknown, [le64(80), dynamic(0, &0x58u64.to_le_bytes()), data, le16(0), le64(9431)]);
    assert_eq!(Call::new(0, &[17, 9, 0, 19]).write(169)[2..4], [dynamic(1, &[19]), le16(12)]);
    let peeked = Call::new(0, &[2, 9, 0x1000, 0x7000]).with(3, &77u64.to_le_bytes()).write(169);
    assert_eq!(peeked[2], dynamic(0, &77u64.to_le_bytes()));
}

#[test]
fn sendfile_has_the_offset_after_the_call() {
    let call = Call::new(10, &[5, 4, 0x7000, 99]).with(2, &10u64.to_le_bytes());
    assert_eq!(call.write(189), [le64(10), le64(10), le64(5), le64(4), le64(99)]);
    assert_eq!(Call::new(10, &[5, 4, 0, 99]).write(189)[1], le64(0));
}

#[test]
fn quotas_of_a_user() {
    let block: Vec<u8> = (1..=9u64).flat_map(u64::to_le_bytes).collect();
    let get = (0x80_0007 << 8) | 1;
    let written = Call::new(0, &[get, 0x7000, 1000, 0x7100]).with(1, b"/dev/sda\0").with(3, &block).write(191);
    assert_eq!(written[1..3], [Some(b"/dev/sda\0".to_vec()), None]);
    assert_eq!(written[3..10], [1, 2, 3, 4, 5, 7, 8].map(le64));
    assert_eq!(written[14..], [le16(32), Some(vec![2]), le32(1000), Some(vec![1])]);
    let on =
        Call::new(0, &[0x80_0002 << 8, 0x7000, 2, 0x7100]).with(1, b"/dev/sda\0").with(3, b"/q.user\0rest").write(191);
    assert_eq!(on[2], Some(b"/q.user\0".to_vec()));
    assert_eq!(on[14..], [le16(1), Some(vec![1]), le32(0), Some(vec![4])]);
}

#[test]
fn semaphores() {
    let operations =
        [1u16, 0xffff, 0o4000, 2, 1, 0x1000].iter().flat_map(|part| part.to_le_bytes()).collect::<Vec<u8>>();
    let written = Call::new(0, &[77, 0x7000, 2]).with(1, &operations).write(251);
    let expected = [le64(0), le32(2), le16(1), le16(0xffff), le16(1), le16(2), le16(1), le16(2), le32(77)];
    assert_eq!(written, expected);
    assert_eq!(Call::new(0, &[77, 1, 16, 5]).write(253), [le64(0), le32(77), le32(1), le16(4096), le32(5)]);
    assert_eq!(Call::new(5, &[77, 1, 12, 5]).write(253)[3..], [le16(512), le32(0)]);
}

#[test]
fn capabilities_are_put_together_from_halves() {
    // Two of { effective, permitted, inheritable }.
    let data = [1u32, 2, 3, 4, 5, 6].iter().flat_map(|part| part.to_le_bytes()).collect::<Vec<u8>>();
    let call =
        |version: u32, result| Call::new(result, &[0x7000, 0x7100]).with(0, &version.to_le_bytes()).with(1, &data);
    let expected = [le64(0), le64(6 << 32 | 3), le64(5 << 32 | 2), le64(4 << 32 | 1)];
    assert_eq!(call(0x2008_0522, 0).write(353), expected);
    assert_eq!(call(0x1998_0330, 0).write(353), [le64(0), le64(3), le64(2), le64(1)]);
    assert_eq!(call(0x2008_0522, -1).write(353), [le64(-1), None, None, None]);
}

#[test]
fn texts_of_prctl_keyctl_and_fsconfig() {
    let name = Call::new(0, &[15, 0x7000]).with(1, b"worker\0").write(401);
    assert_eq!(name, [le64(0), le32(15), Some(b"worker\0".to_vec()), le64(0)]);
    // The peer's capture: PR_CAPBSET_READ of 32.
    assert_eq!(Call::new(1, &[23, 32]).write(401), [le64(1), le32(23), None, le64(32)]);
    assert_eq!(Call::new(0, &[37, 0x7000]).with(1, &[1, 0]).write(401)[2..], [None, le64(1)]);
    let search = Call::new(9, &[10, (-3i64) as u64, 0x7000, 0x7100, 0]).with(2, b"user\0").with(3, b"k\0").write(453);
    let number = |value: i64| dynamic(0, &value.to_le_bytes());
    assert_eq!(search, [le64(9), le32(10), number(-3), dynamic(1, b"user\0"), dynamic(1, b"k\0"), number(0)]);
    let set = Call::new(0, &[4, 1, 0x7000, 0x7100, 0]).with(2, b"source\0").with(3, b"/dev/sda\0").write(373);
    let expected = [le64(0), le64(4), le32(1), Some(b"source\0".to_vec()), None, Some(b"/dev/sda\0".to_vec()), le32(0)];
    assert_eq!(set, expected);
    let binary = Call::new(0, &[4, 2, 0x7000, 0x7100, 2]).with(2, b"k\0").with(3, b"abc\0").write(373);
    assert_eq!(binary[4..6], [Some(b"ab".to_vec()), None]);
}

#[test]
fn an_offset_in_halves() {
    let written = Call::new(0, &[3, 1, 2, 0x7000, 2]).write(89);
    assert_eq!(written, [le64(0), le64(3), le64(1 << 32 | 2), Some(vec![2])]);
}

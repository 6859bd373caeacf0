//! Parameters of events as text and as values, one case per rule of what the peer does.

mod moment;

use moment::{Moment, PID, directory, file, listening, socket};
use vigie_events::build::EventBuilder;
use vigie_events::id;
use vigie_filter::{Field, View};
use vigie_state::fd::Role;
use vigie_state::user::User;
use vigie_state::{Bytes, Fd, FdType, Thread};

/// The id of the exit of a call that the code does not name.
const SOCKET: u16 = 19;

fn openat(fd: i64, dirfd: i64, name: &[u8], flags: u32, mode: u32) -> EventBuilder {
    EventBuilder::new(id::OPENAT_X).i64(fd).i64(dirfd).text(name).u32(flags).u32(mode).u32(0xfd01).u64(99)
}

fn read(data: &[u8]) -> EventBuilder {
    EventBuilder::new(id::READ_X).i64(data.len() as i64).bytes(data).i64(3).u32(80)
}

#[test]
fn the_resolved_text_or_the_raw_one() {
    let moment = Moment::new(openat(3, -100, b"/etc/passwd", 4097, 0)).opened(3, file("/etc/passwd"));
    moment.says("evt.arg.fd", "<f>/etc/passwd");
    moment.says("evt.arg[0]", "<f>/etc/passwd");
    moment.says("evt.arg.dirfd", "AT_FDCWD");
    moment.says("evt.arg.name", "/etc/passwd");
    moment.says("evt.arg.flags", "O_RDONLY|O_CLOEXEC");
    moment.says("evt.arg.mode", "0");
    moment.says("evt.arg.dev", "FD01");
    moment.says("evt.arg.ino", "99");
    moment.lacks(&["evt.arg[7]", "evt.arg.res", "evt.arg.tuple"]);
    moment.says(
        "evt.args",
        "fd=3(<f>/etc/passwd) dirfd=-100(AT_FDCWD) name=/etc/passwd flags=4097(O_RDONLY|O_CLOEXEC) mode=0 dev=FD01 ino=99",
    );
    assert_eq!(moment.view("evt.info", View::Text), moment.view("evt.args", View::Text));
}

#[test]
fn as_the_peer_wrote_an_event() {
    // From its alerts on the recorded activity.
    let event = EventBuilder::new(SOCKET).i64(3).u32(17).u32(524_291).u32(0).u32(4096);
    let moment = Moment::new(event).opened(3, Fd::new(FdType::Unknown, Bytes::default()));
    moment.says("evt.args", "fd=3(<o>) domain=17(AF_PACKET) type=524291 proto=0 flags=4096(O_CLOEXEC)");
}

#[test]
fn generic_events_show_no_parameters() {
    Moment::new(EventBuilder::new(id::GENERIC_X).u16(5).u16(63)).says("evt.args", "");
}

#[test]
fn absent_parameters_are_text() {
    let moment = Moment::new(EventBuilder::new(id::RECVFROM_X).i64(-11).absents(4));
    moment.says("evt.arg.data", "NULL");
    moment.says("evt.arg.tuple", "NULL");
    moment.says("evt.arg.fd", "<NA>");
    moment.lacks(&["evt.rawarg.data", "evt.rawarg.fd", "evt.rawarg.size"]);
    moment.says("evt.args", "res=-11(EAGAIN) data=NULL tuple=NULL fd=<NA> size=<NA>");
}

#[test]
fn descriptors() {
    let closes = |number: i64| EventBuilder::new(id::CLOSE_X).i64(0).i64(number);
    let with = |number, fd| Moment::new(closes(number)).opened(number, fd);
    with(0, Fd::new(FdType::Pipe, Bytes::default())).says("evt.arg.fd", "<p>");
    with(4, socket("1.2.3.4:5", "6.7.8.9:80", Role::Client)).says("evt.arg.fd", "<4t>1.2.3.4:5->6.7.8.9:80");
    with(4, socket("::1:5", "::2:80", Role::Server)).says("evt.arg.fd", "<6t>::1:5->::2:80");
    with(4, listening("0.0.0.0:80", Role::Server)).says("evt.arg.fd", "<4t>0.0.0.0:80");
    Moment::new(closes(5)).says("evt.arg.fd", "5");
    Moment::new(openat(-2, 5, b"x", 1, 0)).says("evt.arg.fd", "ENOENT");
    Moment::new(openat(-9999, 5, b"x", 1, 0)).says("evt.arg.fd", "-9999");
}

#[test]
fn errors_and_pids() {
    let kill = |result: i64, pid: i64| EventBuilder::new(id::KILL_X).i64(result).i64(pid).u8(9);
    let moment = Moment::new(kill(-1, PID));
    moment.says("evt.arg.res", "EPERM");
    moment.says("evt.arg.pid", "cat");
    moment.says("evt.arg.sig", "SIGKILL");
    moment.says("evt.args", "res=-1(EPERM) pid=30(cat) sig=9(SIGKILL)");
    let moment = Moment::new(kill(0, 12_345));
    moment.says("evt.arg.res", "0");
    moment.says("evt.arg.pid", "12345");
}

#[test]
fn users_and_groups() {
    let setresuid =
        |ids: [u32; 3]| ids.iter().fold(EventBuilder::new(id::SETRESUID_X).i64(0), |event, &number| event.u32(number));
    let user = |uid, name: &str| User {
        uid,
        gid: 0,
        name: Bytes::from(name),
        home: Bytes::default(),
        shell: Bytes::default(),
    };
    let mut moment = Moment::new(setresuid([0, 1000, u32::MAX]));
    moment.host.accounts.add_user(Bytes::default(), user(1000, "alice"));
    moment.says("evt.args", "res=0 ruid=0(root) euid=1000(alice) suid=-1(<NONE>)");
    moment.says("evt.arg.euid", "alice");
    moment.says("evt.arg.suid", "<NONE>");
    moment.compares("evt.rawarg.euid", "Uint(1000)");
    let mut moment = Moment::new(setresuid([1000, 7, 7])).contained("abc");
    moment.host.accounts.add_user(Bytes::from("abc"), user(1000, "bob"));
    moment.says("evt.args", "res=0 ruid=1000(bob) euid=7(<NA>) suid=7(<NA>)");
    let mut moment = Moment::new(EventBuilder::new(id::SETGID_X).i64(0).u32(5));
    moment.host.accounts.add_group(Bytes::default(), 5, Bytes::from("tty"));
    moment.says("evt.arg.gid", "tty");
}

#[test]
fn paths_are_full_when_they_were_relative() {
    let unlinkat = |dirfd: i64, name: &[u8]| EventBuilder::new(id::UNLINKAT_X).i64(0).i64(dirfd).text(name).u32(0);
    Moment::new(unlinkat(-100, b"a/../b")).says("evt.arg.name", "/home/u/b");
    Moment::new(unlinkat(-100, b"a/../b")).says("evt.arg[2]", "/home/u/b");
    Moment::new(unlinkat(-100, b"/x/../y")).says("evt.arg.name", "/x/../y");
    Moment::new(unlinkat(7, b"b")).opened(7, directory("/srv")).says("evt.arg.name", "/srv/b");
    Moment::new(unlinkat(7, b"b")).says("evt.arg.name", "b");
    Moment::new(unlinkat(-100, b"<NA>")).says("evt.arg.name", "<NA>");
    Moment::nobodys(unlinkat(-100, b"b")).says("evt.arg.name", "b");
    let mkdir = EventBuilder::new(id::MKDIR_X).i64(0).text(b"./d/").u32(0o755);
    Moment::new(mkdir).says("evt.args", "res=0 path=./d/(/home/u/d) mode=1ED");
}

#[test]
fn bytes_are_points_where_they_cannot_be_printed() {
    let mut moment = Moment::new(read(b"ab\0\x07\xffz"));
    moment.says("evt.arg.data", "ab...z");
    moment.compares("evt.buffer", "Buffer(\"ab\\0\\u{7}\u{fffd}z\")");
    moment.prints("evt.buffer", "Text(\"ab...z\")");
    moment.gives_json("evt.buffer", "Text(\"ab...z\")");
    moment.settings.buffer_base64 = true;
    moment.compares("evt.arg.data", "Text(\"ab...z\")");
    moment.prints("evt.arg.data", "Text(\"YWIAB/96\")");
    // Once more around, as with the peer.
    moment.prints("evt.buffer", "Text(\"WVdJQUIvOTY=\")");
    let long = Moment::new(read(&[b'x'; 3000]));
    assert_eq!(long.view("evt.buffer", View::Text).len(), "Text(\"\")".len() + 1021);
    Moment::new(openat(3, -100, b"x", 1, 0)).lacks(&["evt.buffer"]);
}

#[test]
fn arguments_of_programs_are_bytes_too() {
    let event = EventBuilder::new(id::EXECVE_X).i64(0).text(b"ls").bytes(b"-l\0/tmp\0");
    Moment::new(event).says("evt.arg.args", "-l./tmp.");
}

#[test]
fn socket_addresses() {
    let bind = |bytes: &[u8]| Moment::new(EventBuilder::new(id::BIND_X).i64(0).bytes(bytes).i64(3));
    bind(&[2, 10, 0, 0, 1, 80, 0]).says("evt.arg.addr", "10.0.0.1:80");
    let mut v6 = vec![10];
    v6.extend_from_slice(&"2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap().octets());
    v6.extend_from_slice(&443u16.to_le_bytes());
    bind(&v6).says("evt.arg.addr", "2001:db8::1:443");
    bind(b"\x01/run/x.sock\0").says("evt.arg.addr", "/run/x.sock");
    bind(&[16, 1, 2]).says("evt.arg.addr", "family 16");
    bind(&[2, 10]).says("evt.arg.addr", "<NA>");
}

#[test]
fn socket_tuples() {
    let connect = |bytes: &[u8]| Moment::new(EventBuilder::new(id::CONNECT_X).i64(0).bytes(bytes).i64(3).absent());
    connect(&[2, 1, 2, 3, 4, 5, 0, 6, 7, 8, 9, 80, 0]).says("evt.arg.tuple", "1.2.3.4:5->6.7.8.9:80");
    let v6 = |from: &str, to: &str| {
        let mut bytes = vec![10];
        for (address, port) in [(from, 5u16), (to, 80)] {
            bytes.extend_from_slice(&address.parse::<std::net::Ipv6Addr>().unwrap().octets());
            bytes.extend_from_slice(&port.to_le_bytes());
        }
        bytes
    };
    connect(&v6("::ffff:1.2.3.4", "::ffff:6.7.8.9")).says("evt.arg.tuple", "1.2.3.4:5->6.7.8.9:80");
    connect(&v6("2001:db8::1", "::ffff:6.7.8.9")).says("evt.arg.tuple", "2001:db8::1:5->::ffff:6.7.8.9:80");
    let mut unix = vec![1];
    unix.extend_from_slice(&0xABCu64.to_le_bytes());
    unix.extend_from_slice(&0xDEFu64.to_le_bytes());
    connect(&unix).says("evt.arg.tuple", "abc->def ");
    unix.extend_from_slice(b"/run/x\0");
    connect(&unix).says("evt.arg.tuple", "abc->def /run/x");
    connect(&[2, 1]).says("evt.arg.tuple", "NULL");
}

#[test]
fn lists_of_descriptors() {
    let mut list = 2u16.to_le_bytes().to_vec();
    for (fd, flags) in [(3i64, 0x41u16), (9, 1)] {
        list.extend_from_slice(&fd.to_le_bytes());
        list.extend_from_slice(&flags.to_le_bytes());
    }
    let poll = EventBuilder::new(id::POLL_X).i64(1).bytes(&list).i64(-1);
    Moment::new(poll).opened(3, file("/x")).says("evt.arg.fds", "3:f41 9:?1");
}

#[test]
fn flags_enumerations_modes() {
    Moment::new(openat(3, -100, b"/x", 3, 0)).says("evt.arg.flags", "O_RDWR");
    Moment::new(openat(3, -100, b"/x", 0, 0)).says("evt.arg.flags", "O_NONE");
    let chmod = |mode: u32| Moment::new(EventBuilder::new(id::CHMOD_X).i64(0).text(b"/x").u32(mode));
    chmod(0o4755).says(
        "evt.args",
        "res=0 filename=/x mode=04755(S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID)",
    );
    chmod(0).says("evt.arg.mode", "0");
    let lseek = EventBuilder::new(id::LSEEK_X).i64(0).i64(3).u64(7).u8(2);
    Moment::new(lseek).says("evt.arg.whence", "SEEK_END");
}

#[test]
fn created_files_have_octal_modes() {
    Moment::new(openat(3, -100, b"/x", 4, 0o644)).says("evt.arg.mode", "0644");
}

#[test]
fn numbers_lose_their_upper_bit_to_the_sign() {
    let read = EventBuilder::new(id::READ_X).i64(0).absent().i64(3).u32(u32::MAX);
    Moment::new(read).says("evt.arg.size", "-1");
    let lseek = EventBuilder::new(id::LSEEK_X).i64(0).i64(3).u64(u64::MAX).u8(0);
    Moment::new(lseek).says("evt.arg.offset", "-1");
    let ioctl = EventBuilder::new(id::IOCTL_X).i64(0).i64(3).u64(0x5413).u64(u64::MAX);
    Moment::new(ioctl).says("evt.args", "res=0 fd=3 request=5413 argument=FFFFFFFFFFFFFFFF");
}

#[test]
fn sets_of_signals_and_spans_of_time() {
    let ppoll = |timeout: u64| EventBuilder::new(id::PPOLL_X).i64(0).absent().u64(timeout).u32(0b1_0000_0001);
    Moment::new(ppoll(1_500_000_000))
        .says("evt.args", "res=0 fds=NULL timeout=1500000000(1.5s) sigmask=SIGHUP SIGKILL");
    Moment::new(ppoll(u64::MAX)).says("evt.arg.timeout", "none");
    Moment::new(ppoll(100)).says("evt.arg.timeout", "1e-07s");
}

#[test]
fn numbers_of_generic_calls() {
    // 5 is open in the drivers' numbering.
    Moment::new(EventBuilder::new(id::GENERIC_X).u16(5).u16(2)).says("evt.arg.ID", "open");
}

#[test]
fn alternatives() {
    let keyctl = |bytes: &[u8]| Moment::new(EventBuilder::new(id::KEYCTL_X).i64(0).u32(0).bytes(bytes).absents(3));
    keyctl(b"\x01name\0").says("evt.arg.arg2", "name");
    keyctl(&[0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).says("evt.arg.arg2", "-2");
    keyctl(&[9, 1]).says("evt.arg.arg2", "NULL");
    keyctl(b"").says("evt.arg.arg2", "NULL");
    let ptrace =
        EventBuilder::new(id::PTRACE_X).i64(0).bytes(&[0, 0xff, 0, 0, 0, 0, 0, 0, 0]).bytes(&[1, 9]).u16(0).i64(PID);
    let moment = Moment::new(ptrace);
    moment.says("evt.arg.addr", "FF");
    moment.says("evt.arg.data", "SIGKILL");
}

#[test]
fn raw_values_have_types() {
    let moment = Moment::new(openat(3, -100, b"/etc/passwd", 4097, 0o600));
    moment.compares("evt.rawarg.fd", "Int(3)");
    moment.compares("evt.rawarg.dirfd", "Int(-100)");
    moment.compares("evt.rawarg.name", "Text(\"/etc/passwd\")");
    moment.compares("evt.rawarg.flags", "Uint(4097)");
    moment.compares("evt.rawarg.mode", "Uint(384)");
    moment.lacks(&["evt.rawarg.res"]);
    // Literals are read as those of the first `addr` of the schema, a socket address.
    let mmap = EventBuilder::new(id::MUNMAP_X).i64(0).absents(3).u64(7).u64(8);
    Moment::new(mmap).compares("evt.rawarg.addr", "Missing");
}

#[test]
fn hostile_bytes_are_harmless() {
    let all = Moment::new(read(b""));
    let ours =
        vigie_fields::table::rows().iter().filter(|row| matches!(row.class, "evt" | "fd" | "fdlist" | "fs.path"));
    let fields: Vec<Field> = ours
        .map(|row| match row.argument {
            "dotname" => format!("{}.{}", row.name, if row.name == "evt.type.is" { "open" } else { "data" }),
            "index" => format!("{}[18446744073709551615]", row.name),
            "index|dotname" => format!("{}[1]", row.name),
            _ => row.name.to_owned(),
        })
        .map(|name| all.field(&name))
        .collect();
    let mut judged = 0;
    for known in vigie_events::schema::event_types() {
        for filler in [&b"\xff"[..], &[0xff; 3], &[0; 16], &[0x80; 40]] {
            let event = known.params.iter().fold(EventBuilder::new(known.id), |event, _| event.bytes(filler));
            let mut moment = Moment::new(event).about(3);
            moment.host.threads.insert(Thread::placeholder(-1));
            for field in &fields {
                for view in [View::Condition, View::Text, View::Json] {
                    judged += usize::from(moment.evaluate(field, view) != "Missing");
                }
            }
        }
    }
    assert!(judged > 100_000, "{judged}");
}

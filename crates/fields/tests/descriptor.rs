//! The descriptor of an event, one case per rule of what the peer does.

mod moment;

use moment::{Moment, PID, directory, end, file, listening, socket};
use vigie_events::build::EventBuilder;
use vigie_events::id;
use vigie_filter::View;
use vigie_state::container::Container;
use vigie_state::fd::{Detail, Protocol, Role};
use vigie_state::{Bytes, Fd, FdType};

fn read() -> EventBuilder {
    EventBuilder::new(id::READ_X).i64(1).bytes(b"x").i64(3).u32(1)
}

/// A read from that.
fn of(fd: Fd) -> Moment {
    Moment::new(read()).opened(3, fd).about(3)
}

/// A read from something that nobody knows.
fn unknown(event: EventBuilder) -> Moment {
    Moment::new(event).about(-1)
}

fn openat(dirfd: i64, name: &[u8]) -> EventBuilder {
    EventBuilder::new(id::OPENAT_X).i64(-2).i64(dirfd).text(name).u32(1).u32(0).u32(0).u64(0)
}

fn at_address(moment: Moment) -> Moment {
    moment.with_address("10.0.0.1")
}

#[test]
fn only_events_of_descriptors_have_one() {
    let chdir = EventBuilder::new(id::CHDIR_X).i64(0).text(b"/x");
    Moment::new(chdir).opened(3, file("/x")).about(3).lacks(&["fd.name", "fd.num", "fd.type", "fd.types", "fd.uid"]);
    Moment::nobodys(read()).about(3).lacks(&["fd.name", "fd.num", "fd.typechar"]);
}

#[test]
fn numbers() {
    of(file("/x")).shows("fd.num", "Int(3)");
    of(file("/x")).says("fd.uid", &format!("{PID}3"));
    unknown(openat(-100, b"x")).shows("fd.num", "Int(-1)");
    let mut moment = of(file("/x"));
    // After a pair of sockets the one is described, the other numbered.
    moment.applied.fd_num = Some(4);
    moment.shows("fd.num", "Int(4)");
    moment.says("fd.name", "/x");
    Moment::new(read()).shows("fd.num", "Int(-1)");
}

#[test]
fn files() {
    let detail = Detail::File {
        open_flags: 1,
        dev: 0x0123_4fd7,
        raw_name: Bytes::from("../etc/passwd"),
        upper_layer: true,
        lower_layer: false,
    };
    let moment = of(Fd { ino: 77, detail, ..file("/etc/passwd") });
    moment.says("fd.name", "/etc/passwd");
    moment.says("fd.nameraw", "../etc/passwd");
    moment.says("fd.directory", "/etc");
    moment.says("fd.filename", "passwd");
    moment.says("fd.type", "file");
    moment.says("fd.typechar", "f");
    moment.says("fd.containername", ":/etc/passwd");
    moment.says("fd.containerdirectory", ":/etc");
    moment.shows("fd.dev", &format!("Int({})", 0x0123_4fd7));
    moment.shows("fd.dev.major", &format!("Int({})", 0x34f));
    moment.shows("fd.dev.minor", &format!("Int({})", 0x12d7));
    moment.shows("fd.ino", "Int(77)");
    moment.shows("fd.is_upper_layer", "Bool(true)");
    moment.shows("fd.is_lower_layer", "Bool(false)");
    moment.shows("fd.connected", "Bool(false)");
    moment.shows("fd.is_server", "Bool(false)");
    moment.says("fd.l4proto", "<NA>");
    moment.lacks(&["fd.sockfamily", "fd.cip", "fd.sip", "fd.sport", "fd.lport", "fd.sproto", "fd.cip.name", "fd.snet"]);
    // In conditions both ends are there, and there are none.
    for name in ["fd.ip", "fd.net", "fd.port", "fd.proto"] {
        moment.compares(name, "[]");
    }
    let contained = of(file("/etc/passwd")).contained("abc");
    contained.says("fd.containername", "abc:/etc/passwd");
    contained.says("fd.containerdirectory", "abc:/etc");
}

#[test]
fn directories_of_files() {
    of(file("/passwd")).says("fd.directory", "/");
    of(file("passwd")).says("fd.directory", "/");
    of(file("passwd")).says("fd.filename", "/");
    of(file("/a/b/")).says("fd.directory", "/a/b/");
    of(file("/a/b/")).says("fd.filename", "");
    of(directory("/a/b")).says("fd.directory", "/a/b");
    of(directory("/a/b")).lacks(&["fd.filename"]);
    of(Fd::new(FdType::Pipe, Bytes::from("/run/pipe"))).lacks(&[
        "fd.directory",
        "fd.filename",
        "fd.containerdirectory",
    ]);
}

#[test]
fn types() {
    for (kind, name, letter) in [
        (FdType::File, "file", "f"),
        (FdType::Directory, "directory", "d"),
        (FdType::Ipv4, "ipv4", "4"),
        (FdType::Ipv6, "ipv6", "6"),
        (FdType::Ipv4Listening, "ipv4", "4"),
        (FdType::Ipv6Listening, "ipv6", "6"),
        (FdType::Unix, "unix", "u"),
        (FdType::Pipe, "pipe", "p"),
        (FdType::Event, "event", "e"),
        (FdType::Signalfd, "signalfd", "s"),
        (FdType::Eventpoll, "eventpoll", "l"),
        (FdType::Inotify, "inotify", "i"),
        (FdType::Timerfd, "timerfd", "t"),
        (FdType::Netlink, "netlink", "n"),
        (FdType::Bpf, "bpf", "b"),
        (FdType::Userfaultfd, "userfaultfd", "u"),
        (FdType::IoUring, "io_uring", "r"),
        (FdType::Memfd, "memfd", "m"),
        (FdType::Pidfd, "pidfd", "P"),
        (FdType::Unknown, "<NA>", "o"),
        (FdType::Unsupported, "<NA>", "X"),
    ] {
        let moment = of(Fd::new(kind, Bytes::default()));
        moment.says("fd.type", name);
        moment.says("fd.typechar", letter);
        moment.says("fd.name", "");
        moment.says("fd.nameraw", "");
    }
}

#[test]
fn types_of_all_descriptors() {
    let moment = of(file("/x")).opened(4, file("/y")).opened(5, Fd::new(FdType::Pipe, Bytes::default()));
    moment.shows("fd.types", "[Text(\"file\"), Text(\"pipe\")]");
    moment.shows("fd.types[5]", "[Text(\"pipe\")]");
    moment.lacks(&["fd.types[9]", "fd.types[18446744073709551615]"]);
}

#[test]
fn unknown_descriptors_are_read_from_the_event() {
    let moment = unknown(openat(-100, b"../x/./y"));
    moment.says("fd.name", "/home/x/y");
    moment.says("fd.nameraw", "../x/./y");
    moment.says("fd.directory", "/home/x");
    moment.says("fd.containername", ":/home/x/y");
    moment.says("fd.containerdirectory", ":/home/x");
    moment.lacks(&[
        "fd.type",
        "fd.filename",
        "fd.l4proto",
        "fd.ip",
        "fd.port",
        "fd.is_server",
        "fd.sip",
        "fd.sockfamily",
    ]);
    unknown(openat(7, b"x")).says("fd.name", "<UNKNOWN>x");
    unknown(openat(7, b"x")).opened(7, directory("/srv")).says("fd.name", "/srv/x");
    unknown(openat(7, b"//a//../b")).says("fd.name", "/b");
    let open = |name: &[u8]| EventBuilder::new(id::OPEN_X).i64(-2).text(name).u32(1).u32(0);
    unknown(open(b"x")).says("fd.name", "/home/u/x");
    unknown(open(b"x")).says("fd.nameraw", "x");
    let by_handle = EventBuilder::new(id::OPEN_BY_HANDLE_AT_X).i64(-2).i64(4).u32(1).text(b"/by/handle");
    unknown(by_handle).says("fd.name", "/by/handle");
    let connect = |tuple: &[u8]| EventBuilder::new(id::CONNECT_X).i64(-111).bytes(tuple).i64(3).absent();
    unknown(connect(b"")).says("fd.name", "NULL");
    unknown(connect(&[2, 1, 2, 3, 4, 5, 0, 6, 7, 8, 9, 80, 0])).says("fd.name", "1.2.3.4:5->6.7.8.9:80");
    unknown(read()).says("fd.name", "");
    unknown(read()).says("fd.nameraw", "");
}

#[test]
fn letters_of_unknown_descriptors() {
    const SOCKET: u16 = 19;
    for (id, letter) in [
        (id::OPENAT_X, "f"),
        (id::OPENAT2_X, "f"),
        (id::CREAT_X, "f"),
        (SOCKET, "4"),
        (id::ACCEPT_X, "4"),
        (id::ACCEPT4_X, "4"),
        (id::PIPE_X, "p"),
        (id::PIPE2_X, "p"),
        (id::EVENTFD_X, "e"),
        (id::EVENTFD2_X, "e"),
        (id::SIGNALFD_X, "s"),
        (id::SIGNALFD4_X, "s"),
        (id::TIMERFD_CREATE_X, "t"),
        (id::INOTIFY_INIT_X, "i"),
        (id::INOTIFY_INIT1_X, "i"),
        (id::OPEN_X, "o"),
        (id::READ_X, "o"),
    ] {
        unknown(EventBuilder::new(id).i64(-1)).says("fd.typechar", letter);
    }
}

#[test]
fn a_client() {
    let moment = at_address(of(socket("10.0.0.1:40000", "8.8.8.8:53", Role::Client)));
    moment.shows("fd.cip", "Ip(10.0.0.1)");
    moment.shows("fd.sip", "Ip(8.8.8.8)");
    moment.shows("fd.lip", "Ip(10.0.0.1)");
    moment.shows("fd.rip", "Ip(8.8.8.8)");
    moment.shows("fd.cport", "Uint(40000)");
    moment.shows("fd.sport", "Uint(53)");
    moment.shows("fd.lport", "Uint(40000)");
    moment.shows("fd.rport", "Uint(53)");
    moment.says("fd.cproto", "40000");
    moment.says("fd.sproto", "53");
    moment.says("fd.lproto", "40000");
    moment.says("fd.rproto", "53");
    moment.says("fd.l4proto", "tcp");
    moment.says("fd.sockfamily", "ip");
    moment.shows("fd.is_server", "Bool(false)");
    moment.compares("fd.ip", "[Ip(10.0.0.1), Ip(8.8.8.8)]");
    moment.compares("fd.net", "[Ip(10.0.0.1), Ip(8.8.8.8)]");
    moment.compares("fd.port", "[Uint(40000), Uint(53)]");
    moment.compares("fd.proto", "[Uint(40000), Uint(53)]");
    for name in ["fd.cnet", "fd.lnet"] {
        moment.compares(name, "Ip(10.0.0.1)");
        moment.prints(name, "Text(\"<IPNET>\")");
    }
    for name in ["fd.snet", "fd.rnet"] {
        moment.compares(name, "Ip(8.8.8.8)");
    }
    moment.lacks(&["fd.directory", "fd.filename"]);
}

#[test]
fn names_of_addresses_are_those_that_rules_ask_for() {
    let mut moment = at_address(of(socket("10.0.0.1:40000", "8.8.8.8:53", Role::Client)));
    for name in ["fd.cip.name", "fd.sip.name", "fd.lip.name", "fd.rip.name"] {
        moment.prints(name, "Missing");
        moment.compares(name, "Text(\"\")");
    }
    moment.settings.host_names = vec![("8.8.8.8".parse().unwrap(), "dns.example".to_owned())];
    moment.says("fd.sip.name", "dns.example");
    moment.says("fd.rip.name", "dns.example");
    of(listening("0.0.0.0:80", Role::None)).lacks(&["fd.cip.name", "fd.sip.name"]);
}

#[test]
fn a_server() {
    let moment = at_address(of(socket("8.8.8.8:40000", "10.0.0.1:53", Role::Server)));
    moment.shows("fd.lip", "Ip(10.0.0.1)");
    moment.shows("fd.rip", "Ip(8.8.8.8)");
    moment.shows("fd.lport", "Uint(53)");
    moment.shows("fd.rport", "Uint(40000)");
    moment.shows("fd.cip", "Ip(8.8.8.8)");
    moment.shows("fd.sport", "Uint(53)");
    moment.shows("fd.is_server", "Bool(true)");
}

#[test]
fn a_socket_without_role() {
    let moment = at_address(of(socket("10.0.0.1:40000", "8.8.8.8:53", Role::None)));
    moment.lacks(&["fd.cip", "fd.sip", "fd.lip", "fd.rip", "fd.cport", "fd.sport", "fd.lport", "fd.rport", "fd.snet"]);
    moment.says("fd.l4proto", "<NA>");
    moment.compares("fd.ip", "[Ip(10.0.0.1), Ip(8.8.8.8)]");
    let raw = Detail::Socket {
        source: end("1.1.1.1:0"),
        destination: end("2.2.2.2:0"),
        protocol: Protocol::Raw,
        role: Role::None,
    };
    of(Fd { detail: raw, ..Fd::new(FdType::Ipv4, Bytes::default()) }).says("fd.l4proto", "raw");
}

#[test]
fn a_listening_socket() {
    let moment = of(listening("0.0.0.0:80", Role::Server));
    moment.shows("fd.sip", "Ip(0.0.0.0)");
    moment.shows("fd.sport", "Uint(80)");
    moment.says("fd.sproto", "");
    moment.shows("fd.is_server", "Bool(true)");
    moment.says("fd.sockfamily", "ip");
    moment.says("fd.l4proto", "tcp");
    moment.compares("fd.port", "[Uint(80), Uint(80)]");
    moment.compares("fd.ip", "[Ip(0.0.0.0), Ip(0.0.0.0)]");
    moment.lacks(&["fd.cip", "fd.cport", "fd.lip", "fd.rip", "fd.lport", "fd.rport", "fd.cnet"]);
    let roleless = of(listening("0.0.0.0:80", Role::None));
    roleless.shows("fd.sport", "Uint(80)");
    roleless.lacks(&["fd.sip", "fd.snet"]);
}

#[test]
fn other_sockets() {
    let unix = of(Fd::new(FdType::Unix, Bytes::from("1->2 /run/x")));
    unix.says("fd.sockfamily", "unix");
    unix.says("fd.name", "1->2 /run/x");
    let mut moment = of(Fd { connected: true, ..socket("10.0.0.1:1", "8.8.8.8:53", Role::Client) });
    moment.shows("fd.connected", "Bool(true)");
    moment.shows("fd.name_changed", "Bool(false)");
    moment.applied.fd_name_changed = true;
    moment.shows("fd.name_changed", "Bool(true)");
}

#[test]
fn addresses_of_the_host() {
    let is_server = |moment: Moment| moment.view("fd.is_server", View::Condition);
    let to = |address: &str| of(socket("9.9.9.9:1", address, Role::Client));
    assert_eq!(is_server(at_address(to("10.0.0.1:80"))), "Bool(true)");
    assert_eq!(is_server(at_address(to("10.0.0.2:80"))), "Bool(false)");
    let v6 = || of(socket("9::9:1", "2001:db8:1:2::7:80", Role::Client));
    assert_eq!(is_server(v6().with_address("2001:db8:1:2::1")), "Bool(true)");
    assert_eq!(is_server(v6().with_address("2001:db8:1:3::1")), "Bool(false)");
    assert_eq!(is_server(v6().with_address("2001:db8:1:2::1").contained("abc")), "Bool(false)");
}

#[test]
fn addresses_of_containers() {
    let to = |address: &str| at_address(of(socket("9.9.9.9:1", address, Role::Client)).contained("abc"));
    let with = |address: &str, own: Option<&str>| {
        let mut moment = to(address);
        let container = |id: &str, ip: Option<&str>| Container {
            id: Bytes::from(id),
            ip: ip.map(|ip| ip.parse().unwrap()),
            ..Container::default()
        };
        moment.host.containers.insert(container("abc", own));
        moment.host.containers.insert(container("def", Some("172.17.0.9")));
        moment.view("fd.is_server", View::Condition)
    };
    assert_eq!(with("172.17.0.2:80", Some("172.17.0.2")), "Bool(true)");
    assert_eq!(with("172.17.0.9:80", Some("172.17.0.2")), "Bool(false)");
    // A container with another address falls through to the host's interfaces.
    assert_eq!(with("10.0.0.1:80", Some("172.17.0.2")), "Bool(true)");
    assert_eq!(with("172.17.0.9:80", None), "Bool(true)");
    assert_eq!(with("10.0.0.1:80", None), "Bool(false)");
}

fn poll(id: u16, numbers: &[i64]) -> EventBuilder {
    let mut list = (numbers.len() as u16).to_le_bytes().to_vec();
    for number in numbers {
        list.extend_from_slice(&number.to_le_bytes());
        list.extend_from_slice(&1u16.to_le_bytes());
    }
    EventBuilder::new(id).i64(1).bytes(&list).i64(-1)
}

#[test]
fn lists_of_poll() {
    let moment = |id: u16| {
        Moment::new(poll(id, &[3, 4, 5, 6, 9]))
            .opened(3, file("/x"))
            .opened(4, socket("1.1.1.1:1000", "2.2.2.2:80", Role::None))
            .opened(5, listening("0.0.0.0:8080", Role::None))
            .opened(6, Fd::new(FdType::Pipe, Bytes::default()))
    };
    for id in [id::POLL_X, id::PPOLL_X] {
        let moment = moment(id);
        moment.says("fdlist.nums", "3,4,5,6,9");
        moment.says("fdlist.names", "/x,1.1.1.1:1000->2.2.2.2:80,0.0.0.0:8080,<NA>,<NA>");
        moment.says("fdlist.cips", "1.1.1.1");
        moment.says("fdlist.sips", "2.2.2.2,0.0.0.0");
        // The client port of a listening socket falls through to its own.
        moment.says("fdlist.cports", "1000,8080");
        moment.says("fdlist.sports", "80,8080");
    }
    let v6 = Moment::new(poll(id::POLL_X, &[5])).opened(5, listening("102:304::1:80", Role::None));
    v6.says("fdlist.sips", "1.2.3.4");
    let all = ["fdlist.nums", "fdlist.names", "fdlist.cips", "fdlist.sips", "fdlist.cports", "fdlist.sports"];
    Moment::new(poll(id::POLL_X, &[])).lacks(&all);
    Moment::new(read()).lacks(&all);
    Moment::new(poll(id::POLL_X, &[3])).opened(3, file("/x")).lacks(&["fdlist.cips", "fdlist.sports"]);
}

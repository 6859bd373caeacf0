//! Sockets: one case for each row of the specification.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_events::{EventBuilder, id};
use vigie_state::FdType;
use vigie_state::fd::{Detail, Protocol, Role};

fn ip4(text: &str) -> Vec<u8> {
    let (ip, port) = text.rsplit_once(':').unwrap();
    let mut bytes = ip.parse::<std::net::Ipv4Addr>().unwrap().octets().to_vec();
    bytes.extend(port.parse::<u16>().unwrap().to_le_bytes());
    bytes
}

fn ip6(text: &str) -> Vec<u8> {
    let (ip, port) = text.rsplit_once(' ').unwrap();
    let mut bytes = ip.parse::<std::net::Ipv6Addr>().unwrap().octets().to_vec();
    bytes.extend(port.parse::<u16>().unwrap().to_le_bytes());
    bytes
}

fn tuple4(source: &str, destination: &str) -> Vec<u8> {
    [vec![2], ip4(source), ip4(destination)].concat()
}

fn tuple6(source: &str, destination: &str) -> Vec<u8> {
    [vec![10], ip6(source), ip6(destination)].concat()
}

fn unix(source: u64, destination: u64, path: &str) -> Vec<u8> {
    [&[1], &source.to_le_bytes()[..], &destination.to_le_bytes(), path.as_bytes(), b"\0"].concat()
}

fn socket(fd: i64, domain: u32, socket_type: u32, protocol: u32) -> EventBuilder {
    EventBuilder::new(id::SOCKET_X).i64(fd).u32(domain).u32(socket_type).u32(protocol).u32(0)
}

fn connect(result: i64, fd: i64, tuple: &[u8], address: &[u8]) -> EventBuilder {
    EventBuilder::new(id::CONNECT_X).i64(result).bytes(tuple).i64(fd).bytes(address)
}

fn bind(fd: i64, address: &[u8]) -> EventBuilder {
    EventBuilder::new(id::BIND_X).i64(0).bytes(address).i64(fd)
}

fn recvfrom(fd: i64, tuple: &[u8]) -> EventBuilder {
    EventBuilder::new(id::RECVFROM_X).i64(4).bytes(b"data").bytes(tuple).i64(fd).u32(4)
}

fn sendto(fd: i64, tuple: &[u8]) -> EventBuilder {
    EventBuilder::new(id::SENDTO_X).i64(4).bytes(b"data").i64(fd).u32(4).bytes(tuple)
}

/// Kind, protocol, role, connected, name.
fn of(scene: &Scene, fd: i64) -> (FdType, Protocol, Role, bool, String) {
    let entry = scene.fd(SHELL, fd).unwrap();
    let (protocol, role) = match entry.detail {
        Detail::Socket { protocol, role, .. } | Detail::Listening { protocol, role, .. } => (protocol, role),
        Detail::Unix { role, .. } => (Protocol::Unknown, role),
        _ => (Protocol::Unknown, Role::None),
    };
    (entry.kind, protocol, role, entry.connected, scene.fd_name(SHELL, fd))
}

const TCP: (u32, u32) = (1, 6);
const UDP: (u32, u32) = (2, 17);

#[test]
fn new_sockets() {
    let mut scene = Scene::new();
    for (domain, socket_type, protocol, kind, transport) in [
        (2, 1, 6, FdType::Ipv4, Protocol::Tcp),
        (2, 2, 17, FdType::Ipv4, Protocol::Udp),
        (2, 1, 0, FdType::Ipv4, Protocol::Tcp),
        (10, 2, 0, FdType::Ipv6, Protocol::Udp),
        (2, 2, 1, FdType::Ipv4, Protocol::Icmp),
        (2, 3, 6, FdType::Ipv4, Protocol::Raw),
        (2, 3, 255, FdType::Ipv4, Protocol::Raw),
        (2, 5, 132, FdType::Ipv4, Protocol::Unknown),
        (1, 1, 0, FdType::Unix, Protocol::Unknown),
        (16, 3, 0, FdType::Netlink, Protocol::Unknown),
        (17, 3, 0, FdType::Unknown, Protocol::Unknown),
    ] {
        let applied = scene.shell(socket(3, domain, socket_type, protocol));
        assert_eq!(of(&scene, 3), (kind, transport, Role::None, false, String::new()));
        assert_eq!((applied.fd_num, applied.fd), (Some(3), Some(3)));
    }
    scene.shell(socket(4, 2, 1 | 0o2_000_000, 6));
    assert!(scene.fd(SHELL, 4).unwrap().close_on_exec && !scene.fd(SHELL, 3).unwrap().close_on_exec);
    let applied = scene.shell(socket(-97, 99, 1, 0));
    assert_eq!((applied.fd_num, applied.fd), (Some(-1), None));
}

#[test]
fn pairs() {
    let mut scene = Scene::new();
    let pair = |first: i64, second: i64| {
        EventBuilder::new(id::SOCKETPAIR_X).i64(0).i64(first).i64(second).u64(0xa).u64(0xb).u32(1).u32(1).u32(0)
    };
    let applied = scene.shell(pair(3, 4));
    assert_eq!((applied.fd_num, applied.fd), (Some(4), Some(3)));
    assert_eq!(of(&scene, 3), (FdType::Unix, Protocol::Unknown, Role::None, false, String::new()));
    assert_eq!(scene.fd(SHELL, 3), scene.fd(SHELL, 4));
    scene.shell(pair(7, 7));
    assert_eq!(scene.fd(SHELL, 7), None);
}

#[test]
fn bound_sockets() {
    let mut scene = Scene::new();
    scene.shell(socket(3, 2, TCP.0, TCP.1));
    let applied = scene.shell(bind(3, &[vec![2], ip4("0.0.0.0:80")].concat()));
    assert!(applied.fd_name_changed);
    assert_eq!(of(&scene, 3), (FdType::Ipv4Listening, Protocol::Tcp, Role::Server, false, "0.0.0.0:80".into()));
    scene.shell(socket(4, 2, UDP.0, UDP.1));
    scene.shell(bind(4, &[vec![2], ip4("127.0.0.1:0")].concat()));
    assert_eq!(of(&scene, 4), (FdType::Ipv4, Protocol::Udp, Role::None, false, "127.0.0.1:0".into()));
    scene.shell(socket(5, 10, TCP.0, TCP.1));
    scene.shell(bind(5, &[vec![10], ip6("::ffff:10.0.0.5 443")].concat()));
    let (kind, _, _, _, name) = of(&scene, 5);
    assert_eq!((kind, name.as_str()), (FdType::Ipv4Listening, "::ffff:10.0.0.5:443"), "the text stays as given");
    scene.shell(socket(6, 10, TCP.0, TCP.1));
    scene.shell(bind(6, &[vec![10], ip6("fd00::1 53")].concat()));
    assert_eq!(of(&scene, 6).0, FdType::Ipv6Listening);
    scene.shell(socket(7, 1, 1, 0));
    scene.shell(bind(7, b"\x01/run/x.sock\0"));
    assert_eq!((of(&scene, 7).0, of(&scene, 7).4), (FdType::Unix, "/run/x.sock".into()));
    scene.shell(EventBuilder::new(id::BIND_X).i64(-98).bytes(b"\x01/y\0").i64(7));
    scene.shell(bind(7, b""));
    assert_eq!(of(&scene, 7).4, "/run/x.sock");
}

#[test]
fn connections() {
    let mut scene = Scene::new();
    let tuple = tuple4("10.0.0.5:40000", "1.2.3.4:443");
    for result in [0, -115] {
        scene.shell(socket(3, 2, TCP.0, TCP.1));
        let applied = scene.shell(connect(result, 3, &tuple, b""));
        assert!(applied.fd_name_changed);
        let name = "10.0.0.5:40000->1.2.3.4:443".to_owned();
        assert_eq!(of(&scene, 3), (FdType::Ipv4, Protocol::Tcp, Role::Client, true, name));
    }
    scene.shell(socket(3, 2, TCP.0, TCP.1));
    scene.shell(connect(-111, 3, &tuple, b""));
    assert_eq!(of(&scene, 3), (FdType::Ipv4, Protocol::Tcp, Role::None, false, String::new()));
    // Mapped ends are v4; others stay v6.
    scene.shell(socket(4, 10, TCP.0, TCP.1));
    scene.shell(connect(0, 4, &tuple6("::ffff:10.0.0.5 1", "::ffff:1.2.3.4 2"), b""));
    assert_eq!((of(&scene, 4).0, of(&scene, 4).4), (FdType::Ipv4, "10.0.0.5:1->1.2.3.4:2".into()));
    scene.shell(socket(4, 10, UDP.0, UDP.1));
    scene.shell(connect(0, 4, &tuple6("fd00::5 1", "2001:db8::1 2"), b""));
    assert_eq!((of(&scene, 4).0, of(&scene, 4).4), (FdType::Ipv6, "fd00::5:1->2001:db8::1:2".into()));
    // Names of other transports.
    scene.shell(socket(5, 2, 3, 1));
    scene.shell(connect(0, 5, &tuple, b""));
    assert_eq!(of(&scene, 5).4, "10.0.0.5->1.2.3.4");
    scene.shell(socket(5, 2, 5, 132));
    scene.shell(connect(0, 5, &tuple, b""));
    assert_eq!(of(&scene, 5).4, "<unknown>");
    scene.shell(socket(6, 1, 1, 0));
    scene.shell(connect(0, 6, &unix(0xabc, 0xdef, "/run/s"), b""));
    assert_eq!(of(&scene, 6), (FdType::Unix, Protocol::Unknown, Role::Client, true, "abc->def /run/s".into()));
}

#[test]
fn a_bound_datagram_socket_that_connects_stays_a_server() {
    let mut scene = Scene::new();
    scene.shell(socket(3, 2, UDP.0, UDP.1));
    scene.shell(bind(3, &[vec![2], ip4("10.0.0.5:53")].concat()));
    scene.shell(connect(0, 3, &tuple4("10.0.0.5:53", "1.2.3.4:9"), b""));
    assert_eq!(of(&scene, 3), (FdType::Ipv4, Protocol::Udp, Role::Server, true, "1.2.3.4:9->10.0.0.5:53".into()));
}

#[test]
fn connections_whose_enter_event_is_known() {
    let mut scene = Scene::new();
    let address = |text: &str| [vec![2], ip4(text)].concat();
    let enter = |fd: i64, address: &[u8]| EventBuilder::new(id::CONNECT_E).i64(fd).bytes(address);
    let tuple = tuple4("10.0.0.5:1", "1.2.3.4:443");
    // Tuple and exit agree: what was asked first counts.
    scene.shell(socket(3, 2, TCP.0, TCP.1));
    scene.shell(enter(3, &address("9.9.9.9:99")));
    scene.shell(connect(0, 3, &tuple, &address("1.2.3.4:443")));
    assert_eq!(of(&scene, 3).4, "10.0.0.5:1->9.9.9.9:99");
    // They do not: the kernel's word counts.
    scene.shell(socket(3, 2, TCP.0, TCP.1));
    scene.shell(enter(3, &address("9.9.9.9:99")));
    scene.shell(connect(0, 3, &tuple, &address("8.8.8.8:88")));
    assert_eq!(of(&scene, 3).4, "10.0.0.5:1->1.2.3.4:443");
    // No tuple: the destination is known, the name is not.
    scene.shell(socket(3, 2, TCP.0, TCP.1));
    scene.shell(enter(3, &address("9.9.9.9:99")));
    scene.shell(connect(0, 3, b"", b""));
    assert_eq!(of(&scene, 3), (FdType::Ipv4, Protocol::Tcp, Role::None, true, String::new()));
    assert!(matches!(scene.fd(SHELL, 3).unwrap().detail, Detail::Socket { destination, .. } if destination.port == 99));
    scene.shell(socket(4, 1, 1, 0));
    scene.shell(enter(4, b"\x01/run/x\0"));
    scene.shell(connect(0, 4, b"", b""));
    assert_eq!(of(&scene, 4).4, "NULL");
}

#[test]
fn accepted_connections() {
    let mut scene = Scene::new();
    let accept = |fd: i64, tuple: &[u8]| EventBuilder::new(id::ACCEPT_X).i64(fd).bytes(tuple).u8(0).u32(0).u32(0);
    let applied = scene.shell(accept(8, &tuple4("1.2.3.4:9", "10.0.0.5:80")));
    assert_eq!((applied.fd_num, applied.fd), (Some(8), Some(8)));
    assert_eq!(of(&scene, 8), (FdType::Ipv4, Protocol::Tcp, Role::Server, true, "1.2.3.4:9->10.0.0.5:80".into()));
    scene.shell(accept(9, &tuple6("::ffff:1.2.3.4 9", "::ffff:10.0.0.5 80")));
    assert_eq!((of(&scene, 9).0, of(&scene, 9).4), (FdType::Ipv4, "1.2.3.4:9->10.0.0.5:80".into()));
    let accept4 = EventBuilder::new(id::ACCEPT4_X).i64(10).bytes(&unix(1, 2, "/s")).u8(0).u32(0).u32(0).i32(0);
    scene.shell(accept4);
    assert_eq!(of(&scene, 10), (FdType::Unix, Protocol::Unknown, Role::Server, true, "1->2 /s".into()));
    let applied = scene.shell(accept(11, &[31, 0, 0]));
    assert_eq!((applied.fd_num, applied.fd, scene.fd(SHELL, 11)), (Some(11), None, None));
    let applied = scene.shell(accept(-11, b""));
    assert_eq!((applied.fd_num, applied.fd), (Some(-1), None));
}

#[test]
fn datagrams_tell_who_talks() {
    // The first to send is the client, and later answers change nothing.
    let mut scene = Scene::new();
    scene.shell(socket(3, 2, UDP.0, UDP.1));
    let applied = scene.shell(sendto(3, &tuple4("0.0.0.0:5000", "10.0.0.9:53")));
    assert!(applied.fd_name_changed);
    let name = "10.0.0.5:5000->10.0.0.9:53".to_owned();
    assert_eq!(of(&scene, 3), (FdType::Ipv4, Protocol::Udp, Role::Client, true, name.clone()));
    let applied = scene.shell(recvfrom(3, &tuple4("10.0.0.9:53", "10.0.0.5:5000")));
    assert!(!applied.fd_name_changed);
    assert_eq!(of(&scene, 3).4, name);
    // A bound socket that receives is a server, and what it sends has the client first, too.
    scene.shell(socket(4, 2, UDP.0, UDP.1));
    scene.shell(bind(4, &[vec![2], ip4("10.0.0.5:53")].concat()));
    scene.shell(recvfrom(4, &tuple4("10.0.0.7:6000", "10.0.0.5:53")));
    let name = "10.0.0.7:6000->10.0.0.5:53".to_owned();
    let (kind, protocol, role, _, known) = of(&scene, 4);
    assert_eq!((kind, protocol, role, known.as_str()), (FdType::Ipv4, Protocol::Udp, Role::Server, name.as_str()));
    let applied = scene.shell(sendto(4, &tuple4("10.0.0.5:53", "10.0.0.7:6000")));
    assert_eq!((applied.fd_name_changed, of(&scene, 4).4), (false, name));
    // A connected tcp socket learns nothing from its tuples.
    scene.shell(socket(5, 2, TCP.0, TCP.1));
    scene.shell(connect(0, 5, &tuple4("10.0.0.5:1", "1.2.3.4:443"), b""));
    scene.shell(sendto(5, &tuple4("10.0.0.5:7", "7.7.7.7:7")));
    assert_eq!(of(&scene, 5).4, "10.0.0.5:1->1.2.3.4:443");
    // Unix sockets take the tuple's text.
    scene.shell(socket(6, 1, 2, 0));
    scene.shell(sendto(6, &unix(0x10, 0x20, "/dev/log")));
    assert_eq!(of(&scene, 6).4, "10->20 /dev/log");
    // A failed call tells nothing.
    scene.shell(socket(7, 2, UDP.0, UDP.1));
    let failed = EventBuilder::new(id::SENDTO_X).i64(-11).bytes(b"").i64(7).u32(4);
    scene.shell(failed.bytes(&tuple4("10.0.0.5:5000", "10.0.0.9:53")));
    assert_eq!(of(&scene, 7), (FdType::Ipv4, Protocol::Udp, Role::None, false, String::new()));
}

#[test]
fn a_v6_socket_that_sends_to_a_port_that_nobody_here_has_is_a_client() {
    let mut scene = Scene::new();
    scene.shell(socket(3, 10, UDP.0, UDP.1));
    scene.shell(recvfrom(3, &tuple6("fd00::9 53", "fd00::5 5000")));
    assert_eq!((of(&scene, 3).2, of(&scene, 3).4), (Role::Client, "fd00::5:5000->fd00::9:53".into()));
}

#[test]
fn sending_on_an_unknown_descriptor_invents_a_socket() {
    let mut scene = Scene::new();
    let sendmsg = EventBuilder::new(id::SENDMSG_X).i64(4).bytes(b"data").i64(30).u32(4);
    let applied = scene.shell(sendmsg.bytes(&tuple4("10.0.0.5:5000", "10.0.0.9:53")));
    assert_eq!((applied.fd_num, applied.fd), (Some(30), Some(30)));
    assert_eq!(of(&scene, 30), (FdType::Ipv4, Protocol::Udp, Role::Client, true, "10.0.0.5:5000->10.0.0.9:53".into()));
    scene.shell(sendto(31, &unix(1, 2, "/x")));
    scene.shell(recvfrom(32, &tuple4("10.0.0.5:5000", "10.0.0.9:53")));
    assert!(scene.fd(SHELL, 31).is_none() && scene.fd(SHELL, 32).is_none());
}

#[test]
fn transfers_mark_a_socket_as_connected() {
    let mut scene = Scene::new();
    scene.shell(socket(3, 2, TCP.0, TCP.1));
    scene.shell(EventBuilder::new(id::WRITE_X).i64(-32).bytes(b"").i64(3).u32(1));
    assert!(!of(&scene, 3).3);
    scene.shell(EventBuilder::new(id::WRITE_X).i64(1).bytes(b"x").i64(3).u32(1));
    assert!(of(&scene, 3).3);
}

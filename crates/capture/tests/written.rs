//! What the writer makes of facts and events that no capture has, and how it lays them out.

#![allow(clippy::unwrap_used)]

mod bytes;

use vigie_capture::Writer;
use vigie_events::address::End;
use vigie_events::build::EventBuilder;
use vigie_events::facts::{Interface, ListedFd, ListedFdKind, ListedGroup, ListedThread, ListedUser, Machine};
use vigie_events::{Event, HostFacts};

use bytes::{Delivery, read};

fn write(facts: &HostFacts, events: &[Event<'_>]) -> Vec<u8> {
    let mut writer = Writer::plain(Vec::new(), facts).unwrap();
    for event in events {
        writer.event(event).unwrap();
    }
    writer.finish().unwrap()
}

fn again(facts: &HostFacts, events: &[Event<'_>]) -> Delivery {
    let delivery = read(write(facts, events));
    assert_eq!(delivery.error, None);
    delivery
}

/// The numbers of the blocks.
fn numbers(capture: &[u8]) -> Vec<u32> {
    let number = |at: usize| u32::from_le_bytes(capture[at..at + 4].try_into().unwrap());
    let (mut numbers, mut at) = (Vec::new(), 0);
    while at < capture.len() {
        numbers.push(number(at));
        assert_eq!(number(at + 4) % 4, 0);
        at += number(at + 4) as usize;
    }
    numbers
}

fn end(ip: &str, port: u16) -> End {
    End { ip: ip.parse().unwrap(), port }
}

fn fd(fd: i64, type_id: u8, what: ListedFdKind) -> ListedFd {
    ListedFd { fd, ino: 9, type_id, what }
}

fn thread() -> ListedThread {
    ListedThread {
        tid: 10,
        pid: 11,
        ptid: 12,
        sid: 13,
        vpgid: 14,
        pgid: 15,
        vtid: 16,
        vpid: 17,
        comm: b"comm".to_vec(),
        exe: b"exe".to_vec(),
        exepath: b"/exe".to_vec(),
        args: b"a\0\xff\0".to_vec(),
        cwd: b"/cwd".to_vec(),
        env: b"A=1\0".to_vec(),
        cgroups: b"cpu=/\0".to_vec(),
        root: b"/root".to_vec(),
        fdlimit: 18,
        flags: 19,
        uid: 20,
        gid: 21,
        loginuid: 22,
        vmsize_kb: 23,
        vmrss_kb: 24,
        vmswap_kb: 25,
        pfmajor: 26,
        pfminor: 27,
        pidns_init_start_ts: 28,
        tty: 29,
        exe_writable: true,
        exe_upper_layer: false,
        exe_lower_layer: true,
        exe_from_memfd: false,
        cap_inheritable: 30,
        cap_permitted: 31,
        cap_effective: u64::MAX,
        exe_ino: 33,
        exe_ctime: 34,
        exe_mtime: 35,
        start_ts: 0,
    }
}

#[test]
fn every_fact_comes_back() {
    let other = ListedThread { tid: 18, exe_upper_layer: true, exe_from_memfd: true, ..ListedThread::default() };
    let facts = HostFacts {
        machine: Machine { cpus: 1, memory_bytes: 2, max_pid: 3, hostname: b"a host".to_vec(), boot_ts: 4, flags: 5 },
        threads: vec![thread(), other],
        descriptors: vec![
            (
                10,
                vec![
                    fd(0, 0, ListedFdKind::Unknown),
                    fd(
                        1,
                        3,
                        ListedFdKind::Socket { source: end("1.2.3.4", 5), destination: end("6.7.8.9", 10), l4proto: 2 },
                    ),
                    fd(
                        2,
                        4,
                        ListedFdKind::Socket { source: end("::1", 5), destination: end("fd00::9", 10), l4proto: 3 },
                    ),
                    fd(3, 5, ListedFdKind::Listening { local: end("0.0.0.0", 80), l4proto: 2 }),
                    fd(4, 6, ListedFdKind::Listening { local: end("::", 80), l4proto: 2 }),
                    fd(5, 8, ListedFdKind::Unix { source: 1, destination: 2, path: b"/s".to_vec() }),
                    fd(6, 16, ListedFdKind::File { open_flags: 1, name: b"/f".to_vec(), dev: 7 }),
                    fd(-7, 7, ListedFdKind::Named(b"pipe:[7]".to_vec())),
                ],
            ),
            (11, Vec::new()),
        ],
        interfaces: vec![
            Interface {
                name: b"lo".to_vec(),
                address: "127.0.0.1".parse().unwrap(),
                netmask: "255.0.0.0".parse().unwrap(),
                broadcast: "127.255.255.255".parse().unwrap(),
                link_speed: Some(7),
            },
            Interface {
                name: b"eth0".to_vec(),
                address: "fd00::1".parse().unwrap(),
                netmask: "ffff::".parse().unwrap(),
                broadcast: "::".parse().unwrap(),
                link_speed: None,
            },
        ],
        users: vec![ListedUser { uid: 1, gid: 2, name: b"a".to_vec(), home: b"/a".to_vec(), shell: b"/sh".to_vec() }],
        groups: vec![ListedGroup { gid: 3, name: b"g".to_vec() }],
    };
    let delivery = again(&facts, &[]);
    assert_eq!(format!("{:?}", delivery.hosts), format!("{:?}", [facts]));
}

/// What a list cannot say as it is, it says as nearly as it can.
#[test]
fn facts_that_do_not_fit() {
    let mut facts = HostFacts::default();
    facts.machine.hostname = vec![b'h'; 200];
    facts.threads.push(ListedThread { args: vec![b'a'; 70_000], ..thread() });
    facts.descriptors.push((
        1,
        vec![
            fd(1, 4, ListedFdKind::Socket { source: end("1.2.3.4", 5), destination: end("::9", 10), l4proto: 2 }),
            fd(2, 8, ListedFdKind::Named(b"name".to_vec())),
        ],
    ));
    let host = &again(&facts, &[]).hosts[0];
    assert_eq!(host.machine.hostname, [b'h'; 127]);
    assert_eq!(host.threads[0].args.len(), 65_535);
    assert_eq!(host.threads[0].cwd, b"/cwd");
    let [socket, named] = &host.descriptors[0].1[..] else { panic!() };
    let mapped = ListedFdKind::Socket { source: end("::ffff:1.2.3.4", 5), destination: end("::9", 10), l4proto: 2 };
    assert_eq!((socket.type_id, &socket.what), (4, &mapped));
    assert_eq!((named.type_id, &named.what), (10, &ListedFdKind::Named(b"name".to_vec())));
}

#[test]
fn a_long_list_goes_on_in_another_block() {
    let thread = ListedThread { env: vec![b'e'; 60_000], ..thread() };
    let facts = HostFacts { threads: vec![thread; 600], ..HostFacts::default() };
    let capture = write(&facts, &[]);
    assert_eq!(numbers(&capture), [bytes::SECTION, 0x201, 0x215, 0x215, 0x215]);
    assert_eq!(read(capture).hosts[0].threads.len(), 600);
}

#[test]
fn blocks_of_events() {
    let close = EventBuilder::new(5).ts(1).tid(2).cpu(3).i64(0).i64(4);
    let only_state = close.clone().flags(1);
    let payload = EventBuilder::new(322).u32(7).bytes(&[b'x'; 70_000]);
    let flagged_payload = payload.clone().flags(1);
    let small_payload = EventBuilder::new(322).u32(7).bytes(b"x");
    let builders = [close, only_state, payload, flagged_payload, small_payload];
    let events: Vec<Event<'_>> = builders.iter().map(EventBuilder::event).collect();
    let capture = write(&HostFacts::default(), &events);
    assert_eq!(numbers(&capture)[2..], [0x216, 0x217, 0x221, 0x222, 0x216]);
    let delivery = read(capture);
    assert_eq!(delivery.error, None);
    assert_eq!(delivery.events.iter().map(|event| event.flags).collect::<Vec<_>>(), [0, 1, 0, 1, 0]);
    assert_eq!((delivery.events[0].cpu, delivery.events[0].params.len()), (3, 2));
    assert_eq!(delivery.events[3].params[1].len(), 70_000);
}

#[test]
fn a_parameter_too_long_for_its_type_is_refused_and_nothing_is_written() {
    let mut writer = Writer::plain(Vec::new(), &HostFacts::default()).unwrap();
    let (read_call, close) =
        (EventBuilder::new(7).i64(0).bytes(&[0; 65_536]).i64(3).u32(1), EventBuilder::new(5).i64(0).i64(3));
    let before = writer.written();
    assert!(writer.event(&read_call.event()).is_err());
    assert_eq!(writer.written(), before);
    writer.event(&close.event()).unwrap();
    let delivery = read(writer.finish().unwrap());
    assert_eq!((delivery.error, delivery.events.len()), (None, 1));
}

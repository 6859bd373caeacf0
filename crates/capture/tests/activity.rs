//! The recorded activity: a real capture of the current writer.

#![allow(clippy::unwrap_used)]

mod bytes;

use std::collections::HashSet;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use vigie_capture::{Reader, Writer};
use vigie_events::{Delivered, Source};

use bytes::{Delivery, read, read_all};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/captures").join(name)
}

fn recorded() -> Delivery {
    read_all(Reader::open(&path("activity_small.scap")).unwrap())
}

#[test]
fn every_event_of_a_real_capture_is_delivered() {
    let delivery = recorded();
    assert_eq!(delivery.error, None);
    // The recording's description counts the 58,911 events that belong to a thread; blocks counted there are 58,993.
    let of_no_thread = delivery.events.iter().filter(|event| event.tid == -1).count();
    assert_eq!((delivery.events.len() - of_no_thread, of_no_thread, delivery.skipped), (58_911, 82, 0));
}

/// What a hexadecimal view of its first blocks shows.
#[test]
fn facts_of_a_real_capture() {
    let delivery = recorded();
    assert_eq!((delivery.hosts.len(), delivery.host_at[0]), (1, 0));
    let facts = &delivery.hosts[0];
    assert_eq!(
        (facts.machine.cpus, facts.machine.memory_bytes, &facts.machine.hostname[..]),
        (2, 0x5_e299_0000, &b"vm"[..])
    );
    assert_eq!(facts.machine.boot_ts, 0x18ea_2491_5080_3000);
    let names: Vec<_> = facts.interfaces.iter().map(|interface| interface.name.as_slice()).collect();
    assert_eq!(names, [&b"lo"[..], b"eth0", b"lo", b"eth0", b"eth0"]);
    assert_eq!(facts.interfaces[1].address.to_string(), "192.0.2.2");
    assert_eq!(facts.interfaces[1].broadcast.to_string(), "192.0.2.255");
    assert_eq!(facts.interfaces[3].address.to_string(), "fd00::2");
    let root = &facts.users[0];
    assert_eq!((root.uid, root.gid, &root.home[..], &root.shell[..]), (0, 0, &b"/root"[..], &b"/bin/bash"[..]));
    let [init] = &facts.threads[..] else { panic!("{} threads", facts.threads.len()) };
    assert_eq!((init.tid, init.pid, init.ptid, init.vtid, init.uid), (1, 1, 0, 1, 0));
    assert_eq!(
        (&init.comm[..], &init.exe[..], &init.cwd[..], &init.root[..]),
        (&b"init"[..], &b"/sbin/init"[..], &b"/"[..], &b"/"[..])
    );
    assert!(init.cgroups.starts_with(b"name=systemd=/\0pids=/\0") && init.cgroups.ends_with(b"hugetlb=/\0"));
    assert_eq!((init.loginuid, init.fdlimit, init.flags, init.vmsize_kb), (u32::MAX, 0x8000, 0xa0000, 0xd398));
    assert_eq!(facts.descriptors, [(1, Vec::new())]);
    let user = &delivery.events[0];
    assert_eq!((user.id, user.tid, user.params[2].as_slice()), (354, -1, &b"mosquitto\0"[..]));
}

/// The peer's alerts name the times of events; each is here, and is of the type that the peer says.
#[test]
fn events_that_the_peer_reported_are_there() {
    let delivery = recorded();
    let seen: HashSet<(u64, &str)> = delivery
        .events
        .iter()
        .map(|event| (event.ts, vigie_events::schema::event_type(event.id).unwrap().name))
        .collect();
    let alerts = std::fs::read_to_string(path("activity_small.falco_stable.jsonl")).unwrap();
    for alert in alerts.lines() {
        let time: u64 = field(alert, "\"evt.time\": ").parse().unwrap();
        let name = field(alert, "\"evt.type\": \"");
        assert!(seen.contains(&(time, name)), "{time} {name}");
    }
    assert_eq!(alerts.lines().count(), 47);
}

fn field<'a>(alert: &'a str, key: &str) -> &'a str {
    let value = &alert[alert.find(key).unwrap() + key.len()..];
    &value[..value.find([',', '"', '}']).unwrap()]
}

#[test]
fn what_is_written_is_read_again() {
    for compressed in [false, true] {
        let mut reader = Reader::open(&path("activity_small.scap")).unwrap();
        let mut writer = None;
        loop {
            match reader.next().unwrap() {
                Delivered::Host(facts) if compressed => writer = Some(Writer::gzip(Vec::new(), &facts).unwrap()),
                Delivered::Host(facts) => writer = Some(Writer::plain(Vec::new(), &facts).unwrap()),
                Delivered::Event(event) => writer.as_mut().unwrap().event(&event).unwrap(),
                Delivered::Idle => {}
                Delivered::End => break,
            }
        }
        let writer = writer.unwrap();
        let written = writer.written();
        let again = writer.finish().unwrap();
        let mut original = Vec::new();
        GzDecoder::new(std::fs::File::open(path("activity_small.scap")).unwrap()).read_to_end(&mut original).unwrap();
        if compressed {
            assert!(again.len() < original.len() / 4);
        } else {
            assert_eq!(again.len() as u64, written);
            // All events, byte for byte as the peer wrote them.
            assert_eq!(again[again.len() - 5_200_000..], original[original.len() - 5_200_000..]);
        }
        let (first, second) = (recorded(), read(again));
        assert_eq!(second.error, None);
        assert_eq!(format!("{:?}", first.hosts), format!("{:?}", second.hosts));
        assert!(first.events == second.events);
    }
}

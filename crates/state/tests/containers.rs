//! Containers of threads, and events that describe containers.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_events::{EventBuilder, id};
use vigie_state::container::Runtime;
use vigie_state::{Host, network};

const DOCKER: &[u8] =
    b"cpuset=/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\0cpu=/x.slice\0";

fn id_of(scene: &Scene, tid: i64) -> String {
    String::from_utf8_lossy(&scene.thread(tid).container_id).into_owned()
}

#[test]
fn the_container_is_looked_up_for_the_events_own_thread() {
    let mut scene = Scene::new();
    scene.apply(Clone { cgroups: DOCKER, ..caller(SHELL, 300) }.event());
    assert_eq!((id_of(&scene, 300), id_of(&scene, SHELL)), ("".into(), "".into()), "the caller's own cgroups count");
    scene.apply(Clone { cgroups: DOCKER, ..child(300, SHELL) }.event());
    assert_eq!(id_of(&scene, 300), "0123456789ab", "its own event finds it");
    scene.apply(Clone { cgroups: DOCKER, ..child(310, SHELL) }.event());
    assert_eq!(id_of(&scene, 310), "0123456789ab");
    scene.apply(Exec { cgroups: DOCKER, ..exec(DAEMON) }.event());
    assert_eq!(id_of(&scene, DAEMON), "0123456789ab");
    scene.apply(exec(DAEMON).event());
    assert_eq!(id_of(&scene, DAEMON), "");
}

#[test]
fn chroot_looks_again_and_listed_threads_are_looked_up() {
    let mut facts = facts();
    facts.threads[3].cgroups = DOCKER.to_vec();
    let mut scene = Scene { host: Host::default(), now: START };
    scene.host.begin(facts);
    assert_eq!(id_of(&scene, DAEMON), "0123456789ab");
    scene.host.threads.by_tid_mut(SHELL).unwrap().cgroups = DOCKER.into();
    scene.shell(EventBuilder::new(id::CHROOT_X).i64(0).text(b"/x"));
    assert_eq!(id_of(&scene, SHELL), "0123456789ab");
}

#[test]
fn engines_without_a_description_make_one() {
    let mut scene = Scene::new();
    scene.apply(Exec { cgroups: b"cpu=/lxc.payload.my__box\0", ..exec(DAEMON) }.event());
    let made = scene.host.containers.get(b"my__box").unwrap();
    assert_eq!((made.runtime, made.runtime.name(), made.name.len()), (Runtime(1), "lxc", 0));
}

const JSON: &[u8] = br#"{"container": {"id": "0123456789ab", "full_id": "0123456789abcdef", "type": 0, "name": "web",
    "image": "nginx:1", "imageid": "aa", "imagerepo": "nginx", "imagetag": "1", "imagedigest": "sha256:bb",
    "User": "www", "ip": "172.17.0.2", "cni_json": "{}", "privileged": true, "host_pid": true, "host_network": false,
    "is_pod_sandbox": false, "pod_sandbox_id": "cc", "pod_sandbox_labels": null, "env": [], "port_mappings": [],
    "labels": {"z": "1", "a": ""}, "created_time": 1700000000, "memory_limit": 0,
    "Mounts": [{"Source": "/s", "Destination": "/d", "Mode": "ro", "RW": false, "Propagation": "rprivate"}]}}"#;

#[test]
fn events_describe_containers() {
    let mut scene = Scene::new();
    let event = |name: &[u8], json: &[u8]| EventBuilder::new(id::ASYNCEVENT_E).tid(0).u32(0).text(name).text(json);
    let applied = scene.apply(event(b"container", JSON));
    assert_eq!(applied.thread, None);
    assert_eq!(applied.container_id.as_deref(), Some(&b"0123456789ab"[..]));
    let known = scene.host.containers.get(b"0123456789ab").unwrap();
    assert_eq!(
        (known.runtime.name(), &known.full_id[..], &known.name[..]),
        ("docker", &b"0123456789abcdef"[..], &b"web"[..])
    );
    assert_eq!(
        (&known.image_repository[..], &known.image_tag[..], &known.user[..]),
        (&b"nginx"[..], &b"1"[..], &b"www"[..])
    );
    assert_eq!((known.ip, known.created_ts), (Some("172.17.0.2".parse().unwrap()), 1_700_000_000_000_000_000));
    assert!(known.privileged && known.host_pid && !known.host_network && !known.host_ipc);
    let labels: Vec<(&[u8], &[u8])> = known.labels.iter().map(|(key, value)| (&key[..], &value[..])).collect();
    assert_eq!(labels, [(&b"a"[..], &b""[..]), (b"z", b"1")]);
    assert_eq!(
        (&known.mounts[0].source[..], &known.mounts[0].mode[..], known.mounts[0].writable),
        (&b"/s"[..], &b"ro"[..], false)
    );
    // Gone only after the event that says so.
    let applied = scene.apply(event(b"container_removed", JSON));
    assert!(applied.container_id.is_some() && scene.host.containers.get(b"0123456789ab").is_some());
    scene.next();
    assert!(scene.host.containers.get(b"0123456789ab").is_none());
    // The older event has a thread.
    let applied = scene.apply(EventBuilder::new(id::CONTAINER_JSON_2_E).tid(SHELL).text(JSON));
    assert!(applied.thread.is_some() && scene.host.containers.get(b"0123456789ab").is_some());
}

#[test]
fn what_is_no_description_is_left_out() {
    let mut scene = Scene::new();
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let huge = format!("{{\"container\": {{\"id\": \"a\", \"name\": \"{}\"}}}}", "x".repeat(2 << 20));
    for json in [
        "",
        "{",
        "[]",
        "{}",
        "{\"container\": 5}",
        "{\"container\": {\"id\": 5}}",
        deep.as_str(),
        huge.as_str(),
        "\u{0}",
    ] {
        let event = EventBuilder::new(id::ASYNCEVENT_E).tid(0).u32(0).text(b"container").text(json.as_bytes());
        assert_eq!(scene.apply(event).container_id, None);
    }
    let nulls = br#"{"container": {"id": "a", "type": null, "labels": null, "Mounts": null, "ip": "0.0.0.0"}}"#;
    scene.apply(EventBuilder::new(id::CONTAINER_JSON_2_E).text(nulls));
    let known = scene.host.containers.get(b"a").unwrap();
    assert_eq!((known.runtime, known.ip, known.labels.len()), (Runtime::UNKNOWN, None, 0));
    scene.apply(EventBuilder::new(id::ASYNCEVENT_E).tid(0).u32(0).text(b"something").text(JSON));
    assert_eq!(scene.host.containers.len(), 1);
}

#[test]
fn addresses_that_are_local() {
    let mut scene = Scene::new();
    let local = |scene: &Scene, container: &str, ip: &str| {
        network::is_local(&scene.host, container.as_bytes(), ip.parse().unwrap())
    };
    assert!(local(&scene, "", "10.0.0.5") && !local(&scene, "", "10.0.0.6"));
    assert!(local(&scene, "", "fd00::77") && !local(&scene, "", "fd01::5"), "the same upper half");
    scene.apply(EventBuilder::new(id::CONTAINER_JSON_2_E).text(JSON));
    scene.apply(EventBuilder::new(id::CONTAINER_JSON_2_E).text(br#"{"container": {"id": "bare"}}"#));
    assert!(local(&scene, "0123456789ab", "172.17.0.2") && !local(&scene, "0123456789ab", "172.17.0.3"));
    assert!(local(&scene, "0123456789ab", "10.0.0.5"), "its address is another one: the host's count, too");
    assert!(local(&scene, "bare", "172.17.0.2") && !local(&scene, "bare", "10.0.0.5"));
    assert!(!local(&scene, "0123456789ab", "fd00::5"));
}

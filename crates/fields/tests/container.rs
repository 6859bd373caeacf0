//! Fields of containers and pods, one case per rule of what the peer does.

mod scene;

use scene::{NOW, Scene, Shown, process};
use vigie_state::container::{Container, Mount, Runtime};
use vigie_state::{Bytes, Thread};

/// Those that never have a value.
const GIVEN_UP: &[&str] = &[
    "container.healthcheck",
    "container.liveness_probe",
    "container.readiness_probe",
    "proc.is_container_healthcheck",
    "proc.is_container_liveness_probe",
    "proc.is_container_readiness_probe",
    "k8s.rc.name",
    "k8s.svc.id",
    "k8s.rs.label[a]",
    "k8s.deployment.labels",
    "k8s.ns.id",
    "k8s.ns.label[a]",
    "k8s.ns.labels",
];

/// Those of text that have one for every container that is known.
const TEXTS: [&str; 9] = [
    "container.image",
    "container.image.id",
    "container.image.repository",
    "container.image.tag",
    "container.image.digest",
    "container.ip",
    "container.cni.json",
    "container.mounts",
    "container.labels",
];

const FLAGS: [&str; 4] = ["container.privileged", "container.host_pid", "container.host_network", "container.host_ipc"];

const OF_ONE: &[&str] = &["container.label[a]", "k8s.pod.label[a]", "container.mount[0]", "container.mount.source[/]"];

const OF_PODS: &[&str] =
    &["k8s.ns.name", "k8s.pod.name", "k8s.pod.uid", "k8s.pod.id", "k8s.pod.ip", "k8s.pod.cni.json"];

fn labels(pairs: &[(&str, &str)]) -> Vec<(Bytes, Bytes)> {
    pairs.iter().map(|(key, value)| (Bytes::from(*key), Bytes::from(*value))).collect()
}

fn container() -> Container {
    Container {
        id: Bytes::from("a4c123b1612d"),
        full_id: Bytes::from("a4c123b1612d9999"),
        runtime: Runtime(7),
        name: Bytes::from("web"),
        ..Container::default()
    }
}

#[test]
fn the_host_is_a_container_of_little() {
    let scene = Scene::of(5, [Thread { pidns_init_start_ts: NOW - 7, ..process(5, 0, "x") }]);
    for name in ["container.id", "container.full_id", "container.name", "container.type"] {
        scene.shows(name, "host");
    }
    for name in TEXTS {
        scene.shows(name, "");
    }
    for name in FLAGS {
        scene.shows(name, Shown::Bool(false));
    }
    scene.shows("k8s.pod.sandbox_id", "");
    scene.shows("k8s.pod.full_sandbox_id", "");
    scene.lacks(&["container.start_ts", "container.duration"]);
    scene.lacks(OF_ONE);
    scene.lacks(OF_PODS);
    scene.lacks(GIVEN_UP);
    Scene::of(5, [Thread::placeholder(5)]).shows("container.id", "host");
}

#[test]
fn a_container_without_metadata_has_an_id() {
    let thread = Thread { container_id: Bytes::from("a4c123b1612d"), ..process(5, 0, "x") };
    let scene = Scene::of(5, [Thread { pidns_init_start_ts: NOW - 7, ..thread.clone() }]);
    scene.shows("container.id", "a4c123b1612d");
    scene.lacks(&["container.full_id", "container.name", "container.type", "k8s.pod.sandbox_id", "k8s.pod.labels"]);
    scene.lacks(&TEXTS);
    scene.lacks(&FLAGS);
    scene.lacks(OF_ONE);
    scene.lacks(OF_PODS);
    scene.lacks(GIVEN_UP);
    scene.lacks(&["container.start_ts", "container.duration"]);
    let mut known = scene;
    known.host.containers.insert(container());
    known.shows("container.start_ts", Shown::Uint(NOW - 7));
    known.shows("container.duration", Shown::Uint(7));
    let mut unsaid = Scene::of(5, [thread]);
    unsaid.host.containers.insert(container());
    unsaid.lacks(&["container.start_ts", "container.duration"]);
}

#[test]
fn without_a_thread_nothing_is_known() {
    Scene::of(5, []).lacks(&["container.id", "container.name", "container.privileged", "k8s.pod.name"]);
}

#[test]
fn a_known_container() {
    let scene = Scene::in_container(container());
    scene.shows("container.id", "a4c123b1612d");
    scene.shows("container.full_id", "a4c123b1612d9999");
    scene.shows("container.name", "web");
    scene.shows("container.type", "containerd");
    for name in TEXTS {
        scene.shows(name, "");
    }
    for name in FLAGS {
        scene.shows(name, Shown::Bool(false));
    }
    scene.lacks(OF_ONE);
    scene.lacks(OF_PODS);
    scene.lacks(GIVEN_UP);
    let scene = Scene::in_container(Container {
        image: Bytes::from("reg.io/web:1"),
        image_id: Bytes::from("0123"),
        image_repository: Bytes::from("reg.io/web"),
        image_tag: Bytes::from("1"),
        image_digest: Bytes::from("sha256:ff"),
        ip: "fd00::7".parse().ok(),
        cni_json: Bytes::from("{}"),
        privileged: true,
        host_pid: true,
        host_network: true,
        host_ipc: true,
        ..container()
    });
    for (name, value) in
        TEXTS.into_iter().zip(["reg.io/web:1", "0123", "reg.io/web", "1", "sha256:ff", "fd00::7", "{}"])
    {
        scene.shows(name, value);
    }
    for name in FLAGS {
        scene.shows(name, Shown::Bool(true));
    }
}

#[test]
fn runtimes() {
    for (number, name) in [(0, "docker"), (1, "lxc"), (2, "libvirt-lxc"), (6, "cri"), (8, "cri-o"), (9, "bpm")] {
        Scene::in_container(Container { runtime: Runtime(number), ..container() }).shows("container.type", name);
    }
    for runtime in [Runtime(10), Runtime(5), Runtime::UNKNOWN] {
        Scene::in_container(Container { runtime, ..container() }).shows("container.type", "");
    }
}

fn mount(source: &str, destination: &str, mode: &str, writable: bool, propagation: &str) -> Mount {
    let [source, destination, mode, propagation] = [source, destination, mode, propagation].map(Bytes::from);
    Mount { source, destination, mode, writable, propagation }
}

#[test]
fn mounts() {
    let mounts = vec![
        mount("/var/run/docker.sock", "/sock", "ro", false, "rprivate"),
        mount("/data/é1", "/srv/data", "", true, "rslave"),
    ];
    let scene = Scene::in_container(Container { mounts, ..container() });
    let (first, second) = ("/var/run/docker.sock:/sock:ro:false:rprivate", "/data/é1:/srv/data::true:rslave");
    scene.shows("container.mounts", format!("{first},{second}").as_str());
    scene.shows("container.mount[0]", first);
    scene.shows("container.mount[1]", second);
    scene.shows("container.mount[data]", second);
    scene.shows("container.mount[d.*k]", first);
    scene.shows("container.mount[/]", first);
    scene.shows("container.mount[é\\d$]", second);
    scene.shows("container.mount.source[1]", "/data/é1");
    scene.shows("container.mount.source[^/srv]", "/data/é1");
    scene.shows("container.mount.dest[^/data]", "/srv/data");
    scene.shows("container.mount.mode[0]", "ro");
    scene.shows("container.mount.mode[1]", "");
    scene.shows("container.mount.rdwr[0]", "false");
    scene.shows("container.mount.rdwr[data]", "true");
    scene.shows("container.mount.propagation[docker]", "rprivate");
    scene.lacks(&[
        "container.mount[2]",
        "container.mount[/srv]",
        "container.mount.source[^/data]",
        "container.mount.dest[nowhere]",
        "container.mount.mode[(]",
    ]);
}

#[test]
fn many_patterns_are_not_kept() {
    let mounts = vec![mount("/data/199", "/", "", true, "")];
    let scene = Scene::in_container(Container { mounts, ..container() });
    for number in 0..200 {
        let expected = if number == 199 { Shown::from("/") } else { Shown::Missing };
        scene.compared(&format!("container.mount.dest[/{number}$]"), expected);
    }
}

#[test]
fn container_labels() {
    let labels = labels(&[
        ("annotation.x", "1"),
        ("app", "web"),
        ("empty", ""),
        ("io.kubernetes.pod.name", "p"),
        ("team", "a:b"),
    ]);
    let scene = Scene::in_container(Container { labels, ..container() });
    scene.shows("container.labels", "app:web, empty, team:a:b");
    scene.shows("container.label[app]", "web");
    scene.shows("container.label[empty]", "");
    scene.shows("container.label[io.kubernetes.pod.name]", "p");
    scene.lacks(&["container.label[none]"]);
}

#[test]
fn a_pod_is_known_by_labels() {
    let labels = labels(&[
        ("io.kubernetes.pod.name", "web-1"),
        ("io.kubernetes.pod.namespace", "shop"),
        ("io.kubernetes.pod.uid", "11-22"),
    ]);
    let sandbox = Bytes::from("0123456789abcdef");
    let scene = Scene::in_container(Container { labels, pod_sandbox_id: sandbox, ..container() });
    scene.shows("k8s.pod.name", "web-1");
    scene.shows("k8s.ns.name", "shop");
    scene.shows("k8s.pod.uid", "11-22");
    scene.shows("k8s.pod.id", "11-22");
    scene.shows("k8s.pod.sandbox_id", "0123456789ab");
    scene.shows("k8s.pod.full_sandbox_id", "0123456789abcdef");
    let short = Scene::in_container(Container { pod_sandbox_id: Bytes::from("0123"), ..container() });
    short.shows("k8s.pod.sandbox_id", "0123");
}

#[test]
fn the_sandbox_knows_the_network_and_labels_of_a_pod() {
    let sandbox = Container {
        id: Bytes::from("0123456789ab"),
        ip: "10.0.0.9".parse().ok(),
        cni_json: Bytes::from("{\"s\":1}"),
        labels: labels(&[("io.kubernetes.x", "y"), ("tier", "sandbox")]),
        ..Container::default()
    };
    let inner = Container {
        pod_sandbox_id: Bytes::from("0123456789abcdef"),
        pod_sandbox_labels: labels(&[("tier", "own"), ("zone", "z")]),
        ..container()
    };
    let mut scene = Scene::in_container(inner.clone());
    scene.shows("k8s.pod.labels", "tier:own, zone:z");
    scene.shows("k8s.pod.label[tier]", "own");
    scene.lacks(&["k8s.pod.ip", "k8s.pod.cni.json", "k8s.pod.label[none]"]);
    scene.host.containers.insert(sandbox.clone());
    scene.shows("k8s.pod.labels", "tier:sandbox");
    scene.shows("k8s.pod.label[tier]", "sandbox");
    scene.shows("k8s.pod.label[zone]", "z");
    scene.shows("k8s.pod.ip", "10.0.0.9");
    scene.shows("k8s.pod.cni.json", "{\"s\":1}");
    let mut scene =
        Scene::in_container(Container { cni_json: Bytes::from("{}"), ip: "10.0.0.3".parse().ok(), ..inner });
    scene.host.containers.insert(sandbox);
    scene.shows("k8s.pod.ip", "10.0.0.3");
    scene.shows("k8s.pod.cni.json", "{}");
    scene.shows("k8s.pod.labels", "tier:own, zone:z");
    scene.shows("k8s.pod.label[tier]", "own");
}

#[test]
fn container_events_are_about_their_container() {
    let mut scene = Scene::of(0, []);
    scene.host.containers.insert(container());
    scene.applied.container_id = Some(Bytes::from("a4c123b1612d"));
    scene.shows("container.id", "a4c123b1612d");
    scene.shows("container.name", "web");
    scene.lacks(&["proc.name", "container.start_ts", "container.duration"]);
    let thread = Thread { pidns_init_start_ts: 5, container_id: Bytes::from("other"), ..process(5, 0, "x") };
    let mut scene = Scene::of(5, [thread]);
    scene.host.containers.insert(container());
    scene.applied.container_id = Some(Bytes::from("a4c123b1612d"));
    scene.shows("container.id", "a4c123b1612d");
    scene.shows("container.name", "web");
    scene.lacks(&["container.start_ts", "container.duration"]);
    scene.applied.container_id = Some(Bytes::from("removed"));
    scene.shows("container.id", "removed");
    scene.lacks(&["container.name"]);
}

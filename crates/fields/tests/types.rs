//! Every field of this half of the table answers with a value of the type that the table says.

mod scene;

use scene::{NOW, Scene, Shown, fds, process, with_args, with_env};
use vigie_fields::{EventSource, table};
use vigie_filter::View;
use vigie_state::container::{Container, Mount};
use vigie_state::{Bytes, FdType, Thread};

/// A thread and a container of which everything is known.
fn full() -> Scene {
    let text = || Bytes::from("a");
    let labels = ["a", "io.kubernetes.pod.name", "io.kubernetes.pod.namespace", "io.kubernetes.pod.uid"];
    let labels: Vec<(Bytes, Bytes)> = labels.iter().map(|label| (Bytes::from(*label), text())).collect();
    let mount = Mount { source: text(), destination: text(), mode: text(), writable: true, propagation: text() };
    let container = Container {
        id: text(),
        cni_json: text(),
        labels: labels.clone(),
        pod_sandbox_labels: labels,
        mounts: vec![mount],
        ..Container::default()
    };
    let fds = fds([(0, FdType::File, "a"), (1, FdType::File, "a"), (2, FdType::File, "a")]);
    let known = |thread| {
        let thread = with_env(with_args(thread, "a\0"), "a=1\0");
        Thread {
            container_id: text(),
            cgroups: Bytes::from("a=/x\0"),
            fds: fds.clone(),
            exe_ino: 1,
            exe_ctime: 1,
            exe_mtime: 1,
            exe_ctime_since_clone: 1,
            exe_ctime_since_pidns: 1,
            pidns_init_start_ts: 1,
            clone_ts: NOW - 1,
            ..thread
        }
    };
    let mut scene = Scene::of(5, [known(process(4, 0, "sh")), known(process(5, 4, "sh"))]);
    scene.host.containers.insert(container);
    scene
}

#[test]
fn values_are_of_their_fields_types() {
    let scene = full();
    let mut seen = 0;
    for row in
        table::rows().iter().filter(|row| matches!(row.class, "process" | "user" | "group" | "container" | "k8s"))
    {
        assert_eq!(scene.source, EventSource::Syscall);
        let name = match row.argument {
            "dotname" => format!("{}.a", row.name),
            "key" | "index|key" => format!("{}[a]", row.name),
            _ => row.name.to_owned(),
        };
        let value = scene.view(&name, View::Text);
        if row.has("deprecated") {
            assert_eq!(value, Shown::Missing, "{name}");
            continue;
        }
        let fits = match row.type_name {
            "string" => matches!(value, Shown::Text(_)),
            "bool" => matches!(value, Shown::Bool(_)),
            "double" => matches!(value, Shown::Double(_)),
            "int64" => matches!(value, Shown::Int(_)),
            "uint32" | "uint64" | "reltime" | "abstime" => matches!(value, Shown::Uint(_)),
            other => panic!("{other}"),
        };
        assert!(fits, "{name} of type {} is {value:?}", row.type_name);
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn what_every_rule_reads_is_borrowed() {
    let scene = full();
    for name in [
        "proc.name",
        "proc.exe",
        "proc.exepath",
        "proc.cmdline",
        "proc.pname",
        "proc.pcmdline",
        "proc.aname[1]",
        "proc.args[0]",
        "proc.env[a]",
        "proc.cwd",
        "proc.sname",
        "user.name",
        "user.loginname",
        "group.name",
        "container.id",
        "container.name",
        "container.image.repository",
        "k8s.pod.name",
        "k8s.ns.name",
    ] {
        scene.borrows(name);
    }
}

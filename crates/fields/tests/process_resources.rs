//! What processes hold and may do, one case per rule of what the peer does.

mod scene;

use scene::{Scene, Shown, fds, process};
use vigie_state::{Bytes, FdType, Thread};

#[test]
fn capabilities() {
    let thread = Thread { cap_permitted: 1 << 40 | 0b11, cap_effective: 1 << 21 | 1 << 63, ..process(5, 0, "x") };
    let scene = Scene::of(5, [thread]);
    scene.shows("thread.cap_permitted", "CAP_CHOWN CAP_DAC_OVERRIDE CAP_CHECKPOINT_RESTORE");
    scene.shows("thread.cap_effective", "CAP_SYS_ADMIN");
    scene.shows("thread.cap_inheritable", "");
}

#[test]
fn cgroups() {
    let cgroups = Bytes::from("cpuset=/a\0io=/b\0mem_cgroup=/c\0perf=/d\0cpu_cgroup=/e\0nonsense\0");
    let scene = Scene::of(5, [Thread { cgroups, ..process(5, 0, "x") }]);
    scene.shows("thread.cgroups", "cpuset=/a blkio=/b memory=/c perf_event=/d cpu=/e");
    scene.shows("thread.cgroup.cpuset", "/a");
    scene.shows("thread.cgroup.memory", "/c");
    scene.shows("thread.cgroup.perf_event", "/d");
    scene.shows("thread.cgroup.cpu", "/e");
    scene.lacks(&["thread.cgroup.io", "thread.cgroup.pids"]);
    Scene::of(5, [process(5, 0, "x")]).lacks(&["thread.cgroups", "thread.cgroup.cpu"]);
}

#[test]
fn descriptors() {
    let fds = fds([(0, FdType::Ipv4, "1.2.3.4:5->6.7.8.9:10"), (1, FdType::Unsupported, ""), (7, FdType::File, "/x")]);
    let main = Thread { fds, fdlimit: 8, ..process(5, 0, "x") };
    let secondary = Thread { pid: 5, ..process(6, 0, "x") };
    let scene = Scene::of(6, [main.clone(), secondary]);
    scene.shows("proc.fdopencount", Shown::Uint(3));
    scene.shows("proc.fdlimit", Shown::Int(8));
    scene.shows("proc.fdusage", Shown::Double(37.5));
    scene.shows("proc.stdin.type", "ipv4");
    scene.shows("proc.stdin.name", "1.2.3.4:5->6.7.8.9:10");
    scene.shows("proc.stdout.type", "<NA>");
    scene.shows("proc.stdout.name", "");
    scene.lacks(&["proc.stderr.type", "proc.stderr.name"]);
    let usage = |fdlimit| Scene::of(5, [Thread { fdlimit, ..main.clone() }]);
    usage(2).shows("proc.fdusage", Shown::Double(100.0));
    usage(-1).shows("proc.fdusage", Shown::Double(0.0));
    usage(0).shows("proc.fdusage", Shown::Double(0.0));
}

#[test]
fn memory() {
    let numbers = |thread| Thread { vmsize_kb: u32::MAX, vmrss_kb: 2, vmswap_kb: 3, pfmajor: 4, pfminor: 5, ..thread };
    let scene = Scene::of(5, [numbers(process(5, 0, "x"))]);
    for (name, value) in [
        ("proc.vmsize", u64::from(u32::MAX)),
        ("proc.vmrss", 2),
        ("proc.vmswap", 3),
        ("thread.pfmajor", 4),
        ("thread.pfminor", 5),
        ("thread.vmsize", u64::from(u32::MAX)),
        ("thread.vmrss", 2),
        ("thread.vmsize.b", u64::from(u32::MAX) * 1024),
        ("thread.vmrss.b", 2048),
    ] {
        scene.shows(name, Shown::Uint(value));
    }
    let scene = Scene::of(6, [process(5, 0, "x"), numbers(Thread { pid: 5, ..process(6, 0, "x") })]);
    scene.shows("proc.vmrss", Shown::Uint(2));
    for name in ["thread.vmsize", "thread.vmrss", "thread.vmsize.b", "thread.vmrss.b"] {
        scene.shows(name, Shown::Uint(0));
    }
}

#[test]
fn living_threads() {
    let of = |leader_dead: bool| {
        let thread = |tid, dead| Thread { pid: 5, dead, ..process(tid, 1, "x") };
        Scene::of(6, [thread(5, leader_dead), thread(6, false), thread(7, true), thread(8, false), process(9, 5, "y")])
    };
    of(false).shows("proc.nthreads", Shown::Uint(3));
    of(false).shows("proc.nchilds", Shown::Uint(2));
    of(true).shows("proc.nthreads", Shown::Uint(2));
    of(true).shows("proc.nchilds", Shown::Uint(2));
}

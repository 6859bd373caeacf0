//! Fields of processes and threads, one case per rule of what the peer does.

mod scene;

use scene::{NOW, Scene, Shown, fds, process, with_args, with_env};
use vigie_filter::View;
use vigie_state::{Bytes, FdType, Thread};

/// init, sshd, bash and cat, whose event it is.
fn family() -> [Thread; 4] {
    [
        process(1, 0, "init"),
        process(10, 1, "sshd"),
        process(20, 10, "bash"),
        with_args(process(30, 20, "cat"), "-n\0a b\0"),
    ]
}

#[test]
fn the_thread_itself() {
    let secondary = Thread { pid: 30, comm: Bytes::from("worker"), tty: 34817, ..process(31, 20, "worker") };
    let secondary = Thread { exe: Bytes::from("./cat"), ..secondary };
    let scene = Scene::of(31, family().into_iter().chain([secondary]));
    scene.shows("proc.name", "worker");
    scene.shows("proc.exe", "./cat");
    scene.shows("proc.exepath", "/bin/worker");
    scene.shows("proc.pid", Shown::Int(30));
    scene.shows("proc.tty", Shown::Uint(34817));
    scene.shows("thread.tid", Shown::Int(31));
    scene.shows("thread.ismain", Shown::Bool(false));
    scene.shows("thread.nametid", "worker31");
    scene.shows("proc.aname[0]", "cat");
    Scene::of(30, family()).shows("thread.ismain", Shown::Bool(true));
}

#[test]
fn arguments() {
    let scene = Scene::of(30, family());
    scene.shows("proc.args", "-n a b");
    scene.shows("proc.args[0]", "-n");
    scene.shows("proc.args[1]", "a b");
    scene.shows("proc.args[2]", "");
    scene.shows("proc.args[18446744073709551615]", "");
    scene.shows("proc.cmdline", "cat -n a b");
    scene.shows("proc.exeline", "cat -n a b");
    scene.shows("proc.cmdnargs", Shown::Uint(2));
    scene.shows("proc.cmdlenargs", Shown::Uint(5));
    let without = Scene::of(20, family());
    without.shows("proc.args", "");
    without.shows("proc.cmdline", "bash");
    without.shows("proc.exeline", "bash ");
    without.shows("proc.cmdnargs", Shown::Uint(0));
    without.shows("proc.cmdlenargs", Shown::Uint(0));
}

#[test]
fn the_parent() {
    let scene = Scene::of(30, family());
    scene.shows("proc.pname", "bash");
    scene.shows("proc.pexe", "bash");
    scene.shows("proc.pexepath", "/bin/bash");
    scene.shows("proc.pcmdline", "bash");
    scene.shows("proc.ppid", Shown::Int(20));
    let without = ["proc.pname", "proc.pexe", "proc.pexepath", "proc.pcmdline", "proc.ppid", "proc.pvpid"];
    Scene::of(1, family()).lacks(&without);
}

#[test]
fn a_parent_thread_stands_for_its_process() {
    let forker = Thread { pid: 20, vpid: 2, ..process(21, 10, "forker") };
    let scene = Scene::of(30, [process(20, 10, "bash"), forker, process(30, 21, "cat")]);
    scene.shows("proc.pname", "bash");
    scene.shows("proc.ppid", Shown::Int(20));
    scene.shows("proc.pvpid", Shown::Int(2));
    let orphaned = Scene::of(30, [Thread { pid: 20, ..process(21, 10, "forker") }, process(30, 21, "cat")]);
    orphaned.lacks(&["proc.pname", "proc.aname[1]"]);
}

#[test]
fn ancestors_by_number() {
    let scene = Scene::of(30, family());
    for (name, value) in [("proc.aname[0]", "cat"), ("proc.aname[1]", "bash"), ("proc.aname[3]", "init")] {
        scene.shows(name, value);
    }
    scene.lacks(&["proc.aname[4]", "proc.aname[18446744073709551615]", "proc.apid[4]", "proc.aargs[4]"]);
    scene.shows("proc.aexe[2]", "sshd");
    scene.shows("proc.aexepath[2]", "/bin/sshd");
    scene.shows("proc.acmdline[0]", "cat -n a b");
    scene.shows("proc.aargs[0]", "-n a b");
    scene.shows("proc.aargs[1]", "");
    scene.shows("proc.apid[0]", Shown::Int(30));
    scene.shows("proc.apid[2]", Shown::Int(10));
}

#[test]
fn all_ancestors() {
    let scene = Scene::of(30, family());
    scene.compared("proc.aname", ["bash", "sshd", "init"]);
    scene.printed("proc.aname", "bash sshd init");
    scene.compared("proc.aexe", ["bash", "sshd", "init"]);
    scene.compared("proc.aexepath", ["/bin/bash", "/bin/sshd", "/bin/init"]);
    scene.printed("proc.aexepath", "/bin/bash /bin/sshd /bin/init");
    scene.compared("proc.acmdline", ["bash", "sshd", "init"]);
    scene.compared("proc.apid", Shown::List(vec![Shown::Int(20), Shown::Int(10), Shown::Int(1)]));
    scene.printed("proc.apid", Shown::Int(30));
    let [init, sshd, bash, cat] = family();
    let scene = Scene::of(30, [init, with_args(sshd, "-D\0-e\0"), with_args(bash, "-l\0"), cat]);
    scene.shows("proc.aargs", "-l -D -e ");
    Scene::of(1, family()).lacks(&["proc.aname", "proc.aexe", "proc.aexepath", "proc.acmdline", "proc.aargs"]);
}

#[test]
fn a_circle_of_ancestors_ends() {
    let scene = Scene::of(3, [process(1, 3, "a"), process(2, 1, "b"), process(3, 2, "c")]);
    scene.compared("proc.aname", ["b", "a"]);
    let outside = Scene::of(4, [process(1, 2, "a"), process(2, 1, "b"), process(4, 2, "c")]);
    outside.shows("proc.aname[1]", "b");
    outside.lacks(&["proc.aname[1000000]"]);
    let Shown::List(names) = outside.view("proc.aname", View::Condition) else { panic!("no list") };
    assert!((2..8).contains(&names.len()), "{names:?}");
}

#[test]
fn long_lines_of_ancestors_are_bounded() {
    let argument = format!("{}\0", "x".repeat(60_000));
    let long = |pid| with_env(with_args(process(pid, pid - 1, "x"), &argument), &argument);
    let scene = Scene::of(500, (1..=500).map(long));
    let size = |value| match value {
        Shown::Text(text) => text.len(),
        Shown::List(texts) => 60_000 * texts.len(),
        other => panic!("{other:?}"),
    };
    for (name, view) in [("proc.aargs", View::Condition), ("proc.aargs", View::Text), ("proc.aenv", View::Condition)] {
        assert!((1_000_000..1_200_000).contains(&size(scene.view(name, view))), "{name}");
    }
}

#[test]
fn environment() {
    let [init, sshd, bash, cat] = family();
    let init = with_env(init, "LEVEL=0\0ONLY=init\0");
    let bash = with_env(bash, "LEVEL=\0HOME= /root \0");
    let cat = with_env(cat, "A=1\0AB= x y \0=odd\0EMPTY=\0");
    let secondary = Thread { pid: 30, ..process(31, 20, "worker") };
    let scene = Scene::of(31, [init, sshd, bash, cat, secondary]);
    scene.shows("proc.env", "A=1 AB= x y  =odd EMPTY=");
    scene.shows("proc.env[A]", "1");
    scene.shows("proc.env[AB]", "x y");
    scene.shows("proc.env[EMPTY]", "");
    scene.shows("proc.env[B]", "");
    scene.shows("proc.aenv[HOME]", "/root");
    scene.shows("proc.aenv[LEVEL]", "0");
    scene.shows("proc.aenv[A]", "");
    scene.printed("proc.aenv", "A=1 AB= x y  =odd EMPTY=");
    scene.printed("proc.aenv[0]", "A=1 AB= x y  =odd EMPTY=");
    scene.printed("proc.aenv[1]", "LEVEL= HOME= /root ");
    scene.printed("proc.aenv[2]", "");
    scene.printed("proc.aenv[4]", Shown::Missing);
    for name in ["proc.aenv", "proc.aenv[0]", "proc.aenv[9]"] {
        scene.compared(name, ["LEVEL= HOME= /root ", "", "LEVEL=0 ONLY=init"]);
    }
}

#[test]
fn a_variable_is_looked_for_in_twenty_parents() {
    let line = |depth: i64| {
        let top = with_env(process(100, 0, "top"), "X=1\0");
        let below = (1..=depth).map(|step| process(100 + step, 99 + step, "below"));
        Scene::of(100 + depth, std::iter::once(top).chain(below))
    };
    line(20).shows("proc.aenv[X]", "1");
    line(21).shows("proc.aenv[X]", "");
}

#[test]
fn working_directory() {
    let [init, sshd, bash, cat] = family();
    let cat = Thread { cwd: Bytes::from("/srv/"), ..cat };
    let secondary = Thread { pid: 30, cwd: Bytes::default(), ..process(31, 20, "worker") };
    Scene::of(31, [init, sshd, bash, cat, secondary.clone()]).shows("proc.cwd", "/srv/");
    Scene::of(31, [secondary]).shows("proc.cwd", "./");
}

#[test]
fn numbers_of_namespaces() {
    let contained = Thread { vtid: 2, vpid: 1, sid: 1, vpgid: 1, pgid: 40, ..process(40, 20, "app") };
    let scene = Scene::of(40, family().into_iter().chain([contained]));
    scene.shows("proc.vpid", Shown::Int(1));
    scene.shows("thread.vtid", Shown::Int(2));
    scene.shows("proc.pvpid", Shown::Int(20));
    scene.shows("proc.sid", Shown::Int(1));
    scene.shows("proc.vpgid", Shown::Int(1));
    scene.shows("proc.pgid", Shown::Int(40));
    scene.shows("proc.is_sid_leader", Shown::Bool(true));
    scene.shows("proc.is_vpgid_leader", Shown::Bool(true));
    scene.shows("proc.is_pgid_leader", Shown::Bool(true));
    let other = Thread { vtid: -1, vpid: -1, sid: 5, vpgid: 6, pgid: 7, ..process(40, 20, "app") };
    let scene = Scene::of(40, [other]);
    scene.lacks(&["proc.vpid", "thread.vtid"]);
    for name in ["proc.is_sid_leader", "proc.is_vpgid_leader", "proc.is_pgid_leader"] {
        scene.shows(name, Shown::Bool(false));
    }
}

#[test]
fn leaders_are_looked_up_by_number_on_the_host() {
    let [init, sshd, bash, cat] = family();
    let cat = Thread { sid: 10, vpgid: 20, pgid: 1, ..cat };
    let scene = Scene::of(30, [init, sshd, bash, cat]);
    for (name, value) in [
        ("proc.sname", "sshd"),
        ("proc.sid.exe", "sshd"),
        ("proc.sid.exepath", "/bin/sshd"),
        ("proc.vpgid.name", "bash"),
        ("proc.vpgid.exe", "bash"),
        ("proc.vpgid.exepath", "/bin/bash"),
        ("proc.pgid.name", "init"),
        ("proc.pgid.exe", "init"),
        ("proc.pgid.exepath", "/bin/init"),
    ] {
        scene.shows(name, value);
    }
}

#[test]
fn leaders_in_namespaces_are_the_farthest_ancestors_of_the_number() {
    let in_session = |thread: Thread, sid| Thread { sid, vpgid: sid, pgid: sid, ..thread };
    let [init, sshd, bash, cat] = family();
    let cat = Thread { vtid: 3, vpid: 3, ..in_session(cat, 1) };
    let scene = Scene::of(30, [in_session(init, 1), in_session(sshd, 1), in_session(bash, 1), cat.clone()]);
    scene.shows("proc.sname", "init");
    let [init, sshd, bash, _] = family();
    let scene = Scene::of(30, [in_session(init, 1), in_session(sshd, 9), in_session(bash, 1), cat.clone()]);
    scene.shows("proc.sname", "bash");
    scene.shows("proc.vpgid.exepath", "/bin/bash");
    // Groups of the host have the host's numbers.
    scene.shows("proc.pgid.name", "init");
    let [init, sshd, bash, _] = family();
    let scene = Scene::of(30, [in_session(init, 1), sshd, bash, cat]);
    for name in ["proc.sname", "proc.sid.exe", "proc.sid.exepath", "proc.vpgid.name"] {
        scene.shows(name, "");
    }
}

#[test]
fn leaders_that_ended_are_replaced_by_ancestors_of_the_number() {
    let [_, sshd, bash, cat] = family();
    let of = |thread: Thread| Thread { sid: 999, pgid: 999, ..thread };
    let scene = Scene::of(30, [of(sshd), of(bash), of(cat)]);
    scene.shows("proc.sname", "sshd");
    scene.shows("proc.pgid.name", "sshd");
    Scene::of(30, family()).shows("proc.sname", "");
}

#[test]
fn login_shell() {
    let scene = Scene::of(30, family());
    scene.shows("proc.loginshellid", Shown::Int(20));
    let shells = [process(1, 0, "zsh"), process(2, 1, "cat"), process(3, 2, "sh")];
    Scene::of(3, shells.clone()).shows("proc.loginshellid", Shown::Int(1));
    Scene::of(1, shells).shows("proc.loginshellid", Shown::Int(1));
    Scene::of(10, family()).lacks(&["proc.loginshellid"]);
}

#[test]
fn durations() {
    let [init, sshd, bash, cat] = family();
    let bash = Thread { clone_ts: NOW - 500, fds: fds([(0, FdType::File, "/a")]), ..bash };
    let cat = Thread { clone_ts: NOW - 200, fds: fds([(0, FdType::File, "/a"), (1, FdType::File, "/b")]), ..cat };
    let scene = Scene::of(30, [init, sshd, bash.clone(), cat]);
    scene.shows("proc.duration", Shown::Uint(200));
    scene.shows("proc.ppid.duration", Shown::Uint(500));
    scene.shows("proc.pid.ts", Shown::Uint(NOW - 200));
    scene.shows("proc.ppid.ts", Shown::Uint(NOW - 500));
    // A parent whose beginning nobody saw: the peer answers with the number of the process's descriptors.
    let scene = Scene::of(20, [process(10, 1, "sshd"), bash]);
    scene.shows("proc.ppid.duration", Shown::Uint(1));
    scene.shows("proc.ppid.ts", Shown::Uint(0));
    Scene::of(10, family()).lacks(&["proc.duration", "proc.pid.ts"]);
    Scene::of(1, family()).lacks(&["proc.ppid.duration", "proc.ppid.ts"]);
}

#[test]
fn executable() {
    let [_, _, _, cat] = family();
    let scene = Scene::of(30, [cat.clone()]);
    let flags =
        ["proc.is_exe_writable", "proc.is_exe_upper_layer", "proc.is_exe_lower_layer", "proc.is_exe_from_memfd"];
    for name in flags {
        scene.shows(name, Shown::Bool(false));
    }
    let numbers = [
        "proc.exe_ino",
        "proc.exe_ino.ctime",
        "proc.exe_ino.mtime",
        "proc.exe_ino.ctime_duration_proc_start",
        "proc.exe_ino.ctime_duration_pidns_start",
        "proc.pidns_init_start_ts",
    ];
    scene.lacks(&numbers);
    let cat = Thread {
        exe_writable: true,
        exe_upper_layer: true,
        exe_lower_layer: true,
        exe_from_memfd: true,
        exe_ino: 1,
        exe_ctime: 2,
        exe_mtime: 3,
        exe_ctime_since_clone: 4,
        exe_ctime_since_pidns: 5,
        pidns_init_start_ts: 6,
        ..cat
    };
    let scene = Scene::of(30, [cat]);
    for name in flags {
        scene.shows(name, Shown::Bool(true));
    }
    scene.shows("proc.exe_ino", Shown::Int(1));
    for (name, value) in numbers.into_iter().zip(1..).skip(1) {
        scene.shows(name, Shown::Uint(value));
    }
}

#[test]
fn a_placeholder_has_values() {
    let scene = Scene::of(77, [Thread::placeholder(77)]);
    scene.shows("proc.name", "<NA>");
    scene.shows("proc.exe", "<NA>");
    scene.shows("proc.cmdline", "<NA>");
    scene.shows("proc.pid", Shown::Int(-1));
    scene.shows("proc.cwd", "./");
    scene.shows("proc.env", "");
    scene.shows("proc.nthreads", Shown::Uint(0));
    scene.lacks(&["proc.ppid", "proc.pname", "proc.aname", "proc.aname[1]", "proc.vpid", "proc.duration"]);
}

#[test]
fn without_a_thread_only_its_number_is_known() {
    let scene = Scene::of(77, []);
    scene.shows("thread.tid", Shown::Int(77));
    scene.lacks(&["proc.name", "proc.pid", "proc.cwd", "proc.env[A]", "proc.aname", "proc.sname", "thread.cgroups"]);
}

#[test]
fn a_pid_that_is_none_is_missing() {
    let of = |pid| Scene::of(5, [Thread { tid: 5, ..process(pid, 0, "x") }]);
    of(i64::from(u32::MAX)).shows("proc.pid", Shown::Int(i64::from(u32::MAX)));
    of(i64::from(u32::MAX) + 1).lacks(&["proc.pid"]);
    of(-2).lacks(&["proc.pid"]);
}

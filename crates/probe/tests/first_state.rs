//! What the iterators tell of processes is what /proc tells of them at the same moment, field by field. Allowed to
//! differ are, and are compared as far as can be:
//! - times of start: /proc has them in hundredths of a second;
//! - resident memory: /proc adds up what each processor has counted and not yet told;
//! - `exe_upper_layer`, `exe_lower_layer` and the layer of an open file: /proc does not know them;
//! - the addresses of unix sockets, which /proc hides, and the path of a socket that has none but whose peer has;
//! - netlink sockets that are not bound, which /proc does not list;
//! - names of kernel threads, which /proc makes longer.

#![allow(clippy::unwrap_used)]

mod opened;

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use opened::Opened;
use vigie_events::facts::{ListedFd, ListedFdKind, ListedThread};
use vigie_probe::{Listed, StartError, Way, iterate, processes};
use vigie_procfs::ProcFs;

const TICK_NS: u64 = 10_000_000;
/// Each processor keeps some pages to itself before it tells.
const UNTOLD_KB: u32 = 4096;
const LAYERS: u32 = 3 << 15;

/// One test at a time: programs that are started inherit what another test opens.
static ALONE: Mutex<()> = Mutex::new(());

fn own_pid() -> i64 {
    std::process::id().into()
}

fn boot_ts() -> u64 {
    ProcFs::new("").host_facts_with(|_| Default::default()).machine.boot_ts
}

/// `None` where the test cannot be done.
fn listed() -> Option<Listed> {
    match iterate(boot_ts()) {
        Ok(listed) => Some(listed),
        Err(error @ (StartError::NoBtf | StartError::NotAllowed(_) | StartError::TooOld(_))) => {
            eprintln!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program that sleeps in the end, known by its last argument.
fn run(program: &str, arguments: &[&str]) -> Running {
    Running(Command::new(program).args(arguments).stdin(Stdio::null()).spawn().unwrap())
}

fn wait_for<T>(mut ready: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(started.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the process sleeps in its last program.
fn settled(pid: i64, comm: &str) {
    wait_for(|| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        (stat.contains(&format!("({comm}) S")) && std::fs::read(format!("/proc/{pid}/wchan")).is_ok()).then_some(())
    });
    std::thread::sleep(Duration::from_millis(30));
}

fn child_of(pid: i64) -> i64 {
    wait_for(|| {
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    })
}

fn assert_same(of_kernel: &ListedThread, of_proc: &ListedThread) {
    let ticks = |ts: u64| ts.saturating_sub(boot_ts() - TICK_NS / 2) / TICK_NS;
    assert!(ticks(of_kernel.start_ts).abs_diff(ticks(of_proc.start_ts)) <= 1, "{of_kernel:?} {of_proc:?}");
    let (ours, theirs) = (of_kernel.pidns_init_start_ts, of_proc.pidns_init_start_ts);
    assert!(ticks(ours).abs_diff(ticks(theirs)) <= 1, "{of_kernel:?} {of_proc:?}");
    assert!(of_kernel.vmrss_kb.abs_diff(of_proc.vmrss_kb) <= UNTOLD_KB, "{of_kernel:?} {of_proc:?}");
    let comparable = |thread: &ListedThread| ListedThread {
        start_ts: 0,
        pidns_init_start_ts: 0,
        vmrss_kb: 0,
        exe_upper_layer: false,
        exe_lower_layer: false,
        ..thread.clone()
    };
    let (ours, theirs) = (comparable(of_kernel), comparable(of_proc));
    assert_eq!(shown(&ours), shown(&theirs));
    assert_eq!(ours, theirs);
}

/// With texts that can be read, the environment left out.
fn shown(thread: &ListedThread) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let rest = ListedThread {
        comm: Vec::new(),
        exe: Vec::new(),
        exepath: Vec::new(),
        args: Vec::new(),
        cwd: Vec::new(),
        env: Vec::new(),
        cgroups: Vec::new(),
        root: Vec::new(),
        ..thread.clone()
    };
    let texts = [&thread.comm, &thread.exe, &thread.exepath, &thread.args, &thread.cwd, &thread.cgroups, &thread.root];
    format!("{:?} {rest:?}", texts.map(|bytes| text(bytes)))
}

fn comparable(listed: &ListedFd) -> ListedFd {
    let mut listed = listed.clone();
    match &mut listed.what {
        ListedFdKind::Unix { source, destination, .. } => (*source, *destination) = (0, 0),
        ListedFdKind::File { open_flags, .. } => *open_flags &= !LAYERS,
        _ => {}
    }
    listed
}

fn thread(threads: &[ListedThread], tid: i64) -> &ListedThread {
    threads.iter().find(|thread| thread.tid == tid).unwrap_or_else(|| panic!("no thread {tid}"))
}

fn fds(descriptors: &[(i64, Vec<ListedFd>)], pid: i64) -> &[ListedFd] {
    descriptors.iter().find(|(of, _)| *of == pid).map_or(&[], |(_, fds)| fds)
}

/// Threads and descriptors of processes that sleep.
fn compare(pids: &[i64]) -> Option<Listed> {
    let of_kernel = listed()?;
    let (threads, descriptors) = ProcFs::new("").processes_of(pids.to_vec(), boot_ts());
    assert!(threads.len() >= pids.len());
    for of_proc in &threads {
        assert_same(thread(&of_kernel.threads, of_proc.tid), of_proc);
    }
    for &pid in pids {
        let [ours, theirs] =
            [&of_kernel.descriptors, &descriptors].map(|all| fds(all, pid).iter().map(comparable).collect::<Vec<_>>());
        assert_eq!(ours, theirs);
        assert!(!ours.is_empty());
        assert!(!of_kernel.unread.contains(&pid) && !of_kernel.incomplete.contains(&pid));
    }
    Some(of_kernel)
}

#[test]
fn descriptors_of_all_kinds() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let opened = Opened::new();
    let Some(of_kernel) = listed() else { return };
    let (_, of_proc) = ProcFs::new("").processes_of(vec![own_pid()], boot_ts());
    for fd in opened.numbers() {
        let find = |all: &[(i64, Vec<ListedFd>)]| {
            let found = fds(all, own_pid()).iter().find(|listed| listed.fd == i64::from(fd)).cloned();
            found.unwrap_or_else(|| panic!("no descriptor {fd}"))
        };
        let (ours, theirs) = (find(&of_kernel.descriptors), find(&of_proc));
        match (&ours.what, &theirs.what) {
            // The client of a socket with a path.
            (ListedFdKind::Unix { path, .. }, ListedFdKind::Unix { path: hidden, .. }) if path != hidden => {
                assert_eq!((&path[..], &hidden[..]), (opened.unix_path().as_bytes(), &b""[..]));
                assert_eq!(fd, opened.unix_client.as_raw_fd());
            }
            _ => assert_eq!(comparable(&ours), comparable(&theirs)),
        }
    }
    // The two ends of a connection name each other.
    let ends = |fd: i32| match fds(&of_kernel.descriptors, own_pid()).iter().find(|listed| listed.fd == fd.into()) {
        Some(ListedFd { what: ListedFdKind::Unix { source, destination, .. }, .. }) => (*source, *destination),
        other => panic!("{other:?}"),
    };
    let (one, other) = (ends(opened.pair.0.as_raw_fd()), ends(opened.pair.1.as_raw_fd()));
    assert!(one.0 != 0 && one == (other.1, other.0));
}

#[test]
fn threads_and_processes() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Opened::folder("processes");
    let gone = folder.join("gone");
    std::fs::create_dir_all(&gone).unwrap();
    let copy = folder.join("copy of sleep");
    std::fs::copy("/bin/sleep", &copy).unwrap();
    let deep = (0..70).fold(folder.join("deep"), |path, _| path.join("d"));
    std::fs::create_dir_all(&deep).unwrap();
    let long = "x".repeat(6000);
    let mut running = vec![
        run("sleep", &["101"]),
        Running(Command::new("sleep").arg("102").current_dir(&gone).spawn().unwrap()),
        Running(Command::new(&copy).arg("103").env_clear().spawn().unwrap()),
        // Arguments and environment longer than what is taken.
        Running(Command::new("sleep").env("LONG", &long).args(vec!["0.00001"; 1000]).arg("104").spawn().unwrap()),
        // A limit of its own, another name, and a session.
        run("sh", &["-c", "ulimit -Sn 77; exec setsid sleep 105"]),
    ];
    std::fs::remove_dir(&gone).unwrap();
    std::fs::remove_file(&copy).unwrap();
    let python = |code: &str| run("python3", &["-c", code, "and", "more"]);
    // Several threads, one of which has a name; and one more that wrote over its arguments.
    let threads = python(
        "import ctypes,os,threading,time\n\
         def one(): ctypes.CDLL(None).prctl(15, b'a worker', 0, 0, 0); time.sleep(300)\n\
         for f in (one, one): threading.Thread(target=f).start()\n\
         os.setgroups([5, 6]); time.sleep(300)",
    );
    let title = python(
        "import ctypes,time\n\
         s = open('/proc/self/stat').read().rsplit(')', 1)[1].split(); a, e = int(s[45]), int(s[46])\n\
         ctypes.memset(a, ord('t'), e - a + 3); time.sleep(300)",
    );
    let nowhere = python(
        "import os; f = os.memfd_create('a program'); os.write(f, open('/bin/sleep', 'rb').read()); os.dup2(f, 99)\n\
         os.execv('/proc/self/fd/99', ['sleep', '109'])",
    );
    let own = run("unshare", &["--pid", "--fork", "--kill-child", "sleep", "106"]);
    let chroot = run("chroot", &["/", "sleep", "107"]);
    let inside = child_of(own.0.id().into());
    for (child, comm) in running.iter().zip(["sleep", "sleep", "copy of sleep", "sleep", "sleep"]) {
        settled(child.0.id().into(), comm);
    }
    settled(chroot.0.id().into(), "sleep");
    settled(threads.0.id().into(), "python3");
    settled(title.0.id().into(), "python3");
    std::thread::sleep(Duration::from_millis(500));
    settled(inside, "sleep");
    settled(nowhere.0.id().into(), "99");
    running.extend([threads, title, own, chroot, nowhere]);
    let mut pids: Vec<i64> = running.iter().map(|child| child.0.id().into()).collect();
    pids.push(inside);
    let Some(of_kernel) = compare(&pids) else { return };
    let of = |index: usize| thread(&of_kernel.threads, pids[index]);
    assert!(of(1).cwd.ends_with(b"/gone (deleted)"));
    assert!(of(2).exepath.ends_with(b"/copy of sleep (deleted)"));
    assert_eq!(of(3).env.len(), 4096);
    assert_eq!(of(4).fdlimit, 77);
    assert_eq!(of_kernel.threads.iter().filter(|thread| thread.pid == pids[5]).count(), 3);
    assert!(of(6).exe.starts_with(b"ttttt") && of(6).args.is_empty());
    assert_eq!(of(9).exepath, b"/memfd:a program (deleted)");
    assert!(of(9).exe_from_memfd);
    assert_eq!((of(10).vpid, of(10).vtid), (1, 1));

    // What is too deep for the programs is known, and read from /proc.
    let deep = Running(Command::new("sleep").arg("108").current_dir(&deep).spawn().unwrap());
    let pid = i64::from(deep.0.id());
    settled(pid, "sleep");
    assert!(listed().unwrap().incomplete.contains(&pid));
    let ((threads, _), way) = processes(&ProcFs::new(""), boot_ts(), true);
    assert!(matches!(way, Way::Iterators { completed: 1.. }));
    assert!(thread(&threads, pid).cwd.ends_with(b"/d/d/d/d"));
    assert_eq!(threads.iter().filter(|thread| thread.tid == pid).count(), 1);
    drop(deep);
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn kernel_threads_and_the_way_asked_for() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(of_kernel) = listed() else { return };
    let (of_proc, _) = ProcFs::new("").processes_of(vec![2], boot_ts());
    if of_proc.first().is_some_and(|thread| thread.comm == b"kthreadd") {
        assert_same(thread(&of_kernel.threads, 2), &of_proc[0]);
    }
    let ((threads, _), way) = processes(&ProcFs::new(""), boot_ts(), false);
    assert_eq!(way, Way::Proc(None));
    assert!(threads.iter().any(|thread| thread.tid == own_pid()));
}

#[test]
fn a_great_many_descriptors_end_somewhere() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let code = "import os,resource,time\n\
                resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))\n\
                f = os.open('/dev/null', 0)\n\
                for n in range(10000): os.dup(f)\n\
                time.sleep(300)";
    let many = run("python3", &["-c", code]);
    let pid = i64::from(many.0.id());
    wait_for(|| File::open(format!("/proc/{pid}/fd/9999")).ok());
    settled(pid, "python3");
    let Some(of_kernel) = compare(&[pid]) else { return };
    assert_eq!(fds(&of_kernel.descriptors, pid).len(), 4096);
}

#[test]
fn memory_that_others_would_have_to_fetch_is_not_read() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs/hanging.py");
    let hanging: Vec<Running> = ["userfault", "file"].iter().map(|how| run("python3", &[program, how])).collect();
    let pids: Vec<i64> = hanging.iter().map(|child| child.0.id().into()).collect();
    for &pid in &pids {
        settled(pid, "ready");
    }
    let started = Instant::now();
    let Some(of_kernel) = listed() else { return };
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    let ((threads, _), way) = processes(&ProcFs::new(""), boot_ts(), true);
    // /proc does not read such memory either.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(matches!(way, Way::Iterators { .. }), "{way:?}");
    for pid in pids {
        assert!(of_kernel.unread.contains(&pid));
        let thread = thread(&threads, pid);
        assert_eq!((&thread.comm[..], &thread.exe[..]), (&b"ready"[..], &b""[..]));
        assert_eq!(threads.iter().filter(|thread| thread.tid == pid).count(), 1);
    }
}

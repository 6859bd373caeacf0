//! What is told of the process that runs the test, beside what it knows of itself.

#![allow(clippy::unwrap_used)]

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::event::EventfdFlags;
use rustix::fs::MemfdFlags;
use rustix::process::{Pid, PidfdFlags};
use vigie_events::address::End;
use vigie_events::facts::{ListedFd, ListedFdKind, ListedThread};
use vigie_events::{HostFacts, Lookup as _};
use vigie_procfs::{Looker, ProcFs};

fn pid() -> i64 {
    std::process::id().into()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// On a busy machine an answer may come too late to be taken.
fn patiently<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn descriptor(facts: &HostFacts, fd: i32) -> ListedFd {
    let (_, own) = facts.descriptors.iter().find(|(tid, _)| *tid == pid()).unwrap();
    own.iter().find(|listed| listed.fd == i64::from(fd)).unwrap().clone()
}

fn end(address: std::net::SocketAddr) -> End {
    End { ip: address.ip(), port: address.port() }
}

struct Open {
    file: File,
    folder: File,
    pipe: (OwnedFd, OwnedFd),
    memfd: OwnedFd,
    eventfd: OwnedFd,
    pidfd: OwnedFd,
    listener: TcpListener,
    client: TcpStream,
    six: TcpListener,
    udp: UdpSocket,
    connected_udp: UdpSocket,
    unix: UnixListener,
    abstract_unix: UnixListener,
    pair: (UnixStream, UnixStream),
    path: std::path::PathBuf,
}

fn open(name: &str) -> Open {
    let path = std::env::temp_dir().join(format!("vigie-procfs-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    let mut file = OpenOptions::new().create(true).append(true).open(path.join("a file")).unwrap();
    file.write_all(b"x").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let connected_udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    connected_udp.connect("127.0.0.1:9").unwrap();
    let abstract_name = SocketAddr::from_abstract_name(format!("vigie-{name}-{}", std::process::id())).unwrap();
    Open {
        file,
        folder: File::open(&path).unwrap(),
        pipe: rustix::pipe::pipe().unwrap(),
        memfd: rustix::fs::memfd_create("a memfd", MemfdFlags::CLOEXEC).unwrap(),
        eventfd: rustix::event::eventfd(0, EventfdFlags::CLOEXEC).unwrap(),
        pidfd: rustix::process::pidfd_open(Pid::INIT, PidfdFlags::empty()).unwrap(),
        client: TcpStream::connect(listener.local_addr().unwrap()).unwrap(),
        listener,
        six: TcpListener::bind("[::1]:0").unwrap(),
        udp: UdpSocket::bind("0.0.0.0:0").unwrap(),
        connected_udp,
        unix: UnixListener::bind(path.join("socket")).unwrap(),
        abstract_unix: UnixListener::bind_addr(&abstract_name).unwrap(),
        pair: UnixStream::pair().unwrap(),
        path,
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Compares what `listed` says with what was opened. Kernel addresses of unix sockets are only in the tables.
fn compare(open: &Open, listed: impl Fn(i32) -> ListedFd) {
    let path = |name: &str| open.path.join(name).to_str().unwrap().as_bytes().to_vec();
    let file = listed(open.file.as_raw_fd());
    let metadata = open.file.metadata().unwrap();
    assert_eq!((file.type_id, file.ino), (16, metadata.ino()));
    let ListedFdKind::File { open_flags, name, dev } = file.what else { panic!("{file:?}") };
    // O_WRONLY, O_APPEND, O_CLOEXEC; O_CREAT is not kept, O_LARGEFILE set by the kernel.
    assert_eq!((open_flags & !2048, name), (2 | 8 | 4096, path("a file")));
    let (major, minor) = (rustix::fs::major(metadata.dev()), rustix::fs::minor(metadata.dev()));
    assert_eq!((dev >> 8 & 0xfff, dev & 0xff | dev >> 12 & 0xf_ff00), (major, minor));

    let folder = listed(open.folder.as_raw_fd());
    assert_eq!((folder.type_id, folder.what), (2, ListedFdKind::Named(open.path.to_str().unwrap().into())));
    assert_eq!(folder.ino, open.folder.metadata().unwrap().ino());

    let (reading, writing) = (listed(open.pipe.0.as_raw_fd()), listed(open.pipe.1.as_raw_fd()));
    let ino = rustix::fs::fstat(&open.pipe.0).unwrap().st_ino;
    assert_eq!((reading.type_id, reading.ino), (7, ino));
    assert_eq!(reading.what, ListedFdKind::Named(format!("pipe:[{ino}]").into()));
    assert_eq!(reading.what, writing.what);

    let memfd = listed(open.memfd.as_raw_fd());
    assert_eq!((memfd.type_id, memfd.what), (20, ListedFdKind::Named(b"/memfd:a memfd (deleted)".to_vec())));
    let eventfd = listed(open.eventfd.as_raw_fd());
    assert_eq!((eventfd.type_id, eventfd.what), (9, ListedFdKind::Named(Vec::new())));
    let pidfd = listed(open.pidfd.as_raw_fd());
    assert_eq!((pidfd.type_id, pidfd.what), (21, ListedFdKind::Named(b"/proc/1".to_vec())));

    let listening = |address: std::net::SocketAddr, l4proto| ListedFdKind::Listening { local: end(address), l4proto };
    let listener = listed(open.listener.as_raw_fd());
    assert_eq!((listener.type_id, listener.what), (5, listening(open.listener.local_addr().unwrap(), 2)));
    let six = listed(open.six.as_raw_fd());
    assert_eq!((six.type_id, six.what), (6, listening(open.six.local_addr().unwrap(), 2)));
    let udp = listed(open.udp.as_raw_fd());
    assert_eq!((udp.type_id, udp.what), (5, listening(open.udp.local_addr().unwrap(), 3)));
    let client = listed(open.client.as_raw_fd());
    let (source, destination) = (end(open.client.local_addr().unwrap()), end(open.client.peer_addr().unwrap()));
    assert_eq!((client.type_id, client.what), (3, ListedFdKind::Socket { source, destination, l4proto: 2 }));
    let connected = listed(open.connected_udp.as_raw_fd());
    let source = end(open.connected_udp.local_addr().unwrap());
    let destination = end("127.0.0.1:9".parse().unwrap());
    assert_eq!((connected.type_id, connected.what), (3, ListedFdKind::Socket { source, destination, l4proto: 3 }));

    let unix = |fd: i32| match listed(fd) {
        ListedFd { type_id: 8, what: ListedFdKind::Unix { path, .. }, .. } => path,
        other => panic!("{other:?}"),
    };
    assert_eq!(unix(open.unix.as_raw_fd()), path("socket"));
    assert!(unix(open.abstract_unix.as_raw_fd()).starts_with(b"@vigie-"));
    assert_eq!(unix(open.pair.0.as_raw_fd()), b"");
    assert_eq!(unix(open.pair.1.as_raw_fd()), b"");
}

#[test]
fn descriptors_of_all_kinds() {
    let open = open("all");
    let facts = ProcFs::new("").host_facts();
    compare(&open, |fd| descriptor(&facts, fd));
    compare(&open, |fd| ProcFs::new("/").descriptor(pid(), fd.into()).unwrap());
    assert_eq!(ProcFs::new("").descriptor(pid(), 1_000_000), None);
    assert_eq!(ProcFs::new("").descriptor(-1, 0), None);
}

#[test]
fn descriptors_in_the_midst_of_events() {
    let open = open("midst");
    let looker = std::cell::RefCell::new(Looker::new(ProcFs::new("")));
    let answer = |fd: i32| patiently(|| looker.borrow_mut().descriptor(pid(), fd.into(), now()));
    compare(&open, answer);
    let mut looker = looker.into_inner();
    let few = patiently(|| Some(looker.descriptors(pid(), 3, now())).filter(|few| !few.is_empty()));
    assert_eq!(few.iter().map(|listed| listed.fd).collect::<Vec<_>>(), [0, 1, 2]);
    // The process started after what is asked for.
    assert_eq!(looker.descriptor(pid(), 0, now() - 3_600_000_000_000), None);
    assert_eq!(looker.thread(pid(), now() - 3_600_000_000_000), None);
    assert_eq!(patiently(|| looker.thread(pid(), now())).pid, pid());
}

fn own(facts: &HostFacts, tid: i64) -> &ListedThread {
    facts.threads.iter().find(|thread| thread.tid == tid).unwrap()
}

#[test]
fn this_process_and_its_threads() {
    let (told, tids) = channel();
    let (done, wait) = channel::<()>();
    let thread = std::thread::Builder::new().name("a worker".into());
    let worker = thread.spawn(move || {
        told.send(i64::from(rustix::thread::gettid().as_raw_nonzero().get())).unwrap();
        let _ = wait.recv();
    });
    let tid = tids.recv_timeout(Duration::from_secs(10)).unwrap();
    let procfs = ProcFs::new("");
    let facts = procfs.host_facts();
    let main = own(&facts, pid());
    assert_eq!((main.tid, main.pid, main.flags), (pid(), pid(), 0));
    assert_eq!(main.ptid, i64::from(rustix::process::getppid().unwrap().as_raw_nonzero().get()));
    assert_eq!(main.pgid, i64::from(rustix::process::getpgrp().as_raw_nonzero().get()));
    assert_eq!((main.vtid, main.vpid, main.vpgid), (pid(), pid(), main.pgid));
    assert_eq!(main.sid, i64::from(rustix::process::getsid(None).unwrap().as_raw_nonzero().get()));
    assert_eq!(main.uid, rustix::process::geteuid().as_raw());
    assert_eq!(main.gid, rustix::process::getegid().as_raw());
    let exe = std::env::current_exe().unwrap();
    assert_eq!(main.exepath, exe.to_str().unwrap().as_bytes());
    let mut arguments = std::env::args();
    assert_eq!(main.exe, arguments.next().unwrap().as_bytes());
    assert_eq!(main.args, arguments.map(|argument| argument + "\0").collect::<String>().as_bytes());
    assert_eq!(main.cwd, std::env::current_dir().unwrap().to_str().unwrap().as_bytes());
    assert_eq!(main.root, b"/");
    assert!(main.env.len() <= 4096 && main.env.ends_with(b"\0"));
    assert!(main.env.windows(5).any(|part| part == b"PATH="));
    let metadata = exe.metadata().unwrap();
    assert_eq!(main.exe_ino, metadata.ino());
    assert_eq!(main.exe_ctime, metadata.ctime() as u64 * 1_000_000_000 + metadata.ctime_nsec() as u64);
    assert_eq!(main.exe_mtime, metadata.mtime() as u64 * 1_000_000_000 + metadata.mtime_nsec() as u64);
    assert!(main.exe_writable && !main.exe_from_memfd, "it was built by the user that runs it");
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    assert_eq!(main.fdlimit, limit.map_or(-1, |limit| limit as i64));
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    assert!(status.contains(&format!("CapEff:\t{:016x}", main.cap_effective)));
    assert!(main.vmsize_kb >= main.vmrss_kb && main.vmrss_kb > 100 && main.pfminor > 10);
    assert!(main.cgroups.starts_with(b"cpuset=/") && main.cgroups.ends_with(b"\0"));
    assert!(main.start_ts < now() && main.start_ts > now() - 3_600_000_000_000);
    assert_eq!(main.pidns_init_start_ts, facts.machine.boot_ts);

    let worker_thread = own(&facts, tid);
    assert_eq!((worker_thread.pid, worker_thread.ptid, worker_thread.flags), (pid(), main.ptid, 8193));
    assert_eq!((&worker_thread.comm[..], &worker_thread.cwd[..]), (&b"a worker"[..], &b""[..]));
    assert_eq!((&worker_thread.args, &worker_thread.exepath), (&main.args, &main.exepath));
    assert_eq!(procfs.alive(tid).as_deref(), Some(&b"a worker"[..]));
    let alone = procfs.thread(tid).unwrap();
    assert_eq!((alone.tid, alone.pid, alone.flags, &alone.comm), (tid, pid(), 8193, &worker_thread.comm));
    assert_eq!((alone.cwd, alone.env, alone.exe), (Vec::new(), Vec::new(), main.exe.clone()));
    drop(done);
    worker.unwrap().join().unwrap();
    let gone = Instant::now();
    while procfs.alive(tid).is_some() {
        assert!(gone.elapsed() < Duration::from_secs(10));
    }
    assert_eq!(procfs.thread(tid), None);
}

#[test]
fn the_machine() {
    let facts = ProcFs::new("").host_facts();
    let stat = std::fs::read_to_string("/proc/stat").unwrap();
    let btime: u64 = stat.lines().find_map(|line| line.strip_prefix("btime ")).unwrap().parse().unwrap();
    assert!((facts.machine.boot_ts / 1_000_000_000).abs_diff(btime) <= 1);
    assert_eq!(facts.machine.cpus as usize, stat.lines().filter(|line| line.starts_with("cpu")).count() - 1);
    assert!(facts.machine.memory_bytes > 1 << 20);
    let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert_eq!(facts.machine.hostname, hostname.trim().as_bytes());
    let lo = facts.interfaces.iter().find(|interface| interface.address.to_string() == "127.0.0.1").unwrap();
    assert_eq!((&lo.name[..], lo.netmask.to_string()), (&b"lo"[..], "255.0.0.0".to_string()));
    let root = facts.users.iter().find(|user| user.uid == 0).unwrap();
    assert_eq!((&root.name[..], &root.home[..]), (&b"root"[..], &b"/root"[..]));
    assert!(facts.groups.iter().any(|group| group.gid == 0 && group.name == b"root"));
    assert!(facts.threads.iter().any(|thread| thread.tid == 1 && thread.ptid == 0));
}

#[test]
fn kernel_threads_have_no_program() {
    let facts = ProcFs::new("").host_facts();
    let Some(kernel) = facts.threads.iter().find(|thread| thread.comm == b"kthreadd") else {
        // Inside a namespace of process numbers there are none.
        return;
    };
    assert_eq!((&kernel.exe[..], &kernel.args[..], &kernel.exepath[..]), (&b""[..], &b""[..], &b""[..]));
}

#[test]
fn no_host_at_all() {
    let facts = ProcFs::new("/nowhere").host_facts();
    assert!(facts.threads.is_empty() && facts.users.is_empty());
    assert_eq!(ProcFs::new("/nowhere").alive(1), None);
}

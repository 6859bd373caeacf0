//! Processes with a root folder and a namespace of their own. Only root can make such; others skip these tests.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use vigie_events::Lookup as _;
use vigie_procfs::{Looker, ProcFs};

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A root folder with `sleep` and the libraries that it needs.
fn root_folder() -> Option<Folder> {
    let folder = Folder(std::env::temp_dir().join(format!("vigie-procfs-root-{}", std::process::id())));
    let needed = Command::new("ldd").arg("/bin/sleep").output().ok()?;
    let needed = String::from_utf8(needed.stdout).unwrap();
    let libraries = needed.split_whitespace().filter(|word| word.starts_with('/'));
    for file in libraries.chain(["/bin/sleep"]) {
        let place = folder.0.join(file.trim_start_matches('/'));
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(file, place).unwrap();
    }
    std::fs::create_dir_all(folder.0.join("etc")).unwrap();
    Some(folder)
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

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("skipped: only root can change the root folder of a process");
    }
    root
}

fn write(folder: &Folder, name: &str, text: &str) {
    std::fs::write(folder.0.join(name), text).unwrap();
}

#[test]
fn accounts_of_another_root_folder() {
    if !is_root() {
        return;
    }
    let Some(folder) = root_folder() else { return };
    write(&folder, "etc/passwd", "web:x:33:44::/srv:/bin/false\n");
    write(&folder, "etc/group", "web:x:44:\n");
    let child = Running(Command::new("chroot").arg(&folder.0).args(["/bin/sleep", "60"]).spawn().unwrap());
    let pid = i64::from(child.0.id());
    let mut looker = Looker::new(ProcFs::new(""));
    let (users, groups) = wait_for(|| looker.accounts(pid));
    assert_eq!((users.len(), &users[0].name[..], users[0].uid), (1, &b"web"[..], 33));
    assert_eq!((groups.len(), groups[0].gid), (1, 44));
    let thread = wait_for(|| looker.thread(pid, now()).filter(|thread| thread.comm == b"sleep"));
    assert_eq!(Path::new(std::str::from_utf8(&thread.root).unwrap()), folder.0);
    assert_eq!((&thread.exe[..], &thread.args[..]), (&b"/bin/sleep"[..], &b"60\0"[..]));
    // A link leads nowhere outside, and what is no file is not waited for.
    std::fs::remove_file(folder.0.join("etc/passwd")).unwrap();
    std::os::unix::fs::symlink("../../../../../../etc/passwd", folder.0.join("etc/passwd")).unwrap();
    std::fs::remove_file(folder.0.join("etc/group")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.0.join("etc/group")).status().unwrap().success());
    for _ in 0..20 {
        assert_eq!(looker.accounts(pid), None);
    }
    // Our own root folder is the host's.
    assert_eq!(looker.accounts(std::process::id().into()), None);
}

#[test]
fn a_namespace_of_process_numbers() {
    if !is_root() {
        return;
    }
    let unshare = Command::new("unshare").args(["--pid", "--fork", "--kill-child", "sleep", "61"]).spawn();
    let Ok(parent) = unshare else { return };
    let parent = Running(parent);
    let facts = wait_for(|| {
        let facts = ProcFs::new("").host_facts();
        let parent = i64::from(parent.0.id());
        facts.threads.iter().any(|thread| thread.ptid == parent && thread.comm == b"sleep").then_some(facts)
    });
    let parent = i64::from(parent.0.id());
    let child = facts.threads.iter().find(|thread| thread.ptid == parent).unwrap();
    assert_eq!((child.vpid, child.vtid), (1, 1));
    assert!(child.tid != 1 && child.start_ts > facts.machine.boot_ts);
    assert_eq!(child.pidns_init_start_ts, child.start_ts);
    // Asked again, the start of the host was measured again, and may differ by some nanoseconds.
    let again = ProcFs::new("").thread(child.tid).unwrap();
    assert_eq!(again.pidns_init_start_ts, again.start_ts);
    let outside = facts.threads.iter().find(|thread| thread.tid == parent).unwrap();
    assert_eq!((outside.vpid, outside.pidns_init_start_ts), (parent, facts.machine.boot_ts));
}

#[test]
fn a_process_that_ends_while_it_is_asked_for() {
    let mut looker = Looker::new(ProcFs::new(""));
    for _ in 0..200 {
        let mut child = Command::new("true").spawn().unwrap();
        let pid = i64::from(child.id());
        if let Some(thread) = looker.thread(pid, now()) {
            assert_eq!((thread.tid, thread.pid), (pid, pid));
        }
        child.wait().unwrap();
        assert_eq!(looker.thread(pid, now() - 60_000_000_000), None);
        assert_eq!(looker.alive(pid), None);
    }
}

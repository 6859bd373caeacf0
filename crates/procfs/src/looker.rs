//! Questions in the midst of events, answered at once or not at all.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags, StatxFlags};
use rustix::net::{SocketAddrAny, SocketType, sockopt};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags};
use vigie_events::Lookup;
use vigie_events::address::End;
use vigie_events::facts::{ListedFd, ListedFdKind, ListedThread};
use vigie_events::lookup::ListedAccounts;

use crate::threads::Sketch;
use crate::{ProcFs, accounts, descriptors, file, machine, stat, threads};

/// How long an event waits for an answer.
const PATIENCE: Duration = Duration::from_millis(20);
/// How long a reading thread may sleep before another takes its place, and how many may be left behind.
const GIVEN_UP: Duration = Duration::from_secs(1);
const MOST_STUCK: usize = 64;
/// The stack of a reading thread.
const STACK: usize = 512 << 10;

/// A process may have started so much later than it seems: the two clocks are never read at the same moment.
const SLACK_NS: u64 = 20_000_000;

/// Answers from a proc file system. A thread of its own reads, since a process can make the reading of its memory, and
/// a file system that of its files, take for ever.
pub struct Looker {
    procfs: ProcFs,
    reader: Option<Reader>,
    stuck: usize,
    accounts: Option<Stamp>,
    number: u64,
}

struct Reader {
    questions: SyncSender<(u64, Question)>,
    answers: Receiver<(u64, Answer)>,
    /// A question that was not answered in time.
    late: Option<(u64, Instant)>,
}

enum Question {
    Thread(i64, u64),
    Descriptor(i64, i64, u64),
    Descriptors(i64, usize, u64),
    Accounts(i64),
    SharesRoot(i64),
}

enum Answer {
    Thread(Option<Box<ListedThread>>),
    Descriptors(Vec<ListedFd>),
    Accounts(Option<ListedAccounts>),
    SharesRoot(bool),
}

/// When the account files changed the last time.
type Stamp = [Option<(u64, i64, i64)>; 2];

impl Looker {
    pub fn new(procfs: ProcFs) -> Looker {
        let accounts = Some(stamp(&procfs));
        Looker { procfs, reader: None, stuck: 0, accounts, number: 0 }
    }

    fn ask(&mut self, question: Question) -> Option<Answer> {
        self.number = self.number.wrapping_add(1);
        let number = self.number;
        if !self.ready() {
            return None;
        }
        if self.reader.is_none() {
            self.reader = start(self.procfs.clone());
        }
        let reader = self.reader.as_mut()?;
        if reader.questions.try_send((number, question)).is_err() {
            self.reader = None;
            return None;
        }
        let asked = Instant::now();
        loop {
            match reader.answers.recv_timeout(PATIENCE.saturating_sub(asked.elapsed())) {
                Ok((answered, answer)) if answered == number => return Some(answer),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => {
                    reader.late = Some((number, asked));
                    return None;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.reader = None;
                    return None;
                }
            }
        }
    }

    /// Whether the reader has answered what it was asked. One that has not for long is left behind.
    fn ready(&mut self) -> bool {
        let Some(reader) = &mut self.reader else { return true };
        let Some((number, since)) = reader.late else { return true };
        loop {
            match reader.answers.try_recv() {
                Ok((answered, _)) if answered == number => {
                    reader.late = None;
                    return true;
                }
                Ok(_) => {}
                Err(TryRecvError::Disconnected) => {
                    self.reader = None;
                    return true;
                }
                Err(TryRecvError::Empty) => break,
            }
        }
        if since.elapsed() < GIVEN_UP || self.stuck >= MOST_STUCK {
            return false;
        }
        self.stuck += 1;
        self.reader = None;
        true
    }
}

impl Lookup for Looker {
    fn thread(&mut self, tid: i64, before: u64) -> Option<ListedThread> {
        match self.ask(Question::Thread(tid, before))? {
            Answer::Thread(thread) => thread.map(|thread| *thread),
            _ => None,
        }
    }

    fn descriptor(&mut self, pid: i64, fd: i64, before: u64) -> Option<ListedFd> {
        match self.ask(Question::Descriptor(pid, fd, before))? {
            Answer::Descriptors(mut listed) => listed.pop(),
            _ => None,
        }
    }

    fn descriptors(&mut self, pid: i64, most: usize, before: u64) -> Vec<ListedFd> {
        match self.ask(Question::Descriptors(pid, most, before)) {
            Some(Answer::Descriptors(listed)) => listed,
            _ => Vec::new(),
        }
    }

    fn alive(&mut self, tid: i64) -> Option<Vec<u8>> {
        // The kernel answers this by itself.
        self.procfs.alive(tid)
    }

    fn accounts(&mut self, tid: i64) -> Option<ListedAccounts> {
        match self.ask(Question::Accounts(tid))? {
            Answer::Accounts(accounts) => accounts,
            _ => None,
        }
    }

    fn shares_root(&mut self, tid: i64) -> bool {
        matches!(self.ask(Question::SharesRoot(tid)), Some(Answer::SharesRoot(true)))
    }

    fn changed_accounts(&mut self) -> Option<ListedAccounts> {
        let now = stamp(&self.procfs);
        if self.accounts.replace(now) == Some(now) {
            return None;
        }
        Some(self.procfs.accounts())
    }
}

fn start(procfs: ProcFs) -> Option<Reader> {
    let (questions, asked) = sync_channel::<(u64, Question)>(1);
    let (answer, answers) = sync_channel(1);
    let read = move || {
        let boot_ts = machine::boot_ts(&procfs);
        while let Ok((number, question)) = asked.recv() {
            let answered = match question {
                Question::Thread(tid, before) => Answer::Thread(thread(&procfs, tid, before, boot_ts).map(Box::new)),
                Question::Descriptor(pid, fd, before) => Answer::Descriptors(
                    process(&procfs, pid, before, boot_ts)
                        .and_then(|dir| descriptors::one(&dir, fd))
                        .map(|listed| complete(pid, listed))
                        .into_iter()
                        .collect(),
                ),
                Question::Descriptors(pid, most, before) => Answer::Descriptors(
                    process(&procfs, pid, before, boot_ts)
                        .map(|dir| descriptors::all(&dir, most))
                        .unwrap_or_default()
                        .into_iter()
                        .map(|listed| complete(pid, listed))
                        .collect(),
                ),
                Question::Accounts(tid) => Answer::Accounts(contained(&procfs, tid)),
                Question::SharesRoot(tid) => {
                    Answer::SharesRoot(root_of(&procfs, tid).is_some_and(|(_, is_host)| is_host))
                }
            };
            if answer.send((number, answered)).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("vigie-look".into()).stack_size(STACK).spawn(read).ok()?;
    Some(Reader { questions, answers, late: None })
}

/// The folder of a process, unless the process is a later one with that number.
fn process(procfs: &ProcFs, pid: i64, before: u64, boot_ts: u64) -> Option<OwnedFd> {
    let dir = procfs.process(pid)?;
    let stat = stat::parse(&file::text(&dir, "stat", 4096)?)?;
    (threads::start_ts(&stat, boot_ts) <= before.saturating_add(SLACK_NS)).then_some(dir)
}

fn thread(procfs: &ProcFs, tid: i64, before: u64, boot_ts: u64) -> Option<ListedThread> {
    let sketch = Sketch::read(&procfs.process(tid)?)?;
    if sketch.start_ts(boot_ts) > before.saturating_add(SLACK_NS) {
        return None;
    }
    threads::one(procfs, tid, boot_ts)
}

/// A socket is asked for its addresses through a copy of the descriptor, which takes the same time however many sockets
/// there are.
fn complete(pid: i64, listed: ListedFd) -> ListedFd {
    let fd = listed.fd;
    descriptors::with_socket(listed, |ino| socket(pid, fd, ino))
}

fn socket(pid: i64, fd: i64, ino: u64) -> Option<(u8, ListedFdKind)> {
    let pid = Pid::from_raw(pid.try_into().ok()?)?;
    let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok()?;
    let copy = rustix::process::pidfd_getfd(&pidfd, fd.try_into().ok()?, PidfdGetfdFlags::empty()).ok()?;
    if rustix::fs::fstat(&copy).ok()?.st_ino != ino {
        return None;
    }
    described(&copy)
}

/// A socket of ours.
fn described(socket: impl AsFd) -> Option<(u8, ListedFdKind)> {
    let local = rustix::net::getsockname(&socket).ok()?;
    let remote = rustix::net::getpeername(&socket).ok().flatten();
    let end = |address: &SocketAddrAny| -> Option<End> {
        let address = std::net::SocketAddr::try_from(address.clone()).ok()?;
        Some(End { ip: address.ip(), port: address.port() })
    };
    if let Some(local) = end(&local) {
        let l4proto = match sockopt::socket_type(&socket).ok()? {
            SocketType::STREAM => 2,
            SocketType::DGRAM => 3,
            SocketType::RAW => 5,
            _ => 0,
        };
        let v4 = local.ip.is_ipv4();
        return Some(match remote.as_ref().and_then(end) {
            Some(destination) => (if v4 { 3 } else { 4 }, ListedFdKind::Socket { source: local, destination, l4proto }),
            None => (if v4 { 5 } else { 6 }, ListedFdKind::Listening { local, l4proto }),
        });
    }
    if let Ok(unix) = rustix::net::SocketAddrUnix::try_from(local) {
        let path = match (unix.path(), unix.abstract_name()) {
            (Some(path), _) => path.to_bytes().to_vec(),
            (None, Some(name)) if !name.is_empty() => [b"@", name].concat(),
            (None, _) => Vec::new(),
        };
        return Some((8, ListedFdKind::Unix { source: 0, destination: 0, path }));
    }
    None
}

/// The accounts that a thread sees, if its root is not the host's.
fn contained(procfs: &ProcFs, tid: i64) -> Option<ListedAccounts> {
    let (root, is_host) = root_of(procfs, tid)?;
    if is_host {
        return None;
    }
    let read = |name: &str| -> Option<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        // A link in there must not lead to a file of ours, nor to a device.
        let within = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let file = rustix::fs::openat2(&root, name, flags, Mode::empty(), within).ok()?;
        let mode = rustix::fs::fstat(&file).ok()?.st_mode;
        let plain = rustix::fs::FileType::from_raw_mode(mode).is_file();
        if plain { file::read(&file, accounts::LARGEST) } else { None }
    };
    let (users, groups) = (read("etc/passwd"), read("etc/group"));
    if users.is_none() && groups.is_none() {
        return None;
    }
    Some((accounts::users(&users.unwrap_or_default()), accounts::groups(&groups.unwrap_or_default())))
}

/// The root folder of a thread, and whether it is the host's.
fn root_of(procfs: &ProcFs, tid: i64) -> Option<(OwnedFd, bool)> {
    let dir = procfs.process(tid)?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::openat(&dir, "root", flags, Mode::empty()).ok()?;
    let host = rustix::fs::open(procfs.path("/"), flags, Mode::empty()).ok()?;
    let is_host = same(&root, &host)?;
    Some((root, is_host))
}

/// Two folders are one: the same file of the same mount.
fn same(first: &OwnedFd, second: &OwnedFd) -> Option<bool> {
    let identity = |folder: &OwnedFd| {
        let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
        let stat = rustix::fs::statx(folder, "", flags, StatxFlags::BASIC_STATS).ok()?;
        Some((stat.stx_ino, stat.stx_dev_major, stat.stx_dev_minor))
    };
    Some(identity(first)? == identity(second)?)
}

fn stamp(procfs: &ProcFs) -> Stamp {
    ["etc/passwd", "etc/group"].map(|name| {
        let stat = rustix::fs::stat(procfs.path(name)).ok()?;
        Some((stat.st_ino, stat.st_mtime, stat.st_size))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_sleeps_is_left_behind() {
        let mut looker = Looker::new(ProcFs::new(""));
        // Somebody who takes a question and never answers.
        let (questions, _asked) = sync_channel(1);
        let (_answer, answers) = sync_channel(1);
        looker.reader = Some(Reader { questions, answers, late: None });
        let own = i64::from(std::process::id());
        let started = Instant::now();
        assert_eq!(looker.descriptor(own, 0, u64::MAX), None);
        assert!(started.elapsed() >= PATIENCE);
        // Nobody waits for it again.
        let again = Instant::now();
        for _ in 0..1000 {
            assert_eq!(looker.descriptor(own, 0, u64::MAX), None);
        }
        assert!(again.elapsed() < GIVEN_UP);
        while looker.stuck == 0 {
            let _ = looker.descriptor(own, 0, u64::MAX);
            assert!(started.elapsed() < Duration::from_secs(30));
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(started.elapsed() >= GIVEN_UP);
        while looker.descriptor(own, 0, u64::MAX).is_none() {
            assert!(started.elapsed() < Duration::from_secs(30));
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn an_answer_that_comes_too_late_is_passed_over() {
        let mut looker = Looker::new(ProcFs::new(""));
        let (questions, asked) = sync_channel::<(u64, Question)>(1);
        let (answer, answers) = sync_channel(1);
        looker.reader = Some(Reader { questions, answers, late: None });
        assert!(looker.descriptors(1, 9, 0).is_empty());
        let (number, _) = asked.recv().unwrap();
        let listed = ListedFd { fd: 1, ino: 2, type_id: 0, what: ListedFdKind::Unknown };
        answer.send((number, Answer::Descriptors(vec![listed]))).unwrap();
        // The next question is asked again, and not answered by the answer to the first.
        assert!(looker.descriptors(1, 9, 0).is_empty());
        assert_eq!(asked.recv().unwrap().0, number + 1);
    }

    #[test]
    fn accounts_that_change() {
        let root = std::env::temp_dir().join(format!("vigie-procfs-accounts-{}", std::process::id()));
        std::fs::create_dir_all(root.join("etc")).unwrap();
        std::fs::write(root.join("etc/passwd"), "a:x:1:1::/:/bin/sh\n").unwrap();
        let mut looker = Looker::new(ProcFs::new(&root));
        assert_eq!(looker.changed_accounts(), None);
        std::fs::write(root.join("etc/passwd"), "a:x:1:1::/:/bin/sh\nb:x:2:2::/:/bin/sh\n").unwrap();
        assert_eq!(looker.changed_accounts().unwrap().0.len(), 2);
        assert_eq!(looker.changed_accounts(), None);
        std::fs::remove_dir_all(&root).unwrap();
    }
}

//! Native values are those of the UAPI headers (linux/*.h, asm-generic/*.h of 6.1); names and the schema's values come
//! from `values.tsv`.

use super::*;
use vigie_events::values;

/// Each native value becomes the value of its name, and (bits) the union of all becomes the union of all names.
fn check(conversion: &str, table: &str, pairs: &[(&str, u64)], bits: bool) {
    let how = Conversion::parse(conversion).unwrap();
    let table = values::table(table).unwrap();
    let value = |name: &str| table.value(name).unwrap_or_else(|| panic!("{name}"));
    for &(name, native) in pairs {
        assert_eq!(convert(how, native), value(name), "{conversion} {name}");
    }
    if bits {
        let native = pairs.iter().fold(0, |all, (_, native)| all | native);
        let ours = pairs.iter().fold(0, |all, (name, _)| all | value(name));
        assert_eq!(convert(how, native), ours, "{conversion}");
        assert_eq!(convert(how, 0), 0, "{conversion}");
    }
}

fn open(flags: u64) -> u64 {
    convert(Conversion::Open, flags)
}

/// As the peer's capture has them: `O_DIRECTORY|O_NONBLOCK|O_RDONLY|O_CLOEXEC|O_TMPFILE` is 13377 for a directory that
/// Python lists, 262 is `>file` of a shell, 4099 `O_RDWR|O_CLOEXEC`.
#[cfg(not(target_arch = "aarch64"))]
#[test]
fn flags_of_open_are_the_peers() {
    assert_eq!(open(0o200000 | 0o4000 | 0o2000000), 13377);
    assert_eq!(open(0o1 | 0o100 | 0o1000), 262);
    assert_eq!(open(0o2 | 0o2000000), 4099);
    assert_eq!(open(0o20200000 | 0o2 | 0o200 | 0o2000000), 13347);
    assert_eq!(open(0), 1);
    assert_eq!(open(3), 1);
    assert_eq!(open(0o40000), 1 | 512);
    assert_eq!(open(0o100000), 1 | 2048);
}

#[cfg(target_arch = "aarch64")]
#[test]
fn flags_of_open_differ_on_arm() {
    assert_eq!(open(0o40000 | 0o4000 | 0o2000000), 13377);
    assert_eq!(open(0o200000), 1 | 512);
    assert_eq!(open(0o400000), 1 | 2048);
}

#[test]
fn synchronous_writing_is_more_than_data_only() {
    assert_eq!(open(0o10000), 1 | 16);
    assert_eq!(open(0o4010000), 1 | 16 | 128);
    assert_eq!(open(0o2000), 1 | 8);
}

#[test]
fn descriptors() {
    let flags = [("O_CLOEXEC", 0o2000000), ("O_NONBLOCK", 0o4000)];
    check("fd", "file_flags", &flags, true);
    check("sock", "file_flags", &flags, true);
    assert_eq!(convert(Conversion::Sock, 1 | 0o2000000 | 0o4000), 4160);
    check("epoll_create1", "epoll_create1_flags", &[("EPOLL_CLOEXEC", 0o2000000)], true);
    check("pidfd_open", "pidfd_open_flags", &[("PIDFD_NONBLOCK", 0o4000)], true);
    check("delete_module", "delete_module_flags", &[("O_NONBLOCK", 0o4000), ("O_TRUNC", 0o1000)], true);
    check("close_range", "close_range_flags", &[("CLOSE_RANGE_UNSHARE", 2), ("CLOSE_RANGE_CLOEXEC", 4)], true);
    let memfd = [("MFD_CLOEXEC", 1), ("MFD_ALLOW_SEALING", 2), ("MFD_HUGETLB", 4)];
    check("memfd_create", "memfd_create_flags", &memfd, true);
}

#[test]
fn clone_and_namespaces() {
    let pairs = [
        ("CLONE_VM", 0x100),
        ("CLONE_FS", 0x200),
        ("CLONE_FILES", 0x400),
        ("CLONE_SIGHAND", 0x800),
        ("CLONE_PTRACE", 0x2000),
        ("CLONE_VFORK", 0x4000),
        ("CLONE_PARENT", 0x8000),
        ("CLONE_THREAD", 0x10000),
        ("CLONE_NEWNS", 0x20000),
        ("CLONE_SYSVSEM", 0x40000),
        ("CLONE_SETTLS", 0x80000),
        ("CLONE_PARENT_SETTID", 0x100000),
        ("CLONE_CHILD_CLEARTID", 0x200000),
        ("CLONE_UNTRACED", 0x800000),
        ("CLONE_CHILD_SETTID", 0x1000000),
        ("CLONE_NEWCGROUP", 0x2000000),
        ("CLONE_NEWUTS", 0x4000000),
        ("CLONE_NEWIPC", 0x8000000),
        ("CLONE_NEWUSER", 0x10000000),
        ("CLONE_NEWPID", 0x20000000),
        ("CLONE_NEWNET", 0x40000000),
        ("CLONE_IO", 0x80000000),
    ];
    check("clone", "clone_flags", &pairs, true);
    assert_eq!(convert(Conversion::Clone, 17), 0, "the signal at the end is no flag");
}

#[test]
fn memory() {
    let prot = [("PROT_READ", 1), ("PROT_WRITE", 2), ("PROT_EXEC", 4), ("PROT_SEM", 8)];
    check("prot", "prot_flags", &prot, true);
    check("prot", "prot_flags", &[("PROT_GROWSDOWN", 0x0100_0000), ("PROT_GROWSUP", 0x0200_0000)], true);
    let pairs = [
        ("MAP_SHARED", 1),
        ("MAP_PRIVATE", 2),
        ("MAP_FIXED", 0x10),
        ("MAP_ANONYMOUS", 0x20),
        ("MAP_32BIT", 0x40),
        ("MAP_GROWSDOWN", 0x100),
        ("MAP_DENYWRITE", 0x800),
        ("MAP_EXECUTABLE", 0x1000),
        ("MAP_LOCKED", 0x2000),
        ("MAP_NORESERVE", 0x4000),
        ("MAP_POPULATE", 0x8000),
        ("MAP_NONBLOCK", 0x10000),
    ];
    check("mmap", "mmap_flags", &pairs, true);
    check("mlockall", "mlockall_flags", &[("MCL_CURRENT", 1), ("MCL_FUTURE", 2), ("MCL_ONFAULT", 4)], true);
    check("mlock2", "mlock2_flags", &[("MLOCK_ONFAULT", 1)], true);
}

#[test]
fn files() {
    assert_eq!(convert(Conversion::Mount, 0xc0ed_0000 | 1), 1, "the old magic number");
    check("mount", "mount_flags", &[("RDONLY", 1), ("BIND", 4096), ("REC", 16384), ("PRIVATE", 1 << 18)], true);
    check("umount", "umount_flags", &[("FORCE", 1), ("DETACH", 2), ("EXPIRE", 4), ("NOFOLLOW", 8)], true);
    check("access", "access_flags", &[("R_OK", 4), ("W_OK", 2), ("X_OK", 1)], true);
    check("flock", "flock_flags", &[("LOCK_SH", 1), ("LOCK_EX", 2), ("LOCK_NB", 4), ("LOCK_UN", 8)], true);
    check("unlinkat", "unlinkat_flags", &[("AT_REMOVEDIR", 0x200)], true);
    check("linkat", "linkat_flags", &[("AT_SYMLINK_FOLLOW", 0x400), ("AT_EMPTY_PATH", 0x1000)], true);
    check("fchownat", "fchownat_flags", &[("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_EMPTY_PATH", 0x1000)], true);
    let stat = [("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_NO_AUTOMOUNT", 0x800), ("AT_EMPTY_PATH", 0x1000)];
    check("newfstatat", "newfstatat_flags", &stat, true);
    let rename = [("RENAME_NOREPLACE", 1), ("RENAME_EXCHANGE", 2), ("RENAME_WHITEOUT", 4)];
    check("renameat2", "renameat2_flags", &rename, true);
    let resolve = [
        ("RESOLVE_NO_XDEV", 1),
        ("RESOLVE_NO_MAGICLINKS", 2),
        ("RESOLVE_NO_SYMLINKS", 4),
        ("RESOLVE_BENEATH", 8),
        ("RESOLVE_IN_ROOT", 16),
        ("RESOLVE_CACHED", 32),
    ];
    check("openat2", "openat2_flags", &resolve, true);
    let mode = [("S_IXOTH", 1), ("S_IWGRP", 0o20), ("S_IRUSR", 0o400), ("S_ISVTX", 0o1000), ("S_ISUID", 0o4000)];
    check("mode", "chmod_mode", &mode, true);
    check("mknod", "mknod_mode", &[("S_IFREG", 0o100000), ("S_IFSOCK", 0o140000), ("S_IRUSR", 0o400)], true);
    let splice = [("SPLICE_F_MOVE", 1), ("SPLICE_F_NONBLOCK", 2), ("SPLICE_F_MORE", 4), ("SPLICE_F_GIFT", 8)];
    check("splice", "splice_flags", &splice, true);
    check("lseek", "lseek_whence", &[("SEEK_SET", 0), ("SEEK_CUR", 1), ("SEEK_END", 2)], false);
    let module =
        [("MODULE_INIT_IGNORE_MODVERSIONS", 1), ("MODULE_INIT_IGNORE_VERMAGIC", 2), ("MODULE_INIT_COMPRESSED_FILE", 4)];
    check("finit_module", "finit_module_flags", &module, true);
}

#[test]
fn commands_of_fcntl() {
    let pairs = [
        ("F_DUPFD", 0),
        ("F_GETFD", 1),
        ("F_SETFD", 2),
        ("F_GETFL", 3),
        ("F_SETFL", 4),
        ("F_GETLK", 5),
        ("F_SETLK", 6),
        ("F_SETLKW", 7),
        ("F_SETOWN", 8),
        ("F_GETOWN", 9),
        ("F_SETSIG", 10),
        ("F_GETSIG", 11),
        ("F_GETLK64", 12),
        ("F_SETLK64", 13),
        ("F_SETLKW64", 14),
        ("F_SETOWN_EX", 15),
        ("F_GETOWN_EX", 16),
        ("F_OFD_GETLK", 36),
        ("F_OFD_SETLK", 37),
        ("F_OFD_SETLKW", 38),
        ("F_SETLEASE", 1024),
        ("F_GETLEASE", 1025),
        ("F_NOTIFY", 1026),
        ("F_CANCELLK", 1029),
        ("F_DUPFD_CLOEXEC", 1030),
        ("F_SETPIPE_SZ", 1031),
        ("F_GETPIPE_SZ", 1032),
        ("UNKNOWN", 1033),
    ];
    check("fcntl", "fcntl_commands", &pairs, false);
}

#[test]
fn sockets() {
    check("sockopt_level", "sockopt_levels", &[("SOL_SOCKET", 1), ("SOL_TCP", 6), ("UNKNOWN", 41)], false);
    let pairs = [
        ("SO_DEBUG", 1),
        ("SO_REUSEADDR", 2),
        ("SO_ERROR", 4),
        ("SO_RCVBUF", 8),
        ("SO_REUSEPORT", 15),
        ("SO_PEERCRED", 17),
        ("SO_RCVTIMEO", 20),
        ("SO_SNDTIMEO", 21),
        ("SO_BINDTODEVICE", 25),
        ("SO_SNDBUFFORCE", 32),
        ("SO_MARK", 36),
        ("SO_DOMAIN", 39),
        ("SO_ATTACH_BPF", 50),
        ("SO_MEMINFO", 55),
        ("SO_COOKIE", 57),
        ("SO_PEERGROUPS", 59),
        ("UNKNOWN", 51),
    ];
    check("sockopt_option", "sockopt_options", &pairs, false);
    let how = [("SHUT_RD", 0), ("SHUT_WR", 1), ("SHUT_RDWR", 2), ("SHUT_UNKNOWN", 9)];
    check("shutdown", "shutdown_how", &how, false);
    let poll = [
        ("POLLIN", 1),
        ("POLLPRI", 2),
        ("POLLOUT", 4),
        ("POLLERR", 8),
        ("POLLHUP", 16),
        ("POLLNVAL", 32),
        ("POLLRDNORM", 64),
        ("POLLRDBAND", 128),
        ("POLLWRNORM", 256),
        ("POLLWRBAND", 512),
        ("POLLRDHUP", 0x2000),
    ];
    check("poll", "poll_flags", &poll, true);
}

#[test]
fn requests_of_ptrace() {
    let pairs = [
        ("PTRACE_TRACEME", 0),
        ("PTRACE_PEEKTEXT", 1),
        ("PTRACE_POKEUSR", 6),
        ("PTRACE_SINGLESTEP", 9),
        ("PTRACE_GETREGS", 12),
        ("PTRACE_SETFPREGS", 15),
        ("PTRACE_ATTACH", 16),
        ("PTRACE_DETACH", 17),
        ("PTRACE_GETFPXREGS", 18),
        ("PTRACE_OLDSETOPTIONS", 21),
        ("PTRACE_SYSCALL", 24),
        ("PTRACE_GET_THREAD_AREA", 25),
        ("PTRACE_ARCH_PRCTL", 30),
        ("PTRACE_SINGLEBLOCK", 33),
        ("PTRACE_SETOPTIONS", 0x4200),
        ("PTRACE_SEIZE", 0x4206),
        ("PTRACE_SETSIGMASK", 0x420b),
        // PTRACE_GET_SYSCALL_INFO, which the peer's capture of strace has as unknown.
        ("PTRACE_UNKNOWN", 0x420e),
        ("PTRACE_UNKNOWN", 11),
        ("PTRACE_UNKNOWN", u64::MAX),
    ];
    check("ptrace", "ptrace_requests", &pairs, false);
}

#[test]
fn limits_locks_and_semaphores() {
    let limits = [("RLIMIT_CPU", 0), ("RLIMIT_STACK", 3), ("RLIMIT_NOFILE", 7), ("RLIMIT_RTTIME", 15)];
    check("rlimit", "rlimit_resources", &limits, false);
    check("rlimit", "rlimit_resources", &[("RLIMIT_UNKNOWN", 16)], false);
    let futex = [("FUTEX_WAIT", 0), ("FUTEX_WAKE", 1), ("FUTEX_CMP_REQUEUE_PI", 12), ("FUTEX_PRIVATE_FLAG", 128)];
    check("futex", "futex_operations", &futex, false);
    assert_eq!(convert(Conversion::Futex, 0x81), 129);
    check("semget", "semget_flags", &[("IPC_CREAT", 0o1000), ("IPC_EXCL", 0o2000)], true);
    check("semop", "semop_flags", &[("IPC_NOWAIT", 0o4000), ("SEM_UNDO", 0x1000)], true);
    let pairs = [
        ("IPC_RMID", 0),
        ("IPC_SET", 1),
        ("IPC_STAT", 2),
        ("IPC_INFO", 3),
        ("GETPID", 11),
        ("GETVAL", 12),
        ("GETALL", 13),
        ("GETNCNT", 14),
        ("GETZCNT", 15),
        ("SETVAL", 16),
        ("SETALL", 17),
        ("SEM_STAT", 18),
        ("SEM_INFO", 19),
    ];
    check("semctl", "semctl_commands", &pairs, false);
}

#[test]
fn quotas() {
    let pairs = [
        ("Q_SYNC", 0x800001),
        ("Q_QUOTAON", 0x800002),
        ("Q_QUOTAOFF", 0x800003),
        ("Q_GETFMT", 0x800004),
        ("Q_GETINFO", 0x800005),
        ("Q_SETINFO", 0x800006),
        ("Q_GETQUOTA", 0x800007),
        ("Q_SETQUOTA", 0x800008),
        ("Q_XQUOTAON", 0x5801),
        ("Q_XQUOTAOFF", 0x5802),
        ("Q_XGETQUOTA", 0x5803),
        ("Q_XSETQLIM", 0x5804),
        ("Q_XGETQSTAT", 0x5805),
        ("Q_XQUOTARM", 0x5806),
        ("Q_XQUOTASYNC", 0x5807),
    ];
    check("quotactl_command", "quotactl_cmds", &pairs, false);
    check("quotactl_type", "quotactl_types", &[("USRQUOTA", 0), ("GRPQUOTA", 1)], false);
    let formats = [("QFMT_VFS_OLD", 1), ("QFMT_VFS_V0", 2), ("QFMT_VFS_V1", 4), ("QFMT_NOT_USED", 0)];
    check("quotactl_format", "quotactl_quota_fmts", &formats, false);
    check("quotactl_info", "quotactl_dqi_flags", &[("V1_DQF_RSQUASH", 1), ("DQF_NONE", 0)], false);
}

#[test]
fn rings() {
    let setup = [
        ("IORING_SETUP_IOPOLL", 1),
        ("IORING_SETUP_SQPOLL", 2),
        ("IORING_SETUP_SQ_AFF", 4),
        ("IORING_SETUP_CQSIZE", 8),
        ("IORING_SETUP_CLAMP", 16),
        ("IORING_SETUP_ATTACH_RW", 32),
        ("IORING_SETUP_R_DISABLED", 64),
    ];
    check("io_uring_setup", "io_uring_setup_flags", &setup, true);
    check(
        "io_uring_features",
        "io_uring_setup_feats",
        &[("IORING_FEAT_NODROP", 2), ("IORING_FEAT_RSRC_TAGS", 1024)],
        true,
    );
    let enter = [("IORING_ENTER_GETEVENTS", 1), ("IORING_ENTER_SQ_WAKEUP", 2), ("IORING_ENTER_EXT_ARG", 8)];
    check("io_uring_enter", "io_uring_enter_flags", &enter, true);
    let register = [("IORING_REGISTER_BUFFERS", 0), ("IORING_UNREGISTER_RING_FDS", 0x8000_0000 | 21)];
    check("io_uring_register", "io_uring_register_opcodes", &register, false);
}

#[test]
fn numbers_that_are_the_kernels() {
    check("prctl", "prctl_options", &[("PR_SET_NAME", 15), ("PR_CAP_AMBIENT", 47)], false);
    check("bpf", "bpf_commands", &[("BPF_MAP_CREATE", 0), ("BPF_PROG_LOAD", 5), ("BPF_PROG_BIND_MAP", 35)], false);
    check("keyctl", "keyctl_operations", &[("KEYCTL_GET_KEYRING_ID", 0), ("KEYCTL_WATCH_KEY", 32)], false);
    check("fsconfig", "fsconfig_cmds", &[("FSCONFIG_SET_STRING", 1), ("FSCONFIG_CMD_RECONFIGURE", 7)], false);
}

#[test]
fn every_name_parses_once() {
    for (place, (name, conversion)) in NAMES.iter().enumerate() {
        assert_eq!(Conversion::parse(name), Some(*conversion));
        assert!(NAMES[..place].iter().all(|(other, known)| other != name && known != conversion), "{name}");
    }
    assert_eq!(Conversion::parse("nothing"), None);
}

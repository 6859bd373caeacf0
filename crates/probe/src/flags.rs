//! From the bits and numbers that a program passes to Linux (x86_64, aarch64) to those of the schema's tables.

use Conversion as C;

/// One conversion; its name in `tables/calls.tsv` stands in `NAMES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conversion {
    /// Flags of `open`, access mode included.
    Open,
    /// `O_CLOEXEC`, `O_NONBLOCK`, `O_DIRECT` of calls that make a descriptor without an access mode.
    Fd,
    /// The flags that stand in the type of a socket.
    Sock,
    Openat2,
    Clone,
    Prot,
    Mmap,
    Mount,
    Umount,
    Fcntl,
    SockoptLevel,
    SockoptOption,
    Ptrace,
    Futex,
    Splice,
    Flock,
    Lseek,
    Shutdown,
    Rlimit,
    Access,
    /// Permission bits.
    Mode,
    /// Permission bits and the kind of file.
    Mknod,
    /// The command of `quotactl` without the type in its lowest byte.
    QuotactlCommand,
    QuotactlType,
    QuotactlFormat,
    QuotactlInfo,
    Semget,
    Semctl,
    Semop,
    Unlinkat,
    Linkat,
    Newfstatat,
    Fchownat,
    Renameat2,
    CloseRange,
    FinitModule,
    DeleteModule,
    EpollCreate1,
    MemfdCreate,
    PidfdOpen,
    Mlockall,
    Mlock2,
    IoUringSetup,
    IoUringFeatures,
    IoUringEnter,
    IoUringRegister,
    Prctl,
    Bpf,
    Keyctl,
    Fsconfig,
    Poll,
}

const NAMES: &[(&str, Conversion)] = &[
    ("open", C::Open),
    ("fd", C::Fd),
    ("sock", C::Sock),
    ("openat2", C::Openat2),
    ("clone", C::Clone),
    ("prot", C::Prot),
    ("mmap", C::Mmap),
    ("mount", C::Mount),
    ("umount", C::Umount),
    ("fcntl", C::Fcntl),
    ("sockopt_level", C::SockoptLevel),
    ("sockopt_option", C::SockoptOption),
    ("ptrace", C::Ptrace),
    ("futex", C::Futex),
    ("splice", C::Splice),
    ("flock", C::Flock),
    ("lseek", C::Lseek),
    ("shutdown", C::Shutdown),
    ("rlimit", C::Rlimit),
    ("access", C::Access),
    ("mode", C::Mode),
    ("mknod", C::Mknod),
    ("quotactl_command", C::QuotactlCommand),
    ("quotactl_type", C::QuotactlType),
    ("quotactl_format", C::QuotactlFormat),
    ("quotactl_info", C::QuotactlInfo),
    ("semget", C::Semget),
    ("semctl", C::Semctl),
    ("semop", C::Semop),
    ("unlinkat", C::Unlinkat),
    ("linkat", C::Linkat),
    ("newfstatat", C::Newfstatat),
    ("fchownat", C::Fchownat),
    ("renameat2", C::Renameat2),
    ("close_range", C::CloseRange),
    ("finit_module", C::FinitModule),
    ("delete_module", C::DeleteModule),
    ("epoll_create1", C::EpollCreate1),
    ("memfd_create", C::MemfdCreate),
    ("pidfd_open", C::PidfdOpen),
    ("mlockall", C::Mlockall),
    ("mlock2", C::Mlock2),
    ("io_uring_setup", C::IoUringSetup),
    ("io_uring_features", C::IoUringFeatures),
    ("io_uring_enter", C::IoUringEnter),
    ("io_uring_register", C::IoUringRegister),
    ("prctl", C::Prctl),
    ("bpf", C::Bpf),
    ("keyctl", C::Keyctl),
    ("fsconfig", C::Fsconfig),
    ("poll", C::Poll),
];

impl Conversion {
    /// The conversion of a name, as calls.tsv writes it.
    pub fn parse(name: &str) -> Option<Conversion> {
        NAMES.iter().find(|(known, _)| *known == name).map(|&(_, conversion)| conversion)
    }
}

/// How a native value becomes one of the schema.
enum Way {
    /// The numbers are the same; only these bits have names.
    Same(u64),
    /// (native bits, the schema's): any of the native bits sets them.
    Bits(&'static [(u64, u64)]),
    /// (native number, the schema's), and what any other number becomes.
    Numbers(&'static [(u64, u64)], u64),
}

const O_CREAT: u64 = 0o100;
const O_EXCL: u64 = 0o200;
const O_TRUNC: u64 = 0o1000;
const O_APPEND: u64 = 0o2000;
const O_NONBLOCK: u64 = 0o4000;
const O_DSYNC: u64 = 0o10000;
const O_CLOEXEC: u64 = 0o2000000;
const O_SYNC: u64 = 0o4000000 | O_DSYNC;

/// (`O_DIRECTORY`, `O_DIRECT`, `O_LARGEFILE`): asm-generic/fcntl.h, and arm64's own asm/fcntl.h.
#[cfg(not(target_arch = "aarch64"))]
const BY_MACHINE: (u64, u64, u64) = (0o200000, 0o40000, 0o100000);
#[cfg(target_arch = "aarch64")]
const BY_MACHINE: (u64, u64, u64) = (0o40000, 0o200000, 0o400000);

const O_DIRECTORY: u64 = BY_MACHINE.0;
const O_DIRECT: u64 = BY_MACHINE.1;
const O_LARGEFILE: u64 = BY_MACHINE.2;
const O_TMPFILE: u64 = 0o20000000 | O_DIRECTORY;

/// `O_TMPFILE` contains `O_DIRECTORY`, and the peer reports it for either: opened directories have it in its captures.
const OPEN: &[(u64, u64)] = &[
    (O_CREAT, 4),
    (O_APPEND, 8),
    (O_DSYNC, 16),
    (O_EXCL, 32),
    (O_NONBLOCK, 64),
    (O_TRUNC, 256),
    (O_DIRECT, 512),
    (O_DIRECTORY, 1024),
    (O_LARGEFILE, 2048),
    (O_CLOEXEC, 4096),
    (O_TMPFILE, 8192),
];

const CLONE: &[(u64, u64)] = &[
    (0x0000_0100, 32768),       // VM
    (0x0000_0200, 2),           // FS
    (0x0000_0400, 1),           // FILES
    (0x0000_0800, 2048),        // SIGHAND
    (0x0000_2000, 1024),        // PTRACE
    (0x0000_4000, 134_217_728), // VFORK
    (0x0000_8000, 256),         // PARENT
    (0x0001_0000, 8192),        // THREAD
    (0x0002_0000, 32),          // NEWNS
    (0x0004_0000, 4096),        // SYSVSEM
    (0x0008_0000, 33_554_432),  // SETTLS
    (0x0010_0000, 512),         // PARENT_SETTID
    (0x0020_0000, 8_388_608),   // CHILD_CLEARTID
    (0x0080_0000, 16384),       // UNTRACED
    (0x0100_0000, 16_777_216),  // CHILD_SETTID
    (0x0200_0000, 268_435_456), // NEWCGROUP
    (0x0400_0000, 128),         // NEWUTS
    (0x0800_0000, 8),           // NEWIPC
    (0x1000_0000, 1_048_576),   // NEWUSER
    (0x2000_0000, 64),          // NEWPID
    (0x4000_0000, 16),          // NEWNET
    (0x8000_0000, 4),           // IO
];

const MMAP: &[(u64, u64)] = &[
    (0x1, 1),        // SHARED
    (0x2, 2),        // PRIVATE
    (0x10, 4),       // FIXED
    (0x20, 8),       // ANONYMOUS
    (0x40, 16),      // 32BIT
    (0x100, 512),    // GROWSDOWN
    (0x800, 1024),   // DENYWRITE
    (0x1000, 2048),  // EXECUTABLE
    (0x2000, 16384), // LOCKED
    (0x4000, 64),    // NORESERVE
    (0x8000, 128),   // POPULATE
    (0x10000, 256),  // NONBLOCK
];

/// linux/fcntl.h; `F_DUPFD` is 0, unlike the schema's "unknown".
const FCNTL: &[(u64, u64)] = &[
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 4),
    (4, 5),
    (5, 6),
    (6, 8),
    (7, 9),
    (8, 10),
    (9, 12),
    (10, 13),
    (11, 15),
    (12, 17),
    (13, 18),
    (14, 19),
    (15, 21),
    (16, 22),
    (36, 30),
    (37, 31),
    (38, 32),
    (1024, 23),
    (1025, 24),
    (1026, 27),
    (1029, 25),
    (1030, 26),
    (1031, 28),
    (1032, 29),
];

/// linux/ptrace.h and the x86 asm/ptrace-abi.h: in runs of (first native, first of the schema, how many).
const PTRACE_RUNS: &[(u64, u64, u64)] = &[
    (0, 1, 10),
    (16, 11, 2),
    (24, 13, 1),
    (0x4200, 14, 12),
    (12, 26, 4),
    (18, 30, 2),
    (21, 32, 1),
    (25, 33, 2),
    (30, 35, 4),
];

fn way(conversion: Conversion) -> Way {
    use Way::{Bits, Numbers, Same};
    match conversion {
        C::Open => Bits(OPEN),
        C::Fd => Bits(&[(O_CLOEXEC, 4096), (O_NONBLOCK, 64), (O_DIRECT, 512)]),
        C::Sock => Bits(&[(O_CLOEXEC, 4096), (O_NONBLOCK, 64)]),
        C::Openat2 => Bits(&[(1, 16), (2, 4), (4, 8), (8, 1), (16, 2), (32, 32)]),
        C::Clone => Bits(CLONE),
        C::Prot => Bits(&[(1, 1), (2, 2), (4, 4), (8, 8), (0x0100_0000, 16), (0x0200_0000, 32)]),
        C::Mmap => Bits(MMAP),
        C::Mount | C::Prctl | C::Bpf | C::Keyctl | C::Fsconfig => Same(0xffff_ffff),
        C::Umount | C::Splice | C::Flock | C::IoUringEnter => Same(0xf),
        C::Fcntl => Numbers(FCNTL, 0),
        C::SockoptLevel => Numbers(&[(1, 1), (6, 2)], 0),
        C::SockoptOption => Numbers(&[(55, 52), (57, 53), (59, 51)], 0),
        C::Ptrace => Numbers(&[], 0),
        C::Futex => Same(0x1ff),
        C::Lseek => Same(0xff),
        C::Shutdown => Numbers(&[(0, 0), (1, 1), (2, 2)], 0xffff),
        C::Rlimit => Same(0xf),
        C::Access | C::Mlockall | C::MemfdCreate | C::Renameat2 | C::FinitModule => Same(7),
        C::Mode => Same(0o7777),
        C::Mknod => Same(0o177_777),
        C::QuotactlCommand => Numbers(
            &[
                (0x80_0001, 128),
                (0x80_0002, 1),
                (0x80_0003, 2),
                (0x80_0004, 4),
                (0x80_0005, 8),
                (0x80_0006, 16),
                (0x80_0007, 32),
                (0x80_0008, 64),
                (0x5801, 256),
                (0x5802, 512),
                (0x5803, 1024),
                (0x5804, 2048),
                (0x5805, 4096),
                (0x5806, 8192),
                (0x5807, 16384),
            ],
            0,
        ),
        C::QuotactlType => Numbers(&[(0, 1), (1, 2)], 0),
        C::QuotactlFormat => Numbers(&[(1, 2), (2, 4), (4, 8)], 1),
        C::QuotactlInfo => Numbers(&[(1, 2)], 1),
        C::Semget => Bits(&[(0o1000, 8192), (0o2000, 16384)]),
        C::Semctl => Numbers(
            &[
                (0, 4),
                (1, 2),
                (2, 1),
                (3, 8),
                (11, 256),
                (12, 512),
                (13, 64),
                (14, 128),
                (15, 1024),
                (16, 4096),
                (17, 2048),
                (18, 32),
                (19, 16),
            ],
            0,
        ),
        C::Semop => Bits(&[(0o4000, 1), (0x1000, 2)]),
        C::Unlinkat => Same(0x200),
        C::Linkat => Same(0x1400),
        C::Newfstatat => Same(0x1900),
        C::Fchownat => Bits(&[(0x100, 1024), (0x1000, 4096)]),
        C::CloseRange => Same(6),
        C::DeleteModule => Bits(&[(O_NONBLOCK, 2), (O_TRUNC, 1)]),
        C::EpollCreate1 => Bits(&[(O_CLOEXEC, 1)]),
        C::PidfdOpen => Bits(&[(O_NONBLOCK, 1)]),
        C::Mlock2 => Same(1),
        C::IoUringSetup => Bits(&[(1, 1), (2, 2), (4, 8), (8, 16), (16, 32), (32, 64), (64, 128)]),
        C::IoUringFeatures => Same(0x7ff),
        // The highest bit says that the descriptor is a number in the ring's own table.
        C::IoUringRegister => Same(0x7fff_ffff),
        C::Poll => Bits(&[
            (0x1, 1),
            (0x2, 2),
            (0x4, 4),
            (0x8, 16),
            (0x10, 32),
            (0x20, 64),
            (0x40, 128),
            (0x80, 256),
            (0x100, 512),
            (0x200, 1024),
            (0x2000, 8),
        ]),
    }
}

/// A native value as the schema's tables have it; bits and numbers they do not know become 0 or their "unknown".
pub fn convert(conversion: Conversion, value: u64) -> u64 {
    match (conversion, way(conversion)) {
        (C::Open, Way::Bits(bits)) => {
            // Access mode 3 (neither reading nor writing, ioctl only) is reported as reading.
            let access = match value & 3 {
                1 => 2,
                2 => 3,
                _ => 1,
            };
            let sync = if value & O_SYNC == O_SYNC { 128 } else { 0 };
            access | sync | set(bits, value)
        }
        // The old magic number in the upper half says nothing.
        (C::Mount, _) if value & 0xffff_0000 == 0xc0ed_0000 => value & 0xffff,
        (C::Rlimit, _) if value > 15 => 255,
        (C::SockoptOption, _) if value <= 50 => value,
        (C::Ptrace, _) => PTRACE_RUNS
            .iter()
            .find(|&&(native, _, count)| value >= native && value - native < count)
            .map_or(0, |&(native, ours, _)| ours + (value - native)),
        (_, Way::Same(known)) => value & known,
        (_, Way::Bits(bits)) => set(bits, value),
        (_, Way::Numbers(numbers, unknown)) => {
            numbers.iter().find(|(native, _)| *native == value).map_or(unknown, |&(_, ours)| ours)
        }
    }
}

fn set(bits: &[(u64, u64)], value: u64) -> u64 {
    bits.iter().filter(|(native, _)| value & native != 0).fold(0, |all, (_, ours)| all | ours)
}

#[cfg(test)]
mod tests;

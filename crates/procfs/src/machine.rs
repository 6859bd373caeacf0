//! The machine itself.

use rustix::time::{ClockId, clock_gettime};
use vigie_events::facts::Machine;

use crate::ProcFs;
use crate::file::{self, number, words};

pub fn machine(procfs: &ProcFs) -> Machine {
    let small = |path: &str| file::of_path(&procfs.path(path), 4096).unwrap_or_default();
    let memory_kb = small("proc/meminfo").split(|&byte| byte == b'\n').find_map(|line| {
        let value = line.strip_prefix(b"MemTotal:")?;
        number(words(value).next()?)
    });
    let online = cpus(small("sys/devices/system/cpu/online").trim_ascii());
    let usable = || std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
    Machine {
        cpus: online.unwrap_or_else(usable),
        memory_bytes: memory_kb.unwrap_or(0).saturating_mul(1024),
        max_pid: number(small("proc/sys/kernel/pid_max").trim_ascii()).unwrap_or(0),
        hostname: rustix::system::uname().nodename().to_bytes().to_vec(),
        boot_ts: boot_ts(procfs),
        flags: 0,
    }
}

/// How many a list such as `0-3,5` names.
fn cpus(list: &[u8]) -> Option<u32> {
    let mut count = 0u64;
    for range in list.split(|&byte| byte == b',') {
        let mut ends = range.splitn(2, |&byte| byte == b'-');
        let first = number(ends.next()?)?;
        let last = ends.next().map_or(Some(first), number)?;
        count = count.checked_add(last.checked_sub(first)?.checked_add(1)?)?;
    }
    u32::try_from(count).ok()
}

/// When the host started, in nanoseconds since the epoch: the difference of the two clocks, read so close together that
/// it is exact to the microsecond; else what `/proc/stat` says, to the second.
pub fn boot_ts(procfs: &ProcFs) -> u64 {
    let mut best: Option<(i128, i128)> = None;
    for _ in 0..8 {
        let before = nanoseconds(ClockId::Realtime);
        let since_boot = nanoseconds(ClockId::Boottime);
        let after = nanoseconds(ClockId::Realtime);
        let (width, start) = (after - before, (before + after) / 2 - since_boot);
        if width >= 0 && best.is_none_or(|(narrowest, _)| width < narrowest) {
            best = Some((width, start));
        }
    }
    if let Some(start) = best.and_then(|(_, start)| u64::try_from(start).ok()).filter(|&start| start > 0) {
        return start;
    }
    let stat = file::of_path(&procfs.path("proc/stat"), 1 << 20).unwrap_or_default();
    let seconds = stat.split(|&byte| byte == b'\n').find_map(|line| number(line.strip_prefix(b"btime ")?));
    seconds.unwrap_or(0).saturating_mul(1_000_000_000)
}

fn nanoseconds(clock: ClockId) -> i128 {
    let time = clock_gettime(clock);
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cpus() {
        assert_eq!(cpus(b"0"), Some(1));
        assert_eq!(cpus(b"0-3,5,7-8"), Some(7));
        for list in [&b""[..], b"3-1", b"a", b"0-18446744073709551615"] {
            assert_eq!(cpus(list), None);
        }
    }
}

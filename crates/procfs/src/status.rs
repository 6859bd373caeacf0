//! `/proc/PID/status`.

use crate::file::{hex, number, words};

/// What is used of it. Ids and capabilities are the effective ones unless their name says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub tid: i64,
    pub pid: i64,
    pub ptid: i64,
    pub uid: u32,
    pub gid: u32,
    /// The ids that count for files.
    pub fsuid: u32,
    pub fsgid: u32,
    /// As the innermost namespace of process numbers has them.
    pub vtid: i64,
    pub vpid: i64,
    pub vpgid: i64,
    pub vsid: i64,
    /// How many namespaces of process numbers the thread has a number in, seen from ours.
    pub depth: usize,
    pub vmsize_kb: u32,
    pub vmrss_kb: u32,
    pub vmswap_kb: u32,
    pub cap_inheritable: u64,
    pub cap_permitted: u64,
    pub cap_effective: u64,
    pub groups: Vec<u32>,
}

/// The capabilities there are.
const CAPABILITIES: u64 = (1 << 41) - 1;
/// The most supplementary groups that are looked at.
const MAX_GROUPS: usize = 1024;

/// Reads the lines. `None` when they name no thread.
pub fn parse(text: &[u8]) -> Option<Status> {
    let mut status = Status {
        tid: -1,
        pid: -1,
        ptid: 0,
        uid: u32::MAX,
        gid: u32::MAX,
        fsuid: u32::MAX,
        fsgid: u32::MAX,
        vtid: -1,
        vpid: -1,
        vpgid: -1,
        vsid: -1,
        depth: 1,
        vmsize_kb: 0,
        vmrss_kb: 0,
        vmswap_kb: 0,
        cap_inheritable: 0,
        cap_permitted: 0,
        cap_effective: 0,
        groups: Vec::new(),
    };
    for line in text.split(|&byte| byte == b'\n') {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let (key, value) = (&line[..colon], &line[colon + 1..]);
        match key {
            b"Pid" => status.tid = first(value)?,
            b"Tgid" => status.pid = first(value)?,
            b"PPid" => status.ptid = first(value)?,
            b"Uid" => (status.uid, status.fsuid) = effective(value)?,
            b"Gid" => (status.gid, status.fsgid) = effective(value)?,
            b"Groups" => {
                let groups = words(value).filter_map(|word| number(word)?.try_into().ok());
                status.groups = groups.take(MAX_GROUPS).collect();
            }
            b"NSpid" => {
                status.vtid = last(value).unwrap_or(-1);
                status.depth = words(value).count().max(1);
            }
            b"NStgid" => status.vpid = last(value).unwrap_or(-1),
            b"NSpgid" => status.vpgid = last(value).unwrap_or(-1),
            b"NSsid" => status.vsid = last(value).unwrap_or(-1),
            b"VmSize" => status.vmsize_kb = kilobytes(value),
            b"VmRSS" => status.vmrss_kb = kilobytes(value),
            b"VmSwap" => status.vmswap_kb = kilobytes(value),
            b"CapInh" => status.cap_inheritable = capabilities(value),
            b"CapPrm" => status.cap_permitted = capabilities(value),
            b"CapEff" => status.cap_effective = capabilities(value),
            _ => {}
        }
    }
    if status.tid <= 0 || status.pid <= 0 {
        return None;
    }
    // Kernels without namespaces of process numbers do not tell of them.
    if status.vtid < 0 {
        (status.vtid, status.vpid) = (status.tid, status.pid);
    }
    Some(status)
}

fn first(value: &[u8]) -> Option<i64> {
    number(words(value).next()?)?.try_into().ok()
}

fn last(value: &[u8]) -> Option<i64> {
    number(words(value).last()?)?.try_into().ok()
}

/// The second and the fourth of four.
fn effective(value: &[u8]) -> Option<(u32, u32)> {
    let mut ids = words(value).map(|word| number(word).and_then(|id| u32::try_from(id).ok()));
    Some((ids.nth(1)??, ids.nth(1)??))
}

fn kilobytes(value: &[u8]) -> u32 {
    let number = words(value).next().and_then(number).unwrap_or(0);
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn capabilities(value: &[u8]) -> u64 {
    words(value).next().and_then(hex).unwrap_or(0) & CAPABILITIES
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"Name:\tsleep\nTgid:\t22687\nPid:\t22690\nPPid:\t22585\nUid:\t0\t1000\t2\t3\n\
        Gid:\t4\t5\t6\t7\nGroups:\t10 20 \nNStgid:\t22687\t1\nNSpid:\t22690\t4\nNSpgid:\t22585\t1\nNSsid:\t19174\t0\n\
        VmSize:\t    3060 kB\nVmRSS:\t99999999999 kB\nVmSwap:\t       0 kB\nCapInh:\t0000000000000000\n\
        CapPrm:\tffffffffffffffff\nCapEff:\t00000000a80425fb\n";

    #[test]
    fn a_thread_in_a_namespace() {
        let status = parse(TEXT).unwrap();
        assert_eq!((status.tid, status.pid, status.ptid), (22690, 22687, 22585));
        assert_eq!((status.vtid, status.vpid, status.vpgid, status.vsid, status.depth), (4, 1, 1, 0, 2));
        assert_eq!((status.uid, status.fsuid, status.gid, status.fsgid), (1000, 3, 5, 7));
        assert_eq!(status.groups, [10, 20]);
        assert_eq!((status.vmsize_kb, status.vmrss_kb), (3060, u32::MAX));
        assert_eq!((status.cap_permitted, status.cap_effective), (0x1ff_ffff_ffff, 0xa804_25fb));
    }

    #[test]
    fn a_kernel_without_namespaces_and_no_thread_at_all() {
        let status = parse(b"Tgid:\t5\nPid:\t5\n").unwrap();
        assert_eq!((status.vtid, status.vpid, status.uid), (5, 5, u32::MAX));
        assert_eq!(parse(b"Name:\tx\n"), None);
        assert_eq!(parse(b"Tgid:\t-5\nPid:\t5\n"), None);
    }
}

//! The readers of what `/proc` and account files say, and what the state makes of it: names of containers in cgroups.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_procfs::{accounts, cgroups, descriptors, sockets, stat, status};
use vigie_state::cgroup;

fuzz_target!(|data: &[u8]| {
    if let Some(stat) = stat::parse(data) {
        assert!(stat.comm.len() <= 15);
    }
    if let Some(status) = status::parse(data) {
        assert!(status.tid > 0 && status.pid > 0 && status.depth > 0);
    }
    let listed = cgroups::parse(data);
    // Five subsystems, whatever is said; each with a path.
    assert!(listed.split(|&byte| byte == 0).filter(|piece| piece.contains(&b'=')).count() >= 5);
    if let Some(found) = cgroup::container(&listed, cgroup::Engines::default()) {
        assert!(!found.id.is_empty() && found.path.starts_with(b"/"));
    }
    for line in data.split(|&byte| byte == b'\n') {
        for socket in [sockets::internet(line, 2), sockets::unix(line), sockets::netlink(line)].into_iter().flatten() {
            assert_ne!(socket.0, 0);
        }
    }
    let _ = (accounts::users(data), accounts::groups(data));
    let flags = descriptors::flags(descriptors::open_flags(data));
    assert!(flags & 3 != 0);
});

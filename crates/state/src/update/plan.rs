//! What is done for every event of a type before its own change.

use std::sync::LazyLock;

use vigie_events::id;
use vigie_events::schema::{EventType, Origin, event_types, flag};

/// Whose events of a type are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// No thread is looked for.
    Nobody,
    /// The thread's if it is known.
    Known,
    /// The thread's, which gets a placeholder if it is not known.
    Anybody,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub whose: Whose,
    /// The type is about a descriptor.
    pub about_fd: bool,
    /// The parameter that names the descriptor.
    pub fd_param: Option<u8>,
    /// The event is about the capture, not about the host.
    pub meta: bool,
    /// Parameters that are a directory and a path below it, beside `fd_param`.
    pub directories: [Option<(u8, u8)>; 2],
}

static PLANS: LazyLock<Vec<Plan>> = LazyLock::new(|| event_types().iter().map(plan).collect());

#[inline]
pub(super) fn plans() -> &'static [Plan] {
    &PLANS
}

fn plan(event_type: &EventType) -> Plan {
    let about_fd = event_type.has(flag::CREATES_FD | flag::USES_FD | flag::DESTROYS_FD);
    Plan {
        whose: whose(event_type),
        about_fd,
        fd_param: fd_param(event_type.id),
        meta: event_type.origin == Origin::Metaevent,
        directories: super::live::directories(event_type, fd_param(event_type.id)),
    }
}

fn whose(event_type: &EventType) -> Whose {
    match event_type.id {
        id::CLONE_X | id::CLONE3_X | id::FORK_X | id::VFORK_X | id::PROCEXIT_E | id::SCHEDSWITCH_E | id::PROCINFO_E => {
            Whose::Known
        }
        id::CONTAINER_JSON_2_E => Whose::Known,
        _ if event_type.has(flag::SKIPPARSERESET) => Whose::Nobody,
        _ => match event_type.origin {
            Origin::Syscall | Origin::Tracepoint => Whose::Anybody,
            Origin::Metaevent | Origin::Plugin | Origin::Iterator | Origin::None => Whose::Nobody,
        },
    }
}

/// Which parameter of an exit is the descriptor that the call is about.
fn fd_param(event: u16) -> Option<u8> {
    Some(match event {
        id::CLOSE_X
        | id::FCNTL_X
        | id::DUP_X
        | id::DUP2_X
        | id::DUP3_X
        | id::FCHDIR_X
        | id::LSEEK_X
        | id::LLSEEK_X
        | id::IOCTL_X
        | id::FSTAT_X
        | id::GETDENTS_X
        | id::GETDENTS64_X
        | id::FLOCK_X
        | id::SETNS_X
        | id::LISTEN_X
        | id::SHUTDOWN_X
        | id::GETSOCKOPT_X
        | id::SETSOCKOPT_X
        | id::FCHMOD_X
        | id::FCHOWN_X
        | id::NEWFSTATAT_X
        | id::MKDIRAT_X
        | id::MKNODAT_X
        | id::UNLINKAT_X
        | id::FCHMODAT_X
        | id::FCHOWNAT_X
        | id::COPY_FILE_RANGE_X
        | id::FSCONFIG_X
        | id::FINIT_MODULE_X
        | id::IO_URING_ENTER_X
        | id::IO_URING_REGISTER_X
        | id::SENDMMSG_X
        | id::RECVMMSG_X => 1,
        id::READ_X
        | id::PREAD_X
        | id::WRITE_X
        | id::PWRITE_X
        | id::WRITEV_X
        | id::PWRITEV_X
        | id::RECV_X
        | id::SEND_X
        | id::SENDTO_X
        | id::SENDMSG_X
        | id::SENDFILE_X
        | id::SPLICE_X
        | id::BIND_X
        | id::CONNECT_X
        | id::SYMLINKAT_X => 2,
        id::RECVFROM_X | id::READV_X | id::PREADV_X => 3,
        id::RECVMSG_X => 5,
        id::MMAP_X | id::MMAP2_X => 8,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_events::schema::Kind;

    #[test]
    fn descriptor_parameters_are_descriptors() {
        for event_type in event_types().iter().filter(|event_type| event_type.is_current() && event_type.is_exit()) {
            let plan = plans()[usize::from(event_type.id)];
            match plan.fd_param {
                Some(index) => {
                    assert_eq!(event_type.params[usize::from(index)].kind, Kind::Fd, "{}", event_type.name);
                    assert!(plan.about_fd, "{}", event_type.name);
                }
                None => assert!(!event_type.has(flag::USES_FD), "{}", event_type.name),
            }
        }
    }
}

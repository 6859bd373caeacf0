//! What rules want from the kernel, in words.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_events::interest::{Generic, describe};
use vigie_events::{id, values};
use vigie_fields::EventSource;

/// The wanted types of one condition and their gates.
fn wanted(condition: &str) -> Vec<(String, String)> {
    describe(&syscalls(&[condition]).interest())
}

fn gate(condition: &str, event: &str) -> Option<String> {
    wanted(condition).into_iter().find(|(name, _)| name == event).map(|(_, text)| text)
}

const ELSEWHERE: &str = "not absolute or not plain";

#[test]
fn only_types_that_a_rule_can_match() {
    assert_eq!(wanted("evt.type = chmod and proc.name = x"), [("chmod".to_owned(), "all".to_owned())]);
    assert_eq!(wanted("evt.type in (chmod, open) and evt.is_open_write = true").len(), 1);
    assert_eq!(wanted("evt.type in (chmod, open) and fd.name exists"), [("open".to_owned(), "all".to_owned())]);
    assert_eq!(wanted("evt.num = 0"), []);
    assert_eq!(wanted("evt.type = container"), []);
    assert!(rules(EventSource::K8sAudit, &["ka.verb = get"]).interest().gates.is_empty());
    // Switches and page faults are wanted by name alone.
    let all = wanted("proc.name = x");
    assert!(all.len() > 150 && all.iter().all(|(name, _)| name != "switch" && name != "page_fault"));
    assert_eq!(gate("evt.type = page_fault", "page_fault").unwrap(), "all");
}

#[test]
fn opening_calls() {
    let open = |condition: &str| gate(&format!("evt.type = openat and {condition}"), "openat");
    assert_eq!(
        open("evt.is_open_write = true").unwrap(),
        "flags O_RDWR|O_WRONLY|O_RDONLY".replace("O_RDWR|O_WRONLY|O_RDONLY", "O_WRONLY")
    );
    assert_eq!(open("evt.is_open_write = false").unwrap(), "all");
    assert_eq!(open("not evt.is_open_write = false").unwrap(), "flags O_WRONLY");
    assert_eq!(open("evt.arg.flags contains O_TRUNC").unwrap(), "flags O_TRUNC");
    assert_eq!(open("evt.arg.flags contains O_RDWR").unwrap(), "flags O_RDWR|O_WRONLY|O_RDONLY");
    assert_eq!(open("not evt.arg.flags contains O_TRUNC").unwrap(), "all");
    // The text of no flag at all has the literal in it too.
    assert_eq!(open("evt.arg.flags contains O_").unwrap(), "all");
    assert_eq!(open("evt.arg.flags contains 12").unwrap(), "all");
    assert_eq!(open("evt.arg.flags contains FD_UPPER").unwrap(), "all");
    assert_eq!(open("fd.num >= 0").unwrap(), "successful");
    assert_eq!(open("fd.num = -1").unwrap(), "failed");
    assert_eq!(open("not fd.num >= 0").unwrap(), "all");
    assert_eq!(gate("evt.type = creat and evt.is_open_write = true", "creat"), None);
}

#[test]
fn paths() {
    let open = |condition: &str| gate(&format!("evt.type = openat and {condition}"), "openat").unwrap();
    assert_eq!(open("fd.name startswith /etc/"), format!("path /etc/*, {ELSEWHERE}"));
    assert_eq!(
        open("fd.name in (/etc/shadow, /etc/sudoers, relative)"),
        format!("path /etc/shadow*, /etc/sudoers*, {ELSEWHERE}")
    );
    assert_eq!(
        open("(fd.name = /a or fd.directory = /b) and fd.nameraw startswith /b"),
        format!("path /b*, {ELSEWHERE}")
    );
    assert_eq!(open("fd.name pmatch (/etc, /usr/*/x)"), format!("path /etc*, /usr*, {ELSEWHERE}"));
    assert_eq!(open("fd.name glob '/home/*/.ssh/*'"), format!("path /home/*, {ELSEWHERE}"));
    assert_eq!(open("evt.arg.name startswith /etc"), format!("path /etc*, {ELSEWHERE}"));
    for climbing in ["fd.nameraw contains ../", "fd.nameraw glob '*../*../*'", "fd.name = /a/.."] {
        assert_eq!(open(climbing), format!("path {ELSEWHERE}"), "{climbing}");
    }
    for unclear in [
        "fd.name contains /etc",
        "fd.name endswith /x",
        "not fd.name startswith /etc",
        "fd.name != /etc",
        "fd.name startswith /",
        "fd.directory = /",
        // What is too long is called so.
        "fd.name startswith /DIR_TOO",
        "fd.filename = x",
    ] {
        assert_eq!(open(unclear), "all", "{unclear}");
    }
    // The descriptor of the directory, not the path.
    assert_eq!(gate("evt.type = unlinkat and fd.name startswith /etc", "unlinkat").unwrap(), "all");
    assert_eq!(
        gate("evt.type = unlinkat and evt.arg.name startswith /etc", "unlinkat").unwrap(),
        format!("path /etc*, {ELSEWHERE}")
    );
}

#[test]
fn results() {
    let close = |condition: &str| gate(&format!("evt.type = close and {condition}"), "close");
    for succeeds in [
        "evt.rawres >= 0",
        "evt.res = SUCCESS",
        "evt.failed = false",
        "not evt.rawres < 0",
        "evt.rawres in (0, 1)",
        "evt.rawarg.res = 0",
    ] {
        assert_eq!(close(succeeds).unwrap(), "successful", "{succeeds}");
    }
    for fails in [
        "evt.rawres < 0",
        "evt.res != SUCCESS",
        "evt.res = EPERM",
        "evt.rawres = -13",
        "evt.failed = true",
        "evt.res startswith E",
    ] {
        assert_eq!(close(fails).unwrap(), "failed", "{fails}");
    }
    for either in ["evt.rawres != 0", "evt.rawres > -5", "evt.res != EPERM", "evt.rawres >= 0 or evt.res = EPERM"] {
        assert_eq!(close(&format!("({either})")).unwrap(), "all", "{either}");
    }
    // An unsigned result.
    assert_eq!(gate("evt.type = getuid and evt.failed = true", "getuid").unwrap(), "all");
}

#[test]
fn sockets_and_users() {
    assert_eq!(gate("evt.type = socket and evt.arg.domain contains AF_PACKET", "socket").unwrap(), "family AF_PACKET");
    let internet = "successful and family AF_INET6|AF_INET or failed";
    assert_eq!(gate("evt.type = connect and fd.typechar in (4, 6)", "connect").unwrap(), internet);
    assert_eq!(gate("evt.type = connect and fd.sport = 443", "connect").unwrap(), internet);
    assert_eq!(gate("evt.type = connect and fd.typechar != u", "connect").unwrap(), "all");
    assert_eq!(gate("evt.type = close and fd.sport = 443", "close").unwrap(), "all");
    assert_eq!(gate("evt.type = ptrace and user.uid = 0", "ptrace").unwrap(), "user 0");
    assert_eq!(gate("evt.type = setuid and user.uid = 0", "setuid").unwrap(), "all");
    assert_eq!(gate("evt.type = ptrace and user.name = root", "ptrace").unwrap(), "all");
    assert_eq!(gate("evt.type = ptrace and user.uid = 4294967295", "ptrace").unwrap(), "all");
}

#[test]
fn generic_calls() {
    let code = |name: &str| values::table("syscall").unwrap().value(name).unwrap() as u16;
    let generic = |condition: &str| syscalls(&[condition]).interest().generic;
    assert_eq!(generic("evt.type = uname"), Generic::Some(vec![code("uname")]));
    assert_eq!(generic("evt.type in (uname, openat)"), Generic::Some(vec![code("uname")]));
    assert_eq!(generic("evt.type in (uname, openat) and fd.name = x"), Generic::None);
    assert_eq!(generic("evt.type = openat"), Generic::None);
    assert_eq!(generic("proc.name = x"), Generic::All);
    assert_eq!(generic("evt.type != uname and not evt.type = sync"), Generic::All);
    assert_eq!(generic("evt.type = uname and not evt.type in (uname, sync)"), Generic::None);
    assert!(!syscalls(&["evt.type = uname"]).interest().gates.contains_key(&id::GENERIC_X));
}

/// Rules that count how often they are tried are tried on every event of their types.
#[test]
fn counting_rules() {
    assert_eq!(gate("evt.type = openat and fd.name = /x and util.cnt > 3", "openat").unwrap(), "all");
    assert_eq!(gate("evt.type = openat and fd.name = /x and evt.deltatime > 3", "openat").unwrap(), "all");
}

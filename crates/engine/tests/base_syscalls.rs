//! What is delivered for rules and state together, as the settings say.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_engine::interest::{Asked, BaseSyscalls, FdNames, UnknownName, asked_for, state_interest};
use vigie_events::interest::{Clause, Gate, Generic, describe};
use vigie_events::{id, values};

fn base(custom_set: &[&str]) -> BaseSyscalls {
    BaseSyscalls { custom_set: custom_set.iter().map(|&name| name.to_owned()).collect(), ..BaseSyscalls::default() }
}

fn asked(condition: &str, base: &BaseSyscalls) -> Asked {
    asked_for(&[&syscalls(&[condition])], base, FdNames::Lazy).unwrap()
}

fn names(asked: &Asked) -> Vec<String> {
    describe(&asked.interest).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn what_rules_read_decides_what_the_state_needs() {
    let needs = |condition: &str, fd_names| state_interest(&[&syscalls(&[condition])], fd_names);
    let successful = Some(&Gate::Any(vec![Clause::success(true)]));
    // Threads, always.
    let threads = needs("evt.type = ptrace and proc.name = x", FdNames::Always);
    assert_eq!(threads.gates.get(&id::EXECVE_X), successful);
    assert_eq!(threads.gates.get(&id::PROCEXIT_E), Some(&Gate::All));
    assert_eq!(threads.gates.get(&id::SETUID_X), successful);
    for other in [id::CLOSE_X, id::OPENAT_X, id::SOCKET_X, id::READ_X, id::MMAP_X, id::PRLIMIT_X] {
        assert!(!threads.gates.contains_key(&other), "{other}");
    }
    assert_eq!(needs("proc.fdlimit > 3", FdNames::Lazy).gates.get(&id::PRLIMIT_X), successful);
    // A descriptor that the call itself makes, and one that it is given.
    assert!(!needs("evt.type = open and fd.name = /x", FdNames::Always).gates.contains_key(&id::CLOSE_X));
    let given = needs("evt.type = dup and fd.name = /x", FdNames::Always);
    assert_eq!(given.gates.get(&id::CLOSE_X), successful);
    assert_eq!(given.gates.get(&id::OPENAT_X), successful);
    assert_eq!(given.gates.get(&id::CONNECT_X), Some(&Gate::All));
    let lazy = needs("evt.type = dup and fd.name = /x", FdNames::Lazy);
    assert_eq!(lazy.gates.get(&id::CLOSE_X), successful);
    assert!(!lazy.gates.contains_key(&id::OPENAT_X));
    // Outputs read too.
    let printed = printing("evt.type = dup and proc.name = x", "%fd.name");
    assert!(state_interest(&[&printed], FdNames::Lazy).gates.contains_key(&id::CLOSE_X));
}

#[test]
fn calls_that_move_data_are_asked_for_on_demand() {
    let condition = "evt.type in (read, sendto, ptrace)";
    let by_default = asked(condition, &BaseSyscalls::default());
    assert_eq!(by_default.ignored, ["read", "sendto"]);
    assert!(!by_default.interest.gates.contains_key(&id::READ_X));
    let all = asked(condition, &BaseSyscalls { all: true, ..BaseSyscalls::default() });
    assert!(all.ignored.is_empty());
    assert_eq!(all.interest.gates.get(&id::READ_X), Some(&Gate::All));
}

#[test]
fn a_set_of_ones_own() {
    let own = asked("evt.type = ptrace", &base(&["close", "uname"]));
    assert_eq!(names(&own), ["close", "procexit", "ptrace", "uname"]);
    let repaired = asked("evt.type = ptrace", &BaseSyscalls { repair: true, ..base(&["close"]) });
    assert!(names(&repaired).iter().any(|name| name == "execve"));
    assert!(names(&repaired).iter().any(|name| name == "close"));
    // What is excluded is excluded for rules too; exits never are.
    let without =
        asked("evt.type in (ptrace, chmod, uname, sync)", &base(&["!chmod", "!uname", "!execve", "!procexit"]));
    let left = names(&without);
    assert!(left.iter().all(|name| !["chmod", "uname", "execve"].contains(&name.as_str())), "{left:?}");
    assert!(["ptrace", "sync", "clone", "procexit"].iter().all(|name| left.iter().any(|known| known == name)));
    let all_but = asked("proc.name = x", &base(&["!uname"])).interest.generic;
    let code = values::table("syscall").unwrap().value("uname").unwrap() as u16;
    assert!(matches!(all_but, Generic::Some(codes) if codes.len() > 100 && !codes.contains(&code)));
    let unknown = asked_for(&[], &base(&["no_such_call"]), FdNames::Lazy);
    assert_eq!(unknown, Err(UnknownName("no_such_call".to_owned())));
}

use super::*;
use crate::{EventBuilder, id};

fn paths(texts: &[&str]) -> Clause {
    Clause::paths(texts.iter().map(|text| text.as_bytes().to_vec()).collect())
}

fn any(clauses: &[Clause]) -> Gate {
    clauses.iter().fold(Gate::NEVER, |gate, clause| gate.or(&Gate::of(clause.clone())))
}

#[test]
fn gates_only_widen() {
    let writes = Clause::open_flags(2);
    let secrets = paths(&["/etc/shadow"]);
    let mut interest = Interest::default();
    interest.add(id::OPENAT_X, Gate::Any(vec![writes.clone()]));
    interest.add(id::OPENAT_X, Gate::Any(vec![secrets.clone(), writes.clone()]));
    assert_eq!(interest.gates[&id::OPENAT_X], Gate::Any(vec![writes.clone(), secrets]));
    interest.add(id::OPENAT_X, Gate::Any(vec![Clause::default()]));
    assert_eq!(interest.gates[&id::OPENAT_X], Gate::All);
    interest.add(id::OPENAT_X, Gate::Any(vec![writes]));
    assert_eq!(interest.gates[&id::OPENAT_X], Gate::All);
    interest.add(id::CLOSE_X, Gate::NEVER);
    assert!(!interest.gates.contains_key(&id::CLOSE_X));
}

#[test]
fn generic_calls_add_up() {
    let mut interest = Interest::default();
    interest.add_generic(Generic::Some(vec![7, 3]));
    interest.add_generic(Generic::Some(vec![3, 9]));
    assert_eq!(interest.generic, Generic::Some(vec![3, 7, 9]));
    interest.add_generic(Generic::All);
    interest.add_generic(Generic::None);
    assert_eq!(interest.generic, Generic::All);
}

#[test]
fn clauses_that_say_the_same_become_one() {
    // What another implies is left out; what differs in one test is put together.
    assert_eq!(any(&[paths(&["/etc/shadow"]), paths(&["/etc/"])]), Gate::Any(vec![paths(&["/etc/"])]));
    assert_eq!(any(&[Clause::success(true), Clause::success(false)]), Gate::All);
    assert_eq!(any(&[Clause::open_flags(1), Clause::open_flags(2)]), Gate::Any(vec![Clause::open_flags(3)]));
    assert_eq!(any(&[paths(&["/"])]), Gate::All);
    let both = Gate::of(Clause::success(true)).and(&Gate::of(paths(&["/etc/"])));
    assert_eq!(both, Gate::Any(vec![Clause { success: Some(true), ..paths(&["/etc/"]) }]));
    assert!(both.and(&Gate::of(Clause::success(false))).is_never());
    let within = both.and(&Gate::of(paths(&["/etc/ssh/", "/root/"])));
    assert_eq!(within, Gate::Any(vec![Clause { success: Some(true), ..paths(&["/etc/ssh/"]) }]));
}

#[test]
fn too_many_clauses_are_widened() {
    let clause = |number: u32| Clause { open_flags: Some(1 << (number % 13)), ..paths(&[&format!("/p{number}/")]) };
    let many: Vec<Clause> = (0..40).map(clause).collect();
    let gate = any(&many);
    let Gate::Any(clauses) = &gate else { panic!("{gate:?}") };
    assert!(clauses.len() <= MAX_CLAUSES);
    let beginnings: std::collections::BTreeSet<&Vec<u8>> =
        clauses.iter().filter_map(|clause| clause.paths.as_ref()).flatten().collect();
    assert!(beginnings.len() <= MAX_PATHS, "{beginnings:?}");
    for clause in &many {
        assert!(clauses.iter().any(|wider| clause.implies(wider)), "{clause:?}");
    }
}

fn open(result: i64, path: &[u8], flags: u32) -> EventBuilder {
    EventBuilder::new(id::OPENAT_X).i64(result).i64(-100).text(path).u32(flags).u32(0).u32(0).u64(0)
}

#[test]
fn paths_that_are_not_certain_pass() {
    let gate = any(&[paths(&["/etc/"])]);
    let passes = |path: &[u8]| gate.passes(&open(3, path, 1).event(), None);
    for path in [
        &b"/etc/shadow"[..],
        b"//etc/shadow",
        b"/./etc/shadow",
        b"/usr/../etc/shadow",
        b"etc/shadow",
        b"",
        b"/usr/.",
        b"/usr/lib/..",
        b"/usr//",
        b"//",
        b"/usr//lib",
        b"/usr/a..b",
    ] {
        assert!(passes(path), "{path:?}");
    }
    for path in [&b"/usr/lib"[..], b"/etcetera", b"/usr/.hidden/x.y/z.", b"/\xff", b"/etc", b"/usr/", b"/"] {
        assert!(!passes(path), "{path:?}");
    }
    let absent = EventBuilder::new(id::OPENAT_X).i64(3).i64(-100).absent().u32(1);
    assert!(gate.passes(&absent.event(), None));
}

#[test]
fn results_flags_families_and_users() {
    let succeeds = |success, result| Gate::of(Clause::success(success)).passes(&open(result, b"/x", 1).event(), None);
    assert!(succeeds(true, 0) && succeeds(false, -2) && !succeeds(true, -2) && !succeeds(false, 3));
    let flags = |any, flags| Gate::of(Clause::open_flags(any)).passes(&open(3, b"/x", flags).event(), None);
    assert!(flags(2, 3) && flags(2 | 256, 256) && !flags(2, 1) && !flags(2, 0));
    let packet = Gate::of(Clause::families(vec![17]));
    let socket = |family| EventBuilder::new(id::SOCKET_X).i64(3).u32(family).u32(3).u32(0).u32(0);
    assert!(packet.passes(&socket(17).event(), None) && !packet.passes(&socket(2).event(), None));
    let connect = |tuple: &[u8]| EventBuilder::new(id::CONNECT_X).i64(0).bytes(tuple).i64(3).absent();
    let internet = Gate::of(Clause::families(vec![2, 10]));
    let unix = [&[1u8; 17][..], b"/run/x\0"].concat();
    assert!(internet.passes(&connect(&[2, 127, 0, 0, 1, 0, 0, 127, 0, 0, 1, 0, 0]).event(), None));
    assert!(!internet.passes(&connect(&unix).event(), None));
    assert!(internet.passes(&connect(b"").event(), None), "not known");
    let root = Gate::of(Clause::uids(vec![0]));
    let event = open(3, b"/x", 1);
    assert!(root.passes(&event.event(), Some(0)) && !root.passes(&event.event(), Some(1000)));
    assert!(root.passes(&event.event(), None), "not known");
    assert!(Clause::uids((0..6).collect()).is_open(), "more users than there is room for");
}

#[test]
fn types_and_calls() {
    let mut interest = Interest::default();
    let generic = |code: u16| EventBuilder::new(id::GENERIC_X).u16(code).u16(0);
    assert!(!interest.passes(&generic(3).event(), None));
    interest.add_generic(Generic::Some(vec![3]));
    assert!(interest.passes(&generic(3).event(), None));
    assert!(!interest.passes(&generic(4).event(), None));
    assert!(interest.passes(&generic(60_000).event(), None), "a call that the table does not have");
    assert!(!interest.passes(&open(3, b"/x", 1).event(), None));
    interest.add(id::OPENAT_X, Gate::of(Clause::success(true)));
    assert!(interest.passes(&open(3, b"/x", 1).event(), None));
    assert!(interest.passes(&EventBuilder::new(id::OPENAT_E).event(), None));
    assert!(!interest.passes(&EventBuilder::new(id::OPEN_E).event(), None));
    assert!(interest.passes(&EventBuilder::new(id::ASYNCEVENT_E).event(), None));
    assert!(!interest.passes(&EventBuilder::new(id::PROCEXIT_E).event(), None));
}

#[test]
fn in_words() {
    let mut interest = Interest::default();
    let gate = Gate::Any(vec![Clause { success: Some(true), open_flags: Some(2), ..paths(&["/etc/"]) }]);
    interest.add(id::OPENAT_X, gate.or(&Gate::of(Clause::success(false))));
    interest.add(id::SOCKET_X, Gate::of(Clause::families(vec![17])));
    interest.add(id::PROCEXIT_E, Gate::All);
    interest.add_generic(Generic::Some(vec![values_code("uname")]));
    let text = "successful and flags O_WRONLY and path /etc/*, not absolute or not plain or failed";
    let expected = [("openat", text), ("procexit", "all"), ("socket", "family AF_PACKET"), ("uname", "all")]
        .map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(describe(&interest), expected);
}

fn values_code(name: &str) -> u16 {
    let code = crate::values::table("syscall").and_then(|table| table.value(name)).unwrap();
    u16::try_from(code).unwrap()
}

//! What is refused, what literals mean, what hints are given.

use super::{BindErrorKind, Constant, Side};
use crate::operators::Net;
use crate::sample::{bound, try_bound};

fn refused(condition: &str) -> String {
    match try_bound(condition) {
        Ok(_) => panic!("taken: {condition}"),
        Err(error) => {
            assert_eq!(error.kind, BindErrorKind::Other, "{condition}");
            error.message
        }
    }
}

fn constants(condition: &str) -> Vec<Constant> {
    match &bound(condition).checks()[0].right {
        Side::Constants(constants) => constants.clone(),
        other => panic!("{condition}: {other:?}"),
    }
}

#[test]
fn fields_must_exist() {
    let error = try_bound("proc.name = a and proc.nane = b").unwrap_err();
    assert_eq!(error.kind, BindErrorKind::UnknownField);
    assert_eq!((error.span.start, error.span.end), (18, 27));
    let error = try_bound("tolower(proc.nane) = b").unwrap_err();
    assert_eq!(error.kind, BindErrorKind::UnknownField);
    refused("proc.name[bad] = a");
    refused("out.only = a");
}

#[test]
fn operators_need_their_types() {
    for condition in [
        "proc.pid contains 1",
        "proc.pid startswith 1",
        "proc.pid pmatch (1)",
        "evt.is_open_read < 1",
        "fd.sip < 1",
        "fd.sip contains 1",
        "fd.snet >= 1",
        "evt.buffer endswith a",
        "evt.buffer glob a",
        "evt.buffer icontains a",
        "evt.buffer < 5",
        "proc.name bcontains 00",
        "proc.name bstartswith 00",
        "fd.types = a",
        "fd.types contains a",
        "fd.types pmatch (a)",
        "proc.args != a",
        "evt.around[5] > 1",
        "evt.around[5] in (1)",
        "fd.sip.name contains a",
        "fd.ip intersects (10.0.0.1)",
        "fd.port intersects (1)",
        "fd.net intersects (10.0.0.0/8)",
        "len(proc.name) contains 1",
    ] {
        refused(condition);
    }
    for condition in ["evt.around[5] = 1", "fd.sip.name in (a)", "fd.sip.name != a", "fd.sip.name exists"] {
        bound(condition);
    }
}

#[test]
fn numbers_are_cut_to_the_width_of_the_field() {
    let int = |number| vec![Constant::Int(number)];
    let uint = |number| vec![Constant::Uint(number)];
    for (condition, expected) in [
        ("num.i8 = 255", int(-1)),
        ("num.i8 = -129", int(127)),
        ("num.i16 = 65537", int(1)),
        ("num.u16 = 65537", uint(1)),
        ("num.u16 = -1", uint(65_535)),
        ("user.uid = -1", uint(4_294_967_295)),
        ("user.uid = +7", uint(7)),
        ("evt.num = -1", uint(u64::MAX)),
        ("proc.pid = 99999999999999999999", int(i64::MAX)),
        ("proc.pid = -99999999999999999999", int(i64::MIN)),
        ("evt.num = 99999999999999999999", uint(u64::MAX)),
        ("thread.cpu > 2", vec![Constant::Double(2.0)]),
        ("fd.sport = 65537", uint(1)),
        ("fd.sport = https", uint(443)),
        ("fd.sport = ''", uint(0)),
    ] {
        assert_eq!(constants(condition), expected, "{condition}");
    }
}

#[test]
fn literals_must_be_values_of_the_field() {
    let long = "a".repeat(256);
    for condition in [
        "proc.pid = 0x10",
        "proc.pid = 1.5",
        "proc.pid = 1e3",
        "proc.pid = a",
        "proc.pid = ''",
        "proc.pid = '5 '",
        "proc.pid = -",
        "thread.cpu = 2.5",
        "evt.is_open_read = 1",
        "evt.is_open_read = True",
        "fd.sport = nosuchservice",
        "fd.sip = 10.0.0",
        "fd.sip = 10.0.0.0/8",
        "fd.sip = '::ffff:10.0.0.1'",
        "fd.sip = localhost",
        "fd.snet = 10.0.0.0",
        "fd.snet = 10.0.0.0/33",
        "fd.snet = 'fd00::/0'",
        "fd.snet = 'fd00::/129'",
        "evt.buffer bcontains 0",
        "evt.buffer bcontains 0g",
        "proc.name = 'a\\x00b'",
        "proc.name regex '('",
        "proc.name regex '\\\\d+'",
        &format!("proc.name = {long}"),
        &format!("proc.name in (a, {long})"),
    ] {
        refused(condition);
    }
    assert_eq!(constants(&format!("proc.name = {}", &long[1..])).len(), 1);
    assert_eq!(constants("evt.buffer bcontains 00fF"), [Constant::Bytes([0, 255].into())]);
    assert_eq!(constants("evt.buffer contains 'a\\x00'"), [Constant::Bytes(b"a\0"[..].into())]);
    assert_eq!(constants("fd.snet = 10.9.9.9/8"), [Constant::Net(Net::parse(b"10.0.0.0/8").unwrap())]);
}

#[test]
fn event_types_must_be_known_and_stand_alone() {
    for condition in [
        "evt.type = nosuch",
        "evt.type in (open, nosuch)",
        "syscall.type = nosuch",
        "tolower(evt.type) = open",
        "evt.type = val(proc.name)",
        "proc.name = val(evt.type)",
        "proc.name = tolower(evt.type)",
    ] {
        refused(condition);
    }
    assert!(refused("evt.type in (open, nosuch)").contains("nosuch"));
    bound("evt.type in (open, getrandom)");
}

#[test]
fn right_sides_must_be_alike() {
    for condition in [
        "proc.name = val(proc.pid)",
        "proc.pid = val(proc.name)",
        "proc.name in val(proc.args)",
        "proc.args in val(proc.name)",
        "proc.name = val(proc.aname)",
        "proc.name = val(norhs.text)",
        "proc.name regex val(proc.pname)",
        "proc.name pmatch val(proc.pname)",
        "proc.name = len(proc.pname)",
        "tolower(proc.aname) = a",
    ] {
        refused(condition);
    }
    for condition in ["proc.name = val(proc.pname)", "proc.args intersects val(fd.types)", "proc.pid = val(proc.pid)"] {
        bound(condition);
    }
}

#[test]
fn macros_must_be_expanded() {
    assert!(refused("proc.name = a and nosuch").contains("nosuch"));
}

#[test]
fn hints_are_about_likely_mistakes() {
    let hints = |condition: &str| bound(condition).hints();
    assert_eq!(hints("proc.name regex bash").len(), 1);
    assert_eq!(hints("proc.name = proc.pname").len(), 1);
    assert_eq!(hints("proc.name in (a, proc.aname[2])").len(), 1);
    assert_eq!(hints("proc.name = 'tolower(proc.pname)'").len(), 1);
    for condition in ["proc.name regex 'b.*'", "proc.name = evil.com", "proc.name = a", "proc.name = val(proc.pname)"] {
        assert!(hints(condition).is_empty(), "{condition}");
    }
}

#[test]
fn checks_are_printed_as_the_peer_does() {
    let text = |condition: &str| bound(condition).checks()[0].text.clone();
    assert_eq!(text("proc.name  in ( a,'b c' )"), "proc.name in (a, \"b c\")");
    assert_eq!(text("tolower(proc.name) startswith anyof (a)"), "tolower(proc.name) startswith anyof (a)");
    assert_eq!(text("proc.aname[2] == val(proc.name)"), "proc.aname[2] = val(proc.name)");
}

#[test]
fn parts_that_macros_share_are_bound_once() {
    use crate::syntax::ast::Expr;
    use std::sync::Arc;
    // Written out, this is 2^40 comparisons.
    let mut expr = crate::syntax::parse("proc.name = a").unwrap();
    for _ in 0..40 {
        expr = Arc::new(Expr::Or(vec![Arc::clone(&expr), expr]));
    }
    let bound = super::bind(&expr, &crate::sample::World).unwrap();
    assert_eq!(bound.checks().len(), 1);
}

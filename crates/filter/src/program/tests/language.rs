//! The language's rules, one by one, against the compiled program and the reference.

use crate::program::{Builder, Evaluator};
use crate::sample::{Given, Sample, bound};
use crate::{Bump, reference};

/// What a condition gives, by program and by reference.
fn holds(condition: &str, sample: &Sample) -> bool {
    let condition = bound(condition);
    let arena = Bump::new();
    let expected = reference::matches(&condition, sample, &arena);
    let mut builder = Builder::new();
    let id = builder.add(&condition);
    let mut program = builder.finish();
    let root = program.root(id);
    let mut evaluator = Evaluator::new(&program);
    evaluator.begin();
    let result = evaluator.test(&program, root, sample, &arena);
    assert_eq!(result, expected, "program and reference differ");
    result
}

fn check(sample: &Sample, met: &[&str], unmet: &[&str]) {
    for condition in met {
        assert!(holds(condition, sample), "unmet: {condition}");
    }
    for condition in unmet {
        assert!(!holds(condition, sample), "met: {condition}");
    }
}

fn list(texts: &[&str]) -> Given {
    Given::List(texts.iter().map(|text| Given::text(text)).collect())
}

#[test]
fn text_is_compared_byte_by_byte() {
    let sample = Sample::new([("proc.name", Given::text("Bash")), ("proc.pname", Given::text("Bat"))]);
    check(
        &sample,
        &["proc.name = Bash", "proc.name == Bash", "proc.name != bash", "proc.name > 5", "proc.name >= 5"],
        &["proc.name = bash", "proc.name != Bash", "proc.name < 5", "proc.name <= 5"],
    );
    check(
        &sample,
        &["proc.name < val(proc.pname)", "proc.name <= val(proc.name)", "proc.name contains Bash"],
        &["proc.name > val(proc.pname)", "proc.name = val(proc.pname)"],
    );
}

#[test]
fn what_is_missing_compares_with_nothing() {
    let sample = Sample::default();
    check(
        &sample,
        &["not proc.name = a", "not proc.name exists", "not (proc.name = a or proc.name != a)"],
        &["proc.name = a", "proc.name != a", "proc.name exists", "proc.name in (a)", "proc.name startswith ''"],
    );
    check(&sample, &[], &["proc.aname exists", "fd.ip exists", "fd.types exists", "proc.name = val(proc.pname)"]);
}

#[test]
fn what_is_empty_is_a_value() {
    let sample = Sample::new([("proc.name", Given::text(""))]);
    check(
        &sample,
        &["proc.name = ''", "proc.name exists", "proc.name contains ''", "proc.name startswith ''", "proc.name != a"],
        &["proc.name = a", "proc.name contains a"],
    );
}

#[test]
fn operators_on_text() {
    let sample = Sample::new([("fd.name", Given::text("/etc/Shadow.bak"))]);
    check(
        &sample,
        &[
            "fd.name contains Shadow",
            "fd.name icontains sHADOW",
            "fd.name startswith /etc/",
            "fd.name endswith .bak",
            "fd.name glob '/*.ba?'",
            "fd.name iglob '/ETC/shadow.*'",
            "fd.name regex '/etc/.*[.]bak'",
            "fd.name in (/a, /etc/Shadow.bak)",
            "fd.name intersects (/a, /etc/Shadow.bak)",
            "fd.name pmatch (/tmp, etc/)",
            "fd.name pmatch (/*/Shadow.bak)",
            "fd.name pmatch (/)",
        ],
        &[
            "fd.name contains shadow",
            "fd.name icontains passwd",
            "fd.name startswith etc",
            "fd.name endswith bak.",
            "fd.name glob /etc",
            "fd.name glob '/ETC/*'",
            "fd.name regex '/etc'",
            "fd.name in (/a, /etc)",
            "fd.name pmatch (/et, /etc/Shadow)",
            "fd.name pmatch ()",
        ],
    );
}

#[test]
fn many_literals_are_found_by_one_index() {
    let sample = Sample::new([("fd.name", Given::text("/etc/ssh/key")), ("proc.name", Given::text("x"))]);
    check(
        &sample,
        &[
            "fd.name startswith anyof (/var, /etc, /etc/s, /etc/ssl)",
            "fd.name startswith /etc/ssl or fd.name startswith /etc/s and fd.name startswith ''",
            "fd.name endswith anyof (.c, y, ey, xey)",
            "fd.name contains anyof (a, b, c, tc/ss)",
            "fd.name in (a, b, c, d, e, f, g, h, i, j, /etc/ssh/key)",
            "fd.name pmatch (/etc/ssh, /etc/ssh/key/more, /x) and fd.name pmatch (//etc//)",
        ],
        &[
            "fd.name startswith anyof (/var, /etc/ssl, /f)",
            "fd.name endswith anyof (.c, Y, xey)",
            "fd.name contains anyof (a, b, d, tcss)",
            "fd.name in (a, b, c, d, e, f, g, h, i, j, /etc/ssh)",
            "fd.name pmatch (/etc/ss, /etc/ssh/key/more)",
        ],
    );
}

#[test]
fn modifiers() {
    let sample = Sample::new([("proc.name", Given::text("bash"))]);
    check(
        &sample,
        &[
            "proc.name = anyof (zsh, bash)",
            "proc.name != allof (zsh, fish)",
            "proc.name startswith oneof (ba, fi)",
            "proc.name contains allof (a, s, h)",
            "proc.name glob anyof ('z*', 'b*')",
            "proc.name != anyof (bash, zsh)",
            "not proc.name startswith oneof (b, ba)",
        ],
        &[
            "proc.name = anyof (zsh, fish)",
            "proc.name != allof (zsh, bash)",
            "proc.name startswith oneof (b, ba)",
            "proc.name startswith oneof (x, y)",
            "proc.name contains allof (a, z)",
            "proc.name = anyof ()",
            "proc.name != allof ()",
            "proc.name contains oneof ()",
            "proc.name != anyof (bash)",
        ],
    );
}

#[test]
fn numbers_booleans_and_ports() {
    let sample = Sample::new([
        ("proc.pid", Given::Int(-5)),
        ("user.uid", Given::Uint(4_294_967_295)),
        ("num.i8", Given::Int(-1)),
        ("num.u16", Given::Uint(4)),
        ("thread.cpu", Given::Double(2.5)),
        ("evt.is_open_read", Given::Bool(true)),
        ("fd.sport", Given::Uint(443)),
    ]);
    check(
        &sample,
        &[
            "proc.pid = -5",
            "proc.pid < 0",
            "proc.pid <= -5",
            "proc.pid in (1, -5)",
            "proc.pid in (1, 2, 3, 4, 5, 6, 7, 8, 9, -5)",
            "proc.pid intersects (-5)",
            "proc.pid exists",
            // A negative literal wraps, eight and sixteen bits are cut.
            "user.uid = -1",
            "num.i8 = 255",
            "num.u16 = 65540",
            "thread.cpu > 2",
            "thread.cpu < 3",
            "evt.is_open_read = true",
            "evt.is_open_read != false",
            "evt.is_open_read in (false, true)",
            "fd.sport = https",
            "fd.sport >= 443",
            "fd.sport in (ssh, https)",
        ],
        &[
            "proc.pid = 5",
            "proc.pid > -5",
            "proc.pid in (5)",
            "user.uid < 5",
            "thread.cpu = 2",
            "evt.is_open_read = false",
            "fd.sport = ssh",
            "fd.sport = ''",
        ],
    );
}

#[test]
fn addresses_and_networks() {
    let sample = Sample::new([("fd.sip", Given::ip("10.0.0.1")), ("fd.snet", Given::ip("10.0.0.1"))]);
    check(
        &sample,
        &[
            "fd.sip = 10.0.0.1",
            "fd.sip != '::1'",
            "fd.sip in (10.0.0.2, 10.0.0.1)",
            "fd.snet = 10.9.9.9/8",
            "fd.snet != 'fd00::/8'",
            "fd.snet in (192.168.0.0/16, 10.0.0.0/24)",
            "fd.snet in (1.0.0.0/8, 2.0.0.0/8, 3.0.0.0/8, 4.0.0.0/8, 5.0.0.0/8, 6.0.0.0/8, 7.0.0.0/8, 8.0.0.0/8, \
             10.0.0.0/8, 10.1.0.0/16)",
            "fd.snet = 0.0.0.0/0",
        ],
        &[
            "fd.sip = '::1'",
            "fd.sip != 10.0.0.1",
            "fd.sip in (10.0.0.2)",
            "fd.snet = 10.0.0.0/32",
            "fd.snet != 10.0.0.0/8",
            "fd.snet in (192.168.0.0/16, 'fd00::/8')",
        ],
    );
}

#[test]
fn buffers() {
    let sample = Sample::new([("evt.buffer", Given::Buffer(b"ab\0cd".to_vec()))]);
    check(
        &sample,
        &[
            "evt.buffer bcontains 620063",
            "evt.buffer bstartswith 6162",
            "evt.buffer contains cd",
            "evt.buffer startswith ab",
            "evt.buffer = 'ab\\x00cd'",
        ],
        &["evt.buffer bcontains ff", "evt.buffer bstartswith 62", "evt.buffer = ab"],
    );
}

#[test]
fn lists() {
    let sample = Sample::new([("fd.types", list(&["file", "ipv4"])), ("proc.args", Given::List(Vec::new()))]);
    check(
        &sample,
        &["fd.types in (ipv4, file, pipe)", "fd.types intersects (ipv4, pipe)", "fd.types exists"],
        &[
            "fd.types in (ipv4, pipe)",
            "fd.types intersects (pipe)",
            "fd.types in ()",
            "fd.types intersects ()",
            // A list without items is no value.
            "proc.args exists",
            "proc.args in (a)",
        ],
    );
    let same = Sample::new([("fd.types", list(&["a", "b"])), ("proc.args", list(&["b", "c", "a"]))]);
    check(
        &same,
        &["fd.types in val(proc.args)", "proc.args intersects val(fd.types)"],
        &["proc.args in val(fd.types)"],
    );
}

#[test]
fn ancestors_match_when_any_does() {
    let sample = Sample::new([("proc.aname", list(&["bash", "sshd"])), ("proc.aname[2]", Given::text("sshd"))]);
    check(
        &sample,
        &[
            "proc.aname = sshd",
            "proc.aname in (sshd, x)",
            "proc.aname != bash",
            "proc.aname startswith ss",
            "proc.aname exists",
            "proc.aname pmatch (bash)",
            "proc.aname[2] = sshd",
            // The first literal alone counts behind a modifier.
            "proc.aname = anyof (bash, x)",
            "proc.aname = allof (bash, x)",
            "proc.aname = oneof (bash, sshd)",
        ],
        &["proc.aname = x", "not proc.aname = bash", "proc.aname = anyof (x, bash)", "proc.aname[2] = bash"],
    );
    check(&Sample::new([("proc.aname", Given::List(Vec::new()))]), &[], &["proc.aname exists", "proc.aname != a"]);
}

#[test]
fn numbers_of_ancestors_are_never_in_a_set() {
    let sample = Sample::new([("proc.apid", Given::List(vec![Given::Int(1), Given::Int(7)]))]);
    check(&sample, &["proc.apid = 7", "proc.apid > 6"], &["proc.apid in (1, 7)", "proc.apid intersects (7)"]);
    let own = Sample::new([("proc.apid[1]", Given::Int(7))]);
    check(&own, &["proc.apid[1] in (7)"], &[]);
}

#[test]
fn both_ends_of_a_socket() {
    let ips = || Given::List(vec![Given::ip("10.0.0.1"), Given::ip("10.1.0.2")]);
    let ports = Given::List(vec![Given::Uint(22), Given::Uint(50_000)]);
    let sample = Sample::new([("fd.ip", ips()), ("fd.net", ips()), ("fd.port", ports)]);
    check(
        &sample,
        &[
            "fd.ip = 10.0.0.1",
            "fd.ip = 10.1.0.2",
            "fd.ip != 10.0.0.3",
            "fd.ip = anyof (10.0.0.1, 10.0.0.9)",
            "fd.ip exists",
            "fd.net = 10.1.0.0/16",
            "fd.net != 11.0.0.0/8",
            "fd.net != '::1/128'",
            "fd.net in (10.1.0.0/16, 1.0.0.0/8)",
            "fd.port = ssh",
            "fd.port in (1, 50000)",
            "fd.port > 40000",
            "fd.port != 23",
        ],
        &[
            "fd.ip = 10.0.0.3",
            "fd.ip != 10.0.0.1",
            // Never found in a set; the first literal alone counts.
            "fd.ip in (10.0.0.1, 10.1.0.2)",
            "fd.ip = anyof (10.0.0.9, 10.0.0.1)",
            "fd.net in (1.0.0.0/8, 10.1.0.0/16)",
            "fd.net != 10.1.0.0/16",
            "fd.port != 22",
            "fd.port in (23)",
        ],
    );
    // A file has no ends, but it is a descriptor.
    let file = Sample::new([("fd.ip", Given::List(Vec::new())), ("fd.port", Given::List(Vec::new()))]);
    check(&file, &["fd.ip exists", "fd.port exists"], &["fd.ip != 10.0.0.1", "fd.port != 1", "fd.port = 1"]);
}

#[test]
fn raw_arguments_that_are_numbers_are_never_in_a_set() {
    let sample = Sample::new([("evt.rawarg.res", Given::Int(-2)), ("evt.rawarg.name", Given::text("x"))]);
    check(
        &sample,
        &["evt.rawarg.res = -2", "evt.rawarg.res < 0", "evt.rawarg.name in (x)"],
        &["evt.rawarg.res in (-2)", "evt.rawarg.res intersects (-2)"],
    );
}

#[test]
fn transformers_on_both_sides() {
    let sample = Sample::new([
        ("proc.name", Given::text("Bash")),
        ("fd.name", Given::text("/bin/bash")),
        ("proc.args", list(&["a", "b"])),
    ]);
    check(
        &sample,
        &[
            "tolower(proc.name) = bash",
            "tolower(proc.name) = basename(fd.name)",
            "fd.name endswith tolower(proc.name)",
            "len(proc.name) = 4",
            "len(proc.args) > 1",
            "concat(proc.name, x) in (Bashx)",
            "toupper(proc.name) exists",
        ],
        &["tolower(proc.name) = Bash", "tolower(proc.pname) exists", "len(proc.pname) = 0"],
    );
}

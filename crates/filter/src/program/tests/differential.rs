//! Random conditions on random events: the program against the reference.

use std::sync::Arc;

use crate::program::{Builder, Evaluator};
use crate::sample::{EVENTS, GENERIC, GENERIC_ID, Given, Sample, World};
use crate::syntax::ast::Expr;
use crate::{Bump, bind, events, reference, syntax};

/// Xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const TEXTS: [&str; 26] = [
    "", "a", "ab", "abc", "abcd", "b", "bc", "c", "cab", "A", "AB", "aB", "/", "/a", "/a/b", "/a/b/", "a/b", "/a/bc",
    "/a/b/c", "/b", "//a//b", "x.y", "5", "a b", "abab", "ca",
];
const PATTERNS: [&str; 12] = ["*", "a*", "?b", "[ab]*", "a*c", "*b*", "/a/*", "/*/b", "[!a]*", "/a/?", "A*", "\\\\*"];
const REGEXES: [&str; 8] = ["a.*", "(ab)+", "[a-c]*", "a|b", "ab", "^a", "/a(/.*)?", ".*"];
const NUMBERS: [&str; 10] = ["0", "1", "2", "-1", "7", "255", "256", "65536", "443", "1000"];
const ADDRESSES: [&str; 6] = ["10.0.0.1", "10.0.0.2", "10.1.0.1", "192.168.0.1", "::1", "fd00::1"];
const NETWORKS: [&str; 8] =
    ["10.0.0.0/8", "10.0.0.0/24", "10.0.0.1/32", "0.0.0.0/0", "fd00::/8", "::1/128", "192.168.0.0/16", "10.1.0.0/16"];

const TEXT_FIELDS: [&str; 10] = [
    "proc.name",
    "proc.pname",
    "proc.cmdline",
    "fd.name",
    "evt.rawarg.name",
    "proc.aname",
    "proc.aname[2]",
    "tolower(proc.name)",
    "concat(proc.name, x)",
    "basename(fd.name)",
];
const NUMBER_FIELDS: [&str; 11] = [
    "proc.pid",
    "evt.rawres",
    "user.uid",
    "num.i8",
    "num.u16",
    "fd.sport",
    "fd.port",
    "proc.apid",
    "thread.cpu",
    "evt.rawarg.res",
    "len(proc.name)",
];

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

fn list(random: &mut Random, from: &[&str]) -> String {
    let length = if random.chance(10) { random.below(20) } else { random.below(4) };
    let items: Vec<String> = (0..length).map(|_| quoted(random.one(from))).collect();
    format!("({})", items.join(", "))
}

fn check(random: &mut Random) -> String {
    match random.below(14) {
        0..=5 => text_check(random),
        6 | 7 => {
            let field = random.one(&NUMBER_FIELDS);
            match random.below(4) {
                0 => format!("{field} in {}", list(random, &NUMBERS)),
                1 => format!("{field} = anyof {}", list(random, &NUMBERS)),
                2 => format!("{field} exists"),
                _ => format!("{field} {} {}", random.one(&["=", "!=", "<", "<=", ">", ">="]), random.one(&NUMBERS)),
            }
        }
        8 => match random.below(3) {
            0 => format!("evt.is_open_read = {}", random.one(&["true", "false"])),
            1 => format!("evt.num {} {}", random.one(&["=", "!=", "<", "<=", ">", ">="]), random.one(&["0", "1", "2"])),
            _ => format!(
                "evt.buffer {} {}",
                random.one(&["bcontains", "bstartswith"]),
                random.one(&["00", "0001", "61", "ff", "6162"])
            ),
        },
        9 => {
            let field = random.one(&["fd.sip", "fd.ip"]);
            match random.below(3) {
                0 => format!("{field} in {}", list(random, &ADDRESSES)),
                _ => format!("{field} {} {}", random.one(&["=", "!="]), random.one(&ADDRESSES)),
            }
        }
        10 => {
            let field = random.one(&["fd.snet", "fd.net"]);
            match random.below(3) {
                0 => format!("{field} in {}", list(random, &NETWORKS)),
                _ => format!("{field} {} {}", random.one(&["=", "!="]), random.one(&NETWORKS)),
            }
        }
        11 => match random.below(3) {
            0 => format!("fd.types {} {}", random.one(&["in", "intersects"]), list(random, &TEXTS)),
            1 => format!("proc.args {} {}", random.one(&["in", "intersects"]), list(random, &TEXTS)),
            _ => format!("fd.nums {} {}", random.one(&["in", "intersects"]), list(random, &NUMBERS)),
        },
        _ => {
            let names = ["open", "openat", "close", "execve", "getrandom", "acct", "container"];
            let field = random.one(&["evt.type", "evt.type", "evt.type", "syscall.type"]);
            match random.below(3) {
                0 => format!("{field} in {}", list(random, &names)),
                _ => format!("{field} {} {}", random.one(&["=", "!="]), random.one(&names)),
            }
        }
    }
}

fn text_check(random: &mut Random) -> String {
    let field = random.one(&TEXT_FIELDS);
    let modifier = if random.chance(25) { random.one(&["anyof", "oneof", "allof"]) } else { "" };
    let (operator, from): (&str, &[&str]) = match random.below(10) {
        0 => return format!("{field} exists"),
        1 => return format!("{field} {} {}", random.one(&["in", "intersects", "pmatch"]), list(random, &TEXTS)),
        2 => return format!("{field} pmatch {}", list(random, &["/a/b", "a", "/", "/*/b", "/a/?", "/b", "/a/b/c"])),
        3 => {
            let operator = random.one(&["=", "!=", "contains", "startswith", "endswith", "glob", "<", ">="]);
            let right = random.one(&["val(proc.pname)", "val(fd.name)", "toupper(proc.name)", "basename(fd.name)"]);
            return format!("{field} {operator} {right}");
        }
        4 => (random.one(&["glob", "iglob"]), &PATTERNS),
        5 => ("regex", &REGEXES),
        6 => (random.one(&["contains", "icontains"]), &TEXTS),
        7 => (random.one(&["startswith", "endswith"]), &TEXTS),
        _ => (random.one(&["=", "!="]), &TEXTS),
    };
    if modifier.is_empty() {
        format!("{field} {operator} {}", quoted(random.one(from)))
    } else {
        format!("{field} {operator} {modifier} {}", list(random, from))
    }
}

fn event(random: &mut Random) -> (u16, Sample) {
    let mut sample = Sample::default();
    let id = 1 + random.below(6) as u16;
    let name = match EVENTS.iter().find(|(known, _)| *known == id) {
        Some((_, name)) => *name,
        None => {
            assert_eq!(id, GENERIC_ID);
            random.one(&GENERIC)
        }
    };
    let text = |random: &mut Random| {
        if random.chance(5) { Given::Text(vec![0xff, b'a', b'\n']) } else { Given::text(random.one(&TEXTS)) }
    };
    let number = |random: &mut Random| random.one(&NUMBERS).parse::<i64>().unwrap();
    let mut set = |name: &str, value: Given| {
        sample.values.insert(name.to_owned(), value);
    };
    set("evt.type", Given::text(name));
    if name != "container" {
        set("syscall.type", Given::text(name));
    }
    set("evt.num", Given::Uint(1 + random.below(3) as u64));
    for field in ["proc.name", "proc.pname", "proc.cmdline", "fd.name", "evt.rawarg.name", "proc.aname[2]"] {
        if random.chance(80) {
            set(field, text(random));
        }
    }
    for field in ["proc.aname", "fd.types", "proc.args"] {
        if random.chance(80) {
            set(field, Given::List((0..random.below(4)).map(|_| text(random)).collect()));
        }
    }
    for field in ["proc.pid", "evt.rawres", "evt.rawarg.res"] {
        if random.chance(80) {
            set(field, Given::Int(number(random)));
        }
    }
    for field in ["user.uid", "num.u16", "fd.sport"] {
        if random.chance(80) {
            set(field, Given::Uint(number(random) as u64 & 0xffff));
        }
    }
    set("num.i8", Given::Int(i64::from(number(random) as i8)));
    set("thread.cpu", Given::Double(number(random) as f64 / 2.0));
    for field in ["fd.nums", "proc.apid"] {
        set(field, Given::List((0..random.below(3)).map(|_| Given::Int(number(random))).collect()));
    }
    if random.chance(80) {
        set(
            "fd.port",
            Given::List((0..random.below(3)).map(|_| Given::Uint(number(random) as u64 & 0xffff)).collect()),
        );
        for field in ["fd.sip", "fd.snet"] {
            set(field, Given::ip(random.one(&ADDRESSES)));
        }
        for field in ["fd.ip", "fd.net"] {
            set(field, Given::List((0..random.below(3)).map(|_| Given::ip(random.one(&ADDRESSES))).collect()));
        }
    }
    set("evt.is_open_read", Given::Bool(random.chance(50)));
    set("evt.buffer", Given::Buffer(random.one(&[&b""[..], b"\x00\x01", b"ab\x00", b"\xff"]).to_vec()));
    (id, sample)
}

/// A few conditions that share parts.
fn conditions(random: &mut Random) -> Vec<Arc<Expr>> {
    let mut pool: Vec<Arc<Expr>> = Vec::new();
    while pool.len() < 14 {
        let text = check(random);
        let expr = syntax::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        // Some of these are refused, such as `in` behind a transformer that gives another type.
        if bind::bind(&expr, &World).is_ok() {
            pool.push(expr);
        }
    }
    for _ in 0..14 {
        let parts: Vec<Arc<Expr>> =
            (0..2 + random.below(3)).map(|_| Arc::clone(&pool[random.below(pool.len())])).collect();
        let mut expr = Arc::new(if random.chance(50) { Expr::And(parts) } else { Expr::Or(parts) });
        if random.chance(30) {
            expr = Expr::negated(expr);
        }
        pool.push(expr);
    }
    pool.split_off(8)
}

#[test]
fn program_and_reference_agree() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut met, mut unmet) = (0u32, 0u32);
    for _ in 0..400 {
        let bound: Vec<bind::BoundExpr> =
            conditions(&mut random).iter().map(|expr| bind::bind(expr, &World).unwrap()).collect();
        let mut builder = Builder::new();
        let ids: Vec<_> = bound.iter().map(|condition| builder.add(condition)).collect();
        let mut program = builder.finish();
        let roots: Vec<Vec<_>> =
            (0..7).map(|event| ids.iter().map(|&id| program.specialise(id, event, &World)).collect()).collect();
        let sets: Vec<_> = bound.iter().map(|condition| events::event_types(condition, &World)).collect();
        let wholes: Vec<_> = ids.iter().map(|&id| program.root(id)).collect();
        let mut evaluator = Evaluator::new(&program);
        for _ in 0..12 {
            let (event, sample) = event(&mut random);
            let arena = Bump::new();
            evaluator.begin();
            let expected: Vec<bool> =
                bound.iter().map(|condition| reference::matches(condition, &sample, &arena)).collect();
            for (index, &expected) in expected.iter().enumerate() {
                let root = roots[usize::from(event)][index];
                let pruned = evaluator.test(&program, root, &sample, &arena);
                let texts = || bound[index].checks().iter().map(|check| check.text.clone()).collect::<Vec<_>>();
                assert_eq!(pruned, expected, "{:?} on {sample:?} for event {event}", texts());
                let whole = evaluator.test(&program, wholes[index], &sample, &arena);
                assert_eq!(whole, expected, "{:?} on {sample:?}", texts());
                assert!(!(program.is_never(root) && expected), "{:?}", texts());
                assert!(!program.is_always(root) || expected, "{:?}", texts());
                // Asynchronous events are tried by every rule.
                assert!(!expected || event == 6 || sets[index].contains(event), "{:?}", texts());
                if expected {
                    met += 1;
                } else {
                    unmet += 1;
                }
            }
        }
    }
    // Both must be common, or little was compared.
    assert!(met > 10_000 && unmet > 10_000, "{met} met, {unmet} unmet");
}

//! How long a number of conditions take per event: `cargo run --release -p vigie-filter --example conditions [93]`.
//!
//! The conditions are of the usual kinds (opens below folders, programs by name, who started whom, sockets), the events
//! a mix of types in which hardly any condition is met. Field values are at hand, so this is the cost of the program
//! alone.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use vigie_filter::program::{Builder, Evaluator, RootId};
use vigie_filter::{
    Argument, Bump, Catalog, EventSet, Field, FieldError, Fields, Kind, Many, Print, Sort, Value, View, bind, events,
    syntax,
};

const TYPES: [&str; 12] =
    ["open", "openat", "openat2", "close", "read", "write", "execve", "connect", "clone", "unlink", "rename", "chmod"];

const FIELDS: [(&str, Kind, Many); 14] = [
    ("evt.type", Kind::Text, Many::One),
    ("evt.is_open_read", Kind::Bool, Many::One),
    ("evt.is_open_write", Kind::Bool, Many::One),
    ("fd.typechar", Kind::Text, Many::One),
    ("fd.num", Kind::Int(8), Many::One),
    ("fd.name", Kind::Text, Many::One),
    ("fd.sport", Kind::Port, Many::One),
    ("proc.name", Kind::Text, Many::One),
    ("proc.pname", Kind::Text, Many::One),
    ("proc.aname", Kind::Text, Many::Ancestors),
    ("proc.cmdline", Kind::Text, Many::One),
    ("proc.tty", Kind::Int(8), Many::One),
    ("user.uid", Kind::Uint(4), Many::One),
    ("container.id", Kind::Text, Many::One),
];

struct World;

impl Catalog for World {
    fn field(&self, name: &str, _: Option<&str>) -> Result<Field, FieldError> {
        let row = FIELDS.iter().position(|(known, ..)| *known == name);
        let row = row.ok_or_else(|| FieldError::Unknown(name.to_owned()))?;
        let (_, kind, many) = FIELDS[row];
        Ok(Field {
            name: name.to_owned(),
            id: row as u16,
            argument: Argument::None,
            kind,
            many,
            print: Print::Plain,
            no_rhs: false,
            no_transformer: false,
            filter_only: false,
            print_only: false,
            instance: 0,
        })
    }

    fn is_field(&self, name: &str) -> bool {
        FIELDS.iter().any(|(known, ..)| *known == name)
    }

    fn events_named(&self, name: &str) -> Option<EventSet> {
        let ids: EventSet = (0u16..).zip(TYPES).filter(|(_, known)| *known == name).map(|(id, _)| id).collect();
        (ids != EventSet::default()).then_some(ids)
    }

    fn all_events(&self) -> EventSet {
        (0..TYPES.len() as u16).collect()
    }

    fn sort(&self, id: u16, name: &str) -> Sort {
        if TYPES[usize::from(id)] == name { Sort::Always } else { Sort::Never }
    }

    fn service(&self, _: &str) -> Option<u16> {
        None
    }
}

/// One event: its type and what the fields hold.
struct Sample<'s> {
    event: u16,
    values: [Value<'s>; FIELDS.len()],
}

impl Fields for Sample<'_> {
    #[inline]
    fn value<'a>(&'a self, field: &Field, _: View, _: &'a Bump) -> Value<'a> {
        self.values[usize::from(field.id)]
    }
}

const OPENED: &str = "evt.type in (open, openat, openat2) and fd.typechar = f and fd.num >= 0";

/// The conditions: kinds of rules, each for several programs and folders.
fn conditions(count: usize) -> Vec<String> {
    let folders =
        ["/etc", "/etc/pam.d", "/root/.ssh", "/usr/bin", "/var/log", "/boot", "/dev/shm", "/proc/self", "/sys"];
    (0..count)
        .map(|number| {
            let folder = folders[number % folders.len()];
            let names: Vec<String> = (0..12).map(|index| format!("tool{}", number * 7 % 40 + index)).collect();
            let names = names.join(", ");
            match number % 8 {
                0 => format!(
                    "{OPENED} and evt.is_open_read = true and fd.name startswith {folder}/{number} and not proc.name in \
                     ({names})"
                ),
                1 => format!(
                    "{OPENED} and evt.is_open_write = true and (fd.name startswith {folder} or fd.name in (/{number}, \
                     /a/{number})) and not proc.pname in ({names})"
                ),
                2 => format!("evt.type = execve and container.id != host and proc.name in ({names}) and proc.tty != 0"),
                3 => format!(
                    "evt.type = execve and proc.aname in ({names}) and proc.cmdline contains '--option{number}'"
                ),
                4 => format!("evt.type = connect and fd.sport in (22, 443, {number}) and proc.name = tool{number}"),
                5 => format!("evt.type in (unlink, rename) and fd.name startswith {folder}/x and user.uid = 0"),
                6 => format!(
                    "{OPENED} and evt.is_open_read = true and proc.name in ({names}) and fd.name endswith .{number}"
                ),
                _ => format!("evt.type = chmod and fd.name pmatch ({folder}, /opt/{number}) and not proc.name in ({names})"),
            }
        })
        .collect()
}

fn samples<'s>(ancestors: &'s [Value<'s>]) -> Vec<Sample<'s>> {
    let names: [&[u8]; 8] = [b"nginx", b"tool3", b"bash", b"python3", b"tool39", b"sshd", b"java", b"postgres"];
    let paths: [&[u8]; 8] = [
        b"/usr/lib/x86_64-linux-gnu/libc.so.6",
        b"/etc/ld.so.cache",
        b"/var/lib/postgresql/16/main/base/16384/2619",
        b"/proc/self/status",
        b"/home/user/project/src/main.rs",
        b"/tmp/abc",
        b"/etc/passwd",
        b"/usr/share/zoneinfo/UTC",
    ];
    (0..256usize)
        .map(|number| {
            // Half of all events are reads, writes and closes, as on a busy host.
            let event = [0, 1, 1, 3, 4, 5, 4, 5, 3, 1, 6, 7, 8, 9, 10, 11][number * 5 % 16];
            let values = [
                Value::Text(TYPES[event].as_bytes()),
                Value::Bool(event < 3 && number % 4 != 0),
                Value::Bool(event < 3 && number % 4 == 0),
                Value::Text(b"f"),
                Value::Int(5),
                Value::Text(paths[number % 8]),
                Value::Uint(443),
                Value::Text(names[number / 8 % 8]),
                Value::Text(b"systemd"),
                Value::List(ancestors),
                Value::Text(b"python3 -m http.server --bind 127.0.0.1 8000"),
                Value::Int(0),
                Value::Uint(1000),
                Value::Text(b"host"),
            ];
            Sample { event: event as u16, values }
        })
        .collect()
}

/// Nanoseconds that this process has had a processor: other processes do not count.
fn processor_time() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

fn main() {
    let ancestors = [Value::Text(b"bash"), Value::Text(b"sshd"), Value::Text(b"systemd")];
    let samples = samples(&ancestors);
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    for count in if asked.is_empty() { vec![25, 93, 400, 2000] } else { asked } {
        let started = Instant::now();
        let mut builder = Builder::new();
        let mut conditions_of = Vec::new();
        for text in conditions(count) {
            let bound = bind::bind(&syntax::parse(&text).unwrap(), &World).unwrap();
            let set = events::event_types(&bound, &World);
            conditions_of.push((builder.add(&bound), set));
        }
        let mut program = builder.finish();
        let tried: Vec<Vec<RootId>> = (0..TYPES.len() as u16)
            .map(|event| {
                let of_event = conditions_of.iter().filter(|(_, set)| set.contains(event));
                of_event
                    .map(|&(id, _)| id)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .map(|id| program.specialise(id, event, &World))
                    .collect()
            })
            .collect();
        let mut evaluator = Evaluator::new(&program);
        let compiled = started.elapsed();
        let mut arena = Bump::new();
        let (mut matches, mut tests, mut events) = (0u64, 0u64, 0u64);
        let (started, on_cpu) = (Instant::now(), processor_time());
        while started.elapsed().as_millis() < 1000 {
            for sample in &samples {
                evaluator.begin();
                for &root in &tried[usize::from(sample.event)] {
                    matches += u64::from(evaluator.test(&program, root, black_box(sample), &arena));
                    tests += 1;
                }
                events += 1;
            }
            arena.reset();
        }
        let nanoseconds = (processor_time() - on_cpu) / events as f64;
        println!(
            "{count} conditions: {nanoseconds:.1} ns per event of {events}, {:.1} tried and {:.3} met per event, compiled in {compiled:?}",
            tests as f64 / events as f64,
            matches as f64 / events as f64
        );
    }
}

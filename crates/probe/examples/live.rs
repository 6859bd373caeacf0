use vigie_events::*;
use vigie_probe::*;
fn main() {
    let seconds: f64 = std::env::args().nth(1).map_or(1.0, |s| s.parse().unwrap());
    let only = std::env::args().nth(2);
    let mut interest = everything();
    if let Some(only) = &only {
        let names: Vec<&str> = only.split(',').collect();
        let mut less = Interest::default();
        for (id, gate) in interest.gates {
            if names.contains(&schema::event_types()[usize::from(id)].name) {
                less.add(id, gate);
            }
        }
        interest = less;
    }
    let mut kernel = match Kernel::open(
        &Options { own_pid: std::process::id(), ..Default::default() },
        &interest,
        &Shedding::new(),
        HostFacts::default,
    ) {
        Ok(k) => k,
        Err(e) => {
            println!("{e}");
            return;
        }
    };
    let end = std::time::Instant::now() + std::time::Duration::from_secs_f64(seconds);
    let mut n = 0u64;
    let quiet = std::env::args().nth(3).is_some();
    while std::time::Instant::now() < end {
        match kernel.next().unwrap() {
            Delivered::Event(e) => {
                n += 1;
                if !quiet {
                    let t = e.event_type();
                    let mut line = format!("{} {} {} ", e.ts, e.tid, t.name);
                    for (i, p) in t.params.iter().enumerate() {
                        let b = e.params.bytes(i);
                        line += &match b {
                            None => format!("{}=MISSING ", p.name),
                            Some(b) if b.is_empty() => format!("{}=- ", p.name),
                            Some(b) => match b.len() {
                                1 => format!("{}={} ", p.name, b[0]),
                                2 => format!("{}={} ", p.name, e.params.u16(i).unwrap()),
                                4 if !matches!(format!("{:?}", p.kind).as_str(), "Charbuf" | "Bytebuf" | "Fspath") => {
                                    format!("{}={} ", p.name, e.params.u32(i).unwrap())
                                }
                                8 if !matches!(
                                    format!("{:?}", p.kind).as_str(),
                                    "Charbuf" | "Bytebuf" | "Fspath" | "Fsrelpath"
                                ) =>
                                {
                                    format!("{}={} ", p.name, e.params.i64(i).unwrap())
                                }
                                _ => format!("{}={:?} ", p.name, String::from_utf8_lossy(&b[..b.len().min(120)])),
                            },
                        };
                    }
                    println!("{line}");
                }
            }
            _ => {}
        }
    }
    println!("{n} events {:?}", kernel.control().counters());
}

//! Both ways to the first state of this host, and what they take:
//! `cargo run --release -p vigie-probe --example lists [iterators|proc|show]`.

#![allow(clippy::print_stdout)]

use std::time::Instant;

use vigie_probe::iterate;
use vigie_procfs::ProcFs;

fn main() {
    let way = std::env::args().nth(1).unwrap_or_default();
    let procfs = ProcFs::new("");
    let boot_ts = procfs.host_facts_with(|_| Default::default()).machine.boot_ts;
    for (name, take) in [
        (
            "iterators",
            (&|| match iterate(boot_ts) {
                Ok(listed) => Ok((listed.threads, listed.descriptors)),
                Err(error) => Err(error.to_string()),
            }) as &dyn Fn() -> Result<_, String>,
        ),
        ("proc", &|| Ok(procfs.processes(boot_ts))),
    ] {
        if way == "iterators" && name == "proc" || way == "proc" && name == "iterators" {
            continue;
        }
        let started = Instant::now();
        match take() {
            Ok((threads, descriptors)) => {
                let fds: usize = descriptors.iter().map(|(_, fds)| fds.len()).sum();
                println!("{name}: {} threads, {fds} descriptors: {:?}", threads.len(), started.elapsed());
                if way == "show" {
                    threads.iter().for_each(|thread| println!("{thread:?}"));
                    descriptors.iter().for_each(|fds| println!("{fds:?}"));
                }
            }
            Err(error) => println!("{name}: {error}"),
        }
    }
}

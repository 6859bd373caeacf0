//! The blocks before the first event: what was known of the host.

pub mod descriptors;
mod lists;
mod threads;

use vigie_events::HostFacts;
use vigie_events::event::until_nul;
use vigie_events::facts::Machine;

use crate::block::Kind;
use crate::cursor::Cursor;

/// The most that one section's metadata may take, in bytes of the capture.
const LARGEST: usize = 256 << 20;
/// As many threads as the peer's table takes; more are not kept.
const MOST_THREADS: usize = 262_144;
/// As many descriptors as the peer's table of one process takes; more are not kept.
const MOST_DESCRIPTORS: usize = 4096;
/// The same for all processes together.
const MOST_DESCRIPTORS_IN_ALL: usize = 1 << 21;
/// Users, groups and interfaces: as many as can be read without taking much memory.
const MOST_LISTED: usize = 1 << 20;

/// Collects the facts of one section.
#[derive(Default)]
pub struct Collected {
    pub facts: HostFacts,
    bytes: usize,
    descriptors: usize,
}

impl Collected {
    /// Reads one block.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&mut self, kind: Kind, body: &[u8]) -> Result<(), &'static str> {
        self.bytes += body.len();
        if self.bytes > LARGEST {
            return Err("a host with more metadata than is read");
        }
        let facts = &mut self.facts;
        match kind {
            Kind::Machine => {
                facts.machine = machine(body).ok_or("a machine block that is too short")?;
                Some(())
            }
            Kind::Threads(version) => threads::read(body, version, &mut facts.threads, MOST_THREADS),
            Kind::Descriptors(sized) => self.descriptors(body, sized),
            Kind::Interfaces(sized) => lists::interfaces(body, sized, &mut facts.interfaces, MOST_LISTED),
            Kind::Users(sized) => lists::users(body, sized, &mut facts.users, &mut facts.groups, MOST_LISTED),
            Kind::Section | Kind::Event(_) | Kind::Other => Some(()),
        }
        .ok_or("a list with a damaged entry")
    }

    fn descriptors(&mut self, body: &[u8], sized: bool) -> Option<()> {
        let room = MOST_DESCRIPTORS.min(MOST_DESCRIPTORS_IN_ALL - self.descriptors);
        let (tid, listed) = descriptors::read(body, sized, room)?;
        self.descriptors += listed.len();
        if self.facts.descriptors.len() < MOST_THREADS {
            self.facts.descriptors.push((tid, listed));
        }
        Some(())
    }
}

fn machine(body: &[u8]) -> Option<Machine> {
    let mut fields = Cursor::new(body);
    Some(Machine {
        cpus: fields.u32()?,
        memory_bytes: fields.u64()?,
        max_pid: fields.u64()?,
        hostname: until_nul(fields.take(128)?).to_vec(),
        boot_ts: fields.u64()?,
        flags: fields.u64()?,
    })
}

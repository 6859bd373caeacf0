//! What happens on this host right now: the programs in the kernel, their loader, and their records as events.
//!
//! A program at the end of every system call looks in a table whether somebody wants the call (`plan`), and puts a record
//! into one ring: result, arguments, and what memory and kernel structures say of them. `decode` makes an event of the
//! schema of it, as `tables/calls.tsv` says; flags become the schema's only here (`flags`). Programs: `bpf/`.

mod calls;
mod decode;
mod encode;
mod flags;
mod iterate;
mod kernel;
mod load;
mod plan;
mod process;
mod sockets;
mod special;
mod wire;

pub use decode::{Decoded, Decoder};
pub use iterate::{Listed, Way, iterate, processes};
pub use kernel::{Control, Counters, Kernel, Options};
pub use load::StartError;
pub use plan::Shedding;

/// Every event type that the kernel can deliver, without gates.
pub fn everything() -> vigie_events::Interest {
    use vigie_events::{Gate, Generic, Interest, id};
    let mut all = Interest::default();
    for call in calls::calls() {
        all.add(call.event, Gate::All);
    }
    for event in [id::PROCEXIT_E, id::SIGNALDELIVER_E] {
        all.add(event, Gate::All);
    }
    all.add_generic(Generic::All);
    all
}

//! The live kernel as a source of events.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{ClockId, clock_gettime};
use vigie_events::{Delivered, HostFacts, Interest, Source, SourceError};

use crate::decode::Decoder;
use crate::load::{Constants, Loaded, Ring, StartError};
use crate::plan::{Plan, Shedding};
use crate::wire::counter;

/// How long the reader sleeps when the ring is empty: nobody wakes it before the ring fills, since a wake-up costs more
/// than an event. It bounds how late an alert is.
const PATIENCE: Duration = Duration::from_millis(40);
/// How often the clock of the epoch is compared with the one since boot.
const CLOCK_CHECK: Duration = Duration::from_secs(2);
/// A difference that is not just the time between two readings.
const CLOCK_STEP_NS: u64 = 1_000_000;

/// How the kernel is watched.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of the ring, rounded up to a power of two.
    pub ring_bytes: u32,
    /// Bytes taken of buffers that calls read and write.
    pub snap_length: u32,
    /// This process as the kernel numbers it, which is not watched; 0 watches everybody.
    pub own_pid: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options { ring_bytes: 8 << 20, snap_length: 80, own_pid: 0 }
    }
}

/// What was taken and what was not, from the start on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Events that the kernel saw and that were wanted, drops included.
    pub events: u64,
    /// By class, in the order of `wire::counter::CLASSES`.
    pub drops: [u64; 8],
    pub page_fault_drops: u64,
    pub scratch_drops: u64,
    /// Given up on purpose, by level.
    pub shed: [u64; 3],
    /// Delivered, with memory of the process that could not be read, or was longer than what is taken.
    pub unread: u64,
    pub truncated: u64,
}

impl Counters {
    /// All that was lost against the will.
    pub fn dropped(&self) -> u64 {
        self.drops.iter().sum::<u64>() + self.page_fault_drops + self.scratch_drops
    }

    pub fn classes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        counter::CLASSES.iter().map(|(name, _)| *name).zip(self.drops)
    }
}

/// What can be asked and changed while events flow.
#[derive(Clone)]
pub struct Control {
    loaded: Arc<Mutex<Loaded>>,
    incomplete: Arc<Incomplete>,
}

/// Delivered events that lack something.
#[derive(Debug, Default)]
struct Incomplete {
    unread: AtomicU64,
    truncated: AtomicU64,
}

impl Control {
    /// Takes other events from now on.
    ///
    /// # Errors
    /// The kernel refuses a program that the new interest needs.
    pub fn want(&self, interest: &Interest, shedding: &Shedding) -> Result<(), StartError> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).apply(&Plan::new(interest, shedding))
    }

    pub fn counters(&self) -> Counters {
        let sums = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).counters();
        Counters {
            events: sums[counter::EVENTS],
            drops: counter::CLASSES.map(|(_, place)| sums[place]),
            page_fault_drops: sums[counter::PAGE_FAULTS],
            scratch_drops: sums[counter::SCRATCH],
            shed: counter::SHED.map(|place| sums[place]),
            unread: self.incomplete.unread.load(Ordering::Relaxed),
            truncated: self.incomplete.truncated.load(Ordering::Relaxed),
        }
    }
}

/// The events of this host, as they happen.
pub struct Kernel {
    ring: Ring,
    decoder: Decoder,
    control: Control,
    facts: Option<Box<HostFacts>>,
    /// Something was delivered since the last idle moment.
    busy: bool,
    clock_checked: Instant,
}

impl Kernel {
    /// Begins to take events. What is known of the host from before (`facts`) is asked for after that, so that nothing
    /// falls in between, and delivered first.
    ///
    /// # Errors
    /// See `StartError`.
    pub fn open(
        options: &Options,
        interest: &Interest,
        shedding: &Shedding,
        facts: impl FnOnce() -> HostFacts,
    ) -> Result<Kernel, StartError> {
        let ring_bytes = options.ring_bytes.clamp(1 << 16, 1 << 30).next_power_of_two();
        let constants = Constants { ring_bytes, own_pid: options.own_pid, snap_length: options.snap_length.min(8191) };
        let (mut loaded, ring) = Loaded::new(&constants)?;
        loaded.apply(&Plan::new(interest, shedding))?;
        let mut facts = facts();
        let decoder = Decoder::new(boot_ts());
        facts.machine.boot_ts = decoder.boot_ts;
        Ok(Kernel {
            ring,
            decoder,
            control: Control { loaded: Arc::new(Mutex::new(loaded)), incomplete: Arc::default() },
            facts: Some(Box::new(facts)),
            busy: false,
            clock_checked: Instant::now(),
        })
    }

    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Times of events follow the clock when it is set.
    fn follow_clock(&mut self) {
        if self.clock_checked.elapsed() > CLOCK_CHECK {
            self.clock_checked = Instant::now();
            let now = boot_ts();
            if now.abs_diff(self.decoder.boot_ts) > CLOCK_STEP_NS {
                self.decoder.boot_ts = now;
            }
        }
    }

    /// Sleeps until the ring fills or a moment has passed.
    fn wait(&mut self) {
        let patience = Timespec { tv_sec: 0, tv_nsec: PATIENCE.as_nanos() as _ };
        let mut watched = [PollFd::new(&self.ring.ready, PollFlags::IN)];
        // A signal ends the sleep early, which is as good as its end.
        let _ = poll(&mut watched, Some(&patience));
    }
}

impl Source for Kernel {
    fn next(&mut self) -> Result<Delivered<'_>, SourceError> {
        if let Some(facts) = self.facts.take() {
            return Ok(Delivered::Host(facts));
        }
        let mut waited = false;
        let decoded = loop {
            if let Some(item) = self.ring.ring.next() {
                match self.decoder.read(&item) {
                    Some(decoded) => break decoded,
                    None => continue,
                }
            }
            if self.busy || waited {
                self.busy = false;
                self.control.incomplete.unread.store(self.decoder.unread, Ordering::Relaxed);
                self.control.incomplete.truncated.store(self.decoder.truncated, Ordering::Relaxed);
                self.follow_clock();
                return Ok(Delivered::Idle);
            }
            self.wait();
            waited = true;
        };
        self.busy = true;
        Ok(Delivered::Event(self.decoder.event(&decoded)))
    }

    fn live(&self) -> bool {
        true
    }

    fn skipped(&self) -> u64 {
        self.decoder.damaged
    }
}

/// When the machine was started, in nanoseconds since the epoch, as of now.
fn boot_ts() -> u64 {
    let ns = |clock: ClockId| {
        let time = clock_gettime(clock);
        (time.tv_sec as u64).saturating_mul(1_000_000_000).saturating_add(time.tv_nsec as u64)
    };
    let since_boot = ns(ClockId::Boottime);
    ns(ClockId::Realtime).saturating_sub(since_boot)
}

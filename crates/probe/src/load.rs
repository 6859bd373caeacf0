//! Loading the programs into the kernel, or saying why that cannot be.

use std::error::Error;
use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use aya::maps::{Array, Map, MapData, MapError, PerCpuArray, ProgramArray, RingBuf};
use aya::programs::{BtfTracePoint, ProgramError};
use aya::{Btf, Ebpf, EbpfError, EbpfLoader};

use crate::plan::{GateBytes, Plan, Recipe};
use crate::wire::{CALLS, counter, handler};

static OBJECT: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/probe.o"));

const HANDLERS: [(&str, u8); 6] = [
    ("memory_call", handler::MEMORY),
    ("open_call", handler::OPEN),
    ("socket_call", handler::SOCKET),
    ("clone_call", handler::CLONE),
    ("exec_call", handler::EXEC),
    ("resources_call", handler::RESOURCES),
];

/// Why the kernel cannot be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The kernel does not describe its own types.
    NoBtf,
    /// The process may not load programs.
    NotAllowed(String),
    /// A kernel without what the probe needs.
    TooOld(String),
    Failed(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::NoBtf => formatter.write_str(
                "this kernel has no type information (/sys/kernel/btf/vmlinux); a kernel built with \
                 CONFIG_DEBUG_INFO_BTF is needed",
            ),
            StartError::NotAllowed(what) => write!(
                formatter,
                "the kernel does not let this process watch it ({what}); run it as root, or with the capabilities \
                 CAP_BPF and CAP_PERFMON, and where a container's seccomp profile allows bpf()",
            ),
            StartError::TooOld(what) => {
                write!(formatter, "this kernel cannot run the probe ({what}); Linux 5.12 or newer is needed")
            }
            StartError::Failed(what) => write!(formatter, "the probe could not be loaded: {what}"),
        }
    }
}

impl Error for StartError {}

/// What is written into the programs before they are loaded.
#[derive(Clone, Copy, Debug)]
pub struct Constants {
    /// Bytes of the ring, a power of two.
    pub ring_bytes: u32,
    pub own_pid: u32,
    pub snap_length: u32,
}

/// Where records come out, and what says that there are many.
pub struct Ring {
    pub ring: RingBuf<MapData>,
    pub ready: OwnedFd,
}

/// The programs in the kernel. They leave it with this value.
pub struct Loaded {
    ebpf: Ebpf,
    recipes: Array<MapData, Recipe>,
    gates: Array<MapData, GateBytes>,
    counts: PerCpuArray<MapData, [u64; counter::COUNT]>,
    /// Held: the kernel empties the table when nobody holds it.
    handlers: ProgramArray<MapData>,
    attached: Vec<&'static str>,
}

impl Loaded {
    /// Loads everything; nothing is delivered before `attach`.
    ///
    /// # Errors
    /// See `StartError`.
    pub fn new(constants: &Constants) -> Result<(Loaded, Ring), StartError> {
        if !Path::new("/sys/kernel/btf/vmlinux").exists() {
            return Err(StartError::NoBtf);
        }
        let btf = types()?;
        let processors = aya::util::nr_cpus().map_or(1, |count| count as u32);
        let ring = u64::from(constants.ring_bytes);
        // Four marks of filling: waking the reader, and giving up on what matters less.
        let (wake_shift, shed) = ((ring / 8).ilog2(), [ring / 8 * 5, ring / 8 * 6, ring / 8 * 7]);
        let page_kb = (rustix::param::page_size() / 1024) as u32;
        let mut ebpf = EbpfLoader::new()
            .btf(Some(&btf))
            .set_max_entries("ring", constants.ring_bytes)
            .set_max_entries("scratches", processors)
            .set_global("own_pid", &constants.own_pid, true)
            .set_global("snap_length", &constants.snap_length, true)
            .set_global("wake_shift", &wake_shift, true)
            .set_global("shed_at_1", &shed[0], true)
            .set_global("shed_at_2", &shed[1], true)
            .set_global("shed_at_3", &shed[2], true)
            .set_global("page_kb", &page_kb, true)
            .load(OBJECT)
            .map_err(|error| refused(&error))?;
        let failed = |error: MapError| StartError::Failed(chain(&error));
        let mut take = |name: &str| ebpf.take_map(name).ok_or_else(|| StartError::Failed(format!("no map {name}")));
        let recipes = Array::try_from(take("recipes")?).map_err(failed)?;
        let gates = Array::try_from(take("gates")?).map_err(failed)?;
        let counts = PerCpuArray::try_from(take("counts")?).map_err(failed)?;
        let ring = take("ring")?;
        let ready = match &ring {
            Map::RingBuf(data) => {
                data.fd().as_fd().try_clone_to_owned().map_err(|error| StartError::Failed(error.to_string()))?
            }
            _ => return Err(StartError::Failed("the ring is no ring".to_owned())),
        };
        let ring = RingBuf::try_from(ring).map_err(failed)?;
        let mut compat: Array<MapData, u32> = Array::try_from(take("compat_calls")?).map_err(failed)?;
        for numbers in crate::calls::numbers().values() {
            let place = numbers.compat.filter(|&of| usize::from(of) < CALLS).zip(crate::calls::place(numbers.name));
            if let Some((of, place)) = place {
                compat.set(of.into(), place as u32 + 1, 0).map_err(failed)?;
            }
        }
        let handlers = ProgramArray::try_from(take("handlers")?).map_err(failed)?;
        let mut loaded = Loaded { ebpf, recipes, gates, counts, handlers, attached: Vec::new() };
        for (name, place) in HANDLERS {
            loaded.load(name, "sys_exit", &btf)?;
            let refused = |error: ProgramError| refused_program(name, &error);
            let program = loaded.program(name)?;
            let fd =
                program.fd().map_err(refused)?.try_clone().map_err(|error| StartError::Failed(error.to_string()))?;
            loaded.handlers.set(place.into(), &fd, 0).map_err(failed)?;
        }
        for (name, tracepoint) in ALWAYS {
            loaded.load(name, tracepoint, &btf)?;
        }
        Ok((loaded, Ring { ring, ready }))
    }

    /// Writes what is wanted into the tables, and attaches and detaches what that needs. Wanted types are there before
    /// unwanted ones go.
    ///
    /// # Errors
    /// See `StartError`.
    pub fn apply(&mut self, plan: &Plan) -> Result<(), StartError> {
        let failed = |error: MapError| StartError::Failed(chain(&error));
        for (place, gate) in plan.gates.iter().enumerate() {
            self.gates.set(place as u32, gate, 0).map_err(failed)?;
        }
        for (place, recipe) in plan.recipes.iter().enumerate() {
            self.recipes.set(place as u32, recipe, 0).map_err(failed)?;
        }
        for (name, _) in ALWAYS {
            self.attach(name)?;
        }
        for (name, tracepoint, wanted) in [
            ("signal", "signal_deliver", plan.signals),
            ("sched_switch", "sched_switch", plan.switches),
            ("fault_user", "page_fault_user", plan.faults),
            ("fault_kernel", "page_fault_kernel", plan.faults),
        ] {
            if wanted && !self.attached.contains(&name) {
                self.load(name, tracepoint, &types()?)?;
                self.attach(name)?;
            }
        }
        Ok(())
    }

    /// The sums of all processors, in the places of `wire::counter`.
    pub fn counters(&self) -> [u64; counter::COUNT] {
        let mut sums = [0u64; counter::COUNT];
        if let Ok(values) = self.counts.get(&0, 0) {
            for of_one in values.iter() {
                for (sum, value) in sums.iter_mut().zip(of_one) {
                    *sum = sum.wrapping_add(*value);
                }
            }
        }
        sums
    }

    fn program(&mut self, name: &str) -> Result<&mut BtfTracePoint, StartError> {
        let program = self.ebpf.program_mut(name).ok_or_else(|| StartError::Failed(format!("no program {name}")))?;
        program.try_into().map_err(|error| refused_program(name, &error))
    }

    fn load(&mut self, name: &'static str, tracepoint: &str, btf: &Btf) -> Result<(), StartError> {
        let program = self.ebpf.program_mut(name).ok_or_else(|| StartError::Failed(format!("no program {name}")))?;
        let program: &mut BtfTracePoint = program.try_into().map_err(|error| refused_program(name, &error))?;
        program.load(tracepoint, btf).map_err(|error| refused_program(name, &error))
    }

    fn attach(&mut self, name: &'static str) -> Result<(), StartError> {
        if !self.attached.contains(&name) {
            self.program(name)?.attach().map_err(|error| refused_program(name, &error))?;
            self.attached.push(name);
        }
        Ok(())
    }
}

/// The programs that are attached whatever is wanted; a table says whether they do anything.
#[cfg(target_arch = "x86_64")]
const ALWAYS: [(&str, &str); 3] =
    [("exec", "sched_process_exec"), ("exit", "sched_process_exit"), ("sys_exit", "sys_exit")];
#[cfg(target_arch = "aarch64")]
const ALWAYS: [(&str, &str); 4] = [
    ("exec", "sched_process_exec"),
    ("exit", "sched_process_exit"),
    ("child", "sched_process_fork"),
    ("sys_exit", "sys_exit"),
];

/// What the kernel says of its own types: megabytes, so nobody keeps them.
pub fn types() -> Result<Btf, StartError> {
    Btf::from_sys_fs().map_err(|error| StartError::Failed(chain(&error)))
}

fn refused(error: &EbpfError) -> StartError {
    classified(error, "its maps were refused")
}

fn refused_program(name: &str, error: &ProgramError) -> StartError {
    if let ProgramError::LoadError { verifier_log, .. } = error {
        let log = verifier_log.to_string();
        let last = log.lines().rev().find(|line| !line.is_empty() && !line.starts_with("processed")).unwrap_or("");
        if !last.is_empty() {
            return StartError::TooOld(format!("the program {name} was refused: {last}"));
        }
    }
    classified(error, &format!("the program {name} was refused"))
}

pub fn classified(error: &(dyn Error + 'static), what: &str) -> StartError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(error) = current.downcast_ref::<std::io::Error>() {
            return match error.raw_os_error() {
                Some(1 | 13) => StartError::NotAllowed(format!("{what}: {error}")),
                Some(22 | 38 | 95 | 524) => StartError::TooOld(format!("{what}: {error}")),
                _ => StartError::Failed(format!("{what}: {error}")),
            };
        }
        cause = current.source();
    }
    StartError::Failed(format!("{what}: {}", chain(error)))
}

/// An error with its causes, in one line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        text.push_str(": ");
        text.push_str(&current.to_string());
        cause = current.source();
    }
    text.replace('\n', " ")
}

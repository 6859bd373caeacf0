//! An interest as the tables that the programs look into: which calls are taken, and which of their events.

use std::collections::BTreeMap;

use vigie_events::interest::{ARGUMENT_FLAGS, path_param};
use vigie_events::{Clause, Gate, Generic, Interest, id};

use crate::calls::{self, Call, Capture, Shape, Token};
use crate::wire::{
    self, CALLS, GATE_SIZE, MAX_GATES, MAX_PREFIXES, NO_ARG, RECIPE_SIZE, RESULT_FD, counter, handler, point, test,
};

/// Bytes of a path that a gate compares.
const PREFIX_SIZE: usize = 16;
/// The user ids that a clause can name.
const MAX_UIDS: usize = 4;

/// Bits of the schema's `file_flags` with their native ones; the access mode apart.
const OPEN_BITS: [(u32, u32); 6] =
    [(4, 0o100), (8, 0o2000), (32, 0o200), (64, 0o4000), (256, 0o1000), (4096, 0o2_000_000)];

pub type Recipe = [u8; RECIPE_SIZE];
pub type GateBytes = [u8; GATE_SIZE];

/// The contents of the tables, by place.
#[derive(Debug)]
pub struct Plan {
    pub recipes: Vec<Recipe>,
    pub gates: Vec<GateBytes>,
    /// Events that have tracepoints of their own.
    pub signals: bool,
    pub switches: bool,
    pub faults: bool,
}

/// At which filling of the ring events of a type are given up: 1 first, 3 last. Types not named never are.
pub type Shedding = BTreeMap<u16, u8>;

impl Plan {
    pub fn new(interest: &Interest, shedding: &Shedding) -> Plan {
        let mut plan = Plan {
            recipes: vec![[0; RECIPE_SIZE]; CALLS],
            gates: Vec::new(),
            signals: interest.gates.contains_key(&id::SIGNALDELIVER_E),
            switches: interest.gates.contains_key(&id::SCHEDSWITCH_E),
            faults: interest.gates.contains_key(&id::PAGE_FAULT_E),
        };
        let shed = |event: u16| shedding.get(&event).copied().unwrap_or(0);
        for call in calls::calls() {
            // A successful execveat is an event of type execve.
            let wanted = interest.gates.get(&call.event);
            let Some(gate) =
                wanted.or_else(|| interest.gates.get(&id::EXECVE_X).filter(|_| call.event == id::EXECVEAT_X))
            else {
                continue;
            };
            let Some(place) = calls::place(call.name) else { continue };
            let (gate_number, pathless) = plan.gate(gate);
            let mut recipe = recipe(call);
            recipe[4] = shed(call.event);
            // A call of which nothing is read but its outcome still needs a handler that knows gates of more kinds.
            if gate_number != 0 && recipe[2] == handler::SCALARS && !pathless {
                recipe[2] = handler::MEMORY;
            }
            recipe[5] = gate_number;
            plan.recipes[place] = recipe;
        }
        plan.generic(&interest.generic, shed(id::GENERIC_X));
        plan.points(interest, &shed);
        plan
    }

    fn generic(&mut self, wanted: &Generic, shed: u8) {
        let own: Vec<usize> = calls::calls().iter().filter_map(|call| calls::place(call.name)).collect();
        for numbers in calls::numbers().values() {
            let (Some(place), Some(code)) = (calls::place(numbers.name), numbers.code) else { continue };
            let taken = match wanted {
                Generic::None => false,
                Generic::Some(codes) => codes.contains(&code),
                Generic::All => true,
            };
            if taken && !own.contains(&place) {
                self.recipes[place] = header(id::GENERIC_X, handler::SCALARS, 8, shed);
            }
        }
    }

    fn points(&mut self, interest: &Interest, shed: &dyn Fn(u16) -> u8) {
        for (place, event, counter) in [
            (point::EXEC, id::EXECVE_X, 2),
            (point::EXIT, id::PROCEXIT_E, 7),
            (point::SWITCH, id::SCHEDSWITCH_E, 8),
            (point::SIGNAL, id::SIGNALDELIVER_E, 8),
            (point::FAULT, id::PAGE_FAULT_E, counter::PAGE_FAULTS as u8),
            (point::CHILD, id::CLONE_X, 1),
        ] {
            if interest.gates.contains_key(&event) {
                self.recipes[place] = header(event, handler::SCALARS, counter, shed(event));
            }
        }
    }

    /// The place of a gate, from 1; 0 when all events pass. And whether it asks for nothing but the outcome.
    fn gate(&mut self, gate: &Gate) -> (u8, bool) {
        let Gate::Any(clauses) = gate else { return (0, true) };
        let Some(bytes) = gate_bytes(clauses) else { return (0, true) };
        let simple = clauses.len() == 1 && Clause { success: None, ..clauses[0].clone() }.is_open();
        let place = match self.gates.iter().position(|known| *known == bytes) {
            Some(place) => place,
            None if self.gates.len() >= MAX_GATES => return (0, true),
            None => {
                self.gates.push(bytes);
                self.gates.len() - 1
            }
        };
        (place as u8 + 1, simple)
    }
}

fn header(event: u16, handler: u8, counter: u8, shed: u8) -> Recipe {
    let mut recipe = [0; RECIPE_SIZE];
    recipe[..2].copy_from_slice(&event.to_le_bytes());
    (recipe[2], recipe[3], recipe[4]) = (handler, counter, shed);
    recipe[7..=8].fill(NO_ARG);
    recipe[10..=11].fill(NO_ARG);
    recipe
}

/// `struct recipe` of a call without gate.
fn recipe(call: &Call) -> Recipe {
    let mut recipe = header(call.event, call.handler, call.counter, 0);
    recipe[6] = call.captures.len() as u8;
    recipe[7] = match call.event {
        id::ACCEPT_X | id::ACCEPT4_X | id::PIPE_X | id::PIPE2_X => RESULT_FD,
        id::BIND_X => 0,
        _ if call.handler == handler::SOCKET => 0,
        _ => NO_ARG,
    };
    recipe[8] = open_flags(call).unwrap_or(NO_ARG);
    // The probe looks at the first capture: it has to be the path that is meant.
    recipe[9] = u8::from(matches!(tested(call, path_param(call.event)), Some(Token::Text(0))));
    if matches!(call.event, id::BIND_X | id::CONNECT_X) {
        recipe[10] = 1;
    }
    if matches!(call.event, id::SOCKET_X | id::SOCKETPAIR_X) {
        recipe[11] = 0;
    }
    for (index, capture) in call.captures.iter().take(wire::MAX_CAPTURES).enumerate() {
        recipe[16 + 8 * index..24 + 8 * index].copy_from_slice(&capture_bytes(capture));
    }
    recipe
}

fn capture_bytes(capture: &Capture) -> [u8; 8] {
    let max = capture.max.to_le_bytes();
    [capture.kind, capture.arg, capture.length_arg, capture.unit, max[0], max[1], 0, 0]
}

/// The token of a parameter that gates look at.
fn tested(call: &Call, param: Option<usize>) -> Option<&Token> {
    match &call.shape {
        Shape::Tokens(tokens) => tokens.get(param?),
        _ => None,
    }
}

/// The argument with the flags of an opening call. The probe also tells execveat from execve by it.
fn open_flags(call: &Call) -> Option<u8> {
    match &call.shape {
        Shape::Exec if call.event == id::EXECVEAT_X => Some(4),
        Shape::Tokens(tokens) if call.handler == handler::OPEN => tokens.iter().find_map(|token| match token {
            Token::OpenMode { flags, .. } => Some(*flags as u8),
            _ => None,
        }),
        _ => None,
    }
}

/// `struct gate`. `None` when it cannot be said in it: all events pass then.
fn gate_bytes(clauses: &[Clause]) -> Option<GateBytes> {
    let mut bytes = [0; GATE_SIZE];
    let mut prefixes: Vec<(&[u8], u32)> = Vec::new();
    let mut pathless = 0u32;
    if clauses.len() > vigie_events::interest::MAX_CLAUSES {
        return None;
    }
    for (index, clause) in clauses.iter().enumerate() {
        let bit = 1 << index;
        let mut tests = 0;
        tests |= match clause.success {
            Some(true) => test::SUCCESS,
            Some(false) => test::FAILURE,
            None => 0,
        };
        let at = 16 + 40 * index;
        if let Some((native, modes)) = clause.open_flags.and_then(native_flags) {
            tests |= test::OPEN_FLAGS;
            bytes[at + 4..at + 8].copy_from_slice(&native.to_le_bytes());
            bytes[at + 8..at + 12].copy_from_slice(&modes.to_le_bytes());
        }
        match clause.uids.as_deref() {
            Some([]) => continue, // no user meets it: no bit is set, and nobody passes by it
            Some(uids) if uids.len() <= MAX_UIDS => {
                tests |= test::UIDS;
                for place in 0..MAX_UIDS {
                    let uid = uids.get(place).unwrap_or(&uids[0]);
                    bytes[at + 12 + 4 * place..at + 16 + 4 * place].copy_from_slice(&uid.to_le_bytes());
                }
            }
            _ => {}
        }
        if let Some(families) = clause.families.as_deref().filter(|all| all.iter().all(|&family| family < 64)) {
            tests |= test::FAMILIES;
            let bits = families.iter().fold(0u64, |bits, &family| bits | 1 << family);
            bytes[at + 32..at + 40].copy_from_slice(&bits.to_le_bytes());
        }
        match &clause.paths {
            Some(paths) => {
                tests |= test::PATHS;
                for path in paths {
                    let path = &path[..path.len().min(PREFIX_SIZE)];
                    match prefixes.iter_mut().find(|(known, _)| *known == path) {
                        Some((_, of)) => *of |= bit,
                        None => prefixes.push((path, bit)),
                    }
                }
            }
            None => pathless |= bit,
        }
        bytes[at..at + 4].copy_from_slice(&tests.to_le_bytes());
    }
    if prefixes.len() > MAX_PREFIXES {
        return None;
    }
    bytes[..4].copy_from_slice(&(clauses.len() as u32).to_le_bytes());
    bytes[4..8].copy_from_slice(&(prefixes.len() as u32).to_le_bytes());
    bytes[8..12].copy_from_slice(&pathless.to_le_bytes());
    for (index, (path, of)) in prefixes.into_iter().enumerate() {
        let at = 16 + 40 * vigie_events::interest::MAX_CLAUSES + 40 * index;
        bytes[at..at + path.len()].copy_from_slice(path);
        bytes[at + PREFIX_SIZE..at + PREFIX_SIZE + path.len()].fill(0xff);
        bytes[at + 2 * PREFIX_SIZE..at + 2 * PREFIX_SIZE + 4].copy_from_slice(&of.to_le_bytes());
    }
    Some(bytes)
}

/// Native bits and access modes (a bit each) for bits of the schema. `None` when one is not known before the call ends.
fn native_flags(wanted: u32) -> Option<(u32, u32)> {
    // O_RDONLY is 1 and O_WRONLY 2 in the schema, O_RDWR both.
    let mut modes = 0;
    if wanted & 1 != 0 {
        modes |= 1 << 0 | 1 << 2;
    }
    if wanted & 2 != 0 {
        modes |= 1 << 1 | 1 << 2;
    }
    // What the kernel adds follows from bits of the argument that stand beside it.
    let wanted = wanted & ARGUMENT_FLAGS;
    let known = OPEN_BITS.iter().fold(3, |known, (bit, _)| known | bit);
    if wanted & !known != 0 {
        return None;
    }
    let native = OPEN_BITS.iter().filter(|(bit, _)| wanted & bit != 0).fold(0, |all, (_, native)| all | native);
    // The mode 3 of the native numbers has no meaning: it passes.
    Some((native, modes | 1 << 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn u32_at(bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
    }

    #[test]
    fn gates_say_what_clauses_say() {
        let clause = Clause {
            success: Some(true),
            open_flags: Some(2),
            paths: Some(vec![b"/etc".to_vec(), b"/root/.ssh/authorized_keys".to_vec()]),
            ..Clause::default()
        };
        let bytes = gate_bytes(&[clause]).unwrap();
        assert_eq!((u32_at(&bytes, 0), u32_at(&bytes, 4), u32_at(&bytes, 8)), (1, 2, 0));
        assert_eq!(u32_at(&bytes, 16), test::SUCCESS | test::OPEN_FLAGS | test::PATHS);
        assert_eq!(u32_at(&bytes, 24), 0b1110);
        let second = 16 + 40 * 16 + 40;
        assert_eq!(&bytes[second..second + 16], b"/root/.ssh/autho");
        assert_eq!(&bytes[second - 40 + 16..second - 40 + 24], &[255, 255, 255, 255, 0, 0, 0, 0]);
    }

    #[test]
    fn calls_that_nobody_wants_have_no_recipe() {
        let mut interest = Interest::default();
        interest.add(id::CLOSE_X, Gate::All);
        let plan = Plan::new(&interest, &Shedding::new());
        let taken: Vec<usize> = (0..CALLS).filter(|&place| plan.recipes[place] != [0; RECIPE_SIZE]).collect();
        assert_eq!(taken, [calls::place("close").unwrap()]);
    }
}

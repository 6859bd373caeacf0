//! Events of older writers become events of the current schema.

use std::collections::HashMap;

use vigie_events::conversion::{Action, From, conversion};
use vigie_events::schema::{Kind, MAX_PARAMS, event_type};
use vigie_events::{Params, id};

use crate::event::{Route, Shape};

/// The most steps that one event's upgrade may take.
const MOST_STEPS: usize = 50;
/// The parameters of an upgraded event: header, lengths and they fit into 64 KiB, as in the peer's buffer.
const LARGEST: usize = (64 << 10) - 26 - 2 * MAX_PARAMS - 6;
/// Enter events kept for their exits: as many as there can be threads, and so many bytes. When there is no more room,
/// all are forgotten; their exits then get defaults.
const MOST_STORED: usize = 262_144;
const MOST_STORED_BYTES: usize = 64 << 20;

static ZEROS: [u8; 8] = [0; 8];
static ONES: [u8; 4] = [0xff; 4];

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgraded {
    /// Deliver it as it was read.
    Same,
    /// Deliver what `Converter::built` holds.
    Built,
    Dropped,
    Damaged(&'static str),
}

/// An enter event kept for its thread: lengths of four bytes, and the parameters.
#[derive(Default)]
struct Stored {
    id: u16,
    /// Its exit was seen; only the room is kept, for the thread's next one.
    used: bool,
    lengths: Vec<u8>,
    data: Vec<u8>,
}

impl Stored {
    fn param(&self, index: usize) -> Option<&[u8]> {
        Params::new(&self.lengths, true, &self.data)?.bytes(index)
    }

    /// About what it takes in memory.
    fn bytes(&self) -> usize {
        self.lengths.capacity() + self.data.capacity() + 128
    }
}

/// Upgrades events; remembers enter events and the event built last.
#[derive(Default)]
pub struct Converter {
    stored: HashMap<i64, Stored>,
    stored_bytes: usize,
    id: u16,
    lengths: Vec<u8>,
    data: Vec<u8>,
    json: Vec<u8>,
}

impl Converter {
    /// Forgets all enter events: a new section begins.
    pub fn clear(&mut self) {
        self.stored.clear();
        self.stored_bytes = 0;
    }

    /// The id, the lengths (four bytes each) and the bytes of the parameters of the event built last.
    pub fn built(&self) -> (u16, &[u8], &[u8]) {
        (self.id, &self.lengths, &self.data)
    }

    /// A thread ended.
    pub fn forget(&mut self, tid: i64) {
        if let Some(stored) = self.stored.remove(&tid) {
            self.stored_bytes -= stored.bytes();
        }
    }

    /// Decides about an event, step by step until it passes or is dropped. `first` is its id, `tid` its thread.
    pub fn upgrade(&mut self, tid: i64, first: u16, read: &Params<'_>, shapes: &[Shape]) -> Upgraded {
        let mut id = first;
        let mut params: [&[u8]; MAX_PARAMS] = [&[]; MAX_PARAMS];
        let mut count = read.len();
        for (index, param) in params.iter_mut().enumerate().take(count) {
            *param = read.bytes(index).unwrap_or(&[]);
        }
        self.json.clear();
        if first == id::CONTAINER_E {
            container_json(read, &mut self.json);
        }
        let enter = self.stored.get(&tid).filter(|enter| !enter.used);
        let (mut steps, mut entered, mut store, mut pass) = (0, false, false, true);
        loop {
            let Some(shape) = shapes.get(usize::from(id)) else { return Upgraded::Dropped };
            match shape.route {
                Route::Drop => return Upgraded::Dropped,
                Route::Pass => break,
                Route::PassCounted if count == usize::from(shape.params) => break,
                Route::PassCounted | Route::Convert if id % 2 == 1 && count > usize::from(shape.params) => {
                    return Upgraded::Damaged("an event of more parameters than its type has");
                }
                Route::PassCounted | Route::Convert => {}
            }
            steps += 1;
            let Some(rule) = conversion(id, count).filter(|_| steps <= MOST_STEPS) else { return Upgraded::Dropped };
            let (becomes, kept) = match rule.action {
                Action::Pass if steps == 1 => return Upgraded::Same,
                Action::Pass => break,
                Action::Store | Action::StoreAndPass => {
                    (store, pass) = (true, rule.action == Action::StoreAndPass);
                    break;
                }
                Action::Append => (id, count),
                Action::Become(becomes) => (becomes, 0),
            };
            let enter = enter.filter(|enter| enter.id.checked_add(1) == Some(id));
            let old = params;
            if kept + rule.params.len() > MAX_PARAMS {
                return Upgraded::Dropped;
            }
            let schema = event_type(becomes).map_or(&[][..], |event_type| &event_type.params);
            for (index, from) in (kept..).zip(&rule.params) {
                let default = || schema.get(index).map_or(&[][..], |param| default(param.kind));
                params[index] = match *from {
                    From::Old(old_index) => old[..count].get(usize::from(old_index)).copied().unwrap_or(&[]),
                    From::Enter { index, empty } => {
                        let param = enter.and_then(|enter| enter.param(usize::from(index)));
                        entered |= enter.is_some();
                        param.unwrap_or_else(|| if empty { &[] } else { default() })
                    }
                    From::Empty => &[],
                    From::Default => default(),
                    From::Computed => &self.json,
                };
            }
            (id, count) = (becomes, kept + rule.params.len());
        }
        if steps == 0 {
            return Upgraded::Same;
        }
        self.id = id;
        self.lengths.clear();
        self.data.clear();
        for param in &params[..count] {
            if self.data.len() + param.len() > LARGEST {
                return Upgraded::Dropped;
            }
            self.lengths.extend((param.len() as u32).to_le_bytes());
            self.data.extend_from_slice(param);
        }
        if entered {
            if let Some(stored) = self.stored.get_mut(&tid) {
                stored.used = true;
            }
        }
        if store {
            self.store(tid);
        }
        if pass { Upgraded::Built } else { Upgraded::Dropped }
    }

    /// Keeps the event built last.
    fn store(&mut self, tid: i64) {
        if self.stored.len() >= MOST_STORED || self.stored_bytes > MOST_STORED_BYTES {
            self.clear();
        }
        let before = self.stored.get(&tid).map_or(0, Stored::bytes);
        let stored = self.stored.entry(tid).or_default();
        (stored.id, stored.used) = (self.id, false);
        stored.lengths.clear();
        stored.lengths.extend_from_slice(&self.lengths);
        stored.data.clear();
        stored.data.extend_from_slice(&self.data);
        self.stored_bytes = self.stored_bytes - before + stored.bytes();
    }
}

/// Zero of the kind's size, or nobody for users and groups; nothing for kinds without a size.
fn default(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Uid | Kind::Gid => &ONES,
        Kind::Int8 | Kind::Uint8 | Kind::Flags8 | Kind::Enumflags8 | Kind::Sigtype => &ZEROS[..1],
        Kind::Int16 | Kind::Uint16 | Kind::Flags16 | Kind::Enumflags16 | Kind::Syscallid | Kind::Port => &ZEROS[..2],
        Kind::Int32
        | Kind::Uint32
        | Kind::Flags32
        | Kind::Enumflags32
        | Kind::Mode
        | Kind::Fd32
        | Kind::Pid32
        | Kind::Sigset => &ZEROS[..4],
        Kind::Int64 | Kind::Uint64 | Kind::Errno | Kind::Fd | Kind::Pid | Kind::Reltime | Kind::Abstime => &ZEROS,
        Kind::Charbuf
        | Kind::Bytebuf
        | Kind::Sockaddr
        | Kind::Socktuple
        | Kind::Fdlist
        | Kind::Fspath
        | Kind::Fsrelpath
        | Kind::Dyn
        | Kind::Charbufarray
        | Kind::CharbufPairArray
        | Kind::Ipv4addr
        | Kind::Ipv6addr => &[],
    }
}

/// The oldest container event (id, type, name, image) as the JSON of the newer ones, ended by a NUL. Nothing when a
/// parameter is missing.
fn container_json(read: &Params<'_>, json: &mut Vec<u8>) {
    let (Some(id), Some(kind), Some(name), Some(image)) = (read.text(0), read.u32(1), read.text(2), read.text(3))
    else {
        return;
    };
    let kind = kind.to_string();
    json.extend(b"{\"container\":{\"id\":");
    json_string(id, json);
    json.extend(b",\"type\":");
    json.extend(kind.as_bytes());
    json.extend(b",\"name\":");
    json_string(name, json);
    json.extend(b",\"image\":");
    json_string(image, json);
    json.extend(b"}}\0");
}

fn json_string(text: &[u8], json: &mut Vec<u8>) {
    json.push(b'"');
    for character in String::from_utf8_lossy(text).chars() {
        match character {
            '"' | '\\' => json.extend([b'\\', character as u8]),
            '\0'..='\x1f' => json.extend(format!("\\u{:04x}", u32::from(character)).bytes()),
            _ => json.extend(character.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    json.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_zero_but_for_users_and_groups() {
        assert_eq!(default(Kind::Uid), [0xff; 4]);
        assert_eq!(default(Kind::Gid), [0xff; 4]);
        assert_eq!(default(Kind::Enumflags8), [0]);
        assert_eq!(default(Kind::Port), [0; 2]);
        assert_eq!(default(Kind::Flags32), [0; 4]);
        assert_eq!(default(Kind::Fd), [0; 8]);
        assert_eq!(default(Kind::Fspath), [0u8; 0]);
    }

    /// However many threads and however large their enter events: there is a limit.
    #[test]
    fn stored_enter_events_take_bounded_memory() {
        let shapes = crate::event::shapes();
        let mut converter = Converter::default();
        let data = vec![0; 60_000];
        let lengths = [8u32.to_le_bytes(), 59_000u32.to_le_bytes()].concat();
        let params = Params::new(&lengths, true, &data).unwrap();
        for tid in 0..5000 {
            assert_eq!(converter.upgrade(tid, 104, &params, &shapes), Upgraded::Dropped);
            let kept: usize = converter.stored.values().map(Stored::bytes).sum();
            assert!(tid % 500 != 0 || kept == converter.stored_bytes && kept <= MOST_STORED_BYTES + (64 << 10));
        }
        converter.forget(4999);
        assert!(!converter.stored.is_empty() && converter.stored_bytes < MOST_STORED_BYTES);
    }
}

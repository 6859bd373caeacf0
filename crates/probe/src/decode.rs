//! Records of the probe as events of the schema.

use vigie_events::schema::{self, Kind};
use vigie_events::{Event, id};

use crate::calls::{self, Call, Shape, Token};
use crate::encode::Encoder;
use crate::flags::{self, Conversion};
use crate::special::{Out, Raw};
use crate::wire::{CALLS, Fields, Record, tag};
use crate::{process, sockets};

const O_CREAT: u64 = 0o100;
const O_TMPFILE: u64 = 0o20_000_000;
const FMODE_CREATED: u32 = 0x10_0000;
/// Bits of the schema's `file_flags` that only the kernel knows.
const O_F_CREATED: u64 = 1 << 14;
const FD_UPPER_LAYER: u64 = 1 << 15;
const FD_LOWER_LAYER: u64 = 1 << 16;

/// Knows what each record means. Times become those of the epoch.
#[derive(Debug)]
pub struct Decoder {
    by_number: Vec<Option<&'static Call>>,
    codes: Vec<u16>,
    kinds: Vec<Vec<Kind>>,
    encoder: Encoder,
    /// Nanoseconds from the epoch to boot.
    pub boot_ts: u64,
    /// Records that were none, and memory that could not be read or was longer than what is taken.
    pub damaged: u64,
    pub unread: u64,
    pub truncated: u64,
}

impl Decoder {
    pub fn new(boot_ts: u64) -> Decoder {
        let mut by_number = vec![None; CALLS];
        let mut codes = vec![0; CALLS];
        for numbers in calls::numbers().values() {
            if let Some(native) = numbers.native.map(usize::from).filter(|&native| native < CALLS) {
                codes[native] = numbers.code.unwrap_or(0);
            }
        }
        for call in calls::calls() {
            // The first row of an event has the processor's own name.
            if let Some(place) = calls::place(call.name).and_then(|place| by_number.get_mut(place)) {
                place.get_or_insert(call);
            }
        }
        let kinds =
            schema::event_types().iter().map(|event| event.params.iter().map(|param| param.kind).collect()).collect();
        Decoder { by_number, codes, kinds, encoder: Encoder::default(), boot_ts, damaged: 0, unread: 0, truncated: 0 }
    }

    /// Reads a record into the storage of the decoder; `event` gives it out. `None` when it is none.
    #[inline]
    pub fn read(&mut self, bytes: &[u8]) -> Option<Decoded> {
        let Some(record) = Record::read(bytes).filter(|record| usize::from(record.event) < schema::TYPES) else {
            self.damaged += 1;
            return None;
        };
        self.unread += u64::from(record.flags & crate::wire::flag::UNREAD != 0);
        self.truncated += u64::from(record.flags & crate::wire::flag::TRUNCATED != 0);
        self.encoder.clear();
        self.write(&record);
        let ts = self.boot_ts.saturating_add(record.ts);
        Some(Decoded { id: record.event, ts, tid: record.tid.into(), cpu: record.cpu })
    }

    pub fn event(&self, decoded: &Decoded) -> Event<'_> {
        self.encoder.event(decoded.id, decoded.ts, decoded.tid, decoded.cpu)
    }

    fn write(&mut self, record: &Record<'_>) {
        let out = &mut self.encoder;
        let number = usize::from(record.nr) % CALLS;
        match record.event {
            id::PROCEXIT_E => return process::exit(record, out),
            id::SIGNALDELIVER_E => {
                out.i64(i64::from(record.args[1] as u32));
                out.i64(record.tid.into());
                return out.u8(record.args[0] as u8);
            }
            id::SCHEDSWITCH_E => {
                out.i64(i64::from(record.args[0] as u32));
                out.u64(record.args[1]);
                out.u64(record.args[2]);
                return memory(record, out);
            }
            id::PAGE_FAULT_E => {
                out.u64(record.args[0]);
                out.u64(record.args[1]);
                return out.u32(fault_flags(record.args[2]));
            }
            id::GENERIC_X => {
                out.number(Kind::Syscallid, self.codes[number].into());
                return out.number(Kind::Uint16, record.nr.into());
            }
            // A success is told by a tracepoint, which has no call.
            id::EXECVE_X => return process::exec(record, true, out),
            _ => {}
        }
        let Some(call) = self.by_number[number] else { return };
        match &call.shape {
            Shape::Clone => process::clone(record, call.name, out),
            Shape::Exec => process::exec(record, false, out),
            Shape::Special(special) => (special.write)(&Given { record, call }, out),
            Shape::Tokens(tokens) => {
                if matches!(record.event, id::ACCEPT_X | id::ACCEPT4_X) {
                    out.i64(record.result);
                    sockets::tuple(record, None, out);
                    sockets::backlog(record, out);
                    if record.event == id::ACCEPT4_X {
                        out.number(Kind::Int32, value(record, &tokens[5]).unwrap_or(0));
                    }
                    return;
                }
                for (token, &kind) in tokens.iter().zip(&self.kinds[usize::from(record.event)]) {
                    parameter(record, token, kind, out);
                }
            }
        }
    }
}

/// What stands in an event's head.
#[derive(Clone, Copy, Debug)]
pub struct Decoded {
    pub id: u16,
    pub ts: u64,
    pub tid: i64,
    pub cpu: u16,
}

#[inline]
fn parameter(record: &Record<'_>, token: &Token, kind: Kind, out: &mut Encoder) {
    match token {
        Token::Absent if record.event == id::OPEN_BY_HANDLE_AT_X => match record.blob(tag::PATH) {
            Some(components) => out.text(&process::path(components)),
            None => out.absent(),
        },
        Token::Absent => out.absent(),
        Token::Text(capture) => match (record.blob(*capture), record.blob(tag::PATH)) {
            (Some(text), _) => out.text(text),
            (None, Some(components)) => out.text(&process::path(components)),
            (None, None) => out.absent(),
        },
        Token::Data(capture) => out.put(record.blob(*capture).unwrap_or_default()),
        Token::Control => out.put(record.blob(tag::CONTROL).unwrap_or_default()),
        Token::Address(capture) => sockets::sockaddr(record.blob(*capture), out),
        Token::Tuple => sockets::tuple(record, given_address(record), out),
        Token::Constant(_) if record.event == id::CREAT_X => out.number(kind, layers(record) >> 15),
        _ => match value(record, token) {
            Some(value) => out.number(kind, value),
            None => out.absent(),
        },
    }
}

/// Calls that make two descriptors.
fn makes_two(event: u16) -> bool {
    matches!(event, id::PIPE_X | id::PIPE2_X | id::SOCKETPAIR_X)
}

/// The address that a sending or receiving call was given, or gave.
fn given_address<'r>(record: &Record<'r>) -> Option<&'r [u8]> {
    match record.event {
        id::SENDTO_X | id::RECVFROM_X => record.blob(1),
        id::CONNECT_X => record.blob(0),
        _ => record.blob(tag::ADDRESS),
    }
}

/// The number that a token stands for. `None` when memory was not there.
fn value(record: &Record<'_>, token: &Token) -> Option<u64> {
    let arg = |index: usize| record.args.get(index).copied().unwrap_or(0);
    Some(match token {
        Token::Result => record.result as u64,
        Token::Signed(index) => i64::from(arg(*index) as i32) as u64,
        Token::Unsigned(index) => u64::from(arg(*index) as u32),
        Token::Whole(index) => arg(*index),
        Token::Constant(value) => *value,
        // The descriptors that were not made.
        Token::Memory { .. } if record.result < 0 && makes_two(record.event) => -1i64 as u64,
        Token::Memory { capture, offset, width, signed } => number(record.blob(*capture)?, *offset, *width, *signed)?,
        Token::Timespec(capture) => {
            let blob = record.blob(*capture)?;
            let (seconds, nanoseconds) = (number(blob, 0, 8, false)?, number(blob, 8, 8, false)?);
            seconds.wrapping_mul(1_000_000_000).wrapping_add(nanoseconds)
        }
        Token::Sum => record.blob(tag::SIZE).map(|blob| Fields(blob).u64())?,
        // A message that was received is as large as the result says.
        Token::MessageSize if matches!(record.event, id::RECVMSG_X | id::RECVMMSG_X) && record.result >= 0 => {
            record.result as u64
        }
        Token::MessageSize => record.blob(tag::SIZE).map_or(0, |blob| Fields(blob).u64()),
        Token::Device => u64::from(device(record)?),
        Token::Inode => record.blob(tag::FILE).map_or(0, |blob| Fields(blob).u64()),
        Token::OpenMode { flags, mode } => {
            let creates = arg(*flags) & (O_CREAT | O_TMPFILE) != 0;
            if creates { u64::from(arg(*mode) as u32) } else { 0 }
        }
        Token::VmSize => u64::from(memory_number(record, 0)),
        Token::VmRss => u64::from(memory_number(record, 1)),
        Token::VmSwap => u64::from(memory_number(record, 2)),
        Token::Converted(conversion, inner) => {
            let converted = flags::convert(*conversion, value(record, inner)?);
            if *conversion == Conversion::Open { converted | layers(record) } else { converted }
        }
        _ => return None,
    })
}

fn number(blob: &[u8], offset: usize, width: usize, signed: bool) -> Option<u64> {
    let bytes = blob.get(offset..offset + width)?;
    let mut all = [0; 8];
    all[..width].copy_from_slice(bytes);
    let value = u64::from_le_bytes(all);
    let unused = 64 - 8 * width as u32;
    Some(if signed { ((value << unused) as i64 >> unused) as u64 } else { value })
}

fn file<'r>(record: &Record<'r>) -> Option<(u64, u32, u32, u32)> {
    let mut fields = Fields(record.blob(tag::FILE)?);
    Some((fields.u64(), fields.u32(), fields.u32(), fields.u32()))
}

/// The device in the encoding of `stat`, 0 when nothing was opened.
fn device(record: &Record<'_>) -> Option<u32> {
    let Some((_, device, _, _)) = file(record) else { return Some(0) };
    let (major, minor) = (device >> 20, device & 0xf_ffff);
    Some(minor & 0xff | major << 8 | (minor & !0xff) << 12)
}

/// What the kernel knows of an opened file: that it was made, and where in an overlay it lies.
fn layers(record: &Record<'_>) -> u64 {
    let Some((_, _, mode, layer)) = file(record) else { return 0 };
    let created = if mode & FMODE_CREATED == 0 || record.event == id::CREAT_X { 0 } else { O_F_CREATED };
    created | [0, FD_UPPER_LAYER, FD_LOWER_LAYER].get(layer as usize).copied().unwrap_or(0)
}

fn memory_number(record: &Record<'_>, index: usize) -> u32 {
    let Some(mut fields) = record.blob(tag::MEMORY).map(Fields) else { return 0 };
    [fields.u32(), fields.u32(), fields.u32()][index]
}

fn memory(record: &Record<'_>, out: &mut Encoder) {
    for index in 0..3 {
        out.u32(memory_number(record, index));
    }
}

/// The processor's error code in the schema's `pf_flags`.
fn fault_flags(code: u64) -> u32 {
    let pairs = [(1, 1, 2), (2, 4, 8), (4, 16, 32), (8, 64, 0), (16, 128, 0)];
    pairs.iter().fold(0, |flags, &(bit, set, unset)| flags | if code & bit != 0 { set } else { unset })
}

/// A record as the events with code of their own see it.
struct Given<'a, 'r> {
    record: &'a Record<'r>,
    call: &'static Call,
}

impl Raw for Given<'_, '_> {
    fn result(&self) -> i64 {
        self.record.result
    }

    fn arg(&self, n: usize) -> u64 {
        self.record.args.get(n).copied().unwrap_or(0)
    }

    fn memory(&self, arg: usize) -> Option<&[u8]> {
        let place = self.call.captures.iter().position(|capture| usize::from(capture.arg) == arg)?;
        self.record.blob(place as u16)
    }
}

impl Out for Encoder {
    fn put(&mut self, bytes: &[u8]) {
        Encoder::put(self, bytes);
    }

    fn absent(&mut self) {
        Encoder::absent(self);
    }
}

//! Captures put together by hand from the format's description, without the writer.
#![allow(dead_code, clippy::unwrap_used)]

use vigie_capture::Reader;
use vigie_events::{Delivered, HostFacts, Source, SourceError};

pub const SECTION: u32 = 0x0A0D_0D0A;

/// Little-endian numbers and strings after one another.
#[derive(Clone, Default)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn u8(self, number: u8) -> Self {
        self.raw(&[number])
    }

    pub fn u16(self, number: u16) -> Self {
        self.raw(&number.to_le_bytes())
    }

    pub fn u32(self, number: u32) -> Self {
        self.raw(&number.to_le_bytes())
    }

    pub fn u64(self, number: u64) -> Self {
        self.raw(&number.to_le_bytes())
    }

    pub fn text(self, text: &[u8]) -> Self {
        self.u16(text.len() as u16).raw(text)
    }

    /// An entry that begins with its own length, which counts itself or does not.
    pub fn entry(self, counts_itself: bool, entry: Bytes) -> Self {
        let length = entry.0.len() + if counts_itself { 4 } else { 0 };
        self.u32(length as u32).raw(&entry.0)
    }
}

pub fn bytes() -> Bytes {
    Bytes::default()
}

pub fn block(number: u32, body: &[u8]) -> Vec<u8> {
    let mut padded = body.to_vec();
    padded.resize(body.len().next_multiple_of(4), 0);
    let length = padded.len() as u32 + 12;
    bytes().u32(number).u32(length).raw(&padded).u32(length).0
}

pub fn section() -> Vec<u8> {
    block(SECTION, &bytes().u32(0x1A2B_3C4D).u16(1).u16(2).u64(u64::MAX).0)
}

/// An event of version 2: `flags` makes it an EVF block, `large` a block for large events.
pub fn event(ts: u64, tid: i64, id: u16, params: &[&[u8]], flags: Option<u32>, large: bool) -> Vec<u8> {
    let wide = matches!(id, 322 | 324 | 402);
    let data: usize = params.iter().map(|param| param.len()).sum();
    let length = 26 + params.len() * if wide { 4 } else { 2 } + data;
    let mut body = bytes().u16(3);
    if let Some(flags) = flags {
        body = body.u32(flags);
    }
    body = body.u64(ts).u64(tid as u64).u32(length as u32).u16(id).u32(params.len() as u32);
    let body = with_params(body, params, wide);
    let number = match (flags, large) {
        (None, false) => 0x216,
        (None, true) => 0x221,
        (Some(_), false) => 0x217,
        (Some(_), true) => 0x222,
    };
    block(number, &body.0)
}

/// An event of version 1, whose header does not say how many parameters follow.
pub fn old_event(number: u32, ts: u64, tid: i64, id: u16, params: &[&[u8]], too_long: u32) -> Vec<u8> {
    let data: usize = params.iter().map(|param| param.len()).sum();
    let length = (22 + params.len() * 2 + data) as u32 + too_long;
    let mut body = bytes().u16(3);
    if number == 0x208 {
        body = body.u32(1);
    }
    let body = with_params(body.u64(ts).u64(tid as u64).u32(length).u16(id), params, false);
    // Where the length says more than there is, the padding has to hold it.
    block(number, &body.raw(&[0; 4][..too_long as usize]).0)
}

fn with_params(mut body: Bytes, params: &[&[u8]], wide: bool) -> Bytes {
    for param in params {
        body = if wide { body.u32(param.len() as u32) } else { body.u16(param.len() as u16) };
    }
    params.iter().fold(body, |body, param| body.raw(param))
}

/// An event as delivered, with its own copy of the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub ts: u64,
    pub tid: i64,
    pub cpu: u16,
    pub flags: u32,
    pub id: u16,
    pub params: Vec<Vec<u8>>,
}

/// Everything that a capture delivers.
#[derive(Default, Debug)]
pub struct Delivery {
    pub hosts: Vec<HostFacts>,
    /// How many events came before each of the hosts.
    pub host_at: Vec<usize>,
    pub events: Vec<Seen>,
    pub error: Option<SourceError>,
    pub skipped: u64,
}

pub fn read(capture: Vec<u8>) -> Delivery {
    read_all(Reader::from_bytes(capture))
}

pub fn read_all(mut reader: Reader) -> Delivery {
    let mut delivery = Delivery::default();
    loop {
        match reader.next() {
            Ok(Delivered::Host(facts)) => {
                delivery.host_at.push(delivery.events.len());
                delivery.hosts.push(*facts);
            }
            Ok(Delivered::Event(event)) => delivery.events.push(Seen {
                ts: event.ts,
                tid: event.tid,
                cpu: event.cpu,
                flags: event.flags,
                id: event.id,
                params: (0..event.params.len()).map(|index| event.params.bytes(index).unwrap().to_vec()).collect(),
            }),
            Ok(Delivered::Idle) => {}
            Ok(Delivered::End) => {
                assert!(matches!(reader.next(), Ok(Delivered::End)));
                break;
            }
            Err(error) => {
                assert_eq!(reader.next().err(), Some(error.clone()), "an error stays");
                delivery.error = Some(error);
                break;
            }
        }
    }
    delivery.skipped = reader.skipped();
    delivery
}

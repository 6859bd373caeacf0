//! How each system call becomes an event: `tables/calls.tsv`, read once.
//!
//! A row names the call, the event, the counter of its drops, and one token per parameter:
//! `r` the result · `iN uN aN` argument N as signed or unsigned 32 bits, or 64 · `=V` a constant · `-` absent ·
//! `sN` the text at argument N · `mN+O.W` W bytes at offset O of the memory at argument N (`iW` signed) · `tN` a timespec ·
//! `rdN` bytes that the call put there · `wrN:M` bytes that it took, argument M many · `byN:M` argument M many bytes ·
//! `riN:M wiN:M` the same through an iovec array, `szN:M` the sum of its lengths · `md ms mc` data, size and control of
//! a msghdr · `tu` the tuple of the socket · `saN:M` a sockaddr · `dev ino` of the opened file · `pino` of the pipe ·
//! `omF:M` the mode argument M when the flags argument F creates · `vs vr vw` memory numbers · `NAME(token)` a
//! conversion of `flags` · `*` code of its own.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::flags::Conversion;
use crate::special;
use crate::wire::{counter, handler, point};

const ROWS: &str = include_str!("tables/calls.tsv");
const NUMBERS: &str = include_str!("tables/syscalls.tsv");

/// Places behind the numbers of all calls, and where those of tracepoints begin.
const FIRST_FREE: usize = 480;
const FIRST_POINT: usize = point::CHILD;

/// What is copied from the process's memory, in the numbers of `bpf/record.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capture {
    pub kind: u8,
    pub arg: u8,
    pub length_arg: u8,
    pub unit: u8,
    pub max: u16,
}

pub mod kind {
    pub const TEXT: u8 = 1;
    pub const FIXED: u8 = 2;
    pub const RESULT: u8 = 3;
    pub const SENT: u8 = 4;
    pub const LENGTH: u8 = 5;
    pub const POINTED: u8 = 6;
    pub const VECTOR_IN: u8 = 7;
    pub const VECTOR_OUT: u8 = 8;
    pub const MESSAGE_IN: u8 = 9;
    pub const MESSAGE_OUT: u8 = 10;
}

/// One parameter. Captures are named by their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Result,
    Signed(usize),
    Unsigned(usize),
    Whole(usize),
    Constant(u64),
    Absent,
    Text(u16),
    Memory { capture: u16, offset: usize, width: usize, signed: bool },
    Timespec(u16),
    Data(u16),
    Sum,
    MessageSize,
    Control,
    Tuple,
    Address(u16),
    Device,
    Inode,
    OpenMode { flags: usize, mode: usize },
    VmSize,
    VmRss,
    VmSwap,
    Converted(Conversion, Box<Token>),
}

/// What makes the parameters.
#[derive(Debug)]
pub enum Shape {
    Tokens(Vec<Token>),
    Clone,
    Exec,
    Special(special::Special),
}

/// One system call.
#[derive(Debug)]
pub struct Call {
    pub name: &'static str,
    pub event: u16,
    pub counter: u8,
    pub shape: Shape,
    pub captures: Vec<Capture>,
    pub handler: u8,
}

/// The numbers of one call, `None` where the processor does not have it, and its code in the schema.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    pub name: &'static str,
    pub native: Option<u16>,
    pub compat: Option<u16>,
    pub code: Option<u16>,
}

/// All calls that have an event of their own.
pub fn calls() -> &'static [Call] {
    static CALLS: LazyLock<Vec<Call>> = LazyLock::new(|| rows(ROWS).filter_map(|row| Call::read(&row)).collect());
    &CALLS
}

/// All calls, by name.
pub fn numbers() -> &'static HashMap<&'static str, Numbers> {
    static ALL: LazyLock<HashMap<&'static str, Numbers>> = LazyLock::new(|| {
        let number = |text: &str| text.parse().ok();
        rows(NUMBERS)
            .filter_map(|row| {
                let [name, x86, i386, arm, code] = row[..] else { return None };
                let native = if cfg!(target_arch = "aarch64") { arm } else { x86 };
                let compat = if cfg!(target_arch = "aarch64") { "-" } else { i386 };
                let (native, compat, code) = (number(native), number(compat), number(code));
                Some((name, Numbers { name, native, compat, code }))
            })
            .collect()
    });
    &ALL
}

/// Where the recipe of a call stands: at its native number; for calls that only 32-bit programs make, at that of the
/// native call with the same event, or else behind all numbers. `None` for calls that this processor does not have.
pub fn place(name: &str) -> Option<usize> {
    static PLACES: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
        let native = |name: &str| numbers().get(name).and_then(|numbers| numbers.native).map(usize::from);
        let mut places: HashMap<&'static str, usize> =
            numbers().values().filter_map(|numbers| Some((numbers.name, usize::from(numbers.native?)))).collect();
        let mut free = FIRST_FREE..FIRST_POINT;
        for call in calls().iter().filter(|call| native(call.name).is_none()) {
            let like = calls().iter().filter(|other| other.event == call.event).find_map(|other| native(other.name));
            let only_compat = numbers().get(call.name).is_some_and(|numbers| numbers.compat.is_some());
            if let Some(place) = like.or_else(|| free.next().filter(|_| only_compat)) {
                places.insert(call.name, place);
            }
        }
        places.retain(|_, place| *place < FIRST_POINT);
        places
    });
    PLACES.get(name).copied()
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

impl Call {
    fn read(row: &[&'static str]) -> Option<Call> {
        let [name, event, class, tokens] = row else { return None };
        let event = event.parse().ok()?;
        let counter = counter::CLASSES.iter().find(|(known, _)| known == class)?.1 as u8;
        let mut planned = Planned { name, captures: Vec::new() };
        let shape = match (*tokens, *name) {
            ("*", "clone" | "clone3" | "fork" | "vfork") => {
                if *name == "clone3" {
                    planned.capture(kind::FIXED, 0, 0, 8); // the flags begin struct clone_args
                }
                Shape::Clone
            }
            ("*", "execve" | "execveat") => {
                planned.capture(kind::TEXT, usize::from(*name == "execveat"), 0, 0);
                Shape::Exec
            }
            ("*", _) => {
                let special = special::special(event)?;
                planned.captures = special.captures.iter().map(Capture::from).collect();
                Shape::Special(special)
            }
            _ => {
                let tokens: Option<Vec<Token>> = tokens.split_whitespace().map(|text| planned.token(text)).collect();
                Shape::Tokens(tokens?)
            }
        };
        planned.finish(&shape);
        let handler = handler_of(&shape, &planned.captures);
        Some(Call { name, event, counter, shape, captures: planned.captures, handler })
    }
}

fn handler_of(shape: &Shape, captures: &[Capture]) -> u8 {
    let uses = |wanted: &[Token]| match shape {
        Shape::Tokens(tokens) => tokens.iter().any(|token| wanted.contains(token)),
        _ => false,
    };
    match shape {
        Shape::Clone => handler::CLONE,
        Shape::Exec => handler::EXEC,
        _ if uses(&[Token::Device]) => handler::OPEN,
        _ if uses(&[Token::Tuple]) => handler::SOCKET,
        _ if uses(&[Token::VmSize]) => handler::RESOURCES,
        _ if captures.is_empty() => handler::SCALARS,
        _ => handler::MEMORY,
    }
}

/// The captures of one call while its tokens are read.
struct Planned {
    name: &'static str,
    captures: Vec<Capture>,
}

impl Planned {
    fn capture(&mut self, kind: u8, arg: usize, length_arg: usize, max: usize) -> u16 {
        let new = Capture { kind, arg: arg as u8, length_arg: length_arg as u8, unit: 1, max: max as u16 };
        let same = |known: &&mut Capture| known.kind == kind && known.arg == new.arg;
        if let Some(known) = self.captures.iter_mut().find(same) {
            known.max = known.max.max(new.max);
        } else {
            self.captures.push(new);
        }
        self.captures.iter().position(|known| known.kind == kind && known.arg == new.arg).unwrap_or(0) as u16
    }

    fn token(&mut self, text: &str) -> Option<Token> {
        if let Some((name, inner)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            return Some(Token::Converted(Conversion::parse(name)?, Box::new(self.token(inner)?)));
        }
        let pair = |text: &str| -> Option<(usize, usize)> {
            let (one, other) = text.split_once(':')?;
            Some((one.parse().ok()?, other.parse().ok()?))
        };
        let one = |text: &str| text.parse::<usize>().ok();
        Some(match text {
            "r" => Token::Result,
            "-" => Token::Absent,
            "md" => Token::Data(self.message()),
            "ms" => {
                self.message();
                Token::MessageSize
            }
            "mc" => {
                self.message();
                Token::Control
            }
            "tu" => Token::Tuple,
            "dev" => Token::Device,
            "ino" | "pino" => Token::Inode,
            "vs" => Token::VmSize,
            "vr" => Token::VmRss,
            "vw" => Token::VmSwap,
            _ if text.starts_with('=') => Token::Constant(text[1..].parse().ok()?),
            _ if text.starts_with("om") => {
                let (flags, mode) = pair(&text[2..])?;
                Token::OpenMode { flags, mode }
            }
            _ if text.starts_with("rd") => Token::Data(self.capture(kind::RESULT, one(&text[2..])?, 0, 0)),
            _ if text.starts_with("wr") => {
                let (arg, length) = pair(&text[2..])?;
                Token::Data(self.capture(kind::SENT, arg, length, 0))
            }
            _ if text.starts_with("by") => {
                let (arg, length) = pair(&text[2..])?;
                Token::Data(self.capture(kind::LENGTH, arg, length, 0))
            }
            _ if text.starts_with("sa") => {
                let (arg, length) = pair(&text[2..])?;
                Token::Address(self.capture(kind::LENGTH, arg, length, 128))
            }
            _ if text.starts_with("ri") || text.starts_with("wi") => {
                let (arg, length) = pair(&text[2..])?;
                let kind = if text.starts_with('r') { kind::VECTOR_IN } else { kind::VECTOR_OUT };
                Token::Data(self.capture(kind, arg, length, 0))
            }
            // The sum comes with the vector's bytes, which the same row names.
            _ if text.starts_with("sz") => Token::Sum,
            _ => {
                let (letter, rest) = text.split_at_checked(1)?;
                match letter {
                    "i" => Token::Signed(one(rest)?),
                    "u" => Token::Unsigned(one(rest)?),
                    "a" => Token::Whole(one(rest)?),
                    "s" => Token::Text(self.capture(kind::TEXT, one(rest)?, 0, 0)),
                    "t" => Token::Timespec(self.capture(kind::FIXED, one(rest)?, 0, 16)),
                    "m" => self.memory(rest)?,
                    _ => return None,
                }
            }
        })
    }

    fn memory(&mut self, text: &str) -> Option<Token> {
        let (arg, rest) = text.split_once('+')?;
        let (offset, width) = rest.split_once('.')?;
        let (signed, width) = width.strip_prefix('i').map_or((false, width), |width| (true, width));
        let (arg, offset, width) = (arg.parse().ok()?, offset.parse().ok()?, width.parse().ok()?);
        let capture = self.capture(kind::FIXED, arg, 0, offset + width);
        Some(Token::Memory { capture, offset, width, signed })
    }

    fn message(&mut self) -> u16 {
        let kind = if self.name.starts_with("recv") { kind::MESSAGE_IN } else { kind::MESSAGE_OUT };
        self.capture(kind, 1, 0, 0)
    }

    /// Addresses that calls are given or give beside the socket's own.
    fn finish(&mut self, shape: &Shape) {
        let Shape::Tokens(tokens) = shape else { return };
        if !tokens.contains(&Token::Tuple) {
            return;
        }
        match self.name {
            "sendto" => drop(self.capture(kind::LENGTH, 4, 5, 128)),
            "recvfrom" => drop(self.capture(kind::POINTED, 4, 5, 128)),
            _ => {}
        }
    }
}

impl From<&special::Capture> for Capture {
    fn from(capture: &special::Capture) -> Capture {
        let new = |kind: u8, arg: usize, length_arg: usize, unit: u16, max: usize| Capture {
            kind,
            arg: arg as u8,
            length_arg: length_arg as u8,
            unit: unit as u8,
            max: max as u16,
        };
        match *capture {
            special::Capture::Text(arg) => new(kind::TEXT, arg, 0, 1, 0),
            special::Capture::Fixed { arg, len } => new(kind::FIXED, arg, 0, 1, len),
            special::Capture::LengthArg { arg, len_arg, unit, max } => new(kind::LENGTH, arg, len_arg, unit, max),
            special::Capture::LengthPointer { arg, len_pointer_arg, max } => {
                new(kind::POINTED, arg, len_pointer_arg, 1, max)
            }
            special::Capture::Result { arg } => new(kind::RESULT, arg, 0, 1, 4096),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_events::schema;

    #[test]
    fn every_row_is_understood_and_has_the_parameters_of_its_event() {
        assert_eq!(calls().len(), rows(ROWS).count());
        for call in calls() {
            let event = &schema::event_types()[usize::from(call.event)];
            assert!(event.is_current() && event.is_exit(), "{}", call.name);
            assert!(call.captures.len() <= crate::wire::MAX_CAPTURES, "{}", call.name);
            if let Shape::Tokens(tokens) = &call.shape {
                assert_eq!(tokens.len(), event.params.len(), "{}", call.name);
            }
        }
    }

    #[test]
    fn every_live_call_of_the_schema_has_a_row() {
        let there: Vec<u16> = calls().iter().map(|call| call.event).collect();
        let missing: Vec<&str> = schema::event_types()
            .iter()
            .filter(|event| event.is_current() && event.is_exit() && event.origin == schema::Origin::Syscall)
            .filter(|event| event.id != vigie_events::id::GENERIC_X && !there.contains(&event.id))
            .map(|event| event.name)
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn calls_of_32_bit_programs_have_places() {
        assert_eq!(place("setuid32"), place("setuid"));
        assert_eq!(place("fcntl64"), place("fcntl"));
        assert!(place("stat64").is_some_and(|place| (FIRST_FREE..FIRST_POINT).contains(&place)));
        assert_ne!(place("stat64"), place("lstat64"));
    }

    #[test]
    fn numbers_are_those_of_the_processor() {
        let openat = numbers()["openat"];
        assert_eq!(openat.native, Some(if cfg!(target_arch = "aarch64") { 56 } else { 257 }));
    }
}

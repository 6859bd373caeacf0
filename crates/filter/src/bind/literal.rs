//! What a literal means to a field of a given type.

use std::net::IpAddr;

use crate::operators::{Net, hex, ip};
use crate::syntax::ast::Operator;
use crate::{Catalog, Kind};

/// The longest literal that the peer takes, in bytes.
const LONGEST: usize = 255;

/// A literal as a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    Int(i64),
    Uint(u64),
    Double(f64),
    Bool(bool),
    /// Text, a pattern, or the bytes of a buffer.
    Bytes(Box<[u8]>),
    Ip(IpAddr),
    Net(Net),
}

impl Eq for Constant {}

impl std::hash::Hash for Constant {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Constant::Int(number) => number.hash(state),
            Constant::Uint(number) => number.hash(state),
            // Read from whole numbers, of which zero has one form.
            Constant::Double(number) => number.to_bits().hash(state),
            Constant::Bool(value) => value.hash(state),
            Constant::Bytes(bytes) => bytes.hash(state),
            Constant::Ip(address) => address.hash(state),
            Constant::Net(network) => network.hash(state),
        }
    }
}

/// Reads a literal for a field of that kind, or says what is wrong with it.
pub fn constant(bytes: &[u8], kind: Kind, operator: Operator, catalog: &dyn Catalog) -> Result<Constant, String> {
    if bytes.len() > LONGEST {
        return Err(format!("a literal of {} bytes is longer than the {LONGEST} that a comparison takes", bytes.len()));
    }
    let text = String::from_utf8_lossy(bytes);
    let wrong = |what: &str| Err(format!("'{text}' is not {what}"));
    match kind {
        Kind::Int(width) => match number(bytes) {
            Some(digits) => Ok(Constant::Int(digits.signed(width))),
            None => wrong("a decimal number"),
        },
        Kind::Uint(width) => match number(bytes) {
            Some(digits) => Ok(Constant::Uint(digits.unsigned(width))),
            None => wrong("a decimal number"),
        },
        Kind::Double => match number(bytes) {
            Some(digits) => Ok(Constant::Double(digits.signed(8) as f64)),
            None => wrong("a whole number, the only ones that can be compared with fractions"),
        },
        Kind::Bool => match bytes {
            b"true" => Ok(Constant::Bool(true)),
            b"false" => Ok(Constant::Bool(false)),
            _ => wrong("'true' or 'false'"),
        },
        Kind::Port if bytes.is_empty() => Ok(Constant::Uint(0)),
        Kind::Port if bytes.iter().all(u8::is_ascii_digit) => match number(bytes) {
            Some(digits) => Ok(Constant::Uint(digits.unsigned(2))),
            None => wrong("a port"),
        },
        Kind::Port => match catalog.service(&text) {
            Some(port) => Ok(Constant::Uint(u64::from(port))),
            None => wrong("a port number nor the name of a service"),
        },
        Kind::Ip => match ip(bytes) {
            Some(address) => Ok(Constant::Ip(address)),
            None => wrong("an IP address"),
        },
        Kind::Net => match Net::parse(bytes) {
            Some(network) => Ok(Constant::Net(network)),
            None => wrong("a network such as 10.0.0.0/8 or fd00::/8"),
        },
        Kind::Buffer if matches!(operator, Operator::Bcontains | Operator::Bstartswith) => match hex(bytes) {
            Some(bytes) => Ok(Constant::Bytes(bytes.into())),
            None => wrong("an even number of hexadecimal digits"),
        },
        Kind::Buffer => Ok(Constant::Bytes(bytes.into())),
        Kind::Text if bytes.contains(&0) => Err("a literal may hold no NUL byte: no text does".to_owned()),
        Kind::Text => Ok(Constant::Bytes(bytes.into())),
    }
}

/// A decimal number as the C library reads it: saturating at 64 bits, then cut to the field's width.
struct Digits {
    negative: bool,
    magnitude: u64,
}

fn number(bytes: &[u8]) -> Option<Digits> {
    let bytes = bytes.trim_ascii_start();
    let (negative, digits) = match bytes.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, bytes),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let magnitude =
        digits.iter().fold(0u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    Some(Digits { negative, magnitude })
}

impl Digits {
    fn signed(&self, width: u8) -> i64 {
        let whole = if self.negative {
            0i64.saturating_sub_unsigned(self.magnitude)
        } else {
            i64::try_from(self.magnitude).unwrap_or(i64::MAX)
        };
        match width {
            1 => i64::from(whole as i8),
            2 => i64::from(whole as i16),
            4 => i64::from(whole as i32),
            _ => whole,
        }
    }

    fn unsigned(&self, width: u8) -> u64 {
        let whole = match self.magnitude {
            u64::MAX => u64::MAX,
            magnitude if self.negative => magnitude.wrapping_neg(),
            magnitude => magnitude,
        };
        match width {
            1 => whole & 0xff,
            2 => whole & 0xffff,
            4 => whole & 0xffff_ffff,
            _ => whole,
        }
    }
}

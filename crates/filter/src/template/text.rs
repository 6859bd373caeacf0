//! Values as text.

use std::io::Write;

use crate::transform::until_nul;
use crate::{Field, Kind, Print, Value};

/// What stands for a missing value.
pub const MISSING: &[u8] = b"<NA>";

/// The most that a list takes, in bytes.
const LONGEST_LIST: usize = 1023;

/// The most that a buffer takes, in bytes.
const LONGEST_BUFFER: usize = 1021;

/// Appends the value of a field as outputs show it.
pub fn write(field: &Field, value: Value, out: &mut Vec<u8>) {
    match value {
        // Networks have no text of their own in the peer.
        Value::Ip(_) if field.kind == Kind::Net => out.extend_from_slice(b"<IPNET>"),
        Value::Int(number) => {
            let bits = u64::from_ne_bytes(number.to_ne_bytes()) & mask(field.kind);
            match field.print {
                Print::Hex | Print::Octal => digits(bits, field.print, out),
                Print::Padded(width) => put(out, format_args!("{number:0width$}", width = usize::from(width))),
                Print::Plain => put(out, format_args!("{number}")),
            }
        }
        Value::Uint(number) => digits(number, field.print, out),
        Value::List(items) => list(items, out, |item, out| write(field, item, out)),
        other => write_plain(other, out),
    }
}

/// Appends a value that belongs to no field: what a transformer gives.
pub fn write_plain(value: Value, out: &mut Vec<u8>) {
    match value {
        Value::Missing => out.extend_from_slice(MISSING),
        Value::Text(bytes) => out.extend_from_slice(until_nul(bytes)),
        Value::Buffer(bytes) => {
            let shown = bytes.iter().take(LONGEST_BUFFER);
            out.extend(shown.map(|&byte| if matches!(byte, b' '..=b'~') { byte } else { b'.' }));
        }
        Value::Int(number) => put(out, format_args!("{number}")),
        Value::Uint(number) => put(out, format_args!("{number}")),
        Value::Bool(truth) => put(out, format_args!("{truth}")),
        Value::Double(number) if number.is_nan() => out.extend_from_slice(b"nan"),
        Value::Double(number) => put(out, format_args!("{number:.1}")),
        Value::Ip(ip) => put(out, format_args!("{ip}")),
        Value::List(items) => list(items, out, write_plain),
    }
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments) {
    // Writing to memory does not fail.
    let _ = out.write_fmt(text);
}

fn digits(number: u64, print: Print, out: &mut Vec<u8>) {
    match print {
        Print::Plain => put(out, format_args!("{number}")),
        Print::Hex => put(out, format_args!("{number:X}")),
        Print::Octal => put(out, format_args!("{number:o}")),
        Print::Padded(width) => put(out, format_args!("{number:0width$}", width = usize::from(width))),
    }
}

/// The bits that a number of a kind has.
fn mask(kind: Kind) -> u64 {
    match kind {
        Kind::Int(bytes @ 1..8) | Kind::Uint(bytes @ 1..8) => (1 << (8 * bytes)) - 1,
        _ => u64::MAX,
    }
}

fn list(items: &[Value], out: &mut Vec<u8>, item: impl Fn(Value, &mut Vec<u8>)) {
    let start = out.len();
    out.push(b'(');
    for (index, &value) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        item(value, out);
        if out.len() - start > LONGEST_LIST {
            break;
        }
    }
    out.push(b')');
    out.truncate(start + LONGEST_LIST);
}

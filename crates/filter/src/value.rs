//! What a field holds in one event.

use std::net::IpAddr;

/// The value of a field. Bytes borrow from the event, from the state, or from the arena of the event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value: every comparison is false, `exists` too; `<NA>` in text, null in JSON.
    Missing,
    /// Text ends before the first NUL.
    Text(&'a [u8]),
    Buffer(&'a [u8]),
    Int(i64),
    Uint(u64),
    Bool(bool),
    Double(f64),
    Ip(IpAddr),
    /// The elements of a list field, or the several values of a field that has many (`Many`).
    List(&'a [Value<'a>]),
}

impl<'a> Value<'a> {
    /// `Missing` for `None`.
    pub fn text(bytes: Option<&'a [u8]>) -> Value<'a> {
        bytes.map_or(Value::Missing, Value::Text)
    }

    pub fn int(number: Option<i64>) -> Value<'a> {
        number.map_or(Value::Missing, Value::Int)
    }

    pub fn uint(number: Option<u64>) -> Value<'a> {
        number.map_or(Value::Missing, Value::Uint)
    }
}

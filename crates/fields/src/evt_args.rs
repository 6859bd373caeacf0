//! The parameters of the event: `evt.arg`, `evt.rawarg`, `evt.args`, `evt.buffer`.

use std::collections::HashMap;
use std::sync::LazyLock;

use vigie_events::event::until_nul;
use vigie_events::id;
use vigie_events::schema::{self, Kind as Type, Param};
use vigie_filter::{Argument, Bump, Field, Kind, Print, Value, View};

use crate::Current;
use crate::parameter::{self, Parameter, number};
use crate::table::fields;
use crate::text::Text;

fields! {
    Args = "evt.args",
    Info = "evt.info",
    Arg = "evt.arg",
    Rawarg = "evt.rawarg",
    Buffer = "evt.buffer",
}

/// The rendered buffer is cut here.
const MAX_BUFFER: usize = 1021;

pub(crate) fn value<'a>(current: &'a Current<'_>, number: u8, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
    match which(number) {
        Some(Which::Args | Which::Info) => Value::Text(all(current, view, arena)),
        Some(Which::Arg) => match asked_for(current, field) {
            Some(parameter) => Value::Text(parameter.text(current, view, arena)),
            None => Value::Missing,
        },
        Some(Which::Rawarg) => match asked_for(current, field) {
            Some(parameter) => suited(raw(parameter), field.kind, view),
            None => Value::Missing,
        },
        Some(Which::Buffer) => buffer(current, view, arena),
        None => Value::Missing,
    }
}

/// The parameter that an argument names, in this event.
fn asked_for<'a>(current: &Current<'a>, field: &Field) -> Option<Parameter<'a>> {
    let index = match &field.argument {
        Argument::Key(name) => current.event.event_type().param(name)?,
        Argument::Index(index) => usize::try_from(*index).ok()?,
        Argument::None => return None,
    };
    Parameter::at(current, index)
}

static FIRST: LazyLock<HashMap<&'static str, (u16, &'static Param)>> = LazyLock::new(|| {
    let mut first = HashMap::new();
    for known in schema::event_types() {
        for param in &known.params {
            first.entry(param.name).or_insert((known.id, param));
        }
    }
    first
});

/// The first parameter of that name in the schema, with its event type.
pub(crate) fn parameter_named(name: &str) -> Option<(u16, &'static Param)> {
    FIRST.get(name).copied()
}

/// The kind of `evt.rawarg.NAME`, by which literals are read, and how its numbers are written: those of the schema's
/// first parameter of that name, as with the peer.
pub(crate) fn shape(name: &str) -> (Kind, Print) {
    let Some((id, param)) = parameter_named(name) else { return (Kind::Text, Print::Plain) };
    let kind = match param.kind {
        Type::Int8 => Kind::Int(1),
        Type::Int16 => Kind::Int(2),
        Type::Int32 | Type::Fd32 | Type::Pid32 => Kind::Int(4),
        Type::Int64 | Type::Errno | Type::Fd | Type::Pid => Kind::Int(8),
        Type::Uint8 | Type::Sigtype | Type::Flags8 | Type::Enumflags8 => Kind::Uint(1),
        Type::Uint16 | Type::Syscallid | Type::Flags16 | Type::Enumflags16 => Kind::Uint(2),
        Type::Uint32 | Type::Uid | Type::Gid | Type::Mode | Type::Sigset | Type::Flags32 | Type::Enumflags32 => {
            Kind::Uint(4)
        }
        Type::Uint64 | Type::Reltime | Type::Abstime => Kind::Uint(8),
        Type::Port => Kind::Port,
        Type::Ipv4addr | Type::Ipv6addr => Kind::Ip,
        Type::Charbuf | Type::Fspath | Type::Fsrelpath => Kind::Text,
        Type::Bytebuf
        | Type::Sockaddr
        | Type::Socktuple
        | Type::Fdlist
        | Type::Dyn
        | Type::Charbufarray
        | Type::CharbufPairArray => Kind::Buffer,
    };
    let print = match param.kind {
        Type::Mode => Print::Octal,
        Type::Errno | Type::Dyn => Print::Plain,
        _ => number::format(id, param.name),
    };
    (kind, print)
}

/// A parameter as the value it is.
fn raw(parameter: Parameter<'_>) -> Value<'_> {
    let bytes = parameter.bytes;
    if bytes.is_empty() {
        return Value::Missing;
    }
    match parameter.kind {
        Type::Int8
        | Type::Int16
        | Type::Int32
        | Type::Int64
        | Type::Errno
        | Type::Fd
        | Type::Fd32
        | Type::Pid
        | Type::Pid32 => Value::Int(number::signed(bytes)),
        Type::Charbuf | Type::Fspath | Type::Fsrelpath => Value::Text(until_nul(bytes)),
        Type::Ipv4addr => <[u8; 4]>::try_from(bytes).map_or(Value::Missing, |octets| Value::Ip(octets.into())),
        Type::Ipv6addr => <[u8; 16]>::try_from(bytes).map_or(Value::Missing, |octets| Value::Ip(octets.into())),
        Type::Bytebuf
        | Type::Sockaddr
        | Type::Socktuple
        | Type::Fdlist
        | Type::Dyn
        | Type::Charbufarray
        | Type::CharbufPairArray => Value::Buffer(bytes),
        _ => Value::Uint(number::unsigned(bytes)),
    }
}

/// A value as literals of a kind can be compared with it: a name may mean a text in one event and a number in another.
fn suited(value: Value<'_>, kind: Kind, view: View) -> Value<'_> {
    if view != View::Condition {
        return value;
    }
    match (value, kind) {
        (Value::Int(number), Kind::Uint(_) | Kind::Port) => Value::Uint(number as u64),
        (Value::Uint(number), Kind::Int(_)) => Value::Int(number as i64),
        (Value::Int(_), Kind::Int(_))
        | (Value::Uint(_), Kind::Uint(_) | Kind::Port)
        | (Value::Text(_), Kind::Text)
        | (Value::Buffer(_), Kind::Buffer)
        | (Value::Ip(_), Kind::Ip) => value,
        (Value::Text(bytes), Kind::Buffer) => Value::Buffer(bytes),
        (Value::Buffer(bytes), Kind::Text) => Value::Text(until_nul(bytes)),
        _ => Value::Missing,
    }
}

/// `name=raw name=raw(resolved)`; nothing for generic events.
fn all<'a>(current: &Current<'a>, view: View, arena: &'a Bump) -> &'a [u8] {
    if current.event.id <= id::GENERIC_X {
        return b"";
    }
    let mut text = Text::new(arena);
    let mut index = 0;
    while let Some(parameter) = Parameter::at(current, index) {
        if index > 0 {
            text.push(b' ');
        }
        text.bytes(parameter.name.as_bytes()).push(b'=').bytes(parameter.raw(current, view, arena));
        let resolved = parameter.resolved(current, arena);
        if !resolved.is_empty() {
            text.push(b'(').bytes(resolved).push(b')');
        }
        index += 1;
    }
    text.done()
}

/// What was read or written: bytes in conditions, text in outputs.
fn buffer<'a>(current: &Current<'a>, view: View, arena: &'a Bump) -> Value<'a> {
    let parameter = current.event.event_type().param("data").and_then(|index| Parameter::at(current, index));
    let Some(parameter) = parameter else { return Value::Missing };
    if view == View::Condition {
        return Value::Buffer(parameter.bytes);
    }
    let mut text = parameter.raw(current, view, arena);
    if current.settings.buffer_base64 && view == View::Text && !parameter.bytes.is_empty() {
        // As the peer does: the text of bytes in base64 is encoded once more.
        text = parameter::base64(text, arena);
    }
    Value::Text(&text[..text.len().min(MAX_BUFFER)])
}

//! The fields of the descriptor that the event is about.

mod fallback;
mod socket;

use vigie_events::schema::flag;
use vigie_filter::{Argument, Bump, Field, Value, View};
use vigie_state::fd::{Detail, Protocol, Role};
use vigie_state::{Fd, FdType};

use crate::table::fields;
use crate::text::Text;
use crate::{Current, path};

fields! {
    Num = "fd.num",
    Type = "fd.type",
    Typechar = "fd.typechar",
    Name = "fd.name",
    Directory = "fd.directory",
    Filename = "fd.filename",
    Ip = "fd.ip",
    Cip = "fd.cip",
    Sip = "fd.sip",
    Lip = "fd.lip",
    Rip = "fd.rip",
    Port = "fd.port",
    Cport = "fd.cport",
    Sport = "fd.sport",
    Lport = "fd.lport",
    Rport = "fd.rport",
    L4proto = "fd.l4proto",
    Sockfamily = "fd.sockfamily",
    IsServer = "fd.is_server",
    Uid = "fd.uid",
    Containername = "fd.containername",
    Containerdirectory = "fd.containerdirectory",
    Proto = "fd.proto",
    Cproto = "fd.cproto",
    Sproto = "fd.sproto",
    Lproto = "fd.lproto",
    Rproto = "fd.rproto",
    Net = "fd.net",
    Cnet = "fd.cnet",
    Snet = "fd.snet",
    Lnet = "fd.lnet",
    Rnet = "fd.rnet",
    Connected = "fd.connected",
    NameChanged = "fd.name_changed",
    CipName = "fd.cip.name",
    SipName = "fd.sip.name",
    LipName = "fd.lip.name",
    RipName = "fd.rip.name",
    Dev = "fd.dev",
    DevMajor = "fd.dev.major",
    DevMinor = "fd.dev.minor",
    Ino = "fd.ino",
    Nameraw = "fd.nameraw",
    Types = "fd.types",
    IsUpperLayer = "fd.is_upper_layer",
    IsLowerLayer = "fd.is_lower_layer",
}

pub(crate) fn value<'a>(current: &'a Current<'_>, number: u8, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
    let of_a_descriptor = flag::CREATES_FD | flag::USES_FD | flag::DESTROYS_FD;
    if current.thread.is_none() || !current.event.event_type().has(of_a_descriptor) {
        return Value::Missing;
    }
    let Some(which) = which(number) else { return Value::Missing };
    match (which, current.fd) {
        (Which::Num, _) => Value::Int(current.applied.fd_num.unwrap_or(-1)),
        (Which::Uid, _) => Value::Text(uid(current, arena)),
        (Which::Types, _) => types(current, field, arena),
        (_, Some(fd)) => known(current, which, fd, view, arena),
        (_, None) => unknown(current, which, arena),
    }
}

fn known<'a>(current: &Current<'a>, which: Which, fd: &'a Fd, view: View, arena: &'a Bump) -> Value<'a> {
    match which {
        Which::Name => Value::Text(&fd.name),
        Which::Nameraw => Value::Text(match &fd.detail {
            Detail::File { raw_name, .. } => raw_name,
            _ => b"",
        }),
        Which::Directory => Value::text(directory(fd)),
        Which::Filename if fd.kind == FdType::File => Value::Text(last_component(&fd.name)),
        Which::Filename => Value::Missing,
        Which::Type => Value::Text(fd.kind.name().unwrap_or("<NA>").as_bytes()),
        Which::Typechar => Value::Text(letter(fd.kind)),
        Which::L4proto => Value::Text(protocol(fd).and_then(Protocol::name).unwrap_or("<NA>").as_bytes()),
        Which::Sockfamily if fd.kind.is_ip() || fd.kind.is_listening() => Value::Text(b"ip"),
        Which::Sockfamily if fd.kind == FdType::Unix => Value::Text(b"unix"),
        Which::Sockfamily => Value::Missing,
        Which::Containername => Value::Text(in_container(current, &fd.name, arena)),
        Which::Containerdirectory => match directory(fd) {
            Some(directory) => Value::Text(in_container(current, directory, arena)),
            None => Value::Missing,
        },
        Which::Connected => Value::Bool(fd.connected),
        Which::NameChanged => Value::Bool(current.applied.fd_name_changed),
        Which::Dev => Value::Int(device(fd).into()),
        Which::DevMajor => Value::Int((device(fd) >> 8 & 0xfff).into()),
        Which::DevMinor => Value::Int((device(fd) & 0xff | device(fd) >> 12 & 0xf_ff00).into()),
        Which::Ino => Value::Int(fd.ino as i64),
        Which::IsUpperLayer => Value::Bool(matches!(fd.detail, Detail::File { upper_layer: true, .. })),
        Which::IsLowerLayer => Value::Bool(matches!(fd.detail, Detail::File { lower_layer: true, .. })),
        _ => socket::value(current, which, fd, view, arena),
    }
}

/// A failed call, or a descriptor that nobody told of: some fields are then read from the event.
fn unknown<'a>(current: &Current<'a>, which: Which, arena: &'a Bump) -> Value<'a> {
    match which {
        Which::Name => Value::Text(fallback::name(current, arena)),
        Which::Nameraw => Value::Text(fallback::raw_name(current, arena)),
        Which::Directory => Value::Text(parent(fallback::name(current, arena))),
        Which::Containername => Value::Text(in_container(current, fallback::name(current, arena), arena)),
        Which::Containerdirectory => Value::Text(in_container(current, parent(fallback::name(current, arena)), arena)),
        Which::Typechar => Value::Text(fallback::letter(current.event.id)),
        _ => Value::Missing,
    }
}

/// The protocol of a socket; one whose role is not known has none, except raw ones.
pub(crate) fn protocol(fd: &Fd) -> Option<Protocol> {
    match fd.detail {
        Detail::Socket { protocol, role, .. } if role != Role::None || protocol == Protocol::Raw => Some(protocol),
        Detail::Listening { protocol, .. } => Some(protocol),
        _ => None,
    }
}

/// The letter as text.
fn letter(kind: FdType) -> &'static [u8] {
    const LETTERS: &[u8] = b"odf46pueXslitnbrmP";
    let letter = kind.letter() as u8;
    LETTERS.iter().position(|&known| known == letter).map_or(b"o", |index| &LETTERS[index..=index])
}

fn directory(fd: &Fd) -> Option<&[u8]> {
    match fd.kind {
        FdType::File => Some(parent(&fd.name)),
        FdType::Directory => Some(&fd.name),
        _ => None,
    }
}

/// What stands before the last slash; a name that ends with one stays.
fn parent(name: &[u8]) -> &[u8] {
    match name.iter().rposition(|&byte| byte == b'/') {
        None | Some(0) => b"/",
        Some(last) if last + 1 == name.len() => name,
        Some(last) => &name[..last],
    }
}

fn last_component(name: &[u8]) -> &[u8] {
    match name.iter().rposition(|&byte| byte == b'/') {
        None => b"/",
        Some(last) => &name[last + 1..],
    }
}

fn device(fd: &Fd) -> u32 {
    match fd.detail {
        Detail::File { dev, .. } => dev,
        _ => 0,
    }
}

fn uid<'a>(current: &Current<'_>, arena: &'a Bump) -> &'a [u8] {
    let mut text = Text::new(arena);
    text.signed(current.thread.map_or(-1, |thread| thread.tid)).signed(current.applied.fd_num.unwrap_or(-1));
    text.done()
}

/// The container's id, nothing for the host, and the name.
fn in_container<'a>(current: &Current<'_>, name: &[u8], arena: &'a Bump) -> &'a [u8] {
    let mut text = Text::new(arena);
    text.bytes(current.thread.map_or(b"", |thread| &thread.container_id)).push(b':').bytes(name);
    text.done()
}

/// The types of the process's open descriptors, each once, or the type of one of them.
fn types<'a>(current: &Current<'a>, field: &Field, arena: &'a Bump) -> Value<'a> {
    let name = |fd: &Fd| Value::Text(fd.kind.name().unwrap_or("<NA>").as_bytes());
    if let Argument::Index(number) = field.argument {
        let known = i64::try_from(number).ok().and_then(|number| path::descriptor(current, number));
        return known.map_or(Value::Missing, |fd| Value::List(arena.alloc_slice_copy(&[name(fd)])));
    }
    let Some(process) = current.process() else { return Value::Missing };
    let mut seen = 0u32;
    let mut names = bumpalo::collections::Vec::new_in(arena);
    for (_, fd) in process.fds.iter() {
        let kind = 1 << fd.kind as u8;
        if seen & kind == 0 {
            seen |= kind;
            let name = name(fd);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Value::List(names.into_bump_slice())
}

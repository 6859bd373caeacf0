//! The ends of sockets.

use std::net::IpAddr;

use vigie_events::address::End;
use vigie_filter::{Bump, Value, View};
use vigie_state::fd::{Detail, Role};
use vigie_state::{Fd, network};

use super::Which;
use crate::Current;
use crate::text::Text;

/// Which end of a conversation is meant.
#[derive(Clone, Copy)]
enum Side {
    Client,
    Server,
    Local,
    Remote,
}

pub(super) fn value<'a>(current: &Current<'a>, which: Which, fd: &'a Fd, view: View, arena: &'a Bump) -> Value<'a> {
    match which {
        Which::Cip => ip(end(current, fd, Side::Client)),
        Which::Sip => ip(end(current, fd, Side::Server)),
        Which::Lip => ip(end(current, fd, Side::Local)),
        Which::Rip => ip(end(current, fd, Side::Remote)),
        Which::Cnet => net(end(current, fd, Side::Client), view),
        Which::Snet => net(end(current, fd, Side::Server), view),
        Which::Lnet => net(end(current, fd, Side::Local), view),
        Which::Rnet => net(end(current, fd, Side::Remote), view),
        Which::Cport => port(end(current, fd, Side::Client)),
        Which::Sport => port(serving(current, fd)),
        Which::Lport => port(end(current, fd, Side::Local)),
        Which::Rport => port(end(current, fd, Side::Remote)),
        Which::Cproto => text(end(current, fd, Side::Client), arena),
        Which::Sproto if matches!(fd.detail, Detail::Listening { .. }) => Value::Text(b""),
        Which::Sproto => text(end(current, fd, Side::Server), arena),
        Which::Lproto => text(end(current, fd, Side::Local), arena),
        Which::Rproto => text(end(current, fd, Side::Remote), arena),
        Which::Ip | Which::Net => ends(fd, |end| Value::Ip(end.ip), arena),
        Which::Port | Which::Proto => ends(fd, |end| Value::Uint(end.port.into()), arena),
        Which::IsServer => Value::Bool(match &fd.detail {
            Detail::Listening { .. } => true,
            Detail::Socket { destination, .. } => is_local(current, destination.ip),
            _ => false,
        }),
        Which::CipName => host_name(current, end(current, fd, Side::Client), view),
        Which::SipName => host_name(current, end(current, fd, Side::Server), view),
        Which::LipName => host_name(current, end(current, fd, Side::Local), view),
        Which::RipName => host_name(current, end(current, fd, Side::Remote), view),
        _ => Value::Missing,
    }
}

/// An end, of sockets whose role is known; the serving end is also that of a listening socket.
fn end(current: &Current<'_>, fd: &Fd, side: Side) -> Option<End> {
    match fd.detail {
        Detail::Socket { role: Role::None, .. } => None,
        Detail::Socket { source, destination, .. } => Some(match side {
            Side::Client => source,
            Side::Server => destination,
            Side::Local | Side::Remote => {
                let begins_here = is_local(current, source.ip);
                if begins_here == matches!(side, Side::Local) { source } else { destination }
            }
        }),
        Detail::Listening { role: Role::None, .. } => None,
        Detail::Listening { local, .. } => matches!(side, Side::Server).then_some(local),
        _ => None,
    }
}

/// Whether an address is the host's, or the container's where the thread is in one.
fn is_local(current: &Current<'_>, ip: IpAddr) -> bool {
    network::is_local(current.host, current.thread.map_or(&b""[..], |thread| &thread.container_id), ip)
}

/// The serving end, of listening sockets whatever their role.
fn serving(current: &Current<'_>, fd: &Fd) -> Option<End> {
    match fd.detail {
        Detail::Listening { local, .. } => Some(local),
        _ => end(current, fd, Side::Server),
    }
}

fn ip<'a>(end: Option<End>) -> Value<'a> {
    end.map_or(Value::Missing, |end| Value::Ip(end.ip))
}

/// Networks are for conditions; outputs show that there is an address.
fn net<'a>(end: Option<End>, view: View) -> Value<'a> {
    match (end, view) {
        (Some(_), View::Text | View::Json) => Value::Text(b"<IPNET>"),
        (end, _) => ip(end),
    }
}

/// A name that a rule asks for and that was found to be this address. In conditions an address without one has a name
/// that is no rule's.
fn host_name<'a>(current: &Current<'a>, end: Option<End>, view: View) -> Value<'a> {
    let Some(end) = end else { return Value::Missing };
    match current.settings.host_names.iter().find(|(ip, _)| *ip == end.ip) {
        Some((_, name)) => Value::Text(name.as_bytes()),
        None if view == View::Condition => Value::Text(b""),
        None => Value::Missing,
    }
}

fn port<'a>(end: Option<End>) -> Value<'a> {
    end.map_or(Value::Missing, |end| Value::Uint(end.port.into()))
}

fn text<'a>(end: Option<End>, arena: &'a Bump) -> Value<'a> {
    let Some(end) = end else { return Value::Missing };
    let mut text = Text::new(arena);
    text.unsigned(end.port.into());
    Value::Text(text.done())
}

/// Both ends whatever the role; a listening socket's own stands for both, other descriptors have none.
fn ends<'a>(fd: &Fd, of: impl Fn(End) -> Value<'a>, arena: &'a Bump) -> Value<'a> {
    match fd.detail {
        Detail::Socket { source, destination, .. } => {
            Value::List(arena.alloc_slice_copy(&[of(source), of(destination)]))
        }
        Detail::Listening { local, .. } => Value::List(arena.alloc_slice_copy(&[of(local), of(local)])),
        _ => Value::List(&[]),
    }
}

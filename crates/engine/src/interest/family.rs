//! Address families: what `socket` is asked for, and what a connection is of.

use vigie_events::address::{FAMILY_INET, FAMILY_INET6, FAMILY_UNIX};
use vigie_events::id;
use vigie_events::interest::{Clause, Gate, family_param};
use vigie_filter::Field;
use vigie_filter::bind::{BoundCheck, Constant};
use vigie_filter::syntax::ast::Operator;

use super::leaf::{constants, is_equality, texts};
use super::opening::{is_parameter, named};

/// Fields that only internet sockets have.
const OF_THE_INTERNET: &[&str] = &[
    "fd.cip",
    "fd.sip",
    "fd.lip",
    "fd.rip",
    "fd.cport",
    "fd.sport",
    "fd.lport",
    "fd.rport",
    "fd.cproto",
    "fd.sproto",
    "fd.lproto",
    "fd.rproto",
    "fd.cnet",
    "fd.snet",
    "fd.lnet",
    "fd.rnet",
    "fd.cip.name",
    "fd.sip.name",
    "fd.lip.name",
    "fd.rip.name",
];

pub(super) fn tests(check: &BoundCheck, field: &Field, event: u16) -> Option<Gate> {
    let index = family_param(event)?;
    match event {
        id::SOCKET_X | id::SOCKETPAIR_X if is_parameter(field, event, index) => asked_for(check, field),
        id::SOCKET_X | id::CONNECT_X | id::ACCEPT_X | id::ACCEPT4_X => {
            // What a failed call says of a descriptor is older than the call.
            let families = of_descriptor(check, field)?;
            let failed = Gate::of(Clause::success(false));
            Some(Gate::of(Clause { success: Some(true), ..Clause::families(families) }).or(&failed))
        }
        _ => None,
    }
}

/// The domain, by name or number.
fn asked_for(check: &BoundCheck, field: &Field) -> Option<Gate> {
    let families: Option<Vec<u16>> = if field.name.starts_with("evt.rawarg.") {
        match (check.operator, constants(check)) {
            (Operator::Equal, [Constant::Uint(number)]) => u16::try_from(*number).ok().map(|family| vec![family]),
            _ => None,
        }
    } else {
        named(check, "socket_families")?.iter().map(|&(_, family)| u16::try_from(family).ok()).collect()
    };
    Some(Gate::of(Clause::families(families?)))
}

/// The families of connections whose descriptor has such a value. Both of the internet stand together: an address of
/// version 4 may come as one of version 6.
fn of_descriptor(check: &BoundCheck, field: &Field) -> Option<Vec<u16>> {
    const INTERNET: [u16; 2] = [FAMILY_INET as u16, FAMILY_INET6 as u16];
    if OF_THE_INTERNET.contains(&field.name.as_str()) {
        return Some(INTERNET.to_vec());
    }
    let kinds: (&[&[u8]], &[u8]) = match field.name.as_str() {
        "fd.type" => (&[b"ipv4", b"ipv6"], b"unix"),
        "fd.typechar" => (&[b"4", b"6"], b"u"),
        "fd.sockfamily" => (&[b"ip"], b"unix"),
        _ => return None,
    };
    if !is_equality(check) {
        return None;
    }
    let mut families = Vec::new();
    for text in texts(check)? {
        if kinds.0.contains(&text) {
            families.extend(INTERNET);
        } else if text == kinds.1 {
            families.push(u16::from(FAMILY_UNIX));
        } else {
            return None;
        }
    }
    Some(families)
}

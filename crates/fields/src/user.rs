//! Fields of the account that the event's thread acts for: `user.*`, `group.*`.

use vigie_events::id;
use vigie_filter::{Bump, Field, Value, View};
use vigie_state::Thread;
use vigie_state::user::User;

use crate::Current;
use crate::table::fields;

fields! {
    Uid = "user.uid",
    Name = "user.name",
    HomeDir = "user.homedir",
    Shell = "user.shell",
    LoginUid = "user.loginuid",
    LoginName = "user.loginname",
    Gid = "group.gid",
    GroupName = "group.name",
}

/// What accounts are called that nobody told of; a value, not missing.
const UNKNOWN: &[u8] = b"<NA>";

pub(crate) fn value<'a>(current: &'a Current<'_>, number: u8, _: &Field, _: View, _: &'a Bump) -> Value<'a> {
    let (Some(which), Some(thread)) = (which(number), current.thread) else { return Value::Missing };
    match which {
        Which::Uid => Value::Uint(thread.uid.into()),
        Which::Name => Value::Text(container_user(current, thread).unwrap_or(name(current, thread, thread.uid))),
        Which::HomeDir => Value::Text(match user(current, thread, thread.uid) {
            Some(user) => &user.home,
            None if thread.uid == 0 => b"/root",
            None => UNKNOWN,
        }),
        Which::Shell => Value::Text(user(current, thread, thread.uid).map_or(UNKNOWN, |user| &user.shell)),
        Which::LoginUid if thread.loginuid == u32::MAX => Value::Int(-1),
        Which::LoginUid => Value::Int(thread.loginuid.into()),
        Which::LoginName if thread.loginuid == u32::MAX => Value::Text(UNKNOWN),
        Which::LoginName => Value::Text(name(current, thread, thread.loginuid)),
        Which::Gid => Value::Uint(thread.gid.into()),
        Which::GroupName => Value::Text(match current.host.accounts.group(&thread.container_id, thread.gid) {
            Some(name) => name,
            None if thread.gid == 0 => b"root",
            None => UNKNOWN,
        }),
    }
}

/// An account of the thread's container, or of the host.
fn user<'a>(current: &'a Current<'_>, thread: &Thread, uid: u32) -> Option<&'a User> {
    current.host.accounts.user(&thread.container_id, uid)
}

fn name<'a>(current: &'a Current<'_>, thread: &Thread, uid: u32) -> &'a [u8] {
    match user(current, thread, uid) {
        Some(user) => &user.name,
        None if uid == 0 => b"root",
        None => UNKNOWN,
    }
}

/// In container events that have a thread: the user that its container is configured to run as.
fn container_user<'a>(current: &'a Current<'_>, thread: &Thread) -> Option<&'a [u8]> {
    if !matches!(current.event.id, id::CONTAINER_E | id::CONTAINER_JSON_E | id::CONTAINER_JSON_2_E) {
        return None;
    }
    let container = current.host.containers.get(&thread.container_id)?;
    Some(&container.user[..]).filter(|user| !user.is_empty())
}

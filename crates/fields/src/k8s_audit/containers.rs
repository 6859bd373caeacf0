//! What pods ask for their containers: the fields that there are for each of the lists of containers.

use serde_json::Value as Json;
use vigie_filter::{Bump, Value};

use super::document::Parts;
use super::paths::{Path, each, text};
use crate::arena::{joined, list};

/// The lists of containers of a pod.
pub(super) const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// What is read from each container.
#[derive(Clone, Copy, Debug)]
pub(super) enum PerContainer {
    /// The value at a path; containers without one are passed over.
    At(Path),
    /// A value that all have, or the field is missing.
    Required(&'static str),
    /// The image without tag and digest.
    Repository,
    /// An array of strings, joined by blanks.
    Joined(&'static str),
    HostPorts,
    /// The container's own value, else the pod's, else 0.
    Effective(&'static str),
}

/// Their names behind `ka.req.pod.containers.` and its like.
pub(super) const FIELDS: &[(&str, PerContainer)] = &[
    ("args", PerContainer::Joined("args")),
    ("command", PerContainer::Joined("command")),
    ("name", PerContainer::Required("name")),
    ("image", PerContainer::Required("image")),
    ("image.repository", PerContainer::Repository),
    ("host_port", PerContainer::HostPorts),
    ("privileged", PerContainer::At(&["securityContext", "privileged"])),
    ("allow_privilege_escalation", PerContainer::At(&["securityContext", "allowPrivilegeEscalation"])),
    ("read_only_fs", PerContainer::At(&["securityContext", "readOnlyRootFilesystem"])),
    ("run_as_user", PerContainer::At(&["securityContext", "runAsUser"])),
    ("eff_run_as_user", PerContainer::Effective("runAsUser")),
    ("run_as_group", PerContainer::At(&["securityContext", "runAsGroup"])),
    ("eff_run_as_group", PerContainer::Effective("runAsGroup")),
    ("proc_mount", PerContainer::At(&["securityContext", "procMount"])),
    ("add_capabilities", PerContainer::At(&["securityContext", "capabilities", "add"])),
];

/// The values of the containers that an index picks, of a pod's specification.
pub(super) fn value<'a>(
    document: &'a Parts,
    containers: &'a [Json],
    rule: PerContainer,
    index: Option<u64>,
    arena: &'a Bump,
) -> Value<'a> {
    match rule {
        PerContainer::At(path) => each(containers, path, arena),
        PerContainer::Required(key) => all_of(containers, arena, |container| Some(text(container.get(key)?, arena))),
        PerContainer::Repository => all_of(containers, arena, |container| {
            Some(match text(container.get("image")?, arena) {
                Value::Text(image) => Value::Text(repository(image)),
                other => other,
            })
        }),
        PerContainer::Joined(key) => {
            let arrays = || containers.iter().filter_map(|container| container.get(key));
            let strings = |array: &'a Json| array.as_array().is_some_and(|items| items.iter().all(Json::is_string));
            if !arrays().all(strings) {
                return Value::Missing;
            }
            list(arena, arrays().map(|array| Value::Text(words(array, arena))))
        }
        PerContainer::HostPorts => {
            let ports = containers.iter().filter_map(|container| container.get("ports")?.as_array()).flatten();
            let numbers = ports.filter_map(|port| port.get("hostPort").or_else(|| port.get("containerPort")));
            list(arena, numbers.map(|number| text(number, arena)))
        }
        // The peer has no value for a single container.
        PerContainer::Effective(_) if index.is_some() => Value::Missing,
        PerContainer::Effective(key) => {
            let of_pod = document.at(&["requestObject", "spec", key]);
            let own = containers.iter().map(|container| container.get(key).or(of_pod));
            list(arena, own.map(|value| value.map_or(Value::Text(b"0"), |value| text(value, arena))))
        }
    }
}

/// One value of each container; `Missing` when one lacks it.
fn all_of<'a>(containers: &'a [Json], arena: &'a Bump, of: impl Fn(&'a Json) -> Option<Value<'a>>) -> Value<'a> {
    let values: Option<Vec<Value<'a>>> = containers.iter().map(of).collect();
    values.map_or(Value::Missing, |values| list(arena, values.into_iter()))
}

/// Up to the first colon, then up to the first at sign; a registry's port is cut off with what follows, as the peer
/// does.
pub(super) fn repository(image: &[u8]) -> &[u8] {
    let until = |text: &'_ [u8], end: u8| text.iter().position(|&byte| byte == end).unwrap_or(text.len());
    let name = &image[..until(image, b':')];
    &name[..until(name, b'@')]
}

fn words<'a>(array: &Json, arena: &'a Bump) -> &'a [u8] {
    let items = array.as_array().into_iter().flatten();
    joined(arena, items.filter_map(|item| item.as_str().map(str::as_bytes)), b" ")
}

//! Fields of Kubernetes audit events: `ka.*`, and `json.*` (`jevt.*` in older rules), which read any part of one.

mod containers;
mod document;
mod paths;
mod uri;

use serde_json::Value as Json;
use vigie_filter::{Argument, Bump, Field, Value, View};

use crate::Current;
use crate::arena::list;
use containers::{FIELDS as CONTAINER_FIELDS, LISTS, PerContainer};
pub(crate) use document::Document;
use document::Parts;
use paths::{Path, at, concatenated, each, items, picked, text};

/// How a field is read.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// The value at a path.
    At(Path),
    /// The items of the array at a path.
    Items(Path),
    /// The value at a path, as the only item.
    Item(Path),
    Annotation(&'static str),
    UriParameter,
    /// The name in the response, of requests for pods themselves.
    Pod,
    /// Arrays of each of the request's role rules.
    RoleRules(Path),
    /// Names of a binding's subjects of a kind.
    Subjects(&'static str),
    /// Of service accounts: `namespace:name`.
    QualifiedServiceAccounts,
    /// Of the first container.
    FirstImage,
    FirstRepository,
    AnyPrivileged,
    /// A value of each of a pod's volumes.
    Volumes(Path),
    VolumeTypes,
    /// Whether one of the volumes is that path of the node.
    HasHostPath,
    /// What the peer answers for a field it gave up.
    True,
    /// The value at a JSON pointer.
    Pointer,
    /// The whole event.
    Whole,
    /// The event's time in nanoseconds.
    Time,
}

const PLAIN: &[(&str, Rule)] = &[
    ("ka.auditid", Rule::At(&["auditID"])),
    ("ka.stage", Rule::At(&["stage"])),
    ("ka.auth.decision", Rule::Annotation("authorization.k8s.io/decision")),
    ("ka.auth.reason", Rule::Annotation("authorization.k8s.io/reason")),
    ("ka.auth.openshift.decision", Rule::Annotation("authentication.openshift.io/decision")),
    ("ka.auth.openshift.username", Rule::Annotation("authentication.openshift.io/username")),
    (
        "ka.validations.admission.policy.failure",
        Rule::Annotation("validation.policy.admission.k8s.io/validation_failure"),
    ),
    ("ka.security.pod.violations", Rule::Annotation("pod-security.kubernetes.io/audit-violations")),
    ("ka.user.name", Rule::At(&["user", "username"])),
    ("ka.user.groups", Rule::Items(&["user", "groups"])),
    ("ka.impuser.name", Rule::At(&["impersonatedUser", "username"])),
    ("ka.verb", Rule::At(&["verb"])),
    ("ka.uri", Rule::At(&["requestURI"])),
    ("ka.uri.param", Rule::UriParameter),
    ("ka.target.name", Rule::At(&["objectRef", "name"])),
    ("ka.target.namespace", Rule::At(&["objectRef", "namespace"])),
    ("ka.target.resource", Rule::At(&["objectRef", "resource"])),
    ("ka.target.subresource", Rule::At(&["objectRef", "subresource"])),
    ("ka.target.pod.name", Rule::Pod),
    ("ka.req.binding.subjects", Rule::Items(&["requestObject", "subjects"])),
    ("ka.req.binding.subjects.user_names", Rule::Subjects("User")),
    ("ka.req.binding.subjects.serviceaccount_names", Rule::Subjects("ServiceAccount")),
    ("ka.req.binding.subjects.serviceaccount_ns_names", Rule::QualifiedServiceAccounts),
    ("ka.req.binding.subjects.group_names", Rule::Subjects("Group")),
    ("ka.req.binding.role", Rule::At(&["requestObject", "roleRef", "name"])),
    ("ka.req.binding.subject.has_name", Rule::True),
    ("ka.req.configmap.name", Rule::At(&["objectRef", "name"])),
    ("ka.req.configmap.obj", Rule::At(&["requestObject", "data"])),
    ("ka.req.container.image", Rule::FirstImage),
    ("ka.req.container.image.repository", Rule::FirstRepository),
    ("ka.req.container.host_network", Rule::At(&["requestObject", "spec", "hostNetwork"])),
    ("ka.req.container.privileged", Rule::AnyPrivileged),
    ("ka.req.pod.host_ipc", Rule::At(&["requestObject", "spec", "hostIPC"])),
    ("ka.req.pod.host_network", Rule::At(&["requestObject", "spec", "hostNetwork"])),
    ("ka.req.pod.host_pid", Rule::At(&["requestObject", "spec", "hostPID"])),
    ("ka.req.pod.run_as_user", Rule::At(&["requestObject", "spec", "securityContext", "runAsUser"])),
    ("ka.req.pod.run_as_group", Rule::At(&["requestObject", "spec", "securityContext", "runAsGroup"])),
    ("ka.req.pod.fs_group", Rule::At(&["requestObject", "spec", "securityContext", "fsGroup"])),
    (
        "ka.req.pod.supplemental_groups",
        Rule::Items(&["requestObject", "spec", "securityContext", "supplementalGroups"]),
    ),
    ("ka.req.role.rules", Rule::Items(&["requestObject", "rules"])),
    ("ka.req.role.rules.apiGroups", Rule::RoleRules(&["apiGroups"])),
    ("ka.req.role.rules.nonResourceURLs", Rule::RoleRules(&["nonResourceURLs"])),
    ("ka.req.role.rules.verbs", Rule::RoleRules(&["verbs"])),
    ("ka.req.role.rules.resources", Rule::RoleRules(&["resources"])),
    ("ka.req.service.type", Rule::At(&["requestObject", "spec", "type"])),
    ("ka.req.service.ports", Rule::Item(&["requestObject", "spec", "ports"])),
    ("ka.req.pod.volumes.hostpath", Rule::Volumes(&["hostPath", "path"])),
    ("ka.req.volume.hostpath", Rule::HasHostPath),
    ("ka.req.pod.volumes.flexvolume_driver", Rule::Volumes(&["flexVolume", "driver"])),
    ("ka.req.pod.volumes.volume_type", Rule::VolumeTypes),
    ("ka.resp.name", Rule::At(&["responseObject", "metadata", "name"])),
    ("ka.response.code", Rule::At(&["responseStatus", "code"])),
    ("ka.response.reason", Rule::At(&["responseStatus", "reason"])),
    ("ka.useragent", Rule::At(&["userAgent"])),
    // The peer looks there, not at the event's own addresses.
    ("ka.sourceips", Rule::RoleRules(&["sourceIPs"])),
    ("ka.cluster.name", Rule::Annotation("cluster_name")),
    ("json.value", Rule::Pointer),
    ("json.obj", Rule::Whole),
    ("json.rawtime", Rule::Time),
    ("jevt.value", Rule::Pointer),
    ("jevt.obj", Rule::Whole),
    ("jevt.rawtime", Rule::Time),
];

/// Numbers from here are those of fields of containers: so many for each list of them.
const OF_CONTAINERS: u8 = 128;
const PER_LIST: u8 = 32;

/// The number of a field of this class.
pub(crate) fn number(name: &str) -> Option<u8> {
    if let Some(index) = PLAIN.iter().position(|(known, _)| *known == name) {
        return u8::try_from(index).ok();
    }
    let (list, name) = name.strip_prefix("ka.req.pod.")?.split_once('.')?;
    let list = LISTS.iter().position(|known| *known == list)?;
    let field = CONTAINER_FIELDS.iter().position(|(known, _)| *known == name)?;
    u8::try_from(list * usize::from(PER_LIST) + field).ok().map(|number| OF_CONTAINERS + number)
}

/// The list of containers that a number is about, and what it is about them.
fn of_containers(number: u8) -> Option<(&'static str, PerContainer)> {
    let number = number.checked_sub(OF_CONTAINERS)?;
    let list = LISTS.get(usize::from(number / PER_LIST))?;
    CONTAINER_FIELDS.get(usize::from(number % PER_LIST)).map(|(_, rule)| (*list, *rule))
}

pub(crate) fn value<'a>(current: &'a Current<'_>, number: u8, field: &Field, _: View, arena: &'a Bump) -> Value<'a> {
    let Some(document) = current.memory.audit.of(current.event) else { return Value::Missing };
    let index = match field.argument {
        Argument::Index(index) => Some(index),
        _ => None,
    };
    if let Some((list, rule)) = of_containers(number) {
        let containers = picked(document.at(&["requestObject", "spec", list]), index);
        return containers::value(document, containers, rule, index, arena);
    }
    match PLAIN.get(usize::from(number)) {
        Some((_, Rule::Time)) => crate::arena::displayed(arena, current.event.ts),
        Some((_, rule)) => plain(document, *rule, field, index, arena).unwrap_or(Value::Missing),
        None => Value::Missing,
    }
}

fn plain<'a>(document: &'a Parts, rule: Rule, field: &Field, index: Option<u64>, arena: &'a Bump) -> Option<Value<'a>> {
    let key = match &field.argument {
        Argument::Key(key) => Some(key.as_str()),
        _ => None,
    };
    let spec = |key: &str| document.at(&["requestObject", "spec", key]);
    Some(match rule {
        Rule::At(path) => text(document.at(path)?, arena),
        Rule::Items(path) => items(document.at(path), arena),
        Rule::Item(path) => list(arena, std::iter::once(text(document.at(path)?, arena))),
        Rule::Annotation(name) => text(document.at(&["annotations", name])?, arena),
        Rule::UriParameter => Value::Text(uri::parameter(document.get("requestURI")?.as_str()?, key?, arena)?),
        Rule::Pod => {
            let target = document.get("objectRef")?;
            let of_pod_itself = target.get("subresource").is_none_or(|name| name.as_str() == Some(""));
            if !of_pod_itself || target.get("resource")?.as_str() != Some("pods") {
                return None;
            }
            text(document.at(&["responseObject", "metadata", "name"])?, arena)
        }
        Rule::RoleRules(path) => concatenated(picked(document.at(&["requestObject", "rules"]), index), path, arena),
        Rule::Subjects(kind) => {
            let names = subjects(document, kind).filter_map(|subject| subject.get("name"));
            list(arena, names.map(|name| text(name, arena)))
        }
        Rule::QualifiedServiceAccounts => {
            let qualified = |subject: &'a Json| {
                let (namespace, name) = (subject.get("namespace")?.as_str()?, subject.get("name")?.as_str()?);
                Some(crate::arena::displayed(arena, format_args!("{namespace}:{name}")))
            };
            list(arena, subjects(document, "ServiceAccount").filter_map(qualified))
        }
        Rule::FirstImage => text(spec("containers")?.get(0)?.get("image")?, arena),
        Rule::FirstRepository => match text(spec("containers")?.get(0)?.get("image")?, arena) {
            Value::Text(image) => Value::Text(containers::repository(image)),
            other => other,
        },
        Rule::AnyPrivileged => {
            let containers = picked(spec("containers"), None);
            let privileged = |container| at(container, &["securityContext", "privileged"]) == Some(&Json::Bool(true));
            if containers.is_empty() {
                return None;
            }
            truth(containers.iter().any(privileged))
        }
        Rule::Volumes(path) => each(picked(spec("volumes"), index), path, arena),
        Rule::VolumeTypes => {
            let volumes = picked(spec("volumes"), index).iter().filter_map(Json::as_object);
            let types = volumes.flat_map(|volume| volume.keys()).filter(|key| *key != "name");
            list(arena, types.map(|key| Value::Text(key.as_bytes())))
        }
        Rule::HasHostPath => {
            let wanted = key?;
            let mut paths = spec("volumes")?.as_array()?.iter().filter_map(|volume| at(volume, &["hostPath", "path"]));
            truth(paths.any(|path| match (path.as_str(), wanted.strip_suffix('*')) {
                (Some(path), Some(prefix)) => path.starts_with(prefix),
                (path, _) => path == Some(wanted),
            }))
        }
        Rule::True => truth(true),
        Rule::Time => return None,
        Rule::Pointer => text(document.pointed(key?)?, arena),
        Rule::Whole => crate::arena::displayed(arena, format_args!("{:#}", document.whole()?)),
    })
}

/// The subjects of a role binding that are of a kind.
fn subjects<'a>(document: &'a Parts, kind: &str) -> impl Iterator<Item = &'a Json> {
    let all = document.at(&["requestObject", "subjects"]).and_then(Json::as_array).into_iter().flatten();
    all.filter(move |subject| subject.get("kind").and_then(Json::as_str) == Some(kind))
}

fn truth<'a>(truth: bool) -> Value<'a> {
    Value::Text(if truth { b"true" } else { b"false" })
}

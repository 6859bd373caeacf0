//! Fields of the pod that a container belongs to, from the labels that the runtime passes on.

use vigie_filter::{Argument, Bump, Field, Value};
use vigie_state::container::{Container, Containers};

use super::{Which, address, labels};

/// As many characters of a sandbox's id as containers are known by.
const SHORT_ID: usize = 12;

pub(super) fn value<'a>(
    containers: &'a Containers,
    container: &'a Container,
    which: Which,
    field: &Field,
    arena: &'a Bump,
) -> Value<'a> {
    let label = |key: &[u8]| Value::text(container.label(key).map(|value| &value[..]));
    match which {
        Which::NsName => label(b"io.kubernetes.pod.namespace"),
        Which::PodName => label(b"io.kubernetes.pod.name"),
        Which::PodId | Which::PodUid => label(b"io.kubernetes.pod.uid"),
        Which::PodSandboxId => Value::Text(short_sandbox_id(container)),
        Which::PodFullSandboxId => Value::Text(&container.pod_sandbox_id),
        Which::PodLabel => match &field.argument {
            Argument::Key(key) => pod_label(containers, container, key.as_bytes()),
            _ => Value::Missing,
        },
        Which::PodLabels => match sandbox_of_labels(containers, container) {
            Some(sandbox) => labels::all(&sandbox.labels, arena),
            None => labels::all(&container.pod_sandbox_labels, arena),
        },
        Which::PodIp => networked(containers, container).map_or(Value::Missing, |known| address(known.ip, arena)),
        Which::PodCniJson => Value::text(networked(containers, container).map(|known| &known.cni_json[..])),
        _ => Value::Missing,
    }
}

fn short_sandbox_id(container: &Container) -> &[u8] {
    let id = &container.pod_sandbox_id;
    id.get(..SHORT_ID).unwrap_or(id)
}

/// The container that holds the pod's namespaces.
fn sandbox<'a>(containers: &'a Containers, container: &Container) -> Option<&'a Container> {
    containers.get(short_sandbox_id(container))
}

/// Who knows the pod's network: the container itself, or else its sandbox.
fn networked<'a>(containers: &'a Containers, container: &'a Container) -> Option<&'a Container> {
    if container.cni_json.is_empty() { sandbox(containers, container) } else { Some(container) }
}

/// The sandbox, where its labels go before those that the container says it has.
fn sandbox_of_labels<'a>(containers: &'a Containers, container: &Container) -> Option<&'a Container> {
    if container.cni_json.is_empty() { sandbox(containers, container) } else { None }
}

fn pod_label<'a>(containers: &'a Containers, container: &'a Container, key: &[u8]) -> Value<'a> {
    let of_sandbox = sandbox_of_labels(containers, container).and_then(|sandbox| sandbox.label(key));
    let own = || container.pod_sandbox_labels.iter().find(|(known, _)| known[..] == *key).map(|(_, value)| value);
    Value::text(of_sandbox.or_else(own).map(|value| &value[..]))
}

//! Events that tell of containers.

use serde_json::{Map, Value, json};
use vigie_events::{Event, EventBuilder, id};
use vigie_state::container::{Container, Mount, Runtime};
use vigie_state::{Bytes, Host};

const TOLD: &[u8] = b"container";
const REMOVED: &[u8] = b"container_removed";

/// The most bytes that descriptions of containers take at the beginning of a capture.
const MOST_DESCRIPTIONS: usize = 8 << 20;

/// What writers put at the beginning of a capture: an event for each container of which more than its id is known.
pub(crate) fn all(host: &Host, time: u64) -> impl Iterator<Item = EventBuilder> {
    let known = host.containers.iter().filter(|container| !container.name.is_empty());
    let mut bytes = 0usize;
    known.map_while(move |container| {
        let json = describe(container);
        bytes += json.len();
        (bytes <= MOST_DESCRIPTIONS).then(|| asynchronous(time, 1, &json, false))
    })
}

/// The event of a container's JSON. Times are nanoseconds since the epoch.
pub(crate) fn asynchronous(time: u64, tid: i64, json: &[u8], removed: bool) -> EventBuilder {
    let name = if removed { REMOVED } else { TOLD };
    EventBuilder::new(id::ASYNCEVENT_E).ts(time).tid(tid).u32(0).text(name).text(json)
}

/// The event tells that a container is gone.
pub(crate) fn is_removal(event: &Event<'_>) -> bool {
    event.id == id::ASYNCEVENT_E && event.params.text(1) == Some(REMOVED)
}

/// A container as such events describe it.
fn describe(container: &Container) -> Vec<u8> {
    let text = |bytes: &Bytes| Value::from(String::from_utf8_lossy(bytes));
    let labels = |labels: &[(Bytes, Bytes)]| -> Map<String, Value> {
        labels.iter().map(|(key, value)| (String::from_utf8_lossy(key).into_owned(), text(value))).collect()
    };
    let mount = |mount: &Mount| {
        json!({
            "Source": text(&mount.source),
            "Destination": text(&mount.destination),
            "Mode": text(&mount.mode),
            "RW": mount.writable,
            "Propagation": text(&mount.propagation),
        })
    };
    let mut told = json!({
        "id": text(&container.id),
        "full_id": text(&container.full_id),
        "name": text(&container.name),
        "image": text(&container.image),
        "imageid": text(&container.image_id),
        "imagerepo": text(&container.image_repository),
        "imagetag": text(&container.image_tag),
        "imagedigest": text(&container.image_digest),
        "User": text(&container.user),
        "ip": container.ip.map_or_else(String::new, |ip| ip.to_string()),
        "cni_json": text(&container.cni_json),
        "privileged": container.privileged,
        "host_pid": container.host_pid,
        "host_network": container.host_network,
        "host_ipc": container.host_ipc,
        "is_pod_sandbox": container.is_pod_sandbox,
        "pod_sandbox_id": text(&container.pod_sandbox_id),
        "labels": labels(&container.labels),
        "pod_sandbox_labels": labels(&container.pod_sandbox_labels),
        "Mounts": container.mounts.iter().map(mount).collect::<Vec<_>>(),
        "created_time": container.created_ts / 1_000_000_000,
    });
    if container.runtime != Runtime::UNKNOWN {
        told["type"] = Value::from(container.runtime.0);
    }
    json!({ "container": told }).to_string().into_bytes()
}

//! Containers: which one a thread is in, and what events tell of them.

use std::net::IpAddr;

use serde_json::{Map, Value};
use vigie_events::event::until_nul;
use vigie_events::{Event, id};

use super::live;
use crate::container::{Container, Mount, Runtime};
use crate::host::{Applied, Host};
use crate::{Bytes, ThreadSlot, cgroup};

/// The most lists of cgroups whose container is remembered.
const MAX_REMEMBERED: usize = 4096;

/// The longest list that is remembered; real ones have a few hundred bytes.
const LONGEST_REMEMBERED: usize = 8192;

/// The longest description of a container that is read.
const MAX_JSON: usize = 1 << 20;

/// Finds out anew in which container a thread is.
pub(super) fn identify(host: &mut Host, slot: ThreadSlot) {
    let Some(cgroups) = host.threads.get(slot).map(|thread| thread.cgroups.clone()) else { return };
    let (cgroups, id) = match host.pending.containers.get_key_value(&cgroups) {
        Some((cgroups, id)) => (cgroups.clone(), id.clone()),
        None => {
            let id = look(host, &cgroups);
            if host.pending.containers.len() >= MAX_REMEMBERED {
                host.pending.containers.clear();
            }
            if cgroups.len() <= LONGEST_REMEMBERED {
                host.pending.containers.insert(cgroups.clone(), id.clone());
            }
            (cgroups, id)
        }
    };
    let contained = if host.live.is_some() && !id.is_empty() { Some(id.clone()) } else { None };
    if let Some(thread) = host.threads.get_mut(slot) {
        (thread.cgroups, thread.container_id) = (cgroups, id);
    }
    if let Some(id) = contained {
        live::met_container(host, slot, &id);
    }
}

fn look(host: &mut Host, cgroups: &[u8]) -> Bytes {
    let Some(found) = cgroup::container(cgroups, host.engines) else { return Bytes::default() };
    let id = Bytes::from(found.id);
    if let Some(runtime) = found.runtime.filter(|_| host.containers.get(&id).is_none()) {
        host.containers.insert(Container { id: id.clone(), runtime, ..Container::default() });
    }
    id
}

/// An event that describes a container, or tells that it is gone.
pub(super) fn container(host: &mut Host, event: &Event<'_>, applied: &mut Applied) {
    let (json, removed) = if event.id == id::CONTAINER_JSON_2_E {
        (event.params.text(0), false)
    } else {
        let removed = match event.params.text(1) {
            Some(b"container") => false,
            Some(b"container_removed") => true,
            _ => return,
        };
        (event.params.bytes(2).map(until_nul), removed)
    };
    let Some(container) = json.and_then(read) else { return };
    applied.container_id = Some(container.id.clone());
    if removed {
        host.pending.removed_container = Some(container.id.clone());
        host.pending.removes = true;
    }
    host.containers.insert(container);
}

/// Reads `{"container": {…}}`. `None` when it is no such thing, or the container has no id.
fn read(json: &[u8]) -> Option<Container> {
    if json.len() > MAX_JSON {
        return None;
    }
    let mut document: Value = serde_json::from_slice(json).ok()?;
    let Some(Value::Object(fields)) = document.get_mut("container").map(Value::take) else { return None };
    let text = |key: &str| text(fields.get(key));
    let flag = |key: &str| fields.get(key).and_then(Value::as_bool).unwrap_or(false);
    let id = text("id");
    if id.is_empty() {
        return None;
    }
    let runtime = fields.get("type").and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
    Some(Container {
        id,
        full_id: text("full_id"),
        runtime: runtime.map_or(Runtime::UNKNOWN, Runtime),
        name: text("name"),
        image: text("image"),
        image_id: text("imageid"),
        image_repository: text("imagerepo"),
        image_tag: text("imagetag"),
        image_digest: text("imagedigest"),
        user: text("User"),
        ip: fields
            .get("ip")
            .and_then(Value::as_str)
            .and_then(|ip| ip.parse().ok())
            .filter(|ip: &IpAddr| !ip.is_unspecified()),
        cni_json: text("cni_json"),
        privileged: flag("privileged"),
        host_pid: flag("host_pid"),
        host_network: flag("host_network"),
        host_ipc: flag("host_ipc"),
        is_pod_sandbox: flag("is_pod_sandbox"),
        pod_sandbox_id: text("pod_sandbox_id"),
        labels: labels(fields.get("labels")),
        pod_sandbox_labels: labels(fields.get("pod_sandbox_labels")),
        mounts: fields.get("Mounts").and_then(Value::as_array).into_iter().flatten().filter_map(mount).collect(),
        created_ts: fields.get("created_time").and_then(Value::as_u64).unwrap_or(0).saturating_mul(1_000_000_000),
    })
}

fn text(value: Option<&Value>) -> Bytes {
    Bytes::from(value.and_then(Value::as_str).unwrap_or(""))
}

fn labels(value: Option<&Value>) -> Vec<(Bytes, Bytes)> {
    let pairs = value.and_then(Value::as_object).into_iter().flat_map(Map::iter);
    let mut labels: Vec<(Bytes, Bytes)> =
        pairs.map(|(key, value)| (Bytes::from(key.as_str()), text(Some(value)))).collect();
    labels.sort();
    labels
}

fn mount(value: &Value) -> Option<Mount> {
    let fields = value.as_object()?;
    Some(Mount {
        source: text(fields.get("Source")),
        destination: text(fields.get("Destination")),
        mode: text(fields.get("Mode")),
        writable: fields.get("RW").and_then(Value::as_bool).unwrap_or(false),
        propagation: text(fields.get("Propagation")),
    })
}

//! Fields of the container that the event happened in, and of its pod: `container.*`, `k8s.*`,
//! `proc.is_container_*`.

mod labels;
mod moment;
mod mounts;
mod pod;

use std::net::IpAddr;

use vigie_filter::{Argument, Bump, Field, Value, View};
use vigie_state::Bytes;
use vigie_state::container::{Container, Containers};

pub use moment::{Moment, is_of_container, needs_metadata};

use crate::Current;
use crate::arena::displayed;
use crate::table::fields;

fields! {
    Id = "container.id",
    FullId = "container.full_id",
    Name = "container.name",
    Image = "container.image",
    ImageId = "container.image.id",
    Type = "container.type",
    Privileged = "container.privileged",
    Mounts = "container.mounts",
    Mount = "container.mount",
    MountSource = "container.mount.source",
    MountDest = "container.mount.dest",
    MountMode = "container.mount.mode",
    MountRdwr = "container.mount.rdwr",
    MountPropagation = "container.mount.propagation",
    ImageRepository = "container.image.repository",
    ImageTag = "container.image.tag",
    ImageDigest = "container.image.digest",
    StartTs = "container.start_ts",
    Duration = "container.duration",
    Ip = "container.ip",
    CniJson = "container.cni.json",
    HostPid = "container.host_pid",
    HostNetwork = "container.host_network",
    HostIpc = "container.host_ipc",
    Label = "container.label",
    Labels = "container.labels",
    PodName = "k8s.pod.name",
    NsName = "k8s.ns.name",
    PodId = "k8s.pod.id",
    PodUid = "k8s.pod.uid",
    PodSandboxId = "k8s.pod.sandbox_id",
    PodFullSandboxId = "k8s.pod.full_sandbox_id",
    PodLabel = "k8s.pod.label",
    PodLabels = "k8s.pod.labels",
    PodIp = "k8s.pod.ip",
    PodCniJson = "k8s.pod.cni.json",
    // Kept for rules that still name them; they have no value.
    Healthcheck = "container.healthcheck",
    LivenessProbe = "container.liveness_probe",
    ReadinessProbe = "container.readiness_probe",
    IsHealthcheck = "proc.is_container_healthcheck",
    IsLivenessProbe = "proc.is_container_liveness_probe",
    IsReadinessProbe = "proc.is_container_readiness_probe",
    RcName = "k8s.rc.name",
    RcId = "k8s.rc.id",
    RcLabel = "k8s.rc.label",
    RcLabels = "k8s.rc.labels",
    SvcName = "k8s.svc.name",
    SvcId = "k8s.svc.id",
    SvcLabel = "k8s.svc.label",
    SvcLabels = "k8s.svc.labels",
    NsId = "k8s.ns.id",
    NsLabel = "k8s.ns.label",
    NsLabels = "k8s.ns.labels",
    RsName = "k8s.rs.name",
    RsId = "k8s.rs.id",
    RsLabel = "k8s.rs.label",
    RsLabels = "k8s.rs.labels",
    DeploymentName = "k8s.deployment.name",
    DeploymentId = "k8s.deployment.id",
    DeploymentLabel = "k8s.deployment.label",
    DeploymentLabels = "k8s.deployment.labels",
}

/// Where an event happened, and when: all that the fields are read from.
#[derive(Clone, Copy)]
struct Spot<'a> {
    /// Empty for the host.
    id: &'a Bytes,
    /// When the container began; see `started`.
    started: Option<u64>,
    /// The event's time.
    ts: u64,
    containers: &'a Containers,
}

const HOST: &[u8] = b"host";

pub(crate) fn value<'a>(current: &'a Current<'_>, number: u8, field: &Field, _: View, arena: &'a Bump) -> Value<'a> {
    let (Some(which), Some(id)) = (which(number), id(current)) else { return Value::Missing };
    let ts = current.event.ts;
    Spot { id, started: started(current), ts, containers: &current.host.containers }.value(which, field, arena)
}

/// The id of the container that the event is about, or that its thread lives in; empty for the host. `None` for
/// events of no thread.
fn id<'a>(current: &'a Current<'_>) -> Option<&'a Bytes> {
    current.applied.container_id.as_ref().or(current.thread.map(|thread| &thread.container_id))
}

/// When the pid namespace of the event's thread began, for a container that is known; container events do not tell.
/// Falco's alerts on recorded activity have no time for the host, nor for a container of which it knew but the id.
fn started(current: &Current<'_>) -> Option<u64> {
    if current.applied.container_id.is_some() {
        return None;
    }
    current.thread.map(|thread| thread.pidns_init_start_ts).filter(|&start| start != 0)
}

impl<'a> Spot<'a> {
    #[inline]
    fn value(self, which: Which, field: &Field, arena: &'a Bump) -> Value<'a> {
        if which == Which::Id {
            return Value::Text(if self.id.is_empty() { HOST } else { self.id });
        }
        if self.id.is_empty() {
            return of_host(which);
        }
        match self.containers.get(self.id) {
            Some(container) => of_container(self, container, which, field, arena),
            // But its id, nothing is known.
            None => Value::Missing,
        }
    }
}

/// The host is a container without image, labels and mounts.
fn of_host<'a>(which: Which) -> Value<'a> {
    match which {
        Which::FullId | Which::Name | Which::Type => Value::Text(HOST),
        Which::Image
        | Which::ImageId
        | Which::ImageRepository
        | Which::ImageTag
        | Which::ImageDigest
        | Which::Ip
        | Which::CniJson
        | Which::Mounts
        | Which::Labels
        | Which::PodSandboxId
        | Which::PodFullSandboxId
        | Which::PodLabels => Value::Text(b""),
        Which::Privileged | Which::HostPid | Which::HostNetwork | Which::HostIpc => Value::Bool(false),
        _ => Value::Missing,
    }
}

fn of_container<'a>(
    spot: Spot<'a>,
    container: &'a Container,
    which: Which,
    field: &Field,
    arena: &'a Bump,
) -> Value<'a> {
    match which {
        Which::FullId => Value::Text(&container.full_id),
        Which::Name => Value::Text(&container.name),
        Which::Type => Value::Text(container.runtime.name().as_bytes()),
        Which::Image => Value::Text(&container.image),
        Which::ImageId => Value::Text(&container.image_id),
        Which::ImageRepository => Value::Text(&container.image_repository),
        Which::ImageTag => Value::Text(&container.image_tag),
        Which::ImageDigest => Value::Text(&container.image_digest),
        Which::StartTs => Value::uint(spot.started),
        Which::Duration => Value::uint(spot.started.map(|start| spot.ts.wrapping_sub(start))),
        Which::Ip => address(container.ip, arena),
        Which::CniJson => Value::Text(&container.cni_json),
        Which::Privileged => Value::Bool(container.privileged),
        Which::HostPid => Value::Bool(container.host_pid),
        Which::HostNetwork => Value::Bool(container.host_network),
        Which::HostIpc => Value::Bool(container.host_ipc),
        Which::Mounts => mounts::all(container, arena),
        Which::Mount
        | Which::MountSource
        | Which::MountDest
        | Which::MountMode
        | Which::MountRdwr
        | Which::MountPropagation => mounts::one(container, which, field, arena),
        Which::Label => match &field.argument {
            Argument::Key(key) => Value::text(container.label(key.as_bytes()).map(|value| &value[..])),
            _ => Value::Missing,
        },
        Which::Labels => labels::all(&container.labels, arena),
        _ => pod::value(spot.containers, container, which, field, arena),
    }
}

/// An address as text, nothing when there is none.
fn address(ip: Option<IpAddr>, arena: &Bump) -> Value<'_> {
    ip.map_or(Value::Text(b""), |ip| displayed(arena, ip))
}

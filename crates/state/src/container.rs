//! What is known of containers beyond their id, from container events or a runtime's answers.

use std::net::IpAddr;

use crate::map::Map;

use crate::Bytes;

/// The most containers whose metadata is kept.
pub const MAX_CONTAINERS: usize = 16_384;

/// About how many bytes containers may take.
pub const MAX_HELD: usize = 256 << 20;

/// A runtime's kind; the numbers are those of container events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runtime(pub u32);

impl Runtime {
    pub const UNKNOWN: Runtime = Runtime(u32::MAX);

    /// `docker`, `containerd`, …; empty for static, custom and unknown ones.
    pub fn name(self) -> &'static str {
        match self.0 {
            0 => "docker",
            1 => "lxc",
            2 => "libvirt-lxc",
            3 => "mesos",
            4 => "rkt",
            6 => "cri",
            7 => "containerd",
            8 => "cri-o",
            9 => "bpm",
            11 => "podman",
            _ => "",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    pub source: Bytes,
    pub destination: Bytes,
    pub mode: Bytes,
    pub writable: bool,
    pub propagation: Bytes,
}

/// One container. Text that is not known is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    pub id: Bytes,
    pub full_id: Bytes,
    pub runtime: Runtime,
    pub name: Bytes,
    pub image: Bytes,
    pub image_id: Bytes,
    pub image_repository: Bytes,
    pub image_tag: Bytes,
    pub image_digest: Bytes,
    pub user: Bytes,
    pub ip: Option<IpAddr>,
    pub cni_json: Bytes,
    pub privileged: bool,
    pub host_pid: bool,
    pub host_network: bool,
    pub host_ipc: bool,
    pub is_pod_sandbox: bool,
    pub pod_sandbox_id: Bytes,
    /// In byte order of their keys.
    pub labels: Vec<(Bytes, Bytes)>,
    pub pod_sandbox_labels: Vec<(Bytes, Bytes)>,
    pub mounts: Vec<Mount>,
    /// Nanoseconds since the epoch; 0 when unknown.
    pub created_ts: u64,
}

impl Container {
    /// About how many bytes of memory this one takes.
    fn weight(&self) -> usize {
        let texts = [
            &self.id,
            &self.full_id,
            &self.name,
            &self.image,
            &self.image_id,
            &self.image_repository,
            &self.image_tag,
            &self.image_digest,
            &self.user,
            &self.cni_json,
            &self.pod_sandbox_id,
        ];
        let labels = self.labels.iter().chain(&self.pod_sandbox_labels);
        let labels = labels.map(|(key, value)| size_of::<(Bytes, Bytes)>() + key.len() + value.len());
        let mounts = self.mounts.iter().map(|mount| {
            let texts = [&mount.source, &mount.destination, &mount.mode, &mount.propagation];
            size_of::<Mount>() + texts.iter().map(|text| text.len()).sum::<usize>()
        });
        size_of::<Container>()
            + texts.iter().map(|text| text.len()).sum::<usize>()
            + labels.sum::<usize>()
            + mounts.sum::<usize>()
    }

    pub fn label(&self, key: &[u8]) -> Option<&Bytes> {
        self.labels.iter().find(|(known, _)| known[..] == *key).map(|(_, value)| value)
    }
}

/// Containers by their id.
#[derive(Debug, Default)]
pub struct Containers {
    by_id: Map<Bytes, Container>,
    held: usize,
    /// Containers not taken up because there was no room.
    pub refused: u64,
}

impl Containers {
    pub fn get(&self, id: &[u8]) -> Option<&Container> {
        self.by_id.get(id)
    }

    /// Takes a container up, in place of one with its id.
    pub fn insert(&mut self, container: Container) {
        self.remove(&container.id);
        let weight = container.weight();
        if self.by_id.len() >= MAX_CONTAINERS || self.held + weight > MAX_HELD {
            self.refused += 1;
            return;
        }
        self.held += weight;
        self.by_id.insert(container.id.clone(), container);
    }

    pub fn remove(&mut self, id: &[u8]) {
        self.held -= self.by_id.remove(id).map_or(0, |container| container.weight());
    }

    /// About how many bytes the containers take.
    pub fn held(&self) -> usize {
        self.held
    }

    pub fn iter(&self) -> impl Iterator<Item = &Container> {
        self.by_id.values()
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

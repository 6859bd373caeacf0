//! Which container a cgroup path belongs to.

use crate::container::Runtime;
use crate::thread::pieces;

/// What names containers by their cgroup, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Engine {
    Podman,
    Docker,
    Cri,
    Containerd,
    Lxc,
    LibvirtLxc,
    Bpm,
}

const ENGINES: [Engine; 7] =
    [Engine::Podman, Engine::Docker, Engine::Cri, Engine::Containerd, Engine::Lxc, Engine::LibvirtLxc, Engine::Bpm];

/// The engines that are asked; all, unless some were left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engines(u8);

impl Default for Engines {
    fn default() -> Self {
        Engines(u8::MAX)
    }
}

impl Engines {
    /// None but these.
    pub fn only(engines: &[Engine]) -> Engines {
        Engines(engines.iter().fold(0, |all, &engine| all | 1 << engine as u8))
    }

    pub fn has(self, engine: Engine) -> bool {
        self.0 & 1 << engine as u8 != 0
    }
}

/// A container as its cgroup tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'c> {
    /// 12 characters of the 64, or the engine's own name.
    pub id: &'c [u8],
    /// Known for those engines of which nothing more is to be learned.
    pub runtime: Option<Runtime>,
    /// The path of the cgroup that tells.
    pub path: &'c [u8],
}

/// The container of a thread's list of cgroups, each `subsystem=path` ended by a NUL: the first path that an engine
/// knows decides. `None` for the host.
pub fn container(cgroups: &[u8], engines: Engines) -> Option<Found<'_>> {
    let mut asked: &[u8] = b"";
    for cgroup in pieces(cgroups) {
        let path = cgroup.iter().position(|&byte| byte == b'=').map_or(cgroup, |equals| &cgroup[equals + 1..]);
        // With the second version of cgroups all subsystems have the same path.
        if path == asked || path == b"/" {
            continue;
        }
        asked = path;
        let known = ENGINES.into_iter().filter(|&engine| engines.has(engine)).find_map(|engine| ask(engine, path));
        if known.is_some() {
            return known;
        }
    }
    None
}

fn ask(engine: Engine, path: &[u8]) -> Option<Found<'_>> {
    let (id, runtime) = match engine {
        Engine::Podman => (any(PODMAN, path)?, None),
        Engine::Docker => (any(DOCKER, path)?, None),
        Engine::Cri => (any(CRI, path)?, None),
        Engine::Containerd => (containerd(path)?, None),
        Engine::Lxc => (lxc(path)?, Some(Runtime(1))),
        Engine::LibvirtLxc => (libvirt(path)?, Some(Runtime(2))),
        Engine::Bpm => (bpm(path)?, Some(Runtime(9))),
    };
    (!id.is_empty()).then_some(Found { id, runtime, path })
}

type Layout = (&'static [u8], &'static [u8]);

const PODMAN: &[Layout] = &[
    (b"/libpod-", b".scope"),
    (b"/libpod-", b".scope/container"),
    (b"/libpod-", b""),
    (b"/libpod-payload-", b".scope"),
    (b"/libpod-payload-", b".scope/container"),
    (b"/libpod-payload-", b""),
];

const DOCKER: &[Layout] = &[(b"/", b""), (b"/docker-", b".scope")];

const CRI: &[Layout] = &[
    (b"/", b""),
    (b"/crio-", b""),
    (b"/cri-containerd-", b".scope"),
    (b"/crio-", b".scope"),
    (b":cri-containerd:", b""),
    (b"/docker-", b".scope"),
    (b"/nerdctl-", b".scope"),
];

/// The characters of a full id, and those of it that are shown.
const FULL: usize = 64;
const SHORT: usize = 12;

fn any<'p>(layouts: &[Layout], path: &'p [u8]) -> Option<&'p [u8]> {
    layouts.iter().find_map(|&(prefix, suffix)| between(path, prefix, suffix))
}

/// The id between the last prefix and the last suffix. Only characters within the first 64 of the whole path are
/// looked at: a longer path may have anything for an id, and anything behind the suffix. So does the peer.
fn between<'p>(path: &'p [u8], prefix: &[u8], suffix: &[u8]) -> Option<&'p [u8]> {
    let start = last(path, prefix)? + prefix.len();
    let end = last(path, suffix)?;
    if end.checked_sub(start)? != FULL {
        return None;
    }
    let other = path[start..].iter().position(|byte| !byte.is_ascii_hexdigit()).map(|offset| start + offset);
    if other.is_some_and(|position| position < FULL) {
        return None;
    }
    Some(&path[start..start + SHORT])
}

/// Where `part` begins for the last time; nothing begins at the end.
fn last(path: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(path.len());
    }
    memchr::memmem::rfind(path, part)
}

fn first(path: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(path, part)
}

/// Any name below a namespace; the units of systemd are none.
fn containerd(path: &[u8]) -> Option<&[u8]> {
    let namespace = namespace(path)?;
    let start = last(path, namespace)? + namespace.len();
    let id = &path[start..];
    let unit = [&b".service"[..], b".slice", b".scope"].iter().any(|ending| path.ends_with(ending));
    if id.is_empty() || id.len() > FULL || (unit && id.len() != FULL) {
        return None;
    }
    Some(&id[..id.len().min(SHORT)])
}

/// The first `/name/`, the name being words joined by single dots, dashes and underscores.
fn namespace(path: &[u8]) -> Option<&[u8]> {
    let mut start = first(path, b"/")?;
    loop {
        let length = path[start + 1..].iter().position(|&byte| byte == b'/')?;
        let name = &path[start + 1..start + 1 + length];
        let mut words = name.split(|byte| b"._-".contains(byte));
        if words.all(|word| !word.is_empty() && word.iter().all(u8::is_ascii_alphanumeric)) {
            return Some(&path[start..start + length + 2]);
        }
        start += length + 1;
    }
}

fn lxc(path: &[u8]) -> Option<&[u8]> {
    [&b"/lxc/"[..], b"/lxc.payload/", b"/lxc.payload."].into_iter().find_map(|prefix| {
        let rest = &path[first(path, prefix)? + prefix.len()..];
        rest.split(|&byte| byte == b'/').next().filter(|name| !name.is_empty())
    })
}

fn libvirt(path: &[u8]) -> Option<&[u8]> {
    if let Some(name) = path.strip_suffix(b".libvirt-lxc") {
        return Some(&name[last(name, b"/").map_or(0, |slash| slash + 1)..]).filter(|name| !name.is_empty());
    }
    let scope = path.strip_suffix(b".scope").or(path.strip_suffix(b".scope/libvirt"));
    if let (Some(start), Some(unit)) = (first(path, b"-lxc\\x2"), scope) {
        return unit.get(start + b"-lxc\\x2d".len()..);
    }
    Some(&path[first(path, b"/libvirt/lxc/")? + b"/libvirt/lxc/".len()..])
}

fn bpm(path: &[u8]) -> Option<&[u8]> {
    let rest = &path[first(path, b"bpm-")? + b"bpm-".len()..];
    let name = first(rest, b".scope").map_or(rest, |end| &rest[..end]);
    name.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn id(path: &str) -> String {
        let cgroups = format!("cpuset=/\0cpu={}\0", path.replace("ID", ID));
        container(cgroups.as_bytes(), Engines::default())
            .map_or_else(String::new, |found| String::from_utf8_lossy(found.id).into_owned())
    }

    fn by(engine: Engine, path: &str) -> Option<String> {
        let cgroups = format!("cpu={}\0", path.replace("ID", ID));
        let found = container(cgroups.as_bytes(), Engines::only(&[engine]));
        found.map(|found| String::from_utf8_lossy(found.id).into_owned())
    }

    #[test]
    fn engines_with_full_ids() {
        let short = "0123456789ab";
        for path in [
            "/machine.slice/libpod-ID.scope/container",
            "/machine.slice/libpod-ID.scope",
            "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope",
            "/libpod_parent/libpod-ID",
            "/machine.slice/libpod-payload-ID",
            "/machine.slice/libpod-payload-ID.scope",
            "/machine.slice/libpod-payload-ID.scope/container",
        ] {
            assert_eq!(by(Engine::Podman, path).as_deref(), Some(short), "{path}");
            assert_eq!(id(path), short, "{path}");
        }
        for path in ["/docker/ID", "/system.slice/docker-ID.scope", "/ecs/TASK/ID", "/kubepods/burstable/podUID/ID"] {
            // The last of them holds "ID" twice.
            let path = path.replace("podUID", "pod1-2");
            assert_eq!(by(Engine::Docker, &path).as_deref(), Some(short), "{path}");
            assert_eq!(id(&path), short, "{path}");
        }
        for path in [
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-ID.scope",
            "/kubepods/besteffort/pod1-2/ID",
            "/crio-ID",
            "/kubepods.slice/crio-ID.scope",
            "/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:ID",
            "/system.slice/docker-ID.scope",
            "/default/nerdctl-ID.scope",
        ] {
            assert_eq!(by(Engine::Cri, path).as_deref(), Some(short), "{path}");
            assert_eq!(id(path), short, "{path}");
        }
    }

    #[test]
    fn what_is_no_full_id() {
        assert_eq!(by(Engine::Podman, "/machine.slice/libpod-conmon-ID.scope"), None);
        assert_eq!(by(Engine::Docker, "/docker/0123456789abcdef"), None);
        assert_eq!(by(Engine::Docker, &format!("/docker/{}", "g".repeat(64))), None);
        // Beyond the 64th character of the path nothing is checked.
        let long = format!("/{}/{}", "a".repeat(70), "z".repeat(64));
        assert_eq!(by(Engine::Docker, &long).as_deref(), Some("zzzzzzzzzzzz"));
        // Text behind the suffix is tolerated.
        assert_eq!(by(Engine::Docker, "/system.slice/docker-ID.scope/init").as_deref(), Some("0123456789ab"));
    }

    #[test]
    fn containerd_takes_any_name_below_a_namespace() {
        assert_eq!(id("/default/my-ctr"), "my-ctr");
        assert_eq!(id("/user.slice/x"), "x");
        assert_eq!(id("/default/a-very-long-name"), "a-very-long-");
        assert_eq!(by(Engine::Containerd, "/kubepods/burstable/pod12").as_deref(), Some("burstable/po"));
        assert_eq!(by(Engine::Containerd, "/a__b/default/c").as_deref(), Some("c"));
        assert_eq!(by(Engine::Containerd, "/default/"), None);
        assert_eq!(by(Engine::Containerd, &format!("/default/{}", "x".repeat(65))), None);
        assert_eq!(
            by(Engine::Containerd, &format!("/default/{}.scope", "x".repeat(58))).as_deref(),
            Some("xxxxxxxxxxxx")
        );
    }

    #[test]
    fn the_host_has_no_container() {
        for path in [
            "/",
            "/init.scope",
            "/system.slice/ssh.service",
            "/user.slice/user-1000.slice/session-3.scope",
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice",
            "",
        ] {
            assert_eq!(id(path), "", "{path}");
        }
        assert_eq!(container(b"", Engines::default()), None);
        assert_eq!(by(Engine::Lxc, "/docker/ID"), None);
    }

    #[test]
    fn engines_with_names_of_their_own() {
        let name = |engine, path: &str| by(engine, path).unwrap_or_default();
        assert_eq!(name(Engine::Lxc, "/lxc/a-rather-long-name/init"), "a-rather-long-name");
        assert_eq!(name(Engine::Lxc, "/lxc.payload/box"), "box");
        assert_eq!(name(Engine::Lxc, "/lxc.payload.box/system.slice"), "box");
        assert_eq!(name(Engine::LibvirtLxc, "/machine/box.libvirt-lxc"), "box");
        assert_eq!(name(Engine::LibvirtLxc, "/machine.slice/machine-lxc\\x2dmy\\x2dbox.scope"), "my\\x2dbox");
        assert_eq!(name(Engine::LibvirtLxc, "/machine.slice/machine-lxc\\x2d12.scope/libvirt"), "12");
        assert_eq!(name(Engine::LibvirtLxc, "/libvirt/lxc/box/more"), "box/more");
        assert_eq!(name(Engine::Bpm, "/system.slice/runc-bpm-nats.scope"), "nats");
        assert_eq!(name(Engine::Bpm, "/bpm/bpm-job.sub-1_2"), "job.sub-1_2");
        assert_eq!(name(Engine::Bpm, "/bpm-job/x"), "");
        let found = container(b"cpu=/lxc.payload.a__b\0", Engines::default());
        assert_eq!(found, Some(Found { id: b"a__b", runtime: Some(Runtime(1)), path: b"/lxc.payload.a__b" }));
    }

    /// As `/proc` and the drivers list them: one path for all subsystems, or one for each.
    #[test]
    fn lists_of_both_versions() {
        let listed = |paths: [&str; 5]| {
            let names = ["cpuset", "cpu", "cpuacct", "io", "memory"];
            let pairs = names.iter().zip(paths).map(|(name, path)| format!("{name}={}\0", path.replace("ID", ID)));
            let cgroups = pairs.collect::<String>();
            let found = container(cgroups.as_bytes(), Engines::default());
            found.map_or_else(String::new, |found| String::from_utf8_lossy(found.id).into_owned())
        };
        let short = "0123456789ab";
        for (path, expected) in [
            ("/docker/ID", short),
            ("/system.slice/docker-ID.scope", short),
            ("/libpod_parent/libpod-ID", short),
            ("/machine.slice/libpod-ID.scope/container", short),
            ("/k8s.io/ID", short),
            ("/k8s.io/web", "web"),
            ("/default/a.b_c-d", "a.b_c-d"),
            ("/kubepods/besteffort/pod0b4dd3e5-28ee-4dfc-a4c9-28ac6bb5a7b9/ID", short),
            ("/kubepods.slice/kubepods-pod1.slice/cri-containerd-ID.scope", short),
            ("/kubepods.slice/kubepods-pod1.slice/crio-ID.scope", short),
            ("/kubepods.slice/kubepods-pod1.slice/crio-ID.scope/container", short),
            ("/kubepods.slice/kubepods-pod1.slice/crio-conmon-ID.scope", ""),
            ("/lxc/box", "box"),
            ("/lxc.payload.box", "box"),
            ("/lxc.monitor.box", ""),
        ] {
            assert_eq!(listed([path; 5]), expected, "{path}");
            // A hybrid system: the runtime uses some hierarchies of the first version only.
            assert_eq!(listed(["/", "/", "/", "/", path]), expected, "{path}");
            assert_eq!(listed(["/", path, path, "/system.slice/containerd.service", "/"]), expected, "{path}");
        }
        // No more than the six innermost parts arrive from a driver.
        let path = "/kubelet/kubepods/burstable/pod1/more/ID";
        assert_eq!(listed([path; 5]), short);
        // A folder of whoever made it looks like a namespace of containerd; to the peer as well.
        assert_eq!(listed(["/", "/", "/", "/", "/jobs/b2382bd6db77ec25e599fd4a81d294bd"]), "b2382bd6db77");
    }

    #[test]
    fn the_first_path_that_is_known_decides() {
        let cgroups = format!("cpuset=/\0cpu=/init.scope\0io=/docker/{ID}\0memory=/default/other\0");
        assert_eq!(container(cgroups.as_bytes(), Engines::default()).map(|found| found.id), Some(&b"0123456789ab"[..]));
    }
}

//! `/proc/PID/cgroup`.

/// As the drivers name them, in their order. In the first version of cgroups `io` is called `blkio`.
const SUBSYSTEMS: [&[u8]; 5] = [b"cpuset", b"cpu", b"cpuacct", b"io", b"memory"];

/// The longest path of a cgroup that is kept; the kernel's own limit.
const MAX_PATH: usize = 4096;

/// The digits of a container's full id.
const FULL_ID: usize = 64;

/// Each `subsystem=path` ended by a NUL, with the path that tells most: that of the second version of cgroups unless it
/// is the root or only the first version's names a container.
pub fn parse(text: &[u8]) -> Vec<u8> {
    let mut unified: &[u8] = b"/";
    let mut paths: [Option<&[u8]>; 5] = [None; 5];
    for line in text.split(|&byte| byte == b'\n') {
        let mut parts = line.splitn(3, |&byte| byte == b':');
        let (Some(_), Some(names), Some(path)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let path = within(path);
        if path.len() > MAX_PATH || path.first() != Some(&b'/') || path.contains(&0) {
            continue;
        }
        if names.is_empty() {
            unified = path;
        }
        for name in names.split(|&byte| byte == b',') {
            let name = if name == b"blkio" { b"io" } else { name };
            if let Some(index) = SUBSYSTEMS.iter().position(|&subsystem| subsystem == name) {
                paths[index] = Some(path);
            }
        }
    }
    let first_version_tells = paths.iter().flatten().any(|path| names_container(path));
    let preferred = unified != b"/" && (names_container(unified) || !first_version_tells);
    let mut listed = Vec::new();
    for (subsystem, path) in SUBSYSTEMS.iter().zip(paths) {
        let path = match path {
            Some(path) if !preferred => path,
            _ => unified,
        };
        listed.extend_from_slice(subsystem);
        listed.push(b'=');
        listed.extend_from_slice(path);
        listed.push(0);
    }
    listed
}

/// Without the steps that lead out of the namespace of the reader.
fn within(mut path: &[u8]) -> &[u8] {
    while let Some(rest) = path.strip_prefix(b"/..") {
        match rest.first() {
            None => return b"/",
            Some(b'/') => path = rest,
            Some(_) => break,
        }
    }
    path
}

fn names_container(path: &[u8]) -> bool {
    path.split(|byte| !byte.is_ascii_hexdigit()).any(|run| run.len() == FULL_ID)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn listed(text: &str) -> Vec<String> {
        let bytes = parse(text.replace("ID", ID).as_bytes());
        let pieces = bytes.split(|&byte| byte == 0).filter(|piece| !piece.is_empty());
        pieces.map(|piece| String::from_utf8_lossy(piece).replace(ID, "ID")).collect()
    }

    fn all(path: &str) -> Vec<String> {
        ["cpuset", "cpu", "cpuacct", "io", "memory"].iter().map(|name| format!("{name}={path}")).collect()
    }

    #[test]
    fn the_second_version_has_one_path() {
        assert_eq!(listed("0::/system.slice/docker-ID.scope\n"), all("/system.slice/docker-ID.scope"));
        assert_eq!(listed("0::/\n"), all("/"));
        assert_eq!(listed(""), all("/"));
    }

    #[test]
    fn the_first_version_has_one_for_each() {
        let text = "9:name=systemd:/x\n7:blkio:/b\n4:memory:/docker/ID\n3:cpuset:/\n2:cpu,cpuacct:/c\n";
        assert_eq!(listed(text), ["cpuset=/", "cpu=/c", "cpuacct=/c", "io=/b", "memory=/docker/ID"]);
    }

    #[test]
    fn hybrid_systems() {
        let own = "4:memory:/process_api/b2382bd6db77ec25e599fd4a81d294bd\n3:cpuset:/\n";
        assert_eq!(listed(&format!("{own}0::/libpod_parent/libpod-ID\n")), all("/libpod_parent/libpod-ID"));
        let text = "4:memory:/docker/ID\n3:cpuset:/docker/ID\n0::/system.slice/containerd.service\n";
        let unified = "/system.slice/containerd.service";
        let expected = [
            "cpuset=/docker/ID".to_string(),
            format!("cpu={unified}"),
            format!("cpuacct={unified}"),
            format!("io={unified}"),
            "memory=/docker/ID".into(),
        ];
        assert_eq!(listed(text), expected);
    }

    #[test]
    fn seen_from_inside_a_namespace() {
        assert_eq!(listed("0::/../../system.slice/x.service\n"), all("/system.slice/x.service"));
        assert_eq!(listed("0::/../..\n"), all("/"));
        assert_eq!(listed("0::/..x/y\n"), all("/..x/y"));
    }

    #[test]
    fn lines_that_make_no_sense() {
        assert_eq!(listed("0:x\n\n::\n0::relative\n0::/a\0b\n"), all("/"));
    }
}

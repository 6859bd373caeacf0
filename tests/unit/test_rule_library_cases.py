"""What each rule of the library sees, and a neighbour that it leaves alone, for behaviour that the recorded activity
does not hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from builders.activity import CONTAINER, CREATE, TRUNCATE, WRITE, Activity, tuple4
from vigie.runtime.rules.load import load
from vigie.runtime.rules.settings import RuleSettings, Selection
from vigie.runtime.rules.sources import library
from vigie.runtime.watch import Watch

Case = Callable[[Activity], object]
IN = CONTAINER
PRIVILEGED = "dead" + "1" * 60
ADMIN = 1 << 21
CASES: list[tuple[str, bool, Case]] = []
"""Rule, whether it matches the last event, what is done."""


def seen(rule: str, *cases: Case) -> None:
    CASES.extend((rule, True, case) for case in cases)


def left_alone(rule: str, *cases: Case) -> None:
    CASES.extend((rule, False, case) for case in cases)


def wrote(path: str, flags: int = 0, comm: str = "evil", **process: object) -> Case:
    return lambda a: a.open(a.process(comm, **process), path, WRITE | flags)  # type: ignore[arg-type]


def read(path: str, comm: str = "evil", **process: object) -> Case:
    return lambda a: a.open(a.process(comm, **process), path)  # type: ignore[arg-type]


def ran(*command: str, **process: object) -> Case:
    return lambda a: a.process(*command, **process)  # type: ignore[arg-type]


def child(parent: str, *command: str, **process: object) -> Case:
    return lambda a: a.process(*command, parent=a.process(parent, **process), **process)  # type: ignore[arg-type]


def connected(comm: str, target: str, port: int, protocol: int = 6, **process: object) -> Case:
    return lambda a: a.connect(a.process(comm, **process), target, port, protocol)  # type: ignore[arg-type]


def did(name: str, comm: str = "evil", values: dict[str, object] | None = None, **process: object) -> Case:
    return lambda a: a.event(name, a.process(comm, **process), **(values or {}))  # type: ignore[arg-type]


def accepted(a: Activity, comm: str, source: str = "203.0.113.9") -> int:
    tid = a.process(comm)
    a.event("accept4", tid, fd=6, tuple=tuple4(source, 5, "192.0.2.7", 80), flags=0)
    return tid


def received(comm: str, data: bytes) -> Case:
    return lambda a: a.event("recvfrom", accepted(a, comm), res=len(data), data=data, fd=6, size=99)


# Stable
seen(
    "Read sensitive file untrusted",
    read("/etc/sudoers.d/site"),
    read("/etc/pam.d/su"),
    read("/etc/shadow", container=IN),
)
left_alone("Read sensitive file untrusted", read("/etc/shadow", "sshd"), read("/etc/shadow-"), read("/etc/passwd"))
seen("Run shell untrusted", child("redis-server", "sh", "-c", "id"), child("nginx", "bash"))
left_alone(
    "Run shell untrusted",
    child("bash", "sh"),
    child("nginx", "id"),
    child("nginx", "sh", "-c", "uname -p 2> /dev/null"),
)
seen("Terminal shell in container", ran("bash", tty=34816, container=IN))
left_alone("Terminal shell in container", ran("bash", container=IN), ran("bash", tty=34816))
seen("Drop and execute new binary in container", ran("dropped", flags=2, container=IN))
left_alone("Drop and execute new binary in container", ran("dropped", flags=2), ran("built-in", flags=8, container=IN))
seen("Debugfs Launched in Privileged Container", ran("debugfs", container=PRIVILEGED))
left_alone("Debugfs Launched in Privileged Container", ran("debugfs", container=IN), ran("debugfs"))
seen("Clear Log Activities", wrote("/var/log/secure", TRUNCATE))
left_alone("Clear Log Activities", wrote("/var/log/secure"), wrote("/home/me/notes", TRUNCATE))
seen("Remove Bulk Data from Disk", ran("mkfs", "/dev/sdb"))
seen("Disallowed SSH Connection Non Standard Port", connected("ssh", "203.0.113.9", 443))
left_alone(
    "Disallowed SSH Connection Non Standard Port",
    connected("ssh", "203.0.113.9", 22),
    connected("ssh", "10.1.2.3", 443),
    connected("curl", "203.0.113.9", 443),
)
seen("Detect release_agent File Container Escapes", wrote("/cg/release_agent", container=IN, capabilities=ADMIN))
left_alone("Detect release_agent File Container Escapes", wrote("/cg/release_agent", container=IN))
seen("Fileless execution via memfd_create", ran("3", flags=4))
left_alone("Fileless execution via memfd_create", ran("runc:[2:INIT]", flags=4))

# Incubating
seen("Modify Shell Configuration File", wrote("/home/me/.bashrc"), wrote("/etc/zsh/zshrc"))
left_alone(
    "Modify Shell Configuration File", wrote("/home/me/.bashrc", comm="bash"), wrote("/etc/profile", comm="dpkg")
)
seen("Schedule Cron Jobs", wrote("/etc/crontab"), wrote("/etc/cron.daily/x"), ran("crontab", "-e"))
seen("Adding ssh keys to authorized_keys", wrote("/home/me/.ssh/authorized_keys"), wrote("/root/.ssh/authorized_keys"))
left_alone("Adding ssh keys to authorized_keys", wrote("/root/.ssh/authorized_keys", comm="ssh-copy-id"))
seen("Read ssh information", read("/home/me/.ssh/id_rsa"), lambda a: a.open(a.process("x"), "/root/.ssh", 1 | 1024))
left_alone("Read ssh information", read("/home/me/.ssh/id_rsa", "ssh"))
seen("DB program spawned process", child("postgres", "ls"))
left_alone("DB program spawned process", child("postgres", "postgres"))
seen("Change namespace privileges via unshare", did("unshare", values={"res": 0, "flags": 32}, container=IN))
left_alone("Change namespace privileges via unshare", did("unshare", values={"res": 0, "flags": 32}))
seen("System procs network activity", connected("cat", "203.0.113.9", 80))
left_alone("System procs network activity", connected("cat", "127.0.0.1", 80), connected("evil", "203.0.113.9", 80))
seen("Program run with disallowed http proxy env", ran("curl", "x", env="http_proxy=http://203.0.113.9"))
left_alone("Program run with disallowed http proxy env", ran("curl", "x"))
seen("Unexpected UDP Traffic", connected("evil", "203.0.113.9", 31337, 17))
left_alone("Unexpected UDP Traffic", connected("evil", "203.0.113.9", 53, 17), connected("evil", "203.0.113.9", 31337))
seen("Non sudo setuid", did("setuid", values={"res": 0, "uid": 1234}))
left_alone("Non sudo setuid", did("setuid", values={"res": 0, "uid": 0}), did("setuid", "su", {"res": 0, "uid": 1234}))
left_alone("User mgmt binaries", ran("passwd", "-S", "root"), child("cron", "useradd"), ran("useradd", container=IN))
seen("User mgmt binaries", ran("useradd", "x"), ran("chage", "-E", "0", "x"))
seen(
    "Create files below dev", wrote("/dev/.x", CREATE), lambda a: a.event("creat", a.process("x"), fd=5, name="/dev/.y")
)
left_alone("Create files below dev", wrote("/dev/null", CREATE), wrote("/dev/shm/x", CREATE))
METADATA = "169.254.169.254"
seen("Contact EC2 Instance Metadata Service From Container", connected("curl", METADATA, 80, container=IN))
left_alone("Contact EC2 Instance Metadata Service From Container", connected("curl", METADATA, 80))
seen("Contact cloud metadata service from container", connected("curl", METADATA, 80, container=IN))
seen("Launch Package Management Process in Container", ran("apk", "add", "x", container=IN))
left_alone("Launch Package Management Process in Container", ran("apk", "add"), child("apk", "apk", container=""))
seen("Launch Remote File Copy Tools in Container", ran("rsync", "a", "b", container=IN))
seen("Launch Ingress Remote File Copy Tools in Container", ran("curl", "-s", "-o", "x", "http://y", container=IN))
left_alone("Launch Ingress Remote File Copy Tools in Container", ran("curl", "http://y", container=IN))
seen("Mount Launched in Privileged Container", ran("mount", "/dev/sda1", "/mnt", container=PRIVILEGED))
left_alone(
    "Mount Launched in Privileged Container", ran("mount", container=PRIVILEGED), ran("mount", "a", "b", container=IN)
)
seen("Launch Privileged Container", lambda a: a.container("f" * 64, privileged=True, imagerepo="box"))
left_alone("Launch Privileged Container", lambda a: a.container("e" * 64, privileged=False, imagerepo="box"))
seen("Read environment variable from /proc files", read("/proc/7/environ", container=IN))
left_alone("Read environment variable from /proc files", read("/proc/7/environ"), read("/proc/7/status", container=IN))
seen("Exfiltrating Artifacts via Kubernetes Control Plane", read("/srv/data", "tar", container=IN))
left_alone("Exfiltrating Artifacts via Kubernetes Control Plane", read("/etc/ld.so.cache", "tar", container=IN))
seen("Backdoored library loaded into SSHD (CVE-2024-3094)", read("/usr/lib/liblzma.so.5.6.1", "sshd"))
seen("BPF Program Not Profiled", did("bpf", values={"fd": 3, "cmd": 5}))
left_alone(
    "BPF Program Not Profiled", did("bpf", values={"fd": 3, "cmd": 1}), did("bpf", "systemd", {"fd": 3, "cmd": 5})
)

CAPABLE = "Launch Excessively Capable Container"
seen(CAPABLE, lambda a: a.first_process(IN, capabilities=ADMIN))
left_alone(CAPABLE, lambda a: a.first_process(IN, capabilities=1), ran("app", capabilities=ADMIN, container=IN))

# Sandbox
seen("Unexpected inbound connection source", lambda a: accepted(a, "x"))
left_alone("Unexpected inbound connection source", lambda a: accepted(a, "x", "10.2.3.4"))
seen("Interpreted procs inbound network activity", lambda a: accepted(a, "python3"))
left_alone("Interpreted procs inbound network activity", lambda a: accepted(a, "nginx"))
seen("Java Process Class File Download", received("java", b"..\xca\xfe\xba\xbe.."))
left_alone("Java Process Class File Download", received("java", b"GET"), received("curl", b"\xca\xfe\xba\xbe"))
seen("Container Run as Root User", lambda a: a.first_process(IN))
left_alone("Container Run as Root User", lambda a: a.first_process(IN, uid=1000), ran("app", container=IN))
seen("Read Shell Configuration File", read("/root/.profile"))
seen("Update Package Repository", wrote("/etc/apt/sources.list"), wrote("/etc/yum.repos.d/x.repo"))
left_alone("Update Package Repository", wrote("/etc/apt/sources.list", comm="add-apt-repository"))
seen("Write below binary dir", wrote("/usr/bin/ls"))
left_alone("Write below binary dir", wrote("/usr/bin/ls", comm="dpkg"), wrote("/usr/local/bin/x"))
seen("Write below etc", wrote("/etc/hosts"))
left_alone("Write below etc", wrote("/etc/ld.so.cache", comm="ldconfig"), wrote("/etc/nginx/conf.d/x.conf"))
seen("Write below root", wrote("/x"), wrote("/root/x"))
left_alone("Write below root", wrote("/root/.cache/a/b"), wrote("/srv/x"))
seen("Write below rpm database", wrote("/var/lib/rpm/Packages"))
left_alone("Write below rpm database", wrote("/var/lib/rpm/Packages", comm="rpm"))
gone: dict[str, object] = {"res": 0, "dirfd": -100, "name": "/usr/bin/ls", "flags": 0}
moved: dict[str, object] = {
    "res": 0,
    "olddirfd": -100,
    "oldpath": "/tmp/x",
    "newdirfd": -100,
    "newpath": "/bin/x",
    "flags": 0,
}
seen("Modify binary dirs", did("unlinkat", values=gone), did("renameat2", values=moved))
left_alone("Modify binary dirs", did("unlinkat", "apt", gone), did("unlinkat", values={**gone, "name": "/tmp/x"}))
seen("Mkdir binary dirs", did("mkdir", values={"res": 0, "path": "/usr/bin/.x", "mode": 0o755}))
PROC = [{"Source": "/proc", "Destination": "/host/proc", "Mode": "", "RW": True, "Propagation": "private"}]
DATA = [{**PROC[0], "Source": "/srv/data", "Destination": "/data"}]
seen("Launch Sensitive Mount Container", lambda a: a.container("a" * 64, Mounts=PROC, imagerepo="box"))
left_alone("Launch Sensitive Mount Container", lambda a: a.container("b" * 64, Mounts=DATA, imagerepo="box"))
left_alone("Launch Disallowed Container", lambda a: a.container("d" * 64, imagerepo="box"))
seen("Interpreted procs outbound network activity", connected("python3.11", "203.0.113.9", 80))
seen("Unexpected K8s NodePort Connection", connected("x", "10.0.0.1", 30080, container=IN))
seen("Create Hidden Files or Directories", wrote("/srv/.x", CREATE))
seen("Detect crypto miners using the Stratum protocol", ran("x", "-o", "stratum+tcp://pool:3333"))
seen("Kubernetes Client Tool Launched in Container", ran("kubectl", "get", "pods", container=IN))
drift: dict[str, object] = {"res": 0, "dirfd": -100, "filename": "/tmp/x", "mode": 0o100}
# The driver's numbers of mode bits are the kernel's.
seen("Container Drift Detected (chmod)", did("fchmodat", values=drift, container=IN))
seen(
    "Container Drift Detected (open+create)",
    lambda a: a.open(a.process("x", container=IN), "/tmp/y", WRITE | CREATE, 0o755),
)
seen("Sudo Potential Privilege Escalation", ran("sudoedit", "-s", "x\\", uid=1000))
left_alone("Sudo Potential Privilege Escalation", ran("sudo", "-s", "x", uid=1000), ran("sudoedit", "-s", "x\\"))
LONG = "Unprivileged Delegation of Page Faults Handling to a Userspace Process"
seen(LONG, did("userfaultfd", values={"res": 4, "flags": 0}, uid=1000))
left_alone(LONG, did("userfaultfd", values={"res": 4, "flags": 0}))
seen("Polkit Local Privilege Escalation Vulnerability (CVE-2021-4034)", ran("pkexec", uid=1000))
left_alone("Polkit Local Privilege Escalation Vulnerability (CVE-2021-4034)", ran("pkexec", "id", uid=1000))
seen("Modify Container Entrypoint", wrote("/proc/self/exe", container=IN))
seen("Decoding Payload in Container", ran("base64", "-d", container=IN), ran("base64", "--decode", container=IN))
left_alone("Decoding Payload in Container", ran("base64", "-d"), ran("base64", "file", container=IN))
seen("Basic Interactive Reconnaissance", ran("whoami", tty=34816))
left_alone("Basic Interactive Reconnaissance", ran("whoami"))
seen("Netcat/Socat Remote Code Execution on Host", ran("nc", "-e", "/bin/sh"), ran("socat", "TCP:x:1", "EXEC:sh"))
left_alone("Netcat/Socat Remote Code Execution on Host", ran("nc", "-l", "80"), ran("nc", "-e", "sh", container=IN))
seen("Network Tool Executed During NPM Package Install", child("npm", "curl", "x", container=IN))
left_alone("Network Tool Executed During NPM Package Install", child("bash", "curl", "x", container=IN))
seen("Known Cryptominer Process Executed", ran("xmrig"), ran("x", "--donate-level", "1"))
seen("Web Server Spawned Shell", child("php-fpm", "sh"))
seen("Web Server Spawned Suspicious Child Process", child("apache2", "whoami"))
left_alone("Web Server Spawned Suspicious Child Process", child("apache2", "apache2"), child("bash", "whoami"))


def _handed(comm: str) -> Case:
    def act(a: Activity) -> None:
        a.event("dup2", accepted(a, comm), res=0, oldfd=6, newfd=0)

    return act


seen("Reverse Shell from Web Server", _handed("httpd"))
left_alone("Reverse Shell from Web Server", _handed("evil"))
seen("Privileged Container Device Access", read("/dev/sda1", container=PRIVILEGED))
left_alone(
    "Privileged Container Device Access", read("/dev/sda1", container=IN), read("/dev/null", container=PRIVILEGED)
)
seen("Container Access to Host Sensitive Paths", read("/host/etc/shadow", container=IN))
left_alone("Container Access to Host Sensitive Paths", read("/host/proc/stat", container=IN), read("/host/etc/shadow"))


def _found(folder: Path) -> list[set[str]]:
    """For each case the rules that match its last event, all rules on."""
    activity = Activity()
    activity.container(IN, privileged=False, imagerepo="box")
    activity.container(PRIVILEGED, privileged=True, imagerepo="box")
    activity.process("first")
    last = []
    for _, _, case in CASES:
        case(activity)
        last.append(activity.time)
    path = folder / "activity.scap"
    activity.save(path)
    settings = RuleSettings(selections=(Selection(enable=True, rule="*"),), first=False)
    watch = Watch(load(list(library(("stable", "incubating", "sandbox"))), settings=settings).ruleset.sets, first=False)
    rules: dict[int, set[str]] = {}
    for batch in watch.replay(path):
        for alert in batch:
            rules.setdefault(alert.time, set()).add(alert.rule)
    return [rules.get(time, set()) for time in last]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[set[str]]:
    return _found(tmp_path_factory.mktemp("activity"))


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda index: f"{CASES[index][0]}-{CASES[index][1]}")
def test_rule_sees_what_it_is_for(found: list[set[str]], index: int) -> None:
    rule, expected, _ = CASES[index]
    assert (rule in found[index]) is expected, found[index]

"""Checks of whom containers run as, and of what the kernel lets them do: file system, seccomp, AppArmor, SELinux."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, flaw
from vigie.misconfig.checks.kubernetes.declared import CONTEXT, DOCS, STANDARDS, workload
from vigie.misconfig.languages.kubernetes.objects import Container, Map, Pod, mapping, number, text, true

LOWEST_ID = 10_000
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
SECCOMP = DOCS + "tutorials/security/seccomp/"
SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t")


@workload(
    "KSV-0012",
    "container",
    "MEDIUM",
    "no-root",
    "Containers should not be able to run as root",
    "A process that is root in its container is root on the node once it finds a way out.",
    "Set `runAsNonRoot: true` in the security context of the pod or of the container.",
    CONTEXT,
)
def not_root(container: Container) -> Flaws:
    # The peer lets a container pass that switches off what its pod switches on; Kubernetes does not.
    if "runAsNonRoot" in container.own:
        enforced = true(container.own, "runAsNonRoot")
    else:
        enforced = true(container.pod.security, "runAsNonRoot")
    if not enforced:
        yield flaw(f"{container.subject} may run as root: 'securityContext.runAsNonRoot' is not true.", container)


@workload(
    "KSV-0014",
    "container",
    "HIGH",
    "use-readonly-filesystem",
    "The root file system of containers should be read-only",
    "Where nothing can be written, programs cannot be replaced and tools cannot be dropped.",
    "Set `securityContext.readOnlyRootFilesystem: true` and mount an `emptyDir` where the program must write.",
    CONTEXT,
)
def read_only_root(container: Container) -> Flaws:
    if not true(container.own, "readOnlyRootFilesystem"):
        yield flaw(
            f"{container.subject} can write to its root file system: 'securityContext.readOnlyRootFilesystem' "
            "is not true.",
            container,
        )


@workload(
    "KSV-0020",
    "container",
    "LOW",
    "use-high-uid",
    "Containers should run with a user ID above 10000",
    "Low IDs belong to accounts of the node; who leaves the container then has the rights of one of them.",
    "Set `securityContext.runAsUser` to a number above 10000.",
    CONTEXT,
)
def high_user(container: Container) -> Flaws:
    if (number(container.security.get("runAsUser")) or 0) <= LOWEST_ID:
        yield flaw(f"{container.subject} sets no user ID above 10000 ('securityContext.runAsUser').", container)


@workload(
    "KSV-0021",
    "container",
    "LOW",
    "use-high-gid",
    "Containers should run with a group ID above 10000",
    "Low IDs belong to groups of the node; who leaves the container then has the rights of one of them.",
    "Set `securityContext.runAsGroup` to a number above 10000.",
    CONTEXT,
)
def high_group(container: Container) -> Flaws:
    if (number(container.security.get("runAsGroup")) or 0) <= LOWEST_ID:
        yield flaw(f"{container.subject} sets no group ID above 10000 ('securityContext.runAsGroup').", container)


@workload(
    "KSV-0105",
    "pod",
    "LOW",
    "containers-not-run-as-root",
    "No user ID should be 0",
    "User 0 is root: whatever goes wrong in the container goes wrong with its rights.",
    "Set `securityContext.runAsUser` to another number.",
    STANDARDS,
)
def no_root_user(pod: Pod) -> Flaws:
    if number(pod.security.get("runAsUser")) == 0:
        yield flaw(
            f"{pod.subject} runs its containers as root: 'securityContext.runAsUser' is 0.",
            pod.object.below(pod.holder, "spec", "securityContext"),
        )
    for container in pod.containers:
        if number(container.own.get("runAsUser")) == 0:
            yield flaw(
                f"{container.subject} runs as root: 'securityContext.runAsUser' is 0.",
                container.below("securityContext"),
            )


@workload(
    "KSV-0002",
    "container",
    "LOW",
    "use-default-apparmor-profile",
    "AppArmor's default profile should stay on",
    "The default profile keeps a container from what only attackers need, such as writing to kernel settings.",
    "Remove the annotation, or set it to `runtime/default`.",
    DOCS + "tutorials/security/apparmor/",
)
def default_apparmor(container: Container) -> Flaws:
    profile = container.pod.annotations.get(APPARMOR + container.name)
    if profile is not None and profile != "runtime/default":
        yield flaw(f"{container.subject} changes its AppArmor profile to '{profile}'.", container)


@workload(
    "KSV-0025",
    "pod",
    "MEDIUM",
    "no-custom-selinux-options",
    "SELinux options should keep containers confined",
    "Other types, users and roles can take a container out of the confinement that SELinux gives it.",
    "Remove `seLinuxOptions`, or use the type container_t, container_init_t or container_kvm_t and no user or role.",
    STANDARDS,
)
def default_selinux(pod: Pod) -> Flaws:
    what = _selinux(mapping(pod.security.get("seLinuxOptions")))
    if what:
        yield flaw(f"{pod.subject} {what}.", pod.object.below(pod.holder, "spec", "securityContext", "seLinuxOptions"))
    for container in pod.containers:
        what = _selinux(mapping(container.own.get("seLinuxOptions")))
        if what:
            yield flaw(f"{container.subject} {what}.", container)


def _selinux(options: Map) -> str:
    """What is wrong with SELinux options, "" for nothing."""
    type_ = options.get("type", "")
    if type_ not in SELINUX_TYPES:
        return f"sets the SELinux type '{type_}'"
    named = [key for key in ("user", "role") if options.get(key)]
    return f"sets the SELinux {' and '.join(named)}" if named else ""


def seccomp(container: Container) -> str:
    """The type of a container's seccomp profile, the pod's if it has none; "" when neither says."""
    return text(mapping(container.security.get("seccompProfile")).get("type"))


@workload(
    "KSV-0030",
    "container",
    "LOW",
    "use-default-seccomp",
    "Containers should run with the runtime's seccomp profile",
    "Without a profile a container may make every system call, and each of them is a way into the kernel.",
    "Set `securityContext.seccompProfile.type: RuntimeDefault` in the pod or in the container.",
    SECCOMP,
)
def default_seccomp(container: Container) -> Flaws:
    annotation = container.pod.annotations.get(SECCOMP_POD)
    if annotation is not None:
        wrong = annotation != "runtime/default"
    else:
        wrong = seccomp(container) not in ("RuntimeDefault", "Localhost")
    if wrong:
        yield flaw(f"{container.subject} does not run with the runtime's seccomp profile.", container)


@workload(
    "KSV-0104",
    "container",
    "MEDIUM",
    "no-seccomp-unconfined",
    "Seccomp should not be off",
    "An unconfined container may make every system call; many ways out of containers began with a rare one.",
    "Set `securityContext.seccompProfile.type` to `RuntimeDefault` or `Localhost`.",
    STANDARDS,
    SECCOMP,
)
def confined(container: Container) -> Flaws:
    profile = seccomp(container) or text(container.pod.annotations.get(SECCOMP_CONTAINER + container.name))
    if not profile:
        yield flaw(f"{container.subject} names no seccomp profile.", container)
    elif profile.lower() == "unconfined":
        yield flaw(f"{container.subject} runs with seccomp switched off ('{profile}').", container)

"""Checks of what a container may do: privileges, capabilities, ports."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, flaw
from vigie.misconfig.checks.kubernetes.declared import CONTEXT, STANDARDS, workload
from vigie.misconfig.languages.kubernetes.objects import Container, Pod, false, mapping, number, true

CAPABILITIES = "https://man7.org/linux/man-pages/man7/capabilities.7.html"


@workload(
    "KSV-0001",
    "container",
    "MEDIUM",
    "no-self-privesc",
    "Containers should not be able to gain privileges",
    "A process can get more rights than its parent, for instance by a program that runs as root whoever starts it.",
    "Set `securityContext.allowPrivilegeEscalation: false`.",
    CONTEXT,
)
def no_escalation(container: Container) -> Flaws:
    if not false(container.own, "allowPrivilegeEscalation"):
        yield flaw(
            f"{container.subject} may gain privileges: 'securityContext.allowPrivilegeEscalation' is not false.",
            container,
        )


@workload(
    "KSV-0003",
    "container",
    "LOW",
    "drop-default-capabilities",
    "Containers should give up all capabilities",
    "The default set allows more than most programs need, such as writing raw packets or changing the owners of files.",
    "Drop `ALL` in `securityContext.capabilities.drop` and add back the few that are needed.",
    STANDARDS,
)
def drops_all(container: Container) -> Flaws:
    if not container.drops_all:
        yield flaw(f"{container.subject} keeps default capabilities: it does not drop 'ALL'.", container)


@workload(
    "KSV-0004",
    "container",
    "LOW",
    "drop-unused-capabilities",
    "Containers should say which capabilities they give up",
    "Each capability that is not used is only of use to an attacker.",
    "List them in `securityContext.capabilities.drop`; best drop `ALL`.",
    CONTEXT,
)
def drops_some(container: Container) -> Flaws:
    if container.drop is None:
        yield flaw(
            f"{container.subject} drops no capability: 'securityContext.capabilities.drop' is missing.", container
        )


@workload(
    "KSV-0005",
    "container",
    "HIGH",
    "no-sysadmin-capability",
    "Containers should not add SYS_ADMIN",
    "SYS_ADMIN is nearly root: it allows mounting file systems and more ways out of the container.",
    "Remove `SYS_ADMIN` from `securityContext.capabilities.add`.",
    CAPABILITIES,
)
def no_sys_admin(container: Container) -> Flaws:
    if container.adds("SYS_ADMIN"):
        yield flaw(f"{container.subject} adds the capability 'SYS_ADMIN'.", container)


@workload(
    "KSV-0017",
    "container",
    "HIGH",
    "no-privileged-containers",
    "Containers should not be privileged",
    "A privileged container has all capabilities and devices of the node; leaving it is easy.",
    "Remove `securityContext.privileged`, and add the one capability that is needed.",
    STANDARDS,
)
def not_privileged(container: Container) -> Flaws:
    if true(container.own, "privileged"):
        yield flaw(f"{container.subject} is privileged: 'securityContext.privileged' is true.", container)


@workload(
    "KSV-0022",
    "container",
    "MEDIUM",
    "no-non-default-capabilities",
    "Containers should not add capabilities",
    "Each added capability is a right that containers do not have by default.",
    "Remove the entries of `securityContext.capabilities.add`.",
    STANDARDS,
)
def adds_nothing(container: Container) -> Flaws:
    if container.add:
        yield flaw(f"{container.subject} adds capabilities: {', '.join(container.add)}.", container)


@workload(
    "KSV-0024",
    "container",
    "HIGH",
    "no-host-port-access",
    "Containers should not take ports of the node",
    "The port is open on the node itself, past services and network policies, and binds the pod to free nodes.",
    "Remove `hostPort` and put a service in front.",
    STANDARDS,
)
def no_host_port(container: Container) -> Flaws:
    # The peer blames every container of an object in which one takes a port.
    for port in container.ports:
        if port.get("hostPort"):
            yield flaw(f"{container.subject} takes port {port['hostPort']} of the node ('hostPort').", container)


@workload(
    "KSV-0027",
    "container",
    "MEDIUM",
    "no-custom-proc-mask",
    "Containers should keep the default view of /proc",
    "The default hides parts of /proc from which the kernel's state can be read or changed.",
    "Remove `securityContext.procMount`.",
    STANDARDS,
)
def default_proc(container: Container) -> Flaws:
    # The peer objects to any value; `Default` is what holds without it, and the standard allows it.
    value = container.own.get("procMount")
    if value not in (None, "Default"):
        yield flaw(
            f"{container.subject} changes the view of /proc: 'securityContext.procMount' is '{value}'.", container
        )


@workload(
    "KSV-0103",
    "pod",
    "MEDIUM",
    "no-hostprocess-containers",
    "Windows containers should not run as processes of the host",
    "A HostProcess container has the node's rights, files and network.",
    "Remove `windowsOptions.hostProcess` or set it to false.",
    STANDARDS,
)
def no_host_process(pod: Pod) -> Flaws:
    if true(mapping(pod.security.get("windowsOptions")), "hostProcess"):
        yield flaw(
            f"{pod.subject} runs its containers as processes of the host ('windowsOptions.hostProcess').",
            pod.object.below(pod.holder, "spec", "securityContext"),
        )
    for container in pod.containers:
        if true(mapping(container.own.get("windowsOptions")), "hostProcess"):
            yield flaw(
                f"{container.subject} runs as a process of the host ('windowsOptions.hostProcess').",
                container.below("securityContext", "windowsOptions"),
            )


@workload(
    "KSV-0106",
    "container",
    "LOW",
    "drop-caps-add-bind-svc",
    "Containers should drop all capabilities and add NET_BIND_SERVICE at most",
    "Binding ports below 1024 is the only right that the restricted standard leaves to containers.",
    "Drop `ALL`, and add nothing but `NET_BIND_SERVICE`.",
    STANDARDS,
)
def only_bind_service(container: Container) -> Flaws:
    if not container.drops_all:
        yield flaw(f"{container.subject} does not drop 'ALL' capabilities.", container)
        return
    others = [name for name in container.add if name.upper().removeprefix("CAP_") != "NET_BIND_SERVICE"]
    if others:
        yield flaw(
            f"{container.subject} adds more than 'NET_BIND_SERVICE': {', '.join(others)}.",
            container.below("securityContext", "capabilities"),
        )


@workload(
    "KSV-0117",
    "container",
    "MEDIUM",
    "no-privilege-port-binding",
    "Containers should listen on ports from 1024 on",
    "Lower ports need root or a capability, which the container then has for everything else, too.",
    "Listen on a port from 1024 on, and map the low one in the service.",
    "https://kubernetes.io/docs/concepts/services-networking/service/",
)
def no_low_port(container: Container) -> Flaws:
    for port in container.ports:
        value = number(port.get("containerPort"))
        if value is not None and value < 1024:
            yield flaw(f"{container.subject} listens on port {value}, which needs privileges.", container)


@workload(
    "KSV-0119",
    "container",
    "HIGH",
    "no-net-raw",
    "Containers should not add NET_RAW",
    "With raw sockets a container can forge packets and listen to those of its neighbours.",
    "Remove `NET_RAW` from `securityContext.capabilities.add`.",
    CAPABILITIES,
)
def no_net_raw(container: Container) -> Flaws:
    if container.adds("NET_RAW"):
        yield flaw(f"{container.subject} adds the capability 'NET_RAW'.", container)


@workload(
    "KSV-0120",
    "container",
    "HIGH",
    "no-sysmodule-capability",
    "Containers should not add SYS_MODULE",
    "Who may load kernel modules controls the node.",
    "Remove `SYS_MODULE` from `securityContext.capabilities.add`.",
    CAPABILITIES,
)
def no_sys_module(container: Container) -> Flaws:
    if container.adds("SYS_MODULE"):
        yield flaw(f"{container.subject} adds the capability 'SYS_MODULE'.", container)

"""Checks of the options of kube-controller-manager and kube-scheduler."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, flaw
from vigie.misconfig.checks.kubernetes.declared import DOCS, cluster
from vigie.misconfig.checks.kubernetes.flags import required, value
from vigie.misconfig.languages.kubernetes.objects import Container

REFERENCE = DOCS + "reference/command-line-tools-reference/"
MANAGER, SCHEDULER = REFERENCE + "kube-controller-manager/", REFERENCE + "kube-scheduler/"
PROFILES_WHY = "Profiles show the inside of the program and cost time that others then lack."
LOOPBACK_WHY = (
    "Its pages for health and metrics need no proof of who asks; others than the node itself have no business there."
)


@cluster(
    "KCV-0033",
    "controller_manager",
    "ensure-terminated-pod-gc-threshold-argument-is-set-as-appropriate",
    "Ended pods should be removed beyond a set number",
    "Ended pods fill etcd until the cluster slows down or stops.",
    "Set `--terminated-pod-gc-threshold` to what your cluster bears.",
    MANAGER,
)
def ended_pods(container: Container) -> Flaws:
    yield from required(container, "terminated-pod-gc-threshold")


@cluster(
    "KCV-0034",
    "controller_manager",
    "ensure-profiling-argument-is-set-to-false",
    "The controller manager should not serve profiles",
    PROFILES_WHY,
    "Start kube-controller-manager with `--profiling=false`.",
    MANAGER,
    more=("ensure-controller-manager-profiling-argument-set-to-false",),
)
def manager_profiling(container: Container) -> Flaws:
    yield from value(container, "profiling", "false")


@cluster(
    "KCV-0035",
    "controller_manager",
    "ensure-use-service-account-credentials-argument-is-set-to-true",
    "Each controller should use a service account of its own",
    "Otherwise all controllers share one account that may do what any of them must.",
    "Start kube-controller-manager with `--use-service-account-credentials=true`.",
    MANAGER,
    alias="KCV0135",
)
def own_accounts(container: Container) -> Flaws:
    yield from value(container, "use-service-account-credentials", "true")


@cluster(
    "KCV-0036",
    "controller_manager",
    "ensure-service-account-private-key-file-argument-is-set-as-appropriate",
    "Tokens of service accounts should be signed with a key of their own",
    "A key that is used for nothing else can be changed when it leaks.",
    "Set `--service-account-private-key-file`.",
    MANAGER,
)
def account_key(container: Container) -> Flaws:
    yield from required(container, "service-account-private-key-file")


@cluster(
    "KCV-0037",
    "controller_manager",
    "ensure-root-ca-file-argument-is-set-as-appropriate",
    "Pods should be able to verify the API server",
    "Without the authority's certificate pods cannot tell the API server from another that takes its place.",
    "Set `--root-ca-file`.",
    MANAGER,
)
def root_authority(container: Container) -> Flaws:
    yield from required(container, "root-ca-file")


@cluster(
    "KCV-0038",
    "controller_manager",
    "Ensure that the RotateKubeletServerCertificate argument is set to true",
    "Kubelets' certificates should be renewed by themselves",
    "A certificate that ends takes the node out of reach; one that never ends serves a thief for ever.",
    "Set `--feature-gates=RotateKubeletServerCertificate=true`.",
    DOCS + "reference/access-authn-authz/kubelet-tls-bootstrapping/#certificate-rotation",
)
def rotation(container: Container) -> Flaws:
    gates = {gate.strip() for gates in container.flags.get("feature-gates", ()) for gate in gates.split(",")}
    if "RotateKubeletServerCertificate=true" not in gates:
        yield flaw(
            f"{container.subject} does not set 'RotateKubeletServerCertificate=true' in '--feature-gates'.", container
        )


@cluster(
    "KCV-0039",
    "controller_manager",
    "ensure-controller-manager-bind-address-is-loopback",
    "The controller manager should listen on the node itself only",
    LOOPBACK_WHY,
    "Start kube-controller-manager with `--bind-address=127.0.0.1`.",
    MANAGER,
)
def manager_address(container: Container) -> Flaws:
    yield from value(container, "bind-address", "127.0.0.1")


@cluster(
    "KCV-0040",
    "scheduler",
    "ensure-profiling-argument-is-set-to-false",
    "The scheduler should not serve profiles",
    PROFILES_WHY,
    "Start kube-scheduler with `--profiling=false`.",
    SCHEDULER,
    more=("ensure-scheduler-profiling-argument-set-to-false",),
)
def scheduler_profiling(container: Container) -> Flaws:
    yield from value(container, "profiling", "false")


@cluster(
    "KCV-0041",
    "scheduler",
    "ensure-scheduler-bind-address-is-loopback",
    "The scheduler should listen on the node itself only",
    LOOPBACK_WHY,
    "Start kube-scheduler with `--bind-address=127.0.0.1`.",
    SCHEDULER,
)
def scheduler_address(container: Container) -> Flaws:
    yield from value(container, "bind-address", "127.0.0.1")

"""Checks of kube-apiserver's options: who may ask, with which proof, and what is written down."""

from __future__ import annotations

from vigie.misconfig.check import Flaws
from vigie.misconfig.checks.kubernetes.declared import DOCS, cluster
from vigie.misconfig.checks.kubernetes.flags import excludes, forbidden, includes, required, value
from vigie.misconfig.languages.kubernetes.objects import Container

OPTIONS = DOCS + "reference/command-line-tools-reference/kube-apiserver/"
AUTHENTICATION = DOCS + "reference/access-authn-authz/authentication/"
AUTHORIZATION = DOCS + "reference/access-authn-authz/authorization/"
AUDIT = DOCS + "tasks/debug/debug-cluster/audit/"
TLS = DOCS + "setup/best-practices/certificates/"


@cluster(
    "KCV-0001",
    "apiserver",
    "ensure-anonymous-auth-argument-is-false",
    "The API server should refuse anonymous requests",
    "Requests without any credential are let in as `system:anonymous`; one careless binding then serves everybody.",
    "Start kube-apiserver with `--anonymous-auth=false`.",
    AUTHENTICATION,
    severity="MEDIUM",
)
def anonymous(container: Container) -> Flaws:
    yield from value(container, "anonymous-auth", "false")


@cluster(
    "KCV-0002",
    "apiserver",
    "ensure-token-auth-file-parameter-is-not-set",
    "The API server should not read tokens from a file",
    "Such tokens lie in the file as they are, never end, and cannot be changed without a restart.",
    "Remove `--token-auth-file`; use service accounts, certificates or OpenID Connect.",
    AUTHENTICATION + "#static-token-file",
)
def token_file(container: Container) -> Flaws:
    yield from forbidden(container, "token-auth-file")


@cluster(
    "KCV-0004",
    "apiserver",
    "ensure-kubelet-https-argument-is-set-to-true",
    "The API server should talk to kubelets by HTTPS",
    "Otherwise commands, logs and secrets travel to the nodes in plain text.",
    "Remove `--kubelet-https=false`.",
    OPTIONS,
)
def kubelet_https(container: Container) -> Flaws:
    yield from forbidden(container, "kubelet-https", "false")


@cluster(
    "KCV-0005",
    "apiserver",
    "ensure-kubelet-client-certificate-and-kubelet-client-key-are-set",
    "The API server should show kubelets a certificate",
    "A kubelet cannot tell the API server from others, and must then serve everybody or nobody.",
    "Set `--kubelet-client-certificate` and `--kubelet-client-key`.",
    TLS,
)
def kubelet_client(container: Container) -> Flaws:
    yield from required(container, "kubelet-client-certificate", "kubelet-client-key")


@cluster(
    "KCV-0006",
    "apiserver",
    "ensure-kubelet-certificate-authority-argument-is-set",
    "The API server should verify the certificates of kubelets",
    "Without an authority to ask, another machine can take the place of a node and receive what is sent to it.",
    "Set `--kubelet-certificate-authority`.",
    TLS,
)
def kubelet_authority(container: Container) -> Flaws:
    yield from required(container, "kubelet-certificate-authority")


@cluster(
    "KCV-0007",
    "apiserver",
    "ensure-authorization-mode-argument-is-not-set-to-alwaysallow",
    "The API server should not allow every request",
    "With AlwaysAllow whoever is let in may do everything.",
    "Remove `AlwaysAllow` from `--authorization-mode`.",
    AUTHORIZATION,
)
def always_allow(container: Container) -> Flaws:
    yield from excludes(container, "authorization-mode", "AlwaysAllow")


@cluster(
    "KCV-0008",
    "apiserver",
    "ensure-authorization-mode-argument-includes-node",
    "The API server should use the authorization mode Node",
    "It holds each kubelet to the objects of its own node's pods.",
    "Add `Node` to `--authorization-mode`.",
    DOCS + "reference/access-authn-authz/node/",
)
def mode_node(container: Container) -> Flaws:
    yield from includes(container, "authorization-mode", "Node")


@cluster(
    "KCV-0009",
    "apiserver",
    "ensure-authorization-mode-argument-includes-rbac",
    "The API server should use the authorization mode RBAC",
    "Roles and bindings count for nothing without it.",
    "Add `RBAC` to `--authorization-mode`.",
    DOCS + "reference/access-authn-authz/rbac/",
)
def mode_rbac(container: Container) -> Flaws:
    yield from includes(container, "authorization-mode", "RBAC")


@cluster(
    "KCV-0017",
    "apiserver",
    "ensure-secure-port-argument-is-not-set-to-0",
    "The API server should serve its secure port",
    "Port 0 switches HTTPS off.",
    "Remove `--secure-port=0`, or name a port.",
    OPTIONS,
)
def secure_port(container: Container) -> Flaws:
    yield from forbidden(container, "secure-port", "0")


@cluster(
    "KCV-0018",
    "apiserver",
    "ensure-profiling-argument-is-set-to-false",
    "The API server should not serve profiles",
    "Profiles show the inside of the program and cost time that others then lack.",
    "Start kube-apiserver with `--profiling=false`.",
    OPTIONS,
)
def profiling(container: Container) -> Flaws:
    yield from value(container, "profiling", "false")


@cluster(
    "KCV-0019",
    "apiserver",
    "ensure-audit-log-path-argument-is-set",
    "The API server should write an audit log",
    "Without a log nobody can say afterwards who did what.",
    "Set `--audit-log-path`, and a policy with `--audit-policy-file`.",
    AUDIT,
)
def audit_log(container: Container) -> Flaws:
    yield from required(container, "audit-log-path")


@cluster(
    "KCV-0020",
    "apiserver",
    "ensure-audit-log-maxage-argument-is-set-to-30-or-as-appropriate",
    "The audit log should be kept for a set time",
    "An attack is often noticed weeks later; the log must still be there.",
    "Set `--audit-log-maxage` to 30 days or what your rules ask for.",
    AUDIT,
)
def audit_age(container: Container) -> Flaws:
    yield from required(container, "audit-log-maxage")


@cluster(
    "KCV-0021",
    "apiserver",
    "ensure-audit-log-maxbackup-argument-is-set-to-10-or-as-appropriate",
    "A set number of old audit logs should be kept",
    "Without a number old logs are never removed, or are removed by whoever needs the room.",
    "Set `--audit-log-maxbackup` to 10 or what your rules ask for.",
    AUDIT,
)
def audit_backups(container: Container) -> Flaws:
    yield from required(container, "audit-log-maxbackup")


@cluster(
    "KCV-0022",
    "apiserver",
    "ensure-audit-log-maxsize-argument-is-set-to-100-or-as-appropriate",
    "Audit logs should be rotated at a set size",
    "A log that grows without end fills the disk and stops the API server.",
    "Set `--audit-log-maxsize` to 100 MB or what your rules ask for.",
    AUDIT,
)
def audit_size(container: Container) -> Flaws:
    yield from required(container, "audit-log-maxsize")


@cluster(
    "KCV-0024",
    "apiserver",
    "ensure-service-account-lookup-argument-is-set-to-true",
    "The API server should look up service accounts",
    "Otherwise the token of a deleted account goes on working.",
    "Remove `--service-account-lookup=false`.",
    OPTIONS,
)
def account_lookup(container: Container) -> Flaws:
    yield from forbidden(container, "service-account-lookup", "false")


@cluster(
    "KCV-0025",
    "apiserver",
    "ensure-service-account-key-file-argument-is-set-as-appropriate",
    "Tokens of service accounts should have a key of their own",
    "By default the server's TLS key signs them, and cannot be changed without ending all of them.",
    "Set `--service-account-key-file`.",
    OPTIONS,
)
def account_key(container: Container) -> Flaws:
    yield from required(container, "service-account-key-file")


@cluster(
    "KCV-0026",
    "apiserver",
    "ensure-etcd-certfile-and-etcd-keyfile-arguments-are-set-as-appropriate",
    "The API server should show etcd a certificate",
    "An etcd that serves clients without one serves everybody, with all data of the cluster.",
    "Set `--etcd-certfile` and `--etcd-keyfile`.",
    TLS,
)
def etcd_client(container: Container) -> Flaws:
    yield from required(container, "etcd-certfile", "etcd-keyfile")


@cluster(
    "KCV-0027",
    "apiserver",
    "ensure-tls-cert-file-and-tls-private-key-file-arguments-are-set-as-appropriate",
    "The API server should have a certificate of its own",
    "Otherwise it makes one itself, which clients cannot verify.",
    "Set `--tls-cert-file` and `--tls-private-key-file`.",
    TLS,
)
def own_certificate(container: Container) -> Flaws:
    yield from required(container, "tls-cert-file", "tls-private-key-file")


@cluster(
    "KCV-0028",
    "apiserver",
    "ensure-client-ca-file-argument-is-set-as-appropriate",
    "The API server should verify clients' certificates",
    "Without an authority clients cannot prove who they are by a certificate.",
    "Set `--client-ca-file`.",
    AUTHENTICATION,
)
def client_authority(container: Container) -> Flaws:
    yield from required(container, "client-ca-file")


@cluster(
    "KCV-0029",
    "apiserver",
    "ensure-etcd-cafile-argument-is-set-as-appropriate",
    "The API server should verify etcd's certificate",
    "Another program could take the place of etcd and receive all data of the cluster.",
    "Set `--etcd-cafile`.",
    TLS,
)
def etcd_authority(container: Container) -> Flaws:
    yield from required(container, "etcd-cafile")


@cluster(
    "KCV-0030",
    "apiserver",
    "Ensure that the --encryption-provider-config argument is set as appropriate",
    "Secrets should be encrypted in etcd",
    "Who gets hold of etcd's files or of a backup reads all secrets.",
    "Set `--encryption-provider-config` to a configuration that encrypts secrets.",
    DOCS + "tasks/administer-cluster/encrypt-data/",
)
def encryption(container: Container) -> Flaws:
    yield from required(container, "encryption-provider-config")

"""Checks of etcd's options."""

from __future__ import annotations

from vigie.misconfig.check import Flaws
from vigie.misconfig.checks.kubernetes.declared import cluster
from vigie.misconfig.checks.kubernetes.flags import forbidden, required, value
from vigie.misconfig.languages.kubernetes.objects import Container

SECURITY = "https://etcd.io/docs/v3.5/op-guide/security/"


@cluster(
    "KCV-0042",
    "etcd",
    "Ensure-cert-file-and-key-file-arguments-are-set-as-appropriate",
    "etcd should serve clients by TLS",
    "All data of the cluster, secrets included, would travel in plain text.",
    "Set `--cert-file` and `--key-file`.",
    SECURITY,
)
def certificate(container: Container) -> Flaws:
    yield from required(container, "cert-file", "key-file")


@cluster(
    "KCV-0043",
    "etcd",
    "ensure-client-cert-auth-argument-is-set-to-true",
    "etcd should ask clients for a certificate",
    "Whoever reaches etcd reads and writes the whole cluster, past the API server and its rights.",
    "Start etcd with `--client-cert-auth=true`.",
    SECURITY,
)
def client_certificates(container: Container) -> Flaws:
    yield from value(container, "client-cert-auth", "true")


@cluster(
    "KCV-0044",
    "etcd",
    "ensure-auto-tls-argument-is-not-set-to-true",
    "etcd should not make its own certificates for clients",
    "Clients cannot verify a certificate that nobody signed.",
    "Remove `--auto-tls=true` and set `--cert-file` and `--key-file`.",
    SECURITY,
)
def auto_tls(container: Container) -> Flaws:
    yield from forbidden(container, "auto-tls", "true")


@cluster(
    "KCV-0045",
    "etcd",
    "ensure-peer-cert-file-and-peer-key-file-arguments-are-set-as-appropriate",
    "etcd should talk to its peers by TLS",
    "The members of etcd send each other all data of the cluster.",
    "Set `--peer-cert-file` and `--peer-key-file`.",
    SECURITY,
)
def peer_certificate(container: Container) -> Flaws:
    yield from required(container, "peer-cert-file", "peer-key-file")


@cluster(
    "KCV-0046",
    "etcd",
    "ensure-peer-client-cert-auth-argument-is-set-to-true",
    "etcd should ask its peers for a certificate",
    "Otherwise another machine can join as a member and receive all data of the cluster.",
    "Start etcd with `--peer-client-cert-auth=true`.",
    SECURITY,
)
def peer_client_certificates(container: Container) -> Flaws:
    yield from value(container, "peer-client-cert-auth", "true")


@cluster(
    "KCV-0047",
    "etcd",
    "ensure-peer-auto-tls-argument-is-not-set-to-true",
    "etcd should not make its own certificates for peers",
    "Peers cannot verify a certificate that nobody signed.",
    "Remove `--peer-auto-tls=true` and set `--peer-cert-file` and `--peer-key-file`.",
    SECURITY,
)
def peer_auto_tls(container: Container) -> Flaws:
    yield from forbidden(container, "peer-auto-tls", "true")

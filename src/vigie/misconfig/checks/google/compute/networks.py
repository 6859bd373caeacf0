"""Checks of Compute Engine subnetworks, and of what load balancers accept of TLS."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.compute import SslPolicy
from vigie.misconfig.resources.google.network import Subnetwork

SUBNETWORKS = "google.compute.networks.subnetworks"
_FLOW_LOGS = ("https://cloud.google.com/vpc/docs/using-flow-logs",)
_NO_LOGS = ("REGIONAL_MANAGED_PROXY", "GLOBAL_MANAGED_PROXY")
"""Purposes of subnetworks that cannot log flows."""


@check(
    "GCP-0029",
    SUBNETWORKS,
    severity="LOW",
    code="enable-vpc-flow-logs",
    title="Subnetworks should have flow logs",
    why="Flow logs record who talked to whom. Without them an intrusion cannot be followed after the fact.",
    fix="Add a `log_config` block to the subnetwork.",
    references=_FLOW_LOGS,
)
def flow_logs(subnetwork: Subnetwork) -> Flaws:
    if not subnetwork.enable_flow_logs.is_true and subnetwork.purpose.differs(*_NO_LOGS):
        yield flaw("The subnetwork has no flow logs.", subnetwork.enable_flow_logs)


@check(
    "GCP-0039",
    "google.compute.ssl_policies",
    severity="CRITICAL",
    code="use-secure-tls-policy",
    title="TLS policies should ask for TLS 1.2 or newer",
    why="TLS 1.0 and 1.1 have known weaknesses with which encrypted traffic can be read or changed.",
    fix="Set `min_tls_version` to `TLS_1_2` or `TLS_1_3`.",
    references=("https://cloud.google.com/load-balancing/docs/ssl-policies-concepts",),
)
def current_tls(policy: SslPolicy) -> Flaws:
    if policy.minimum_tls_version.differs("TLS_1_2", "TLS_1_3"):
        yield flaw(f"The TLS policy accepts {policy.minimum_tls_version.value}.", policy.minimum_tls_version)


@check(
    "GCP-0075",
    SUBNETWORKS,
    severity="LOW",
    code="enable-subnetwork-private-google-access",
    aliases=("google-misc-google-compute-subnetwork-with-private-google-access-disable",),
    title="Subnetworks should reach Google's services privately",
    why="Without private access, instances need a public address, or a way over the internet, to reach Google's APIs.",
    fix="Set `private_ip_google_access` to true.",
    references=("https://cloud.google.com/vpc/docs/configure-private-google-access",),
)
def private_google_access(subnetwork: Subnetwork) -> Flaws:
    if subnetwork.private_ip_google_access.is_false:
        yield flaw("The subnetwork has no private access to Google's APIs.", subnetwork.private_ip_google_access)


@check(
    "GCP-0076",
    SUBNETWORKS,
    severity="MEDIUM",
    code="google-compute-subnetwork-logging",
    aliases=("google-misc-google-compute-subnetwork-logging-disabled",),
    title="Subnetworks should log their traffic",
    why="Unusual traffic inside of the network, such as data leaving or an attacker moving on, is only seen where "
    "flows are logged.",
    fix="Add a `log_config` block to the subnetwork, and keep its logs where alerts look at them.",
    references=_FLOW_LOGS,
)
def traffic_logged(subnetwork: Subnetwork) -> Flaws:
    if subnetwork.enable_flow_logs.is_false and subnetwork.purpose.differs(*_NO_LOGS):
        yield flaw("The subnetwork does not log its traffic.", subnetwork.enable_flow_logs)

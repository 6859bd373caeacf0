"""Checks of what roles allow."""

from __future__ import annotations

from collections.abc import Callable

from vigie.misconfig.check import Check, Flaws, flaw
from vigie.misconfig.checks.kubernetes.declared import RBAC, workload
from vigie.misconfig.languages.kubernetes.objects import Role, Rule
from vigie.model.advisory import Severity

CHANGE = frozenset({"create", "update", "patch", "delete", "deletecollection", "impersonate", "*"})
READ_OR_CHANGE = CHANGE | {"get", "list", "watch"}
GROUP = "rbac.authorization.k8s.io"
WORKLOADS = frozenset(
    {
        *("pods", "deployments", "jobs", "cronjobs", "statefulsets", "daemonsets", "replicasets"),
        "replicationcontrollers",
    }
)
OWNED = WORKLOADS | {
    *("secrets", "roles", "clusterroles", "rolebindings", "clusterrolebindings", "users", "groups"),
}
ROLE, CLUSTER_ROLE = "Role", "ClusterRole"


def listed(names: frozenset[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def grants(rule: Rule, resources: frozenset[str] | set[str], verbs: frozenset[str] | set[str]) -> str:
    """What a rule grants of these verbs on these resources, "" for nothing."""
    which, how = rule.resources & resources, rule.verbs & verbs
    return f"{rule.subject} may {listed(how)} on {listed(which)}" if which and how else ""


def forbids(  # noqa: PLR0917
    id: str,
    severity: Severity,
    code: str,
    title: str,
    why: str,
    fix: str,
    resources: frozenset[str] | set[str],
    verbs: frozenset[str] | set[str],
    kind: str = "",
    more: tuple[str, ...] = (),
) -> Check:
    """A check that objects to rules with one of these verbs on one of these resources, in roles of one kind or any."""

    def run(rule: Rule) -> Flaws:
        if not kind or rule.role.object.kind == kind:
            what = grants(rule, resources, verbs)
            if what:
                yield flaw(f"{what}.", rule)

    declare: Callable[..., Check] = workload(id, "rule", severity, code, title, why, fix, RBAC, more=more)
    return declare(run)


SECRETS_WHY = "Secrets hold passwords, tokens and keys; who reads or replaces them can act as their owner."
secrets_of_cluster = forbids(
    "KSV-0041",
    "CRITICAL",
    "no-manage-secrets",
    "Cluster roles should not reach secrets",
    SECRETS_WHY + " A cluster role reaches those of all namespaces.",
    "Remove `secrets` from the rule; where one secret is needed, name it in `resourceNames` of a role.",
    {"secrets"},
    READ_OR_CHANGE,
    CLUSTER_ROLE,
)
pod_logs = forbids(
    "KSV-0042",
    "MEDIUM",
    "no-delete-pod-logs",
    "Roles should not delete logs of pods",
    "Who deletes logs removes the traces of what was done.",
    "Remove `delete`, `deletecollection` and `*` on `pods/log`.",
    {"pods/log"},
    {"delete", "deletecollection", "*"},
)
wildcard_verbs = forbids(
    "KSV-0045",
    "CRITICAL",
    "no-wildcard-verb-role",
    "Roles should name the verbs they allow",
    "The wildcard allows everything on a resource, verbs that come with later versions included.",
    "Replace `*` by the verbs that are needed.",
    OWNED,
    {"*"},
)
WILDCARD_WHY = "The wildcard covers secrets, roles and every resource that is yet to come."
WILDCARD_VERBS = frozenset({"create", "update", "delete", "deletecollection", "impersonate", "*", "list", "get"})
wildcard_resources_of_cluster = forbids(
    "KSV-0046",
    "CRITICAL",
    "no-wildcard-resource-clusterrole",
    "Cluster roles should name the resources they reach",
    WILDCARD_WHY,
    "Replace `*` in `resources` by the resources that are needed.",
    {"*"},
    WILDCARD_VERBS,
    CLUSTER_ROLE,
)
node_proxy = forbids(
    "KSV-0047",
    "HIGH",
    "no-privilege-escalation-from-node-proxy",
    "Roles should not reach nodes through the proxy",
    "Through `nodes/proxy` the API of the kubelet can be used: commands run in any pod of the node, past admission "
    "and audit.",
    "Remove `nodes/proxy` from the rule; monitoring can use `nodes/metrics`.",
    {"nodes/proxy"},
    {"get", "create"},
)
workloads = forbids(
    "KSV-0048",
    "MEDIUM",
    "deny-create-update-malicious-pod",
    "Roles should not change workloads",
    "Who can start or change pods can run anything, with the rights of every service account of the namespace.",
    "Remove the verb, or give it to the accounts that deploy only.",
    WORKLOADS,
    CHANGE,
)
config_maps = forbids(
    "KSV-0049",
    "MEDIUM",
    "no-manage-configmaps",
    "Roles should not change config maps",
    "Config maps steer what programs do; who changes them changes the programs.",
    "Remove the verb, or name the config map in `resourceNames`.",
    {"configmaps"},
    CHANGE,
)
rbac_resources = forbids(
    "KSV-0050",
    "CRITICAL",
    "no-manage-rbac-resources",
    "Roles should not hand out rights beyond their own",
    "`escalate`, `bind` and `impersonate` are exceptions from the rule that nobody can give more rights than he has.",
    "Remove the verb on `roles` and `rolebindings`.",
    {"roles", "rolebindings"},
    {"escalate", "bind", "impersonate", "*"},
    more=("kubernetes-no-privilege-escalation-rbac",),
)
shells = forbids(
    "KSV-0053",
    "HIGH",
    "no-getting-shell-pods",
    "Roles should not run commands in pods",
    "Who can run a command in a pod has its secrets, its network and its service account.",
    "Remove `pods/exec` from the rule.",
    {"pods/exec"},
    CHANGE,
)
networking = forbids(
    "KSV-0056",
    "HIGH",
    "no-manage-networking-resources",
    "Roles should not change the network",
    "Who changes services, endpoints, ingresses or network policies can read along or open what was closed.",
    "Remove the verb, or give it to the accounts that run the network only.",
    {"services", "endpoints", "endpointslices", "networkpolicies", "ingresses"},
    CHANGE,
)
wildcard_resources = forbids(
    "KSV-0112",
    "CRITICAL",
    "no-wildcard-resource-role",
    "Roles should name the resources they reach",
    WILDCARD_WHY,
    "Replace `*` in `resources` by the resources that are needed.",
    {"*"},
    WILDCARD_VERBS,
    ROLE,
)
secrets = forbids(
    "KSV-0113",
    "MEDIUM",
    "no-manage-ns-secrets",
    "Roles should not reach all secrets of their namespace",
    SECRETS_WHY,
    "Remove `secrets` from the rule, or mount the one secret that is needed.",
    {"secrets"},
    READ_OR_CHANGE,
    ROLE,
)
webhooks = forbids(
    "KSV-0114",
    "CRITICAL",
    "no-manage-webhook",
    "Roles should not change admission webhooks",
    "A webhook sees and may change every object that is sent to the API, secrets included.",
    "Remove the verb on the webhook configurations.",
    {"mutatingwebhookconfigurations", "validatingwebhookconfigurations"},
    CHANGE,
)


@workload(
    "KSV-0043",
    "rule",
    "CRITICAL",
    "no-impersonate-privileged-groups",
    "Roles should not impersonate groups",
    "Who can act as any group can act as `system:masters`, which no rule holds back.",
    "Remove `impersonate`, or name the groups in `resourceNames`.",
    "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation",
)
def impersonates_groups(rule: Rule) -> Flaws:
    if "*" in rule.groups and "groups" in rule.resources and "impersonate" in rule.verbs:
        yield flaw(f"{rule.subject} may impersonate every group.", rule)


@workload(
    "KSV-0044",
    "rule",
    "CRITICAL",
    "no-wildcard-verb-resource-role",
    "Roles should not allow everything",
    "Such a rule makes its holders administrators, whatever the role is called.",
    "Name API groups, resources and verbs.",
    RBAC,
)
def everything(rule: Rule) -> Flaws:
    if "*" in rule.groups and "*" in rule.resources and "*" in rule.verbs:
        yield flaw(f"{rule.subject} allows every verb on every resource of every API group.", rule)


@workload(
    "KSV-0055",
    "rule",
    "LOW",
    "view-all-secrets",
    "Roles should not add members to role bindings",
    "Who can patch bindings can give the rights of their roles to anybody.",
    "Remove `patch` on `rolebindings`.",
    RBAC,
)
def patches_bindings(rule: Rule) -> Flaws:
    if "*" in rule.groups and "rolebindings" in rule.resources and rule.verbs >= {"get", "patch"}:
        yield flaw(f"{rule.subject} may read and patch role bindings.", rule)


@workload(
    "KSV-0115",
    "rule",
    "CRITICAL",
    "eks-iam-configmap",
    "Roles should not change the config map aws-auth",
    "On Amazon EKS this config map says which AWS identities are administrators of the cluster.",
    "Remove `aws-auth` from `resourceNames`, or the verbs that change it.",
    "https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html",
)
def aws_auth(rule: Rule) -> Flaws:
    if "aws-auth" in rule.names and "configmaps" in rule.resources and rule.verbs & CHANGE:
        yield flaw(f"{rule.subject} may {listed(rule.verbs & CHANGE)} on the config map 'aws-auth'.", rule)


def _binds(role: Role, bindings: str, roles: frozenset[str]) -> Rule | None:
    """The rule that lets a role bind any of these roles, if another one lets it create the bindings. The peer wants
    the rules in this order; rights have none."""
    creates = any(GROUP in rule.groups and bindings in rule.resources and "create" in rule.verbs for rule in role.rules)
    if not creates:
        return None
    return next(
        (
            rule
            for rule in role.rules
            if GROUP in rule.groups and rule.resources & roles and "bind" in rule.verbs and "*" in rule.names
        ),
        None,
    )


@workload(
    "KSV-0051",
    "role",
    "HIGH",
    "do-not-allow-role-binding-associate-privileged-role",
    "Roles should not bind any role they like",
    "Who can create role bindings and bind any role can give himself every right in the namespace.",
    "Remove the verb `bind`, or name the roles that may be bound in `resourceNames`.",
    RBAC,
)
def binds_roles(role: Role) -> Flaws:
    rule = _binds(role, "rolebindings", frozenset({"roles", "clusterroles"}))
    if rule is not None:
        yield flaw(f"{rule.subject} may create role bindings to any role.", rule)


@workload(
    "KSV-0052",
    "role",
    "HIGH",
    "allow-role-clusterrolebindings-associate-privileged-cluster-role",
    "Roles should not bind any cluster role they like",
    "Who can create cluster role bindings and bind any cluster role can give himself every right in the cluster.",
    "Remove the verb `bind`, or name the cluster roles that may be bound in `resourceNames`.",
    RBAC,
)
def binds_cluster_roles(role: Role) -> Flaws:
    rule = _binds(role, "clusterrolebindings", frozenset({"clusterroles"}))
    if rule is not None:
        yield flaw(f"{rule.subject} may create cluster role bindings to any cluster role.", rule)


@workload(
    "KSV-0054",
    "role",
    "HIGH",
    "no-attaching-shell-pods",
    "Roles should not attach to running pods",
    "Who attaches to a container reads what it prints and types into it.",
    "Remove `pods/attach` from the role.",
    RBAC,
)
def attaches(role: Role) -> Flaws:
    # The peer wants the two rights in this order; rights have none.
    reads = any("*" in rule.groups and "pods" in rule.resources and "get" in rule.verbs for rule in role.rules)
    for rule in role.rules:
        if reads and "*" in rule.groups and "pods/attach" in rule.resources and "create" in rule.verbs:
            yield flaw(f"{rule.subject} may attach to running pods.", rule)

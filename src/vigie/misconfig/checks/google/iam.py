"""Checks of Google's IAM."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.grants import Grant
from vigie.misconfig.resources.google.iam import AuditConfig, Project, WorkloadIdentityPoolProvider
from vigie.misconfig.value import UNRESOLVED, Attribute

_LEVELS = ("organizations", "folders", "projects")
_DOCS = "https://cloud.google.com/iam/docs"
_DEFAULT_ACCOUNTS = (f"{_DOCS}/service-account-types#default",)
_IMPERSONATION = (f"{_DOCS}/service-account-permissions",)

_PERSONAL = ("gmail", "yahoo", "hotmail", "outlook", "aol", "icloud", "protonmail", "mail", "zoho")
_IMPERSONATING = ("roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator")
_LOG_TYPES = ("ADMIN_READ", "DATA_READ", "DATA_WRITE")


def grants(*levels: str) -> list[str]:
    """The paths of all grants at these levels."""
    return [f"google.iam.{level}.{kind}" for level in levels for kind in ("members", "bindings")]


@check(
    "GCP-0003",
    *grants(*_LEVELS),
    severity="MEDIUM",
    code="no-user-granted-permissions",
    title="Roles should be granted to groups, not to users",
    why="Roles of single users are forgotten when they change their task or leave, and nobody sees who has what.",
    fix="Grant the role to a group, and make the user a member of it.",
    references=(f"{_DOCS}/groups-best-practices",),
)
def granted_to_groups(grant: Grant) -> Flaws:
    for holder in grant.holders:
        if holder.certain() and holder.value.startswith("user:"):
            yield flaw("The role is granted to a single user.", holder)


def _default_account(grant: Grant, level: str) -> Flaws:
    if grant.default_account.is_true:
        yield flaw(f"A role at the {level} is granted to a default service account.", grant.default_account)


@check(
    "GCP-0004",
    *grants("folders"),
    severity="MEDIUM",
    code="no-folder-level-default-service-account-assignment",
    title="Default service accounts should have no roles at folders",
    why="Whatever runs without an account of its own runs as the default one, and gets its roles in every project of "
    "the folder.",
    fix="Create a service account for the task and grant the role to it, where it is needed.",
    references=_DEFAULT_ACCOUNTS,
)
def no_default_account_at_folders(grant: Grant) -> Flaws:
    yield from _default_account(grant, "folder")


@check(
    "GCP-0006",
    *grants("projects"),
    severity="MEDIUM",
    code="no-project-level-default-service-account-assignment",
    title="Default service accounts should have no roles at projects",
    why="Whatever runs without an account of its own runs as the default one, and gets its roles.",
    fix="Create a service account for the task and grant the role to it.",
    references=_DEFAULT_ACCOUNTS,
)
def no_default_account_at_projects(grant: Grant) -> Flaws:
    yield from _default_account(grant, "project")


@check(
    "GCP-0008",
    *grants("organizations"),
    severity="MEDIUM",
    code="no-org-level-default-service-account-assignment",
    title="Default service accounts should have no roles at organizations",
    why="Whatever runs without an account of its own runs as the default one, and gets its roles in every project of "
    "the organization.",
    fix="Create a service account for the task and grant the role to it, where it is needed.",
    references=_DEFAULT_ACCOUNTS,
)
def no_default_account_at_organizations(grant: Grant) -> Flaws:
    yield from _default_account(grant, "organization")


def _impersonation(grant: Grant, level: str) -> Flaws:
    if grant.role.equals(*_IMPERSONATING):
        yield flaw(f"The role {grant.role.value} is granted for all service accounts of the {level}.", grant.role)


@check(
    "GCP-0005",
    *grants("folders"),
    severity="MEDIUM",
    code="no-folder-level-service-account-impersonation",
    title="Nobody should impersonate all service accounts of a folder",
    why="The role is for every service account of every project in the folder: its holder has all their rights.",
    fix="Grant the role at the service account in question, with `google_service_account_iam_member`.",
    references=_IMPERSONATION,
)
def no_impersonation_at_folders(grant: Grant) -> Flaws:
    yield from _impersonation(grant, "folder")


@check(
    "GCP-0009",
    *grants("organizations"),
    severity="MEDIUM",
    code="no-org-level-service-account-impersonation",
    title="Nobody should impersonate all service accounts of an organization",
    why="The role is for every service account of the organization: its holder has all their rights.",
    fix="Grant the role at the service account in question, with `google_service_account_iam_member`.",
    references=_IMPERSONATION,
)
def no_impersonation_at_organizations(grant: Grant) -> Flaws:
    yield from _impersonation(grant, "organization")


@check(
    "GCP-0011",
    *grants("projects"),
    severity="MEDIUM",
    code="no-project-level-service-account-impersonation",
    title="Nobody should impersonate all service accounts of a project",
    why="The role is for every service account of the project: its holder has all their rights.",
    fix="Grant the role at the service account in question, with `google_service_account_iam_member`.",
    references=_IMPERSONATION,
)
def no_impersonation_at_projects(grant: Grant) -> Flaws:
    yield from _impersonation(grant, "project")


@check(
    "GCP-0007",
    *grants(*_LEVELS),
    severity="HIGH",
    code="no-privileged-service-accounts",
    title="Service accounts should have no administrative roles",
    why="Keys and tokens of service accounts lie in pipelines and on machines. With such a role, one that leaks gives "
    "its whole project away.",
    fix="Replace roles/owner, roles/editor and …Admin by roles with just what the account does.",
    references=(f"{_DOCS}/best-practices-service-accounts", f"{_DOCS}/understanding-roles"),
)
def no_privileged_accounts(grant: Grant) -> Flaws:
    if not _privileged(grant.role):
        return
    for holder in grant.holders:
        if holder.certain() and holder.value.startswith("serviceAccount:"):
            yield flaw(f"A service account has the role {grant.role.value}.", holder)


def _privileged(role: Attribute[str]) -> bool:
    return role.equals("roles/owner", "roles/editor") or (role.known and role.value.lower().endswith("admin"))


@check(
    "GCP-0010",
    "google.iam.projects",
    severity="HIGH",
    code="no-default-network",
    title="Projects should have no default network",
    why="The default network spans all regions and its firewall rules let SSH, RDP and everything inside of it "
    "through.",
    fix="Set `auto_create_network` to false and create networks as needed.",
    references=("https://cloud.google.com/vpc/docs/vpc#default-network",),
)
def no_default_network(project: Project) -> Flaws:
    if project.auto_create_network.is_true:
        yield flaw("The project gets a default network.", project.auto_create_network)


@check(
    "GCP-0068",
    "google.iam.workload_identity_pool_providers",
    severity="HIGH",
    code="no-conditions-workload-identity-pool-provider",
    title="Workload identity providers should have a condition",
    why="Providers such as GitHub or GitLab give tokens to everybody. Without a condition strangers' pipelines can log "
    "in to the pool with theirs.",
    fix="Set `attribute_condition`, for instance to the organization or repository that may log in.",
    references=(f"{_DOCS}/workload-identity-federation#conditions",),
)
def conditional(provider: WorkloadIdentityPoolProvider) -> Flaws:
    if provider.attribute_condition.is_empty:
        yield flaw("The provider accepts every token of its issuer.", provider.attribute_condition)


@check(
    "GCP-0069",
    *grants(*_LEVELS),
    severity="LOW",
    code="no-personal-emails",
    aliases=("not-proper-email-account-in-use",),
    title="Roles should not be granted to personal mail accounts",
    why="Nobody in the company controls a personal account: not its password, not its second factor, and not its end "
    "when the person leaves.",
    fix="Grant the role to an account, or better a group, of the company's domain.",
    references=("https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains",),
)
def no_personal_accounts(grant: Grant) -> Flaws:
    for holder in grant.holders:
        if not holder.certain() or not holder.value.startswith("user:"):
            continue
        name, _, domain = holder.value.rpartition("@")
        if name and domain.lower() in [f"{provider}.com" for provider in _PERSONAL]:
            yield flaw(f"The role is granted to a personal account of {domain}.", holder)
        elif holder.value.endswith(UNRESOLVED):
            Attribute("", holder.cause, known=False).certain()


@check(
    "GCP-0079",
    "google.iam.projects",
    severity="LOW",
    code="configure-audit-logging",
    title="Projects should audit all access",
    why="Data access is not logged unless it is asked for: after an incident nobody can tell who read what.",
    fix="Add a `google_project_iam_audit_config` for allServices with the log types `ADMIN_READ`, `DATA_READ` and "
    "DATA_WRITE.",
    references=("https://cloud.google.com/logging/docs/audit/configure-data-access",),
)
def audited(project: Project) -> Flaws:
    if project.cause.managed and not project.audit_configs:
        yield flaw("The project has no configuration of audit logs.", project)
        return
    # A service's own configuration adds to that of all services; Trivy asks each to be for all.
    everything = any(config.service.equals("allServices") for config in project.audit_configs)
    for config in project.audit_configs:
        if config.service.differs("allServices"):
            if not everything:
                yield flaw(f"Only access to {config.service.value or 'no service'} is audited.", config.service)
        elif config.service.known and (missing := _missing(config)):
            yield flaw(f"Of all services, {' and '.join(missing)} is not audited.", config)


def _missing(config: AuditConfig) -> list[str]:
    """The types of logs that a configuration leaves out; none where one of its types is not known."""
    if not all(part.log_type.certain() for part in config.audit_log_configs):
        return []
    written = {part.log_type.value for part in config.audit_log_configs}
    return [type_ for type_ in _LOG_TYPES if type_ not in written]

"""Checks of Monitor."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.monitor import LogProfile

DAYS = 365
CATEGORIES = ("Action", "Delete", "Write")
# The regions that a subscription can use, and `global` for what belongs to none. Left out: the names of whole
# continents and Microsoft's own stages, which the field's list holds, too, though nobody can ask for their logs.
REGIONS = (
    "australiacentral australiacentral2 australiaeast australiasoutheast brazilsouth brazilsoutheast canadacentral "
    "canadaeast centralindia centralus eastasia eastus eastus2 francecentral francesouth germanynorth "
    "germanywestcentral global japaneast japanwest jioindiacentral jioindiawest koreacentral koreasouth "
    "northcentralus northeurope norwayeast norwaywest southafricanorth southafricawest southcentralus southeastasia "
    "southindia swedencentral switzerlandnorth switzerlandwest uaecentral uaenorth uksouth ukwest westcentralus "
    "westeurope westindia westus westus2 westus3"
)


@check(
    "AZU-0031",
    "azure.monitor.log_profiles",
    severity="MEDIUM",
    code="activity-log-retention-set",
    title="Activity logs should be kept for a year",
    why="Attacks are often noticed months later. What the log no longer holds then cannot be cleared up.",
    fix="Enable the retention policy and set its days to 365 or more, or to 0 to keep logs for ever.",
    references=("https://learn.microsoft.com/azure/azure-monitor/essentials/activity-log",),
)
def kept_for_a_year(profile: LogProfile) -> Flaws:
    policy = profile.retention_policy
    if policy.enabled.is_false:
        yield flaw("Log profile has no retention policy.", policy.enabled)
    # A written 0 means for ever: https://learn.microsoft.com/rest/api/monitor/log-profiles. The field's rule, which
    # takes it for no days at all, is wrong there.
    elif policy.days.below(DAYS) and not (policy.days.explicit and policy.days.value == 0):
        yield flaw(f"Log profile keeps logs for {policy.days.value} days, less than a year.", policy.days)


@check(
    "AZU-0032",
    "azure.monitor.log_profiles",
    severity="MEDIUM",
    code="capture-all-regions",
    title="Activity logs should cover all regions",
    why="Attackers like regions that nobody uses, because nobody looks there.",
    fix="Name all regions in the log profile's locations, and global for what belongs to no region.",
    references=("https://learn.microsoft.com/azure/azure-monitor/essentials/activity-log",),
)
def covers_all_regions(profile: LogProfile) -> Flaws:
    if not all(location.certain() for location in profile.locations):
        return
    # Azure takes "West Europe" for westeurope.
    missing = set(REGIONS.split()).difference(location.value.replace(" ", "").lower() for location in profile.locations)
    if missing:
        named = ", ".join(sorted(missing)[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        yield flaw(f"Log profile leaves out regions: {named}.", profile.locations[0] if profile.locations else profile)


@check(
    "AZU-0033",
    "azure.monitor.log_profiles",
    severity="MEDIUM",
    code="capture-all-activities",
    title="Activity logs should cover all kinds of activity",
    why="What is not logged cannot be noticed: deletions, writes and actions all belong into the log.",
    fix="Name Action, Delete and Write in the log profile's categories.",
    references=("https://learn.microsoft.com/azure/azure-monitor/essentials/activity-log",),
)
def covers_all_activities(profile: LogProfile) -> Flaws:
    for category in CATEGORIES:
        if all(named.differs(category) for named in profile.categories):
            yield flaw(
                f"Log profile leaves out the category {category}.",
                profile.categories[0] if profile.categories else profile,
            )

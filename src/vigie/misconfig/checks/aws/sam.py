"""Checks of the Serverless Application Model."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.sam import API, Function, HttpAPI, SimpleTable, StateMachine

GUIDE = "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide"


@check(
    "AWS-0110",
    "aws.sam.apis",
    severity="MEDIUM",
    code="enable-api-cache-encryption",
    title="Caches of SAM APIs should be encrypted",
    why="A stage's cache keeps whole responses, which may hold personal or secret data. Unencrypted, they can be read "
    "by whoever gets at the cache's storage.",
    fix="Set `CacheDataEncrypted: true` in all of the API's `MethodSettings`.",
    references=(f"{GUIDE}/sam-resource-api.html",),
)
def cache_encryption(api: API) -> Flaws:
    if not api.rest_method_settings.cache_data_encrypted.is_true:
        yield flaw("Cached responses are not encrypted.", api.rest_method_settings.cache_data_encrypted)


@check(
    "AWS-0111",
    "aws.sam.apis",
    severity="LOW",
    code="enable-api-tracing",
    title="SAM APIs should be traced with X-Ray",
    why="Traces show the way of a request through the services behind the API. Without them slow or failing calls, "
    "and calls that should not happen, are hard to follow.",
    fix="Set `TracingEnabled: true`.",
    references=(f"{GUIDE}/sam-resource-api.html",),
)
def api_tracing(api: API) -> Flaws:
    if not api.tracing_enabled.is_true:
        yield flaw("X-Ray tracing is off for the API.", api.tracing_enabled)


@check(
    "AWS-0112",
    "aws.sam.apis",
    severity="HIGH",
    code="api-use-secure-tls-policy",
    title="Custom domains of SAM APIs should accept only TLS 1.2",
    why="TLS 1.0 and 1.1 have known weaknesses with which traffic can be read or changed on its way.",
    fix="Set the `SecurityPolicy` of the API's `Domain` to TLS_1_2.",
    references=(f"{GUIDE}/sam-property-api-domainconfiguration.html",),
)
def tls_policy(api: API) -> Flaws:
    policy = api.domain_configuration.security_policy
    # Without a domain of its own the API is reached at AWS's, which allows TLS 1.0.
    if policy.differs("TLS_1_2"):
        yield flaw("No domain of the API is held to TLS 1.2.", policy)


@check(
    "AWS-0113",
    "aws.sam.apis",
    severity="MEDIUM",
    code="enable-api-access-logging",
    title="SAM APIs should write access logs",
    why="Without an access log nobody can tell who called the API, when, and with what result: "
    "neither while looking into an incident nor afterwards.",
    fix="Give `AccessLogSetting` the ARN of a log group as `DestinationArn`.",
    references=(f"{GUIDE}/sam-resource-api.html",),
)
def api_access_log(api: API) -> Flaws:
    if api.access_logging.cloudwatch_log_group_arn.is_empty:
        yield flaw("The API writes no access log.", api.access_logging.cloudwatch_log_group_arn)


@check(
    "AWS-0114",
    "aws.sam.functions",
    severity="HIGH",
    code="no-function-policy-wildcards",
    title="Policies of SAM functions should grant only what is needed",
    why="Retired: the check judges nothing any more. Roles and policies are judged by the checks of IAM.",
    fix="Nothing needs to be done for this check.",
    references=(f"{GUIDE}/sam-resource-function.html",),
    deprecated=True,
)
def function_wildcards(function: Function) -> Flaws:
    yield from ()


@check(
    "AWS-0116",
    "aws.sam.http_apis",
    severity="MEDIUM",
    code="enable-http-api-access-logging",
    title="SAM HTTP APIs should write access logs",
    why="Without an access log nobody can tell who called the API, when, and with what result: "
    "neither while looking into an incident nor afterwards.",
    fix="Give `AccessLogSettings` the ARN of a log group as `DestinationArn`.",
    references=(f"{GUIDE}/sam-resource-httpapi.html",),
)
def http_api_access_log(api: HttpAPI) -> Flaws:
    if api.access_logging.cloudwatch_log_group_arn.is_empty:
        yield flaw("The API writes no access log.", api.access_logging.cloudwatch_log_group_arn)


@check(
    "AWS-0117",
    "aws.sam.state_machines",
    severity="LOW",
    code="enable-state-machine-tracing",
    title="SAM state machines should be traced with X-Ray",
    why="Traces show the way of an execution through the services it calls. Without them failures and misuse are hard "
    "to follow.",
    fix="Set `Enabled: true` in the state machine's `Tracing`.",
    references=(f"{GUIDE}/sam-resource-statemachine.html",),
)
def state_machine_tracing(machine: StateMachine) -> Flaws:
    if not machine.tracing.enabled.is_true:
        yield flaw("X-Ray tracing is off for the state machine.", machine.tracing.enabled)


@check(
    "AWS-0119",
    "aws.sam.state_machines",
    severity="LOW",
    code="enable-state-machine-logging",
    title="SAM state machines should write logs",
    why="Without logs of executions nobody can tell what ran, when, and why it failed.",
    fix="Set the `Level` of the state machine's `Logging` to ALL, ERROR or FATAL, with a log group as destination.",
    references=(f"{GUIDE}/sam-resource-statemachine.html",),
)
def state_machine_logs(machine: StateMachine) -> Flaws:
    if not machine.logging_configuration.logging_enabled.is_true:
        yield flaw("The state machine writes no logs.", machine.logging_configuration.logging_enabled)


@check(
    "AWS-0120",
    "aws.sam.state_machines",
    severity="HIGH",
    code="no-state-machine-policy-wildcards",
    title="Policies of SAM state machines should grant only what is needed",
    why="Retired: the check judges nothing any more. Roles and policies are judged by the checks of IAM.",
    fix="Nothing needs to be done for this check.",
    references=(f"{GUIDE}/sam-resource-statemachine.html",),
    deprecated=True,
)
def state_machine_wildcards(machine: StateMachine) -> Flaws:
    yield from ()


@check(
    "AWS-0121",
    "aws.sam.simple_tables",
    severity="HIGH",
    code="enable-table-encryption",
    title="SAM tables should be encrypted with KMS",
    why="With KMS, access to the table's items can be restricted, watched and revoked; the keys that AWS owns allow "
    "none of it.",
    fix="Set `SSEEnabled: true` in the table's `SSESpecification`.",
    references=(f"{GUIDE}/sam-resource-simpletable.html",),
)
def table_encryption(table: SimpleTable) -> Flaws:
    if not table.sse_specification.enabled.is_true:
        yield flaw("The table is not encrypted with KMS.", table.sse_specification.enabled)


@check(
    "AWS-0125",
    "aws.sam.functions",
    severity="LOW",
    code="enable-function-tracing",
    title="SAM functions should be traced with X-Ray",
    why="Traces show which services a function calls and where it fails. Without them misuse and failures are hard to "
    "follow.",
    fix="Set `Tracing: Active`.",
    references=(f"{GUIDE}/sam-resource-function.html",),
)
def function_tracing(function: Function) -> Flaws:
    if not function.tracing.equals("Active"):
        yield flaw("The function is not traced.", function.tracing)

"""Checks of Lambda."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.lambda_ import Function, Permission


@check(
    "AWS-0066",
    "aws.lambda.functions",
    severity="LOW",
    code="enable-tracing",
    title="Lambda functions should be traced with X-Ray",
    why="Traces show which services a function calls and where it fails. Without them misuse and failures are hard to "
    "follow.",
    fix="Set the `mode` of `tracing_config` (CloudFormation: `Mode` of the `TracingConfig`) to Active.",
    references=("https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",),
)
def tracing(function: Function) -> Flaws:
    if not function.tracing.mode.equals("Active"):
        yield flaw("The function is not traced.", function.tracing.mode)


@check(
    "AWS-0067",
    "aws.lambda.functions.permissions",
    severity="CRITICAL",
    code="restrict-source-arn",
    title="Lambda permissions for AWS services should name the source",
    why="A permission for a whole service lets resources of every AWS account call the function through that service.",
    fix="Set `source_arn` (CloudFormation: `SourceArn`) to the one bucket, topic, API or rule that is to call the "
    "function.",
    references=("https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html",),
)
def source_arn(permission: Permission) -> Flaws:
    principal = permission.principal
    if principal.known and not principal.value.endswith(".amazonaws.com"):
        return
    if permission.source_arn.is_empty and principal.certain():
        yield flaw(f"Everything in {principal.value} may call the function.", permission.source_arn)

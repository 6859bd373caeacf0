"""Checks of API Gateway."""

from __future__ import annotations

from fnmatch import fnmatchcase

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.apigateway import DomainName, Method, MethodSettings, RestStage, Stage

MODERN_TLS = ("TLS_1_2", "SecurityPolicy_TLS12_*_EDGE", "SecurityPolicy_TLS13_*")


@check(
    "AWS-0001",
    "aws.apigateway.v1.apis.stages",
    "aws.apigateway.v2.apis.stages",
    severity="MEDIUM",
    code="enable-access-logging",
    title="API stages should write access logs",
    why="Without an access log nobody can tell who called the API, when, and with what result: "
    "neither while looking into an incident nor afterwards.",
    fix="Set `access_log_settings.destination_arn` (CloudFormation: `DestinationArn` of the stage's "
    "`AccessLogSetting`) to the ARN of a CloudWatch log group or Firehose stream.",
    references=("https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",),
)
def access_logging(stage: RestStage | Stage) -> Flaws:
    if stage.access_logging.cloudwatch_log_group_arn.is_empty:
        yield flaw("The stage writes no access log.", stage.access_logging.cloudwatch_log_group_arn)


@check(
    "AWS-0002",
    "aws.apigateway.v1.apis.stages.rest_method_settings",
    severity="MEDIUM",
    code="enable-cache-encryption",
    title="Cached API responses should be encrypted",
    why="A stage's cache keeps whole responses, which may hold personal or secret data. Unencrypted, they can be read "
    "by whoever gets at the cache's storage.",
    fix="Set `cache_data_encrypted = true` (CloudFormation: `CacheDataEncrypted`) wherever caching is on.",
    references=("https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html",),
)
def cache_encryption(settings: MethodSettings) -> Flaws:
    if settings.cache_enabled.is_true and settings.cache_data_encrypted.is_false:
        yield flaw("Responses are cached without encryption.", settings.cache_data_encrypted)


@check(
    "AWS-0003",
    "aws.apigateway.v1.apis.stages",
    severity="LOW",
    code="enable-tracing",
    title="API stages should be traced with X-Ray",
    why="Traces show the way of a request through the services behind the API. Without them slow or failing calls, "
    "and calls that should not happen, are hard to follow.",
    fix="Set `xray_tracing_enabled = true` (CloudFormation: `TracingEnabled`).",
    references=("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-xray.html",),
)
def tracing(stage: RestStage) -> Flaws:
    if stage.xray_tracing_enabled.is_false:
        yield flaw("X-Ray tracing is off for the stage.", stage.xray_tracing_enabled)


@check(
    "AWS-0004",
    "aws.apigateway.v1.apis.resources.methods",
    severity="LOW",
    code="no-public-access",
    title="API methods should ask for authorization or a key",
    why="A method without authorization and without an API key answers everybody who can reach the API.",
    fix="Set `authorization` (CloudFormation: `AuthorizationType`) to AWS_IAM, CUSTOM or COGNITO_USER_POOLS, or "
    "require an API key.",
    references=("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html",),
)
def authorization(method: Method) -> Flaws:
    # Preflight requests of browsers carry no credentials. The field's rule excepts "OPTION", which is no method.
    if method.authorization_type.equals("NONE") and method.api_key_required.is_false:
        if method.http_method.same("OPTIONS") or not method.http_method.certain():
            return
        yield flaw("The method asks for neither authorization nor an API key.", method.authorization_type)


@check(
    "AWS-0005",
    "aws.apigateway.v1.domain_names",
    "aws.apigateway.v2.domain_names",
    severity="HIGH",
    code="use-secure-tls-policy",
    title="Custom domains of APIs should accept only TLS 1.2 and newer",
    why="TLS 1.0 and 1.1 have known weaknesses with which traffic can be read or changed on its way.",
    fix="Set `security_policy` (CloudFormation: `SecurityPolicy`) to TLS_1_2, or to one of the SecurityPolicy_TLS13 "
    "family.",
    references=(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html",
    ),
)
def tls_policy(domain: DomainName) -> Flaws:
    policy = domain.security_policy
    if not (policy.certain() and any(fnmatchcase(policy.value, pattern) for pattern in MODERN_TLS)):
        yield flaw("The domain is not held to TLS 1.2 or newer.", policy)


@check(
    "AWS-0190",
    "aws.apigateway.v1.apis.stages.rest_method_settings",
    severity="LOW",
    code="enable-cache",
    title="API methods should cache responses",
    why="With a cache, repeated requests do not reach the service behind the API: it stands more load, and a flood of "
    "equal requests does less harm.",
    fix="Set `caching_enabled = true` (CloudFormation: `CachingEnabled`) in the method settings.",
    references=("https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html",),
)
def cache(settings: MethodSettings) -> Flaws:
    if settings.cache_enabled.is_false:
        yield flaw("Responses are not cached.", settings.cache_enabled)

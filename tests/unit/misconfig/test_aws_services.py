"""AWS, from API Gateway to WorkSpaces: what examples cannot show.

What a check makes of a value that is not known follows the wording of the table of checks: "not true" and "not in" are
found, "false", "empty" and "known" leave a doubt. Models: names and defaults of the table of the model.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from vigie.misconfig import catalog
from vigie.misconfig.detector import judge_unit
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.judge import Chosen
from vigie.misconfig.language import Language, Unit
from vigie.misconfig.outcome import Outcome
from vigie.misconfig.value import Attribute
from vigie.model.inventory import Configuration
from vigie.plugs import languages
from vigie.settings.groups import MisconfigOptions


def unit_of(text: str, format_: str) -> tuple[Unit, Language, ScannedFiles]:
    name = "main.tf" if format_ == "terraform" else "template.yaml"
    language, files = languages()[format_], ScannedFiles([Configuration(format_, name, text.encode())], None)
    (unit,) = language.split(files)
    return unit, language, files


def model(service: str, text: str, format_: str = "terraform") -> Any:
    """The service as one file fills it."""
    unit, language, files = unit_of(text, format_)
    graph = language.load(unit, files, MisconfigOptions()).graph
    assert graph is not None
    return getattr(catalog.service(service), format_).fill(graph)


def judged(text: str, format_: str = "terraform") -> Outcome:
    unit, language, files = unit_of(text, format_)
    return judge_unit(unit, language, files, MisconfigOptions(), Chosen())


def found(outcome: Outcome, id_: str) -> list[int]:
    return sorted(placed.finding.start for placed in outcome.findings if placed.finding.id == id_)


def state(outcome: Outcome, id_: str) -> str:
    """What became of a check: `found`, `passed`, or `doubt`."""
    if found(outcome, id_):
        return "found"
    if id_ in outcome.passed:
        return "passed"
    assert any(id_ in problem.what for problem in outcome.problems), "neither found nor passed, and no word why"
    return "doubt"


def values(attributes: Iterable[Attribute[Any]]) -> list[Any]:
    return [attribute.value if attribute.known else "?" for attribute in attributes]


# Values that are not known


@pytest.mark.parametrize(
    ("id_", "type_", "body", "expected"),
    [
        ("AWS-0001", "aws_api_gateway_stage", "access_log_settings { destination_arn = var.x }", "doubt"),
        ("AWS-0001", "aws_apigatewayv2_stage", "access_log_settings { destination_arn = var.x }", "doubt"),
        (
            "AWS-0002",
            "aws_api_gateway_method_settings",
            "settings {\n caching_enabled = var.x\n cache_data_encrypted = false\n }",
            "doubt",
        ),
        (
            "AWS-0002",
            "aws_api_gateway_method_settings",
            "settings {\n caching_enabled = true\n cache_data_encrypted = var.x\n }",
            "doubt",
        ),
        ("AWS-0003", "aws_api_gateway_stage", "xray_tracing_enabled = var.x", "doubt"),
        ("AWS-0004", "aws_api_gateway_method", "authorization = var.x", "doubt"),
        ("AWS-0004", "aws_api_gateway_method", 'authorization = "NONE"\n http_method = var.x', "doubt"),
        ("AWS-0005", "aws_api_gateway_domain_name", "security_policy = var.x", "found"),
        ("AWS-0006", "aws_athena_database", "encryption_configuration { encryption_option = var.x }", "doubt"),
        ("AWS-0007", "aws_athena_workgroup", "configuration { enforce_workgroup_configuration = var.x }", "found"),
        ("AWS-0010", "aws_cloudfront_distribution", "logging_config { bucket = var.x }", "doubt"),
        ("AWS-0011", "aws_cloudfront_distribution", "web_acl_id = var.x", "doubt"),
        (
            "AWS-0012",
            "aws_cloudfront_distribution",
            "default_cache_behavior { viewer_protocol_policy = var.x }",
            "doubt",
        ),
        ("AWS-0013", "aws_cloudfront_distribution", "viewer_certificate { minimum_protocol_version = var.x }", "found"),
        ("AWS-0018", "aws_codebuild_project", "artifacts { encryption_disabled = var.x }", "found"),
        ("AWS-0020", "aws_docdb_cluster", "enabled_cloudwatch_logs_exports = [var.x]", "doubt"),
        ("AWS-0020", "aws_docdb_cluster", 'enabled_cloudwatch_logs_exports = [var.x, "audit"]', "passed"),
        ("AWS-0021", "aws_docdb_cluster", "storage_encrypted = var.x", "found"),
        ("AWS-0022", "aws_docdb_cluster", "kms_key_id = var.x", "doubt"),
        ("AWS-0023", "aws_dax_cluster", "server_side_encryption { enabled = var.x }", "doubt"),
        ("AWS-0024", "aws_dynamodb_table", "point_in_time_recovery { enabled = var.x }", "doubt"),
        ("AWS-0025", "aws_dynamodb_table", "server_side_encryption { enabled = var.x }", "doubt"),
        (
            "AWS-0025",
            "aws_dynamodb_table",
            "server_side_encryption {\n enabled = true\n kms_key_arn = var.x\n }",
            "doubt",
        ),
        ("AWS-0030", "aws_ecr_repository", "image_scanning_configuration { scan_on_push = var.x }", "found"),
        ("AWS-0031", "aws_ecr_repository", "image_tag_mutability = var.x", "found"),
        ("AWS-0032", "aws_ecr_repository_policy", "policy = var.x", "doubt"),
        ("AWS-0033", "aws_ecr_repository", "encryption_configuration { encryption_type = var.x }", "doubt"),
        ("AWS-0034", "aws_ecs_cluster", 'setting {\n name = "containerInsights"\n value = var.x\n }', "found"),
        (
            "AWS-0035",
            "aws_ecs_task_definition",
            "volume {\n efs_volume_configuration {\n transit_encryption = var.x\n }\n }",
            "found",
        ),
        ("AWS-0036", "aws_ecs_task_definition", "container_definitions = var.x", "doubt"),
        ("AWS-0037", "aws_efs_file_system", "encrypted = var.x", "found"),
        ("AWS-0038", "aws_eks_cluster", "enabled_cluster_log_types = var.x", "doubt"),
        ("AWS-0039", "aws_eks_cluster", "encryption_config { resources = var.x }", "doubt"),
        ("AWS-0040", "aws_eks_cluster", "vpc_config { endpoint_public_access = var.x }", "doubt"),
        ("AWS-0041", "aws_eks_cluster", "vpc_config { endpoint_public_access = var.x }", "doubt"),
        ("AWS-0041", "aws_eks_cluster", "vpc_config { public_access_cidrs = [var.x] }", "doubt"),
        ("AWS-0042", "aws_opensearch_domain", "log_publishing_options { log_type = var.x }", "found"),
        ("AWS-0043", "aws_opensearch_domain", "node_to_node_encryption { enabled = var.x }", "found"),
        ("AWS-0045", "aws_elasticache_replication_group", "at_rest_encryption_enabled = var.x", "found"),
        ("AWS-0046", "aws_opensearch_domain", "domain_endpoint_options { enforce_https = var.x }", "found"),
        ("AWS-0047", "aws_lb_listener", "ssl_policy = var.x", "doubt"),
        ("AWS-0048", "aws_opensearch_domain", "encrypt_at_rest { enabled = var.x }", "found"),
        ("AWS-0049", "aws_elasticache_security_group", "description = var.x", "doubt"),
        ("AWS-0050", "aws_elasticache_cluster", 'engine = "redis"\n node_type = var.x', "doubt"),
        ("AWS-0050", "aws_elasticache_cluster", 'engine = "redis"\n snapshot_retention_limit = var.x', "doubt"),
        ("AWS-0051", "aws_elasticache_replication_group", "transit_encryption_enabled = var.x", "found"),
        ("AWS-0052", "aws_lb", "load_balancer_type = var.x", "doubt"),
        ("AWS-0052", "aws_lb", "drop_invalid_header_fields = var.x", "found"),
        ("AWS-0053", "aws_lb", "internal = var.x", "found"),
        ("AWS-0054", "aws_lb_listener", "protocol = var.x", "doubt"),
        ("AWS-0054", "aws_lb_listener", 'protocol = "HTTP"\n default_action { type = var.x }', "doubt"),
        ("AWS-0064", "aws_kinesis_stream", "encryption_type = var.x", "doubt"),
        ("AWS-0064", "aws_kinesis_stream", 'encryption_type = "KMS"\n kms_key_id = var.x', "doubt"),
        ("AWS-0066", "aws_lambda_function", "tracing_config { mode = var.x }", "found"),
        ("AWS-0067", "aws_lambda_permission", "principal = var.x", "doubt"),
        ("AWS-0067", "aws_lambda_permission", 'principal = "sns.amazonaws.com"\n source_arn = var.x', "doubt"),
        ("AWS-0067", "aws_lambda_permission", 'principal = "arn:aws:iam::1:root"\n source_arn = var.x', "passed"),
        ("AWS-0070", "aws_mq_broker", "logs { audit = var.x }", "doubt"),
        ("AWS-0072", "aws_mq_broker", "publicly_accessible = var.x", "doubt"),
        (
            "AWS-0073",
            "aws_msk_cluster",
            "encryption_info {\n encryption_in_transit {\n client_broker = var.x\n }\n }",
            "doubt",
        ),
        ("AWS-0074", "aws_msk_cluster", "logging_info {\n broker_logs {\n s3 {\n enabled = var.x\n }\n }\n }", "doubt"),
        ("AWS-0075", "aws_neptune_cluster", "enable_cloudwatch_logs_exports = var.x", "doubt"),
        ("AWS-0076", "aws_neptune_cluster", "storage_encrypted = var.x", "found"),
        ("AWS-0077", "aws_db_instance", "backup_retention_period = var.x", "doubt"),
        ("AWS-0077", "aws_db_instance", "replicate_source_db = var.x", "doubt"),
        ("AWS-0079", "aws_rds_cluster", "storage_encrypted = var.x", "doubt"),
        ("AWS-0080", "aws_db_instance", "storage_encrypted = var.x", "doubt"),
        ("AWS-0083", "aws_redshift_security_group", "description = var.x", "doubt"),
        ("AWS-0084", "aws_redshift_cluster", "encrypted = var.x", "doubt"),
        ("AWS-0098", "aws_secretsmanager_secret", "kms_key_id = var.x", "doubt"),
        (
            "AWS-0109",
            "aws_workspaces_workspace",
            "root_volume_encryption_enabled = var.x\n user_volume_encryption_enabled = true",
            "doubt",
        ),
        ("AWS-0126", "aws_opensearch_domain", "domain_endpoint_options { tls_security_policy = var.x }", "found"),
        ("AWS-0127", "aws_redshift_cluster", "cluster_subnet_group_name = var.x", "doubt"),
        ("AWS-0128", "aws_neptune_cluster", "kms_key_arn = var.x", "doubt"),
        ("AWS-0133", "aws_db_instance", "performance_insights_enabled = var.x", "found"),
        ("AWS-0137", "aws_emr_security_configuration", "configuration = var.x", "doubt"),
        ("AWS-0176", "aws_db_instance", "engine = var.x", "doubt"),
        (
            "AWS-0176",
            "aws_db_instance",
            'engine = "mysql"\n iam_database_authentication_enabled = var.x',
            "found",
        ),
        ("AWS-0177", "aws_db_instance", "deletion_protection = var.x", "found"),
        ("AWS-0179", "aws_msk_cluster", "encryption_info { encryption_at_rest_kms_key_arn = var.x }", "doubt"),
        ("AWS-0180", "aws_db_instance", "publicly_accessible = var.x", "doubt"),
        ("AWS-0190", "aws_api_gateway_method_settings", "settings { caching_enabled = var.x }", "doubt"),
        ("AWS-0343", "aws_rds_cluster", "deletion_protection = var.x", "found"),
    ],
)
def test_what_is_not_known(id_: str, type_: str, body: str, expected: str) -> None:
    outcome = judged(f'variable "x" {{}}\nresource "{type_}" "r" {{\n {body}\n}}\n')
    assert state(outcome, id_) == expected


@pytest.mark.parametrize(
    ("id_", "type_", "body", "expected"),
    [
        ("AWS-0110", "Api", "MethodSettings: [{CacheDataEncrypted: !Ref X}]", "found"),
        ("AWS-0111", "Api", "TracingEnabled: !Ref X", "found"),
        ("AWS-0112", "Api", "Domain: {SecurityPolicy: !Ref X}", "doubt"),
        ("AWS-0113", "Api", "AccessLogSetting: {DestinationArn: !Ref X}", "doubt"),
        ("AWS-0116", "HttpApi", "AccessLogSettings: {DestinationArn: !Ref X}", "doubt"),
        ("AWS-0117", "StateMachine", "Tracing: {Enabled: !Ref X}", "found"),
        ("AWS-0119", "StateMachine", "Logging: {Level: !Ref X}", "found"),
        ("AWS-0121", "SimpleTable", "SSESpecification: {SSEEnabled: !Ref X}", "found"),
        ("AWS-0125", "Function", "Tracing: !Ref X", "found"),
    ],
)
def test_what_is_not_known_of_serverless_applications(id_: str, type_: str, body: str, expected: str) -> None:
    outcome = judged(
        "Parameters: {X: {Type: String}}\n"
        f"Resources:\n  R:\n    Type: AWS::Serverless::{type_}\n    Properties:\n      {body}\n",
        "cloudformation",
    )
    assert state(outcome, id_) == expected


def test_what_is_known_of_a_text_decides() -> None:
    """An environment in which only another value is not known."""
    outcome = judged("""
variable "x" {}
resource "aws_ecs_task_definition" "t" {
  container_definitions = jsonencode([{
    name        = "t"
    environment = [{ name = "HOST", value = var.x }, { name = "API_TOKEN", value = var.x }]
  }])
}
""")
    assert found(outcome, "AWS-0036") == [4]
    outcome = judged("""
variable "x" {}
resource "aws_ecs_task_definition" "t" {
  container_definitions = jsonencode([{
    name        = "t"
    environment = [{ name = "HOST", value = var.x }, { name = var.x, value = "on" }]
  }])
}
""")
    assert state(outcome, "AWS-0036") == "doubt"


# What belongs together


def test_settings_of_a_stage_by_its_name() -> None:
    """The stage is named through its deployment's variable, not by reference."""
    gateway = model(
        "aws.apigateway",
        """
resource "aws_api_gateway_rest_api" "a" { name = "a" }
resource "aws_api_gateway_rest_api" "b" { name = "b" }
resource "aws_api_gateway_stage" "a" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  stage_name  = "live"
}
resource "aws_api_gateway_stage" "b" {
  rest_api_id = aws_api_gateway_rest_api.b.id
  stage_name  = "live"
}
resource "aws_api_gateway_method_settings" "b" {
  rest_api_id = aws_api_gateway_rest_api.b.id
  stage_name  = "live"
  method_path = "*/*"
  settings { caching_enabled = true }
}
""",
    )
    counts = {api.name.value: [len(stage.rest_method_settings) for stage in api.stages] for api in gateway.v1.apis}
    assert counts == {"a": [0], "b": [1]}


def test_instances_of_clusters_by_count() -> None:
    rds = model(
        "aws.rds",
        """
resource "aws_rds_cluster" "c" {
  count              = 2
  cluster_identifier = "c${count.index}"
}
resource "aws_rds_cluster_instance" "i" {
  count               = 2
  cluster_identifier  = aws_rds_cluster.c[count.index].id
  publicly_accessible = count.index == 1 ? true : var.x
}
variable "x" {}
""",
    )
    assert [len(cluster.instances) for cluster in rds.clusters] == [1, 1]
    assert values(cluster.public_access for cluster in rds.clusters) == ["?", True]


def test_a_placeholder_is_never_found() -> None:
    """What hangs on a parent that is elsewhere is judged, the parent is not."""
    outcome = judged("""
resource "aws_lb_listener" "l" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/x/1"
  protocol          = "HTTP"
}
resource "aws_lambda_permission" "p" {
  function_name = "x"
  principal     = "sns.amazonaws.com"
}
resource "aws_rds_cluster_instance" "i" { cluster_identifier = "x" }
resource "aws_ecr_repository_policy" "p" {
  repository = "x"
  policy     = "{}"
}
""")
    assert found(outcome, "AWS-0054") == [4]
    assert found(outcome, "AWS-0067") == [6]
    assert found(outcome, "AWS-0133") == [10]
    others = {placed.finding.id for placed in outcome.findings} - {"AWS-0054", "AWS-0067", "AWS-0133"}
    assert not others


# Models that no check reads


def test_providers() -> None:
    (one,) = model(
        "aws.meta",
        """
provider "aws" {
  region     = "eu-west-1"
  access_key = "mock"
  insecure   = true

  assume_role {
    role_arn = "arn:aws:iam::123456789012:role/deploy"
    tags     = { team = "shop" }
  }
  default_tags {
    tags = { env = "test" }
  }
  endpoints {
    s3  = "http://localhost:4566"
    sqs = "http://localhost:4567"
  }
}
""",
    ).tf_providers
    assert one.cause.managed
    assert (one.region.value, one.access_key.value, one.insecure.value) == ("eu-west-1", "mock", True)
    assert one.assume_role.role_arn.value == "arn:aws:iam::123456789012:role/deploy"
    assert one.assume_role.tags.value == {"team": "shop"}
    assert one.default_tags.tags.value == {"env": "test"}
    assert one.endpoints.value == {"s3": "http://localhost:4566", "sqs": "http://localhost:4567"}
    assert one.max_retries.value == 25
    assert values(one.shared_config_files) == ["~/.aws/config"]
    assert values(one.shared_credentials_files) == ["~/.aws/credentials"]


def test_parameters_of_databases() -> None:
    for text, format_ in (
        (
            'resource "aws_db_parameter_group" "g" {\n name = "g"\n family = "mysql8.0"\n'
            ' parameter {\n name = "a"\n value = "1"\n }\n}\n',
            "terraform",
        ),
        (
            "Resources:\n  G:\n    Type: AWS::RDS::DBParameterGroup\n    Properties:\n"
            "      DBParameterGroupName: g\n      DBParameterGroupFamily: mysql8.0\n      Parameters: {a: '1'}\n",
            "cloudformation",
        ),
    ):
        (group,) = model("aws.rds", text, format_).parameter_groups
        assert (group.db_parameter_group_name.value, group.db_parameter_group_family.value) == ("g", "mysql8.0")
        assert [(one.parameter_name.value, one.parameter_value.value) for one in group.parameters] == [("a", "1")]


def test_containers_of_tasks() -> None:
    (task,) = model(
        "aws.ecs",
        """
resource "aws_ecs_task_definition" "t" {
  container_definitions = jsonencode([
    {
      name = "web", image = "web:1", cpu = 256, memory = 512, essential = true, privileged = true
      portMappings = [{ containerPort = 80, hostPort = 8080 }]
      environment  = [{ name = "MODE", value = "test" }]
    },
    "no container",
  ])
}
""",
    ).task_definitions
    (web,) = task.container_definitions
    assert values((web.name, web.image, web.cpu, web.memory)) == ["web", "web:1", "256", "512"]
    assert values((web.essential, web.privileged)) == [True, True]
    assert values((web.port_mappings[0].container_port, web.port_mappings[0].host_port)) == [80, 8080]
    assert values((web.environment[0].name, web.environment[0].value)) == ["MODE", "test"]


def test_policies_of_serverless_functions() -> None:
    (function,) = model(
        "aws.sam",
        """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - AWSLambdaBasicExecutionRole
        - S3ReadPolicy: {BucketName: b}
        - Version: '2012-10-17'
          Statement: [{Effect: Allow, Action: s3:GetObject, Resource: '*'}]
""",
        "cloudformation",
    ).functions
    assert values(function.managed_policies) == ["AWSLambdaBasicExecutionRole"]
    (policy,) = function.policies
    assert policy.document.value.statements[0].actions == ("s3:GetObject",)


@pytest.mark.parametrize(
    "text", ["[" * 5000, "{", '"a"', "[1, null, [2]]", '[{"environment": 1, "portMappings": "x"}]']
)
def test_container_definitions_that_are_none(text: str) -> None:
    outcome = judged(f'resource "aws_ecs_task_definition" "t" {{\n container_definitions = <<-J\n{text}\nJ\n}}\n')
    assert not any("failed" in problem.what or "understood" in problem.what for problem in outcome.problems)

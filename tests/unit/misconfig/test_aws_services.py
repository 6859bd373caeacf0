"""AWS, from API Gateway to WorkSpaces: what checks make of values that are not known.

It follows the wording of the table of checks: "not true" and "not in" are found, "false", "empty" and "known" leave a
doubt.
"""

from __future__ import annotations

import pytest
from tests.unit.misconfig.aws_project import found, judged, state


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

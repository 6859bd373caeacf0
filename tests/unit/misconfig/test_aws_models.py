"""AWS, from API Gateway to WorkSpaces: what belongs together, and models that no check reads. Names and defaults are
those of the table of the model."""

from __future__ import annotations

import pytest
from tests.unit.misconfig.aws_project import found, judged, model, values

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

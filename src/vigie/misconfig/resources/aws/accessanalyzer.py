"""IAM Access Analyzer."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Analyzer(Resource):
    """active: one that is declared is active; Trivy takes it as inactive."""

    arn: Attribute[str] = absent("")
    name: Attribute[str] = absent("")
    active: Attribute[bool] = absent(False)


class AccessAnalyzer(Resource):
    analyzers: list[Analyzer] = []


def terraform(graph: Graph) -> AccessAnalyzer:
    """Analyzers of a Terraform project."""
    return AccessAnalyzer(
        analyzers=[
            Analyzer(
                cause=block.cause,
                arn=block.string("arn"),
                name=block.string("analyzer_name"),
                active=Attribute(True, block.cause, explicit=False),
            )
            for block in graph.resources("aws_accessanalyzer_analyzer")
        ]
    )


def cloudformation(graph: Graph) -> AccessAnalyzer:
    """Analyzers of a CloudFormation template."""
    return AccessAnalyzer(
        analyzers=[
            Analyzer(
                cause=block.cause,
                name=block.string("AnalyzerName"),
                active=Attribute(True, block.cause, explicit=False),
            )
            for block in graph.resources("AWS::AccessAnalyzer::Analyzer")
        ]
    )


service = Service(
    path="aws.accessanalyzer",
    model=AccessAnalyzer,
    terraform=Adapter(types=("aws_accessanalyzer_analyzer",), fill=terraform),
    cloudformation=Adapter(types=("AWS::AccessAnalyzer::Analyzer",), fill=cloudformation),
)

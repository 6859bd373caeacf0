"""Plans as JSON: planned values, what is unknown or sensitive, links by the configuration, and where findings point."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vigie.misconfig.graph import Block
from vigie.misconfig.language import Unit
from vigie.misconfig.languages.terraform_plan import json_language
from vigie.misconfig.languages.terraform_plan.graph import PlanGraph
from vigie.misconfig.languages.terraform_plan.modules import parts, references
from vigie.misconfig.languages.terraform_plan.plan_json import load
from vigie.misconfig.value import Sensitive, Unknown
from vigie.settings.groups import MisconfigOptions


class Files:
    def __init__(self, contents: dict[str, str]) -> None:
        self.contents = contents

    def paths(self, language: str) -> list[str]:
        return [path for path in self.contents if path.endswith("plan.json")]

    def read(self, path: str) -> bytes | None:
        text = self.contents.get(path)
        return None if text is None else text.encode()

    def glob(self, pattern: str) -> list[str]:
        from vigie.scanner.ignore import glob

        return [path for path in self.contents if glob(pattern).fullmatch(path)]


class Plan:
    """A plan as Terraform writes it, put together by resource."""

    def __init__(self) -> None:
        self.modules: dict[str, list[dict[str, Any]]] = {"": []}
        self.changes: list[dict[str, Any]] = []
        self.configured: dict[str, Any] = {"resources": [], "module_calls": {}}
        self.more: dict[str, Any] = {}

    def add(self, address: str, values: dict[str, Any], **options: Any) -> None:
        """options: unknown, sensitive, index, module."""
        module = options.get("module", "")
        own = address.removeprefix(f"{module}.")
        mode = "data" if own.startswith("data.") else "managed"
        type_, name = own.removeprefix("data.").partition("[")[0].split(".")
        entry = {"address": address, "mode": mode, "type": type_, "name": name, "values": values}
        entry["sensitive_values"] = options.get("sensitive", {})
        if "index" in options:
            entry["index"] = options["index"]
        self.modules.setdefault(module, []).append(entry)
        change = {"actions": ["create"], "before": None, "after": values, "after_unknown": options.get("unknown", {})}
        self.changes.append({"address": address, "mode": mode, "type": type_, "name": name, "change": change})

    def text(self, indent: int | None = 2) -> str:
        children = [{"address": address, "resources": entries} for address, entries in self.modules.items() if address]
        document = {
            "format_version": "1.2",
            "terraform_version": "1.9.5",
            "planned_values": {"root_module": {"resources": self.modules[""], "child_modules": children}},
            "resource_changes": self.changes,
            "configuration": {"root_module": self.configured, **self.more.pop("configuration", {})},
            **self.more,
        }
        return json.dumps(document, indent=indent)


def configured(mode: str, type: str, name: str, expressions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"mode": mode, "type": type, "name": name, "expressions": expressions, **more}


def graph_of(plan: Plan, **sources: str) -> PlanGraph:
    files = Files({"app/plan.json": plan.text(), **{f"app/{path}": text for path, text in sources.items()}})
    project = load(Unit("terraformplan-json", "app/plan.json"), files, MisconfigOptions(offline=True))
    assert (project.type, project.target) == ("terraformplan", "app/plan.json")
    assert not project.problems
    assert isinstance(project.graph, PlanGraph)
    return project.graph


def only(blocks: Any) -> Any:
    assert len(blocks) == 1
    return blocks[0]


def test_planned_values() -> None:
    plan = Plan()
    plan.add(
        "aws_db_instance.db",
        {
            "engine": "mysql",
            "port": 3306,
            "storage_encrypted": False,
            "password": "p",
            "kms_key_id": None,
            "tags": {"a": "b"},
            "timeouts": [],
            "allocated_storage": 20.0,
        },
        unknown={"arn": True, "tags": {"c": True}},
        sensitive={"password": True},
    )
    plan.configured["resources"].append(
        configured("managed", "aws_db_instance", "db", {"engine": {"constant_value": "mysql"}})
    )
    block = only(graph_of(plan).resources("aws_db_instance"))
    assert (block.format, block.type, block.name) == ("terraform", "aws_db_instance", "db")
    assert block.string("engine").value == "mysql"
    assert block.integer("port").value == 3306
    assert block.boolean("storage_encrypted").is_false
    assert isinstance(block.find("password").value, Sensitive)
    assert block.string("password").value == "p"
    tags = block.find("tags").value
    assert tags["a"] == "b" and isinstance(tags["c"], Unknown)
    for missing in ("kms_key_id", "timeouts", "arn", "nonsense"):  # null, nothing, or computed: not written
        assert block.find(missing) is None
        assert not block.has(missing)
    computed = block.attribute("arn")
    assert isinstance(computed, Unknown) and computed.source is block and computed.attribute == "arn"


def test_nested_blocks() -> None:
    plan = Plan()
    rules = [
        {"from_port": 22, "cidr_blocks": ["0.0.0.0/0"], "inner": [{"x": None}]},
        {"from_port": None, "cidr_blocks": None},
    ]
    plan.add(
        "aws_security_group.g",
        {"ingress": rules, "egress": []},
        unknown={"ingress": [{"cidr_blocks": [False], "inner": [{"x": True}]}, {"from_port": True}], "egress": True},
    )
    expressions = {
        "ingress": [
            {"from_port": {"constant_value": 22}, "inner": [{"x": {"references": ["var.x"]}}]},
            {"from_port": {"references": ["var.p"]}},
        ]
    }
    plan.configured["resources"].append(configured("managed", "aws_security_group", "g", expressions))
    block = only(graph_of(plan).resources("aws_security_group"))
    first, second = block.blocks("ingress")
    assert first.integer("from_port").value == 22
    assert [cidr.value for cidr in first.strings("cidr_blocks")] == ["0.0.0.0/0"]
    assert first.has("inner.x") and not first.string("inner.x").known
    assert second.has("from_port") and not second.integer("from_port").known
    assert not block.has("egress") and block.find("ingress") is None
    assert set(block.names()) == {"ingress"}


def linked() -> tuple[Plan, dict[str, str]]:
    plan = Plan()
    for key in ("a", "b"):
        plan.add(f'aws_s3_bucket.b["{key}"]', {"bucket": f"b-{key}"}, index=key, unknown={"id": True})
        plan.add(f'aws_s3_bucket_policy.p["{key}"]', {}, index=key, unknown={"bucket": True, "policy": True})
        plan.add(
            f'module.m["{key}"].aws_s3_bucket_acl.acl',
            {"acl": "private"},
            module=f'module.m["{key}"]',
            unknown={"bucket": True},
        )
    plan.add("aws_s3_bucket_logging.one", {"target_bucket": "b-b"}, unknown={"bucket": True})
    plan.add("aws_s3_bucket_versioning.out", {}, unknown={"bucket": True})
    plan.configured = {
        "resources": [
            configured(
                "managed",
                "aws_s3_bucket",
                "b",
                {"bucket": {"references": ["each.key"]}},
                for_each_expression={"references": ["local.keys"]},
            ),
            configured(
                "managed",
                "aws_s3_bucket_policy",
                "p",
                {
                    "bucket": {"references": ["each.value.id", "each.value"]},
                    "policy": {"references": ["data.x.y", "aws_s3_bucket.b"]},
                },
                for_each_expression={"references": ["aws_s3_bucket.b"]},
            ),
            configured(
                "managed",
                "aws_s3_bucket_logging",
                "one",
                {
                    "bucket": {"references": ['aws_s3_bucket.b["b"].id', 'aws_s3_bucket.b["b"]', "aws_s3_bucket.b"]},
                    "target_bucket": {"references": ["local.x"]},
                },
            ),
            configured(
                "managed",
                "aws_s3_bucket_versioning",
                "out",
                {"bucket": {"references": ['module.m["a"].bucket', 'module.m["a"]', "module.m"]}},
            ),
        ],
        "module_calls": {
            "m": {
                "source": "./m",
                "expressions": {"bucket": {"references": ["aws_s3_bucket.b", "each.key"]}},
                "for_each_expression": {"references": ["local.keys"]},
                "module": {
                    "resources": [
                        configured(
                            "managed", "aws_s3_bucket_acl", "acl", {"acl": {}, "bucket": {"references": ["var.bucket"]}}
                        )
                    ],
                    "outputs": {
                        "bucket": {
                            "expression": {"references": ["aws_s3_bucket_acl.acl.bucket", "aws_s3_bucket_acl.acl"]}
                        }
                    },
                    "variables": {"bucket": {}},
                },
            }
        },
    }
    sources = {
        "main.tf": 'resource "aws_s3_bucket" "b" {\n  for_each = local.keys\n  bucket = "b-${each.key}"\n}\n\n'
        'module "m" {\n  for_each = local.keys\n  source = "./m"\n}\n',
        "m/acl.tf": '# an acl\nresource "aws_s3_bucket_acl" "acl" {\n  bucket = var.bucket\n  acl = "private"\n}\n',
    }
    return plan, sources


def test_links_between_instances() -> None:
    graph = graph_of(linked()[0])
    buckets = {block.key: block for block in graph.resources("aws_s3_bucket")}
    assert set(buckets) == {"a", "b"}
    for block in graph.resources("aws_s3_bucket_policy"):
        assert graph.target(block, "bucket", "aws_s3_bucket") is buckets[block.key]
        assert graph.pointing(buckets[block.key], "bucket", "aws_s3_bucket_policy") == [block]
        bucket = block.find("bucket").value
        assert isinstance(bucket, Unknown) and bucket.source is buckets[block.key] and bucket.attribute == "id"
    for block in graph.resources("aws_s3_bucket_acl"):  # through the variable, by the key of the module
        assert graph.target(block, "bucket", "aws_s3_bucket") is buckets[block.module.key]
    one = only(graph.resources("aws_s3_bucket_logging"))
    assert graph.target(one, "bucket", "aws_s3_bucket") is buckets["b"]
    assert graph.target(one, "target_bucket", "aws_s3_bucket") is buckets["b"]  # by its name
    assert graph.target(one, "bucket", "aws_sns_topic") is None
    out = only(graph.resources("aws_s3_bucket_versioning"))
    acl = graph.target(out, "bucket", "aws_s3_bucket_acl")
    assert acl is not None and acl.module.key == "a"  # type: ignore[attr-defined]


def test_findings_point_at_the_source() -> None:
    plan, sources = linked()
    graph = graph_of(plan, **sources)
    bucket = graph.resources("aws_s3_bucket")[1]
    assert (bucket.cause.file, bucket.cause.start, bucket.cause.end) == ("app/main.tf", 1, 4)
    assert bucket.cause.name == 'aws_s3_bucket.b["b"]'
    cause = bucket.string("bucket").cause
    assert (cause.file, cause.start, cause.end, cause.name) == ("app/main.tf", 3, 3, 'aws_s3_bucket.b["b"].bucket')
    acl = graph.resources("aws_s3_bucket_acl")[0].string("acl").cause
    assert (acl.file, acl.start, acl.name) == ("app/m/acl.tf", 4, "aws_s3_bucket_acl.acl.acl")
    assert acl.outermost.name == 'module.m["a"]'
    assert (acl.outermost.file, acl.outermost.start, acl.outermost.end) == ("app/main.tf", 6, 9)


def test_findings_point_at_the_plan_without_source() -> None:
    plan, _ = linked()
    text = plan.text().splitlines()
    graph = graph_of(plan)
    for block in (*graph.resources("aws_s3_bucket"), *graph.resources("aws_s3_bucket_acl")):
        address = f"{block.cause.outermost.name}.{block.cause.name}" if block.cause.parent else block.cause.name
        assert block.cause.file == "app/plan.json"
        assert json.loads("{" + text[block.cause.start - 1].strip().rstrip(",") + "}") == {"address": address}


def test_dynamic_blocks_of_unknown_number_are_blocks() -> None:
    plan = Plan()
    plan.add("aws_security_group.g", {}, unknown={"ingress": True})
    plan.configured["resources"].append(configured("managed", "aws_security_group", "g", {}))
    dynamic = '  dynamic "ingress" {\n    for_each = var.x\n    content {\n    }\n  }\n'
    source = f'resource "aws_security_group" "g" {{\n{dynamic}}}\n'
    block = only(graph_of(plan, **{"main.tf": source}).resources("aws_security_group"))
    assert len(block.blocks("ingress")) == 1
    assert block.blocks("ingress")[0].cause.start == 4


def test_policy_of_which_parts_are_unknown() -> None:
    plan = Plan()
    statement = {"actions": ["s3:*"], "resources": None, "effect": "Allow"}
    plan.add(
        "data.aws_iam_policy_document.d",
        {"statement": [statement]},
        unknown={"json": True, "statement": [{"resources": True}]},
    )
    plan.add("aws_iam_policy.p", {}, unknown={"policy": True})
    plan.configured["resources"] += [
        configured(
            "data",
            "aws_iam_policy_document",
            "d",
            {
                "statement": [
                    {"actions": {"constant_value": ["s3:*"]}, "resources": {"references": ["aws_s3_bucket.b.arn"]}}
                ]
            },
        ),
        configured(
            "managed",
            "aws_iam_policy",
            "p",
            {"policy": {"references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}},
        ),
    ]
    graph = graph_of(plan)
    value = only(graph.resources("aws_iam_policy")).find("policy").value
    assert isinstance(value, Unknown) and value.like
    assert json.loads(value.like)["Statement"] == [{"Effect": "Allow", "Action": "s3:*", "Resource": "__UNRESOLVED__"}]
    assert value.source is only(graph.data("aws_iam_policy_document"))


def test_data_that_was_read_before_and_providers() -> None:
    plan = Plan()
    plan.more["prior_state"] = {
        "values": {
            "root_module": {
                "resources": [
                    {
                        "address": "data.aws_region.r",
                        "mode": "data",
                        "type": "aws_region",
                        "name": "r",
                        "values": {"name": "eu-west-1"},
                    },
                    {
                        "address": "aws_s3_bucket.gone",
                        "mode": "managed",
                        "type": "aws_s3_bucket",
                        "name": "gone",
                        "values": {},
                    },
                ]
            }
        }
    }
    plan.more["variables"] = {"region": {"value": "eu-north-1"}}
    plan.more["configuration"] = {
        "provider_config": {
            "aws": {
                "name": "aws",
                "expressions": {"region": {"references": ["var.region"]}, "token": {"references": ["data.x.y"]}},
            },
            "aws.west": {
                "name": "aws",
                "alias": "west",
                "expressions": {"default_tags": [{"tags": {"constant_value": {"a": "b"}}}]},
            },
        }
    }
    graph = graph_of(plan, **{"main.tf": 'provider "aws" {\n}\n\nprovider "aws" {\n  alias = "west"\n}\n'})
    assert only(graph.data("aws_region")).string("name").value == "eu-west-1"
    assert not graph.resources("aws_s3_bucket")
    first, west = graph.providers("aws")
    assert first.string("region").value == "eu-north-1" and not first.string("token").known
    assert west.string("alias").value == "west" and west.mapping("default_tags.tags").value == {"a": "b"}
    assert (first.cause.start, west.cause.start) == (1, 4)


def test_recognition() -> None:
    text = Plan().text(None).encode()
    assert json_language.recognise("x.json", text)
    assert not json_language.recognise("x.json", b'{"terraform_version": "1"}')
    assert not json_language.recognise("x.json", b"[" + text + b"]")


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"format_version": "1", "terraform_version": ', "[" * 100_000, '{"format_version": 1}', "\xff"],
)
def test_no_plan(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        load(Unit("terraformplan-json", "plan.json"), Files({"plan.json": text}), MisconfigOptions())


ODD: list[Any] = [
    None,
    5,
    "x",
    [],
    [5],
    {},
    {"root_module": 5},
    {"root_module": {"resources": [5, {}, {"type": "a", "name": "b"}]}},
]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("name", ["planned_values", "resource_changes", "configuration", "prior_state", "variables"])
def test_odd_documents(name: str, odd: Any) -> None:
    document = json.loads(linked()[0].text()) | {name: odd}
    project = load(Unit("x", "plan.json"), Files({"plan.json": json.dumps(document)}), MisconfigOptions())
    assert project.graph is not None
    for type_ in project.graph.types():
        for block in project.graph.resources(type_):
            touch(block)
            assert project.render is not None
            project.render(block.cause)
            project.graph.target(block, "bucket", "aws_s3_bucket")


def touch(block: Block) -> None:
    for name in block.names():
        block.find(name)
        for child in block.children(name):
            touch(child)


def test_modules_that_refer_to_each_other_in_circles() -> None:
    plan, _ = linked()
    calls = plan.configured["module_calls"]["m"]
    calls["expressions"]["bucket"] = {"references": ["module.m.bucket", "var.bucket"]}
    calls["module"]["outputs"]["bucket"] = {"expression": {"references": ["var.bucket", "module.m.bucket"]}}
    graph = graph_of(plan)
    for block in graph.resources("aws_s3_bucket_acl"):
        assert graph.target(block, "bucket", "aws_s3_bucket") is None


def test_references() -> None:
    assert parts('module.m["a.b"].out[0].x') == ["module", "m", "[a.b", "out", 0, "x"]
    expression = {"references": ["aws_s3_bucket.b[0].id", "aws_s3_bucket.b[0]", "aws_s3_bucket.b", "var.x"]}
    assert list(references([{"a": expression}])) == ["aws_s3_bucket.b[0].id", "var.x"]


def test_plan_that_failed_is_told() -> None:
    document = json.loads(Plan().text()) | {"errored": True}
    project = load(Unit("x", "plan.json"), Files({"plan.json": json.dumps(document)}), MisconfigOptions())
    assert [problem.where for problem in project.problems] == ["plan.json"]


def test_a_plan_on_one_line_is_not_shown() -> None:
    """Its first characters hold the values of variables."""
    plan, _ = linked()
    plan.more["variables"] = {"password": {"value": "secret" * 1000}}
    project = load(Unit("x", "plan.json"), Files({"plan.json": plan.text(None)}), MisconfigOptions())
    assert project.texts == {"plan.json": b""}
    project = load(Unit("x", "plan.json"), Files({"plan.json": linked()[0].text()}), MisconfigOptions())
    assert not project.texts


def test_values_are_rendered_but_secret_ones() -> None:
    plan = Plan()
    values = {"engine": "mysql", "password": "p", "tags": {"a": "b"}, "kms": None, "inner": [{"x": 1, "y": None}]}
    plan.add("aws_db_instance.db", values, sensitive={"password": True}, unknown={"inner": [{"y": True}]})
    expressions = {"engine": {}, "inner": [{"x": {}, "y": {"references": ["var.y"]}}]}
    plan.configured["resources"].append(configured("managed", "aws_db_instance", "db", expressions))
    source = 'resource "aws_db_instance" "db" {\n  engine = var.x\n  inner {\n    x = 1\n  }\n}\n'
    for files in ({"plan.json": plan.text()}, {"plan.json": plan.text(), "main.tf": source}):
        project = load(Unit("x", "plan.json"), Files(files), MisconfigOptions())
        assert project.graph is not None and project.render is not None
        block = only(project.graph.resources("aws_db_instance"))
        inner = "  inner {\n    x = 1\n  }\n"
        whole = project.render(block.cause)
        assert whole.startswith('resource "aws_db_instance" "db" {\n') and whole.endswith("}\n")
        assert '  tags = {\n    a = "b"\n  }\n' in whole and inner in whole and '  engine = "mysql"\n' in whole
        assert "password" not in whole and "kms" not in whole
        if len(files) == 2:
            cause = block.string("engine").cause
            assert project.render(cause) == 'resource "aws_db_instance" "db" {\n  engine = "mysql"\n}\n'
            cause = block.blocks("inner")[0].integer("x").cause
            assert project.render(cause) == f'resource "aws_db_instance" "db" {{\n{inner}}}\n'

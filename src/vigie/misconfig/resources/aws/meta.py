"""Configurations of Terraform's AWS provider."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class AssumeRole(Resource):
    """A role that the provider takes on."""

    duration: Attribute[str]
    external_id: Attribute[str]
    policy: Attribute[str]
    policy_arns: list[Attribute[str]]
    role_arn: Attribute[str]
    session_name: Attribute[str]
    source_identity: Attribute[str]
    tags: Attribute[Mapping[str, str]]
    transitive_tag_keys: list[Attribute[str]]


class AssumeRoleWithWebIdentity(Resource):
    """A role that the provider takes on with a token."""

    duration: Attribute[str]
    policy: Attribute[str]
    policy_arns: list[Attribute[str]]
    role_arn: Attribute[str]
    session_name: Attribute[str]
    web_identity_token: Attribute[str]
    web_identity_token_file: Attribute[str]


class DefaultTags(Resource):
    """Tags of all resources."""

    tags: Attribute[Mapping[str, str]]


class IgnoreTags(Resource):
    """Tags that the provider leaves alone."""

    keys: list[Attribute[str]]
    key_prefixes: list[Attribute[str]]


class TerraformProvider(Resource):
    """A `provider "aws"`."""

    alias: Attribute[str]
    version: Attribute[str]
    access_key: Attribute[str]
    allowed_accounts_ids: list[Attribute[str]]
    assume_role: AssumeRole
    assume_role_with_web_identity: AssumeRoleWithWebIdentity
    custom_ca_bundle: Attribute[str]
    default_tags: DefaultTags
    ec2_metadata_service_endpoint: Attribute[str]
    ec2_metadata_service_endpoint_mode: Attribute[str]
    endpoints: Attribute[Mapping[str, str]]
    forbidden_account_ids: list[Attribute[str]]
    http_proxy: Attribute[str]
    ignore_tags: IgnoreTags
    insecure: Attribute[bool]
    max_retries: Attribute[int]
    profile: Attribute[str]
    region: Attribute[str]
    retry_mode: Attribute[str]
    s3_use_path_style: Attribute[bool]
    s3_us_east_1_regional_endpoint: Attribute[str]
    secret_key: Attribute[str]
    shared_config_files: list[Attribute[str]]
    shared_credentials_files: list[Attribute[str]]
    skip_credentials_validation: Attribute[bool]
    skip_metadata_api_check: Attribute[bool]
    skip_region_validation: Attribute[bool]
    skip_requesting_account_id: Attribute[bool]
    sts_region: Attribute[str]
    token: Attribute[str]
    use_dualstack_endpoint: Attribute[bool]
    use_fips_endpoint: Attribute[bool]


class Meta(Resource):
    """What is not a resource."""

    tf_providers: list[TerraformProvider]


def endpoints(block: Block) -> Attribute[Mapping[str, str]]:
    """Addresses by service, from all blocks of them."""
    found: dict[str, str] = {}
    parts = block.blocks("endpoints")
    for part in parts:
        for name in part.names():
            address = part.string(name)
            if address.known:
                found[name] = address.value
    return Attribute(found, (parts[0] if parts else block).cause, explicit=bool(parts))


def files(block: Block, path: str, default: str) -> list[Attribute[str]]:
    """A list of files."""
    return block.strings(path) if block.has(path) else [Attribute(default, block.cause, explicit=False)]


def provider(block: Block) -> TerraformProvider:
    """A provider's configuration. The field reads the roles' arguments from the provider's block itself, where they
    cannot stand; we read the nested blocks."""
    role, web = "assume_role", "assume_role_with_web_identity"
    return TerraformProvider(
        cause=block.cause,
        alias=block.string("alias"),
        version=block.string("version"),
        access_key=block.string("access_key"),
        allowed_accounts_ids=block.strings("allowed_account_ids"),
        assume_role=AssumeRole(
            cause=(block.block(role) or block).cause,
            duration=block.string(f"{role}.duration"),
            external_id=block.string(f"{role}.external_id"),
            policy=block.string(f"{role}.policy"),
            policy_arns=block.strings(f"{role}.policy_arns"),
            role_arn=block.string(f"{role}.role_arn"),
            session_name=block.string(f"{role}.session_name"),
            source_identity=block.string(f"{role}.source_identity"),
            tags=block.mapping(f"{role}.tags"),
            transitive_tag_keys=block.strings(f"{role}.transitive_tag_keys"),
        ),
        assume_role_with_web_identity=AssumeRoleWithWebIdentity(
            cause=(block.block(web) or block).cause,
            duration=block.string(f"{web}.duration"),
            policy=block.string(f"{web}.policy"),
            policy_arns=block.strings(f"{web}.policy_arns"),
            role_arn=block.string(f"{web}.role_arn"),
            session_name=block.string(f"{web}.session_name"),
            web_identity_token=block.string(f"{web}.web_identity_token"),
            web_identity_token_file=block.string(f"{web}.web_identity_token_file"),
        ),
        custom_ca_bundle=block.string("custom_ca_bundle"),
        default_tags=DefaultTags(
            cause=(block.block("default_tags") or block).cause, tags=block.mapping("default_tags.tags")
        ),
        ec2_metadata_service_endpoint=block.string("ec2_metadata_service_endpoint"),
        ec2_metadata_service_endpoint_mode=block.string("ec2_metadata_service_endpoint_mode"),
        endpoints=endpoints(block),
        forbidden_account_ids=block.strings("forbidden_account_ids"),
        http_proxy=block.string("http_proxy"),
        ignore_tags=IgnoreTags(
            cause=(block.block("ignore_tags") or block).cause,
            keys=block.strings("ignore_tags.keys"),
            key_prefixes=block.strings("ignore_tags.key_prefixes"),
        ),
        insecure=block.boolean("insecure"),
        max_retries=block.integer("max_retries", 25),
        profile=block.string("profile"),
        region=block.string("region"),
        retry_mode=block.string("retry_mode"),
        s3_use_path_style=block.boolean("s3_use_path_style"),
        s3_us_east_1_regional_endpoint=block.string("s3_us_east_1_regional_endpoint"),
        secret_key=block.string("secret_key"),
        shared_config_files=files(block, "shared_config_files", "~/.aws/config"),
        shared_credentials_files=files(block, "shared_credentials_files", "~/.aws/credentials"),
        skip_credentials_validation=block.boolean("skip_credentials_validation"),
        skip_metadata_api_check=block.boolean("skip_metadata_api_check"),
        skip_region_validation=block.boolean("skip_region_validation"),
        skip_requesting_account_id=block.boolean("skip_requesting_account_id"),
        sts_region=block.string("sts_region"),
        token=block.string("token"),
        use_dualstack_endpoint=block.boolean("use_dualstack_endpoint"),
        use_fips_endpoint=block.boolean("use_fips_endpoint"),
    )


def from_terraform(graph: Graph) -> Meta:
    return Meta(tf_providers=[provider(block) for block in graph.providers("aws")])


service = Service(path="aws.meta", model=Meta, terraform=Adapter(types=(), fill=from_terraform, always=True))

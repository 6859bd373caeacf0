"""Checks of instances, of the templates they are made from, and of disks."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.credentials import credential_in
from vigie.misconfig.resources.aws.ec2.model import (
    Instance,
    LaunchConfiguration,
    LaunchTemplate,
    MetadataOptions,
    Volume,
)
from vigie.misconfig.value import Attribute

GUIDE = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide"
ENCRYPTION = "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html"
IMDS = f"{GUIDE}/configuring-instance-metadata-service.html"
SECRETS_WHY = (
    "Whoever may describe the resource, or run a command on a machine made from it, reads its user data: it is no "
    "place for secrets."
)
SECRETS_FIX = "Fetch the secret at start from Secrets Manager or the Parameter Store, with the role of the instance."
DISK_WHY = "The data of an unencrypted disk, and of every snapshot of it, can be read by whoever gets hold of a copy."
IMDS_WHY = (
    "With version 1 of the metadata service, one forged request that a program on the machine can be talked into is "
    "enough to steal the credentials of its role. Version 2 wants a token first."
)
IMDS_FIX = 'Set the metadata option `http_tokens` (CloudFormation: `HttpTokens`) to "required".'


@check(
    "AWS-0008",
    "aws.ec2.launch_configurations",
    severity="HIGH",
    code="enable-launch-config-at-rest-encryption",
    title="Disks of launch configurations should be encrypted",
    why=DISK_WHY,
    fix="Set `encrypted = true` in `root_block_device` and every `ebs_block_device` (CloudFormation: `Encrypted` in "
    "the `BlockDeviceMappings`), or use a launch template.",
    references=(ENCRYPTION,),
    aliases=("aws-autoscaling-enable-at-rest-encryption",),
)
def configured_disks_encrypted(configuration: LaunchConfiguration) -> Flaws:
    yield from _plain_disks(configuration)


@check(
    "AWS-0009",
    "aws.ec2.launch_configurations",
    severity="HIGH",
    code="no-public-ip",
    title="Launch configurations should give no public address",
    why="A machine with a public address is found and attacked within minutes.",
    fix="Set `associate_public_ip_address = false` (CloudFormation: `AssociatePublicIpAddress`), and let "
    "a load balancer or NAT gateway face the internet.",
    references=(f"{GUIDE}/using-instance-addressing.html",),
)
def no_public_address(configuration: LaunchConfiguration) -> Flaws:
    if configuration.associate_public_ip.is_true:
        yield flaw("Machines of this launch configuration get a public address.", configuration.associate_public_ip)


@check(
    "AWS-0026",
    "aws.ec2.volumes",
    severity="HIGH",
    code="enable-volume-encryption",
    title="EBS volumes should be encrypted",
    why=DISK_WHY,
    fix="Set `encrypted = true` (CloudFormation: `Encrypted`), or turn on encryption by default for the account.",
    references=(ENCRYPTION,),
    aliases=("aws-ebs-enable-volume-encryption",),
)
def volumes_encrypted(volume: Volume) -> Flaws:
    if not volume.encryption.enabled.is_true:
        yield flaw("The volume is not encrypted.", volume.encryption.enabled)


@check(
    "AWS-0027",
    "aws.ec2.volumes",
    severity="LOW",
    code="volume-encryption-customer-key",
    title="EBS volumes should be encrypted with a key of your own",
    why="All volumes of the account share the key of AWS; one of your own can be revoked and kept to few users, and "
    "its use is logged.",
    fix="Name a KMS key in `kms_key_id` (CloudFormation: `KmsKeyId`).",
    references=(ENCRYPTION,),
    aliases=("aws-ebs-encryption-customer-key",),
)
def volumes_with_own_key(volume: Volume) -> Flaws:
    if volume.encryption.kms_key_id.is_empty:
        yield flaw("The volume is not encrypted with a KMS key of your own.", volume.encryption.kms_key_id)


@check(
    "AWS-0028",
    "aws.ec2.instances",
    severity="HIGH",
    code="enforce-http-token-imds",
    title="Instances should require tokens of the metadata service",
    why=IMDS_WHY,
    fix=IMDS_FIX,
    references=(IMDS,),
)
def instances_require_tokens(instance: Instance) -> Flaws:
    yield from _tokenless(instance.metadata_options)


@check(
    "AWS-0029",
    "aws.ec2.instances",
    severity="CRITICAL",
    code="no-secrets-in-user-data",
    title="User data of instances should hold no secrets",
    why=SECRETS_WHY,
    fix=SECRETS_FIX,
    references=(f"{GUIDE}/instancedata-add-user-data.html",),
    aliases=("aws-autoscaling-no-public-ip",),
)
def no_secrets_in_instances(instance: Instance) -> Flaws:
    yield from _secrets(instance.user_data)


@check(
    "AWS-0122",
    "aws.ec2.launch_configurations",
    severity="HIGH",
    code="no-sensitive-info",
    title="User data of launch configurations should hold no secrets",
    why=SECRETS_WHY,
    fix=SECRETS_FIX,
    references=(f"{GUIDE}/instancedata-add-user-data.html",),
    aliases=("aws-autoscaling-no-sensitive-info",),
)
def no_secrets_in_configurations(configuration: LaunchConfiguration) -> Flaws:
    yield from _secrets(configuration.user_data)


@check(
    "AWS-0129",
    "aws.ec2.launch_templates",
    severity="CRITICAL",
    code="no-secrets-in-launch-template-user-data",
    title="User data of launch templates should hold no secrets",
    why=SECRETS_WHY,
    fix=SECRETS_FIX,
    references=(f"{GUIDE}/instancedata-add-user-data.html",),
    aliases=("aws-autoscaling-no-secrets-in-user-data",),
)
def no_secrets_in_templates(template: LaunchTemplate) -> Flaws:
    yield from _secrets(template.instance.user_data)


@check(
    "AWS-0130",
    "aws.ec2.launch_configurations.metadata_options",
    "aws.ec2.launch_templates.instance.metadata_options",
    severity="HIGH",
    code="enforce-launch-config-http-token-imds",
    title="Launch configurations and templates should require tokens of the metadata service",
    why=IMDS_WHY,
    fix=IMDS_FIX,
    references=(IMDS,),
    aliases=("aws-autoscaling-enforce-http-token-imds",),
)
def templates_require_tokens(options: MetadataOptions) -> Flaws:
    yield from _tokenless(options)


@check(
    "AWS-0131",
    "aws.ec2.instances",
    severity="HIGH",
    code="enable-at-rest-encryption",
    title="Disks of instances should be encrypted",
    why=DISK_WHY,
    fix="Set `encrypted = true` in `root_block_device` and every `ebs_block_device` (CloudFormation: `Encrypted` in "
    "the `BlockDeviceMappings`), or turn on encryption by default for the account.",
    references=(ENCRYPTION,),
)
def instance_disks_encrypted(instance: Instance) -> Flaws:
    yield from _plain_disks(instance)


def _plain_disks(machine: Instance | LaunchConfiguration) -> Flaws:
    root = machine.root_block_device
    if root is not None and not root.encrypted.is_true:
        yield flaw("The root disk is not encrypted.", root.encrypted)
    for device in machine.ebs_block_devices:
        if not device.encrypted.is_true:
            yield flaw("A disk is not encrypted.", device.encrypted)


def _tokenless(options: MetadataOptions) -> Flaws:
    if options.http_endpoint.differs("disabled") and options.http_tokens.differs("required"):
        yield flaw("The metadata service answers requests without a token.", options.http_tokens)


def _secrets(script: Attribute[str]) -> Flaws:
    if script.certain() and (kind := credential_in(script.value)):
        yield flaw(f"The user data holds {kind}.", script)

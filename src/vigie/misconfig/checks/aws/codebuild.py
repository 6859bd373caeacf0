"""Checks of CodeBuild."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.codebuild import Project


@check(
    "AWS-0018",
    "aws.codebuild.projects",
    severity="HIGH",
    code="enable-encryption",
    title="CodeBuild artifacts should be encrypted",
    why="Artifacts hold the built product, often with configuration and secrets in it. Unencrypted they can be read by "
    "whoever gets at the bucket.",
    fix="Leave out `encryption_disabled` (CloudFormation: `EncryptionDisabled`), or set it to false.",
    references=("https://docs.aws.amazon.com/codebuild/latest/userguide/security-encryption.html",),
)
def artifacts_encrypted(project: Project) -> Flaws:
    for settings in (project.artifact_settings, *project.secondary_artifact_settings):
        if not settings.encryption_enabled.is_true:
            yield flaw("Encryption of the artifact is turned off.", settings.encryption_enabled)

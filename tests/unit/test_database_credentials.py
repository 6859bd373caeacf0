"""Credentials for an image never reach a public database repository."""

from __future__ import annotations

from vigie.settings.groups import DatabaseOptions, Options, RegistryOptions
from vigie.vulnerabilities.database import update

GIVEN = RegistryOptions(usernames=("me",), passwords=("secret",), token="t", mirrors={"a": ("b",)})


def test_public_repositories_get_mirrors_only() -> None:
    options = Options(registry=GIVEN)
    for artifact, repositories in (
        (update.VULNERABILITIES, options.database.repositories),
        (update.JAVA, options.database.java_repositories),
    ):
        assert update._credentials_for(repositories, artifact, options) == RegistryOptions(mirrors={"a": ("b",)})


def test_a_repository_that_the_user_named_gets_them() -> None:
    options = Options(registry=GIVEN, database=DatabaseOptions(repositories=("registry.example/db:2",)))
    assert update._credentials_for(options.database.repositories, update.VULNERABILITIES, options) == GIVEN

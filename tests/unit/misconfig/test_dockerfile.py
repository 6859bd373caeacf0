"""Which files are Dockerfiles, and variables in their base images, as BuildKit puts them in.

Source: https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

import pytest

from vigie.misconfig.languages.dockerfile import recognise
from vigie.misconfig.languages.dockerfile.project import project


@pytest.mark.parametrize(
    ("args", "base", "image"),
    [
        ("", "debian:12", "debian:12"),
        ("ARG TAG=12", "debian:$TAG", "debian:12"),
        ("ARG TAG=12", "debian:${TAG}-slim", "debian:12-slim"),
        ("ARG TAG='12'", 'debian:"${TAG}"', "debian:12"),
        ("ARG A=12\nARG TAG=$A", "debian:$TAG", "debian:12"),
        ("ARG TAG", "debian:${TAG:-12}", "debian:12"),
        ("ARG TAG=", "debian:${TAG:-12}", "debian:12"),
        ("ARG TAG=", "debian${TAG-12}", "debian"),
        ("ARG SLIM=1", "debian:12${SLIM:+-slim}", "debian:12-slim"),
        ("", "debian:12${SLIM:+-slim}", "debian:12"),
        ('ARG KIND=${SLIM:+"small"}\nARG KIND=${KIND:-"large"}', "app-$KIND", "app-large"),
        ("ARG TAG", "debian:$TAG", None),
        ("", "app-$TARGETARCH", None),
        ("ARG TARGETARCH", "app-${TARGETARCH:-amd64}", None),
        ("ARG KIND=${TARGETPLATFORM#linux/}\nARG KIND=${KIND:+other}", "app-$KIND", None),
        ("ARG A=$B\nARG B=$A", "$A", None),
    ],
)
def test_base_images(args: str, base: str, image: str | None) -> None:
    found = project("Dockerfile", f"{args}\nFROM {base}\n".encode())
    stage = found.objects["dockerfile.stage"][0]
    assert (stage.image.value if stage.image.known else None) == image


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("Dockerfile", True),
        ("a/Containerfile", True),
        ("Dockerfile.prod", True),
        ("web.Dockerfile", True),
        ("web.dockerfile", True),
        ("Dockerfile.dockerignore", False),
        ("Dockerfile.md", False),
        ("MyDockerfile", False),
    ],
)
def test_names(path: str, is_one: bool) -> None:
    assert recognise(path, b"FROM a\n") is is_one


def test_what_is_no_dockerfile_is_one_problem() -> None:
    found = project("Dockerfile.txt", b"A Dockerfile begins\nwith FROM and\ngoes on.\n")
    assert [problem.what for problem in found.problems] == [
        "seems to be no Dockerfile: 3 of 3 lines are no instructions"
    ]

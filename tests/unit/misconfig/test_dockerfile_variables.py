"""Variables in the base images of Dockerfiles, as BuildKit puts them in.

Source: https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

import pytest

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

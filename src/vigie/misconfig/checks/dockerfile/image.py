"""Checks of what an image is made of: bases, stages, users, ports, working folders."""

from __future__ import annotations

import re

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.languages.dockerfile.project import Dockerfile, Instruction, Stage

REFERENCE = "https://docs.docker.com/reference/dockerfile/"
PRACTICES = "https://docs.docker.com/build/building/best-practices/"
_SSH = {"22", "22/tcp", "22/udp"}
_ABSOLUTE = re.compile(r"[\"']?(?:/|[A-Za-z]:|\$)")
_SYSTEM = ("/proc/", "/boot/", "/dev/", "/initrd/", "/lost+found/")


@check(
    "DS-0001",
    "dockerfile.stage",
    service="general",
    severity="MEDIUM",
    code="use-specific-tags",
    aliases=("DS001",),
    title="Base images should have a tag of their own",
    why="Without a tag, or with latest, each build may start from another base, which nobody has tested.",
    fix="Name a version (debian:12.5-slim), or better a digest (debian@sha256:…), and move it on purpose.",
    references=(f"{PRACTICES}#pin-base-image-versions",),
)
def base_is_pinned(stage: Stage) -> Flaws:
    image = stage.image
    if not image.certain() or "@" in image.value or image.value.lower() in ("scratch", *_aliases(stage)):
        return
    _, colon, tag = image.value.rpartition("/")[2].partition(":")
    if not colon or tag in ("", "latest"):
        yield flaw(f"The base image {image.value} has {'the tag latest' if colon else 'no tag'}.", stage)


def _aliases(stage: Stage) -> set[str]:
    return {other.alias.lower() for other in stage.before if other.alias} | {
        str(other.number) for other in stage.before
    }


@check(
    "DS-0002",
    "dockerfile.file",
    service="general",
    severity="HIGH",
    code="least-privilege-user",
    aliases=("DS002",),
    title="Containers should run as a user other than root",
    why="A process that runs as root inside of a container is root on the host as soon as it finds a way out.",
    fix="Make a user (RUN useradd -r app) and end the file with USER app.",
    references=(f"{REFERENCE}#user", f"{PRACTICES}#user"),
)
def runs_as_user(file: Dockerfile) -> Flaws:
    users = file.of("user")
    if not users:
        yield flaw("No USER is named, so containers run as the base image's, mostly root.", file)
    elif users[-1].text.strip("\"'").partition(":")[0] in ("root", "0"):
        yield flaw(f"The last USER is {users[-1].text}.", users[-1])


@check(
    "DS-0004",
    "dockerfile.instruction",
    service="general",
    severity="MEDIUM",
    code="no-ssh-port",
    aliases=("DS004",),
    title="The SSH port should not be exposed",
    why="A shell over the network is a second way into a container, with passwords and keys of its own to lose.",
    fix="Drop port 22 from EXPOSE; docker exec or kubectl exec give a shell without a server.",
    references=(f"{REFERENCE}#expose",),
)
def no_ssh_port(instruction: Instruction) -> Flaws:
    if instruction.name == "expose":
        for port in instruction.values:
            if port.strip("\"'").lower() in _SSH:
                yield flaw(f"Port {port} is exposed.", instruction)


@check(
    "DS-0005",
    "dockerfile.instruction",
    service="general",
    severity="LOW",
    code="use-copy-over-add",
    aliases=("DS005",),
    title="Files should be copied with COPY",
    why="ADD unpacks archives and fetches URLs: what lands in the image depends on more than the file that was meant.",
    fix="Write COPY; keep ADD for archives that are to be unpacked, and for URLs.",
    references=(f"{PRACTICES}#add-or-copy",),
)
def copies(instruction: Instruction) -> Flaws:
    text = instruction.text
    if instruction.name != "add" or any(word in text for word in (".tar", "http://", "https://", "git@")):
        return
    if not instruction.text.startswith(("file:", "multi:", "dir:")):
        yield flaw(f"ADD is used for {instruction.values[0]}, which COPY does as well.", instruction)


@check(
    "DS-0006",
    "dockerfile.instruction",
    service="general",
    severity="CRITICAL",
    code="no-self-referencing-copy-from",
    aliases=("DS006",),
    title="COPY --from should name another stage",
    why="A stage that copies from itself does not build.",
    fix="Name the stage, or the image, that holds the files.",
    references=(f"{REFERENCE}#copy---from",),
)
def copies_from_others(instruction: Instruction) -> Flaws:
    if instruction.name == "copy" and instruction.stage.alias:
        source = instruction.flag("from")
        if source is not None and source.lower() == instruction.stage.alias.lower():
            yield flaw(f"The stage {instruction.stage.alias} copies from itself.", instruction)


@check(
    "DS-0007",
    "dockerfile.stage",
    service="general",
    severity="CRITICAL",
    code="only-one-entrypoint",
    aliases=("DS007",),
    title="A stage should have one ENTRYPOINT",
    why="Only the last ENTRYPOINT counts; the ones before it look as if they did something.",
    fix="Keep the one that is meant.",
    references=(f"{REFERENCE}#entrypoint",),
)
def one_entrypoint(stage: Stage) -> Flaws:
    yield from _only_one(stage, "entrypoint")


@check(
    "DS-0016",
    "dockerfile.stage",
    service="general",
    severity="HIGH",
    code="only-one-cmd",
    aliases=("DS016",),
    title="A stage should have one CMD",
    why="Only the last CMD counts; the ones before it look as if they did something.",
    fix="Keep the one that is meant.",
    references=(f"{REFERENCE}#cmd",),
)
def one_cmd(stage: Stage) -> Flaws:
    yield from _only_one(stage, "cmd")


@check(
    "DS-0023",
    "dockerfile.stage",
    service="general",
    severity="MEDIUM",
    code="only-one-healthcheck",
    aliases=("DS023",),
    title="A stage should have one HEALTHCHECK",
    why="Only the last HEALTHCHECK counts; the ones before it look as if they watched something.",
    fix="Keep the one that is meant.",
    references=(f"{REFERENCE}#healthcheck",),
)
def one_healthcheck(stage: Stage) -> Flaws:
    yield from _only_one(stage, "healthcheck")


def _only_one(stage: Stage, name: str) -> Flaws:
    """History of an image holds the base's instructions too, which later ones replace on purpose."""
    found = stage.of(name)
    if len(found) > 1 and not stage.history:
        yield flaw(f"{name.upper()} stands {len(found)} times in this stage; only the last counts.", found[1])


@check(
    "DS-0008",
    "dockerfile.instruction",
    service="general",
    severity="CRITICAL",
    code="port-out-of-range",
    aliases=("DS008",),
    title="Exposed ports should exist",
    why="Ports end at 65535; a larger number does not build, or does not do what was meant.",
    fix="Write a port from 1 to 65535.",
    references=(f"{REFERENCE}#expose",),
)
def ports_exist(instruction: Instruction) -> Flaws:
    if instruction.name == "expose":
        for word in instruction.values:
            number = re.fullmatch(r"[\"']?(\d+)(?:-(\d+))?(?:/\w+)?[\"']?", word)
            if number is not None and max(int(n) for n in number.groups() if n) > 65535:
                yield flaw(f"Port {word} does not exist.", instruction)


@check(
    "DS-0009",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="user-absolute-workdir",
    aliases=("DS009",),
    title="WORKDIR should be an absolute path",
    why="A relative WORKDIR counts from the one before it, or from the base image's, which may change.",
    fix="Begin the path with /.",
    references=(f"{PRACTICES}#workdir",),
)
def absolute_workdir(instruction: Instruction) -> Flaws:
    if instruction.name == "workdir" and not _ABSOLUTE.match(instruction.text):
        yield flaw(f"WORKDIR {instruction.text} is relative.", instruction)


@check(
    "DS-0030",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="avoid-sys-workdir-mounts",
    aliases=("DS030",),
    title="WORKDIR should be no folder of the system",
    why="What a build writes below /proc, /dev or /boot is hidden by the container's own mounts, or disturbs them.",
    fix="Work in a folder of your own, for example /app.",
    references=(f"{REFERENCE}#workdir",),
)
def workdir_is_ours(instruction: Instruction) -> Flaws:
    if instruction.name == "workdir" and f"{instruction.text.strip(chr(34))}/".startswith(_SYSTEM):
        yield flaw(f"WORKDIR {instruction.text} is a folder of the system.", instruction)


@check(
    "DS-0011",
    "dockerfile.instruction",
    service="general",
    severity="CRITICAL",
    code="use-slash-for-copy-args",
    aliases=("DS011",),
    title="COPY of several files should end in a slash",
    why="Several files can only be copied into a folder; without the slash the build fails.",
    fix="End the last argument with /.",
    references=(f"{REFERENCE}#copy",),
)
def copies_into_folder(instruction: Instruction) -> Flaws:
    # `.` is the working folder, which needs no slash
    if instruction.name == "copy" and len(instruction.values) > 2 and not _is_folder(instruction.values[-1]):
        yield flaw(f"Several files are copied to {instruction.values[-1]}.", instruction)


def _is_folder(path: str) -> bool:
    return path.endswith(("/", "/.", "/..")) or path in (".", "..") or path.startswith("<<")


@check(
    "DS-0012",
    "dockerfile.file",
    service="general",
    severity="CRITICAL",
    code="no-duplicate-alias",
    aliases=("DS012",),
    title="Stages should have names of their own",
    why="When two stages have one name, a COPY --from may take its files from the wrong one.",
    fix="Give each stage its own name.",
    references=(f"{REFERENCE}#from",),
)
def own_names(file: Dockerfile) -> Flaws:
    first: dict[str, Stage] = {}
    told: set[str] = set()
    for stage in file.stages:
        name = stage.alias.lower()
        if name and name in first and name not in told:
            told.add(name)
            yield flaw(f"Two stages are named {stage.alias}.", first[name])
        first.setdefault(name, stage)


@check(
    "DS-0022",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="no-maintainer",
    aliases=("DS022",),
    title="MAINTAINER should not be used",
    why="MAINTAINER is deprecated since Docker 1.13, and tools no longer read it.",
    fix='Write LABEL org.opencontainers.image.authors="…" instead.',
    references=(f"{REFERENCE}#maintainer-deprecated",),
)
def no_maintainer(instruction: Instruction) -> Flaws:
    if instruction.name == "maintainer":
        yield flaw(f"MAINTAINER {instruction.text} is deprecated.", instruction)


@check(
    "DS-0026",
    "dockerfile.file",
    service="general",
    severity="LOW",
    code="no-healthcheck",
    aliases=("DS026",),
    title="The image should say how its health is checked",
    why="Without a check a container counts as healthy as long as its process runs, stuck or not.",
    fix="Add HEALTHCHECK CMD with a command that fails when the service does not answer.",
    references=(f"{REFERENCE}#healthcheck",),
)
def has_healthcheck(file: Dockerfile) -> Flaws:
    if not file.of("healthcheck"):
        yield flaw("There is no HEALTHCHECK.", file)

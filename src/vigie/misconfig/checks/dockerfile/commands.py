"""Checks of what RUN runs: package managers, sudo, cd, downloads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.languages.dockerfile.project import Commands, Instruction, Stage

PRACTICES = "https://docs.docker.com/build/building/best-practices/"
APT = f"{PRACTICES}#apt-get"
_INDEX = {"apt-get", "apt", "yum", "apk", "dnf", "zypper"}
_INSTALLS = {
    *("upgrade", "install", "source-install", "reinstall", "groupinstall", "localinstall", "add"),
    *("dist-upgrade", "full-upgrade", "build-dep"),
}


def _script(instruction: Instruction) -> Commands:
    """What a RUN runs, and nothing of other instructions. Notes a doubt when it is no shell script."""
    if instruction.name != "run" or instruction.onbuild or not instruction.commands.certain():
        return []
    return [_bare(words) for words in instruction.commands.value]


def _bare(words: list[str]) -> list[str]:
    """A command without what stands in front of it (`sudo`, `env A=1`) and without quotes."""
    while words and (words[0] in ("sudo", "env", "exec", "command", "eatmydata") or re.match(r"\w+=", words[0])):
        words = words[1:]
    return [word.strip("\"'") for word in words]


def _tool(words: list[str], *tools: str) -> bool:
    return bool(words) and words[0].rpartition("/")[2] in tools


def _verb(words: list[str]) -> str:
    """The first word behind the tool that is no option."""
    return next((word for word in words[1:] if not word.startswith("-")), "")


@check(
    "DS-0010",
    "dockerfile.instruction",
    service="general",
    severity="CRITICAL",
    code="no-sudo-run",
    aliases=("DS010",),
    title="RUN should do without sudo",
    why="A build runs as root anyway, or as a USER that was chosen; sudo hides which, and stays in the image.",
    fix="Drop sudo; switch with USER where another user is needed.",
    references=(f"{PRACTICES}#user",),
)
def no_sudo(instruction: Instruction) -> Flaws:
    if instruction.name == "run" and any(re.match(r"sudo\b", part) for part in instruction.parts):
        yield flaw("A command is run with sudo.", instruction)


@check(
    "DS-0013",
    "dockerfile.instruction",
    service="general",
    severity="MEDIUM",
    code="use-workdir-over-cd",
    aliases=("DS013",),
    title="WORKDIR should change the folder",
    why="cd holds for one RUN only; whoever reads the next instruction easily takes it for granted.",
    fix="Put a WORKDIR before the RUN.",
    references=(f"{PRACTICES}#workdir",),
)
def no_cd(instruction: Instruction) -> Flaws:
    if instruction.name == "run" and any(part.startswith("cd ") for part in instruction.parts):
        yield flaw("A RUN changes its folder with cd.", instruction)


@check(
    "DS-0014",
    "dockerfile.stage",
    service="general",
    severity="LOW",
    code="standardise-remote-get",
    aliases=("DS014",),
    title="Only one of curl and wget should be used",
    why="Two tools for one purpose make the image larger and give twice as much to keep up to date.",
    fix="Decide for one of them.",
    references=(f"{PRACTICES}#dont-install-unnecessary-packages",),
)
def one_downloader(stage: Stage) -> Flaws:
    used: dict[str, Instruction] = {}
    for instruction in stage.of("run"):
        for words in _script(instruction):
            for tool in ("curl", "wget"):
                if _tool(words, tool):
                    used.setdefault(tool, instruction)
    if len(used) == 2:
        yield flaw("Both curl and wget are used in this stage.", max(used.values(), key=lambda one: one.cause.start))


@check(
    "DS-0015",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="purge-yum-package-cache",
    aliases=("DS015",),
    title="yum should leave no cache behind",
    why="Packages and lists that yum keeps make the layer larger and are never used again.",
    fix="End the RUN with && yum clean all.",
    references=(APT,),
)
def yum_is_clean(instruction: Instruction) -> Flaws:
    yield from _cleaned(instruction, "yum", lambda w: "install" in w[1:], lambda w: "all" in w)


@check(
    "DS-0019",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="purge-dnf-package-cache",
    aliases=("DS019",),
    title="dnf should leave no cache behind",
    why="Packages and lists that dnf keeps make the layer larger and are never used again.",
    fix="End the RUN with && dnf clean all.",
    references=(APT,),
)
def dnf_is_clean(instruction: Instruction) -> Flaws:
    def installs(words: list[str]) -> bool:
        return _verb(words) in ("install", "in", "reinstall", "rei") or _verb(words).startswith("install-n")

    yield from _cleaned(instruction, "dnf", installs, lambda w: _tool(w, "dnf") and "clean" in w and "all" in w)


@check(
    "DS-0020",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="purge-zipper-cache",
    aliases=("DS020",),
    title="zypper should leave no cache behind",
    why="Packages and lists that zypper keeps make the layer larger and are never used again.",
    fix="End the RUN with && zypper clean.",
    references=(APT,),
)
def zypper_is_clean(instruction: Instruction) -> Flaws:
    verbs = {"in", "install", "remove", "rm", "source-install", "si", "patch"}
    yield from _cleaned(
        instruction, "zypper", lambda w: _verb(w) in verbs, lambda w: _tool(w, "zypper") and _verb(w) in ("clean", "cc")
    )


@check(
    "DS-0027",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="purge-microdnf-package-cache",
    aliases=("DS027",),
    title="microdnf should leave no cache behind",
    why="Packages and lists that microdnf keeps make the layer larger and are never used again.",
    fix="End the RUN with && microdnf clean all.",
    references=(APT,),
)
def microdnf_is_clean(instruction: Instruction) -> Flaws:
    yield from _cleaned(
        instruction,
        "microdnf",
        lambda w: _verb(w) in ("install", "reinstall"),
        lambda w: _tool(w, "microdnf") and "clean" in w and "all" in w,
    )


def _cleaned(
    instruction: Instruction, tool: str, installs: Callable[[list[str]], bool], cleans: Callable[[list[str]], bool]
) -> Flaws:
    """A tool that installs, and nothing later in the same RUN that cleans up after it."""
    waiting = False
    for words in _script(instruction):
        if _tool(words, tool) and installs(words):
            waiting = True
        elif cleans(words):
            waiting = False
    if waiting and not _mounted_cache(instruction):
        yield flaw(f"{tool} installs packages and its cache stays in the layer.", instruction)


def _mounted_cache(instruction: Instruction) -> bool:
    """Whether the RUN has a cache mount: what is written there is no part of the layer."""
    return any(
        flag.startswith("--mount=") and "type=cache" in flag and "/var/cache/" in flag for flag in instruction.flags
    )


@check(
    "DS-0017",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="no-orphan-package-update",
    aliases=("DS017",),
    title="Package lists should be fetched where packages are installed",
    why="A RUN that only fetches the lists is cached: later installs work with lists of months ago, and miss fixes.",
    fix="Fetch the lists and install in one RUN: apt-get update && apt-get install …",
    references=(APT,),
)
def update_installs(instruction: Instruction) -> Flaws:
    waiting = ""
    for words in _script(instruction):
        if _tool(words, *_INDEX) and _verb(words) in ("update", "up"):
            waiting = words[0]
        elif waiting and _INSTALLS.intersection(words):
            waiting = ""
    if waiting:
        yield flaw(f"{waiting} fetches package lists and installs nothing.", instruction)


def _apt_installs(instruction: Instruction) -> Iterator[list[str]]:
    return (words for words in _script(instruction) if _tool(words, "apt-get") and _verb(words) == "install")


@check(
    "DS-0021",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="use-apt-auto-confirm",
    aliases=("DS021",),
    title="apt-get install should ask nothing",
    why="A question that nobody answers ends the build.",
    fix="Write apt-get install -y.",
    references=(APT,),
)
def apt_confirms(instruction: Instruction) -> Flaws:
    for words in _apt_installs(instruction):
        if not any(
            re.fullmatch(r"-[a-zA-Z]*y[a-zA-Z]*|--yes|--assume-yes|-[a-zA-Z]*qq[a-zA-Z]*", word) for word in words
        ):
            yield flaw("apt-get install waits for an answer.", instruction)
            return


@check(
    "DS-0024",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="no-dist-upgrade",
    aliases=("DS024",),
    deprecated=True,
    title="A build should not run dist-upgrade",
    why="dist-upgrade may replace the release that the base image stands for. (Deprecated: upgrades are fine.)",
    fix="Take a newer base image.",
    references=(APT,),
)
def no_dist_upgrade(instruction: Instruction) -> Flaws:
    if any(_tool(words, "apt-get") and "dist-upgrade" in words for words in _script(instruction)):
        yield flaw("apt-get dist-upgrade is run.", instruction)


@check(
    "DS-0025",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="purge-apk-package-cache",
    aliases=("DS025",),
    title="apk add should leave no cache behind",
    why="The package index that apk keeps makes the layer larger and is out of date soon.",
    fix="Write apk add --no-cache.",
    references=(PRACTICES,),
)
def apk_is_clean(instruction: Instruction) -> Flaws:
    for words in _script(instruction):
        if _tool(words, "apk") and _verb(words) == "add" and "--no-cache" not in words:
            if not _mounted_cache(instruction):
                yield flaw("apk add keeps its package index.", instruction)
            return


@check(
    "DS-0029",
    "dockerfile.instruction",
    service="general",
    severity="HIGH",
    code="use-apt-no-install-recommends",
    aliases=("DS029",),
    title="apt-get should install only what is needed",
    why="Recommended packages come along unasked: more to download, more to keep up to date, more to attack.",
    fix="Write apt-get install --no-install-recommends.",
    references=(APT,),
)
def no_recommends(instruction: Instruction) -> Flaws:
    for words in _apt_installs(instruction):
        text = " ".join(words)
        if "--no-install-recommends" not in words and not re.search(
            r"APT::Install-Recommends\"?=\"?(?:0|false|no)", text
        ):
            yield flaw("apt-get install takes recommended packages too.", instruction)
            return

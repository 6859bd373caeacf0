"""The Rust module. Checked against the binary by stubtest."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Self, final

__all__ = [
    "Archive",
    "AuditFile",
    "AuditQueue",
    "Bolt",
    "Condition",
    "Engine",
    "Executable",
    "FolderReader",
    "Found",
    "GitObjects",
    "HistoryReader",
    "LayerReader",
    "Limits",
    "Match",
    "RpmPackage",
    "Rules",
    "SecretExpressions",
    "SecretMatcher",
    "SecretSearcher",
    "SecretSighting",
    "Selection",
    "Walked",
    "__version__",
    "event_types",
    "fields",
    "floor",
    "fnv",
    "fnv_finish",
    "fnv_pair",
    "generic_syscalls",
    "inflate_file",
    "parse_hcl",
    "parse_hcl_expression",
    "parse_hcl_template",
    "parse_json",
    "parse_json_nodes",
    "parse_toml",
    "parse_yaml",
    "parse_yaml_marked",
    "parse_yaml_nodes",
    "read_archive",
    "read_beneath",
    "read_executable",
    "read_rpm_database",
    "shell_commands",
    "tar_index",
    "text_positions",
]
__version__: str

@final
class Limits:
    """Bounds on what is read. max_file: bytes of one file handed over as bytes. max_bytes: raw bytes of one layer, or
    of all files of a folder handed over as bytes. seconds: from the creation of this object to the deadline, 0 for
    none."""

    def __new__(
        cls, *, max_file: int = ..., max_bytes: int = ..., max_entries: int = ..., seconds: float = ...
    ) -> Self: ...

@final
class Selection:
    """Which files are wanted, compiled once. Each rule is (globs, regular expressions, reader); reader is one of
    `bytes`, `executable`, `archive`, `rpm`, `keep` (bytes, no size problem reported), `secrets`. skip_files and
    skip_dirs are globs.

    The first rule with the reader `secrets` wants every file, save those of which passed_over (globs of paths,
    expressions found in paths) says that they are not searched; its own globs do not apply."""

    def __new__(
        cls,
        rules: Sequence[tuple[Sequence[str], Sequence[str], str]],
        skip_files: Sequence[str] = ...,
        skip_dirs: Sequence[str] = ...,
        searcher: SecretSearcher | None = ...,
        passed_over: tuple[Sequence[str], Sequence[str]] = ...,
    ) -> Self: ...
    def matches(self, path: str, mode: int) -> list[int]:
        """The rules that want a file of this path and mode; none in a skipped folder."""

@final
class Found:
    """One wanted file. rules: indices of the rules that want it. content: bytes, Executable, Archive,
    list[RpmPackage] or a tuple of sightings, which is never empty; None together with `problem`, which says why it
    could not be read."""

    path: str
    size: int
    mode: int
    rules: list[int]
    content: bytes | Executable | Archive | list[RpmPackage] | tuple[SecretSighting, ...] | None
    problem: str | None

@final
class Walked:
    """What a finished walk knows. size: raw tar bytes; of a folder the bytes handed over. files: regular files, wanted
    or not. whiteouts: paths that lower layers lose. opaque: folders whose content in lower layers is lost, without a
    trailing slash, "" for the root. problems: (where, what). digest and diff_id are `sha256:…`, equal for a plain
    layer, "" for a folder."""

    digest: str
    diff_id: str
    size: int
    files: int
    whiteouts: list[str]
    opaque: list[str]
    problems: list[tuple[str, str]]

@final
class LayerReader:
    """Reads one layer in one pass: inflates (gzip, zstd, plain by content), hashes both sides, walks the tar.
    offset and length select the blob inside a larger file (an uncompressed archive)."""

    def __new__(
        cls, path: str, selection: Selection, limits: Limits, *, offset: int = 0, length: int | None = None
    ) -> Self: ...
    def next_batch(self) -> list[Found]: ...
    def finish(self) -> Walked: ...

@final
class FolderReader:
    """Walks a folder, or one file, on all cores. Symbolic links are not followed."""

    def __new__(cls, root: str, selection: Selection, limits: Limits, *, threads: int = 0) -> Self: ...
    def next_batch(self) -> list[Found]: ...
    def finish(self) -> Walked: ...

@final
class HistoryReader:
    """Searches a git repository for secrets without git: all commits that refs lead to; with `tip` those before a
    branch, tag or whole id; since: of this moment (seconds since 1970) and later; or, with `staged`, these contents
    instead: path, mode, id, id of the version before ("" for none), whose secrets do not count.

    Each content is read once. A file is delivered once, with one sighting for each rule and value: the one in the first
    commit that has it. threads: 0 is one for each core, eight at most. Raises ValueError when it is no repository, or
    one of an unknown form."""

    def __new__(
        cls,
        path: str,
        selection: Selection,
        limits: Limits,
        *,
        tip: str = ...,
        since: int | None = None,
        staged: Sequence[tuple[str, int, str, str]] | None = None,
        threads: int = 0,
    ) -> Self: ...
    def next_batch(self) -> list[Found]: ...
    def finish(self) -> Walked:
        """Bytes and contents that were searched."""

    def problems(self) -> list[tuple[str, str]]:
        """After `finish`: where and what could not be read. Each means that a part is missing."""

@final
class GitObjects:
    """The objects of a git repository. Raises ValueError when it is none, or one of an unknown form."""

    def __new__(cls, path: str, limits: Limits) -> Self: ...
    def read(self, id: str) -> tuple[str, bytes]:
        """Kind (`blob`, `tree`, `commit`, `tag`) and content. Raises ValueError."""

def read_beneath(root: str, path: str, max_bytes: int) -> bytes | None:
    """The bytes of a regular file below `root`; no link in the path may leave it. None when there is no such file, or
    it is larger. Raises OSError when it is there and cannot be read."""

def tar_index(path: str) -> list[tuple[str, int, int, str, str]]:
    """Members of a plain (not compressed) tar: (cleaned name, offset of the data, size, kind, link target as it
    stands); kind is `file`, `dir`, `link`, `symlink` or `other`. Members whose name leaves the root are left out.
    Raises ValueError for a damaged tar."""

def inflate_file(source: str, target: str, max_bytes: int) -> int:
    """Writes the gzip- or zstd-compressed `source` to `target` raw; returns the size. Raises ValueError for damaged
    input, for more than `max_bytes`, and for what is neither; the target is then removed."""

def floor(path: str) -> tuple[int, int]:
    """Inflates and hashes a layer and does nothing else: the least that reading it can cost. Returns (raw, stored)
    bytes."""

@final
class Executable:
    """Build information. go_version is "" when it is no Go binary; go_modinfo is the module text; go_symbols are values
    of string symbols that may hold a version; rust_audit is the JSON text of cargo-auditable, b"" when absent."""

    format: str
    go_version: str
    go_modinfo: str
    go_symbols: list[tuple[str, str]]
    rust_audit: bytes

@final
class Archive:
    """A JAR or the like. files: (name inside, bytes) of manifests, pom files and root licences, in zip order.
    nested: archives inside, each with its path below the outermost one. problems: (where, what), on the outermost
    archive only."""

    path: str
    sha1: str
    files: list[tuple[str, bytes]]
    nested: list[Archive]
    problems: list[tuple[str, str]]

@final
class RpmPackage:
    name: str
    version: str
    release: str
    epoch: int | None
    arch: str
    source_rpm: str
    vendor: str
    license: str
    modularity: str
    md5: str
    files: list[str]
    provides: list[str]
    requires: list[str]

def read_rpm_database(path: str) -> tuple[list[RpmPackage], list[str]]:
    """The packages, and what could not be read of the others. Raises ValueError when nothing could be read."""

def read_executable(path: str) -> Executable | None: ...
def read_archive(path: str) -> Archive: ...
def parse_json(data: bytes, max_depth: int = 500) -> tuple[Any, dict[int, tuple[int, int]]]:
    """A JSON document and, by `id()` of each dict in it, its first and last line. Strict: duplicate keys, invalid UTF-8
    and text behind the document are refused. Raises ValueError(what, line)."""

_HclAttribute = tuple[str, int, int, int, int, Any]
"""Name, first and last line, first byte of the expression and the byte behind it, expression."""

_HclBlock = tuple[str, tuple[str, ...], int, int, tuple[_HclAttribute, ...], tuple[Any, ...]]
"""Kind, labels, first and last line, attributes, blocks."""

def parse_hcl(data: bytes) -> tuple[tuple[_HclAttribute, ...], tuple[_HclBlock, ...], list[tuple[int, str]]]:
    """The attributes and blocks of a file, and what could not be read: line and reason. A block with an error is left
    out, the others are there. Expressions are None, bool, int, float, str, or a tuple whose first item names its
    kind; `vigie.misconfig.languages.terraform.expression` says which."""

def parse_hcl_expression(text: str) -> Any:
    """One expression. Raises ValueError(what, line)."""

def parse_hcl_template(text: str) -> Any:
    """A whole text as a template, as the function `templatefile` reads it. Raises ValueError(what, line)."""

def parse_toml(data: bytes) -> Any:
    """A TOML document; dates become text. Raises ValueError(what, line)."""

def parse_yaml(data: bytes, max_nodes: int = 2_000_000, *, text: bool = False) -> list[Any]:
    """All documents of a YAML stream, plain scalars typed by the YAML 1.2 core schema (`5.4` is a float, `yes` is
    text), or all of them text with `text`; aliases and merge keys resolved within max_nodes. Raises ValueError(what,
    line)."""

_MarkedNode = tuple[str | list[_MarkedNode] | tuple[tuple[_MarkedNode, _MarkedNode], ...] | None, int, int]
"""Content, line and column (from 1, in characters). Content: None for nothing or a plain `null`, text as written, a
list, or the entries of a mapping, equal keys included."""

def parse_yaml_marked(data: bytes, max_nodes: int = 2_000_000) -> list[_MarkedNode]:
    """All documents, with the place of every node. Raises ValueError(what, line, column)."""

def parse_yaml_nodes(data: bytes, mapping: type, sequence: type, tagged: type, max_nodes: int = 500_000) -> list[Any]:
    """All documents as plain scalars, `tagged(scalar, tag)`, and objects of two subclasses of dict and list whose
    attributes start, column, end, places, raw and tag are set as `vigie.misconfig.languages.yaml_nodes` says. Aliases
    and merge keys are resolved within max_nodes. Raises ValueError(what, line, column)."""

def parse_json_nodes(data: bytes, mapping: type, sequence: type, max_nodes: int = 500_000) -> Any:
    """A JSON document in the same shape. Raises ValueError(what, line)."""

@final
class Bolt:
    """A bbolt file, memory-mapped, read-only. Raises ValueError for a damaged page, OSError when it cannot be
    opened."""

    def __new__(cls, path: str) -> Self: ...
    def get(self, buckets: Sequence[bytes], key: bytes) -> bytes | None: ...
    def items(self, buckets: Sequence[bytes]) -> list[tuple[bytes, bytes]]: ...
    def buckets(self, buckets: Sequence[bytes] = ..., prefix: bytes = ...) -> list[bytes]: ...

@final
class SecretExpressions:
    """Expressions that are tried on short texts, in the syntax of `SecretMatcher`; those that match the empty text too.
    Raises ValueError(reason, index) for one that is not taken."""

    def __new__(cls, patterns: Sequence[str]) -> Self: ...
    def first(self, text: bytes) -> int | None:
        """The first that is found in the text. Raises ValueError(reason, index) for one that became too large."""

@final
class SecretMatcher:
    """Expressions that are looked for together. Each comes with its keywords: texts, in any case, of which one must be
    in a text for the expression to be tried there; none: it is tried on every text.

    Expressions are those of Rust's `regex` on bytes, without Unicode; `^` and `$` are the ends of lines (`\\n`,
    `\\r\\n`). Raises ValueError(reason, index of the rule) for one that is not linear, too large, or matches nothing or
    the empty text."""

    MOST_MATCHES: int
    """When `find` tells of so many, those of some rules were not looked for to the end."""

    def __new__(cls, rules: Sequence[tuple[str, Sequence[str]]]) -> Self: ...
    def find(self, data: bytes) -> list[tuple[int, int, int, int, int]]:
        """All matches by their start, as each expression finds them alone: rule, start, end, and start and end of the
        group `secret`, or of the whole match. Offsets of bytes. Any number of threads may ask."""

@final
class SecretSearcher:
    """Rules as `SecretMatcher` takes them, looked for in files of all kinds. archives: how deep archives in archives
    are opened. binaries: also what can be read in files that are no texts. lines: sightings have the lines of their
    matches. Any number of threads may ask."""

    def __new__(
        cls,
        rules: Sequence[tuple[str, Sequence[str]]],
        *,
        archives: int = ...,
        binaries: bool = ...,
        lines: bool = ...,
    ) -> Self: ...
    def search(self, name: str, content: bytes) -> tuple[list[SecretSighting], list[str]]:
        """What looks like a secret in a file, and what of it could not be searched."""

    def search_stream(self, name: str, path: str) -> tuple[list[SecretSighting], list[str]]:
        """The same for a stream without a known end (`/dev/stdin`), in bounded memory. Raises OSError."""

@final
class SecretSighting:
    """A place that looks like a secret. rule: its index. inner: the path inside an archive, one in another joined by
    `!`. decoded: what the text around is written as (`base64`, `percent`), or nothing. offset: of the secret in the
    file, in bytes. start, end: of the match, line and column from 1. matched: the line of the match; code: number,
    content, whether it is a cause, whether it stands for lines left out; both masked and cut. allow: a comment that
    allows it. seen: commit, author, e-mail, date, subject, last commit, its date, whether a tip still has it; None
    outside of history.

    secret (at most 64 KiB of it), key_id, before (what stands before it on its line) and lines are not masked: they
    must not leave whoever judges. lines: those of the match, at most 4 KiB on either side of it, and where in them it
    is; empty when they were not asked for."""

    rule: int
    inner: str
    decoded: str
    offset: int
    start: tuple[int, int]
    end: tuple[int, int]
    secret: bytes
    key_id: bytes
    before: bytes
    lines: tuple[bytes, int, int]
    matched: str
    code: list[tuple[int, str, bool, bool]]
    allow: str
    seen: tuple[str, str, str, int, str, str, int, bool] | None

def text_positions(data: bytes, offsets: Sequence[int]) -> list[tuple[int, int]]:
    """Line and column of offsets of bytes, both from 1, columns in characters of UTF-8. Quick for ascending offsets."""

def shell_commands(text: str) -> list[list[str]] | None:
    """The words of every simple command of a shell script, in the order of appearance, also inside of lists, pipes,
    groups and substitutions; quotes kept, assignments and redirections left out. None for what is no script, or too
    long or deep."""

def fnv(data: bytes, value: int = ...) -> int:
    """FNV-1, 64 bit; continues from the hash of what came before."""

def fnv_pair(one: int, other: int) -> int:
    """Of two hashes, in order."""

def fnv_finish(value: int) -> int:
    """Of one hash."""

_FieldRow = tuple[str, str, str, str, bool, list[str], str]
"""Class, name, type, argument (`index`, `key`, `dotname` joined by `|`, ends with `?` when optional), whether it is a
list, flags, description."""

_EventRow = tuple[int, str, bool, str, str, list[str], list[tuple[str, str]]]
"""Id, name, whether it is an exit, category, origin (`syscall`, `tracepoint`, `metaevent`, `plugin`, `iterator`, or
empty), flags, and the parameters' names and types."""

def fields() -> list[_FieldRow]:
    """The table of event fields."""

def event_types() -> list[_EventRow]:
    """The table of event types, old ones too (flags `old_version`, `unused`)."""

def generic_syscalls() -> list[str]:
    """System calls that arrive as generic events, whose name is all that is known, sorted."""

@final
class Condition:
    """A parsed condition; macros are names in it. Raises ValueError(message, offset, line, column) for what is none;
    the offset is in bytes, lines and columns count from 1."""

    def __new__(cls, text: str) -> Self: ...
    def names(self) -> list[str]:
        """The macros named in it, each once, in order."""
    def expand(self, macros: Mapping[str, Condition]) -> Condition:
        """With each macro's name replaced by its condition, which is shared, not copied. Raises KeyError(name)."""
    def text(self) -> str:
        """As the peer prints it. Raises ValueError when it would be too long."""
    def fields(self) -> list[str]:
        """The fields read, arguments included, each once, sorted."""
    def operators(self) -> list[str]:
        """The operators used, each once, sorted."""

_Compiled = tuple[int, list[str], int, list[str], list[str]]
"""Index of the rule, names of the event types it can match (sorted; empty for all), the number of ids behind them,
hints about the condition, fields of the output."""

@final
class Rules:
    """The rules of one source of events (`syscall` or `k8s_audit`), in the order in which they are tried."""

    def __new__(cls, source: str = ..., static_fields: Sequence[str] = ...) -> Self: ...
    def add(
        self, name: str, condition: Condition, output: str, extra: Sequence[tuple[str, str]] = ..., run: bool = ...
    ) -> _Compiled:
        """Binds an expanded condition and an output template to fields. extra: name and template of more output
        fields; a template that is just the name gives the typed value, any other a string. A rule with run=False is
        checked and never tried. Raises ValueError(place, message, offset, line, column); place is `field` for a field
        that does not exist, `condition`, `output`, or the name of an extra field."""
    def capture(self, index: int, milliseconds: int) -> None:
        """Asks for a capture of what happens from a match of the rule on (`Engine.capture`), 0 for the usual time."""
    def never(self, index: int) -> bool:
        """No event can match the rule. False when that is not certain."""
    def implies(self, narrow: int, broad: int) -> bool:
        """Every event that matches one rule matches the other. False when that is not certain."""
    def host_names(self) -> list[str]:
        """Names of hosts that conditions compare addresses with (`fd.sip.name` and its like), sorted."""

_Explanation = tuple[
    int, int, int | None, bool, list[str], list[tuple[int, bool, list[tuple[int, str, bool | None, str]]]]
]
"""Of one event: its number; its time; the index of the `Rules` for such events; whether rules see it at all; texts of
the fields asked for; and per rule its index, whether it looks at such events, and the parts of its condition: depth,
text (`and`, `or`, `not`, a macro's name, a comparison), result, and what is compared."""

_FieldValue = None | bool | int | float | str | list[_FieldValue]

@final
class AuditQueue:
    """Kubernetes audit events on their way to an engine, at most about `limit_bytes` of them; any thread may push."""

    def push(self, body: bytes) -> int:
        """Takes all events of a JSON text (an event, an `EventList`, arrays of those) and returns how many; they are
        delivered in this order. Raises ValueError when it is no such text, BlockingIOError when there is no room now,
        RuntimeError when the queue is closed or its engine gone; nothing is taken then."""
    def close(self) -> None:
        """Takes no more; when the rest is delivered the engine's source ends."""
    def counters(self) -> dict[str, int]:
        """`events` taken; events dropped: `bad_time`, `too_large`, `unreadable` (nested too deep); `bad_payloads` that
        were no audit JSON; `refused` because there was no room; `waiting_bytes`."""

@final
class AuditFile:
    """The counters of an audit log that an engine reads."""

    def counters(self) -> dict[str, int]:
        """As of `AuditQueue`, without `waiting_bytes`."""
    def problem(self) -> str | None:
        """The first line since the last call that was no audit JSON, and why."""

@final
class Match:
    """A rule met an event. source: index of the `Rules`; rule: index in them; generation: how often the rules had been
    replaced before, so whose indices these are; time: nanoseconds since the epoch; num: the event's number; message:
    the output filled in, broken UTF-8 replaced; fields: values by name; missing: why metadata of the container is
    missing in these, "" when it is not."""

    source: int
    rule: int
    generation: int
    time: int
    num: int
    message: str
    fields: dict[str, _FieldValue]
    missing: str

_CaptureNews = tuple[str, str, int, int, int, int, int, int, int, int, str]
"""What happened to a capture: `started`, `finished`, `limited` (ended by its size) or `failed`; its path; source, rule,
generation, time and number of the match that it began with; events and bytes written; events that were too long for the
format; why it failed."""

@final
class Engine:
    """Runs events past rules. Holds the state of the host. One thread at a time."""

    def __new__(
        cls,
        rules: Sequence[Rules],
        *,
        first: bool = ...,
        static_fields: Mapping[str, str] = ...,
        buffer_base64: bool = ...,
        utc_offset: int = ...,
        host_names: Sequence[tuple[IPv4Address | IPv6Address, str]] = ...,
        wait_ms: int = ...,
    ) -> Self:
        """first: the first rule that matches an event is the only one. static_fields: `static.KEY`. utc_offset: seconds
        east of UTC for local times. host_names: addresses of the names in `Rules.host_names`. wait_ms: how long a match
        may wait for the metadata of its container, 0 for not at all."""
    def replace(
        self,
        rules: Sequence[Rules],
        *,
        first: bool | None = ...,
        static_fields: Mapping[str, str] | None = ...,
        buffer_base64: bool | None = ...,
        utc_offset: int | None = ...,
        host_names: Sequence[tuple[IPv4Address | IPv6Address, str]] | None = ...,
        wait_ms: int | None = ...,
    ) -> int:
        """Puts other rules in the place of those that run, between two events, from any thread; state, counters, source
        and recording stay, a profile and `matches_by_rule` begin anew. Settings that are None stay. Returns the
        generation of the new rules; matches of older ones may still come."""
    def container(self, json: bytes, removed: bool = False) -> None:
        """Tells of a container, by the JSON of container events, or that it is gone: an event before the next one. From
        any thread, without waiting. Raises BlockingIOError when too much is still unread, ValueError when it is too
        long."""
    def new_containers(self) -> list[tuple[str, str, int]]:
        """The containers met since the last call of which nobody has told, each once: id, path of the cgroup, a thread
        in it. Of a live host."""
    def no_container(self, id: str, why: str) -> None:
        """Nobody knows that container: matches that wait for it go out and say why, later ones do not wait. As
        `container`."""
    def capture(
        self, path_prefix: str | None, *, all_rules: bool = ..., duration_ms: int = ..., max_bytes: int = ...
    ) -> None:
        """Captures what happens from matches on, of rules that ask for it (`Rules.capture`) or of all, for as long as
        the rule says or duration_ms, to `PREFIX_TIME_NUMBER.scap`; ends at max_bytes unless 0. None makes no more."""
    def capture_news(self) -> list[_CaptureNews]:
        """What happened to captures since the last call."""
    def finish(self) -> list[Match]:
        """Gives out all matches that wait, and ends captures: for the end of the watch. Waits for the disk, some
        seconds at most."""
    def matches_by_rule(self) -> list[list[int]]:
        """Per `Rules` and rule, how often it matched since these rules run."""
    def kernel(
        self,
        *,
        buffer_bytes: int = ...,
        host_root: str = ...,
        snaplen: int = ...,
        everything: bool = ...,
        custom_syscalls: Sequence[str] = ...,
        repair: bool = ...,
        prefilter: bool = ...,
        iterators: bool = ...,
    ) -> str:
        """Makes what happens in the kernel the source of events, and says how the processes that run already were
        listed: by the kernel's iterators, or by /proc where there are none or `iterators` is false. buffer_bytes: of
        the ring that all processors share. host_root: where the host's own root is seen. snaplen: bytes kept of what
        calls read and write. everything: also calls that move data. custom_syscalls, repair: as `base_syscalls` of the
        settings. prefilter: events that no rule can match do not leave the kernel. Raises OSError: ENOENT without type
        information, EPERM, ENOSYS for a kernel that is too old, EIO for all else; ValueError for a name that is no
        system call's."""
    def kernel_counters(self) -> dict[str, int]:
        """What the kernel saw and could not deliver: `events` (drops included), `drops`, `drops_buffer_CLASS`,
        `drops_page_faults`, `drops_scratch`, `shed`, `shed_1` to `shed_3`; `unread` and `truncated`: delivered, but
        memory of the process could not be read, or was longer than what is taken; `first_state_by_iterators`: 1 unless
        /proc alone listed the processes that ran already. Empty when the kernel is not the source."""
    def shed(self, levels: Sequence[tuple[str, int]]) -> None:
        """Event types by name, and when they are given up as the ring fills: 1 first, 3 last; others never."""
    def replay(self, path: str) -> None:
        """Opens a capture as the source of events. Raises OSError."""
    def audit_file(self, path: str, follow: bool = False, max_event: int = ...) -> AuditFile:
        """Takes events from an audit log of JSON lines from now on: a file, a folder of files by the time of their last
        change, or with `follow` what is appended to a file. max_event: bytes of one event without blanks, at most 4
        MiB; longer ones are dropped. Raises OSError."""
    def audit_queue(self, limit_bytes: int, max_event: int = ...) -> AuditQueue:
        """Takes events from a queue in memory from now on; `next` waits up to 100 ms for them."""
    def record(self, path: str) -> None:
        """Writes every event that comes from now on to a capture, compressed when its name ends in `.gz`. Raises
        OSError."""
    def stop_recording(self) -> None:
        """Ends the capture. Raises OSError when it is not whole."""
    def next(self, limit: int = ..., events: int = ...) -> list[Match] | None:
        """Up to about `limit` matches of up to `events` more events, or of about 50 ms of them, or of what came before
        a live source was idle; empty when none of these matched, None at the end. The interpreter lock is released
        meanwhile."""
    def profile(self) -> None:
        """Measures every rule from now on."""
    def costs(self) -> list[list[tuple[int, int, float]]]:
        """Per `Rules` and rule: times tried, times matched, seconds. Empty without `profile`."""
    def explain(
        self,
        wanted: int,
        conditions: Sequence[Sequence[tuple[int, Condition]]],
        macros: Mapping[str, Condition],
        fields: Sequence[str] = ...,
        *,
        by_time: bool = ...,
    ) -> _Explanation | None:
        """Runs the state up to one event, by its number or its time in nanoseconds, without trying rules, and says
        which parts of conditions hold. conditions: per `Rules`, indices of rules and their conditions, macros still
        names in them; macros: by name, not expanded either. None when there is no such event."""
    def damage(self) -> tuple[str, int | None] | None:
        """What ended the source before its end, and at which byte."""
    def counters(self) -> dict[str, int]:
        """Events read, skipped, judged; threads, descriptors and what was evicted of them; matches that wait, waited,
        waited in vain, or found no room to."""

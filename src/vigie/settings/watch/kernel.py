"""Keys about the live kernel: the buffer, which calls are captured, limits of the state."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

Preset = Annotated[int, Meta(ge=1, le=10)]


class Replay(Struct, forbid_unknown_fields=True):
    """Where recorded events come from."""

    capture_file: str = ""


class Kmod(Struct, forbid_unknown_fields=True):
    """The kernel module of the peer, in place of which the same probe as for modern_ebpf is taken."""

    buf_size_preset: Preset = 4
    drop_failed_exit: bool = False


class ModernEbpf(Struct, forbid_unknown_fields=True):
    """The probe. buf_size_preset: 1 is 1 MB, each more doubles it."""

    cpus_for_each_buffer: int = 2
    buf_size_preset: Preset = 4
    drop_failed_exit: bool = False
    disable_iterators: bool = False


class EngineKeys(Struct, forbid_unknown_fields=True):
    """What delivers events. nodriver: the kernel is not watched."""

    kind: Literal["kmod", "modern_ebpf", "replay", "nodriver"] = "modern_ebpf"
    replay: Replay = field(default_factory=Replay)
    kmod: Kmod = field(default_factory=Kmod)
    modern_ebpf: ModernEbpf = field(default_factory=ModernEbpf)

    @property
    def buffer_bytes(self) -> int:
        """Of the ring."""
        preset = self.kmod.buf_size_preset if self.kind == "kmod" else self.modern_ebpf.buf_size_preset
        return 1 << (19 + preset)


class BaseSyscalls(Struct, forbid_unknown_fields=True):
    """Calls that are captured besides those that rules ask for. all: every one."""

    custom_set: list[str] = []
    repair: bool = False
    all: bool = False


class Libs(Struct, forbid_unknown_fields=True):
    """Limits of the state. snaplen: bytes of data kept of an event."""

    thread_table_size: int = 262_144
    thread_table_auto_purging_interval_s: int = 300
    thread_table_auto_purging_thread_timeout_s: int = 300
    snaplen: Annotated[int, Meta(ge=0, le=65_535)] = 80


class Plugin(Struct):
    """A plugin of the peer. init_config: as the plugin wants it."""

    name: str
    library_path: str = ""
    init_config: Any = None
    open_params: str = ""

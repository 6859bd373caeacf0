"""The keys of falco.yaml that say where alerts go, with the peer's defaults."""

from typing import Annotated

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0)]
Milliseconds = Annotated[int, Meta(ge=1, le=3_600_000)]


class Switch(Struct, forbid_unknown_fields=True):
    """An output that is on or off."""

    enabled: bool = True


class SyslogKeys(Struct, forbid_unknown_fields=True):
    """The system's log. Unless something is said it is on for the live kernel, and off for recorded events: these
    happened before, or elsewhere."""

    enabled: bool | None = None


class FileOutputKeys(Struct, forbid_unknown_fields=True):
    """Alerts appended to a file; kept open with keep_alive."""

    enabled: bool = False
    keep_alive: bool = False
    filename: str = "./events.txt"


class ProgramKeys(Struct, forbid_unknown_fields=True):
    """A command of the shell that reads alerts from its standard input: one each, or all with keep_alive."""

    enabled: bool = False
    keep_alive: bool = False
    program: str = ""


class HttpKeys(Struct, forbid_unknown_fields=True):
    """A server that alerts are posted to. ca_cert, else ca_bundle, else ca_path says whom to trust."""

    enabled: bool = False
    url: str = ""
    user_agent: str = "falcosecurity/falco"
    insecure: bool = False
    ca_cert: str = ""
    ca_bundle: str = ""
    ca_path: str = "/etc/ssl/certs"
    mtls: bool = False
    client_cert: str = "/etc/ssl/certs/client.crt"
    client_key: str = "/etc/ssl/certs/client.key"
    echo: bool = False
    compress_uploads: bool = False
    keep_alive: bool = False
    max_consecutive_timeouts: Count = 5


class QueueKeys(Struct, forbid_unknown_fields=True):
    """Alerts that may wait for one output; 0 for as many as memory allows."""

    capacity: Count = 0


NESTED: dict[str, type[Struct]] = {
    "stdout_output": Switch,
    "file_output": FileOutputKeys,
    "syslog_output": SyslogKeys,
    "program_output": ProgramKeys,
    "http_output": HttpKeys,
    "outputs_queue": QueueKeys,
}
"""The keys at the top that these stand for."""

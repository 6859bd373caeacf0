"""Whom the http output trusts, and who it says it is."""

from __future__ import annotations

import ssl
from pathlib import Path

from vigie.errors import UsageError
from vigie.settings.watch.outputs import HttpKeys

USUAL_CA_PATH = "/etc/ssl/certs"


def context(keys: HttpKeys) -> ssl.SSLContext:
    """TLS 1.2 or newer. Trusted is what ca_cert holds, else ca_bundle, else the folder ca_path; nothing is verified
    with insecure. Raises UsageError, naming the key, for files that cannot be used."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if keys.insecure:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif keys.ca_cert or keys.ca_bundle:
        name = "ca_cert" if keys.ca_cert else "ca_bundle"
        _load(made, name, keys.ca_cert or keys.ca_bundle)
    elif keys.ca_path and keys.ca_path != USUAL_CA_PATH:
        if not Path(keys.ca_path).is_dir():
            raise UsageError(f"http_output.ca_path: {keys.ca_path} is not a folder")
        made.load_verify_locations(capath=keys.ca_path)
    else:
        made.load_default_certs()
        if Path(USUAL_CA_PATH).is_dir():
            made.load_verify_locations(capath=USUAL_CA_PATH)
    if keys.mtls:
        _identify(made, keys)
    return made


def _load(made: ssl.SSLContext, name: str, path: str) -> None:
    try:
        made.load_verify_locations(cafile=path)
    except (OSError, ValueError) as error:
        raise UsageError(f"http_output.{name}: {path}: {_reason(error, 'certificates in PEM form')}") from error


def _identify(made: ssl.SSLContext, keys: HttpKeys) -> None:
    for name, path in (("client_cert", keys.client_cert), ("client_key", keys.client_key)):
        try:
            with Path(path).open("rb"):
                pass
        except OSError as error:
            raise UsageError(f"http_output.{name}: {path}: {error.strerror}") from error
    try:
        # A key with a password would make OpenSSL ask for it on the terminal.
        made.load_cert_chain(keys.client_cert, keys.client_key, password=lambda: "")
    except (OSError, ValueError) as error:
        what = _reason(error, "a certificate and its key in PEM form, the key without a password")
        raise UsageError(f"http_output.client_cert, client_key: {what}") from error


def _reason(error: OSError | ValueError, wanted: str) -> str:
    """SSLError is an OSError too; what it says is for programmers."""
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and error.strerror:
        return error.strerror
    return f"does not hold {wanted}"

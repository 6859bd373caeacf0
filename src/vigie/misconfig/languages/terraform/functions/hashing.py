"""Hashes. What is random or encrypted is unknown, so that results are the same every time."""

from __future__ import annotations

import hashlib
from base64 import b64encode

from vigie.misconfig.languages.terraform.functions import Context
from vigie.misconfig.languages.terraform.functions.files import read
from vigie.misconfig.languages.terraform.values import FunctionError
from vigie.misconfig.value import Unknown


def md5(text: str) -> str:
    return hashlib.md5(_bytes(text), usedforsecurity=False).hexdigest()


def sha1(text: str) -> str:
    return hashlib.sha1(_bytes(text), usedforsecurity=False).hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(_bytes(text)).hexdigest()


def sha512(text: str) -> str:
    return hashlib.sha512(_bytes(text)).hexdigest()


def base64sha256(text: str) -> str:
    return b64encode(hashlib.sha256(_bytes(text)).digest()).decode()


def base64sha512(text: str) -> str:
    return b64encode(hashlib.sha512(_bytes(text)).digest()).decode()


def filemd5(context: Context, path: str) -> str:
    return hashlib.md5(read(context, path), usedforsecurity=False).hexdigest()


def filesha1(context: Context, path: str) -> str:
    return hashlib.sha1(read(context, path), usedforsecurity=False).hexdigest()


def filesha256(context: Context, path: str) -> str:
    return hashlib.sha256(read(context, path)).hexdigest()


def filesha512(context: Context, path: str) -> str:
    return hashlib.sha512(read(context, path)).hexdigest()


def filebase64sha256(context: Context, path: str) -> str:
    return b64encode(hashlib.sha256(read(context, path)).digest()).decode()


def filebase64sha512(context: Context, path: str) -> str:
    return b64encode(hashlib.sha512(read(context, path)).digest()).decode()


def bcrypt(text: str, cost: int = 10) -> Unknown:
    """Salted: different every time."""
    return Unknown("string")


def rsadecrypt(text: str, key: str) -> Unknown:
    """Never done here: what comes out is a secret."""
    return Unknown("string")


def uuid() -> Unknown:
    return Unknown("string")


def uuidv5(namespace: str, name: str) -> str:
    """namespace: `dns`, `url`, `oid`, `x500` or a UUID."""
    import uuid as uuids

    known = {
        "dns": uuids.NAMESPACE_DNS,
        "url": uuids.NAMESPACE_URL,
        "oid": uuids.NAMESPACE_OID,
        "x500": uuids.NAMESPACE_X500,
    }
    try:
        return str(uuids.uuid5(known.get(namespace) or uuids.UUID(namespace), name))
    except ValueError as error:
        raise FunctionError("the namespace is no UUID") from error


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

"""Addresses of Ray clusters."""

import re

from kg.errors import BadRequest

LOCAL = "local"
"""In place of an address: a cluster of this machine alone, started for the purpose."""

_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[\w.-]+):(?P<port>[0-9]{1,5})")


def parse(address: str) -> tuple[str, int] | None:
    """Return host and port of an address ``HOST:PORT``, or None for ``local``.

    Raises
    ------
    BadRequest
        If it is neither.

    Examples
    --------
    >>> parse("10.0.0.1:6379")
    ('10.0.0.1', 6379)
    >>> parse("[::1]:6379")
    ('::1', 6379)
    """
    if address == LOCAL:
        return None
    if address.startswith("ray://"):
        raise BadRequest(
            "the address is one of Ray Client, through which papers cannot be embedded",
            "join the cluster on this machine with `ray start --address=HOST:6379`, and give"
            " HOST:6379",
        )
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise BadRequest(
            f"{address!r} is no address of a Ray cluster", "give HOST:PORT, 10.0.0.1:6379, or local"
        )
    return found["host"].strip("[]"), int(found["port"])

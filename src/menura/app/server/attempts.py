"""Wrong tokens: whoever tries many has to wait between tries, and holders of right ones do not."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from typing import Any

from menura.app.server.errors import Refusal

AT_ONCE, EVERY_S = 10, 6.0
"""Tries of one address before it has to wait, and how long it waits for each that follows."""
_MOST_KNOWN = 10_000
_IPV6_NETWORK_BITS = 64


class Attempts:
    """Counts tries by address. What an address has shown to be right is looked at again without being counted."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._right: OrderedDict[tuple[str, str], None] = OrderedDict()

    def check(self, address: str, kind: str, shown: str) -> None:
        """Let an address try what it shows.

        Args:
            address: who tries.
            kind: what it shows: tokens and cookies are counted apart, for browsers go on sending a cookie of old.
            shown: the token or cookie.

        Raises:
            Refusal: there were too many wrong ones; this one is not looked at.
        """
        if (address, shown) in self._right:
            self._right.move_to_end((address, shown))
            return
        tries, since = self._wrong.get((_network(address), kind), (0.0, 0.0))
        left = tries - (time.monotonic() - since) / EVERY_S
        if left > AT_ONCE - 1:
            wait_s = math.ceil((left - AT_ONCE + 1) * EVERY_S)
            said = f"too many wrong tokens; try again in {wait_s} s"
            raise Refusal(429, said, code="too_many_attempts", headers={"retry-after": str(wait_s)})

    def was(self, right: bool, address: str, kind: str, shown: str) -> None:
        """What became of a try."""
        if right:
            _put(self._right, (address, shown), None)
            return
        key, now = (_network(address), kind), time.monotonic()
        tries, since = self._wrong.get(key, (0.0, now))
        _put(self._wrong, key, (max(tries - (now - since) / EVERY_S, 0.0) + 1, now))


def _put(found: OrderedDict[tuple[str, str], Any], key: tuple[str, str], value: Any) -> None:
    found[key] = value
    found.move_to_end(key)
    if len(found) > _MOST_KNOWN:
        found.popitem(last=False)


def _network(address: str) -> str:
    """Whose an address is: one who has an IPv6 address has billions of them."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((int(found), _IPV6_NETWORK_BITS), strict=False))

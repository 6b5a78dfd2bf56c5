"""Who asks: a token, the cookie that stands for one, or a word that callers on this machine choose for themselves."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from menura.app.server.attempts import Attempts
from menura.app.server.errors import Refusal

COOKIE = "menura"
LOCAL = "local"
"""The client that is everyone who names himself nothing, where no token is needed."""
_COOKIE_AGE_S = 365 * 24 * 3600
_LONGEST_WORD = 200
_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Clients:
    """Tells clients apart.

    Args:
        tokens: one of which every request must carry; none where only this machine asks.
        hosts: names under which the server answers, without ports; any where None. Keeps other sites from reaching a
            loopback server under a name of theirs (DNS rebinding).
    """

    def __init__(self, tokens: Sequence[str], hosts: Sequence[str] | None) -> None:
        self.tokens, self.hosts, self._attempts = tuple(tokens), hosts, Attempts()

    @classmethod
    def for_address(cls, host: str, tokens: Sequence[str]) -> Clients:
        """Those of a server that listens at `host`.

        Raises:
            ValueError: others than this machine could ask, and no token is set.
        """
        if is_loopback(host):
            return cls(tokens, None if tokens else (*_LOCAL_NAMES, f"[{host}]" if ":" in host else host))
        if not tokens:
            raise ValueError(f"host: {host} can be reached from other machines; set a token (--token), which they need")
        return cls(tokens, None)

    def check_origin(self, headers: Mapping[str, str], is_page: bool) -> None:
        """Refuse what a page of another site asks for, reading too, for some of it is work.

        Links to the page itself (`is_page`) may stand anywhere.

        Raises:
            Refusal: it does.
        """
        host = headers.get("host", "")
        if self.hosts is not None and _without_port(host) not in self.hosts:
            raise Refusal(403, f"this server does not answer as {host[:80]!r}; use localhost", code="unknown_host")
        if is_page:
            return
        origin = headers.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc != host
        if foreign or headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise Refusal(403, "requests from pages of other sites are not answered", code="cross_origin")

    def identify(self, headers: Mapping[str, str], is_read: bool = True, address: str = "") -> str:
        """The client who asks, as an opaque name; where no token is needed all who name themselves nothing are one.

        A cookie is sent along with links from other sites, so it lets nobody change anything who does not say, as
        browsers do, that the page itself asks; `check_origin` has looked at what they say.

        Args:
            headers: of the request.
            is_read: whether it changes nothing.
            address: that it came from.

        Raises:
            Refusal: a token is needed, and there is none or a wrong one, or there were too many wrong ones.
        """
        if self.tokens:
            scheme, _, bearer = headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer" and (name := self._tried(bearer.strip(), "token", address)):
                return name
            if name := self._tried(_cookie(headers, cookie_name(headers)), "cookie", address):
                if not (is_read or "origin" in headers or "sec-fetch-site" in headers):
                    raise Refusal(403, "requests with a cookie name their Origin", code="cross_origin")
                return name
            raise Refusal(
                401,
                "a token is needed: send Authorization: Bearer TOKEN",
                code="invalid_token",
                headers={"www-authenticate": "Bearer"},
            )
        word = headers.get("menura-client", "")
        if len(word) > _LONGEST_WORD:
            raise Refusal(400, f"a client's name has at most {_LONGEST_WORD} characters", param="Menura-Client")
        return _digest("client", word) if word else LOCAL

    def session(self, token: str, address: str = "") -> str:
        """The cookie for a page at an address whose reader knows a token.

        Raises:
            Refusal: the token is wrong, or there were too many wrong ones.
        """
        if not self.tokens or not self._tried(token, "token", address):
            raise Refusal(401, "the token is wrong", param="token", code="invalid_token")
        return _digest("session", token)

    def former(self, headers: Mapping[str, str]) -> str | None:
        """The client that a page on this machine was while each browser had a cookie, and so a history, of its own."""
        word = "" if self.tokens else _cookie(headers, COOKIE)
        return _digest("client", word) if word else None

    def _tried(self, shown: str, kind: str, address: str) -> str | None:
        """The client whose token or cookie somebody at an address shows."""
        if not shown:
            return None
        self._attempts.check(address, kind, shown)
        name = self._of_token(shown) if kind == "token" else self._of_session(shown)
        self._attempts.was(name is not None, address, kind, shown)
        return name

    def _of_token(self, token: str) -> str | None:
        known = [one for one in self.tokens if hmac.compare_digest(one.encode(), token.encode())]
        return _digest("client", known[0]) if known else None

    def _of_session(self, cookie: str) -> str | None:
        known = [one for one in self.tokens if hmac.compare_digest(_digest("session", one).encode(), cookie.encode())]
        return _digest("client", known[0]) if known else None


def cookie_name(headers: Mapping[str, str]) -> str:
    """What the cookie is called: browsers do not keep those of two servers on one machine apart."""
    port = headers.get("host", "").rpartition(":")[2]
    return f"{COOKIE}-{port}" if port.isdigit() else COOKIE


def set_cookie(name: str, value: str, secure: bool, age_s: int = _COOKIE_AGE_S) -> str:
    """The header that hands a cookie to the page, which no script can read, nor send other than by a link."""
    end = "; Secure" if secure else ""
    return f"{name}={value}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax{end}"


def _cookie(headers: Mapping[str, str], name: str) -> str:
    """A cookie of ours, whatever others on this machine have put beside it; `http.cookies` gives up at what is odd."""
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return next((value for one, _, value in pairs if one == name), "")


def _without_port(host: str) -> str:
    return host.lower() if host.endswith("]") else host.lower().rpartition(":")[0] or host.lower()


def _digest(purpose: str, word: str) -> str:
    return hashlib.sha256(f"menura {purpose} {word}".encode()).hexdigest()[:40]

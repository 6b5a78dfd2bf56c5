"""Who asks: a token, the page's cookie, or a word that callers on this machine choose for themselves."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from menura.app.server.errors import Refusal

COOKIE = "menura"
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
        self.tokens, self.hosts = tuple(tokens), hosts

    @classmethod
    def for_address(cls, host: str, tokens: Sequence[str]) -> Clients:
        """Those of a server that listens at `host`.

        Raises:
            ValueError: others than this machine could ask, and no token is set.
        """
        if is_loopback(host):
            return cls(tokens, None if tokens else _LOCAL_NAMES)
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

    def identify(self, headers: Mapping[str, str]) -> str:
        """The client who asks, as an opaque name.

        Raises:
            Refusal: a token is needed, and there is none or a wrong one.
        """
        cookie = _cookie(headers.get("cookie", ""))
        if self.tokens:
            scheme, _, bearer = headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer" and (name := self._of_token(bearer.strip())):
                return name
            if cookie and (name := self._of_session(cookie)):
                return name
            raise Refusal(
                401,
                "a token is needed: send Authorization: Bearer TOKEN",
                code="invalid_token",
                headers={"www-authenticate": "Bearer"},
            )
        word = headers.get("menura-client", "") or cookie
        if len(word) > _LONGEST_WORD:
            raise Refusal(400, f"a client's name has at most {_LONGEST_WORD} characters", param="Menura-Client")
        return _digest("client", word) if word else "local"

    def session(self, token: str) -> str:
        """The cookie for a page whose reader knows a token.

        Raises:
            Refusal: the token is wrong.
        """
        if not self.tokens or not self._of_token(token):
            raise Refusal(401, "the token is wrong", param="token", code="invalid_token")
        return _digest("session", token)

    def new_cookie(self, headers: Mapping[str, str]) -> str | None:
        """A cookie for a page that has none yet, where no token is needed."""
        return None if self.tokens or _cookie(headers.get("cookie", "")) else secrets.token_urlsafe(24)

    def _of_token(self, token: str) -> str | None:
        known = [one for one in self.tokens if hmac.compare_digest(one.encode(), token.encode())]
        return _digest("client", known[0]) if known else None

    def _of_session(self, cookie: str) -> str | None:
        known = [one for one in self.tokens if hmac.compare_digest(_digest("session", one).encode(), cookie.encode())]
        return _digest("client", known[0]) if known else None


def set_cookie(value: str, secure: bool) -> str:
    """The header that hands a cookie to the page, which no script and no other site can read."""
    end = "; Secure" if secure else ""
    return f"{COOKIE}={value}; Path=/; Max-Age={_COOKIE_AGE_S}; HttpOnly; SameSite=Strict{end}"


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _without_port(host: str) -> str:
    return host.lower() if host.endswith("]") else host.lower().rpartition(":")[0] or host.lower()


def _digest(purpose: str, word: str) -> str:
    return hashlib.sha256(f"menura {purpose} {word}".encode()).hexdigest()[:40]

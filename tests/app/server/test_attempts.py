"""Tokens cannot be guessed by trying many, and nobody who has one is kept out by who does."""

from __future__ import annotations

import time

import pytest

from menura.app.server import attempts
from menura.app.server.attempts import AT_ONCE, Attempts
from menura.app.server.errors import Refusal

from .conftest import refusal

TOKENS = ("first-token", "second-token")


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def test_two_hundred_wrong_tokens_are_looked_at_ten_at_a_time(serving):
    client = serving(tokens=TOKENS)
    answers = [client.get("/v1/jobs", headers=bearer(f"guess-{n}")) for n in range(200)]
    assert [answer.status_code for answer in answers] == [401] * AT_ONCE + [429] * (200 - AT_ONCE)
    error = refusal(answers[-1])
    assert error["code"] == "too_many_attempts"
    assert 0 < int(answers[-1].headers["retry-after"]) < 60
    assert client.get("/v1/jobs", headers=bearer("first-token")).status_code == 429, "a right guess is not told either"
    assert client.post("/v1/session", json={"token": "first-token"}).status_code == 429


@pytest.mark.parametrize("way", ["header", "cookie", "page"])
def test_every_way_to_show_a_token_is_counted(serving, way):
    client = serving(tokens=TOKENS)

    def tried(guess):
        if way == "page":
            return client.post("/v1/session", json={"token": guess}).status_code
        headers = bearer(guess) if way == "header" else {"cookie": f"menura={guess}"}
        return client.get("/v1/jobs", headers=headers).status_code

    assert [tried(f"guess-{n}") for n in range(AT_ONCE + 2)] == [401] * AT_ONCE + [429, 429]


def test_who_was_let_in_before_stays_in_and_who_shows_nothing_is_not_counted(serving):
    client = serving(tokens=TOKENS)
    assert client.get("/v1/jobs", headers=bearer("first-token")).status_code == 200
    assert {client.get("/v1/jobs").status_code for _ in range(30)} == {401}
    for n in range(30):
        client.get("/v1/jobs", headers=bearer(f"guess-{n}"))
    assert client.get("/v1/jobs", headers=bearer("first-token")).status_code == 200
    assert client.get("/v1/jobs", headers=bearer("second-token")).status_code == 429


def test_a_browser_with_an_old_cookie_can_still_log_in(serving):
    client = serving(tokens=TOKENS)
    for _ in range(30):
        client.get("/v1/jobs", headers={"cookie": "menura=of-old"})
    assert client.post("/v1/session", json={"token": "first-token"}).status_code == 204


def test_tries_are_forgotten_with_time_and_addresses_do_not_pay_for_each_other(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    found = Attempts()

    def is_looked_at(address):
        try:
            found.check(address, "token", "guess")
        except Refusal:
            return False
        found.was(False, address, "token", "guess")
        return True

    assert sum(is_looked_at("10.0.0.1") for _ in range(50)) == AT_ONCE
    assert is_looked_at("10.0.0.2")
    assert sum(is_looked_at(f"2001:db8::{n:x}") for n in range(50)) == AT_ONCE, "one has a whole network of IPv6"
    assert is_looked_at("2001:db8:0:1::1")
    now += attempts.EVERY_S + 0.01
    assert [is_looked_at("10.0.0.1") for _ in range(3)] == [True, False, False]
    now += 3600
    assert sum(is_looked_at("10.0.0.1") for _ in range(50)) == AT_ONCE


def test_what_is_remembered_of_addresses_is_limited(monkeypatch):
    monkeypatch.setattr(attempts, "_MOST_KNOWN", 100)
    found = Attempts()
    for n in range(1000):
        found.was(n % 2 == 0, f"10.0.{n // 256}.{n % 256}", "token", "x")
    assert len(found._wrong) == len(found._right) == 100

"""Who may ask: the page, programs on this machine, holders of a token, and no other site."""

from __future__ import annotations

import pytest

from menura.app.server.clients import Clients, is_loopback

from .conftest import COMPOSE, done, refusal, upload

TOKENS = ("first-token", "second-token")


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def test_beyond_this_machine_a_token_is_needed():
    with pytest.raises(ValueError, match="set a token"):
        Clients.for_address("0.0.0.0", ())
    assert Clients.for_address("0.0.0.0", TOKENS).tokens == TOKENS
    assert is_loopback("127.0.0.9")
    assert is_loopback("::1")
    assert not is_loopback("192.168.1.2")


def test_without_a_token_nothing_is_told(serving):
    client = serving(tokens=TOKENS)
    for address in ("/v1/tasks", "/v1/jobs", "/v1/models", "/metrics", "/openapi.json", "/v1/stream/decode"):
        answer = client.get(address)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert refusal(answer)["type"] == "authentication_error"
    for wrong in (
        {"authorization": "Bearer no"},
        {"authorization": "Basic first-token"},
        {"cookie": "menura=first-token"},
    ):
        assert client.get("/v1/jobs", headers=wrong).status_code == 401
    assert client.get("/v1/jobs", headers=bearer("first-token")).status_code == 200
    for address in ("/healthz", "/readyz"):
        assert client.get(address).status_code == 200


def test_a_token_gives_the_page_a_cookie_that_no_script_can_read(serving):
    client = serving(tokens=TOKENS)
    assert client.post("/v1/session", json={"token": "guess"}).status_code == 401
    answer = client.post("/v1/session", json={"token": "second-token"})
    assert answer.status_code == 204
    for word in ("HttpOnly", "SameSite=Strict"):
        assert word in answer.headers["set-cookie"]
    assert "second-token" not in answer.headers["set-cookie"]
    assert client.get("/v1/jobs").status_code == 200


@pytest.mark.parametrize(
    ("options", "mine", "other"),
    [
        ({"tokens": TOKENS}, bearer("first-token"), bearer("second-token")),
        ({}, {"menura-client": "me"}, {"menura-client": "you"}),
        ({}, {"cookie": "menura=me"}, {}),
    ],
)
def test_a_client_sees_nothing_of_another(serving, sound, options, mine, other):
    client = serving(**options)
    job = done(client, "compose", COMPOSE, headers=mine)
    file = upload(client, sound, headers=mine)
    url = job["results"][0]["files"][0]["url"]
    hidden = [
        client.get(f"/v1/jobs/{job['id']}", headers=other),
        client.get(f"/v1/jobs/{job['id']}/events", headers=other),
        client.post(f"/v1/jobs/{job['id']}/cancel", headers=other),
        client.delete(f"/v1/jobs/{job['id']}", headers=other),
        client.get(url, headers=other),
        client.get(f"/v1/files/{file}", headers=other),
        client.get(f"/v1/files/{file}/content", headers=other),
        client.delete(f"/v1/files/{file}", headers=other),
    ]
    assert [answer.status_code for answer in hidden] == [404] * len(hidden)
    assert client.get("/v1/jobs", params={"before": job["id"]}, headers=other).status_code == 404
    assert client.get("/v1/jobs", headers=other).json()["data"] == []
    assert client.get("/v1/files", headers=other).json()["data"] == []
    name = job["results"][0]["files"][0]["name"]
    for reference in (file, f"{job['id']}/{name}"):
        answer = client.post("/v1/tasks/render", json={"file": reference}, headers=other)
        assert refusal(answer)["param"] == "file"
    assert client.get(url, headers=mine).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_pages_of_other_sites_are_refused(shared, headers):
    answer = shared.post("/v1/tasks/compose", json=COMPOSE, headers=headers)
    assert answer.status_code == 403
    assert refusal(answer)["code"] == "cross_origin"
    assert "access-control-allow-origin" not in answer.headers
    assert shared.options("/v1/tasks/compose", headers=headers).status_code == 403
    for address in ("/v1/stream/sample", "/v1/jobs"):
        assert refusal(shared.get(address, headers=headers))["code"] == "cross_origin"
    assert shared.get("/healthz", headers=headers).status_code == 200


def test_the_page_s_own_requests_pass(shared):
    headers = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert shared.post("/v1/tasks/styles?wait=30", json={}, headers=headers).status_code == 200


def test_another_name_for_this_machine_is_not_answered(shared):
    answer = shared.get("/v1/jobs", headers={"host": "evil.example"})
    assert answer.status_code == 403
    assert refusal(answer)["code"] == "unknown_host"
    for host in ("localhost:8787", "127.0.0.1:8787", "[::1]:8787", "[::1]", "LOCALHOST"):
        assert shared.get("/v1/jobs", headers={"host": host}).status_code == 200


def test_a_page_gets_a_cookie_once(shared):
    first = shared.get("/")
    if first.status_code == 200:
        assert "HttpOnly" in first.headers["set-cookie"]
        assert "set-cookie" not in shared.get("/", headers={"cookie": "menura=known"}).headers
    shared.cookies.clear()

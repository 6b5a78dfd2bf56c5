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
    for host, name in (
        ("127.0.0.2", "127.0.0.2"),
        ("::1", "[::1]"),
        ("0:0:0:0:0:0:0:1", "[::1]"),
        ("localhost", "localhost"),
    ):
        assert name in Clients.for_address(host, ()).hosts
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
    for word in ("HttpOnly", "SameSite=Lax", "menura="):
        assert word in answer.headers["set-cookie"]
    assert "second-token" not in answer.headers["set-cookie"]
    assert client.get("/v1/jobs").status_code == 200


@pytest.mark.parametrize(
    ("options", "mine", "other"),
    [
        ({"tokens": TOKENS}, bearer("first-token"), bearer("second-token")),
        ({}, {"menura-client": "me"}, {"menura-client": "you"}),
        ({}, {"menura-client": "me"}, {}),
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


@pytest.mark.parametrize("address", ["/", "/r/job-00000000000000000000", "/uploads"])
@pytest.mark.parametrize("cookie", ["", "menura=before", "menura-8787=before", "menura=; other", 'menura="a b"'])
def test_on_this_machine_there_is_one_history_however_one_comes(serving, address, cookie):
    """A link from another site brings no cookies along, and such a visit must not end in a history of its own."""
    client = serving()
    job = done(client, "styles", {})
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "referer": "https://elsewhere.example/"}
    page = client.get(address, headers=link | ({"cookie": cookie} if cookie else {}))
    assert page.status_code == 200
    assert page.headers.get("set-cookie", "menura=; ").startswith("menura=; ")
    asking = {"origin": "http://localhost", "sec-fetch-site": "same-origin"} | ({"cookie": cookie} if cookie else {})
    assert [one["id"] for one in client.get("/v1/jobs", headers=asking).json()["data"]] == [job["id"]]


def test_a_history_under_a_cookie_of_before_is_found_again(serving):
    """Each browser once had a history of its own; the first visit with its cookie brings that into the one there is."""
    client = serving()
    before = done(client, "styles", {}, headers={"menura-client": "of-the-cookie"})
    assert client.get("/v1/jobs").json()["data"] == []
    page = client.get("/", headers={"cookie": "menura=of-the-cookie"})
    assert "menura=; " in page.headers["set-cookie"]
    assert "Max-Age=0" in page.headers["set-cookie"]
    assert [one["id"] for one in client.get("/v1/jobs").json()["data"]] == [before["id"]]


def test_no_visit_takes_the_cookie_of_a_token_away(serving):
    """Nor does a visit to another server on this machine, whose cookie has a name of its own."""
    client = serving(tokens=TOKENS)
    given = client.post("/v1/session", json={"token": "first-token"}, headers={"host": "studio.example:8787"})
    assert given.headers["set-cookie"].startswith("menura-8787=")
    for site in ("none", "same-origin", "cross-site"):
        for address in ("/", "/r/job-00000000000000000000", "/uploads"):
            assert "set-cookie" not in client.get(address, headers={"sec-fetch-site": site}).headers
    cookie = given.headers["set-cookie"].partition(";")[0]
    both = {"host": "studio.example:8787", "cookie": f"menura-8788=other; {cookie}"}
    for beside in (
        "menura-8788=other",
        'theme={"dark": true, "size": [1, 2]}',
        "a b",
        "=",
        "x\x7f=y",
        'menura-87="',
        "ü=ß",
    ):
        headers = both | {"cookie": f"{beside}; {cookie}; {beside}"}
        assert client.get("/v1/jobs", headers=[(k, v.encode("utf-8")) for k, v in headers.items()]).status_code == 200
    assert client.get("/v1/jobs", headers=both | {"host": "studio.example:8788"}).status_code == 401


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ({}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://localhost"}, False),
        ({"origin": "http://localhost"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
    ],
)
def test_a_cookie_changes_nothing_unless_the_page_itself_asks(serving, said, passes):
    """The cookie comes with links from other sites: what a browser says of who asks decides, and silence is no word."""
    client = serving(tokens=TOKENS)
    client.post("/v1/session", json={"token": "first-token"})
    file = upload_as_page(client)
    for method, address in (("POST", "/v1/tasks/styles"), ("DELETE", f"/v1/files/{file}")):
        answer = client.request(method, address, headers=said, json={} if method == "POST" else None)
        assert answer.is_success == passes
        if not passes:
            assert refusal(answer)["code"] == "cross_origin"
    assert client.delete(f"/v1/files/{file}", headers=bearer("first-token")).status_code in (200, 404)


def upload_as_page(client) -> str:
    sent = client.post("/v1/files", files={"file": ("a.txt", b"a")}, headers={"origin": "http://localhost"})
    return sent.json()["id"]

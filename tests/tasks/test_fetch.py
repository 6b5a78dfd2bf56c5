"""`menura fetch`: from an address, from a copy, from an extra; every way it can fail is one line and leaves nothing."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from menura.app.cli import main
from menura.models.aligner.model import Aligner, tiny
from menura.progress import Progress
from menura.tasks import catalogue as catalogue_module
from menura.tasks import fetch as module
from menura.tasks.catalogue import Entry
from menura.tasks.download import Unreachable
from menura.tasks.fetch import Fetch
from menura.tasks.models import Models, user_shelf

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OTHER = hashlib.sha256(b"other weights").hexdigest()


@pytest.fixture
def entry(tmp_path, monkeypatch) -> Entry:
    """A public model, of a family that there is; its file comes when it is asked for."""
    monkeypatch.setenv("MENURA_CACHE", str(tmp_path / "cache"))
    entry = Entry("public", "aligner", "tiny", "MIT", "https://there.example/public.pt", 7, SHA256, "", ())

    def read_checkpoint(source: Path) -> Aligner:
        assert source.is_dir() or source.read_bytes() in (CONTENT, b"other weights")
        return Aligner(tiny())

    def download(url: str, path: Path, sha256: str, _progress: Progress) -> None:
        assert (url, sha256) == (entry.url, SHA256)
        path.parent.mkdir(parents=True)
        path.write_bytes(CONTENT)

    others = catalogue_module.resolve_name
    monkeypatch.setattr(
        catalogue_module,
        "resolve_name",
        lambda name: read_checkpoint if name.endswith("read_checkpoint") else others(name),
    )
    monkeypatch.setattr(module, "download", download)
    monkeypatch.setattr(module, "catalogue", lambda: {"public": entry})
    monkeypatch.setattr(catalogue_module, "catalogue", lambda: {"public": entry})
    return entry


def fetched(**asked: object) -> dict:
    (result,) = Fetch.build(asked).run(Models(), Progress())
    return dict(result.summary())


@pytest.mark.usefixtures("entry")
def test_what_is_fetched_is_found_by_its_name_and_not_fetched_twice():
    assert fetched()["models"][0]["here"] == "no"
    said = fetched(model="public")
    assert said["how"] == "downloaded from https://there.example/public.pt"
    assert isinstance(Models().get("public"), Aligner)
    assert fetched(model="public")["how"] == "it was here already"
    assert fetched()["models"] == [
        {"model": "public", "about": "tiny", "megabytes": 0, "licence": "MIT", "here": "yes"}
    ]
    assert not list((user_shelf().parent / "downloads").iterdir())


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize("place", ["public.pt", "copied/public.pt", "copied/model.safetensors"])
def test_what_was_copied_is_taken_if_it_is_what_is_meant(tmp_path, place):
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(CONTENT)
    source = path if path.parent == tmp_path else path.parent
    assert fetched(model="public", **{"from": source})["how"] == f"converted from {source}"
    assert path.exists()
    assert isinstance(Models().get("public"), Aligner)


@pytest.mark.usefixtures("entry")
def test_another_file_is_taken_only_by_whoever_says_its_hash(tmp_path):
    (tmp_path / "mine.pt").write_bytes(b"other weights")
    for wrong in ({}, {"sha256": "0" * 64}):
        with pytest.raises(ValueError, match=rf"mine\.pt is not the file .*if it is one that you trust, .* {OTHER}"):
            fetched(model="public", **{"from": tmp_path / "mine.pt"}, **wrong)
    assert not user_shelf().exists()
    fetched(model="public", **{"from": tmp_path / "mine.pt"}, sha256=OTHER)
    assert SHA256 not in (user_shelf() / "public" / "config.json").read_text()
    assert OTHER in (user_shelf() / "public" / "config.json").read_text()


def test_what_cannot_be_had_is_told_in_one_line(entry, tmp_path, monkeypatch):
    def unreachable(url: str, *_: object) -> None:
        raise Unreachable(f"{url} cannot be reached (no network)")

    monkeypatch.setattr(module, "download", unreachable)
    with pytest.raises(ValueError, match=r"no network\); copy that file \(0 MB\) here .*menura fetch public --from"):
        fetched(model="public")
    with pytest.raises(ValueError, match="there is nothing at"):
        fetched(model="public", **{"from": tmp_path / "none"})
    with pytest.raises(ValueError, match=r"holds none of public\.pt, model\.safetensors, model\.bin; copy https"):
        fetched(model="public", **{"from": tmp_path})
    with pytest.raises(ValueError, match=r"did you mean public\?"):
        fetched(model="publik")
    with pytest.raises(ValueError, match="name the model that this is of"):
        fetched(sha256=SHA256)
    entries = {"public": replace(entry, sha256="")}
    monkeypatch.setattr(catalogue_module, "catalogue", lambda: entries)
    with pytest.raises(ValueError, match=r"is not known here; look up its SHA-256 there, and add --sha256"):
        fetched(model="public")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 5, 5))
    with pytest.raises(ValueError, match=r"public needs .* GB in .*cache, where 0\.0 GB are free; MENURA_CACHE"):
        fetched(model="public", sha256=SHA256)
    assert not user_shelf().exists()


@pytest.mark.usefixtures("entry")
def test_the_command_line_lists_and_fetches(capsys):
    assert main(["fetch"]) == 0
    assert main(["fetch", "public"]) == 0
    assert main(["fetch", "public", "--json"]) == 0
    assert '"how": "it was here already"' in capsys.readouterr().out
    assert main(["fetch", "publik"]) == 1
    assert capsys.readouterr().err == (
        "menura fetch: there is no public model 'publik' to be fetched; did you mean public?\n"
    )

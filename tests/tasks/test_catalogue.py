"""The table of public models is whole; weights within packages become models if they are those that are meant."""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

import pytest
import torch

from menura.models import FAMILIES
from menura.models.aligner.model import Aligner, tiny
from menura.tasks import catalogue as module
from menura.tasks.catalogue import Entry, PackagedFile, catalogue, entry_of, packaged_folder
from menura.tasks.models import Models, model_folder, user_shelf

ROOT = Path(__file__).parents[2]
PARTS = (b"weights", b" in two parts")


def test_the_table_is_whole():
    """Hashes stand in OpenAI's addresses; extras are pinned to what the table names."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for name, entry in catalogue().items():
        assert entry.family in FAMILIES
        assert entry.licence
        assert entry.url.startswith("https://")
        if "openaipublic" in entry.url:
            assert entry.url.split("/")[-2] == entry.sha256
            assert name == f"whisper-{entry.file_name.removesuffix('.pt')}"
        assert all(re.fullmatch(r"[0-9a-f]{64}", file.sha256) for file in entry.packaged)
        makers = {maker for file in entry.packaged for maker, _ in file.parts}
        assert {line.partition("==")[0] for line in extras.get(entry.extra, ())} == makers
        assert all("==" in line for line in extras.get(entry.extra, ()))


def test_a_name_that_is_not_known_is_answered_with_the_nearest():
    assert entry_of("whisper-base").num_bytes == 145262807
    for asked, meant in (
        ("base", "whisper-base or "),
        ("turbo", "whisper-large-v3-turbo"),
        ("wisper-tiny.en", "tiny.en"),
    ):
        with pytest.raises(ValueError, match=f"did you mean .*{meant}"):
            entry_of(asked)
    with pytest.raises(ValueError, match="menura fetch lists them"):
        entry_of("zzzz")


@pytest.fixture
def packaged(tmp_path, monkeypatch) -> Entry:
    """A public model whose weights are in two installed packages, and whose family is one that there is."""
    for number, content in enumerate(PARTS):
        (tmp_path / "site" / f"maker_{number}").mkdir(parents=True)
        (tmp_path / "site" / f"maker_{number}" / "part").write_bytes(content)
        about = tmp_path / "site" / f"maker_{number}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Name: maker-{number}\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    parts = tuple((f"maker-{number}", f"maker_{number}/part") for number in range(2))
    file = PackagedFile("model.bin", hashlib.sha256(b"".join(PARTS)).hexdigest(), parts)
    entry = Entry("public", "aligner", "tiny", "MIT", "https://there.example/public.pt", 20, "", "hear", (file,))
    monkeypatch.setattr(module, "catalogue", lambda: {"public": entry})
    monkeypatch.setattr("menura.tasks.models.catalogue", lambda: {"public": entry})
    monkeypatch.setenv("MENURA_CACHE", str(tmp_path / "cache"))
    return entry


@pytest.fixture
def reads(monkeypatch) -> list[bytes]:
    """Stands in for the reader of a family, and says what it was given."""
    given = []

    def read_checkpoint(source: Path) -> Aligner:
        given.append((source / "model.bin").read_bytes() if source.is_dir() else source.read_bytes())
        torch.manual_seed(0)
        return Aligner(tiny())

    others = module.resolve_name
    monkeypatch.setattr(
        module, "resolve_name", lambda name: read_checkpoint if name.endswith("read_checkpoint") else others(name)
    )
    return given


@pytest.mark.usefixtures("packaged")
def test_weights_within_packages_are_converted_once_and_found_by_name(reads):
    models = Models()
    assert models.fitting("Aligner") == ["aligner", "public"]
    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(model_folder, ["public"] * 8))
    assert set(folders) == {user_shelf() / "public"}
    assert reads == [b"".join(PARTS)]
    assert isinstance(models.get("public"), Aligner)
    assert "under MIT" in (folders[0] / "README.md").read_text()
    assert not any(name.startswith("maker_") for name in sys.modules)
    assert [path.name for path in user_shelf().parent.iterdir()] == ["models"]


@pytest.mark.usefixtures("packaged")
def test_a_caller_of_other_shelves_gets_nothing_put_on_the_user_s(tmp_path):
    with pytest.raises(ValueError, match=r'public is not here yet: .*menura\[hear\]" brings it, as does menura fetch'):
        model_folder("public", [tmp_path])
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("reads")
def test_other_files_than_are_meant_are_refused(packaged, tmp_path):
    (tmp_path / "site" / "maker_1" / "part").write_bytes(b"changed")
    with pytest.raises(ValueError, match=r"model\.bin of maker-0, maker-1 is not the file that is meant: .*, not"):
        packaged_folder("public", user_shelf())
    assert not (user_shelf() / "public").exists()
    (tmp_path / "site" / "maker_1" / "part").unlink()
    assert not packaged.is_packaged_here
    assert packaged_folder("public", user_shelf()) is None
    assert packaged_folder("unknown", user_shelf()) is None


def test_the_files_of_the_extra_that_tests_have_are_those_that_are_meant():
    entry = entry_of("whisper-tiny.en")
    assert entry.is_packaged_here
    for file in entry.packaged:
        ((maker, path),) = file.parts
        content = Path(str(metadata.distribution(maker).locate_file(path))).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file.sha256

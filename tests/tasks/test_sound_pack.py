"""Packs: a table of words as files, and as one zip that says what is in it."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

import menura
from menura.audio import read

RATE = 8000
TABLE = (
    b"name,prompt,seconds,loop,variations,set,mono\n"
    b"Step,a footstep on gravel,.4,,2,,yes\n"
    b"rain,heavy rain,1,yes,,drop_rate=800,\n"
)


def test_a_table_is_a_file_for_each_take(tmp_path):
    menura.sound(table=TABLE, rate=RATE, seed=3, output=tmp_path / "x.wav")
    assert {path.name for path in tmp_path.glob("*.wav")} == {"x-step-1.wav", "x-step-2.wav", "x-rain.wav"}
    assert read(tmp_path / "x-step-1.wav").num_samples == 0.4 * RATE
    assert json.loads((tmp_path / "x-rain.json").read_text())["parameters"]["table"] is None


def test_a_bundle_says_what_is_in_it_and_is_the_same_again(tmp_path):
    for name in ("a", "b"):
        menura.sound(table=TABLE, rate=RATE, seed=3, bundle=True, output=tmp_path / name / "foley.zip")
    content = (tmp_path / "a" / "foley.zip").read_bytes()
    assert content == (tmp_path / "b" / "foley.zip").read_bytes()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["foley.json", "foley.zip"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = json.loads(archive.read("foley/manifest.json"))
        files = [take["file"] for sound in manifest["sounds"] for take in sound["takes"]]
        assert {f"foley/{file}" for file in files} < set(archive.namelist())
        step, rain = manifest["sounds"]
        sound = read(io.BytesIO(archive.read(f"foley/{step['takes'][1]['file']}")))
    assert (sound.num_channels, sound.num_samples) == (1, 0.4 * RATE)
    assert rain["takes"][0]["loop"] == [0, RATE - 1]
    assert "loop" not in step["takes"][0]
    assert len({take["seed"] for one in manifest["sounds"] for take in one["takes"]}) == 3


def test_takes_of_one_prompt_can_be_a_bundle():
    assert menura.sound("a coin", variations=3, bundle=True).summary()["sounds"] == 3


WRONG = [
    ({"table": []}, "has 0 rows, where there may be 1–1000"),
    ({"table": [{"prompt": "rain", "second": "2"}]}, "row 1: 'second' is none of its columns"),
    ({"table": [{"prompt": "rain"}, {"prompt": "rain"}]}, "row 2: rain is the name of another row"),
    ({"table": [{"prompt": "purple"}]}, "row 1: prompt: 'purple' is no sound that is known"),
    ({"table": [{"prompt": "rain", "seconds": "1e9"}]}, "row 1: seconds: 1e9 is not in 0.05–3600"),
    ({"table": [{"prompt": ""}]}, "row 1: prompt: is empty"),
    ({"prompt": "rain", "table": [{"prompt": "rain"}]}, "prompt: there is a table too"),
    ({"prompt": "rain", "bundle": True, "stems": True}, "bundle: it holds sounds alone"),
]


@pytest.mark.parametrize(("values", "told"), WRONG, ids=[told for _, told in WRONG])
def test_what_no_pack_can_be_made_of_is_told_in_one_line_and_nothing_is_written(tmp_path, values, told):
    with pytest.raises(menura.Refused) as raised:
        menura.sound(**values, output=tmp_path / "x")
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []

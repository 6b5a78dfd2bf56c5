"""A result shows itself in one line, and in a notebook as what it is: to hear, to see, to read."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import menura
from menura.audio import Audio, mnr, write
from menura.audio.notebook import player
from menura.score import midi
from menura.tasks.shown import Shown


class Elements(HTMLParser):
    """The elements of a piece of HTML, each closed that was opened, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def content(self, tag: str) -> bytes:
        (source,) = [attributes["src"] for name, attributes in self.found if name == tag]
        return base64.b64decode(str(source).partition(",")[2])


@pytest.fixture(scope="module")
def results(tmp_path_factory, tunes, model_folder) -> dict[str, Any]:
    """One result of most kinds."""
    folder = tmp_path_factory.mktemp("shown")
    tune = midi.read(tunes(1, bars=2) / "tune-0.mid")
    sound = Audio(0.1 * np.random.default_rng(0).standard_normal((2, 9000)), 24_000)
    write(sound, folder / "a.wav")
    encoded = menura.encode(sound)
    return {
        "compose": menura.compose("piano", bars=1, seed=1, n=1, rate=8000, model=model_folder),
        "render": menura.render(tune, rate=8000),
        "encode": encoded,
        "decode": menura.decode(encoded),
        "info": menura.info(encoded),
        "evaluate": menura.evaluate(sound, sound.gain(-3), metrics="snr,mel"),
        "styles": menura.styles(),
        "check": menura.check(model_folder),
        "doctor": menura.doctor(folder, estimate=False),
        "audio": sound,
        "score": tune,
        "track": tune.tracks[0],
        "codes": encoded.codes,
        "header": encoded.header,
        "pieces": mnr.to_bytes(encoded.header, encoded.codes),
    }


def test_a_result_is_one_line_that_says_what_it_is(results):
    for name, result in results.items():
        if name != "pieces":
            line = repr(result)
            assert "\n" not in line, name
            assert len(line) <= 300, name
            assert line.startswith(f"{type(result).__name__}("), name
    assert "snr=" in repr(results["evaluate"]) or "'snr'" in repr(results["evaluate"])
    assert f"seed={results['compose'].about['seed']}" in repr(results["compose"])
    assert re.fullmatch(r"Score\(.*\[.*'\], 2 bars, .* notes\)", repr(results["score"]))


def test_a_notebook_shows_a_player_and_the_picture(results):
    for name in ("compose", "render", "decode"):
        html = Elements(results[name]._repr_html_())
        heard = Audio.of(html.content("audio"))
        assert (heard.num_samples, heard.num_channels) == (results[name].audio.num_samples, 2)
        assert np.abs(heard.samples - results[name].audio.samples).max() < 2**-14
        assert Image.open(io.BytesIO(html.content("img"))).size == results[name].image().size
    for name in ("encode", "doctor"):
        assert Elements(results[name]._repr_html_()).content("img").startswith(b"\x89PNG")
    assert Elements(results["audio"]._repr_html_()).content("audio")
    assert Elements(results["score"]._repr_html_()).content("img")


def test_a_notebook_shows_what_a_result_says(results):
    for name in ("compose", "info", "evaluate", "styles", "check"):
        text = " ".join(Elements(results[name]._repr_html_()).text)
        for key in results[name].summary():
            assert key.replace("_", " ") in text or not results[name].summary()[key], (name, key)
    assert "snr" in " ".join(Elements(results["evaluate"]._repr_html_()).text)


def test_what_comes_from_files_is_no_html():
    class Hostile(Shown):
        def summary(self):
            bad = "<script>alert(1)</script>\n& more"
            return {bad: bad, "rows": [{bad: bad}], "list": [bad, 1], "nested": {"a": {bad: 2.5}}, "none": None}

    elements = Elements(Hostile()._repr_html_())
    assert {tag for tag, _ in elements.found} == {"div", "table", "tr", "th", "td"}
    assert "\n" not in repr(Hostile())


def test_a_piece_without_sound_is_shown_as_notes(results):
    elements = Elements(replace(results["compose"], rendering=None)._repr_html_())
    assert {"img", "table"} <= {tag for tag, _ in elements.found}
    assert "audio" not in {tag for tag, _ in elements.found}


def test_a_long_sound_is_light_and_none_is_nothing():
    assert player(Audio(np.zeros((1, 0)), 8000)) == ""
    assert "audio/mpeg" in player(Audio(np.zeros((2, 61 * 48_000)), 48_000))
    for channels, rate in ((1, 4000), (6, 44_100)):
        assert Audio.of(Elements(player(Audio(np.zeros((channels, 900)), rate))).content("audio")).num_samples
    assert Shown.image(SimpleNamespace()) is None  # pyright: ignore[reportArgumentType]

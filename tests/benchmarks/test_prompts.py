"""Prompts for benchmarks: drawn by seed alone, plain in what they ask, and understood."""

from __future__ import annotations

from menura.score.instruments import expand
from menura.text.prompts import understand
from prompts import DRUMS, Ask, draw_prompts, main


def test_a_prompt_depends_on_its_seed_and_place_alone() -> None:
    assert draw_prompts(20, 5)[:7] == draw_prompts(7, 5)
    assert draw_prompts(7, 5) != draw_prompts(7, 6)


def test_prompts_vary_and_stay_within_what_they_promise() -> None:
    asks = draw_prompts(300, 1)
    assert len({ask.text for ask in asks}) == 300
    assert len({ask.metre for ask in asks}) == 8
    assert len({(ask.tonic, ask.mode) for ask in asks}) == 24
    assert {len(ask.programs) for ask in asks} == {1, 2, 3, 4, 5, 6}
    assert any(DRUMS in ask.programs for ask in asks)
    assert all(8 <= ask.bars <= 48 and 56 <= ask.bpm <= 180 for ask in asks)
    assert all(2 <= ask.bars <= 3 for ask in draw_prompts(50, 1, (2, 3)))
    # A key cannot be heard where only drums play.
    assert all(set(ask.programs) != {DRUMS} for ask in asks)


def test_what_is_asked_is_what_is_understood() -> None:
    for ask in draw_prompts(200, 2):
        assert _understood(ask.text) == ask


def _understood(text: str) -> Ask:
    said = understand(text)
    assert said.key is not None
    assert said.bpm is not None
    assert said.metre is not None
    assert said.bars is not None
    players = [player for name in said.instruments for player in expand(name)]
    programs = sorted(DRUMS if player.is_drum else player.program for player in players)
    return Ask(text, said.key.tonic, said.key.mode, int(said.bpm), said.metre, said.bars, tuple(programs))


def test_prompts_are_printed(capsys) -> None:
    main(["--count", "2"])
    assert len(capsys.readouterr().out.splitlines()) == 4

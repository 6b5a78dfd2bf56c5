"""The peers of the speed benchmark draw as the model does, so that like is compared with like."""

from __future__ import annotations

import numpy as np
import torch

import wavenet_speed
from menura.models.wavenet.model import WaveNet, tiny


def test_every_way_to_draw_runs_and_the_last_line_is_the_one_promised(monkeypatch, capsys):
    monkeypatch.setattr(wavenet_speed, "tensorflow_wavenet", tiny)
    monkeypatch.setattr(wavenet_speed, "timed", lambda draw, count, repeats: (draw(2), 5.0)[1])  # noqa: ARG005
    monkeypatch.setattr("sys.argv", ["wavenet_speed.py", "--quick", "--threads", "1"])
    threads = torch.get_num_threads()
    wavenet_speed.main()
    torch.set_num_threads(threads)
    assert capsys.readouterr().out.splitlines()[-1].startswith("realtime ")


def test_queues_and_the_model_agree(monkeypatch):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = WaveNet(tiny()).eval()
    seen: dict[bool, list[np.ndarray]] = {True: [], False: []}
    searched = np.searchsorted

    for kind in (True, False):

        def look(summed, value, kind=kind):
            seen[kind].append(np.diff(summed, prepend=0))
            return searched(summed, value)

        monkeypatch.setattr(wavenet_speed.np, "searchsorted", look)
        wavenet_speed.queues(model, kind)(40)
    for one, other in zip(seen[True], seen[False], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4)

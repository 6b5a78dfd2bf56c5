"""Drawing sound from a `WaveNet`: several streams side by side, in parts, each as if it were alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from menura.audio import Audio
from menura.models.wavenet import dilated
from menura.models.wavenet.model import ANY, WaveNet, compiled_weights
from menura.nn.kernels import array
from menura.progress import aside

_PARTS_S = 0.25
"""Sound is handed out in parts of so many seconds."""


class Generator:
    """Draws samples of several streams with the compiled step; each stream is what it would be alone.

    Args:
        model: its weights are copied to the CPU, wherever it is.
        seeds: of the streams.
        threads: streams drawn at once.
    """

    def __init__(self, model: WaveNet, seeds: Sequence[int], threads: int = 1) -> None:
        self.model, self.threads = model, threads
        self._weights = compiled_weights(model)
        self._random = [np.random.default_rng(seed) for seed in seeds]
        self._states = [dilated.begun(self._weights, model.silence) for _ in seeds]

    def draw(
        self,
        count: int,
        added: Float[Tensor, "batch part layer gate"],
        temperature: float = 1.0,
        forced: Int[np.ndarray, "batch sample"] | None = None,
        logits: np.ndarray | None = None,
    ) -> Int[np.ndarray, "batch sample"]:
        """The next codes of every stream.

        Args:
            count: how many.
            added: conditions, of parts counted from the first sample of the stream.
            temperature: 0 takes the likeliest.
            forced: codes to take instead of drawing, as of a prime.
            logits: ``[B, count, output]``, where to write what was drawn from.
        """
        codes = np.zeros((len(self._states), count), np.int64)
        conditions = array(added.expand(len(codes), -1, -1, -1))

        def one(stream: int) -> None:
            taken = forced[stream] if forced is not None else np.zeros(0, np.int64)
            uniforms = self._random[stream].random(count if forced is None else 0)
            out = logits[stream] if logits is not None else np.zeros((0, 0), np.float32)
            given = self._weights, self._states[stream], conditions[stream], self.model.repeat_samples or 1
            dilated.draw(*given, temperature, uniforms, taken, codes[stream], out)

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(one, range(len(codes))))
        return codes


def sample(
    model: WaveNet,
    seconds: float,
    *,
    seeds: Sequence[int] = (0,),
    categories: Mapping[str, str] | None = None,
    frames: Float[np.ndarray, "batch frame feature"] | None = None,
    prime: Audio | None = None,
    temperature: float = 1.0,
    threads: int = 1,
    ready: Callable[[int, int], None] | None = None,
) -> Iterator[Float[np.ndarray, "batch sample"]]:
    """Sound as it is drawn, in parts; they begin after the prime.

    Args:
        seconds: how long, without the prime.
        seeds: one for each stream.
        categories: name -> value, as ``{"speaker": "jackson"}``.
        frames: features of all that is drawn, where the model is locally conditioned.
        prime: mono sound to go on from, at the model's rate.
        temperature: 1 as learned, less is tamer, 0 takes the likeliest.
        threads: streams drawn at once.
        ready: told how many samples of how many are drawn.

    Raises:
        ValueError: a category, the features or the prime do not fit the model, or the length is not above 0.
    """
    count = round(seconds * model.sample_rate_hz)
    if count < 1:
        raise ValueError(f"seconds: {seconds:g} is not one sample at {model.sample_rate_hz} Hz")
    added = aside(lambda: _conditions(model, categories or {}, frames))
    generator = Generator(model, seeds, threads)
    if prime is not None and (prime.sample_rate_hz != model.sample_rate_hz or prime.num_channels != 1):
        raise ValueError(f"prime: the model goes on from mono sound at {model.sample_rate_hz} Hz")
    first = next(iter(model.config.categories), None)
    value = 0 if first is None else model.index_of(first, (categories or {}).get(first, ANY))
    logits = [None] * len(seeds) if frames is None else np.broadcast_to(frames, (len(seeds), *frames.shape[1:]))
    before = None if prime is None else prime.samples[0]
    if before is not None:
        past = [model.codes(before, model.excitation(None if one is None else one[:1], value)) for one in logits]
        forced = np.stack(past)[:, -model.config.receptive_samples :]
        generator.draw(forced.shape[1], added[:, :1], forced=forced)
    excitations = aside(lambda: [model.excitation(one, value, before) for one in logits])
    repeat_conditions = model.repeat_samples
    part = round(_PARTS_S * model.sample_rate_hz / (repeat_conditions or 1)) * (repeat_conditions or 1)
    for start in range(0, count, part):
        if ready is not None:
            ready(start, count)
        parts = added[:, start // repeat_conditions :] if repeat_conditions else added
        drawn = generator.draw(min(part, count - start), parts, temperature)
        yield np.stack([model.sound(*pair) for pair in zip(drawn, excitations, strict=True)])


@torch.inference_mode()
def _conditions(model: WaveNet, categories: Mapping[str, str], frames: np.ndarray | None) -> Tensor:
    if unknown := sorted(categories.keys() - model.config.categories.keys()):
        known = ", ".join(model.config.categories) or "nothing"
        raise ValueError(f"{unknown[0]}: the model is conditioned on {known}")
    categories = {name: categories.get(name, ANY) for name in model.config.categories}
    if (frames is not None) != bool(model.config.features):
        raise ValueError(f"features: the model takes {model.config.features or 'none'}")
    if frames is not None and (frames.shape[-1] != model.config.features or not np.isfinite(frames).all()):
        raise ValueError(f"features: {model.config.features} finite numbers a frame are wanted")
    like = model.last.weight
    index = {name: torch.tensor([model.index_of(name, value)]).to(like.device) for name, value in categories.items()}
    return model.conditions(index, None if frames is None else torch.from_numpy(frames).to(like))

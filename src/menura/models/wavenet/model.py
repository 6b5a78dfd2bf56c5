"""WaveNet: sound sample by sample, from stacks of dilated causal convolutions.

Each sample's distribution is computed from those before it (van den Oord et al. 2016): a gated convolution of two
samples at a distance of 1, 2, 4, …, 512, again and again; all layers add to one sum, which a small network turns into
256 probabilities. Global conditioning (a speaker, a word) and local conditioning (mel frames) are added inside both
gates. What a layer must remember is its last inputs, a ring of them (Le Paine et al., "Fast Wavenet", 2016), so a
sample costs the layers once; a compiled step, in whole numbers, makes that quicker than the sound lasts.

    code [t-1], code [t] -> first -> x
        each layer:  tanh(F) * sigmoid(G) of (x [t-d], x [t], condition) -> z;  x += residual(z)
    all z -> skip -> relu -> relu -> 256 logits of code [t+1]

Shapes: B stream, T sample, L layer, R residual, D gate, S skip, C category channel, F frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from menura.audio.linear_prediction import Envelope, Excitation, envelope
from menura.audio.mel_inversion import match_mel, mel_energies, mel_window
from menura.models.wavenet import dilated
from menura.nn.int8 import Packed, packed
from menura.nn.kernels import array
from menura.nn.objective import Loss
from menura.progress import aside

ANY = "any"
"""The value of a category that is not told."""
NUM_MELS = 40
"""Bands of the mean spectrum of a speaker."""
EXCITATION_SIZE = 0.1
"""Of full scale: pulses of a voice are ten times as high as their mean."""


@dataclass(frozen=True, kw_only=True)
class WaveNetConfig:
    """Sizes of a `WaveNet`.

    Args:
        sample_rate_hz: of the sound.
        dilations: samples between the two that a layer joins, layer by layer.
        residual, gates, skip: channels of the sum that runs through the layers, of each gate, and of the sum that
            leaves them.
        levels: of μ-law.
        mixtures: 0 for μ-law and one probability for each level; else the logistic distributions that are mixed, over
            16-bit samples (Salimans et al. 2017, as in Parallel WaveNet).
        categories: what a stream may be conditioned on as a whole: name -> its values, as ``{"speaker": […]}``.
        category_channels: of their embedding; tensorflow-wavenet's ``gc_channels``.
        features: channels of local conditioning; 0 for none.
        hop_samples: of a frame of features.
        upsample_factor: parts that the learned upsampling makes of a frame, each held for its samples.
        lpc_order: where it is not 0, the network does not draw sound but its excitation: what linear prediction over so
            many samples leaves of it. Noise then lies under the spectrum, where it is not heard. The filters are made
            of the features, which are `mel_frames` (ExcitNet, Song et al. 2019); without features, of the usual
            spectrum of each value of the first category (Tachibana et al. 2018).
    """

    sample_rate_hz: int = 8000
    dilations: tuple[int, ...] = tuple(2**k for k in range(9)) * 2
    residual: int = 48
    gates: int = 48
    skip: int = 128
    levels: int = 256
    mixtures: int = 0
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    category_channels: int = 16
    features: int = 0
    hop_samples: int = 0
    upsample_factor: int = 2
    lpc_order: int = 0

    @property
    def receptive_samples(self) -> int:
        """How many samples a prediction depends on."""
        return sum(self.dilations) + 2

    @property
    def frame_samples(self) -> int:
        """From a frame of `mel_frames` to the next."""
        return self.hop_samples or self.sample_rate_hz // 80


def nano(**changes: object) -> WaveNetConfig:
    """The shipped size: 8 kHz, a receptive field of 128 ms."""
    return WaveNetConfig(**{"lpc_order": 16, **changes})  # pyright: ignore[reportArgumentType]


def tensorflow_wavenet(**changes: object) -> WaveNetConfig:
    """The default of tensorflow-wavenet: five times 1 to 512 at 16 kHz."""
    sizes = {"dilations": tuple(2**k for k in range(10)) * 5, "residual": 32, "gates": 32, "skip": 512}
    return WaveNetConfig(**{"sample_rate_hz": 16_000, **sizes, **changes})  # pyright: ignore[reportArgumentType]


def paper(**changes: object) -> WaveNetConfig:
    """As the paper's followers took it to be: three times 1 to 512, 256 channels."""
    sizes = {"dilations": tuple(2**k for k in range(10)) * 3, "residual": 256, "gates": 256, "skip": 256}
    return WaveNetConfig(**{"sample_rate_hz": 16_000, **sizes, **changes})  # pyright: ignore[reportArgumentType]


def voice(**changes: object) -> WaveNetConfig:
    """For one voice from its mel spectrum, at 16 kHz; with the mel told, less of the past is needed."""
    sizes = {"dilations": tuple(2**k for k in range(8)) * 2, "residual": 64, "gates": 64, "skip": 128, "lpc_order": 24}
    return WaveNetConfig(**{"sample_rate_hz": 16_000, **sizes, **changes})  # pyright: ignore[reportArgumentType]


def tiny(**changes: object) -> WaveNetConfig:
    """For tests: trains in seconds."""
    sizes = {"dilations": (1, 2, 4, 8, 1, 2, 4, 8), "residual": 8, "gates": 8, "skip": 16, "category_channels": 4}
    return WaveNetConfig(**{**sizes, **changes})  # pyright: ignore[reportArgumentType]


def mel_frames(
    sound: Float[np.ndarray, " sample"], sample_rate_hz: int, hop_samples: int, num_mels: int
) -> Float[np.ndarray, "frame mel"]:
    """Features of sound: log mel energies around 0, a frame a hop, each centred on its samples."""
    return mel_features(mel_energies(sound, sample_rate_hz, hop_samples, num_mels))


def mel_features(energies: Float[np.ndarray, "frame mel"]) -> Float[np.ndarray, "frame mel"]:
    """`mel_frames` of what has these `mel_energies`."""
    return (np.log10(energies) / 2 + 1).astype(np.float32)


def mel_envelope(frames: Float[np.ndarray, "frame mel"], config: WaveNetConfig) -> Envelope:
    """The filters that `mel_frames` say."""
    window, size = mel_window(config.frame_samples)
    scale = size / config.sample_rate_hz * np.sqrt((window.astype(np.float64) ** 2).sum())  # a triangle's area is 1 Hz
    magnitudes = 10 ** (2 * (frames.astype(np.float64) - 1)) / scale
    return envelope(magnitudes, config.sample_rate_hz, config.frame_samples, config.lpc_order, config.upsample_factor)


class MuLaw:
    """Samples as one of a few levels, finer near silence (ITU-T G.711, without its segments); each has a logit."""

    mixtures = 0

    def __init__(self, levels: int = 256) -> None:
        self.levels = self.outputs = levels

    def first(self, residual: int) -> nn.Module:
        """What turns two codes into what runs through the layers: one-hot, so a row for each; the previous first."""
        rows = nn.Embedding(2 * self.levels, residual)
        nn.init.normal_(rows.weight, std=0.5)
        return rows

    def embed(self, first: nn.Module, previous: Tensor, current: Tensor) -> Float[Tensor, "batch sample residual"]:
        """Two codes through `first`."""
        return first(previous) + first(current + self.levels)

    def costs(
        self, logits: Float[Tensor, "batch sample output"], codes: Int[Tensor, "batch sample"]
    ) -> Float[Tensor, "batch sample"]:
        """Nats of each code."""
        costs = nn.functional.cross_entropy(logits.float().flatten(0, 1), codes.flatten(), reduction="none")
        return costs.view(codes.shape)

    def encode(self, sound: np.ndarray) -> np.ndarray:
        """Levels of sound within ±1; silence is in the middle."""
        mu = self.levels - 1
        squeezed = np.sign(sound) * np.log1p(mu * np.abs(np.clip(sound, -1, 1))) / np.log1p(mu)
        return np.floor((squeezed + 1) / 2 * mu + 0.5).astype(np.int64)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Sound of levels, float32."""
        mu = self.levels - 1
        squeezed = 2 * codes.astype(np.float64) / mu - 1
        return (np.sign(squeezed) * np.expm1(np.abs(squeezed) * np.log1p(mu)) / mu).astype(np.float32)


class Logistics:
    """Samples of 16 bits, their distribution a mixture of logistic ones: outputs are logits, means, log widths."""

    levels = 65536
    _NARROWEST = -9.0

    def __init__(self, mixtures: int) -> None:
        self.mixtures, self.outputs = mixtures, 3 * mixtures

    def first(self, residual: int) -> nn.Module:
        """What turns two samples into what runs through the layers."""
        return nn.Linear(2, residual)

    def embed(self, first: nn.Module, previous: Tensor, current: Tensor) -> Float[Tensor, "batch sample residual"]:
        """Two codes through `first`."""
        return first(torch.stack((previous, current), -1) * (2 / (self.levels - 1)) - 1)

    def encode(self, sound: np.ndarray) -> np.ndarray:
        """Codes of sound within ±1."""
        return np.rint((np.clip(sound, -1, 1) + 1) / 2 * (self.levels - 1)).astype(np.int64)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Sound of codes, float32."""
        return (2 * codes.astype(np.float64) / (self.levels - 1) - 1).astype(np.float32)

    def costs(
        self, outputs: Float[Tensor, "batch sample output"], codes: Int[Tensor, "batch sample"]
    ) -> Float[Tensor, "batch sample"]:
        """Nats of each code: the mixture's mass between halfway to the code below and halfway to that above.

        In logarithms throughout, ``σ(b) - σ(a) = σ(b) σ(-a) (1 - exp(a - b))``: a difference of two sigmoids is nothing
        but rounding where a distribution is wide, and nothing at all, without a gradient, where the code is far away.
        """
        logits, means, widths = outputs.float().chunk(3, -1)
        step, code = 2 / (self.levels - 1), codes.unsqueeze(-1)
        sharpness = torch.exp(-widths.clamp(min=self._NARROWEST))
        away = code * step - 1 - means
        lowest, highest = code == 0, code == self.levels - 1  # these two have all that lies beyond them as well
        under = nn.functional.logsigmoid((away + step / 2) * sharpness).masked_fill(highest, 0.0)
        over = nn.functional.logsigmoid((step / 2 - away) * sharpness).masked_fill(lowest, 0.0)
        within = torch.log(-torch.expm1(-step * sharpness)).masked_fill(lowest | highest, 0.0)
        return -torch.logsumexp(torch.log_softmax(logits, -1) + under + over + within, -1)


class Memory(NamedTuple):
    """What the past leaves: the last code, and for each layer its last inputs, as many as it reaches back."""

    code: Int[Tensor, "batch 1"]
    inputs: tuple[Tensor, ...]


class Upsampling(nn.Module):
    """Frames of features to parts of frames, learned: a frame sees its neighbours, then is split."""

    def __init__(self, features: int, channels: int, upsample_factor: int) -> None:
        super().__init__()
        self.look = nn.Conv1d(features, channels, 3, padding=1)
        self.split = nn.ConvTranspose1d(channels, channels, upsample_factor, upsample_factor)

    def forward(self, frames: Float[Tensor, "batch frame feature"]) -> Float[Tensor, "batch part channel"]:
        return torch.relu(self.split(torch.relu(self.look(frames.mT)))).mT


class WaveNet(nn.Module):
    """See the page's head."""

    Config = WaveNetConfig

    def __init__(self, config: WaveNetConfig) -> None:
        super().__init__()
        self.config = config
        self.quantization = Logistics(config.mixtures) if config.mixtures else MuLaw(config.levels)
        layers, width = len(config.dilations), 2 * config.gates
        self.first = self.quantization.first(config.residual)
        self.gates = nn.ModuleList(nn.Linear(2 * config.residual, width) for _ in config.dilations)
        self.residuals = nn.ModuleList(nn.Linear(config.gates, config.residual) for _ in config.dilations)
        self.skip = nn.Linear(layers * config.gates, config.skip)
        self.middle = nn.Linear(config.skip, config.skip)
        self.last = nn.Linear(config.skip, self.quantization.outputs)
        self.categories = nn.ModuleDict(
            {name: nn.Embedding(len(values), config.category_channels) for name, values in config.categories.items()}
        )
        self.whole = nn.Linear(config.category_channels, layers * width) if config.categories else None
        if config.lpc_order and not config.features:
            values = next(iter(config.categories.values()), (ANY,))
            self.register_buffer("mean_mel", torch.zeros(len(values), NUM_MELS))
        if config.features:
            self.upsampling = Upsampling(config.features, config.gates, config.upsample_factor)
            self.local = nn.Linear(config.gates, layers * width, bias=False)

    @property
    def sample_rate_hz(self) -> int:
        return self.config.sample_rate_hz

    @property
    def repeat_samples(self) -> int:
        """For how many samples a condition holds; 0: for all."""
        return self.config.hop_samples // self.config.upsample_factor if self.config.features else 0

    @classmethod
    def upgraded_weights(cls, weights: Mapping[str, Tensor], _config: WaveNetConfig) -> dict[str, Tensor]:
        """Weights of format 1 and 2, which call the mean spectra something else."""
        return {name.replace("usual", "mean_mel"): tensor for name, tensor in weights.items()}

    def conditions(
        self,
        categories: Mapping[str, Int[Tensor, " batch"]],
        frames: Float[Tensor, "batch frame feature"] | None = None,
    ) -> Float[Tensor, "batch part layer gate"]:
        """What is added inside the gates: projected once for all samples. One part where nothing is local."""
        layers, like = len(self.config.dilations), self.last.weight
        batch = len(frames) if frames is not None else max((len(one) for one in categories.values()), default=1)
        added = like.new_zeros(batch, 1, layers * 2 * self.config.gates)
        if self.whole is not None:
            given = torch.stack([self.categories[name](index) for name, index in categories.items()]).sum(0)
            added = added + self.whole(given).unsqueeze(1)
        if frames is not None:
            added = added + self.local(self.upsampling(frames))
        return added.unflatten(-1, (layers, -1))

    def vocode(
        self, samples: Float[np.ndarray, " sample"], seed: int = 0, temperature: float = 0.8, rounds: int = 40
    ) -> Iterator[Float[np.ndarray, " part"]]:
        """Sound made again from its mel frames alone, in parts.

        Args:
            samples: at the model's rate.
            seed: of what is drawn.
            temperature: of drawing.
            rounds: of `match_mel`.
        """
        grid = (self.config.sample_rate_hz, self.config.hop_samples)
        energies = aside(lambda: mel_energies(samples, *grid, self.config.features))
        drawn = resolve_name("menura.models.wavenet.sampling:sample")(  # which imports this page
            self,
            len(samples) / self.sample_rate_hz,
            seeds=(seed,),
            frames=mel_features(energies)[None],
            temperature=temperature,
        )
        yield from match_mel((part[0] for part in drawn), energies, *grid, rounds)

    def start(self, batch: int) -> Memory:
        """The memory of silence."""
        like = self.last.weight
        inputs = tuple(like.new_zeros(batch, dilation, self.config.residual) for dilation in self.config.dilations)
        return Memory(torch.full((batch, 1), self.silence, device=like.device), inputs)

    @property
    def silence(self) -> int:
        """The code of no sound."""
        return int(self.quantization.encode(np.zeros(1))[0])

    def forward(
        self, codes: Int[Tensor, "batch sample"], added: Float[Tensor, "batch sample layer gate"], memory: Memory
    ) -> tuple[Float[Tensor, "batch sample output"], Memory]:
        """Logits of the code that follows each, or what else `ends` takes, and the memory that is left.

        A step is a call with one sample.

        Args:
            codes: of sound.
            added: conditions of each sample that is predicted, or of one for all.
            memory: of what came before.
        """
        before = torch.cat((memory.code, codes), 1)
        x = self.quantization.embed(self.first, before[:, :-1], codes)
        added = added + torch.stack([layer.get_parameter("bias") for layer in self.gates])
        if torch.is_autocast_enabled(x.device.type):  # else sums with what is in full width widen all that follows
            x, added = (one.to(torch.get_autocast_dtype(x.device.type)) for one in (x, added))
        gated, inputs = [], []
        for layer, dilation in enumerate(self.config.dilations):
            past = torch.cat((memory.inputs[layer], x), 1)
            joined = torch.cat((past[:, : x.shape[1]], x), -1)
            within = nn.functional.linear(joined, self.gates[layer].get_parameter("weight"))
            signal, gate = (within + added[:, :, layer]).chunk(2, -1)
            z = (2 * torch.sigmoid(2 * signal) - 1) * torch.sigmoid(gate)  # tanh itself takes twice as long
            gated.append(z)
            inputs.append(past[:, -dilation:])
            x = x + self.residuals[layer](z)
        out = torch.relu(self.skip(torch.cat(gated, -1)))
        return self.last(torch.relu(self.middle(out))), Memory(before[:, -1:], tuple(inputs))

    def excitation(
        self,
        frames: Float[np.ndarray, "frame feature"] | None,
        value: int = 0,
        past: Float[np.ndarray, " sample"] | None = None,
    ) -> Excitation | None:
        """What lies between sound and what the network draws, where the config says so.

        Args:
            frames: the features, where there are any.
            value: of the first category, where there are none.
            past: sound that came before.
        """
        if not self.config.lpc_order:
            return None
        mel = self.get_buffer("mean_mel")[value : value + 1].float().cpu().numpy() if frames is None else frames
        return Excitation(mel_envelope(mel, self.config), past)

    def codes(self, sound: Float[np.ndarray, " sample"], excitation: Excitation | None) -> Int[np.ndarray, " sample"]:
        """What the network learns to draw, from sound."""
        return self.quantization.encode(sound if excitation is None else excitation.of(sound) * EXCITATION_SIZE)

    def sound(self, codes: Int[np.ndarray, " sample"], excitation: Excitation | None) -> Float[np.ndarray, " sample"]:
        """The inverse of `codes`."""
        decoded = self.quantization.decode(codes)
        if excitation is None:
            return decoded
        return excitation.shaped(decoded / np.float32(EXCITATION_SIZE)).clip(-1, 1)

    def repeat_conditions(self, added: Float[Tensor, "batch part layer gate"], start: int, count: int) -> Tensor:
        """The conditions of `count` samples from `start`; parts past the last are as the last."""
        if not self.repeat_samples:
            return added
        parts = torch.arange(start, start + count, device=added.device) // self.repeat_samples
        return added[:, parts.clamp(max=added.shape[1] - 1)]

    def index_of(self, name: str, value: str) -> int:
        """The place of a category's value.

        Raises:
            ValueError: there is no such value; the message lists them.
        """
        values = self.config.categories.get(name, ())
        if value not in values:
            known = f"there are {', '.join(values)}" if values else "the model knows no such thing"
            raise ValueError(f"{name}: no {value[:40]!r}; {known}")
        return values.index(value)

    def probe_inputs(self) -> dict[str, Tensor]:
        """A fixed stretch of codes, and conditions, for `menura check`."""
        codes = torch.arange(400).view(1, -1) * 37 % self.quantization.levels
        inputs = {"codes": codes}
        if self.config.features:
            count = -(-400 // self.config.hop_samples)
            inputs["frames"] = torch.linspace(-1, 1, count * self.config.features).view(1, count, -1)
        return inputs

    @torch.inference_mode()
    def probe(self, codes: Tensor, frames: Tensor | None = None) -> dict[str, Tensor]:
        """Logits for fixed codes."""
        added = self.repeat_conditions(self._probe_conditions(frames), 0, codes.shape[1])
        return {"logits": self(codes, added, self.start(1))[0]}

    @torch.inference_mode()
    def probe_compiled(self, codes: Tensor, frames: Tensor | None = None) -> dict[str, Tensor]:
        """The same logits by the compiled step, and what the fixed codes sound like."""
        logits = np.zeros((codes.shape[1], self.quantization.outputs), np.float32)
        weights = compiled_weights(self)
        state = dilated.begun(weights, self.silence)
        state.codes[1] = codes[0, 0]  # heard before the first that is drawn
        forced = nn.functional.pad(codes[0, 1:], (0, 1)).numpy()
        given = weights, state, array(self._probe_conditions(frames)[0]), self.repeat_samples or 1
        dilated.draw(*given, 1.0, np.zeros(0), forced, np.zeros_like(forced), logits)
        sound = self.sound(codes[0].numpy(), self.excitation(None if frames is None else frames[0].numpy()))
        return {"logits": torch.from_numpy(logits)[None], "sound": torch.from_numpy(sound)}

    def _probe_conditions(self, frames: Tensor | None) -> Tensor:
        return self.conditions({name: torch.zeros(1, dtype=torch.long) for name in self.config.categories}, frames)


class Batch(NamedTuple):
    """Crops to learn from: each code is predicted from those before it.

    Attributes:
        codes: ``[B, T + 1]``.
        heard: ``[B, T]``, which predictions count: not those past the end of a sound.
        categories: name -> ``[B]``.
        frames: ``[B, F, features]``, of all samples that are predicted, or None.
    """

    codes: Tensor
    heard: Tensor
    categories: dict[str, Tensor]
    frames: Tensor | None


class WaveNetObjective(nn.Module):
    """Nats a sample: the mean of what the true codes cost."""

    def __init__(self, model: WaveNet) -> None:
        super().__init__()
        self.model = model

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"model": self.model}

    def losses(self, batch: Batch, _spent: float) -> Iterator[Loss]:
        nats = self._nats(batch)
        yield Loss("model", nats, {"nats_per_sample": float(nats.detach())})

    @torch.inference_mode()
    def report(self, batch: Batch) -> dict[str, float]:
        return {"nats_per_sample": float(self._nats(batch))}

    def _nats(self, batch: Batch) -> Tensor:
        model, codes = self.model, batch.codes[:, :-1]
        added = model.repeat_conditions(model.conditions(batch.categories, batch.frames), 0, codes.shape[1])
        logits, _ = model(codes, added, model.start(len(codes)))
        costs = model.quantization.costs(logits, batch.codes[:, 1:])
        return (costs * batch.heard).sum() / batch.heard.sum().clamp(min=1)


def compiled_weights(model: WaveNet) -> dilated.Weights:
    """What the compiled step multiplies by: copied to the CPU, wherever the model is, and packed."""

    def matrix(layer: nn.Module) -> Packed:
        weight, bias = (array(layer.get_parameter(name)) for name in ("weight", "bias"))
        return packed(weight, bias)

    def layers(modules: nn.ModuleList) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.float32]:
        each = [matrix(module) for module in modules]
        weights, scales, bias = (np.stack([getattr(one, name) for one in each]) for name in Packed._fields[:3])
        return weights.reshape(-1), scales, bias, each[0].limit

    first = array(model.first.get_parameter("weight"))
    if model.quantization.mixtures:  # rows as of an embedding: of the sample before, of this one, and what is added
        first = np.concatenate((first.T, array(model.first.get_parameter("bias"))[None]))
    return dilated.Weights(
        model.quantization.mixtures,
        np.ascontiguousarray(first),
        np.array(model.config.dilations),
        layers(model.gates),
        layers(model.residuals),
        matrix(model.skip),
        matrix(model.middle),
        matrix(model.last),
    )

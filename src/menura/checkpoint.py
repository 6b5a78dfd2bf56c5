"""A model as a self-describing folder: save, load, check.

    config.json         {"format": 1, "family": "score_lm", "config": {…}, "provenance": {…}}
    model.safetensors   the weights for inference
    probe.safetensors   a fixed input and its expected output, of the compiled step too
    README.md           the card
    codec/              a nested part: a folder of the same kind, complete in itself

Nothing in a folder is trusted: no pickle, no code from it, unknown keys are errors, shapes are compared with the
family's own before memory is taken for them.

A family's class has ``Config`` (a frozen dataclass), ``config``, ``probe_inputs() -> {name: tensor}`` (the same at
every call), ``probe(**inputs) -> {name: tensor}``, and where it has them: ``probe_compiled``, the same by the compiled
step that results are drawn with, ``upgraded_weights(weights, config)``, of an older format, and ``parts``, the
names of its nested models, which are attributes, and keyword arguments of its constructor. The constructor must also
run under ``torch.device("meta")``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import chain
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np
import torch
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from menura import files
from menura.models import FAMILIES

PROBE_TOLERANCE = 1e-3
"""Largest difference of a probe, relative to the largest magnitude expected; other machines sum in another order."""

ROUNDING_TOLERANCE = 0.05
"""The same between the compiled step's answer and the readable one's: weights have 8 bits in the former."""


def v1_to_v2(described: dict[str, Any]) -> dict[str, Any]:
    """Format 2 has other weights in some families, and the same keys."""
    return described


_NAMED_ANEW = {
    "codec": {"stages": "num_codebooks", "size": "codebook_size", "channels": "latent_dim"},
    "soundstream": {"stages": "num_codebooks", "size": "codebook_size", "channels": "latent_dim"},
    "wavenet": {"order": "lpc_order", "splits": "upsample_factor"},
}


def v2_to_v3(described: dict[str, Any]) -> dict[str, Any]:
    """Format 3 calls some numbers of a config what others call them."""
    family, config = described.get("family"), described.get("config")
    if not isinstance(family, str) or not isinstance(config, dict):
        return described
    names = _NAMED_ANEW.get(family, {})
    return {**described, "config": {names.get(name, name): value for name, value in config.items()}}


UPGRADES: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (v1_to_v2, v2_to_v3)
"""What turns a ``config.json`` of format 1 into one of format 2, of 2 into 3, and so on."""

FORMAT = 1 + len(UPGRADES)

_KEYS = {"format", "family", "config", "provenance"}
_MAX_CONFIG_BYTES = 1 << 20
_MAX_PROBE_BYTES = 64 << 20
_MAX_TABLES = 1 << 24
"""Numbers in all that a model works out for itself, whose sizes no weights confirm."""


@dataclass(frozen=True)
class CheckReport:
    """What `check` found.

    Attributes:
        folder: the model's folder.
        family: its family's name.
        num_parameters: numbers in the weights.
        weights: ``"sha256:…"``.
        difference: largest difference between the probe's output now and when saved, relative to its peak.
        tolerance: the difference allowed.
        rounding: largest difference between the compiled step's output and the readable one's, likewise;
            `ROUNDING_TOLERANCE` is allowed.
        parts: reports of the nested parts.
    """

    folder: Path
    family: str
    num_parameters: int
    weights: str
    difference: float
    tolerance: float
    rounding: float = 0.0
    parts: tuple[CheckReport, ...] = ()

    @property
    def complaint(self) -> str | None:
        """What is not as it was, in one line; None where all is."""
        if self.difference > self.tolerance:
            return (
                f"{self.folder}: the probe differs by {self.difference:.1e} of its peak, more than "
                f"{self.tolerance:.0e}: the weights or the code have changed since the model was saved"
            )
        if self.rounding > ROUNDING_TOLERANCE:
            return (
                f"{self.folder}: the compiled step differs from the model by {self.rounding:.1e} of the probe's peak, "
                f"more than {ROUNDING_TOLERANCE:.0e}: it is not what these weights say"
            )
        return next((part.complaint for part in self.parts if part.complaint), None)

    @property
    def ok(self) -> bool:
        return self.complaint is None


def save(
    model: nn.Module,
    folder: Path | str,
    provenance: Mapping[str, Any],
    card: str | None = None,
    half: bool = False,
    overwrite: bool = False,
    families: Mapping[str, str] = FAMILIES,
) -> Path:
    """Save a model as a folder, and return the folder; other files in it (``training/``) stay.

    Args:
        model: of a family in `families`.
        folder: where; it is made if need be.
        provenance: how the model was made: recipe, data, licences, steps, minutes. Plain JSON values.
        card: the text of README.md: what the model does, metrics with their command, limits, bias.
        half: store the weights in 16-bit floats; the probe is then that of the rounded weights.
        overwrite: replace a model that is there.
        families: family name -> ``"module:Class"``.

    Raises:
        ValueError: the model is of no known family, or its weights are not finite.
        FileExistsError: `folder` holds a model and `overwrite` is false.
    """
    folder = Path(folder)
    with files.writing_folder(folder, overwrite) as temporary:
        _write(model, temporary, provenance, card, half, families)
    return folder


def devices() -> list[str]:
    """What models can compute on here, as torch names it, the CPU first."""
    counts = {kind: getattr(torch, kind).device_count() for kind in ("cuda", "xpu", "mps")}
    numbered = ([kind, *(f"{kind}:{index}" for index in range(count))] for kind, count in counts.items() if count)
    return ["cpu", *chain.from_iterable(numbered)]


def load(folder: Path | str, device: str = "cpu", families: Mapping[str, str] = FAMILIES) -> Any:
    """Load a model for inference: float32, in evaluation mode.

    Args:
        folder: of the model.
        device: one of `devices`.
        families: family name -> ``"module:Class"``.

    Raises:
        ValueError: the folder is not a sound model; one line that says what is wrong.
        OSError: a file of it cannot be read.
    """
    return _load(Path(folder), families).to(device).eval()


def check(
    folder: Path | str, tolerance: float = PROBE_TOLERANCE, families: Mapping[str, str] = FAMILIES
) -> CheckReport:
    """Load a model and replay its probe, by the compiled step too where the family has one.

    Of folders saved before there was a probe of the compiled step, that is compared with the readable one alone.

    Raises:
        ValueError, OSError: as `load`, or the probe is not this family's.
    """
    folder = Path(folder)
    model = load(folder, families=families)
    saved = _read_tensors(folder / "probe.safetensors", _MAX_PROBE_BYTES)
    inputs, expected, expected_compiled = (_under(prefix, saved) for prefix in ("in.", "out.", "compiled."))
    own = model.probe_inputs()
    if {name: tensor.shape for name, tensor in inputs.items()} != {name: tensor.shape for name, tensor in own.items()}:
        raise ValueError(
            f"{folder}: the probe's inputs are not those of its family: {_named(inputs)}, not {_named(own)}"
        )
    answer, compiled = _probe(model, inputs)
    for now, then in ((answer, expected), (compiled, expected_compiled)):
        if now.keys() != then.keys() and (then or now is answer):
            raise ValueError(f"{folder}: the probe gives {_named(now)}, but {_named(then)} was saved")
    return CheckReport(
        folder=folder,
        family=_read_config(folder, families)["family"],
        num_parameters=sum(parameter.numel() for parameter in model.parameters()),
        weights=weights_hash(folder),
        difference=max(_largest_difference(answer, expected), _largest_difference(compiled, expected_compiled)),
        tolerance=tolerance,
        rounding=_largest_difference(compiled, answer),
        parts=tuple(check(folder / part, tolerance, families) for part in _parts(type(model))),
    )


def model_hash(folder: Path | str) -> str:
    """``"sha256:…"`` of all that makes a model: ``config.json`` and ``model.safetensors``, of nested parts too."""
    folders = [path.parent for path in sorted(Path(folder).rglob("model.safetensors"))]
    return _hash_of([folder / name for folder in folders for name in ("config.json", "model.safetensors")])


def weights_hash(folder: Path | str) -> str:
    """``"sha256:…"`` of ``model.safetensors``, or of the list of hashes where there are nested parts."""
    return _hash_of(sorted(Path(folder).rglob("model.safetensors")))


def _hash_of(paths: Sequence[Path]) -> str:
    hashes = [files.sha256(path) for path in paths]
    if len(hashes) == 1:
        return hashes[0]
    return f"sha256:{hashlib.sha256(' '.join(hashes).encode()).hexdigest()}"


def _write(
    model: nn.Module,
    folder: Path,
    provenance: Mapping[str, Any],
    card: str | None,
    half: bool,
    families: Mapping[str, str],
) -> None:
    family = _family_of(model, families)
    for part in _parts(type(model)):
        (folder / part).mkdir()
        _write(getattr(model, part), folder / part, provenance, None, half, families)
    weights = {}
    for name, tensor in _own_state(model).items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise ValueError(f"the weights {name} are not finite, so the model is not saved")
        weights[name] = (tensor.half() if half and tensor.dtype == torch.float32 else tensor).cpu().contiguous()
    save_file(weights, folder / "model.safetensors")
    config = {"format": FORMAT, "family": family, "config": asdict(model.config), "provenance": dict(provenance)}  # pyright: ignore[reportArgumentType]
    files.write_json(folder / "config.json", config)
    (folder / "README.md").write_text(card or f"# {family}\n", encoding="utf-8")
    again = _load(folder, families).eval()
    inputs = again.probe_inputs()
    groups = zip(("in.", "out.", "compiled."), (inputs, *_probe(again, inputs)), strict=True)
    probe = {f"{prefix}{name}": tensor.contiguous() for prefix, group in groups for name, tensor in group.items()}
    save_file(probe, folder / "probe.safetensors")


def _load(folder: Path, families: Mapping[str, str]) -> Any:
    described = _read_config(folder, families)
    kind = resolve_name(families[described["family"]])
    config = _config(kind.Config, described["config"], folder)
    parts = {part: _load(folder / part, families) for part in _parts(kind)}
    weights = _read_tensors(folder / "model.safetensors")
    if described["format"] < FORMAT and hasattr(kind, "upgraded_weights"):
        weights = kind.upgraded_weights(weights, config)
    with torch.device("meta"), _Sketch(len(weights)):
        sketch = _built(kind, config, parts, folder)
    _compare(_own_state(sketch), weights, folder)
    saved = sketch.state_dict().keys()
    tables = sum(table.numel() for name, table in sketch.named_buffers() if name not in saved)
    if tables > _MAX_TABLES:
        raise ValueError(f"{folder}: its config asks for tables of {tables} numbers; at most {_MAX_TABLES} are made")
    with _Uninitialised():
        model = _built(kind, config, parts, folder)
    with torch.no_grad():
        for name, tensor in _own_state(model).items():
            if not torch.isfinite(tensor.copy_(weights[name])).all():
                raise ValueError(f"{folder / 'model.safetensors'}: {name} has numbers that are not finite")
    return model


class _Uninitialised(TorchFunctionMode):
    """Within, modules draw no weights: theirs are read from a file."""

    def __torch_function__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(function, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return function(*args, **kwargs)


class _Sketch(_Uninitialised):
    """Within, modules are not initialised, and are no more than a model of `num_weights` may need.

    Raises:
        ValueError: they are more, as a config may say that there are any number of layers.
    """

    def __init__(self, num_weights: int) -> None:
        super().__init__()
        self.calls_left = 1000 + 50 * num_weights

    def __torch_function__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.calls_left -= 1
        if self.calls_left < 0:
            raise ValueError("it has more layers than model.safetensors has weights for")
        shape = _shape(getattr(function, "__name__", "").strip("_"), args) if not kwargs else None
        if shape is None:
            return super().__torch_function__(function, _types, args, kwargs)
        return torch.empty(shape)


_BY_ELEMENT = frozenset(
    (
        *("neg", "abs", "cos", "sin", "exp", "log", "sqrt", "add", "radd", "sub", "rsub", "mul", "rmul"),
        *("div", "truediv", "rdiv", "pow", "rpow", "mod", "remainder"),
    )
)


def _shape(name: str, args: Sequence[Any]) -> tuple[int, ...] | None:
    """The shape of what tables are made of; None: let torch say it, which imports its compiler, for seconds."""
    if name == "arange" and all(isinstance(one, int) for one in args):
        return (len(range(*args)),)
    if name in ("hann_window", "randn") and all(isinstance(one, int) for one in args):
        return tuple(args)
    if name in _BY_ELEMENT:
        return np.broadcast_shapes(*(one.shape for one in args if isinstance(one, torch.Tensor)))
    if name == "outer":
        return (len(args[0]), len(args[1]))
    if name == "cat" and len(args) == 2 and args[1] == -1 and isinstance(args[0], tuple):
        return (*args[0][0].shape[:-1], sum(one.shape[-1] for one in args[0]))
    return None


def _built(kind: type, config: Any, parts: Mapping[str, Any], folder: Path) -> Any:
    """A model of a config that has the right types, and may say anything."""
    try:
        return kind(config, **parts)
    except Exception as error:
        raise ValueError(f"{folder}: its config builds no model: {_line(error)}") from error


def _read_config(folder: Path, families: Mapping[str, str]) -> dict[str, Any]:
    path = folder / "config.json"
    described = files.read_json(path, _MAX_CONFIG_BYTES)
    number = described.get("format")
    if type(number) is not int or not 1 <= number <= FORMAT:
        raise ValueError(f"{path}: format {_brief(number)} is not known; this version reads 1 to {FORMAT}")
    for upgrade in UPGRADES[number - 1 :]:
        described = upgrade(described)
    if described.keys() != _KEYS:
        wrong = ", ".join(sorted(_brief(key) for key in described.keys() ^ _KEYS)[:5])
        raise ValueError(f"{path}: missing or unknown keys: {wrong}")
    family = described["family"]
    if not isinstance(family, str) or family not in families:
        raise ValueError(f"{path}: family {_brief(family)} is not one of {', '.join(families)}")
    return described


def _config(kind: type, values: object, folder: Path) -> Any:
    """A family's config from JSON, every key known and every value of its type."""
    path = folder / "config.json"
    if not isinstance(values, dict):
        raise ValueError(f"{path}: config is {_brief(values)}, not an object in braces")
    unknown = values.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise ValueError(f"{path}: config has unknown keys: {', '.join(sorted(_brief(key) for key in unknown)[:5])}")
    try:
        return TypeAdapter(kind).validate_json(json.dumps(values), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{path}: config {place}: {first['msg']}, not {_brief(first['input'])}") from None


def _compare(expected: Mapping[str, Tensor], weights: Mapping[str, Tensor], folder: Path) -> None:
    """Refuse weights that are not exactly those the model has, by name, shape and kind of number."""
    path = folder / "model.safetensors"
    if wrong := sorted(expected.keys() ^ weights.keys()):
        raise ValueError(f"{path}: missing or unknown weights: {', '.join(_brief(name) for name in wrong[:5])}")
    for name, tensor in expected.items():
        given = weights[name]
        if given.shape != tensor.shape:
            raise ValueError(f"{path}: {name} has shape {tuple(given.shape)}, not {tuple(tensor.shape)}")
        if given.is_floating_point() != tensor.is_floating_point() or given.is_complex() != tensor.is_complex():
            raise ValueError(f"{path}: {name} has numbers of {given.dtype}, not {tensor.dtype}")


def _read_tensors(path: Path, max_bytes: int | None = None) -> dict[str, Tensor]:
    if max_bytes is not None and path.stat().st_size > max_bytes:
        raise ValueError(f"{path} is larger than {max_bytes} bytes")
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path} is not a sound safetensors file: {_line(error)}") from error


def _own_state(model: nn.Module) -> dict[str, Tensor]:
    """The weights without those of nested parts, and each that goes by two names (tied) once."""
    inner = tuple(f"{part}." for part in _parts(type(model)))
    seen, own = set(), {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        if id(tensor) not in seen and not name.startswith(inner):
            seen.add(id(tensor))
            own[name] = tensor
    return own


def _parts(kind: type) -> tuple[str, ...]:
    return getattr(kind, "parts", ())


def _family_of(model: nn.Module, families: Mapping[str, str]) -> str:
    reference = f"{type(model).__module__}:{type(model).__qualname__}"
    for family, entry in families.items():
        if entry == reference:
            return family
    raise ValueError(f"{type(model).__name__} is in no family: menura.models.FAMILIES does not list {reference}")


@torch.inference_mode()
def _probe(model: Any, inputs: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """A model's answers, and those of its compiled step; none where it has no such step."""
    probes = (model.probe, getattr(model, "probe_compiled", lambda **_: {}))
    answer, compiled = ({name: tensor.cpu() for name, tensor in probe(**inputs).items()} for probe in probes)
    return answer, compiled


def _under(prefix: str, saved: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in saved.items() if name.startswith(prefix)}


def _largest_difference(answer: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> float:
    """Over what both name."""
    return max((_difference(answer[name], expected[name]) for name in answer.keys() & expected.keys()), default=0.0)


def _difference(answer: Tensor, expected: Tensor) -> float:
    """Largest difference relative to the expected peak; infinite where shapes or kinds differ or it is not finite."""
    if answer.shape != expected.shape or answer.dtype != expected.dtype:
        return float("inf")
    if not answer.is_floating_point():
        return 0.0 if torch.equal(answer, expected) else float("inf")
    peak = expected.abs().max().clamp_min(1e-12) if expected.numel() else torch.tensor(1.0)
    difference = ((answer - expected).abs() / peak).amax() if expected.numel() else torch.tensor(0.0)
    return float(difference) if bool(torch.isfinite(difference)) else float("inf")


def _named(tensors: Mapping[str, Tensor]) -> str:
    return ", ".join(f"{_brief(name)} {tuple(tensor.shape)}" for name, tensor in list(tensors.items())[:5]) or "nothing"


def _line(error: Exception) -> str:
    """What was said by what we call, as a line that can be printed; it may repeat what stands in a file."""
    text = " ".join(str(error).split())[:200]
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _brief(value: object) -> str:
    text = value if isinstance(value, str) and value.isprintable() and value else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"

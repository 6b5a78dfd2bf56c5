"""The run as TensorBoard shows it: numbers, and the sound and spectrograms of fixed examples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from menura.audio import Audio
from menura.audio.pictures import spectrogram_picture
from menura.extras import how_to_install
from menura.progress import warn

try:
    from torch.utils.tensorboard.writer import SummaryWriter
except ImportError:  # it comes with the train extra
    SummaryWriter = None

_EVERY = 10


class Board:
    """Writes event files, where the `train` extra is installed; else it does nothing.

    Args:
        folder: for ``tensorboard --logdir``.
        step: the last step that counts; what was written of later ones is hidden.
    """

    def __init__(self, folder: Path, step: int) -> None:
        if SummaryWriter is None:
            warn(f"nothing is kept for TensorBoard, which is not installed: {how_to_install('train')}")
        self._writer: Any = None if SummaryWriter is None else SummaryWriter(str(folder), purge_step=step + 1)

    def numbers(self, step: int, values: Mapping[str, float], group: str = "training") -> None:
        """Of training every tenth step is kept."""
        if self._writer is None or (group == "training" and step % _EVERY):
            return
        for name, value in values.items():
            self._writer.add_scalar(f"{group}/{name}", value, step)

    def sounds(self, step: int, examples: Mapping[str, Audio]) -> None:
        """Each example to hear and to see."""
        if self._writer is None:
            return
        for name, audio in examples.items():
            samples = audio.mono().samples.clip(-1, 1)
            self._writer.add_audio(name, samples.T, step, audio.sample_rate_hz)
            picture = np.asarray(spectrogram_picture(audio, 600, 240).convert("RGB"))
            self._writer.add_image(name, picture, step, dataformats="HWC")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

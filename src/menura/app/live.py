"""``menura transcribe --live``: what is said into a pipe, as it is said."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from menura.models.contract import needs
from menura.progress import Progress
from menura.tasks.fields import OnDevice
from menura.tasks.hearing import HearingOptions
from menura.tasks.inputs import ModelName
from menura.tasks.live import LiveEvent, LiveTranscriber, pcm_blocks, transcribe_live
from menura.tasks.models import Models
from menura.tasks.sections import RATE_HZ
from menura.tasks.task import Result, Task
from menura.tasks.transcribing import ACTIVITY, MODEL

_MOST_SHOWN = 100


class TranscribeLive(OnDevice, Task):
    """Write down what is said as it is said: 16-bit little-endian mono samples from stdin, until they end.

    Words that are final come out line by line. On a terminal, words that may still change are shown meanwhile.
    """

    name: ClassVar[str] = "transcribe"
    is_local: ClassVar[bool] = True

    rate: Annotated[int, Field(ge=8000, le=192_000, description="samples a second of what comes")] = RATE_HZ
    language: Annotated[str | None, Field(description="code of what is spoken, as en; default: as it is heard")] = None
    prompt: Annotated[str, Field(max_length=2000, description="what was said before, or names")] = ""
    hotwords: Annotated[str, Field(max_length=2000, description="words that are likely to be said")] = ""
    events: Annotated[bool, Field(description="print all events, a line of JSON each")] = False
    model: Annotated[
        ModelName, Field(description="name or folder of a recognizer of speech", json_schema_extra=needs("Recognizer"))
    ] = MODEL

    def run(self, models: Models, progress: Progress) -> Iterator[Result]:
        model = models.get(self.model)
        if self.language and self.language not in model.languages:
            raise ValueError(f"language: {self.model} knows {', '.join(model.languages)}, not {self.language[:40]}")
        options = HearingOptions(language=self.language, initial_prompt=self.prompt, hotwords=self.hotwords)
        transcriber = LiveTranscriber(model, options, models.get(ACTIVITY))
        progress.say("listening; Ctrl-C stops it")
        for event in transcribe_live(transcriber, pcm_blocks(sys.stdin.buffer, self.rate)):
            self._show(event)
        yield from ()

    def _show(self, event: LiveEvent) -> None:
        if self.events:
            print(json.dumps(event.to_dict(), ensure_ascii=False), flush=True)
        elif event.type == "final":
            print(f"[{event.start_s:.2f} -> {event.end_s:.2f}] {event.text}", flush=True)
        elif sys.stderr.isatty():
            print(f"\r\x1b[2K{event.text[-_MOST_SHOWN:]}", end="\r", file=sys.stderr, flush=True)

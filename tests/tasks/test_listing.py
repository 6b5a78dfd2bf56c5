"""The lists name everything that compose knows."""

from menura.progress import Progress
from menura.score.instruments import INSTRUMENTS, lookup
from menura.tasks.listing import Instruments, Styles
from menura.tasks.models import Models
from menura.text.prompts import STYLES


def rows(task):
    (result,) = task.build({}).run(Models(), Progress())
    ((_, listed),) = result.summary().items()
    return listed


def test_every_style_is_listed_once():
    assert [row["style"] for row in rows(Styles)] == list(STYLES)


def test_every_instrument_is_listed_under_a_name_that_finds_it():
    listed = rows(Instruments)
    assert len(listed) == len(INSTRUMENTS)
    for row, instrument in zip(listed, INSTRUMENTS, strict=True):
        assert lookup(row["instrument"]) == (instrument,)

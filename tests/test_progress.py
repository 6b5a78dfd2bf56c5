"""Work that is cancelled stops at its next step."""

import math
from threading import Thread

import pytest

from menura.progress import Cancelled, Noting, Progress, cancel_after, check, warn


def test_work_goes_on_until_it_is_cancelled_from_another_thread():
    progress = Progress()
    progress.update(1, 2, "working")
    thread = Thread(target=progress.cancel)
    thread.start()
    thread.join()
    with pytest.raises(Cancelled):
        progress.update(2, 2, "working")


def test_what_is_called_deep_within_is_stopped_and_warns_whoever_asked_for_the_work():
    outer, inner = Noting(), Noting()
    check()  # nobody asked for this, so nothing stops it
    with outer.active():
        warn("one")
        with inner.active():
            inner.cancel()
            warn("two")
            with pytest.raises(Cancelled):
                check()
        check()
    assert (outer.warnings, inner.warnings) == (["one"], ["two"])
    with pytest.warns(UserWarning, match="three"):
        warn("three")
    with pytest.warns(UserWarning, match="four"), Progress().active():
        warn("four")


def test_the_time_that_ends_first_counts_and_only_for_this_thread():
    progress, elsewhere = Progress(), []
    with cancel_after(0):
        with pytest.raises(Cancelled, match="longer"), cancel_after(60):
            progress.check()
        thread = Thread(target=lambda: elsewhere.append(progress.check()))
        thread.start()
        thread.join()
    with cancel_after(math.inf), cancel_after(60):
        progress.check()
    assert elsewhere == [None]
    for wrong in (-1, math.nan):
        with pytest.raises(ValueError, match="0 or more"), cancel_after(wrong):
            pass

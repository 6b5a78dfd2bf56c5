"""Work that is cancelled stops at its next step."""

from threading import Thread

import pytest

from menura.progress import Cancelled, Progress


def test_work_goes_on_until_it_is_cancelled_from_another_thread():
    progress = Progress()
    progress.update(1, 2, "working")
    thread = Thread(target=progress.cancel)
    thread.start()
    thread.join()
    with pytest.raises(Cancelled):
        progress.update(2, 2, "working")

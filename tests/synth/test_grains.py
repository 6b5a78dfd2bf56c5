"""Small sounds on a circle keep their pitch where it is asked to move."""

from __future__ import annotations

import numpy as np

from menura.synth.grains import ring

RATE_HZ = 8000


def test_a_tone_that_falls_does_not_rise_again():
    out = ring(np.zeros(RATE_HZ), RATE_HZ, np.zeros(1), 100.0, 0.5, 1.0, rise=-4.0)
    late = np.signbit(out[RATE_HZ // 2 :])
    assert abs(int((late[1:] != late[:-1]).sum()) - 25) <= 1  # half a second of a quarter of 100 Hz

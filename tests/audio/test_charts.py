"""Bars are as long as their values are large."""

import numpy as np

from menura.audio.charts import bar_charts


def test_a_bar_is_as_long_as_its_value_and_empty_groups_are_left_out():
    image = np.asarray(bar_charts({"minutes": {"a": 10.0, "b" * 80: 5.0}, "none": {}}))
    blue = (image == (0x2F, 0x6F, 0xA8)).all(axis=-1).sum(axis=1)
    lengths = sorted({int(row) for row in blue if row})
    assert len(lengths) == 2
    assert abs(lengths[0] * 2 - lengths[1]) <= 2
    assert bar_charts({}).size[0] == bar_charts({"x": {"y": 0.0}}).size[0]

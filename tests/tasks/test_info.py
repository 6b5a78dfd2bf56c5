"""A file of codes says what it holds, without the codec it was made with."""

import menura


def test_it_says_rate_length_bits_and_whether_the_model_is_here(codec_folder, sound, tmp_path):
    menura.encode(sound, kbps=1, model=str(codec_folder), output=tmp_path / "a.mnr")
    told = menura.info(tmp_path / "a.mnr").summary()
    assert (told["seconds"], told["channels"], told["rate"], told["codebooks"]) == (1.5, 2, 8000, 3)
    assert told["frames_per_second"] == 62.5
    assert told["kbps"] == round(2 * 3 * 5 * 62.5 / 1000, 3)
    assert told["kbps_of_the_file"] > told["kbps"]
    assert told["model"] == "mine"
    assert told["is_whole"] == "yes"
    (tmp_path / "cut.mnr").write_bytes((tmp_path / "a.mnr").read_bytes()[:-1])
    assert "cut short at its end" in menura.info(tmp_path / "cut.mnr").summary()["is_whole"]
    assert told["model_is_here"] == "no, or with other weights"

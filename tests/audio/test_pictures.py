"""Pictures: of the size asked, showing sound where it is, whatever the sound; saved whole and never over another."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from menura.audio.pictures import codes_picture, save_png, sound_picture, spectrogram_picture, waveform
from menura.audio.samples import Audio

RATE = 16000
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 16, 44  # margins around what is drawn


def inside(image: Image.Image) -> np.ndarray:
    """Darkness, 0 to 1, of the picture within its axes."""
    pixels = np.asarray(image.convert("L"), np.float64)
    return 1 - pixels[TOP:-BOTTOM, LEFT:-RIGHT] / 255


def tone(frequency_hz: float, duration_s: float = 2.0) -> Audio:
    return Audio(0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(round(RATE * duration_s)) / RATE), RATE)


@pytest.mark.parametrize("draw", [waveform, spectrogram_picture])
@pytest.mark.parametrize(
    "audio",
    [
        Audio.silence(1, 44100),
        Audio.silence(1 / 8000, 8000),
        Audio(np.random.default_rng(0).uniform(-3, 3, (2, 300)), 44100),
        Audio.silence(3700, 100),
        Audio(np.zeros((6, 192000)), 192000),
    ],
    ids=["silence", "one sample", "clipped", "an hour", "surround"],
)
def test_any_sound_gives_a_picture_of_the_size_asked(draw, audio: Audio) -> None:
    assert draw(audio, width=300, height=200).size == (300, 200)


def test_the_waveform_is_tall_where_the_sound_is_loud() -> None:
    picture = inside(waveform(tone(440).padded(after_s=2.0), 600, 200))
    half = picture.shape[1] // 2
    loud, silent = picture[:, : half - 2].sum(), picture[:, half + 2 :].sum()
    assert loud > 5 * silent


@pytest.mark.parametrize("frequency_hz", [100, 1000, 4000])
def test_a_tone_is_darkest_at_its_frequency(frequency_hz: float) -> None:
    picture = inside(spectrogram_picture(tone(frequency_hz), 400, 400))
    row = int(picture[:, picture.shape[1] // 2].argmax())
    shown_hz = np.geomspace(RATE / 2, 40, picture.shape[0])[row]
    assert shown_hz == pytest.approx(frequency_hz, rel=0.05)


def test_silence_is_blank_paper() -> None:
    assert inside(spectrogram_picture(Audio.silence(2, RATE))).max() == 0


def test_a_click_is_seen_however_long_the_sound() -> None:
    samples = np.zeros(RATE * 60, np.float32)
    samples[RATE * 30] = 1
    picture = inside(spectrogram_picture(Audio(samples, RATE), 800, 300))
    assert abs(int(picture.sum(axis=0).argmax()) - picture.shape[1] // 2) <= 2


@pytest.mark.parametrize("draw", [waveform, spectrogram_picture])
def test_empty_sound_and_tiny_pictures_are_refused(draw) -> None:
    with pytest.raises(ValueError, match="zero length"):
        draw(Audio.silence(0, RATE))
    with pytest.raises(ValueError, match="at least 200 by 120"):
        draw(tone(440), width=10)


def test_codes_are_shown_by_codebook_and_time() -> None:
    """A code that stays has one colour; another begins where it does, in its own row."""
    codes = np.zeros((2, 100, 3), int)
    codes[1, 50:, 2] = 1023
    pixels = np.asarray(codes_picture(codes, 1024, 2.0))[TOP:-BOTTOM, LEFT:-RIGHT].astype(int)
    rows = pixels.reshape(6, -1, *pixels.shape[1:])[:, 1:-1]
    differs = (rows != rows[0, 0, 0]).any(-1)
    assert not differs[:5].any()
    assert not differs[5, :, : pixels.shape[1] // 2].any()
    assert differs[5, :, pixels.shape[1] // 2 + 1 :].all()
    with pytest.raises(ValueError, match="needs some codes"):
        codes_picture(codes[:, :0], 1024, 2.0)


def test_a_sound_s_picture_is_its_waveform_above_its_spectrogram() -> None:
    audio = tone(440)
    pixels = np.asarray(sound_picture(audio))
    assert np.array_equal(pixels, np.concatenate((np.asarray(waveform(audio)), np.asarray(spectrogram_picture(audio)))))


def test_a_picture_is_saved_whole_and_not_over_another(tmp_path: Path) -> None:
    image = waveform(tone(440), 300, 200)
    save_png(image, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as again:
        assert again.format == "PNG"
        assert np.array_equal(np.asarray(again), np.asarray(image))
    with pytest.raises(FileExistsError):
        save_png(image, tmp_path / "a.png")
    save_png(image, tmp_path / "a.png", overwrite=True)

"""Words as layers, for a page that shows what can be turned."""

from __future__ import annotations


def test_words_are_layers_with_what_can_be_set(serving):
    client = serving()
    asked = {"prompt": "rain on tin, distant thunder", "set": "rain.drop_rate=80,rain.gain_db=-6"}
    rain, thunder = client.get("/v1/audio/layers", params=asked).json()["data"]
    knobs = {knob["name"]: knob for knob in rain["knobs"]}
    assert (rain["sound"], knobs["surface"]["value"]) == ("rain", "tin")
    assert (knobs["drop_rate"]["value"], knobs["gain_db"]["value"]) == (80, -6)
    assert [knob["name"] for knob in thunder["knobs"]].count("distance_m") == 1
    for none in ("purple", ""):
        assert client.get("/v1/audio/layers", params={"prompt": none}).json()["data"] == []
    other = client.get("/v1/audio/layers", params={"prompt": "rain", "set": "wind.gustiness=1"}).json()["data"]
    assert [layer["sound"] for layer in other] == ["rain"]
    refused = client.get("/v1/audio/layers", params={"prompt": "rain", "set": "rain.drop_rate=1e9"})
    assert refused.status_code == 400
    assert "\n" not in refused.json()["error"]["message"]

"""Tables of words of sounds: their names, degrees, distances, materials and places. A thesaurus of our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SOUNDS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("rain, rainfall, raindrops, rainstorm, rain shower", "rain", {}),
    ("drizzle, rain drizzle", "rain", {"drop_rate": 40, "drop_size_mm": 1}),
    ("downpour, cloudburst, pouring rain, rain pours", "rain", {"drop_rate": 900, "drop_size_mm": 3}),
    ("hail, hailstorm, hailstones", "hail", {}),
    ("wind, breeze, draught", "wind", {}),
    ("gale, storm wind, storm, hurricane, blizzard", "wind", {"wind_m_s": 19, "gustiness": 0.8}),
    ("wind howls, howling wind, wind whistles, whistling wind", "wind", {"wind_m_s": 14, "place": "window"}),
    ("rustling leaves, leaves rustle, rustling trees, wind in trees", "wind", {"place": "trees"}),
    ("thunder, thunderclap, lightning, thunder roll", "thunder", {}),
    ("thunderstorm, thunder storm", "thunder", {}),
    ("stream, brook, creek, running water, babbling brook, water flowing, fountain, ~water", "stream", {}),
    ("river, rapids", "stream", {"flow_l_s": 60, "bubble_mm": 2.6}),
    ("waterfall", "stream", {"flow_l_s": 400}),
    ("trickle, trickling water, water trickle", "stream", {"flow_l_s": 0.15}),
    ("waves, ocean, sea, surf, beach, seashore, ~shore", "waves", {}),
    ("drip, water drip, dripping tap, water drops, drops of water, dripping water, leak, ~drop, ~tap", "drip", {}),
    ("bubbles, bubble, aquarium, underwater", "bubbles", {}),
    ("boiling, boiling water, boiling pot, water boils", "bubbles", {"bubble_rate": 160, "boil": 0.7}),
    ("splash, water splash, plunge", "splash", {}),
    ("fire, campfire, fireplace, bonfire, flames, crackling fire, crackling, burning", "fire", {}),
    ("impact, thud, clank, clang, clunk, bump, bang, knock, tap on, hit on, strike", "impact", {}),
    ("~wood, ~wooden block, ~log, ~plank", "impact", {"material": "wood"}),
    ("~glass, glass clink, clink, glass tap, glasses clink", "impact", {"material": "glass", "size_m": 0.1}),
    ("pot, pan, metal hit, metal clang, anvil", "impact", {"material": "metal"}),
    ("breaking glass, glass break, glass shatter, shattering glass, shatter, smash, smashing, glass smash",
     "breaking", {}),
    ("breaking plate, plate break, breaking", "breaking", {"material": "ceramic"}),
    ("breaking wood, wood break, branch snap, snapping branch, twig snap, splinter", "breaking",
     {"material": "wood", "pieces": 12}),
    ("scrape, scraping, drag, dragging, scratch, grind", "scrape", {}),
    ("creak, squeak, door creak, creaking door, floor creak, creaking floor, door squeak", "creak", {}),
    ("door, door slam, slam, slamming door", "door", {}),
    ("door close, closing door", "door", {"action": "close"}),
    ("door open, opening door, latch", "door", {"action": "open"}),
    ("door knock, knock on door, knock on a door, knock at door, knock at the door, knock on the door", "door",
     {"action": "knock"}),
    ("rolling ball, ball roll, roll, barrel", "rolling", {}),
)  # fmt: skip
"""Names of sounds, the kind that each is, and what it says of parameters. One with ~ gives way to others beside it."""

_DEGREES_OF: tuple[tuple[tuple[str, ...], Mapping[str, float]], ...] = (
    (("heavy", "hard", "strong", "loud", "violent", "intense", "powerful", "fierce"), {"intensity": 0.6}),
    (("torrential", "massive", "raging", "deafening", "extreme", "roaring"), {"intensity": 1.0}),
    (("light", "gentle", "soft", "quiet", "weak", "faint", "calm", "mild"), {"intensity": -0.6}),
    (("subtle", "barely", "delicate"), {"intensity": -0.9}),
    (("big", "large", "thick", "wide"), {"size": 0.6}),
    (("huge", "giant", "enormous", "gigantic"), {"size": 1.0}),
    (("small", "little", "thin", "short"), {"size": -0.6}),
    (("tiny", "miniature"), {"size": -1.0}),
    (("fast", "quick", "rapid", "hurried", "brisk"), {"speed": 0.6}),
    (("frantic", "racing"), {"speed": 1.0}),
    (("slow", "lazy", "sluggish", "long"), {"speed": -0.6}),
    (("dense", "busy", "crowded"), {"density": 0.7}),
    (("sparse", "occasional", "rare", "few"), {"density": -0.7}),
    (("high", "shrill", "bright", "high-pitched"), {"pitch": 0.6}),
    (("low", "deep", "dark", "bass"), {"pitch": -0.6, "size": 0.4}),
)
AXES = {word: moved for words, moved in _DEGREES_OF for word in words}
"""Word -> how far it moves parameters along an axis, from -1 to 1."""

DEGREES: Mapping[str, float] = {
    **dict.fromkeys(("very", "really", "extremely", "super"), 1.6),
    **dict.fromkeys(("rather", "quite", "fairly", "pretty"), 0.8),
    **dict.fromkeys(("slightly", "somewhat", "bit"), 0.5),
    **dict.fromkeys(("not", "no", "never"), -0.7),
}

DISTANCES: Mapping[str, float] = {
    **dict.fromkeys(("close", "near", "nearby", "closeup"), 1.5),
    **dict.fromkeys(("outside", "background", "away", "muffled"), 40.0),
    **dict.fromkeys(("distant", "far", "remote", "faraway", "distance"), 120.0),
}
"""Word -> metres."""

_WOOD, _METAL, _STONE = ("wood",), ("metal", "tin"), ("stone", "concrete", "pavement", "ceramic", "ground")
_TREES = ("leaves", "trees", "grass")
MEANINGS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("wood", "wooden", "timber", "oak", "floorboards", "parquet", "plank", "log"), _WOOD),
    **dict.fromkeys(("metal", "metallic", "steel", "iron", "copper", "brass", "aluminium", "grate"), _METAL),
    **dict.fromkeys(("tin", "corrugated", "can", "sheet"), ("tin", "metal")),
    **dict.fromkeys(("glass", "bottle", "window", "windowpane", "pane", "windscreen"), ("window", "glass")),
    **dict.fromkeys(("ceramic", "porcelain", "china", "plate", "cup", "mug", "vase", "tile"), ("ceramic", "roof")),
    **dict.fromkeys(("stone", "rock", "rocks", "brick", "marble"), ("stone", "rocks", *_STONE)),
    **dict.fromkeys(("concrete", "asphalt", "pavement", "street", "road", "sidewalk", "cobblestones"),
                    ("concrete", "pavement", "stone")),
    **dict.fromkeys(("plastic", "rubber"), ("plastic",)),
    **dict.fromkeys(("skin", "drum", "leather"), ("skin",)),
    **dict.fromkeys(("leaves", "leaf", "foliage", "bush", "forest", "trees", "tree", "wood-land", "jungle", "garden"),
                    _TREES),
    **dict.fromkeys(("grass", "lawn", "meadow", "field"), ("grass", "leaves", "open")),
    **dict.fromkeys(("gravel", "pebbles", "pebble", "shingle"), ("gravel", "pebbles", "stone")),
    **dict.fromkeys(("sand", "sandy", "desert"), ("sand", "open")),
    **dict.fromkeys(("snow", "ice", "snowy", "icy"), ("snow",)),
    **dict.fromkeys(("puddle", "pond", "lake", "pool", "water"), ("water",)),
    **dict.fromkeys(("tent", "canvas", "umbrella", "tarp"), ("tent",)),
    **dict.fromkeys(("carpet", "rug"), ("carpet",)),
    **dict.fromkeys(("soil", "earth", "mud", "ground", "dirt", "path"), ("ground", "gravel")),
    "roof": ("roof", "wood"),
    **dict.fromkeys(("wires", "cables", "mast"), ("wires",)),
}  # fmt: skip
"""Word -> the values of choices that it may mean, the first that a sound has counts."""

MANY = ("several", "many", "repeated", "repeatedly", "multiple", "often", "occasional", "constant", "some")
ONE = ("a", "an", "one", "single", "someone", "somebody")
PREPOSITIONS = (
    *("in", "on", "at", "by", "over", "under", "behind", "through", "near", "into", "onto", "from", "across"),
    *("against", "during", "inside", "outside", "beside", "along", "around", "upon", "beneath"),
)
FILLERS = (
    *(
        "a",
        "an",
        "the",
        "of",
        "is",
        "are",
        "some",
        "its",
        "it",
        "that",
        "which",
        "to",
        "for",
        "sound",
        "sounds",
        "noise",
    ),
    *("there", "my", "your", "his", "her", "their", "one", "effect", "sfx", "ambience", "ambient", "falling", "fall"),
    *("hitting", "hit", "old", "night", "evening", "morning", "day", "house", "room", "being", "like", "loop", "off"),
    *("blowing", "coming", "heard", "up", "down", "out", "someone", "somebody", "person", "man", "woman", "home"),
)

"""Three commands for every verb, shown at the end of its help. They work one after the other, in this order."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, str, str]] = {
    "compose": (
        'menura compose "a slow waltz for flute and piano in D minor, 120 bpm" --bars 4 -o waltz',
        "menura compose --style schubert=0.7,game=0.3 --instruments piano --bars 2 --n 3 --keep 1 -o mixture.flac",
        "menura compose --continue waltz.mid --bars 2 -o longer",
    ),
    "speak": (
        'menura speak "Dr. Smith paid $5.20 on 3 May 2021." -o hello.wav',
        'menura speak "Good morning. How are you?" --captions srt -o morning.mp3',
        'menura speak "It sings. [pause:0.5s] Listen!" --voice random:7 --speed 1.2 --seed 1 -o drawn',
    ),
    "sing": (
        'menura sing "A-ma-zing grace, how sweet the" --tune "C4 | F4:2 A4:1/2 F4:1/2 | A4:2 G4 | F4:2" -o grace.wav',
        'menura sing "la la la" --tune "C4 E4 G4:2" --choir 4 --captions vtt -o choir',
        'menura sing --tune "K:C CDEF|G2G2" "one two three four five six" --seed 1 -o abc',
    ),
    "song": (
        'menura song "a short folk jingle, male voice, guitar" --lyrics "The sea is wide, the sky is blue" --jingle 8 '
        "-o sea",
        'menura song --lyrics "Sing with me, my dear" --a-cappella --duet --no-stems --no-picture -o dear.flac',
        'menura song "a slow waltz about the sea, piano" --write --jingle 15 --seed 1 -o night.mp3',
    ),
    "design": (
        'menura design "a deep, calm, older man" -o old.voice',
        'menura speak "Good evening." --voice old.voice -o old-evening.wav',
        'menura design "a very lively, not bright young woman" --json',
    ),
    "convert": (
        'menura convert hello.wav --text "Dr. Smith paid $5.20 on 3 May 2021." --voice fenrir -o as-fenrir.wav',
        "menura convert morning.mp3 --voice heart:0.5,emma:0.5 --pitch 2 -o as-two",
        "menura convert morning.mp3 --voice george --pitch -3 --formant 0.9 --seed 1 -o larger.flac",
    ),
    "clone": (
        'menura clone hello.wav --text "Dr. Smith paid $5.20 on 3 May 2021." --steps 5 -o mine.voice '
        '--consent "I am Anna Weber and I agree that my voice is cloned"',
        'menura speak "Good evening." --voice mine.voice -o evening.wav',
        'menura sing "la la la" --tune "C4 E4 G4:2" --voice mine:0.5,heart:0.5 --voice-file mine.voice -o duet',
    ),
    "voices": ("menura voices", "menura voices --language en-gb", "menura voices --json"),
    "sound": (
        'menura sound "heavy rain on a tin roof, distant thunder" --seconds 5 --loop -o rain.wav',
        'menura sound "a small glass breaks" --variations 3 --seed 1 -o glass.flac',
        'menura sound "a gentle stream with wind in the trees" --seconds 3 --set flow_l_s=8 --stems -o brook',
    ),
    "sounds": ("menura sounds", "menura sounds rain", "menura sounds thunder --json"),
    "render": (
        "menura render waltz.mid -o loud.mp3 --loudness -12",
        "menura render waltz.mid -o parts --stems --rate 22050",
        "menura render waltz.mid -o waltz-for-a-daw.zip --bits 24",
    ),
    "doctor": (
        "menura doctor . --no-estimate",
        "menura doctor . --no-estimate -o report.png --force",
        "menura doctor . --no-estimate --json",
    ),
    "prepare": (
        "menura prepare parts-stems --out shards --rate 24000 --mono",
        "menura prepare parts-stems --out codes --encode codec --kbps 1.5",
        "menura prepare parts-stems --out shards-by-two --workers 2 --json",
    ),
    "train": (
        "menura train score_lm . --out runs/notes --preset tiny --steps 2",
        "menura train codec . --out runs/codec --preset tiny --steps 1",
        "menura train codec . --out runs/codec --preset tiny --steps 2 --resume",
    ),
    "encode": (
        "menura encode waltz.wav -o waltz.mnr",
        "menura encode waltz.wav -o small.mnr --kbps 1.5",
        "menura encode loud.mp3 -o loud.mnr --kbps 6 --picture",
    ),
    "decode": (
        "menura decode waltz.mnr -o decoded.wav",
        "menura decode small.mnr -o small.mp3",
        "menura decode loud.mnr -o heard.png --bits 24",
    ),
    "sample": (
        "menura sample wavenet-digits --speaker jackson --given text=seven --seconds 1 --seed 1 -o seven",
        "menura sample wavenet-digits --seconds 0.2 -o digit.flac --picture",
        "menura sample wavenet-digits --prime seven.wav --seconds 0.2 --temperature 0.8 -o on",
    ),
    "vocode": (
        "menura vocode digit.flac -o digit-again.wav",
        "menura vocode digit.flac -o digit-raw --rounds 0",
        "menura vocode digit.flac --temperature 0.5 --seed 3 --picture",
    ),
    "align": (
        'menura align hello.wav "Dr. Smith paid $5.20 on 3 May 2021." -o times',
        'menura align morning.mp3 "Good morning. How are you?" --format srt',
        'menura align drawn.wav "It sings. Listen!" --format json --json',
    ),
    "transcribe": (
        "menura transcribe hello.wav -o heard.txt",
        "menura transcribe morning.mp3 drawn.wav --speakers -o heard/",
        'menura transcribe morning.mp3 -o captions-heard.srt --max-words-per-line 3 --prompt "A greeting."',
    ),
    "caption": (
        "menura caption hello.wav",
        "menura caption morning.mp3 --format vtt -o morning-captions.vtt",
        "menura caption drawn.wav --format ass --highlight-words",
    ),
    "describe": (
        "menura describe rain.wav",
        'menura describe glass-1.flac --among "glass,wood,a dog barks" --top 3',
        "menura describe waltz.wav --top 10 --json",
    ),
    "similar": (
        'menura similar . "heavy rain"',
        'menura similar . rain.wav --without "wind" --top 3',
        "menura similar . --duplicates --json",
    ),
    "fetch": ("menura fetch", "menura fetch whisper-tiny.en", "menura fetch --json"),
    "edit_speech": (
        'menura edit-speech hello.wav "Dr. Smith owed $5.20." --said "Dr. Smith paid $5.20 on 3 May 2021."',
        'menura edit-speech morning.mp3 "Good evening. How are you?" --said "Good morning. How are you?" -o other',
        'menura edit-speech drawn.wav "It often sings. Listen!" --said "It sings. Listen!" --seed 1 --json',
    ),
    "info": ("menura info waltz.mnr", "menura info small.mnr --json", "menura info loud.mnr"),
    "evaluate": (
        "menura evaluate waltz.wav decoded.wav",
        "menura evaluate --metrics mel,si_sdr waltz.wav small.mp3",
        "menura evaluate digit.flac digit-again.wav --metrics mel --json",
    ),
    "replay": (
        "menura replay mixture.json -o mixture-again",
        "menura replay mixture.json -o third.ogg",
        "menura replay small.mnr.json",
    ),
    "styles": ("menura styles", "menura styles --json", "menura compose --style bach=0.5,jazz=0.5 --bars 2 -o mixed"),
    "instruments": (
        "menura instruments",
        "menura instruments --json",
        'menura compose --instruments "flute, 2 violins, cello" --bars 2 -o quartet',
    ),
    "check": ("menura check score_lm", "menura check runs/notes/model", "menura check wavenet-digits --json"),
    "serve": (
        "menura serve",
        "menura serve --port 9000 --state studio --keep-days 30",
        "menura serve --host 0.0.0.0 --token a-long-secret --workers 2",
    ),
}

"""The words that prompts are made of: tempos, dances, moods, styles, forms and numbers, in the languages of scores."""

from __future__ import annotations

from dataclasses import dataclass

from menura.score.instruments import fold
from menura.text.words import listed, word_set

STYLES: tuple[str, ...] = (
    *("bach", "handel", "vivaldi", "telemann", "buxtehude", "haydn", "mozart", "beethoven", "schubert", "schumann"),
    *("mendelssohn", "chopin", "brahms", "wolf", "faure", "debussy", "satie", "grieg", "dvorak", "joplin", "sousa"),
    *("giuliani", "sor", "carcassi", "diabelli", "franz", "lang", "hensel", "chaminade"),
    *("renaissance", "baroque", "classical", "romantic", "modern"),
    *("song", "quartet", "game", "folk", "hymn", "jazz", "march", "japanese", "study", "fugue", "chorale", "waltz"),
    *("mazurka", "nocturne", "prelude", "polonaise", "sonata", "dance", "variations", "symphony", "concerto"),
)
"""The styles that can be asked for and mixed: composers, periods, genres, forms."""

_COMPOSERS = STYLES[: STYLES.index("renaissance")]

STYLE_WORDS: dict[str, str] = {
    **{style: style for style in STYLES},
    **{
        stem + ending: composer
        for composer in _COMPOSERS
        for stem in (composer, *(composer.removesuffix(vowel) for vowel in "eiy"))
        for ending in ("s", "ian", "ean", "esque", "ish")
    },
    **listed(
        {
            "bach": "johann sebastian bach, j s bach, js bach, c p e bach, bwv",
            "handel": "haendel, händel, georg friedrich händel, george frideric handel",
            "vivaldi": "antonio vivaldi",
            "haydn": "joseph haydn",
            "mozart": "wolfgang amadeus mozart, w a mozart, amadeus",
            "beethoven": "ludwig van beethoven, van beethoven",
            "schubert": "franz schubert",
            "schumann": "robert schumann",
            "mendelssohn": "felix mendelssohn, mendelssohn bartholdy",
            "chopin": "frédéric chopin, frederic chopin",
            "brahms": "johannes brahms",
            "wolf": "hugo wolf",
            "faure": "gabriel fauré, fauréan",
            "debussy": "claude debussy, impressionist, impressionism, impressionistic, ravel, maurice ravel, debussyan",
            "satie": "erik satie, gymnopedie, gymnopédies, gnossienne",
            "grieg": "edvard grieg",
            "dvorak": "antonín dvořák, dvoràk",
            "joplin": "scott joplin, ragtime, rag, rags, cakewalk, stride piano",
            "sousa": "john philip sousa",
            "giuliani": "mauro giuliani",
            "sor": "fernando sor",
            "carcassi": "matteo carcassi",
            "diabelli": "anton diabelli",
            "franz": "robert franz",
            "lang": "josephine lang",
            "hensel": "fanny hensel, fanny mendelssohn",
            "chaminade": "cécile chaminade",
            "renaissance": "medieval, mediaeval, mittelalter, gregorian, palestrina, josquin, dowland, byrd, tallis, "
            "madrigal, motet, lassus, gibbons",
            "baroque": "barock, barocco, barroco, purcell, corelli, scarlatti, rameau, couperin, lully, pachelbel, "
            "monteverdi, albinoni, frescobaldi, baroque ensemble",
            "classical": "klassik, klassisch, classique, clásico, classico, viennese, galant, clementi, boccherini, "
            "salieri, classicism",
            "romantic": "romantik, romantisch, romantique, romántico, romantico, liszt, franz liszt, tchaikovsky, "
            "rachmaninoff, rachmaninov, mahler, wagner, verdi, bruckner, rossini, bellini, romanticism, wagnerian",
            "modern": "contemporary, modernist, bartok, bartók, stravinsky, prokofiev, shostakovich, schoenberg, "
            "webern, messiaen, minimalist, philip glass, avant garde, twentieth century, 20th century",
            "song": "lied, lieder, art song, art songs, kunstlied, chanson, mélodie, aria, arioso, ballad, ballade",
            "game": "video game, videogame, games, 8 bit, 16 bit, chiptune, chip tune, boss, boss fight, boss battle, "
            "battle, rpg, jrpg, arcade, nintendo, zelda, mario, final fantasy, dungeon, metal, heavy metal, rock, "
            "hard rock, punk, doom, techno, synthwave, electronic, edm, anime, rock band, level music",
            "folk": "traditional, celtic, irish, scottish, folklore, country, bluegrass, klezmer, volkslied, folksong, "
            "folk song, folk tune, folk band, folkloric, sea shanty, shanty, jig, jigs, slip jig, reel, reels, "
            "hornpipe, strathspey",
            "hymn": "church, hymns, hymnal, gospel, sacred, carol, psalm, anthem, choralbuch, liturgical, religious",
            "jazz": "jazzy, blues, bluesy, swing, swinging, bebop, bop, dixieland, lounge, gershwin, ellington, "
            "duke ellington, bossa nova, bossa, jazz standard, jazz trio, jazz quartet, jazz quintet, jazz sextet, "
            "jazz band, jazz combo, jazz ensemble, big band, swing band, jazz guitar, jazz organ, foxtrot, boogie, "
            "boogie woogie",
            "march": "marches, marsch, marche, marcia, marcha, military, marching band, marching",
            "japanese": "japan, nippon, japanisch, japonais, kabuki, gagaku",
            "study": "etude, étude, etudes, études, etüde, studies, estudio, studio piece, czerny",
            "fugue": "fuga, fuge, fugal, fugato, fughetta, counterpoint, contrapuntal, fugues, invention, inventions, "
            "two part invention",
            "chorale": "chorales, choral prelude, chorale prelude",
            "waltz": "waltzes, walzer, valse, vals, valzer, ländler, johann strauss, viennese waltz",
            "mazurka": "mazurkas, mazurek",
            "nocturne": "nocturnes, notturno, nachtstück",
            "prelude": "preludes, präludium, prélude, preludio",
            "polonaise": "polonaises, polonez, polacca",
            "sonata": "sonatas, sonate, sonatina, sonatine",
            "dance": "dances, tanz, danse, danza, ballet, minuet, menuet, menuett, minuetto, minueto, gavotte, "
            "bourrée, sarabande, sarabanda, gigue, giga, allemande, courante, passepied, pavane, galliard, tango, "
            "habanera, tarantella, polka, galop, écossaise, bolero, boléro, csárdás, samba, rumba, siciliano, "
            "siciliana, sicilienne, loure, minuet and trio, dance music, dance suite",
            "variations": "theme and variations, variation, variationen, variazioni, passacaglia, chaconne, ciaccona",
            "symphony": "symphonies, symphonic, sinfonie, symphonie, sinfonia, sinfonía",
            "concerto": "concertos, konzert, concerti, concierto",
        }
    ),
}
"""What each word means among `STYLES`; where a style is not among them, its nearest."""

GROOVE_WORDS: dict[str, str] = listed(
    {
        "rock": "rock, rock band, indie rock, soft rock, classic rock, rock and roll, rock n roll, alternative rock, "
        "grunge, surf rock",
        "hard rock": "hard rock, stoner rock, arena rock",
        "metal": "metal, heavy metal, death metal, thrash, thrash metal, doom metal, djent",
        "punk": "punk, punk rock, pop punk, ska punk",
        "pop": "pop, pop music, indie pop, k pop, j pop, electropop, dance pop, teen pop, pop rock, city pop",
        "ballad": "power ballad, pop ballad, rock ballad, slow jam",
        "country": "country, country and western, honky tonk, bluegrass, americana",
        "blues shuffle": "blues, bluesy, shuffle, blues shuffle, chicago blues, boogie, boogie woogie, blues rock",
        "gospel": "gospel",
        "funk": "funk, funky, p funk, jazz funk, funk rock",
        "soul": "soul, motown, r&b, rnb, rhythm and blues, neo soul",
        "disco": "disco, nu disco, eurodance, eurodisco",
        "reggae": "reggae, dub, roots reggae, rocksteady, dancehall",
        "ska": "ska",
        "afrobeat": "afrobeat, afrobeats, highlife, afropop",
        "lo-fi": "lofi, lo fi, lofi hip hop, lo fi hip hop, chillhop, lofi beats, lo fi beats, lofi beat, lo fi beat",
        "hip hop": "hip hop, hiphop, boom bap, rap, trip hop",
        "trap": "trap, drill, phonk, trap beat",
        "house": "house, house music, deep house, tech house, progressive house, edm, dance music, club music, "
        "electronic, electro, electronica, future bass",
        "techno": "techno, industrial, acid techno, minimal techno, hardstyle",
        "trance": "trance, psytrance",
        "drum and bass": "drum and bass, drum n bass, drum & bass, dnb, d&b, jungle music, "
        "liquid drum and bass, breakbeat",
        "dubstep": "dubstep, brostep",
        "synthwave": "synthwave, retrowave, outrun, vaporwave, darkwave, synthpop, new wave",
        "chiptune": "chiptune, chip tune, chiptunes, 8 bit, 16 bit, 8bit, nintendo, game boy",
        "ambient": "ambient, drone, space music, soundscape",
        "cinematic": "cinematic, film score, film music, movie trailer, trailer music, soundtrack",
        "swing": "swing, swinging, bebop, bop, jazz, jazzy, jazz trio, jazz quartet, jazz quintet, jazz combo, "
        "jazz standard, hard bop, cool jazz, lounge, foxtrot, gypsy jazz",
        "big band": "big band, swing band, jazz band, jazz ensemble",
        "jazz waltz": "jazz waltz",
        "new orleans": "dixieland, new orleans, second line",
        "bossa nova": "bossa nova, bossa",
        "samba": "samba",
        "salsa": "salsa, mambo, son cubano, timba, merengue",
        "cha-cha": "cha cha, cha cha cha, chacha",
        "latin pop": "latin pop, reggaeton, bachata, cumbia, latin, dembow",
        "tango": "tango, milonga",
        "rumba flamenca": "rumba, flamenco, rumba flamenca, bulerias",
        "polka": "polka",
        "march": "march, marches, marsch, marche, marcia, marcha, marching band, marching",
        "balkan 7/8": "balkan",
    }
)
"""Words for music that is made over a groove -> the style of `menura.score.arranger.styles` that a band plays."""

GROOVE_GUITARS: dict[str, str] = {
    **dict.fromkeys(("rock", "punk", "ballad"), "overdriven guitar"),
    **dict.fromkeys(("hard rock", "metal"), "distortion guitar"),
    **dict.fromkeys(("country", "pop", "polka"), "steel guitar"),
    **dict.fromkeys(("swing", "big band", "jazz waltz", "lo-fi", "five four", "new orleans"), "jazz guitar"),
    **dict.fromkeys(("blues shuffle", "gospel", "funk", "soul", "disco", "reggae", "ska"), "electric guitar"),
    **dict.fromkeys(("afrobeat", "hip hop", "house", "synthwave"), "electric guitar"),
}
"""Which guitar is meant where no kind is named; elsewhere a classical one."""

TEMPO_WORDS: dict[str, float] = listed(
    {
        42.0: "grave, larghissimo, extremely slow, glacial",
        50.0: "largo, very slow, really slow, sehr langsam, très lent, muy lento, molto lento",
        56.0: "lento, lent, lente, larghetto, too slow",
        66.0: "adagio, adagietto, quite slow, rather slow",
        70.0: "slow, slowly, langsam, langsamer, slow tempo, slow paced, despacio",
        80.0: "andante, walking pace, gehend, unhurried, leisurely",
        86.0: "andantino, not too slow, moderately slow",
        100.0: "moderate, moderato, mid tempo, midtempo, medium tempo, mässig, modéré, medium",
        108.0: "not too fast, moderately fast, allegro non troppo, allegro ma non troppo, allegro moderato, "
        "nicht zu schnell",
        112.0: "allegretto",
        126.0: "allegro, brisk, upbeat, up tempo, uptempo",
        132.0: "lively, lebhaft, animato, animé, con brio, allegro con brio, quite fast, rather fast",
        140.0: "fast, quick, quickly, schnell, schneller, rapide, rápido, rapido, fast paced, faster, speedy",
        150.0: "vivace, vivo, vif, allegro vivace, allegro molto",
        164.0: "very fast, really fast, sehr schnell, très vite, très rapide, muy rápido, furious",
        176.0: "presto, extremely fast, vivacissimo",
        192.0: "prestissimo, breakneck",
    }
)
"""Quarter notes a minute of a tempo word."""


@dataclass(frozen=True, slots=True)
class Dance:
    """What a dance is stepped to: beats a bar, the beat's unit, and its usual quarter notes a minute."""

    metre: tuple[int, int]
    bpm: float


_DANCES = {
    "waltz, waltzes, walzer, valse, vals, valzer, viennese waltz, johann strauss": Dance((3, 4), 140.0),
    "ländler, galliard": Dance((3, 4), 120.0),
    "march, marches, marsch, marche, marcia, marcha, marching band, marching": Dance((2, 4), 112.0),
    "minuet, menuet, menuett, minuetto, minueto, minuet and trio": Dance((3, 4), 112.0),
    "scherzo": Dance((3, 4), 180.0),
    "mazurka, mazurkas, mazurek": Dance((3, 4), 132.0),
    "polonaise, polonaises, polonez, polacca": Dance((3, 4), 96.0),
    "sarabande, sarabanda": Dance((3, 4), 66.0),
    "courante": Dance((3, 4), 110.0),
    "passacaglia, chaconne, ciaccona, bolero, boléro": Dance((3, 4), 76.0),
    "jig, jigs": Dance((6, 8), 168.0),
    "gigue, giga": Dance((6, 8), 150.0),
    "slip jig": Dance((9, 8), 168.0),
    "tarantella": Dance((6, 8), 200.0),
    "siciliano, siciliana, sicilienne": Dance((6, 8), 66.0),
    "barcarolle, barcarola": Dance((6, 8), 76.0),
    "polka, écossaise": Dance((2, 4), 112.0),
    "galop": Dance((2, 4), 150.0),
    "csárdás": Dance((2, 4), 130.0),
    "tango, habanera": Dance((2, 4), 64.0),
    "cakewalk, samba": Dance((2, 4), 100.0),
    "gavotte": Dance((4, 4), 132.0),
    "bourrée, hornpipe, strathspey": Dance((4, 4), 150.0),
    "allemande, pavane": Dance((4, 4), 80.0),
    "reel, reels": Dance((4, 4), 200.0),
    "rumba, foxtrot": Dance((4, 4), 116.0),
    "passepied": Dance((3, 8), 150.0),
}
DANCES: dict[str, Dance] = {fold(word): dance for words, dance in _DANCES.items() for word in words.split(", ")}
"""Dances by name."""

METRE_WORDS: dict[str, tuple[int, int]] = listed(
    {
        (4, 4): "common time, quadruple time, vierviertel, viervierteltakt",
        (2, 2): "cut time, alla breve, cut common",
        (3, 4): "waltz time, three quarter time, triple time, triple metre, triple meter, dreiviertel, dreivierteltakt",
        (2, 4): "duple time, duple metre, duple meter, zweivierteltakt",
        (6, 8): "compound time, compound metre, compound meter, sechsachteltakt",
    }
)
"""Metres by name."""

COUNTED_METRES = {2: (2, 4), 3: (3, 4), 4: (4, 4), 5: (5, 4), 6: (6, 8), 7: (7, 8), 9: (9, 8), 12: (12, 8)}
"""What "in three" means."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How a mood sounds; None where it says nothing.

    Args:
        density: 0 (few notes) to 1 (many).
        loudness: 0 (soft) to 1 (loud).
        register: 0 (low) to 1 (high).
        chromaticism: 0 (in the scale) to 1 (far from it).
        mode: ``"major"`` or ``"minor"``.
        bpm_factor: what a usual tempo is multiplied by; 1 leaves it.
    """

    density: float | None = None
    loudness: float | None = None
    register: float | None = None
    chromaticism: float | None = None
    mode: str | None = None
    bpm_factor: float = 1.0


MOODS: dict[str, Mood] = {
    "happy": Mood(density=0.6, loudness=0.65, register=0.6, chromaticism=0.15, mode="major", bpm_factor=1.15),
    "sad": Mood(density=0.3, loudness=0.35, register=0.4, mode="minor", bpm_factor=0.75),
    "calm": Mood(density=0.25, loudness=0.3, chromaticism=0.1, bpm_factor=0.75),
    "dreamy": Mood(density=0.35, loudness=0.3, register=0.65, chromaticism=0.35, bpm_factor=0.8),
    "dark": Mood(register=0.2, chromaticism=0.4, mode="minor", bpm_factor=0.9),
    "tense": Mood(density=0.65, loudness=0.65, chromaticism=0.7, mode="minor", bpm_factor=1.15),
    "epic": Mood(density=0.8, loudness=0.9, mode="minor", bpm_factor=1.1),
    "playful": Mood(density=0.6, loudness=0.55, register=0.7, chromaticism=0.3, mode="major", bpm_factor=1.15),
    "mysterious": Mood(density=0.25, loudness=0.3, register=0.35, chromaticism=0.65, mode="minor", bpm_factor=0.85),
    "heroic": Mood(density=0.65, loudness=0.85, chromaticism=0.15, mode="major", bpm_factor=1.05),
    "gentle": Mood(density=0.3, loudness=0.3, chromaticism=0.1, mode="major", bpm_factor=0.8),
    "angry": Mood(density=0.85, loudness=0.95, register=0.3, chromaticism=0.6, mode="minor", bpm_factor=1.3),
    "melancholic": Mood(density=0.35, loudness=0.4, chromaticism=0.35, mode="minor", bpm_factor=0.8),
    "solemn": Mood(density=0.35, loudness=0.55, register=0.3, chromaticism=0.1, bpm_factor=0.7),
    "festive": Mood(density=0.7, loudness=0.8, register=0.6, chromaticism=0.1, mode="major", bpm_factor=1.15),
    "nostalgic": Mood(density=0.4, loudness=0.4, chromaticism=0.3, bpm_factor=0.85),
    "energetic": Mood(density=0.8, loudness=0.8, bpm_factor=1.25),
    "spooky": Mood(density=0.3, loudness=0.4, register=0.3, chromaticism=0.85, mode="minor", bpm_factor=0.85),
    "passionate": Mood(density=0.65, loudness=0.75, chromaticism=0.45, bpm_factor=1.05),
    "elegant": Mood(density=0.45, loudness=0.45, register=0.6, chromaticism=0.15, mode="major"),
    "lonely": Mood(density=0.15, loudness=0.3, mode="minor", bpm_factor=0.75),
    "hopeful": Mood(density=0.45, loudness=0.5, register=0.6, chromaticism=0.1, mode="major"),
    "bright": Mood(loudness=0.65, register=0.75, mode="major"),
    "loud": Mood(loudness=0.95),
    "quiet": Mood(loudness=0.15),
    "chromatic": Mood(chromaticism=0.85),
    "diatonic": Mood(chromaticism=0.0),
}
"""Moods by name."""

MOOD_WORDS: dict[str, str] = {
    **{mood: mood for mood in MOODS},
    **listed(
        {
            "happy": "cheerful, joyful, joyous, merry, glad, sunny, fröhlich, heiter, joyeux, alegre, gioioso, "
            "allegra, feel good, uplifting, jolly, cheery, happily",
            "sad": "sorrowful, mournful, tragic, traurig, trauriges, triste, grief, weeping, tearful, heartbroken, "
            "heartbreaking, lament, elegy, dolente, sadly, unhappy",
            "calm": "peaceful, relaxing, relaxed, tranquil, serene, quiet and calm, ruhig, calme, tranquilo, "
            "tranquillo, soothing, meditative, ambient, chill, calming, calmly, restful",
            "dreamy": "dreamlike, ethereal, floating, hazy, träumerisch, rêveur, dream, reverie, rêverie, otherworldly",
            "dark": "gloomy, sombre, somber, brooding, sinister, ominous, düster, oscuro, evil, menacing, grim",
            "tense": "suspenseful, suspense, anxious, nervous, dramatic, thriller, agitated, agitato, urgent, chase",
            "epic": "grand, grandiose, cinematic, majestic, massive, maestoso, monumental, colossal",
            "playful": "funny, humorous, whimsical, quirky, scherzando, mischievous, comic, verspielt, giocoso, silly, "
            "cute, bouncy, scherzo",
            "mysterious": "mystery, enigmatic, mystical, misterioso, magical, geheimnisvoll, arcane, mysterieux",
            "heroic": "triumphant, victorious, victory, noble, brave, heroisch, eroico, proud, glorious, fanfare",
            "gentle": "tender, soft and gentle, sweet, dolce, lullaby, cradle song, wiegenlied, berceuse, ninna nanna, "
            "delicate, warm, loving, love, sanft, doux, tenderly, gently, affectionate, lovely",
            "angry": "aggressive, furious, furioso, fierce, violent, wild, rage, brutal, wütend",
            "melancholic": "melancholy, wistful, pensive, melancholisch, mélancolique, bittersweet, blue, malinconico, "
            "yearning, longing, melancolico",
            "solemn": "reverent, ceremonial, stately, dignified, funeral, requiem, feierlich, processional, prayer",
            "festive": "celebratory, celebration, christmas, holiday, party, festlich, wedding, birthday, festivo",
            "nostalgic": "nostalgia, sentimental, reminiscent, memories, vintage",
            "energetic": "lively, driving, exciting, intense, powerful, vigorous, energico, upbeat, con brio, lebhaft, "
            "adventurous, adventure",
            "spooky": "scary, creepy, eerie, haunted, haunting, halloween, horror, ghostly, unheimlich, macabre",
            "passionate": "passion, fiery, ardent, appassionato, emotional, leidenschaftlich",
            "elegant": "graceful, refined, grazioso, courtly, charming",
            "lonely": "solitary, desolate, empty, einsam, bleak, forlorn",
            "hopeful": "hope, optimistic, inspiring, inspirational",
            "bright": "shining, sparkling, brilliant, radiant, glittering",
            "loud": "forte, fortissimo, laut, fuerte",
            "quiet": "soft, softly, pianissimo, hushed, leise, doucement, quietly",
            "chromatic": "dissonant, atonal, dissonance",
            "diatonic": "consonant, white keys",
        }
    ),
}
"""Which of `MOODS` a word stands for."""

DENSITY_WORDS: dict[str, float] = listed(
    {
        0.1: "very sparse, very simple, bare",
        0.15: "sparse, sparsely, few notes",
        0.2: "minimal, spacious, thin, airy",
        0.25: "simple, easy, uncluttered, beginner",
        0.5: "medium density, moderately dense",
        0.7: "rich, full, lush, complex",
        0.75: "busy, ornate, ornamented, florid, elaborate",
        0.8: "intricate, rapid notes",
        0.85: "dense, thick, many notes",
        0.9: "virtuosic, virtuoso, virtuos, very busy, very dense, difficult, bravura",
    }
)
"""How full of notes, 0 to 1."""

FORM_WORDS: dict[str, str] = listed(
    {
        "AABA": "aaba, song form, thirty two bar form, 32 bar form, aaba form",
        "ABA": "aba, ternary, ternary form, da capo, da capo form, aba form, sonata form, rounded binary, "
        "minuet and trio",
        "AB": "binary, binary form, ab form, two part form",
        "ABAC": "abac, abac form, verse chorus, verse and chorus",
        "rondo": "rondo, rondo form, rondeau, rondó, abaca",
        "strophic": "strophic, strophic form, strophenlied, theme and variations, variation form",
        "through": "through composed, durchkomponiert",
    }
)
"""Forms by name."""

MAJOR_WORDS = word_set("major maj dur majeur maggiore mayor maior мажор ionian lydian mixolydian")
MINOR_WORDS = word_set("minor min moll mineur minore menor минор aeolian dorian phrygian locrian")
BARE_MODES = MAJOR_WORDS | MINOR_WORDS - {"min"}

_GERMAN = "c/his cis/ciss/des/dess d dis/es/ess e/fes f/eis fis/fiss/ges/gess g gis/giss/as/ass a ais/b/bes h/ces"
GERMAN_TONICS = {name: tonic for tonic, names in enumerate(_GERMAN.split()) for name in names.split("/")}
"""Pitch classes as German, Dutch and the Nordic languages name them."""
COMMON_WORDS = word_set("as es des his ass")
"""Those of `GERMAN_TONICS` that are words of other languages, so that only modes of their own make them tonics."""
SOLFEGE_TONICS = {
    **{"do": 0, "ut": 0, "re": 2, "mi": 4, "fa": 5, "sol": 7, "la": 9, "si": 11},
    **{"до": 0, "ре": 2, "ми": 4, "фа": 5, "соль": 7, "ля": 9, "си": 11},
}
SHARP_WORDS = word_set("sharp diese diesis sostenido sustenido kreuz диез")
FLAT_WORDS = word_set("flat bemol bemolle бемоль")

NEGATORS = word_set("no not without sans ohne sin senza except minus")

STOP_WORDS = word_set(
    "a an the this that these those it its and or but of for in on at to by with from into as like than then also "
    "is are be being was were will would should could can may must do does let lets i me my we us our you your "
    "please make makes making write compose create generate give want need play played playing plays performed "
    "piece pieces music musical song songs tune track composition work melody theme something some any kind sort "
    "style styles manner mood feel feeling feels sound sounds sounding key mode scale tonality tempo time metre "
    "meter bpm length long lasting duration about around approximately roughly exactly very quite rather really am "
    "no nr op opus para uber over so too more less bit little just only mix mixture blend between cross mixed part "
    "parts x solo duet duo trio instrument instruments instrumental accompaniment accompanied s t d l ll ve re don "
    "und ein eine einen der die das fur mit im von lang et un une le la les du de des pour avec en y el los las con "
    "per il lo gli stuck stil takt o e minute"
)
"""Words that carry no control of their own, left out of what is reported as unused."""

GROUP_SIZES = {
    **{"solo": 1, "duo": 2, "duet": 2, "duett": 2, "trio": 3, "quartet": 4, "quintet": 5, "sextet": 6},
    **{"septet": 7, "octet": 8, "nonet": 9},
}
"""How many an instrument's name is multiplied by in "flute duet"."""

SHARES = {
    "half": 0.5,
    "halb": 0.5,
    "one half": 0.5,
    "one third": 1 / 3,
    "a third": 1 / 3,
    "two thirds": 2 / 3,
    "a quarter": 0.25,
    "one quarter": 0.25,
    "three quarters": 0.75,
    "mostly": 0.8,
    "mainly": 0.8,
    "predominantly": 0.8,
    "largely": 0.8,
    "a touch": 0.2,
    "a hint": 0.2,
    "a bit": 0.2,
    "a little": 0.2,
}
"""How much of a style, in words."""

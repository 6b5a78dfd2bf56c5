"""Tables of the English reader."""

from __future__ import annotations

from menura.text.words import word_set

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)
MONTH_NAMES = {name: number for number, name in enumerate(MONTHS, start=1)} | {
    **{"Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Sept": 9, "Oct": 10, "Nov": 11},
    "Dec": 12,
}
DAYS = {
    **{"Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday"},
    **{"Thur": "Thursday", "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday"},
}

SIGNS = {
    **{".": "dot", "/": "slash", "-": "dash", "_": "underscore", ":": "colon", "?": "question mark", "=": "equals"},
    **{"@": "at", "+": "plus", "&": "and", "#": "hashtag", "%": "percent", "~": "tilde", "*": "star", ",": "comma"},
}
SYMBOLS = {
    **{"&": "and", "+": "plus", "=": "equals", "%": "percent", "@": "at", "#": "number", "~": "about", "°": "degrees"},
    **{"§": "section", "©": "copyright", "®": "registered", "×": "times", "÷": "divided by", "±": "plus or minus"},
    **{"≈": "approximately", "≠": "is not equal to", "<": "is less than", ">": "is greater than", "→": "to"},
    **{
        "≤": "less than or equal to",
        "≥": "greater than or equal to",
        "√": "square root of",
        "♥": "love",
        "²": "squared",
    },
    **{"³": "cubed", "½": "one half", "¼": "one quarter", "¾": "three quarters", "⅓": "one third", "⅔": "two thirds"},
    **{"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "\\": "backslash", "∞": "infinity", "¢": "cent"},
}

UNITS: dict[str, tuple[str, str]] = {
    **{"km": ("kilometer", "kilometers"), "m": ("meter", "meters"), "cm": ("centimeter", "centimeters")},
    **{"mm": ("millimeter", "millimeters"), "nm": ("nanometer", "nanometers"), "mi": ("mile", "miles")},
    **{"μm": ("micrometer", "micrometers"), "µm": ("micrometer", "micrometers"), "ft": ("foot", "feet")},
    **{"ft.": ("foot", "feet"), "yd": ("yard", "yards"), "yds": ("yard", "yards"), "in.": ("inch", "inches")},
    **{"kg": ("kilogram", "kilograms"), "g": ("gram", "grams"), "mg": ("milligram", "milligrams")},
    **{"μg": ("microgram", "micrograms"), "µg": ("microgram", "micrograms"), "lb": ("pound", "pounds")},
    **{"lbs": ("pound", "pounds"), "lb.": ("pound", "pounds"), "lbs.": ("pound", "pounds"), "oz": ("ounce", "ounces")},
    **{"oz.": ("ounce", "ounces"), "t": ("ton", "tons"), "l": ("liter", "liters"), "L": ("liter", "liters")},
    **{"ml": ("milliliter", "milliliters"), "mL": ("milliliter", "milliliters"), "cl": ("centiliter", "centiliters")},
    **{"gal": ("gallon", "gallons"), "pt": ("pint", "pints"), "qt": ("quart", "quarts")},
    **{"tbsp": ("tablespoon", "tablespoons"), "tsp": ("teaspoon", "teaspoons"), "cc": ("C C", "C C")},
    **{"s": ("second", "seconds"), "sec": ("second", "seconds"), "secs": ("second", "seconds")},
    **{"min": ("minute", "minutes"), "mins": ("minute", "minutes"), "h": ("hour", "hours"), "hr": ("hour", "hours")},
    **{"hrs": ("hour", "hours"), "HRS": ("hour", "hours"), "ms": ("millisecond", "milliseconds")},
    **{"yr": ("year", "years"), "yrs": ("year", "years"), "mph": ("mile per hour", "miles per hour")},
    **{"km/h": ("kilometer per hour", "kilometers per hour"), "kph": ("kilometer per hour", "kilometers per hour")},
    **{"kmh": ("kilometer per hour", "kilometers per hour"), "m/s": ("meter per second", "meters per second")},
    **{"m/s²": ("meter per second squared", "meters per second squared"), "mi/h": ("mile per hour", "miles per hour")},
    **{"°C": ("degree Celsius", "degrees Celsius"), "°F": ("degree Fahrenheit", "degrees Fahrenheit")},
    **{"°": ("degree", "degrees"), "º": ("degree", "degrees"), "K": ("K", "K"), "%": ("percent", "percent")},
    **{
        "B": ("B", "B"),
        "KB": ("kilobyte", "kilobytes"),
        "kB": ("kilobyte", "kilobytes"),
        "MB": ("megabyte", "megabytes"),
    },
    **{"GB": ("gigabyte", "gigabytes"), "TB": ("terabyte", "terabytes"), "PB": ("petabyte", "petabytes")},
    **{"kbps": ("kilobit per second", "kilobits per second"), "Mbps": ("megabit per second", "megabits per second")},
    **{
        "Gbps": ("gigabit per second", "gigabits per second"),
        "Hz": ("hertz", "hertz"),
        "kHz": ("kilohertz", "kilohertz"),
    },
    **{"MHz": ("megahertz", "megahertz"), "GHz": ("gigahertz", "gigahertz"), "W": ("watt", "watts")},
    **{"kW": ("kilowatt", "kilowatts"), "MW": ("megawatt", "megawatts"), "GW": ("gigawatt", "gigawatts")},
    **{"Wh": ("watt hour", "watt hours"), "kWh": ("kilowatt hour", "kilowatt hours")},
    **{
        "V": ("volt", "volts"),
        "mV": ("millivolt", "millivolts"),
        "kV": ("kilovolt", "kilovolts"),
        "A": ("amp", "amps"),
    },
    **{"mA": ("milliamp", "milliamps"), "mAh": ("milliamp hour", "milliamp hours"), "Ω": ("ohm", "ohms")},
    **{
        "J": ("joule", "joules"),
        "kJ": ("kilojoule", "kilojoules"),
        "N": ("newton", "newtons"),
        "dB": ("decibel", "decibels"),
    },
    **{"Pa": ("pascal", "pascals"), "kPa": ("kilopascal", "kilopascals"), "hPa": ("hectopascal", "hectopascals")},
    **{"psi": ("pound per square inch", "pounds per square inch"), "cal": ("calorie", "calories")},
    **{
        "kcal": ("kilocalorie", "kilocalories"),
        "ha": ("hectare", "hectares"),
        "bpm": ("beat per minute", "beats per minute"),
    },
    **{"rpm": ("revolution per minute", "revolutions per minute"), "fps": ("frame per second", "frames per second")},
    **{"dpi": ("dot per inch", "dots per inch"), "px": ("pixel", "pixels"), "m²": ("square meter", "square meters")},
    **{"m2": ("square meter", "square meters"), "km²": ("square kilometer", "square kilometers")},
    **{"km2": ("square kilometer", "square kilometers"), "cm²": ("square centimeter", "square centimeters")},
    **{"m³": ("cubic meter", "cubic meters"), "m3": ("cubic meter", "cubic meters")},
    **{"cm³": ("cubic centimeter", "cubic centimeters"), "ft²": ("square foot", "square feet")},
    **{"sq ft": ("square foot", "square feet"), "sq. ft.": ("square foot", "square feet"), "st": ("stone", "stone")},
    **{
        "sq. ft": ("square foot", "square feet"),
        "sq. mi.": ("square mile", "square miles"),
        "acres": ("acre", "acres"),
    },
}

MONEY: dict[str, tuple[str, str, str, str]] = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "US$": ("U S dollar", "U S dollars", "cent", "cents"),
    "A$": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "C$": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₩": ("won", "won", "jeon", "jeon"),
    "₿": ("bitcoin", "bitcoins", "satoshi", "satoshis"),
    "USD": ("U S dollar", "U S dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "CHF": ("Swiss franc", "Swiss francs", "centime", "centimes"),
    "JPY": ("yen", "yen", "sen", "sen"),
}
SCALES = {
    **{
        "k": "thousand",
        "K": "thousand",
        "M": "million",
        "m": "million",
        "mn": "million",
        "B": "billion",
        "bn": "billion",
    },
    **{"T": "trillion", "tn": "trillion"},
    **{word: word for word in ("thousand", "million", "billion", "trillion", "hundred")},
}

ABBREVIATIONS = {
    **{"mr.": "Mister", "mr": "Mister", "mrs.": "Missus", "mrs": "Missus", "ms.": "Miz", "prof.": "Professor"},
    **{"gen.": "General", "capt.": "Captain", "lt.": "Lieutenant", "sgt.": "Sergeant", "cpl.": "Corporal"},
    **{"maj.": "Major", "cmdr.": "Commander", "adm.": "Admiral", "brig.": "Brigadier", "rev.": "Reverend"},
    **{"gov.": "Governor", "sen.": "Senator", "rep.": "Representative", "hon.": "Honorable", "pres.": "President"},
    **{"msgr.": "Monsignor", "messrs.": "Messieurs", "jr.": "Junior", "sr.": "Senior", "esq.": "Esquire"},
    **{
        "vs.": "versus",
        "vs": "versus",
        "etc.": "et cetera",
        "etc": "et cetera",
        "e.g.": "for example",
        "eg.": "for example",
    },
    **{"i.e.": "that is", "cf.": "compare", "approx.": "approximately", "inc.": "Incorporated", "ltd.": "Limited"},
    **{"corp.": "Corporation", "bros.": "Brothers", "nos.": "numbers", "vol.": "volume", "vols.": "volumes"},
    **{"pp.": "pages", "fig.": "figure", "figs.": "figures", "ave.": "Avenue", "blvd.": "Boulevard", "rd.": "Road"},
    **{"ln.": "Lane", "hwy.": "Highway", "sq.": "square", "mt.": "Mount", "ft.": "Fort", "dept.": "Department"},
    **{"est.": "established", "et al.": "et al", "ph.d.": "P H D", "ph.d": "P H D", "attn.": "attention"},
    **{"ca.": "circa", "max.": "maximum", "min.": "minimum", "assoc.": "Associate", "tel.": "telephone"},
    **{"ext.": "extension", "apt.": "Apartment", "hosp.": "Hospital", "univ.": "University", "govt.": "government"},
    **{"ed.": "editor", "eds.": "editors", "misc.": "miscellaneous", "c/o": "care of", "w/": "with", "w/o": "without"},
    **{"mfg.": "manufacturing", "intl.": "international", "bldg.": "building", "a.m.": "A M", "p.m.": "P M"},
    **{"<3": "love", "ctrl": "Control", "&c.": "et cetera", "viz.": "namely", "incl.": "including"},
}
STATES = word_set(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY DC"
)
SPOKEN_CAPITALS = word_set(
    "NASA NATO UNESCO UNICEF AIDS OPEC NASDAQ RAM ROM PIN SIM GIF LASER RADAR SONAR SWAT COVID SARS FIFA UEFA FEMA "
    "NAFTA BASIC COBOL LEGO IKEA NIMBY YOLO CAPTCHA TASER SCUBA ZIP ISA README JSON THE AND FOR ARE BUT NOT YOU ALL "
    "ANY CAN HAD HER WAS ONE OUR OUT DAY GET HAS HIM HIS HOW MAN NEW NOW OLD SEE TWO WAY WHY BOY DID ITS LET PUT "
    "SAY SHE TOO USE YES NO GO DO SO IF IN IS OF ON OR TO UP WE MY ME BE BY AN AS AT HE BIG BAD RUN STOP END OFF "
    "TOP TEN SIX FUN MAD SAD RED HOT CAR CAT DOG"
)
AFTER_THE = word_set("WHO IT US WHAT")
"""Capitals that are letters after an article, and words elsewhere."""
SPELLED_CAPITALS = word_set("ASAP NCAA UCLA AARP ASCII-7 HIV DIY ISO USSR FAQS UAE EPA IPO CEO COO")
SPECIAL_WORDS = {
    **{"JPEG": "J peg", "MPEG": "M peg", "IEEE": "I triple E", "NAACP": "N double A C P", "WWII": "World War two"},
    **{"WWI": "World War one", "ok": "O K", "Ok": "O K", "PhD": "P H D", "iOS": "i O S", "C++": "C plus plus"},
    **{"π": "pi", "µ": "mu", "tv": "T V", "o'clock": "o'clock"},
}
NUMBERED = word_set(
    "flight room route highway interstate boeing airbus suite apartment form fahrenheit gate model unit area"
)
"""After these a number of three digits or four is said in two parts."""
DIGITS_AFTER = word_set("dial call ring code pin zip isbn ssn emergency")
CHAPTERS = (
    "Chapter|chapter|Part|part|Act|act|Scene|scene|Volume|volume|Vol\\.|Section|section|Book|book|Type|Level|Phase|Mark|"
    "Article|World War|Super Bowl|Bowl|Apollo|Fantasy|Rocky|Appendix|Class|Stage|Grade|Figure|Table|Title|Round"
)
OPENERS = word_set("chapter part act scene volume section book version versions")
"""Words that what follows may be read with."""
DETERMINERS = r"\b(?:a|an|the|this|that|his|her|my|your|their|our|its|each|every|another)\s$"
NO_NOUNS = word_set(
    "you we i that in on of for to and or is was are were per a he she they it at with than by from as if but the "
    "more less each every away apart below above long high wide deep tall later ago off left only will would has "
    "had"
)
PEOPLE = word_set("people men women children sheep fish feet")
NO_PLURALS = word_set("was is his as this its has us thus yes versus")

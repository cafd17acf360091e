"""The words that Snom has for languages, tones, dates and switches."""

from __future__ import annotations

ON_OFF = {True: "on", False: "off"}
TIME_FORMATS = {"24": "on", "12": "off"}  # time_24_format
DATE_FORMATS = {"mdy": "on", "dmy": "off"}  # date_us_format; year first has no word

# tancredi snom.macros (M). Wazo has "Espanol" without the tilde, for firmware 8. Polish has no sourced spelling.
LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
    "pt": "Português",
    "cs": "Čeština",
    "da": "Dansk",
    "sv": "Svenska",
    "nb": "Norsk",
    "fi": "Suomi",
    "hu": "Magyar",
    "tr": "Türkçe",
    "ru": "Русский",
}

# tancredi snom.macros, wazo_snom common.py (H). Countries whose tones Snom does not have are left out: the next best
# country's would be a guess.
TONES = {
    "gb": "GBR",
    "de": "GER",
    "us": "USA",
    "fr": "FRA",
    "es": "ESP",
    "it": "ITA",
    "nl": "NLD",
    "at": "AUT",
    "ch": "SWI",
    "dk": "DNK",
    "se": "SWE",
    "no": "NOR",
    "au": "AUS",
    "nz": "NZL",
}

# D8xx: tancredi snom.macros, `locale` (M). Switzerland and Belgium have one language there; Sweden's is misspelt.
LOCALES = {
    "gb": "en_GB",
    "de": "de_DE",
    "us": "en_US",
    "fr": "fr_FR",
    "es": "es_ES",
    "it": "it_IT",
    "nl": "nl_NL",
    "at": "de_AT",
    "ch": "de_CH",
    "be": "fr_BE",
    "dk": "da_DK",
    "se": "sv_SE",
    "no": "nb_NO",
    "fi": "fi_FI",
    "pl": "pl_PL",
    "cz": "cs_CZ",
    "pt": "pt_PT",
    "ie": "en_IE",
    "au": "en_AU",
    "nz": "en_NZ",
}

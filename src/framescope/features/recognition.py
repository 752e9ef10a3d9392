"""Which language a text seems to be in: by its script and letters, or by words that every text of it has.

A table does for articles what a library would: the light ones keep their models as pickles, the others bring
megabytes or download them. It is to name the language of texts that a model does not know, not to sort texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from framescope._types import BoolArray, Indices, Int32, Int64, UInt8, UInt64
from framescope.features.ngrams import fold, n_codes_at_most, read_word
from framescope.text.characters import character_tables
from framescope.text.kernels import in_threads, kernel, part
from framescope.text.utf8 import Utf8Texts

COMMON_WORDS: Mapping[str, str] = {
    # Latin
    "af": "die van en nie het dat wat met vir sy hulle ook aan deur is was sal hierdie",
    "az": "və bu bir ilə üçün də ki olan olaraq daha sonra edib olub isə onun azərbaycan hər",
    "ca": "el la els les dels amb per que una un és són aquest aquesta més però com també ha i del al",
    "cs": "a se na v je že s z do to o i které který jako pro jsou by ale po při už byl jeho také však",
    "da": "og at det en er af til på den som for ikke med der de har blev også kan vil efter fra han et",
    "de": "der die und in den das von zu mit ist des im auf für eine dem nicht ein sich als auch werden wurde",
    "en": "the of and to in a is that for it was on with as by at be are this from have not has his they",
    "es": "de la que el en los y las del por con una un para se su es al no más como pero fue este ha",
    "et": "ja on ei et see oli ka kui mis ning oma aga selle ta või pärast eesti kes mida nende",
    "eu": "eta da ez du bat dira hau zen baina dute egin bere ere izan den zuen dela",
    "fi": "ja on ei se että oli hän myös mutta kuin ovat sen joka mukaan vuoden ole suomen jotka sekä",
    "fr": "de la le et les des en du une un est que dans pour qui sur au par ne pas plus avec ce il sont",
    "hr": "i je u da na se su za od s će koji koja bi kao ali što iz nije o biti samo nakon kako godine",
    "hu": "a az és hogy nem is egy ez meg volt csak de már van még el azt ki vagy szerint mint lesz után",
    "id": "yang dan di untuk dengan dari ini itu pada dalam tidak akan juga ke oleh adalah telah karena",
    "it": "di e il la che in un per una del è non le della i con si da gli sono al dei come ha più nel",
    "lt": "ir kad yra į iš su tai bet jo kaip buvo apie dėl per taip po nuo jau tik lietuvos už",
    "lv": "un ir ka no ar uz par kas arī bet tas kā pēc tika lai latvijas gan vai nav savu viņš",
    "nl": "de van het een en in is dat op te zijn voor met die niet aan er om ook als bij maar wordt naar uit",
    "no": "og i det er på til som en av for at med ikke den har de var om et fra han sier vil etter også",
    "pl": "i w na z się nie do to że jest o jak za po od ale co przez są dla oraz już tylko przy tym był",
    "pt": "de a o que e do da em um para não uma os no se na por mais as dos como mas foi ao ele das é com",
    "ro": "de și în a la cu pe nu că o din este un care pentru au mai fi ca să sunt prin după fost sau",
    "sk": "a sa na v je že s z do o to aj ako ktorý ktoré pre si by ale po už sú bol jeho pri však podľa",
    "sl": "in je v da na se za so pa ki z bi tudi kot ne po s o bo pri še ali kako med leta zaradi bil",
    "sq": "të e në dhe i një për me që nga së është më ka si nuk do janë kjo ai ky por nga pas",
    "sv": "och att det i en som är på av för med den till inte har om de ett han var men så från vi kan",
    "sw": "ya na wa kwa ni katika la za kuwa hii cha hiyo pia huo yake kutoka baada watu",
    "tk": "we bu bir bilen üçin hem onuň türkmenistanyň boýunça döwlet ýurt ýylda berdi",
    "tl": "ang ng sa na mga at ay ni para hindi ito si nang kung ko niya",
    "tr": "ve bir bu da de için ile olarak olan çok daha ne gibi en kadar sonra ama olduğu türkiye göre dedi",
    "uz": "va bu bir bilan uchun ham bo‘yicha uning edi esa haqida o‘zbekiston kerak bo‘lib deb",
    "vi": "và của là có không được cho trong những với một này các đã người khi về đến từ",
    # Cyrillic
    "be": "і ў не на што з у да як гэта па за ад але яго для які ён былі беларусі таксама пра",
    "bg": "и на да се за в от с е не са по че като ще но си това към или при който която които след беше",
    "kk": "және бұл мен бір үшін деп болып да де бойынша туралы ол қазақстан болды жылы осы еді оның",
    "ky": "жана бул менен бир үчүн деп боюнча кыргызстан болгон анын ошол эле да эмес ал катары",
    "mk": "и на во се да за од ќе со не е дека што по ги го како но кои ова или беше сите",
    "mn": "нь байна юм гэж энэ болон улсын монгол тус хийж байгаа гэсэн болно оны",
    "ru": "и в не на что с по как это для он из за но его к от так бы все был о же или также после",
    "sr": "и је у да на се су за од са ће који која би као али што из није о бити само након како године",
    "tg": "ва дар ба аз ки бо барои ин аст тоҷикистон ҷумҳурии онҳо буд шуд мекунад дорад ҳам",
    "tt": "һәм бу белән өчен дә бер татарстан булган буенча дип да ул аның",
    "uk": "і в на не що з до та у як це за від для його про але він які по був й або також після",
    # Arabic
    "ar": "في من على أن إلى عن مع التي الذي هذا هذه كان ما لا بعد قال وقد كما ذلك بين",
    "fa": "و در به از که این را با است برای آن های می یک شد تا بر خود شده هم کرد",
    "ur": "کے کی میں ہے اور کا سے کو نے پر کہ ہیں اس یہ بھی نہیں کر تھا ایک",
    # Devanagari
    "hi": "के में की है और से का को पर यह कि नहीं ने भी हैं एक लिए इस था",
    "mr": "आणि आहे या च्या ते ही हा होते नाही केली असे मध्ये त्या आहेत",
    "ne": "र छ को मा पनि यो गरेको छन् भने गर्न हुने थियो नेपाल",
}
"""Words by the code of their language: its most frequent ones, few of which its neighbours share."""

SCRIPTS: Mapping[str, Sequence[tuple[int, int]]] = {
    "am": ((0x1200, 0x137F),),
    "bn": ((0x0980, 0x09FF),),
    "el": ((0x0370, 0x03FF), (0x1F00, 0x1FFF)),
    "he": ((0x0590, 0x05FF),),
    "hy": ((0x0530, 0x058F),),
    "ja": ((0x3040, 0x30FF),),
    "ka": ((0x10A0, 0x10FF),),
    "km": ((0x1780, 0x17FF),),
    "ko": ((0x1100, 0x11FF), (0xAC00, 0xD7AF)),
    "my": ((0x1000, 0x109F),),
    "pa": ((0x0A00, 0x0A7F),),
    "ta": ((0x0B80, 0x0BFF),),
    "te": ((0x0C00, 0x0C7F),),
    "th": ((0x0E00, 0x0E7F),),
    "zh": ((0x4E00, 0x9FFF),),
}
"""Scripts that one language has, nearly, as the code points of their signs."""
_SCRIPT_CODES = tuple(SCRIPTS)

ALPHABETS: Mapping[str, str] = {
    "af": "êëéïô",
    "az": "çəğıöşü",
    "ca": "àçéèíïóòúü",
    "cs": "áčďéěíňóřšťúůýž",
    "da": "æøåé",
    "de": "äöüß",
    "es": "áéíñóúü",
    "et": "äöõüšž",
    "eu": "ñ",
    "fi": "äöå",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "hr": "čćđšž",
    "hu": "áéíóöőúüű",
    "it": "àèéìòù",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž",
    "nl": "éëïóöü",
    "no": "æøåé",
    "pl": "ąćęłńóśźż",
    "pt": "áâãàçéêíóôõú",
    "ro": "ăâîșțşţ",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "sl": "čšž",
    "sq": "ëç",
    "sv": "åäöé",
    "tk": "çäňöşüýž",
    "tl": "ñ",
    "tr": "çğıöşüâî",
    "vi": "àáâãèéêìíòóôõùúýăđĩũơư",
    "be": "йыьэюяёіў",
    "bg": "ийщъьюя",
    "kk": "ийщъыьэюяёәғқңөұүһі",
    "ky": "ийщъыьэюяёңөү",
    "mk": "иѓѕјљњќџ",
    "mn": "ийщъыьэюяёөү",
    "ru": "ийщъыьэюяё",
    "sr": "иђјљњћџ",
    "tg": "ийщъыьэюяёғӣқӯҳҷ",
    "tt": "ийщъыьэюяёәҗңөүһ",
    "uk": "ийщьюяіїєґ",
}
"""Letters that not all languages of a script have; what a language is not listed with speaks against it."""

MAX_SIGN_BYTES = 4
ROWS_AT_A_TIME = 1 << 8
N_BYTES = 1_600
"""The beginning of a text, which shows its language."""
MIN_SHARE = 0.06
"""Of the words of a text, those that must be common ones of its language."""
LEAD = 1.1
"""How many times as many of them as of the next language there must be."""
SCRIPT_SHARE = 0.5
"""Of the letters of a text, those that must be of a script."""

_CODES = tuple(COMMON_WORDS)
_N_SLOTS = 1 << 13
_N_LETTERS = 0x600
_N_SIGNS = 0x10000


class _Tables(NamedTuple):
    """The tables as the kernel reads them; a set of languages is a number with a bit for each.

    ``slots`` is open addressing from the hash state of a word to its languages in ``languages``; ``foreign``
    are the languages that lack a letter, by its code point; ``scripts`` numbers the script of a sign, 0 for
    others.
    """

    slots: UInt64
    languages: UInt64
    foreign: UInt64
    scripts: UInt8


def language_of(text: str) -> str:
    """Return the code of the language that a text seems to be in, "" where it could be several or none.

    >>> [language_of(text) for text in ("Das ist nicht der Plan.", "Це не план уряду, але й не що інше.", "12")]
    ['de', 'uk', '']
    """
    return languages_of(Utf8Texts.encode([text]), np.ones(1, bool)).get(0, "")


def languages_of(texts: Utf8Texts, wanted: BoolArray, *, jobs: int = 1) -> dict[int, str]:
    """Return the languages of some texts by their rows; those that could be of several or none are left out."""
    rows = np.flatnonzero(wanted)
    if not len(rows):
        return {}
    texts = texts.plain(jobs=jobs)
    parts = [rows[first : first + ROWS_AT_A_TIME] for first in range(0, len(rows), ROWS_AT_A_TIME)]
    return dict(chain.from_iterable(in_threads(lambda part: _recognize(texts, part), parts, jobs)))


def _recognize(texts: Utf8Texts, rows: Indices) -> list[tuple[int, str]]:
    """Return rows, and the languages of their texts, of those that have a clear one."""
    starts, ends = texts.offsets[rows], texts.offsets[rows + 1]
    ends = _before_a_sign(texts.data, np.minimum(starts + N_BYTES, ends), ends)
    room = np.empty(n_codes_at_most(N_BYTES), np.int32)
    common, scripts = count_common(texts.data, starts, ends, character_tables(), room, _tables())
    by_words, by_script = _best(common), _script_of(scripts)
    codes = (
        (row, script or words) for row, script, words in zip(rows.tolist(), by_script, by_words, strict=True)
    )
    return [(row, code) for row, code in codes if code]


def _before_a_sign(data: UInt8, cuts: Int64, ends: Int64) -> Int64:
    """Return cuts that part no sign of several bytes: those after which one goes on are moved before it."""
    for _ in range(MAX_SIGN_BYTES - 1 if len(data) else 0):
        goes_on = (cuts < ends) & (data[np.minimum(cuts, len(data) - 1)] & 0xC0 == 0x80)
        cuts = cuts - goes_on
    return cuts


def _script_of(counts: Int32) -> list[str]:
    """Return the language of the script of most letters of each text; ``counts`` has all letters first."""
    every, japanese, chinese = (
        counts[:, 0],
        counts[:, 1 + _SCRIPT_CODES.index("ja")],
        counts[:, 1 + _SCRIPT_CODES.index("zh")],
    )
    is_japanese = (japanese > 0) & (japanese + chinese >= SCRIPT_SHARE * every)
    best = counts[:, 1:].argmax(axis=1)
    is_clear = counts[np.arange(len(counts)), 1 + best] > SCRIPT_SHARE * every
    found = np.where(is_clear, np.array(_SCRIPT_CODES)[best], "")
    named: list[str] = np.where(is_japanese, "ja", found).tolist()
    return named


def _best(counts: Int32) -> list[str]:
    """Return the language of the most common words of each text; ``counts`` has all words first."""
    counts_of, rows = counts[:, 1:].copy(), np.arange(len(counts))
    best = counts_of.argmax(axis=1)
    most = counts_of[rows, best]
    counts_of[rows, best] = counts_of.min(initial=0)
    next_most = counts_of.max(axis=1)
    is_clear = (most >= np.maximum(1, MIN_SHARE * counts[:, 0])) & (most >= LEAD * next_most)
    named: list[str] = np.where(is_clear, np.array(_CODES)[best], "").tolist()
    return named


@cache
def _tables() -> _Tables:
    languages: dict[str, int] = {}
    for bit, words in enumerate(COMMON_WORDS.values()):
        for word in words.split():
            languages[word] = languages.get(word, 0) | 1 << bit
    foreign = np.zeros(_N_LETTERS, np.uint64)
    for letter in set("".join(ALPHABETS.values())):
        lacking = [bit for bit, code in enumerate(_CODES) if letter not in ALPHABETS.get(code, "")]
        foreign[ord(letter)] = sum(1 << bit for bit in lacking)
    scripts = np.zeros(_N_SIGNS, np.uint8)
    for number, ranges in enumerate(SCRIPTS.values(), start=1):
        for first, last in ranges:
            scripts[first : last + 1] = number
    encoded = Utf8Texts.encode(languages).plain()
    slots, values = np.zeros(_N_SLOTS, np.uint64), np.zeros(_N_SLOTS, np.uint64)
    masks = np.array([*languages.values()], np.uint64)
    _enter(encoded.data, encoded.offsets, character_tables(), masks, slots, values)
    return _Tables(slots, values, foreign, scripts)


@kernel()
def _enter(data, offsets, tables, masks, slots, languages):  # type: ignore[no-untyped-def]
    codes = np.empty(n_codes_at_most(N_BYTES), np.int32)
    for row in range(len(offsets) - 1):
        n_codes = fold(data, offsets[row], offsets[row + 1], tables, codes, None)
        _, state = read_word(codes, np.uint64(0), np.uint64(n_codes))
        slot = _slot_of(state, slots)
        slots[slot] = state
        languages[slot] |= masks[row]


@part
def _slot_of(state, slots):  # type: ignore[no-untyped-def]
    slot = np.int64(state & np.uint64(len(slots) - 1))
    while slots[slot] != 0 and slots[slot] != state:
        slot = (slot + 1) & (len(slots) - 1)
    return slot


@kernel()
def count_common(data, starts, ends, tables, codes, known):  # type: ignore[no-untyped-def]
    """Count words, and each language's common ones less letters that it lacks; letters, and those by script."""
    common = np.zeros((len(starts), 1 + len(_CODES)), np.int32)
    scripts = np.zeros((len(starts), 1 + len(_SCRIPT_CODES)), np.int32)
    n_times = np.zeros(len(known.foreign), np.int32)  # of each letter in a text; 0 between texts
    for k in range(len(starts)):
        n_codes = np.uint64(fold(data, starts[k], ends[k], tables, codes, None))
        at = np.uint64(0)
        while at < n_codes:
            if codes[at] <= 0:
                at += np.uint64(1)
                continue
            first = at
            at, state = read_word(codes, first, n_codes)
            common[k, 0] += 1
            _add(known.languages[_slot_of(state, known.slots)], 1, common[k])
            scripts[k, 0] += np.int64(at - first)
            for place in range(first, at):
                code = codes[place]
                if code < len(n_times):
                    n_times[code] += 1
                if code < len(known.scripts) and known.scripts[code] > 0:
                    scripts[k, known.scripts[code]] += 1
        for code in range(len(n_times)):
            if n_times[code]:
                _add(known.foreign[code], -n_times[code], common[k])
                n_times[code] = 0
    return common, scripts


@part
def _add(languages, number, counts):  # type: ignore[no-untyped-def]
    language = 1
    while languages != 0:
        counts[language] += number * np.int64(languages & np.uint64(1))
        languages >>= np.uint64(1)
        language += 1

"""Languages of texts: by common words, by letters, by script; nothing where it could be several."""
# ruff: noqa: E501 - a sentence a line

from __future__ import annotations

import numpy as np
import pytest

from framescope.features import recognition
from framescope.features.recognition import (
    ALPHABETS,
    COMMON_WORDS,
    N_BYTES,
    SCRIPTS,
    count_common,
    language_of,
    languages_of,
)
from framescope.text.plain import list_odd_pieces
from framescope.text.utf8 import Utf8Texts

TEXTS = {
    "ar": "قال الوزير إن الحكومة لن تغير سياستها في هذا الشأن، وذلك بعد لقاء مع رئيس البرلمان.",
    "be": "Міністр заявіў, што ўрад не зменіць сваю палітыку, бо так вырашылі дэпутаты.",
    "bg": "Министърът заяви, че правителството няма да промени политиката си, защото така са решили депутатите.",
    "cs": "Ministr řekl, že vláda svou politiku nezmění, protože o tom rozhodli poslanci, a to je podle něj konec.",
    "de": "Der Minister sagte, dass die Regierung ihre Politik nicht ändern werde, weil das Parlament es so wollte.",
    "el": "Ο υπουργός δήλωσε ότι η κυβέρνηση δεν θα αλλάξει την πολιτική της.",
    "en": "The minister said that the government would not change its policy because of the vote in parliament.",
    "es": "El ministro dijo que el gobierno no va a cambiar su política por la decisión de los diputados.",
    "fa": "وزیر گفت که دولت سیاست خود را تغییر نخواهد داد و این تصمیم با رای مجلس گرفته شده است.",
    "fr": "Le ministre a dit que le gouvernement ne changera pas sa politique, car les députés en ont décidé ainsi.",
    "he": "השר אמר שהממשלה לא תשנה את מדיניותה.",
    "hi": "मंत्री ने कहा कि सरकार अपनी नीति में कोई बदलाव नहीं करेगी और यह संसद का फैसला है।",
    "hu": "A miniszter azt mondta, hogy a kormány nem változtat a politikáján, mert ez már a parlament döntése volt.",
    "hy": "Նախարարն ասել է, որ կառավարությունը չի փոխի իր քաղաքականությունը։",
    "it": "Il ministro ha detto che il governo non cambierà la sua politica, perché così hanno deciso i deputati.",
    "ja": "大臣は、政府が政策を変えることはないと述べた。",
    "ka": "მინისტრმა განაცხადა, რომ მთავრობა პოლიტიკას არ შეცვლის.",
    "kk": "Министр үкімет саясатын өзгертпейді деп мәлімдеді, және бұл туралы депутаттар шешім қабылдады.",
    "ko": "장관은 정부가 정책을 바꾸지 않을 것이라고 말했다.",
    "lt": "Ministras sakė, kad vyriausybė savo politikos nekeis, nes taip nusprendė Seimas, ir tai jau buvo aišku.",
    "mk": "Министерот изјави дека владата нема да ја смени политиката, затоа што така одлучија пратениците во Собранието.",
    "nl": "De minister zei dat de regering haar beleid niet zal veranderen, omdat het parlement dat heeft besloten.",
    "pl": "Minister powiedział, że rząd nie zmieni swojej polityki, bo tak zdecydowali już posłowie w Sejmie.",
    "pt": "O ministro disse que o governo não vai mudar a sua política por causa da decisão dos deputados.",
    "ro": "Ministrul a spus că guvernul nu își va schimba politica, pentru că așa au decis deputații din parlament.",
    "ru": "Министр заявил, что правительство не изменит свою политику, потому что так решили депутаты.",
    "sr": "Министар је рекао да влада неће мењати своју политику, јер су тако одлучили посланици у Скупштини.",
    "sv": "Ministern sade att regeringen inte kommer att ändra sin politik, eftersom det är vad riksdagen har beslutat.",
    "tg": "Вазир гуфт, ки ҳукумат сиёсати худро дигар намекунад ва ин аз тарафи вакилон ҳал шуд.",
    "tr": "Bakan, hükümetin politikasını değiştirmeyeceğini ve bu kararın mecliste bir oylama ile alındığını söyledi.",
    "uk": "Міністр заявив, що уряд не змінить свою політику, бо так вирішили депутати, і це не обговорюється.",
    "uz": "Vazir hukumat siyosatini o‘zgartirmasligini va bu qaror deputatlar bilan birga qabul qilinganini aytdi.",
    "zh": "部长表示，政府不会改变其政策。",
}


@pytest.mark.parametrize("code", TEXTS)
def test_a_sentence_shows_its_language(code: str) -> None:
    assert language_of(TEXTS[code]) == code


@pytest.mark.parametrize("text", ["", "12 345", "!!!", "Gazprom", "ОДКБ", "и", "qwrt zxcv bnmk", "\U00020000"])
def test_what_could_be_several_is_none(text: str) -> None:
    assert language_of(text) == ""


def test_the_beginning_of_a_text_decides_and_its_last_character_is_whole() -> None:
    """The room ends in the middle of a character, and the text with it."""
    opening = (TEXTS["uk"] + " ") * 100
    assert len(opening.encode()) > N_BYTES
    assert language_of(opening + TEXTS["en"] * 1_000) == "uk"
    assert language_of("x" + opening) == "uk"


def test_a_language_is_looked_for_without_compiling_a_kernel_twice() -> None:
    """Reading what was cut from texts, whose bytes could be written, would compile the kernels once more."""
    assert language_of(TEXTS["uk"]) == "uk"
    assert [len(kernel.signatures) for kernel in (list_odd_pieces, count_common)] == [1, 1]


def test_letters_of_one_text_do_not_count_for_the_next() -> None:
    texts = Utf8Texts.encode([TEXTS["bg"], TEXTS["uk"], TEXTS["ru"]] * 2)
    assert list(languages_of(texts, np.ones(6, bool)).values()) == ["bg", "uk", "ru"] * 2


def test_only_what_is_asked_for_is_read() -> None:
    texts = Utf8Texts.encode([TEXTS["de"], "12", TEXTS["uk"], TEXTS["en"]])
    assert languages_of(texts, np.array([True, True, False, True])) == {0: "de", 3: "en"}
    assert languages_of(texts, np.zeros(4, bool)) == {}


@pytest.mark.parametrize("jobs", [1, 2])
def test_languages_are_told_some_texts_at_a_time(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "ROWS_AT_A_TIME", 2)
    texts = Utf8Texts.encode(["Der Hund und die Katze sind nicht da.", "", "This is what they have said."] * 3)
    wanted = np.array([True, True, True, True, True, False, True, True, True])
    assert languages_of(texts, wanted, jobs=jobs) == {0: "de", 2: "en", 3: "de", 6: "de", 8: "en"}


def test_the_tables_agree() -> None:
    """A language has a bit of 64, a common word no letter that the language lacks, and no two words are one."""
    letters = set("".join(ALPHABETS.values()))
    assert len(COMMON_WORDS) <= 64
    assert not set(ALPHABETS) - set(COMMON_WORDS)
    assert not set(SCRIPTS) & set(COMMON_WORDS)
    for code, words in COMMON_WORDS.items():
        lacking = letters & set(words.replace(" ", "")) - set(ALPHABETS.get(code, ""))
        assert lacking == set(), code

"""Language codes as people write them: ``bg``, ``BG``, ``bg-BG``, ``bg_BG``, ``bul``."""

from __future__ import annotations

from collections.abc import Collection, Iterable

CODES = """
afr:af alb:sq sqi:sq amh:am ara:ar arm:hy hye:hy aze:az bel:be ben:bn bos:bs bul:bg cat:ca
ces:cs cze:cs chi:zh zho:zh dan:da deu:de ger:de dut:nl nld:nl ell:el gre:el eng:en est:et
fas:fa per:fa fin:fi fra:fr fre:fr geo:ka kat:ka gle:ga glg:gl heb:he hin:hi hrv:hr hun:hu
ice:is isl:is ind:id ita:it jpn:ja kaz:kk kir:ky kor:ko lav:lv lit:lt mac:mk mkd:mk may:ms
msa:ms mon:mn nor:no pol:pl por:pt ron:ro rum:ro rus:ru slk:sk slo:sk slv:sl spa:es srp:sr
swa:sw swe:sv tam:ta tat:tt tgk:tg tha:th tuk:tk tur:tr ukr:uk urd:ur uzb:uz vie:vi
"""
TWO_LETTERS = {pair[:3]: pair[4:] for pair in CODES.split()}
"""Codes of ISO 639-2 and 639-3 with those of ISO 639-1."""


def primary_language(code: str) -> str:
    """Return a code's primary subtag in small letters, three letters as two where there are two.

    >>> [primary_language(code) for code in (" ru", "bg_BG", "zh-Hant-TW", "bul")]
    ['ru', 'bg', 'zh', 'bg']
    """
    primary = code.strip().casefold().replace("_", "-").partition("-")[0]
    return TWO_LETTERS.get(primary, primary)


def unfamiliar(codes: Iterable[str | None], known: Collection[str]) -> list[str]:
    """Return the codes of languages that are not among the known ones, sorted; unknown languages are not."""
    languages = {primary_language(code) for code in known}
    return sorted({code for code in codes if code and code.strip() and primary_language(code) not in languages})

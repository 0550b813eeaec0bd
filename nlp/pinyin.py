"""Initials of Chinese names, so that a guest is found by two letters: 沈知行 → szx."""

from functools import lru_cache


@lru_cache(maxsize=20_000)
def initials(text: str) -> tuple[frozenset[str], ...]:
    """Return per character every letter its readings may begin with; 单 is read d, s and c.

    Letters and digits stand for themselves in lower case; other signs have no letter.
    """
    from pypinyin import Style, pinyin

    found = []
    for sign in text:
        if sign.isascii():
            found.append(frozenset(sign.lower()) if sign.isalnum() else frozenset())
        else:
            readings = pinyin(sign, style=Style.FIRST_LETTER, heteronym=True, errors="ignore")
            found.append(frozenset(letter for each in readings for letter in each if letter))
    return tuple(found)


def starts_with_initials(text: str, letters: str) -> bool:
    """Say whether `letters` are the initials of the beginning of `text`: sz and szx both find 沈知行."""
    own = [options for options in initials(text) if options]
    wanted = letters.lower()
    return 0 < len(wanted) <= len(own) and all(
        letter in options for letter, options in zip(wanted, own, strict=False)
    )

"""Personal numbers that stand in a text, in any disguise: such texts are refused (product.md, "People and data").

Digits of every script count, between them any signs but letters. Date and check digit must be right, and what is
plainly something else passes: telephone numbers, organisation numbers, UUIDs and digests, times, sums of money. Where
it could be both, whoever writes is told; only a mobile number without any space (070…) is taken for what it mostly is.
"""

import re
import unicodedata
from itertools import accumulate

from shared.security.personal_numbers import is_number

_DIGITS, _NOT_A_DIGIT = re.compile(r"[0-9]+"), re.compile(r"[^0-9]+")
_LETTERS = r"A-Za-z\u0080-\U0010ffff"
# In a row of digits. A new cell of a table ends it.
_ROW = re.compile(rf"[0-9]+(?:(?! ?\| )[^0-9{_LETTERS}]{{1,5}}[0-9]+)*")
_LAST_FOUR = re.compile(r"[0-9](?=(?:[^0-9]*[0-9]){0,3}[^0-9]*$)")
_SPACE = re.compile(r"\s")
_REPEATED = re.compile(rf"([^0-9{_LETTERS}])\1+")
# What most texts of a request are, so that they cost nothing.
_ID_OR_TIME = (
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_PLAINLY_ELSE = re.compile(_ID_OR_TIME)
_PLAINLY_ELSE_IN_JSON = re.compile(f'"(?:{_ID_OR_TIME})"'.encode())
# In one text or row of JSON numbers, or what may be a number with fewer digits than it has places: 8507091e3.
_TEN_DIGITS_IN_JSON = re.compile(rb'[0-9](?:[^0-9"]*[0-9]){9}|[0-9.][eE][+]?[0-9]')
_DATE = re.compile(r"(?<![0-9])((?:18|19|20)[0-9]{2})([-/. ])([01][0-9])\2([0-9]{2})(?![0-9])")
_SOMETHING_ELSE = re.compile(
    r"(?<!\w)(?:"
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    r"|(?=[0-9]*[a-f])[0-9a-f]{32,}"  # a digest
    r"|\(?0[1-9][0-9]{1,2}\)?[ /-]{1,3}[0-9]{2,3}(?: [0-9]{2,3}){1,3}"  # telephone: 070-123 45 67, 0303-12 34 56
    r"|\(?0[1-9][0-9]{1,2}\)?[ /-]{1,3}[0-9]{6,7}"  # 070-1234567
    r"|\(?08\)?[ /-]{1,3}[0-9]{2,3}(?: [0-9]{2,3}){1,3}"  # 08-123 456 78
    r"|\(?08\)?[ /-]{1,3}[0-9]{6,8}"
    r"|070[0-9]{7}"
    r")(?!\w)"
    r"|(?<![\w+])\+4[5-7](?:[ ()-]{0,3}[0-9]){7,10}(?![ ()-]?[0-9])"  # +46 (0)70-123 45 67
    r"|(?<=[0-9])[Tt][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?"  # time of RFC 3339
    r"|^-?[0-9]{1,9}[.,][0-9]{1,2}$",  # a sum of money by itself
    re.ASCII | re.IGNORECASE,
)
_TELEPHONE = re.compile(r"\s*0[1-9][0-9]{7,8}\s*")
_INVISIBLE_LETTERS = "\u115f\u1160"  # fillers of Hangul; NFKC turns the others into these
# A date since then with two numbers after it is a meeting: nobody born since then works.
_MEETINGS_SINCE = 15


def stands_in(text: str, *, telephone: bool = False) -> bool:
    """Whether a valid number stands in a text. `telephone`: the text is to be one, and may be written in a row."""
    if len(text) < 10 or _PLAINLY_ELSE.fullmatch(text):
        return False
    plain = text if text.isascii() else _plain(text)
    if len(_NOT_A_DIGIT.sub("", plain)) < 10 or (telephone and _TELEPHONE.fullmatch(plain)):
        return False
    plain = _REPEATED.sub(r"\1", _SPACE.sub(" ", plain))
    plain = _SOMETHING_ELSE.sub("x", plain)
    return any(_in_row(row) for row in _ROW.findall(_DATE.sub(r"\1\3\4", plain)))


def may_stand_in_json(raw: bytes) -> bool:
    """Whether a number may stand in a text of a JSON document, or as a number of it, from its bytes alone: False is
    sure.

    Without escapes and other scripts a text is what stands between two quotes, and needs ten digits.
    """
    if not raw.isascii() or b"\\" in raw:
        return True
    return _TEN_DIGITS_IN_JSON.search(_PLAINLY_ELSE_IN_JSON.sub(b'""', raw)) is not None


def masked(text: str) -> str:
    """The text as people may see it: the last four digits hidden where a number stands in it."""
    return hint(text) if stands_in(text) else text


def hint(text: str) -> str:
    """The text without its last four digits."""
    return _LAST_FOUR.sub("\N{BULLET}", text)


def _plain(text: str) -> str:
    """Digits of every script as 0-9, without what nobody sees, every other sign that is no letter as a space."""
    return "".join(map(_plain_sign, unicodedata.normalize("NFKC", text)))


def _plain_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    if sign in _INVISIBLE_LETTERS or unicodedata.category(sign) in ("Cf", "Mn", "Me"):
        return ""
    return sign if sign.isalpha() else "-" if unicodedata.category(sign) == "Pd" else " "


def _in_row(row: str) -> bool:
    """Whether neighbouring groups of digits are a number together."""
    groups = _DIGITS.findall(row)
    digits = "".join(groups)
    ends = list(accumulate(map(len, groups)))
    place_of = {end: place for place, end in enumerate(ends)}
    return any(
        end in place_of and is_number(digits[begin:end]) and not _is_meeting(groups[place : place_of[end] + 1])
        for place, begin in enumerate((0, *ends[:-1]))
        for end in (begin + 10, begin + 12)
    )


def _is_meeting(groups: list[str]) -> bool:
    """`20260301 09 30`: a day with a time, with hours from and to, or until another day."""
    day, *rest = groups
    if [len(group) for group in rest] != [2, 2] or len(day) not in (6, 8) or day[:-6] not in ("", "20"):
        return False
    return int(day[-6:-4]) >= _MEETINGS_SINCE and (len(day) == 8 or int(day[:2]) < _MEETINGS_SINCE + 25)

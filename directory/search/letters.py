"""Letters and words of many scripts: what is folded into what. Tables only; `text.py` uses them."""

SERBIAN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ђ": "dj", "е": "e", "ж": "z", "з": "z", "и": "i", "ј": "j", "к": "k",
    "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "c", "у": "u",
    "ф": "f", "х": "h", "ц": "c", "ч": "c", "џ": "dz", "ш": "s", "щ": "sc", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "ju",
    "я": "ja", "ѕ": "dz", "є": "e", "і": "i", "ґ": "g",
}  # fmt: skip
"""Cyrillic letters as Serbian writes them in Latin without marks; the rest of Cyrillic follows the same way."""

SPELLED = {
    "ä": ("a", "ae"), "ö": ("o", "oe"), "ü": ("u", "ue"), "å": ("a", "aa"), "ø": ("o", "oe"), "æ": ("ae", "a"),
    "œ": ("oe", "o"), "đ": ("dj", "d"), "ђ": ("dj", "d"), "ð": ("d", "dh"), "þ": ("th",), "ł": ("l",), "ı": ("i",),
    "ħ": ("h",), "ŋ": ("ng",), "ĸ": ("k",), "ŧ": ("t",),
}  # fmt: skip
"""Letters that people without them on the keyboard spell in these ways, the usual one first."""

CONTRACTED = {"ae": "a", "oe": "o", "ue": "u", "dj": "d"}
"""Spellings that may stand for one letter: the document is also found by the plain letter."""

ARABIC = str.maketrans({"ٱ": "ا", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي", "ے": "ي", "ہ": "ه", "ھ": "ه", "ـ": None, "ء": None})
"""Letters that are typed for one another once the marks are gone; the stretching line and a free hamza go."""

ARTICLE = "ال"
ARTICLE_AFTER = ("و", "ف", "ب", "ك", "")
"""Letters that stand joined before the Arabic article, and none."""

WEAK_WORDS = frozenset(
    """
    ab ad ag aps as bhd bv cie co corp corporation cv doo dd eg eireli ev gbr gesmbh ggmbh gmbh inc incorporated kd kft kg kgaa
    kk limited llc llp lp ltd ltda mbh nv oao od ohg ooo oy oyj pao plc pte pty rl sa sac sarl sas sau sdn se sl slu snc spa srl
    sro ug zao zrt
    """.split()
)
"""Forms of companies: they help the order of results and are never required beside other words."""

WEAK_ENDS = (
    "有限责任公司", "股份有限公司", "有限公司", "株式会社", "有限会社", "合同会社",
    "유한책임회사", "주식회사", "유한회사",
)  # fmt: skip
"""The same in scripts without spaces, folded, the longest that fits first; they stand at either end of a name."""

HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
"""Ranges of Chinese characters, in whatever language."""

UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3041, 0x3096), (0x3099, 0x309A),
    (0x309D, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x3105, 0x318F), (0x31A0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip
"""Ranges of letters that are written without spaces or with particles joined: found by characters and pairs."""

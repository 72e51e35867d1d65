"""What a browser calls itself, in two words: enough for a person to know it again."""

_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
"""(what stands in the header, name), the ones that others pretend to be last"""


def browser_name(header: str | None) -> str:
    """Name the program and system of a `User-Agent` header, as `Firefox, Linux`; blank where neither is known."""
    text = header or ""
    return ", ".join(
        found for names in (_PROGRAMS, _SYSTEMS) if (found := next((name for mark, name in names if mark in text), ""))
    )

"""Domains of mail addresses and websites: what they tell of who belongs together."""

from urllib.parse import urlsplit


def mail_domain(address: str | None) -> str:
    """Return the domain of a mail address, or nothing."""
    return (address or "").rpartition("@")[2].strip().lower().rstrip(".") if "@" in (address or "") else ""


def website_domain(address: str | None) -> str:
    """Return the host of a website without its www, or nothing."""
    text = (address or "").strip()
    if not text:
        return ""
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    return host.lower().rstrip(".").removeprefix("www.")


def is_same_house(one: str, other: str) -> bool:
    """Say whether two domains belong to one organisation as far as their names tell: equal, or one below the other."""
    return bool(one and other) and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))

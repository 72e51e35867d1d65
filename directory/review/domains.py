"""Domains of mail addresses and websites: what they tell of who belongs together."""


def mail_domain(address: str | None) -> str:
    """Return the domain of a mail address, or nothing."""
    return (address or "").rpartition("@")[2].strip().lower().rstrip(".") if "@" in (address or "") else ""


def is_same_house(one: str, other: str) -> bool:
    """Say whether two domains belong to one organisation as far as their names tell: equal, or one below the other."""
    return bool(one and other) and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))

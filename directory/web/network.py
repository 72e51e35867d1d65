"""The network an address belongs to: enough to tell visitors of one house from others, not one visitor from another."""

from ipaddress import IPv4Address, ip_address, ip_network

IPV4_BITS, IPV6_BITS = 24, 56


def network_of(address: str | None) -> str | None:
    """Return the network of an address, as `203.0.113.0/24`; None where it is no address."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    if mapped := getattr(found, "ipv4_mapped", None):
        found = mapped
    return str(ip_network((found, IPV4_BITS if isinstance(found, IPv4Address) else IPV6_BITS), strict=False))

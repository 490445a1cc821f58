"""Whose address it is, for all that is counted by address: one machine has many of IPv6, and one of IPv4."""

from ipaddress import IPv6Address, ip_address

OWN_BITS = 64  # of an IPv6 address: all that begin so are one customer's (RFC 6177, RFC 7421)


def customer(address: str) -> str:
    """Return an IPv4 address as it is, also where IPv6 holds it, and the network of an IPv6 address; else the text."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Address(int(found) >> OWN_BITS << OWN_BITS))

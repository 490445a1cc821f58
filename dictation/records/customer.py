"""Whose address it is, for all that is counted by address: one machine has many of IPv6, and one of IPv4."""

from ipaddress import IPv4Address, IPv6Address, ip_address

OWN_BITS = 64  # of an IPv6 address: all that begin so are one customer's (RFC 6177, RFC 7421), or one link's


def customer(address: str) -> str:
    """Return an IPv4 address as it is, also where IPv6 holds it, and the network of an IPv6 address; else the text."""
    found = _read(address)
    return str(IPv6Address(int(found) >> OWN_BITS << OWN_BITS)) if isinstance(found, IPv6Address) else str(found)


def counted(address: str) -> tuple[str, str]:
    """Return an address as it is counted, one of IPv4 that IPv6 holds as itself, and its network.

    The network is "" where it says nothing of whose the address is: of IPv4, of a link (fe80::), of what is no address.
    """
    found = _read(address)
    if not isinstance(found, IPv6Address):
        return str(found), ""
    return str(found), "" if found.is_link_local else f"{customer(address)}/{OWN_BITS}"


def _read(address: str) -> IPv4Address | IPv6Address | str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found

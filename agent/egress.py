"""Where pictures may go: `--only-local` keeps them on this machine, and at the hosts that a person allows."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from envs.errors import BadInput
from envs.types import Card

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
CLOUD = ("-cloud", ":cloud")
"""How the names of models end that an Ollama on this machine passes on to its vendor. Source: Ollama's manual."""


def keep(agent: str, cards: Sequence[Card] | None, allowed: Iterable[str] = ()) -> None:
    """See that the agent sends pictures nowhere else. Raises BadInput, with the endpoint and what to do.

    `cards` are those of its models, none for an agent that sends nothing, None for one that does not say.
    """
    if cards is None:
        raise BadInput(
            f"the agent {agent} does not say where it sends pictures, so --only-local refuses it; "
            "give it `cards`, or leave --only-local out"
        )
    for card in cards:
        if card.endpoint:
            _see(card, frozenset(each.lower() for each in allowed))


def _see(card: Card, allowed: frozenset[str]) -> None:
    parts = urlsplit(card.endpoint)
    host = (parts.hostname or "").lower()
    if not allowed.isdisjoint({host, f"{host}:{parts.port}"}):
        return
    wanted = f"--only-local: {card.model} is at {card.endpoint}, and pictures would be sent "
    if proxy := _proxy(parts.scheme, host):
        if proxy not in allowed:
            raise BadInput(f"{wanted}through the proxy {proxy}; set NO_PROXY={host}, or allow it by --allow {proxy}")
        return
    if not here(host):
        raise BadInput(f"{wanted}to another machine; allow it by --allow {host or 'HOST'}, or leave --only-local out")
    if card.model.lower().endswith(CLOUD):
        raise BadInput(f"{wanted}on to its vendor, as its name says; use a model that runs here, or --allow {host}")


def here(host: str) -> bool:
    """Whether every address of the host is this machine's own. False for a name that has none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    addresses = {ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found}
    return bool(addresses) and all(map(_mine, addresses))


def _mine(address: Address) -> bool:
    plain = (address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None) or address
    return plain.is_loopback or plain.is_unspecified or plain in own()


def own() -> set[Address]:
    """The addresses of this machine's interfaces, as Linux lists them; none elsewhere."""
    found: set[Address] = set()
    last = ""
    for line in _lines("/proc/net/fib_trie"):
        words = line.split()
        if "|--" in words:
            last = words[-1]
        elif words[:3] == ["/32", "host", "LOCAL"] and last:
            found.add(ipaddress.ip_address(last))
    for line in _lines("/proc/net/if_inet6"):
        found.add(ipaddress.IPv6Address(bytes.fromhex(line.split()[0])))
    return found


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _proxy(scheme: str, host: str) -> str:
    """The host of the proxy that the environment puts before this one; empty for none."""
    if proxy_bypass(host):
        return ""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all") or ""
    return (urlsplit(proxy if "://" in proxy else f"//{proxy}").hostname or "") if proxy else ""

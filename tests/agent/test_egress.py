"""--only-local: no picture leaves this machine, whatever way it would take."""

from __future__ import annotations

import socket

import pytest

from agent.egress import here, keep, own
from envs.errors import BadInput
from envs.types import Card


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def card(endpoint: str, model: str = "qwen3-vl-8b") -> Card:
    return Card(model=model, endpoint=endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:8000/v1",
        "http://127.9.9.9/v1",
        "http://localhost:8000/v1",
        "http://[::1]:8000/v1",
        "http://[::ffff:127.0.0.1]:8000/v1",
        "http://0.0.0.0:8000/v1",
        "",
    ],
)
def test_what_is_on_this_machine_may_have_pictures(endpoint: str) -> None:
    keep("a", (card(endpoint),))


def test_an_address_of_ones_own_interfaces_is_this_machine() -> None:
    assert all(here(str(address)) for address in own())
    assert here(next(str(each) for each in own() if each.version == 4 and not each.is_loopback))


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        pytest.param("https://api.anthropic.com", "api.anthropic.com", id="a vendor, resolved or not"),
        pytest.param("http://10.255.255.254:8000/v1", "10.255.255.254", id="a machine beside this one"),
        pytest.param("http://nowhere.invalid/v1", "nowhere.invalid", id="a name without an address"),
        pytest.param("http://127.0.0.1.nip.invalid/v1", "127.0.0.1.nip.invalid", id="a name like an address"),
        pytest.param("http://127.0.0.1@192.0.2.77/v1", "192.0.2.77", id="an address as the user's name"),
        pytest.param("not a url", "HOST", id="no URL"),
    ],
)
def test_what_is_elsewhere_is_refused_by_name(endpoint: str, host: str) -> None:
    with pytest.raises(BadInput, match="another machine") as wrong:
        keep("a", (card("http://127.0.0.1/v1"), card(endpoint)))
    assert f"--allow {host}" in str(wrong.value)


def test_a_name_with_one_address_elsewhere_is_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(*_: object, **__: object) -> list[object]:
        return [(2, 1, 6, "", ("127.0.0.1", 0)), (2, 1, 6, "", ("198.51.100.7", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    assert not here("both.example")


@pytest.mark.parametrize("allowed", ["models.example", "MODELS.example", "models.example:8443"])
def test_a_host_that_is_allowed_may_have_pictures(allowed: str) -> None:
    keep("a", (card("https://models.example:8443/v1"),), (allowed,))


@pytest.mark.parametrize("allowed", ["example", "models.example:443", "odels.example"])
def test_another_host_that_is_allowed_changes_nothing(allowed: str) -> None:
    with pytest.raises(BadInput):
        keep("a", (card("https://models.example:8443/v1"),), (allowed,))


def test_an_agent_that_does_not_say_where_it_sends_pictures_is_refused() -> None:
    with pytest.raises(BadInput, match="the agent theirs does not say where it sends pictures"):
        keep("theirs", None)
    keep("idle", ())


def test_a_proxy_before_this_machine_is_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    with pytest.raises(BadInput, match=r"through the proxy proxy\.example; set NO_PROXY=127\.0\.0\.1"):
        keep("a", (card("http://127.0.0.1:8000/v1"),))
    keep("a", (card("http://127.0.0.1:8000/v1"),), ("proxy.example",))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    keep("a", (card("http://127.0.0.1:8000/v1"),))


def test_a_model_that_is_served_here_and_runs_elsewhere_is_refused() -> None:
    with pytest.raises(BadInput, match="on to its vendor"):
        keep("a", (card("http://127.0.0.1:11434/v1", "qwen3-vl:235b-cloud"),))

"""Prices: money only where a sourced row says it, a cached token at its own price."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.base import Usage
from agent.models.prices import OURS, price, rows
from envs.errors import BadInput

CLAUDE = "https://api.anthropic.com/v1"
USAGE = Usage(input_tokens=1_000_000, output_tokens=100_000)


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "prices.toml"
    monkeypatch.setenv("HANDEYE_PRICES", str(path))
    return path


@pytest.mark.parametrize(
    ("model", "usage", "written", "usd"),
    [
        pytest.param("claude-opus-5-5", USAGE, 0, 4 + 2, id="fresh"),
        pytest.param("claude-opus-5", USAGE, 0, 5 + 2.5, id="a name that another begins with"),
        pytest.param("claude-opus-5-20260401", USAGE, 0, 5 + 2.5, id="a dated name"),
        pytest.param(
            "claude-opus-5-5",
            Usage(input_tokens=1_000_000, cached_tokens=900_000),
            0,
            0.1 * 4 + 0.9 * 0.2,
            id="read from a cache",
        ),
        pytest.param(
            "claude-opus-5-5",
            Usage(input_tokens=1_000_000, cached_tokens=500_000),
            300_000,
            0.2 * 4 + 0.5 * 0.2 + 0.3 * 5,
            id="written into a cache",
        ),
        pytest.param("claude-fable-5", USAGE, 0, 10 + 5, id="no price of a cache, and none used"),
        pytest.param("claude-opus-5-5", Usage(), 0, 0, id="nothing"),
    ],
)
def test_a_call_costs_what_the_list_says(model: str, usage: Usage, written: int, usd: float) -> None:
    assert price(model, CLAUDE, usage, written=written) == pytest.approx(usd)


@pytest.mark.parametrize(
    ("model", "endpoint", "usage"),
    [
        pytest.param("claude-opus-5-5", "https://proxy.example/v1", USAGE, id="the same model elsewhere"),
        pytest.param("claude-haiku-5-5", CLAUDE, USAGE, id="a list that says only 'from'"),
        pytest.param("claude-opus-9", CLAUDE, USAGE, id="a model of which nothing is known"),
        pytest.param("claude-fable-5", CLAUDE, Usage(input_tokens=9, cached_tokens=1), id="a cache without a price"),
        pytest.param("qwen3-vl-8b", "http://127.0.0.1:8000/v1", USAGE, id="a model of one's own"),
    ],
)
def test_no_money_is_named_where_no_row_says_it(model: str, endpoint: str, usage: Usage) -> None:
    assert price(model, endpoint, usage) is None


def test_every_row_says_where_it_comes_from_and_when() -> None:
    assert rows(OURS)
    assert all(row.source and row.as_of and row.endpoint for row in rows(OURS))


def test_ones_own_rows_come_first(own: Path) -> None:
    own.write_text(
        '[[price]]\nmodel = ["claude-opus-*"]\nendpoint = "api.anthropic.com"\ninput = 1\noutput = 1\n'
        'source = "a contract"\nas_of = "2026-11"\n'
        '[[price]]\nmodel = "*"\nendpoint = "127.0.0.1"\ninput = 0\noutput = 0\nsource = "ours"\nas_of = "2026-11"\n'
    )
    assert price("claude-opus-5-5", CLAUDE, USAGE) == pytest.approx(1.1)
    assert price("claude-sonnet-5", CLAUDE, USAGE) == pytest.approx(3.0)
    assert price("qwen3-vl-8b", "http://127.0.0.1:8000/v1", USAGE) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("price = [", "is not TOML", id="no TOML"),
        pytest.param("[[prices]]\n", "its rows are written [[price]]", id="another name"),
        pytest.param('[[price]]\nmodel = "x"\n', "missing required field `endpoint`", id="a field is missing"),
        pytest.param(
            '[[price]]\nmodel="x"\nendpoint="y"\ninput=-1\noutput=1\nsource="z"\nas_of="2026"\n',
            ">= 0",
            id="a price below nothing",
        ),
    ],
)
def test_a_list_that_cannot_be_read_is_one_line(own: Path, text: str, said: str) -> None:
    own.write_text(text)
    with pytest.raises(BadInput, match=r"prices\.toml") as wrong:
        price("x", CLAUDE, USAGE)
    assert said in str(wrong.value)

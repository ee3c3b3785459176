"""Names to things: what can be written, what is said of what cannot, and third parties' things."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.registry import Spec, load, make, near, parse
from envs.errors import BadInput


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        pytest.param("oracle", Spec("oracle"), id="a name"),
        pytest.param("random()", Spec("random"), id="no options"),
        pytest.param("random(seed=3, stop=0.5)", Spec("random", {"seed": 3, "stop": 0.5}), id="numbers"),
        pytest.param("a(x=true,y=False,z=none)", Spec("a", {"x": True, "y": False, "z": None}), id="words"),
        pytest.param("replay(run=runs/a-b.c:d)", Spec("replay", {"run": "runs/a-b.c:d"}), id="text without quotes"),
        pytest.param('a(x="b, (c)=\\"d\\"", y=\'3\')', Spec("a", {"x": 'b, (c)="d"', "y": "3"}), id="text in quotes"),
        pytest.param("my.agents:Corner", Spec("my.agents:Corner"), id="an attribute of a module"),
        pytest.param(
            "planner_grounder(planner=claude:big-4, grounder=openai_chat(url=http://127.0.0.1:1/v1, n=2,))",
            Spec(
                "planner_grounder",
                {
                    "planner": "claude:big-4",
                    "grounder": Spec("openai_chat", {"url": "http://127.0.0.1:1/v1", "n": 2}),
                },
            ),
            id="nested",
        ),
    ],
)
def test_what_is_written_is_read_and_can_be_written_again(text: str, spec: Spec) -> None:
    assert parse(text) == spec
    assert parse(str(spec)) == spec


@pytest.mark.parametrize(
    "text", ["", "a(", "a(b", "a(b=)", "a(b=1", "a(1=2)", "a(b=1)c", "a)b", "a(b=1, b=2)", "=", "a(,)"]
)
def test_what_cannot_be_read_is_one_line(text: str) -> None:
    with pytest.raises(BadInput) as said:
        parse(text)
    assert "\n" not in str(said.value)


def test_a_toml_file_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text('name = "outer"\nseed = 3\n[inner]\nname = "nested"\ntext = "a b"\n')
    assert parse(str(path)) == Spec("outer", {"seed": 3, "inner": Spec("nested", {"text": "a b"})})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(None, "cannot read .*: No such file", id="not there"),
        pytest.param("= 3", "is not TOML", id="not TOML"),
        pytest.param("seed = 3", "must say which it is", id="without a name"),
        pytest.param('name = "a"\nx = [1]', "an option must be text", id="a list"),
    ],
)
def test_a_toml_file_that_says_nothing_is_one_line(tmp_path: Path, content: str | None, reason: str) -> None:
    path = tmp_path / "agent.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadInput, match=reason):
        parse(str(path))


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        ("agents", "orcale", r"no agent named 'orcale'; did you mean 'oracle'\?"),
        ("desktops", "dokcer", r"no desktop named 'dokcer'; did you mean 'docker'\?"),
        ("suites", "zzz", r"no suite named 'zzz'; there is .*smoke"),
        ("agents", "no.such.module:Agent", "there is no module 'no'"),
        ("agents", "agent.backends.idle:Idel", r"has no 'Idel'; did you mean 'Idle'\?"),
        ("agents", "agent.backends.random:WORDS", "which cannot be called"),
    ],
)
def test_an_unknown_name_is_answered_with_the_near_one(kind: str, name: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        load(kind, name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (Spec("random", {"sed": 1}), r"random has no option 'sed'; did you mean 'seed'\?"),
        (Spec("idle", {"seed": 1}), "idle has no option 'seed'"),
    ],
)
def test_an_unknown_option_is_answered_with_the_near_one(spec: Spec, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        make("agents", spec)


def test_an_agent_is_made_with_its_options_and_agents_among_them() -> None:
    assert make("agents", Spec("random", {"seed": 5})).name == "random"
    nested = make("agents", Spec("test_registry:pair", {"first": Spec("idle"), "second": 3}))
    assert (nested[0].name, nested[1]) == ("idle", 3)


def pair(first: object, second: int) -> tuple[object, int]:
    return first, second


def test_a_missing_option_is_named() -> None:
    with pytest.raises(BadInput, match=r"test_registry:pair needs second: write test_registry:pair\(second=...\)"):
        make("agents", Spec("test_registry:pair", {"first": 1}))


def test_a_module_that_cannot_be_imported_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "brokenagent.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BadInput, match="brokenagent raised ZeroDivisionError"):
        load("agents", "brokenagent:A")


def test_a_far_name_lists_what_there_is() -> None:
    assert near("zzz", ["b", "a"]) == "; there is a, b"
    assert near("zzz", []) == ""

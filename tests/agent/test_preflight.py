"""Before a run's first desktop: what cannot be is one line, nothing is written, and what is known is recorded."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli import run
from envs.types import Point
from scoring.record import Run, read_run
from tests.dialects.relay import KEY
from tests.dialects.server import Dialects

HERE = Path(__file__).parent
FAKE = ("--desktop", "fake", "--size", "1280x800", "--task", "chores/milk*")
Out = pytest.CaptureFixture[str]
QWEN = "Qwen/Qwen3-VL-8B-Instruct"


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDEYE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HANDEYE_PRICES", str(tmp_path / "prices.toml"))
    monkeypatch.setenv(KEY, "a-key-that-is-long")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(HERE)


@pytest.fixture
def served() -> Iterator[Dialects]:
    with Dialects() as server:
        yield server


def spec(served: Dialects, model: str = QWEN, **options: object) -> str:
    more = "".join(f", {key}={str(value).lower()}" for key, value in options.items())
    return f'openai_chat(model="{model}", base_url="{served.url}/v1", api_key_env={KEY}{more})'


def say(capsys: Out, *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run([*words])
    out, err = capsys.readouterr()
    return code, out, err


def refused(capsys: Out, *words: str) -> str:
    """The one line on stderr."""
    code, out, err = say(capsys, "run", "chores:suite", *FAKE, *words)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert not Path("runs").exists()
    return err


def recorded(folder: str) -> Run:
    return read_run(Path(folder))[0]


def asked(served: Dialects) -> int:
    return len([each for each in served.traffic.came if each.path.endswith("completions")])


def test_a_run_records_whose_model_it_is_what_its_endpoint_says_and_how_it_points(
    capsys: Out, served: Dialects
) -> None:
    say(capsys, "run", "chores:suite", *FAKE, "--agent", spec(served), "--out", "r")
    made = recorded("r")
    (card,), (about,), (calibration,) = made.cards, made.abouts, made.calibration
    assert (card.model, card.family, card.weights, card.licence) == (QWEN, "qwen3vl", "open", "Apache-2.0")
    assert (card.endpoint, about.endpoint) == (f"{served.url}/v1", f"{served.url}/v1")
    assert QWEN in about.models
    assert (calibration.verdict, calibration.found) == ("right", 5)
    assert len(calibration.calls) == 5


@pytest.mark.parametrize(
    ("family", "cause"),
    [
        pytest.param("qwen3vl(divisor=500)", "wrong divisor: it counts to about 1000", id="a wrong divisor"),
        pytest.param("qwen25vl", "unscaled coordinates", id="taken for pixels"),
    ],
)
def test_a_model_that_is_wired_wrongly_is_not_scored(capsys: Out, served: Dialects, family: str, cause: str) -> None:
    wrong = f'openai_chat(model="{QWEN}", base_url="{served.url}/v1", family={family}, force=true)'
    line = refused(capsys, "--agent", wrong)
    assert "is wired wrongly" in line
    assert cause in line


def test_one_that_says_y_before_x_is_not_scored_either(capsys: Out, served: Dialects) -> None:
    assert "swapped axes" in refused(capsys, "--agent", spec(served, f"{QWEN}@swapped"))


def test_a_calibration_that_is_not_wanted_is_left_out_and_the_record_says_so(capsys: Out, served: Dialects) -> None:
    say(capsys, "run", "chores:suite", *FAKE, "--agent", spec(served), "--no-calibrate", "--out", "r")
    made = recorded("r")
    assert made.calibration == ()
    assert made.options["calibration"] == "no"


def test_a_family_that_is_not_the_models_is_named(capsys: Out, served: Dialects) -> None:
    line = refused(capsys, "--agent", spec(served, family="opencua"))
    assert f"{QWEN} speaks as the family qwen3vl, not as opencua" in line
    assert asked(served) == 0


def test_a_model_that_the_endpoint_does_not_have_is_named_with_those_near(capsys: Out, served: Dialects) -> None:
    line = refused(capsys, "--agent", spec(served, "Qwen/Qwen3-VL-80B-Instruct"))
    assert "has no model 'Qwen/Qwen3-VL-80B-Instruct'" in line
    assert QWEN in line


def test_fewer_pictures_than_the_history_are_found_out(capsys: Out) -> None:
    with Dialects(most_pictures=2) as served:
        line = refused(capsys, "--agent", spec(served))
    assert "takes 2 pictures at once, and qwen3vl sends 4" in line
    assert "pictures=2" in line


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("127.0.0.1:8000/v1", "is not a URL", id="no URL"),
        pytest.param("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1", id="nobody there"),
    ],
)
def test_an_endpoint_that_is_none_is_named(capsys: Out, url: str, said: str) -> None:
    assert said in refused(capsys, "--agent", f'openai_chat(model=m, base_url="{url}", family=qwen3vl)')


def test_a_key_that_is_missing_is_named_by_its_variable(capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    agent = 'openai_chat(model=m, base_url="https://models.invalid/v1", family=qwen3vl, api_key_env=NO_SUCH_KEY)'
    assert "NO_SUCH_KEY" in refused(capsys, "--agent", agent)


def test_only_local_refuses_before_anything_is_sent(capsys: Out, served: Dialects) -> None:
    elsewhere = f'openai_chat(model=m, base_url="http://192.0.2.7:8000/v1", family=qwen3vl, api_key_env={KEY})'
    line = refused(capsys, "--agent", elsewhere, "--only-local")
    assert "allow it by --allow 192.0.2.7" in line
    pair = f"planner_grounder(planner={spec(served)}, grounder={elsewhere})"
    assert "192.0.2.7" in refused(capsys, "--agent", pair, "--only-local")
    assert served.traffic.came == []


def test_only_local_lets_pass_what_is_here_and_what_plays_by_itself(capsys: Out, served: Dialects) -> None:
    code, *_ = say(capsys, "run", "chores:suite", *FAKE, "--agent", "oracle", "--only-local", "--out", "a")
    assert code == 0
    say(capsys, "run", "chores:suite", *FAKE, "--agent", spec(served), "--only-local", "--out", "b")
    assert recorded("b").options["only_local"] == "yes"


def test_a_limit_in_dollars_wants_a_price(capsys: Out, served: Dialects, tmp_path: Path) -> None:
    line = refused(capsys, "--agent", spec(served), "--max-usd", "1")
    assert f"no list has one of {QWEN} at {served.url}/v1" in line
    (tmp_path / "prices2.toml").write_text(
        '[[price]]\nmodel = "*"\nendpoint = "127.0.0.1"\ninput = 1.0\noutput = 2.0\nread = 0.1\nwrite = 1.0\n'
        'source = "a guess"\nas_of = "2026-11-25"\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDEYE_PRICES", str(tmp_path / "prices2.toml"))
        say(capsys, "run", "chores:suite", *FAKE, "--agent", spec(served), "--max-usd", "1", "--out", "r")
    (calibration,) = recorded("r").calibration
    assert all(call.usd for call in calibration.calls)


def test_a_prompt_of_ones_own_is_sent_and_kept_and_may_not_change(
    capsys: Out, served: Dialects, tmp_path: Path
) -> None:
    served.traffic.keep_bodies = True
    prompt = tmp_path / "vendor.md"
    prompt.write_text("You are a machine for clicking. Task: {goal}")
    words = ("--agent", spec(served), "--prompt", str(prompt), "--out", "r", "--max-tokens", "1")
    say(capsys, "run", "chores:suite", *FAKE, *words)
    assert recorded("r").options[f"prompt {prompt}"] == "You are a machine for clicking. Task: {goal}"
    prompt.write_text("Another one.")
    code, _, err = say(capsys, "run", "--resume", "r", "--max-tokens", "1000000")
    assert code == 2
    assert f"the prompt {prompt} is not what it was" in err
    prompt.write_text("You are a machine for clicking. Task: {goal}")
    say(capsys, "run", "--resume", "r", "--max-tokens", "1000000")
    sent = [json.dumps(each.body) for each in served.traffic.came if each.path.endswith("completions")]
    assert any("You are a machine for clicking" in body for body in sent)


def test_what_else_a_server_takes_is_sent_as_it_is(capsys: Out, served: Dialects) -> None:
    served.traffic.keep_bodies = True
    agent = spec(served)[:-1] + ', extra=\'{"chat_template_kwargs": {"enable_thinking": false}}\')'
    say(capsys, "doctor", "--agent", agent)
    sent = [each.body for each in served.traffic.came if each.path.endswith("completions")]
    assert sent
    assert all(body["chat_template_kwargs"] == {"enable_thinking": False} for body in sent)
    assert "extra must be a JSON object" in refused(capsys, "--agent", spec(served, extra="top_k"))


def test_an_agent_without_a_prompt_says_so(capsys: Out, tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text("x")
    assert "idle has no prompt that could be replaced" in refused(capsys, "--agent", "idle", "--prompt", "p.md")


def test_a_run_that_is_gone_on_with_is_not_calibrated_again(capsys: Out, served: Dialects) -> None:
    say(capsys, "run", "chores:suite", *FAKE, "--agent", spec(served), "--out", "r", "--max-tokens", "1")
    before, found = asked(served), recorded("r").calibration
    assert found
    code, _, err = say(capsys, "run", "--resume", "r")
    assert (code, asked(served)) == (2, before)
    assert "give it more" in err
    say(capsys, "run", "--resume", "r", "--max-tokens", "100000")
    assert recorded("r").calibration == found
    located = [each for each in served.traffic.came[before:] if len(each.pictures) == 1 and "cross" in str(each.body)]
    assert located == []


class Vague:
    """Points at one place, whatever is asked for."""

    name = "vague"
    cards = ()

    def begin(self, goal: str) -> None: ...

    def act(self, seen: object) -> object:
        raise NotImplementedError

    def close(self) -> None: ...

    def locate(self, png: bytes, description: str) -> object:
        from agent.base import Spot

        return Spot(at=Point(x=5, y=6))


def test_one_that_points_at_one_place_is_warned_of_and_may_go_on(capsys: Out) -> None:
    _, _, err = say(capsys, "run", "chores:suite", *FAKE, "--agent", "test_preflight:Vague", "--out", "r")
    assert "vague could not be calibrated: it points at one place" in err
    assert recorded("r").calibration[0].verdict == "unsure"


class Broken(Vague):
    """Cannot be made."""

    def __init__(self) -> None:
        raise ValueError("no such luck")


def test_an_agent_that_cannot_be_made_stops_the_run_before_it_begins(capsys: Out) -> None:
    assert "cannot be made: it raised ValueError('no such luck')" in refused(
        capsys, "--agent", "test_preflight:Broken"
    )


def test_doctor_says_what_the_endpoint_is_takes_and_costs_and_how_the_model_points(
    capsys: Out, served: Dialects
) -> None:
    code, out, _ = say(capsys, "doctor", "--agent", spec(served))
    assert code == 0
    assert re.search(r"134, 334 .* 13\d, 33\d", out), out
    assert f"{QWEN}: no price is known at {served.url}/v1" in out
    assert re.search(r"Qwen3-VL-8B-Instruct: right \(scale [01]\.?\d*, [01]\.?\d*\), \d\.\d\d s a call", out)
    made = json.loads(say(capsys, "doctor", "--agent", spec(served), "--json")[1])
    assert (made["right"], len(made["calibration"][0]["points"])) == (True, 5)
    assert made["used"]["input_tokens"] > 0
    assert len([each for each in served.traffic.came if len(each.pictures) == 1]) == 10, "one call per cross"


def test_doctor_names_what_is_wired_wrongly_and_is_exit_1(capsys: Out, served: Dialects) -> None:
    wrong = f'openai_chat(model="{QWEN}", base_url="{served.url}/v1", family=qwen3vl(divisor=500), force=true)'
    code, out, _ = say(capsys, "doctor", "--agent", wrong)
    assert code == 1
    assert "wrong divisor" in out


def test_the_card_of_an_agent_can_be_looked_at_without_asking_anybody(capsys: Out, served: Dialects) -> None:
    code, out, _ = say(capsys, "agents", spec(served), "--json")
    (card,) = json.loads(out)
    assert (code, card["family"], card["weights"], card["can"]) == (0, "qwen3vl", "open", ["act", "ask", "locate"])
    assert served.traffic.came == []


ARGUMENTS = '{"action": "left_click", "coordinate": [500, 250]}'
CALL = f'<tool_call>\n{{"name": "computer_use", "arguments": {ARGUMENTS}}}\n</tool_call>'
CLICK = [{"kind": "click", "at": {"x": 960, "y": 270}, "button": "left", "count": 1, "holding": []}]


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(CALL, id="the words"),
        pytest.param(json.dumps({"role": "assistant", "content": CALL}), id="a message"),
        pytest.param(
            json.dumps({"choices": [{"message": {"content": None, "reasoning": CALL}, "finish_reason": "stop"}]}),
            id="a chat completion, all of it in the reasoning",
        ),
        pytest.param(
            json.dumps(
                {
                    "content": "",
                    "tool_calls": [
                        {
                            "id": "1",
                            "function": {
                                "name": "computer_use",
                                "arguments": ARGUMENTS,
                            },
                        }
                    ],
                }
            ),
            id="a tool call that the server took out",
        ),
    ],
)
def test_decode_says_what_a_reply_means(capsys: Out, monkeypatch: pytest.MonkeyPatch, reply: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(reply))
    code, out, _ = say(capsys, "decode", "--family", "qwen3vl", "--screen", "1920x1080")
    assert (code, json.loads(out)["actions"]) == (0, CLICK)


@pytest.mark.parametrize(
    ("family", "reply", "action"),
    [
        pytest.param(
            "claude",
            [{"type": "tool_use", "id": "a", "name": "left_click", "toolset_name": "computer",
              "input": {"coordinate": [960, 270]}}],
            CLICK[0], id="Anthropic's blocks",
        ),
        pytest.param(
            "openai",
            {"output": [{"type": "computer_call", "call_id": "c", "pending_safety_checks": [],
                         "actions": [{"type": "click", "x": 960, "y": 270, "button": "left"}]}]},
            CLICK[0], id="OpenAI's response",
        ),
    ],
)  # fmt: skip
def test_decode_reads_the_vendors_own_json(
    capsys: Out, monkeypatch: pytest.MonkeyPatch, family: str, reply: object, action: object
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(reply)))
    code, out, _ = say(capsys, "decode", "--family", family)
    assert (code, json.loads(out)["actions"]) == (0, [action])


def test_decode_says_why_there_is_nothing_to_do(capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("I would click the button."))
    code, out, _ = say(capsys, "decode", "--family", "qwen3vl")
    assert code == 1
    assert json.loads(out)["why_not"] == "there is no tool call in your reply"


def test_decode_reads_a_point(capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("(966, 546)"))
    code, out, _ = say(capsys, "decode", "--family", "gta1", "--sent", "1932x1092")
    assert (code, json.loads(out)["point"]) == (0, {"x": 960, "y": 540})


@pytest.mark.parametrize(
    ("words", "reply", "said"),
    [
        pytest.param(("--family", "qwen3lv"), "x", "no family named 'qwen3lv'; did you mean 'qwen3vl'?", id="family"),
        pytest.param(("--family", "qwen3vl"), " ", "there is nothing to decode", id="nothing"),
        pytest.param(("--family", "qwen3vl"), '{"choices": []}', "looks like a vendor's JSON", id="half a reply"),
        pytest.param(("--family", "qwen3vl", "--screen", "big"), "x", "cannot read the size 'big'", id="screen"),
    ],
)
def test_decode_refuses_what_cannot_be_in_one_line(
    capsys: Out, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], reply: str, said: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(reply))
    code, out, err = say(capsys, "decode", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err

"""Putting items to agents: in words and in their own way of pointing, strictly, resumably, never to the miswired."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from agent.answering import FILE, Plan, Wish, perform, plan
from agent.base import Answer, Decision
from agent.budget import Allowance
from agent.calibration import picture as crossed
from agent.cli import run
from agent.models.base import Message, Picture, Reply, Text, TooManyPictures
from agent.native import Native
from agent.preflight import Rules
from agent.questions import Powers, chosen, picture_tokens, questions
from agent.registry import Spec, make
from envs.errors import AccessLost, BadInput, EndpointFault
from envs.types import Observation, Point, Rect, Size
from scoring.understanding import responses
from scoring.understanding.items import Choice, Item, Place, Words
from scoring.understanding.responses import Response
from scoring.understanding.rungs import scores
from scoring.understanding.sitting import read as begun
from tests.agent.scripted import Model as Scripted
from tests.dialects.relay import KEY
from tests.dialects.server import Dialects, model_of
from tests.scoring import banked
from tests.scoring.banked import SCREEN, bank, choices, doneness, made, orders, places, stored

NO_CHECK = Rules(calibrate=False)
ASK = Powers(ask=True, show=True, locate=False)


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDEYE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HANDEYE_PRICES", str(tmp_path / "prices.toml"))
    monkeypatch.chdir(tmp_path)


class Model(Scripted):
    """Says its words to questions; how many pictures it takes is seen to without them."""

    def complete(self, messages: Sequence[Message], **more: Any) -> Reply:
        if any(
            isinstance(part, Text) and part.text.startswith("Answer with the word") for part in messages[-1].parts
        ):
            return Reply(text="yes")
        return super().complete(messages, **more)


class Sized(Model):
    """A model whose vendor takes pictures half as wide and high."""

    def fit(self, size: Size) -> Size | None:
        return Size(width=size.width // 2, height=size.height // 2)


def native(model: Model) -> Native:
    return Native(model, make("families", Spec("json")), name="scripted")


def wished(tmp_path: Path, items: list[Item], **more: object) -> Wish:
    folder = bank(tmp_path / "bank", items)
    return Wish(bank=folder, agent="scripted", out=tmp_path / "out", **{"rules": NO_CHECK, **more})  # type: ignore[arg-type]  # as they are named


def put_to(tmp_path: Path, items: list[Item], model: Model, **more: object) -> tuple[Plan, bool, list[Response]]:
    planned = plan(wished(tmp_path, items, **more), lambda: native(model))
    finished = perform(planned)
    return planned, finished, list(responses.read(tmp_path / "out" / FILE))


def knowing(items: Sequence[Item]) -> Callable[[str], str]:
    """Whoever knows the right option of each of these choices, wherever it stands; yes, of anything else."""
    by_question = {item.question: item for item in items}

    def says(words: str) -> str:
        item = next((item for question, item in by_question.items() if f"\n\n{question}\n\n" in f"\n\n{words}"), None)
        if item is None or not isinstance(item.truth, Choice):
            return "ANSWER: yes"
        found = re.search(rf"^([A-Z])\) {re.escape(item.options[item.truth.option])}$", words, re.MULTILINE)
        assert found
        return f"It is the one.\nANSWER: {found[1]}"

    return says


def test_a_choice_is_asked_in_two_orders_and_the_letter_is_read_by_the_order_shown(tmp_path: Path) -> None:
    items = choices(12)
    _, finished, answered = put_to(tmp_path, items, Model([knowing(items)]))
    assert finished
    assert len(answered) == 24
    assert {response.rotation for response in answered} == {0, 1}
    assert {response.score for response in answered} == {1.0}
    assert all(response.calls[0].input_tokens == 100 for response in answered)


def test_the_last_line_is_asked_for_once_more_in_words_alone(tmp_path: Path) -> None:
    items = [made("L4", 0, Words(accepted=("yes",)), "Is it done?", pictures=(_shown(tmp_path),))]
    model = Model(["It is done, I would say.", "ANSWER: yes"])
    _, _, (answer,) = put_to(tmp_path, items, model)
    assert (answer.status, answer.score, len(answer.calls)) == ("repaired", 1.0, 2)
    assert len(model.pictures(0)) == 1
    assert model.pictures(1) == []
    assert "It is done, I would say." in model.words(1)
    assert "Is it done?" not in model.words(1)


def test_what_cannot_be_read_after_that_is_invalid_and_not_asked_a_third_time(tmp_path: Path) -> None:
    items = choices(1)
    model = Model(["I like option B."])
    _, _, answered = put_to(tmp_path, items, model)
    assert [(each.status, each.score, each.given) for each in answered] == 2 * [("invalid", 0.0, "")]
    assert len(model.sent) == 4


def test_an_endpoints_fault_is_recorded_and_asked_again_when_it_is_gone_on_with(tmp_path: Path) -> None:
    items = choices(3)
    _, _, first = put_to(tmp_path, items, Model([EndpointFault("529 overloaded"), knowing(items)]))
    assert [each.status for each in first].count("error") == 1
    planned, _, both = put_to(tmp_path, items, Model([knowing(items)]))
    assert (len(planned.left), len(both)) == (1, 7)
    (score,) = scores(items, both)
    assert (score.errors, score.score.value) == (0, 1.0)


def test_a_refusal_is_invalid_and_no_fault_of_the_endpoint(tmp_path: Path) -> None:
    _, _, (answer,) = put_to(tmp_path, doneness(2)[:1], Model([Reply(stop="refusal", refusal="not this")]))
    assert (answer.status, answer.score) == ("invalid", 0.0)
    assert "refused" in answer.raw


def test_more_pictures_than_an_endpoint_takes_say_nothing_of_the_model(tmp_path: Path) -> None:
    items = [made("L4", 0, Words(accepted=("yes",)), "Is it done?", pictures=(_shown(tmp_path),))]
    _, _, (answer,) = put_to(tmp_path, items, Model([TooManyPictures(1)]))
    assert (answer.status, answer.score) == ("error", None)
    assert "at most 1 pictures" in answer.raw


def test_where_access_is_lost_the_asking_stops_and_what_was_answered_stays(tmp_path: Path) -> None:
    items = choices(4)
    model = Model([knowing(items), knowing(items), AccessLost("the key is no longer valid")])
    with pytest.raises(AccessLost, match="no longer valid"):
        put_to(tmp_path, items, model)
    assert len(list(responses.read(tmp_path / "out" / FILE))) == 2


def test_a_point_in_words_is_one_of_the_picture_as_it_was_sent(tmp_path: Path) -> None:
    box = Rect(x=300, y=200, width=60, height=30)
    name = stored(tmp_path / "bank", banked.picture(box))
    items = [made("L1", 0, Place(boxes=(box,)), "Point at the red box.", pictures=(name,))]
    model = Sized([lambda words: "ANSWER: 160, 105" if "ANSWER:" in words else "no point"])
    _, _, answered = put_to(tmp_path, items, model)
    (words,) = [each for each in answered if not each.native]
    assert (words.at, words.given, words.score) == (Point(x=320, y=210), "160,105", 1.0)
    assert "pictures sent at 320x200" in words.calls[0].notes
    sent = [model.words(at) for at in range(len(model.sent)) if "ANSWER:" in model.words(at)]
    assert "320x200 pixels" in sent[0]


def test_pointing_is_asked_in_the_models_own_way_and_in_words(tmp_path: Path) -> None:
    items = places(tmp_path / "bank", 6)
    target = {item.question.removeprefix("Point at ").removesuffix("."): item for item in items}

    def says(words: str) -> str:
        if "ANSWER:" in words:
            return "ANSWER: NONE"
        item = next(item for described, item in target.items() if described in words)
        assert isinstance(item.truth, Place)
        if not item.truth.boxes:
            return json.dumps({"target": None})
        at = item.truth.boxes[0].centre
        return json.dumps({"target": [round(at.x / 640 * 1000), round(at.y / 400 * 1000)]})

    _, _, answered = put_to(tmp_path, items, Model([says]))
    native_ones = [each for each in answered if each.native]
    assert [each.status for each in native_ones] == 6 * ["ok"]
    assert {each.score for each in native_ones} == {1.0}
    assert "NONE" in {each.given for each in native_ones}
    (score,) = scores(items, answered)
    assert score.score.value == pytest.approx(1.0)
    assert score.words is not None
    assert score.words.value < 0.3


SAID = [
    pytest.param("json", '{"target": null}', "NONE", "ok", id="null in JSON"),
    pytest.param("internvl", "none", "NONE", "ok", id="the word of InternVL's prompt"),
    pytest.param("pyautogui", "Not there.", "NONE", "ok", id="the words of the code prompt"),
    pytest.param("internvl", "Let me see.", "", "invalid", id="no point at all"),
    pytest.param("json", '{"target": [5000, 20]}', "outside", "ok", id="a point off the picture"),
]


@pytest.mark.parametrize(("family", "reply", "given", "status"), SAID)
def test_not_there_in_a_familys_own_words_is_told_from_no_answer(
    family: str, reply: str, given: str, status: str, tmp_path: Path
) -> None:
    name = _shown(tmp_path)
    items = [made("L1", 0, Place(boxes=()), "Point at the red box.", pictures=(name,), facet="absent")]
    agent = Native(Model([reply]), make("families", Spec(family)), name="scripted")
    perform(plan(wished(tmp_path, items), lambda: agent))
    (answer,) = [each for each in responses.read(tmp_path / "out" / FILE) if each.native]
    assert (answer.given, answer.status, answer.score) == (given, status, float(given == "NONE"))


def test_blind_it_is_shown_grey_pictures_of_the_same_size(tmp_path: Path) -> None:
    items = [made("L4", 0, Words(accepted=("yes",)), "Is it done?", pictures=(_shown(tmp_path),))]
    model = Model(["ANSWER: yes"])
    _, _, answered = put_to(tmp_path, items, model, blind=True)
    assert sorted(each.blind for each in answered) == [False, True]
    colours = {each.blind: _colours(model.pictures(at)[0]) for at, each in enumerate(answered)}
    assert colours[True] == [(128, 128, 128)]
    assert len(colours[False]) > 1
    assert {model.pictures(at)[0].size for at in range(2)} == {SCREEN}
    assert model.words(0) == model.words(1)


def test_pictures_go_out_byte_for_byte_where_their_size_is_right(tmp_path: Path) -> None:
    png = banked.picture(Rect(x=1, y=2, width=30, height=40))
    items = [made("L4", 0, Words(accepted=("yes",)), "?", pictures=(stored(tmp_path / "bank", png),))]
    model = Model(["ANSWER: yes"])
    put_to(tmp_path, items, model)
    assert model.pictures(0)[0].png == png


def test_a_purse_stops_the_asking_and_with_more_in_it_only_the_rest_is_asked(tmp_path: Path) -> None:
    items = choices(10)
    planned, finished, first = put_to(tmp_path, items, Model([knowing(items)]), allowance=Allowance(tokens=500))
    assert not finished
    assert "tokens used" in planned.purse.spent
    assert 4 <= len(first) <= 6
    path = tmp_path / "out" / FILE
    path.write_bytes(path.read_bytes() + b'{"item": "torn')
    again, finished, both = put_to(tmp_path, items, Model([knowing(items)]))
    assert finished
    assert len(again.left) == 20 - len(first)
    assert len({each.key for each in both}) == len(both) == 20


def test_several_at_once_answer_the_same_as_one_after_the_other(tmp_path: Path) -> None:
    items = [*choices(12), *orders(4)]
    found = []
    for name, jobs in (("one", 1), ("four", 4)):
        _, finished, answered = put_to(tmp_path / name, items, Model([knowing(items)]), jobs=jobs)
        assert finished
        found.append(sorted((each.key, each.given, each.score, each.order) for each in answered))
    assert found[0] == found[1]


@pytest.mark.parametrize("change", ["bank", "agent", "seed"])
def test_answers_of_something_else_are_not_gone_on_with(change: str, tmp_path: Path) -> None:
    items = choices(2)
    put_to(tmp_path, items, Model([knowing(items)]))
    other = wished(tmp_path, choices(3) if change == "bank" else items)
    if change != "bank":
        other = replace(other, **{change: {"agent": "another", "seed": 5}[change]})
    with pytest.raises(BadInput, match="choose another --out"):
        plan(other, lambda: native(Model(["ANSWER: A"])))


def test_what_it_will_take_is_known_before_it_starts(tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(
        '[[price]]\nmodel = "scripted"\nendpoint = "scripted.test"\ninput = 1.0\noutput = 4.0\n'
        'source = "a list"\nas_of = "2026-01-01"\n'
    )
    name = _shown(tmp_path)
    items = [made("L4", n, Words(accepted=("yes",)), f"Is it done? {n}", pictures=(name,)) for n in range(10)]
    cost = plan(wished(tmp_path, items), lambda: native(Model(["ANSWER: yes"]))).cost
    assert (cost.questions, cost.pictures, cost.output_tokens) == (10, 10, 2500)
    assert 10 * 23 * 15 < cost.input_tokens < 10 * (23 * 15 + 200)
    assert cost.usd == pytest.approx(cost.input_tokens * 1e-6 + 2500 * 4e-6)
    assert "10 questions with 10 pictures" in str(cost)


def test_a_picture_is_as_many_tokens_as_its_family_cuts_it_into() -> None:
    size = Size(width=1280, height=720)
    assert picture_tokens("qwen25vl", size) == 46 * 26
    assert picture_tokens("qwen3vl", size) == 40 * 23
    assert picture_tokens("internvl", size) == 256 * 7


def test_some_items_are_of_all_templates_alike_and_whole_pairs() -> None:
    items = [*doneness(60, tasks=6), *choices(60, tasks=6)]
    some = chosen(items, ("L3", "L4"), 12, seed=1)
    assert len(some) == 24
    assert {[item.task for item in some].count(f"made/task{n}@1") for n in range(6)} == {4}
    paired = [made("L0", n // 2, Words(accepted=("yes",)), f"{n}", pair=f"p{n // 2}") for n in range(20)]
    assert [item.pair for item in chosen(paired, ("L0",), 5, seed=0)].count("p0") in (0, 2)
    assert len(chosen(paired, ("L0",), 5, seed=0)) == 4
    assert questions(items, ASK, rungs=("L4",), most=6) == questions(items, ASK, rungs=("L4",), most=6)


def test_points_in_words_are_asked_only_of_whom_says_the_size_of_what_it_sees(tmp_path: Path) -> None:
    items = places(tmp_path, 2)
    ways = {
        (show, locate): [each.native for each in questions(items[:1], Powers(ask=True, show=show, locate=locate))]
        for show in (False, True)
        for locate in (False, True)
    }
    assert ways == {
        (False, False): [],
        (True, False): [False],
        (False, True): [True],
        (True, True): [True, False],
    }


class Rude:
    """Answers by raising."""

    name = "rude"
    cards = ()

    def begin(self, goal: str) -> None: ...
    def act(self, seen: Observation) -> Decision: ...
    def close(self) -> None: ...
    def ask(self, pictures: Sequence[bytes], question: str) -> Answer:
        raise RuntimeError("no")


class Overloaded(Rude):
    """At an endpoint that gives no answer."""

    def ask(self, pictures: Sequence[bytes], question: str) -> Answer:
        raise EndpointFault("529 overloaded")


def test_questions_without_an_answer_are_told_of_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    folder = bank(tmp_path / "bank", choices(2))
    code, _, err = say(capsys, "ask", str(folder), "--agent", "test_answering:Overloaded", "--out", "o")
    assert code == 1
    assert "4 questions have no answer and are put again by the same command; 4 of them: 529 overloaded" in err


def test_an_agent_that_raises_gives_invalid_answers(tmp_path: Path) -> None:
    perform(plan(wished(tmp_path, choices(2)), Rude))  # type: ignore[arg-type]  # all that is asked of it
    answered = list(responses.read(tmp_path / "out" / FILE))
    assert {(each.status, each.raw) for each in answered} == {("invalid", "it raised RuntimeError('no')")}


# -- through the command line, and over HTTP


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dialects]:
    monkeypatch.setenv(KEY, "a-key-that-is-long")
    with Dialects() as server:
        yield server


def spec(served: Dialects, family: str, variant: str = "") -> str:
    name = model_of(family) + (f"@{variant}" if variant else "")
    return f'openai_chat(model="{name}", base_url="{served.url}/v1", api_key_env={KEY})'


def crosses(folder: Path) -> list[Item]:
    """Red crosses to be pointed at: what the served models know how to find."""
    found = []
    for number, at in enumerate([Point(x=100, y=90), Point(x=500, y=300), Point(x=333, y=111), Point(x=20, y=380)]):
        box = Rect(x=at.x - 6, y=at.y - 6, width=13, height=13)
        name = stored(folder, crossed(SCREEN, at))
        question = f"Point at the centre of the red cross number {number}."
        found.append(made("L1", number, Place(boxes=(box,)), question, pictures=(name,), guess=0.01, facet="name"))
    return found


def say(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run([*words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("family", ["qwen3vl", "qwen25vl", "glm"])
def test_a_served_model_points_in_its_own_way_and_what_it_is_stands_beside_its_answers(
    family: str, tmp_path: Path, served: Dialects, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = bank(tmp_path / "bank", crosses(tmp_path / "bank"))
    code, out, err = say(
        capsys, "ask", str(folder), "--agent", spec(served, family), "--out", "o", "--json", "--jobs", "3"
    )
    assert code == 0, err
    (score,) = json.loads(out)
    assert score["score"]["value"] == pytest.approx(1.0)
    assert score["words"]["value"] < 0
    assert "8 questions with 8 pictures" in err
    kept = begun(Path("o"))
    assert kept is not None
    assert [each.verdict for each in kept.calibration] == ["right"]
    assert [card.model for card in kept.cards] == [model_of(family)]
    before = len(served.traffic.came)
    code, again, err = say(capsys, "ask", str(folder), "--agent", spec(served, family), "--out", "o", "--json")
    assert (code, again, len(served.traffic.came)) == (0, out, before)
    assert "8 are answered already" in err


def test_a_model_that_is_wired_wrongly_is_not_asked(
    tmp_path: Path, served: Dialects, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = bank(tmp_path / "bank", crosses(tmp_path / "bank"))
    code, out, err = say(capsys, "ask", str(folder), "--agent", spec(served, "qwen3vl", "swapped"), "--out", "o")
    assert (code, out) == (2, "")
    assert "wired wrongly" in err
    assert not (tmp_path / "o" / FILE).exists()


def test_only_local_keeps_questions_on_this_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-that-is-long")
    folder = bank(tmp_path / "bank", choices(2))
    agent = 'openai_chat(model="m", base_url="http://192.0.2.1/v1")'
    code, _, err = say(capsys, "ask", str(folder), "--agent", agent, "--out", "o", "--only-local")
    assert code == 2
    assert "--only-local" in err


def test_an_agent_that_answers_nothing_is_said_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = bank(tmp_path / "bank", choices(2))
    code, _, err = say(capsys, "ask", str(folder), "--agent", "random", "--out", "o")
    assert (code, "random answers no questions" in err) == (2, True)
    code, _, err = say(capsys, "ask", str(folder), "--agent", "random", "--out", "o", "--rungs", "L5")
    assert (code, "no rung 'L5' is asked" in err) == (2, True)


def test_planted_errors_come_out_of_the_whole_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    items = [
        *choices(150, rung="L3", tasks=15),
        *doneness(150, tasks=15),
        *places(tmp_path / "bank", 60),
        *[made("L0", n % 15, Words(accepted=(f"value {n}",)), f"What is in {n}?") for n in range(150)],
    ]
    folder = bank(tmp_path / "bank", items)
    agent = "planted(plan=0.3, stop=0.2, read=0.1, ground=0.25)"
    code, out, err = say(capsys, "ask", str(folder), "--agent", agent, "--json", "--jobs", "2")
    assert (code, "no model is paid" in err) == (0, True)
    found = {each["rung"]: each["score"] for each in json.loads(out)}
    for rung, rate, guess in (("L0", 0.1, 0.0), ("L1", 0.25, 0.05), ("L3", 0.3, 0.25), ("L4", 0.2, 0.5)):
        wanted = (1 - rate - guess) / (1 - guess)
        assert found[rung]["low"] <= wanted <= found[rung]["high"], (rung, found[rung], wanted)
    assert (tmp_path / "ask" / "planted-plan-0.3-stop-0.2-read-0.1-ground-0.25" / FILE).exists()


def test_scores_are_printed_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = bank(tmp_path / "bank", [*choices(20), *doneness(20)])
    code, out, _ = say(capsys, "ask", str(folder), "--agent", "planted", "--out", "o", "--blind", "--items", "10")
    assert code == 0
    assert "L3" in out
    assert "1.000" in out
    assert "L4: done: d'" in out


def test_the_audit_is_printed_and_with_drop_it_changes_the_bank(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from scoring.understanding.items import digest, read

    items = [*banked.told_by_length(60), *choices(300, tasks=20, seed=3)]
    folder = bank(tmp_path / "bank", items)
    code, out, _ = say(capsys, "bank", "audit", str(folder))
    assert (code, "longest" in out, "above chance" in out) == (1, True, True)
    assert read(folder)[0].items == len(items)
    say(capsys, "bank", "audit", str(folder), "--drop")
    about, kept = read(folder)
    assert about.items == len(kept) < len(items)
    assert about.hash == digest(kept)
    assert about.shortcuts
    assert sum(each.count for each in about.dropped) == len(items) - len(kept)


def test_a_static_set_is_made_a_bank_and_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.png").write_bytes(banked.picture(Rect(x=100, y=50, width=80, height=40)))
    entry = {"img_filename": "a.png", "bbox": [100, 50, 80, 40], "instruction": "close it", "data_source": "linux"}
    (tmp_path / "spots.json").write_text(json.dumps([entry]))
    code, out, _ = say(capsys, "bank", "import", "spots.json", "--out", "set")
    assert (code, "1 items of spots" in out) == (0, True)
    code, out, _ = say(capsys, "ask", "set", "--agent", "planted", "--out", "o", "--json")
    (score,) = json.loads(out)
    assert (code, score["rung"], score["accuracy"]["value"]) == (0, "L1", 1.0)


def _shown(tmp_path: Path) -> str:
    return stored(tmp_path / "bank", banked.picture(Rect(x=10, y=20, width=30, height=40)))


def _colours(shown: Picture) -> list[tuple[int, int, int]]:
    with Image.open(io.BytesIO(shown.png)) as image:
        return [colour for _, colour in image.convert("RGB").getcolors() or []]

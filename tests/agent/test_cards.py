"""Cards: what a model's name tells of it, and nothing that it does not tell."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from agent.models.cards import OURS, card, family_of, rows
from envs.errors import BadInput


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cards.toml"
    monkeypatch.setenv("HANDEYE_CARDS", str(path))
    return path


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("claude-opus-5-5", "claude"),
        ("anthropic/claude-sonnet-5", "claude"),
        ("anthropic.claude-opus-4-6-v1", "claude"),
        ("gpt-5.5", "openai"),
        ("gpt-6.2-sol", "openai"),
        ("openai/gpt-oss-120b", ""),
        ("computer-use-preview-2025-03-11", "openai"),
        ("Qwen/Qwen2.5-VL-7B-Instruct", "qwen25vl"),
        ("qwen2.5vl:32b", "qwen25vl"),
        ("Qwen/Qwen3-VL-235B-A22B-Thinking", "qwen3vl"),
        ("qwen3-vl:8b", "qwen3vl"),
        ("hf.co/someone/Qwen3-VL-8B-Instruct-GGUF:Q4_K_M", "qwen3vl"),
        ("Qwen/Qwen3.5-27B", "qwen35"),
        ("Qwen/Qwen3.6-27B", "qwen35"),
        ("Qwen/Qwen3-32B", ""),
        ("OpenGVLab/InternVL3_5-8B", "internvl"),
        ("OpenGVLab/InternVL3-78B", "internvl"),
        ("zai-org/GLM-4.1V-9B-Thinking", "glm"),
        ("glm-4.6v", "glm"),
        ("glm-5v-turbo", "glm"),
        ("zai-org/GLM-4.6", ""),
        ("ByteDance-Seed/UI-TARS-2B-SFT", "uitars"),
        ("ByteDance-Seed/UI-TARS-72B-DPO", "uitars"),
        ("ByteDance-Seed/UI-TARS-1.5-7B", "uitars15"),
        ("doubao-1-5-ui-tars-250428", ""),
        ("doubao-seed-1-8-251228", "uitars2"),
        ("ui-tars-2", "uitars2"),
        ("xlangai/OpenCUA-7B", "opencua"),
        ("moonshotai/Kimi-VL-A3B-Thinking", "kimi"),
        ("kimi-k2.6", "kimi"),
        ("moonshotai/Kimi-K2-Instruct", ""),
        ("Hcompany/Holo1.5-7B", "holo15"),
        ("Hcompany/Holo3-35B-A3B", "holo"),
        ("Salesforce/GTA1-7B", "gta1"),
        ("xlangai/Jedi-7B-1080p", "jedi"),
        ("OS-Copilot/OS-Atlas-Base-7B", "osatlas"),
        ("showlab/ShowUI-2B", "showui"),
        ("osunlp/UGround-V1-7B", "uground"),
        ("Tongyi-MiA/UI-Ins-7B", "uiins"),
        ("mlfoundations/Gelato-30B-A3B", "gelato"),
        ("mPLUG/GUI-Owl-7B", "qwen25vl"),
        ("mPLUG/GUI-Owl-1.5-8B-Instruct", "qwen3vl"),
        ("/weights/grounded", ""),
    ],
)
def test_a_models_name_tells_its_family(model: str, family: str) -> None:
    assert family_of(model) == family


@pytest.mark.parametrize(
    ("model", "weights", "licence"),
    [
        ("claude-opus-5-5", "closed", ""),
        ("Qwen/Qwen2.5-VL-3B-Instruct", "open", "Qwen licence"),
        ("Qwen/Qwen2.5-VL-32B-Instruct", "open", "Apache-2.0"),
        ("Qwen/Qwen2.5-VL-72B-Instruct", "open", "Qwen licence"),
        ("qwen3.8-max", "closed", ""),
        ("Hcompany/Holo1.5-3B", "open", "research only"),
        ("xlangai/OpenCUA-32B", "open", "MIT"),
        ("/weights/grounded", "unknown", ""),
    ],
)
def test_a_card_says_whose_the_weights_are(model: str, weights: str, licence: str) -> None:
    made = card(model, endpoint="http://127.0.0.1:8000/v1")
    assert (made.weights, made.licence) == (weights, licence)
    assert made.source or weights == "unknown"


def test_a_card_says_where_pictures_go_and_keeps_no_key() -> None:
    made = card("qwen3-vl-8b", endpoint="https://me:secret@models.example:8443/v1?key=secret", family="json")
    assert (made.endpoint, made.family) == ("https://models.example:8443/v1", "json")


def test_every_family_of_the_list_is_one_that_there_is() -> None:
    there = {point.name for point in entry_points(group="handeye.families")}
    assert {row.family for row in rows(OURS)} - {""} <= there


def test_ones_own_rows_come_first(own: Path) -> None:
    own.write_text("[[card]]\nname = 'grounded$'\nfamily = 'qwen3vl'\nweights = 'open'\nsource = 'made here'\n")
    assert family_of("/weights/grounded") == "qwen3vl"
    assert family_of("claude-opus-5") == "claude"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[card]]\nname = '('\nsource = 'x'\n", "is no regular expression"),
        ("[[card]]\nname = 'x'\nsource = 'x'\nweights = 'free'\n", "Invalid enum value 'free'"),
    ],
)
def test_a_list_that_cannot_be_read_is_one_line(own: Path, text: str, said: str) -> None:
    own.write_text(text)
    with pytest.raises(BadInput, match=r"cards\.toml") as wrong:
        family_of("x")
    assert said in str(wrong.value)

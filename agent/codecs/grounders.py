"""Families that only say where something is: GTA1, Jedi, UI-Ins, OS-Atlas, ShowUI, Gelato and UGround.

Each is trained on its own way of counting, and takes the picture at its own size. Sources are the model cards; the
prompts are ours, in the form that each family answers in.
"""

from __future__ import annotations

from agent.codecs.base import Family
from agent.codecs.locating import Locator, Plain, Smart, divided
from agent.frame import Space
from envs.errors import BadInput


def gta1(*, factor: int = 28, least_pixels: int = 3136, most_pixels: int = 4096 * 2160) -> Locator:
    """`(x, y)` in pixels of the resized picture, whose size the prompt says."""
    return _pixels("gta1", "GTA1", Smart(factor, least_pixels, most_pixels), "https://arxiv.org/abs/2507.05791")


def jedi(*, factor: int = 28, least_pixels: int = 3136, most_pixels: int = 12_845_056) -> Locator:
    """A click with `computer_use`, as Qwen2.5-VL calls tools, in pixels of the resized picture."""
    return _pixels("jedi", "Jedi", Smart(factor, least_pixels, most_pixels), "https://arxiv.org/abs/2505.13227")


def uiins(*, factor: int = 28, least_pixels: int = 3136, most_pixels: int = 12_845_056) -> Locator:
    """A tool call with `[x, y]` after a thought, in pixels of the resized picture."""
    return _pixels("uiins", "UI-Ins", Smart(factor, least_pixels, most_pixels), "https://arxiv.org/abs/2510.20286")


def osatlas(*, divisor: float = 1000.0) -> Locator:
    """`[[x, y]]` (4B) or a box between box tokens (7B), in thousandths."""
    return _relative("osatlas", "OS-Atlas", divisor, Plain(), "https://arxiv.org/abs/2410.23218")


def showui(*, divisor: float = 1.0, factor: int = 28, most_pixels: int = 1344 * 28 * 28) -> Locator:
    """`[x, y]` in fractions of the picture."""
    return _relative(
        "showui", "ShowUI", divisor, Smart(factor, 3136, most_pixels), "https://arxiv.org/abs/2411.17465"
    )


def gelato(
    *,
    space: Space = "relative",
    divisor: float = 1000.0,
    factor: int = 28,
    least_pixels: int = 3136,
    most_pixels: int = 12_845_056,
) -> Locator:
    """`(x, y)` in thousandths, as its model card says; `space=pixels` for a server that counts pixels."""
    if space not in ("pixels", "relative"):
        raise BadInput(f"space is 'pixels' or 'relative', not {space!r}")
    resize = Smart(factor, least_pixels, most_pixels)
    source = "https://huggingface.co/mlfoundations/Gelato-30B-A3B"
    if space == "pixels":
        return _pixels("gelato", "Gelato", resize, source)
    return _relative("gelato", "Gelato", divisor, resize, source)


def uground(*, divisor: float = 1000.0) -> Locator:
    """`(x, y)` in thousandths: UGround-V1, and others that answer so (Aria-UI)."""
    return _relative("uground", "UGround-V1", divisor, Plain(), "https://arxiv.org/abs/2410.05243")


_SURE = {
    "gta1": ("gta1",),
    "jedi": ("jedi",),
    "uiins": ("ui-ins", "uiins"),
    "osatlas": ("os-atlas",),
    "showui": ("showui",),
    "gelato": ("gelato",),
    "uground": ("uground", "aria-ui"),
}
"""Pieces of the models' names."""


def _pixels(name: str, title: str, resize: Smart, source: str) -> Locator:
    family = Family(
        name=name,
        about=f"{title}: points, in pixels",
        can=("locate",),
        space="pixels",
        resize=str(resize),
        pictures=1,
        sure=_SURE[name],
        source=source,
    )
    return Locator(family, resize)


def _relative(name: str, title: str, divisor: float, resize: Smart | Plain, source: str) -> Locator:
    family = Family(
        name=name,
        about=f"{title}: points, from 0 to {divisor:g}",
        can=("locate",),
        space="relative",
        divisor=divided(divisor),
        resize=str(resize),
        pictures=1,
        sure=_SURE[name],
        source=source,
    )
    return Locator(family, resize)

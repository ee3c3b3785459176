"""What it takes to run a task, and why: decided from the task's own content, by rules.

Where content cannot tell, `overrides.toml` says it, each row with its reason. The rules ask what is scored, what the
setup opens and what the goal says, in this order: the first that speaks names the reason, since it is the strongest.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, Literal

import msgspec

from envs.types import Closed
from tasks.osworld import assets, steps
from tasks.osworld.example import Example, Getter
from tasks.osworld.packages import Package, asked

Web = Literal["website", "url", "drive", "login", "package", "content"]
"""What of the live web: a site's pages; only that addresses are open; a drive's account; another account; something
to be installed from a public source; a fixed thing to be fetched from a public place."""
Kind = Literal["offline", "assets", "web", "unknown"]
"""Runs offline with nothing; runs offline given files; needs the live web; names what OSWorld does not have."""


class Need(Closed):
    """Something of the live web that a task needs, and how that is known."""

    web: Web
    why: str


class Sorted(Closed):
    """A task with what it takes. `soft` says what of the web it touches without needing it."""

    id: str
    domain: str
    kind: Kind
    why: str
    web: Web | None = None
    infeasible: bool = False
    needs: tuple[Need, ...] = ()
    assets: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()
    soft: str = ""
    unknown: tuple[str, ...] = ()


class Override(Closed):
    """A row of `overrides.toml`: `web` is empty where the web is touched and not needed."""

    id: str
    why: str
    source: str
    web: Web | Literal[""] = ""


def sort(example: Example) -> Sorted:
    """What a task takes. Pure: the same task gets the same answer everywhere."""
    found, soft, known = tuple(_needs(example)), _soft(example), overrides().get(example.id)
    if known is not None and known.web:
        found = (Need(web=known.web, why=known.why),)
    elif known is not None:
        found, soft = (), known.why
    keys, unknown = assets.keys(example), example.unknown
    kind, why = _verdict(example, found, keys, unknown)
    return Sorted(
        id=example.id, domain=example.domain, kind=kind, why=why, web=found[0].web if found else None, needs=found,
        infeasible=example.evaluator.infeasible, assets=keys, packages=asked(example), unknown=unknown,
        soft="" if found else soft,
    )  # fmt: skip


def _verdict(
    example: Example, found: tuple[Need, ...], keys: tuple[str, ...], unknown: tuple[str, ...]
) -> tuple[Kind, str]:
    if unknown:
        return "unknown", f"OSWorld has no {', no '.join(unknown)}"
    if found:
        return "web", found[0].why
    if keys:
        count = f"{len(keys)} file" + ("s" if len(keys) > 1 else "")
        return "assets", f"brings {count} from OSWorld's store and nothing else of the network"
    if example.evaluator.infeasible:
        return "offline", "is won by saying that it cannot be done"
    return "offline", "sets up, is solved and is judged inside the desktop"


@cache
def overrides() -> dict[str, Override]:
    """The rows, by the task's id."""
    rows = tomllib.loads((files("tasks.osworld") / "overrides.toml").read_text(encoding="utf-8"))["task"]
    return {row.id: row for row in msgspec.convert(rows, list[Override])}


_LOADS = frozenset((
    "active_tab_info", "active_tab_html_parse", "active_tab_url_parse", "url_path_parse", "macys_product_url_parse",
    "url_dashPart", "page_info", "pdf_from_url", "info_from_website", "gotoRecreationPage_and_get_html_content",
))  # fmt: skip
"""Getters that load a page again or take its address or content apart: the site itself is judged."""
_BROWSER = frozenset(("chrome", "google chrome", "google-chrome", "chromium", "browser"))
_OWN = re.compile(r"^\^?(chrome|about|file)(:|\\:)")
_URL = re.compile(r"https?://[^\s\"'<>]+")
_FORGES = frozenset(("github.com", "www.github.com", "gitlab.com", "codeberg.org"))
_PAGE = frozenset(("", ".html", ".htm", ".php", ".com", ".org", ".io"))
_FETCHES = re.compile(r"\b(?:curl|wget|git\s+clone)\b[^;&|]*?(https?://[^\s\"']+)")


def _needs(example: Example) -> Iterator[Need]:
    for rule in (*_ALWAYS, *(() if example.evaluator.infeasible else _TO_SOLVE)):
        yield from rule(example)


def _accounts(example: Example) -> Iterator[Need]:
    every = (*example.config, *example.evaluator.postconfig)
    if any(isinstance(step, steps.GoogleDrive) for step in every):
        yield Need(web="drive", why="its setup works on a drive's real account")
    elif any(getter.type == "googledrive_file" for getter in example.evaluator.getters):
        yield Need(web="drive", why="its result is read from a drive's real account")
    elif any(isinstance(step, steps.Login) for step in every):
        yield Need(web="login", why="its setup logs in to a real account")


def _fetching(example: Example) -> Iterator[Need]:
    """What the setup itself fetches past the store."""
    for step in (*example.config, *example.evaluator.postconfig):
        urls = [file.url for file in step.files] if isinstance(step, steps.Download) else []
        for url in (*(url for url in urls if not assets.split(url)[1]), *_FETCHES.findall(steps.line(step))):
            if _far(url):
                yield Need(web="content", why=f"its setup fetches {url}")
    for getter in example.evaluator.getters:
        if getter.type == "cloud_file":
            for url in _strings(getter.params.get("path")):
                if _far(url) and not assets.split(url)[1]:
                    yield Need(web="content", why=f"it is compared with {url}")


def _judged_by_pages(example: Example) -> Iterator[Need]:
    for getter in example.evaluator.getters:
        if getter.type in _LOADS:
            yield Need(web="website", why=f"its score is read from a live page, by {getter.type}")
    for check in example.evaluator.checks:
        if check.result is not None and check.result.type == "active_url_from_accessTree":
            wanted = _rules(check.expected)
            if not any(_OWN.match(each) for each in wanted):
                yield Need(web="website", why="its score is the address that a live site leads to")


def _judged_by_addresses(example: Example) -> Iterator[Need]:
    opened = set(_opened(example))
    for check in example.evaluator.checks:
        urls = [each for each in _rules(check.expected) if _far(each)]
        kind = check.result.type if check.result else ""
        if kind == "open_tabs_info" and urls:
            yield Need(web="url", why="its score is which sites' addresses are open in tabs")
        elif kind == "bookmarks" and urls and opened.issuperset(urls):
            yield Need(web="url", why="its score is the address of a site that the setup opens")
        elif kind == "bookmarks" and urls:
            yield Need(web="website", why="its score is addresses that have to be found on the web")
        elif kind in {"cookie_data", "shortcuts_on_desktop"} and opened:
            left = "cookies" if kind == "cookie_data" else "title"
            yield Need(web="website", why=f"its score is about the {left} of a live site that the setup opens")


def _installing(example: Example) -> Iterator[Need]:
    brought = [PurePosixPath(key) for key in assets.keys(example)]
    for getter in example.evaluator.getters:
        command = getter.params.get("command", "")
        line = " ".join(map(str, command)) if isinstance(command, list) else str(command)
        if getter.type == "find_installed_extension_name":
            yield Need(web="package", why="its score is which extensions of the browser's store are installed")
        elif "--list-extensions" in line and not any(path.suffix == ".vsix" for path in brought):
            yield Need(web="package", why="its score is an editor's extension, which it does not bring")
        elif module := re.search(r"\bpython3?\b.*?\b(?:from|import)\s+(\w+)", line if " -c " in line else ""):
            stems = {path.stem for path in brought}
            if module[1] not in sys.stdlib_module_names | stems:
                yield Need(web="package", why=f"its score imports {module[1]}, which it does not bring")
    if re.search(r"\binstall\b", example.instruction, re.IGNORECASE) and not brought:
        yield Need(web="package", why="its goal is to install something, and it brings no file")
    if "command not found" in example.instruction.lower():
        yield Need(web="package", why="its goal is a command that is not there")
    tools = [assets.address(url) for url in _opened(example)]
    if tools and all(at.netloc in _FORGES and at.path.strip("/").count("/") == 1 for at in tools):
        yield Need(web="package", why="its setup opens the sources of tools, which have to be installed")


def _named_in_the_goal(example: Example) -> Iterator[Need]:
    for url in _URL.findall(example.instruction):
        at = assets.address(url.rstrip(".,;:!?)"))
        if not _far(url):
            continue
        fixed = PurePosixPath(at.path).suffix.lower() not in _PAGE
        forge = at.netloc in _FORGES and at.path.strip("/").count("/") == 1
        what = "a file" if fixed else "a repository" if forge else ""
        if what:
            yield Need(web="content", why=f"its goal names {what} of the web: {at.geturl()}")
        else:
            yield Need(web="website", why=f"its goal names a site: {at.geturl()}")


def _opened_by_the_setup(example: Example) -> Iterator[Need]:
    for url in _opened(example):
        if re.search(r"\bdownload the (pdf|file|slide|image|video)s?\b", example.instruction, re.IGNORECASE):
            yield Need(web="content", why=f"its goal is files linked from a page that the setup opens: {url}")
        else:
            yield Need(web="website", why=f"its material is a site that the setup opens: {url}")


def _left_to_the_browser(example: Example) -> Iterator[Need]:
    apps = {app.strip().lower() for app in example.related_apps}
    judged = {getter.type for getter in example.evaluator.getters}
    if apps & _BROWSER and not judged & _OF_THE_BROWSER:
        yield Need(web="website", why="it names a browser among its applications and judges nothing of the browser")


_OF_THE_BROWSER = frozenset((
    "default_search_engine", "cookie_data", "bookmarks", "open_tabs_info", "shortcuts_on_desktop", "history",
    "enabled_experiments", "chrome_language", "chrome_font_size", "chrome_appearance_mode_ui", "profile_name",
    "number_of_search_results", "enable_do_not_track", "enable_enhanced_safety_browsing", "enable_safe_browsing",
    "new_startup_page", "find_unpacked_extension_path", "data_delete_automacally", "active_url_from_accessTree",
))  # fmt: skip
"""Getters of the browser's own settings, lists and files: a task about the browser, not about the web."""

_Rule = Callable[[Example], Iterator[Need]]
_ALWAYS: tuple[_Rule, ...] = (_accounts, _fetching)
"""These stop a setup, so that they hold for tasks that cannot be done as well."""
_TO_SOLVE: tuple[_Rule, ...] = (
    _judged_by_pages, _judged_by_addresses, _installing, _named_in_the_goal, _opened_by_the_setup,
    _left_to_the_browser,
)  # fmt: skip


def _soft(example: Example) -> str:
    """What of the web is touched and not needed."""
    if example.evaluator.infeasible and (urls := list(_opened(example))):
        return f"its setup opens {urls[0]} as a backdrop; a page that does not load is no error"
    extensions = [package.name for package in asked(example) if package.source == "editor"]
    if extensions:
        return f"its setup asks for the editor's extension {extensions[0]}; that it fails is no error"
    return ""


def _opened(example: Example) -> Iterator[str]:
    """The sites that the setup opens in tabs."""
    for step in example.config:
        if isinstance(step, steps.ChromeOpenTabs):
            yield from (url for url in step.urls_to_open if _far(url))


def _far(url: str) -> bool:
    """Whether it is an address beyond this machine."""
    at = assets.address(url)
    return at.scheme in {"http", "https"} and at.hostname not in {None, "localhost", "127.0.0.1", "0.0.0.0"}


def _rules(getter: Getter | None) -> list[str]:
    """Every text in what is expected."""
    return list(_strings(getter.params)) if getter is not None else []


def _strings(value: Any) -> Iterator[str]:  # JSON, of any depth
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)

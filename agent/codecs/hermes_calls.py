"""Finds the tool calls of a reply in Hermes form: as text, as JSON or XML, or taken out of it by the server."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.codecs.fields import Unclear
from agent.codecs.hermes_actions import KNOWN, OTHERS
from agent.codecs.scan import Found, objects, parsed, sane, trimmed
from agent.models.base import Call
from envs.errors import BadInput

TOOLS: Final = ("computer_use", "computer")
_FUNCTION = re.compile(r"<function=\s*['\"]?([\w.\-]{1,80})['\"]?\s*>")
_PARAMETER = re.compile(r"<parameter=\s*['\"]?(\w{1,80})['\"]?\s*>")
_VALUE_END = re.compile(r"</parameter>(?=\s*(?:<parameter=|</function>|</tool_call>|<tool_call>|\Z))")
_VALUE_LOST = re.compile(r"\s*(?:<parameter=|</function>|</tool_call>|\Z)")
_PREFIX = re.compile(r"^(?:computer_use|computer)[._:/-]")
_BEFORE_CALL = re.compile(r"(?:<[^<>\n]{1,40}>|[⚗📐✿]+|```\w*)\s*\Z")
_STEP = re.compile(r"^\s*\**Action:?\**:?\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """A call as it was found: the function it names, its arguments, and where its text begins (None: not in it)."""

    name: str
    arguments: Mapping[str, object]
    raw: str
    call: str = ""
    start: int | None = None
    repaired: tuple[str, ...] = ()

    def named(self, tool: str, notes: list[str]) -> str:
        """The action that is asked for. Raises Unclear when no argument or name says one."""
        action = self.arguments.get("action")
        kind = self.arguments.get("type")
        if action is None and isinstance(kind, str) and _is_action(kind):
            notes.append("type taken for action")
            action = kind
        bare = _PREFIX.sub("", self.name)
        if action is None and _is_action(bare):
            notes.append(f"{self.name} taken for an action")
            action = bare
        if not isinstance(action, str):
            raise Unclear("the call has no action" if self._of(tool) else f"there is no tool {self.name[:80]!r}")
        if not self._of(tool) and bare != action:
            notes.append(f"{self.name[:80]!r} taken for {tool}")
        return action

    def _of(self, tool: str) -> bool:
        return self.name in (tool, *TOOLS, "")


def _is_action(name: str) -> bool:
    return name.strip().lower() in KNOWN or name.strip().lower() in OTHERS


def asked_in(said: str, calls: Sequence[Call]) -> list[Asked]:
    """Every call of a reply, in order. What the server took out of the text counts first."""
    return [_from_server(call) for call in calls] or _in_tags(said) or _in_json(said)


def _from_server(call: Call) -> Asked:
    arguments: object = dict(call.arguments)
    notes: tuple[str, ...] = ()
    if not call.arguments and call.text:
        found = parsed(call.text)
        arguments, notes = found if found else ({}, ())
    arguments, more = _decoded(arguments)
    name, arguments, deeper = _unwrapped(call.name, arguments)
    raw = json_call(name, arguments)
    return Asked(name=name, arguments=arguments, raw=raw, call=call.id, repaired=(*notes, *more, *deeper))


def _unwrapped(name: str, arguments: Mapping[str, object]) -> tuple[str, Mapping[str, object], tuple[str, ...]]:
    """Arguments that hold a whole call once more."""
    inner = arguments.get("arguments")
    if "action" in arguments or not isinstance(inner, str | Mapping):
        return name, arguments, ()
    decoded, notes = _decoded(inner)
    return str(arguments.get("name") or name), decoded, ("a call in a call", *notes)


def _decoded(arguments: object) -> tuple[Mapping[str, object], tuple[str, ...]]:
    """Arguments that may have been encoded once too often."""
    if isinstance(arguments, str):
        found = parsed(arguments)
        if found and isinstance(found[0], str):
            found = parsed(found[0])
        if found and isinstance(found[0], Mapping):
            return _by_text(found[0]), ("arguments came as text", *found[1])
        return {}, ()
    return (_by_text(arguments), ()) if isinstance(arguments, Mapping) else ({}, ())


def _by_text(arguments: Mapping[object, object]) -> dict[str, object]:
    return {str(key): value for key, value in arguments.items()}


def _in_json(said: str) -> list[Asked]:
    return [asked for found in objects(said) if (asked := _from_object(found, said)) is not None]


def _from_object(found: Found, said: str) -> Asked | None:
    """The call that an object is, with name and arguments or with the arguments alone; None for any other object."""
    value = found.value
    inner = value.get("function")
    if isinstance(inner, Mapping) and "name" in inner:
        value = _by_text(inner)
    given = next((value[key] for key in ("arguments", "parameters", "args", "input") if key in value), None)
    raw = said[found.start : found.end]
    if given is not None:
        arguments, notes = _decoded(given)
        name = str(value.get("name") or "")
        return Asked(name, arguments, raw, start=found.start, repaired=(*found.repaired, *notes))
    if isinstance(value.get("action"), str) or (
        isinstance(value.get("type"), str) and _is_action(str(value["type"]))
    ):
        return Asked("", value, raw, start=found.start, repaired=(*found.repaired, "arguments without a call"))
    if isinstance(value.get("name"), str) and _is_action(_PREFIX.sub("", str(value["name"]))):
        return Asked(str(value["name"]), value, raw, start=found.start, repaired=found.repaired)
    return None


def _in_tags(said: str) -> list[Asked]:
    """Calls in the form `<function=name><parameter=key>value</parameter></function>`, not those in a JSON string."""
    first = _FUNCTION.search(said)
    if first is None or any(found.start < first.start() < found.end for found in objects(said[: first.end() + 4000])):
        return []
    asked, at = list[Asked](), 0
    while (function := _FUNCTION.search(said, at)) is not None and len(asked) < 64:
        arguments, at, notes = _parameters(said, function.end())
        if not arguments:
            inside = next(objects(said[function.end() :]), None)
            arguments = dict(inside.value) if inside and not said[function.end() :][: inside.start].strip() else {}
            at = function.end() + inside.end if inside and arguments else at
        raw = said[function.start() : at]
        asked.append(Asked(function[1], arguments, raw, start=function.start(), repaired=notes))
    return asked


def _parameters(said: str, at: int) -> tuple[dict[str, object], int, tuple[str, ...]]:
    """The parameters from here to the function's end, where that is, and how they were put right."""
    arguments: dict[str, object] = {}
    notes: tuple[str, ...] = ()
    while (opener := _PARAMETER.match(said, _blank(said, at))) is not None:
        end = _VALUE_END.search(said, opener.end())
        if end is None:
            lost = _VALUE_LOST.search(said, opener.end())
            stop, at = (lost.start(), lost.start()) if lost else (len(said), len(said))
            notes = ("a parameter without its end",)
        else:
            stop, at = end.start(), end.end()
        arguments[opener[1]] = _unlined(said[opener.end() : stop])
    closer = re.compile(r"\s*</function>").match(said, at)
    return arguments, closer.end() if closer else at, notes


def _blank(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


def _unlined(value: str) -> str:
    """Without the one line break that may stand on either side of it."""
    value = value[1:] if value.startswith("\n") else value
    return value[:-1] if value.endswith("\n") else value


def lead_of(said: str, asked: Sequence[Asked]) -> tuple[str, str]:
    """The words before the first call, and of these what it says that it does now, in one line."""
    starts = [each.start for each in asked if each.start is not None]
    lead = trimmed(said[: starts[0]] if starts else said)
    while starts and (mark := _BEFORE_CALL.search(lead)):
        lead = lead[: mark.start()].rstrip()
    steps = _STEP.findall(lead)
    lines = [line.strip() for line in lead.splitlines() if line.strip()]
    intent = steps[-1] if steps else lines[-1] if lines else ""
    return lead, intent.strip()[:240]


def json_call(name: str, arguments: Mapping[str, object]) -> str:
    """The call in JSON between its tags."""
    body = json.dumps({"name": name, "arguments": dict(arguments)}, ensure_ascii=False, default=str)
    return f"<tool_call>\n{sane(body)}\n</tool_call>"


def xml_call(name: str, arguments: Mapping[str, object]) -> str:
    """The call in tags. Raises ValueError for text that would end them."""
    lines = ["<tool_call>", f"<function={name}>"]
    for key, value in arguments.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if re.search(r"</?(?:parameter|function|tool_call)", text):
            raise ValueError("text with the tags of a call cannot be said in tags")
        lines.append(f"<parameter={key}>\n{text}\n</parameter>")
    return "\n".join([*lines, "</function>", "</tool_call>"])


def checked_form(form: str) -> None:
    """Raises BadInput for a form that there is not."""
    if form not in ("json", "xml"):
        raise BadInput(f"form is json or xml, not {form!r}")

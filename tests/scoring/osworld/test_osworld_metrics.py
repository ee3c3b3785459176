"""OSWorld's own metrics and getters, in the real worker, over small files: right and wrong of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from guests import Guest, bookmarks, film, mailbox, page, picture, sheet, slides, text, tune

from envs.types import Size
from scoring.osworld.evaluator import parse
from scoring.osworld.preparing import ready
from scoring.osworld.wire import Missing, Outcome, Raised, Value
from scoring.osworld.worker import Worker

pytestmark = pytest.mark.slow

ENGINE = '{"default_search_provider_data": {"template_url_data": {"short_name": "Bing"}}}'
SETTINGS = "/home/user/.config/google-chrome/Default/Preferences"
VLCRC = "/home/user/.config/vlc/vlcrc"
GIMPRC = "/home/user/.config/GIMP/2.10/gimprc"
CASES: list[tuple[str, dict[str, Any], dict[str, Any], float]] = []
"""What the case is, what the desktop has, the evaluator, what it is worth."""


def at(path: str) -> dict[str, str]:
    return {"type": "vm_file", "path": path, "dest": path.rpartition("/")[2]}


def pair(name: str, ending: str, make: Callable[..., bytes], right: Any, wrong: Any, **options: Any) -> None:
    """A metric that compares two files: the same again is right, the other is wrong."""
    for said, got, worth in (("the same", right, 1.0), ("another", wrong, 0.0)):
        files = {f"/got.{ending}": make(*got), f"/gold.{ending}": make(*right)}
        evaluator = {
            "func": name,
            "result": at(f"/got.{ending}"),
            "expected": at(f"/gold.{ending}"),
            "options": options,
        }
        CASES.append((f"{name}: {said}", {"files": files}, evaluator, worth))


def ruled(name: str, result: dict[str, Any], rules: Any, right: dict[str, Any], wrong: dict[str, Any]) -> None:
    """A metric with rules, on a desktop that is right and on one that is wrong."""
    evaluator = {"func": name, "result": result, "expected": {"type": "rule", "rules": rules}}
    CASES.append((f"{name} of {result['type']}: right", right, evaluator, 1.0))
    CASES.append((f"{name} of {result['type']}: wrong", wrong, evaluator, 0.0))


def filed(path: str, right: str, wrong: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"files": {path: right.encode()}}, {"files": {path: wrong.encode()}}


SHEET = {"rules": [{"type": "sheet_data", "sheet_idx0": 0, "sheet_idx1": "EI0"}]}
pair("compare_table", "xlsx", sheet, (("a", 1), ("b", 2)), (("a", 1), ("b", 3)), **SHEET)
pair("compare_docx_files", "docx", text, ("one", "two"), ("one", "three"))
pair("compare_docx_tables", "docx", text, ("one",), ("one",))
CASES.pop()  # documents without tables are alike whatever they say
pair("compare_pptx_files", "pptx", slides, ("One", "Two"), ("One", "Three"))
pair("compare_csv", "csv", lambda *rows: "\n".join(rows).encode(), ("a,b", "1,2"), ("a,b", "1,3"))
pair("compare_text_file", "txt", lambda words: words.encode(), ("kept",), ("changed",))
pair("check_structure_sim", "png", picture, (), ((64, 50),))
pair("check_structure_sim_with_threshold", "png", picture, ((64, 48),), ((64, 48),))
CASES[-1][1]["files"]["/got.png"] = picture(mirrored=True)
pair("compare_image_list", "png", picture, (), ((64, 50),))
pair("compare_videos", "mp4", film, (), ())
CASES[-1][1]["files"]["/got.mp4"] = film(mirrored=True)
pair("compare_audios", "wav", tune, (440,), (900,))
CASES.pop()  # part credit: another tune is worth something below 1, see below
pair("compare_pdfs", "pdf", page, ("the same words",), ("the same words",))
CASES.pop()
pair("check_brightness_decrease_and_structure_sim", "png", picture, (), ())
CASES.pop()
CASES.pop()
ruled("exact_match", {"type": "vm_command_line", "command": ["who"]}, {"expected": "me\n"},
      {"commands": {"who": "me\n"}}, {"commands": {"who": "you\n"}})  # fmt: skip
ruled("check_include_exclude", {"type": "vm_command_line", "command": "ls", "shell": "true"},
      {"include": ["a"], "exclude": ["b"]}, {"commands": {"ls": "a"}}, {"commands": {"ls": "a b"}})  # fmt: skip
ruled("check_json_settings", at("/s.json"), {"expected": {"a": 1}}, *filed("/s.json", '{"a": 1}', '{"a": 2}'))
ruled("check_csv", at("/t.csv"), {"expect": [{"name": "x"}]}, *filed("/t.csv", "name\nx\n", "name\ny\n"))
ruled("check_list", at("/l.txt"), {"expect": ["^x"]}, *filed("/l.txt", "xy\n", "yx\n"))
PREFS = {"expect": {"mail.x": {"method": "eq", "ref": True}}}
ruled("check_thunderbird_prefs", at("/prefs.js"), PREFS,
      *filed("/prefs.js", 'user_pref("mail.x", true);\n', 'user_pref("mail.x", false);\n'))  # fmt: skip
ruled("check_config_status", {"type": "gimp_config_file", "file_name": "gimprc", "dest": "gimprc"},
      {"key": "theme", "value": '"Light"'}, *filed(GIMPRC, '(theme "Light")\n', '(theme "Dark")\n'))  # fmt: skip
for metric, key, option in (
    ("check_play_and_exit", "expected_play_and_exit", "play-and-exit"),
    ("check_qt_bgcone", "expected_qt_bgcone", "qt-bgcone"),
    ("check_qt_max_volume", "expected_qt_max_volume", "qt-max-volume"),
):
    ruled(metric, {"type": "vlc_config", "dest": "vlcrc"}, {key: 0}, *filed(VLCRC, f"{option}=0\n", f"{option}=1\n"))
ruled("match_in_list", {"type": "default_search_engine"}, {"expected": ["Bing"]},
      *filed(SETTINGS, ENGINE, "{}"))  # fmt: skip
ruled("exact_match", {"type": "enable_do_not_track"}, {"expected": "true"},
      *filed(SETTINGS, '{"enable_do_not_track": true}', "{}"))  # fmt: skip
ruled("match_in_list", {"type": "chrome_appearance_mode_ui"}, {"expected": ["light", "system"]},
      *filed(SETTINGS, '{"browser": {"theme": {"color_scheme2": 1}}}',
             '{"browser": {"theme": {"color_scheme2": 2}}}'))  # fmt: skip
PAGE = (
    "<root><state>{}</state><information>"
    '<category name="meta"><info name="filename">a.mp4</info></category></information></root>'
)
PLAYS = {"type": "vlc_playing_info", "dest": "status.xml"}
JPGS = [json.dumps({"type": "directory", "name": "d", "children": [{"type": "file", "name": n}]}) for n in ("a", "b")]
ruled("is_vlc_playing", PLAYS, {"type": "file_name", "file_name": "a.mp4"},
      *({"pages": {(8080, "/requests/status.xml", "password"): PAGE.format(state).encode()}}
        for state in ("playing", "paused")))  # fmt: skip
ruled("check_accessibility_tree", {"type": "accessibility_tree"}, [{"selectors": ["frame[name=x]"]}],
      {"xml": '<desktop-frame><frame name="x"/></desktop-frame>'}, {"xml": "<desktop-frame/>"})  # fmt: skip
ruled("check_moved_jpgs", {"type": "list_directory", "path": "/d"}, {"expected": ["a"]},
      *({"folders": {"/d": listing}} for listing in JPGS))  # fmt: skip
ruled("is_in_list", {"type": "vm_terminal_output"}, {"expected": "done"}, {"text": "all done"}, {"text": "nothing"})
ruled("check_gnome_favorite_apps", {"type": "vm_command_line", "command": "get"}, {"expected": ["a", "b"]},
      {"commands": {"get": "['b', 'a']"}}, {"commands": {"get": "['a']"}})  # fmt: skip
CASES += [
    (
        f"is_vlc_fullscreen: {said}",
        {"windows": {"vlc": size}},
        {
            "func": "is_vlc_fullscreen",
            "expected": {"type": "vm_screen_size"},
            "result": {"type": "vm_window_size", "app_class_name": "vlc"},
        },
        worth,
    )
    for said, size, worth in (
        ("of the whole screen", Size(width=1920, height=1080), 1.0),
        ("of half of it", Size(width=960, height=1080), 0.0),
    )
]
WALLPAPER = {
    "func": "compare_images",
    "result": {"type": "vm_wallpaper", "dest": "w.png"},
    "expected": at("/gold.png"),
}
CASES.append(
    (
        "compare_images of vm_wallpaper: the same",
        {"picture": picture(), "files": {"/gold.png": picture()}},
        WALLPAPER,
        1.0,
    )
)
CASES += [
    (
        f"check_brightness_decrease_and_structure_sim: {said}",
        {"files": {"/got.png": picture(dark=dark), "/gold.png": picture()}},
        {
            "func": "check_brightness_decrease_and_structure_sim",
            "result": at("/got.png"),
            "expected": at("/gold.png"),
        },
        worth,
    )
    for said, dark, worth in (("darker", True, 1.0), ("as it was", False, 0.0))
]


@pytest.fixture(scope="module")
def guest() -> Guest:
    return Guest()


@pytest.fixture(scope="module")
def worker(guest: Guest) -> Iterator[Worker]:
    with Worker(ready(), guest, {}, seconds=900) as started:
        yield started


def measured(worker: Worker, guest: Guest, has: dict[str, Any], evaluator: dict[str, Any], **how: bool) -> Outcome:
    fresh = Guest(**has)
    for name, value in vars(fresh).items():
        setattr(guest, name, value)
    return worker.measure(parse(evaluator, **how).parts[0])


@pytest.mark.parametrize(("has", "evaluator", "worth"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_metric_of_the_release_tells_right_from_wrong(
    worker: Worker, guest: Guest, has: dict[str, Any], evaluator: dict[str, Any], worth: float
) -> None:
    assert measured(worker, guest, has, evaluator) == Value(worth)


@pytest.mark.parametrize(
    ("name", "ending", "got", "gold"),
    [
        pytest.param("compare_audios", "wav", tune(900), tune(440), id="another tune"),
        pytest.param("compare_pdfs", "pdf", page("some of the words"), page("some of these words"), id="near words"),
    ],
)
def test_part_of_the_way_is_part_of_the_credit(
    worker: Worker, guest: Guest, name: str, ending: str, got: bytes, gold: bytes
) -> None:
    files = {f"/got.{ending}": got, f"/gold.{ending}": gold}
    evaluator = {"func": name, "result": at(f"/got.{ending}"), "expected": at(f"/gold.{ending}")}
    outcome = measured(worker, guest, {"files": files}, evaluator)
    assert isinstance(outcome, Value)
    assert 0 < (outcome.value or 0) < 1


def test_what_a_metric_raises_is_said(worker: Worker, guest: Guest) -> None:
    outcome = measured(worker, guest, {"files": {"/gold.png": picture()}}, WALLPAPER)
    assert isinstance(outcome, Raised)
    assert outcome.error.startswith("UnidentifiedImageError: ")


def test_a_missing_file_is_asked_for_once_and_worth_nothing(worker: Worker, guest: Guest) -> None:
    evaluator = {"func": "compare_table", "result": at("/no.xlsx"), "expected": at("/gold.xlsx"), "options": SHEET}
    assert measured(worker, guest, {"files": {"/gold.xlsx": sheet(("a",))}}, evaluator) == Value(0.0)
    assert guest.asked.count("/no.xlsx") == 1


def test_a_function_that_writes_into_its_task_does_so_in_a_copy(worker: Worker, guest: Guest) -> None:
    rules = {"relativeTime": {"from": "tomorrow"}, "expected": {"time": "{DoW}, {Month} {DayD}"}, "timezone": "UTC"}
    evaluator = {
        "func": "check_direct_json_object",
        "result": {"type": "rule", "rules": {"time": "{DoW}, {Month} {DayD}"}},
        "expected": {"type": "rule_relativeTime", "rules": rules},
    }
    first, second = (measured(worker, guest, {}, evaluator) for _ in range(2))
    assert first == second == Value(0.0)
    assert rules["expected"] == {"time": "{DoW}, {Month} {DayD}"}


UNORDERED = {"expected": {"names": ["a", "b"]}, "ignore_list_order": True}
CORRECTIONS: list[tuple[str, dict[str, Any], dict[str, Any], Outcome, Outcome]] = [
    (
        "two mailboxes with other messages",
        {"files": {"/Inbox": mailbox("one"), "/gold": mailbox("two")}},
        {"func": "check_thunderbird_folder", "result": at("/Inbox"), "expected": at("/gold")},
        Value(1.0),
        Value(0.0),
    ),
    (
        "two mailboxes with the same messages",
        {"files": {"/Inbox": mailbox("two", "one"), "/gold": mailbox("one", "two")}},
        {"func": "check_thunderbird_folder", "result": at("/Inbox"), "expected": at("/gold")},
        Value(1.0),
        Value(1.0),
    ),
    (
        "a list in another order, where the order does not matter",
        {},
        {
            "func": "check_direct_json_object",
            "result": {"type": "rule", "rules": {"names": ["b", "a"]}},
            "expected": {"type": "rule", "rules": UNORDERED},
        },
        Value(0.0),
        Value(1.0),
    ),
    (
        "nothing struck through, above an empty paragraph",
        {"files": {"/got.docx": text("one", ""), "/gold.docx": text("one", "")}},
        {"func": "evaluate_strike_through_last_paragraph", "result": at("/got.docx"), "expected": at("/gold.docx")},
        Value(1.0),
        Value(0.0),
    ),
    (
        "all struck through, above an empty paragraph",
        {"files": {"/got.docx": text("one", "", struck=True), "/gold.docx": text("one", "")}},
        {"func": "evaluate_strike_through_last_paragraph", "result": at("/got.docx"), "expected": at("/gold.docx")},
        Value(1.0),
        Value(1.0),
    ),
    (
        "text of the desktop that computes",
        {"commands": {"get": "['a'] + ['b']"}},
        {
            "func": "check_gnome_favorite_apps",
            "result": {"type": "vm_command_line", "command": "get"},
            "expected": {"type": "rule", "rules": {"expected": ["a", "b"]}},
        },
        Value(1.0),
        Value(0.0),
    ),
    (
        "no configuration of VLC",
        {},
        {
            "func": "check_play_and_exit",
            "result": {"type": "vlc_config", "dest": "vlcrc"},
            "expected": {"type": "rule", "rules": {"expected_play_and_exit": 0}},
        },
        Raised("TypeError: a bytes-like object is required, not 'NoneType'"),
        Missing(),
    ),
]


@pytest.mark.parametrize(
    ("has", "evaluator", "plain", "corrected"),
    [case[1:] for case in CORRECTIONS],
    ids=[case[0] for case in CORRECTIONS],
)
def test_a_known_defect_is_kept_unless_corrected_numbers_are_wanted(
    worker: Worker, guest: Guest, has: dict[str, Any], evaluator: dict[str, Any], plain: Outcome, corrected: Outcome
) -> None:
    assert measured(worker, guest, has, evaluator) == plain
    assert measured(worker, guest, has, evaluator, corrected=True) == corrected


def test_folders_of_bookmarks_are_compared_by_name(worker: Worker, guest: Guest) -> None:
    path = "/home/user/.config/google-chrome/Default/Bookmarks"
    evaluator = {
        "func": "is_expected_bookmarks",
        "result": {"type": "bookmarks"},
        "expected": {"type": "rule", "rules": {"type": "bookmark_bar_folders_names", "names": ["Favorites"]}},
    }
    commands = {"Bookmarks": f"{path}\n"}
    right = {"files": {path: bookmarks("Favorites")}, "commands": commands}
    assert measured(worker, guest, right, evaluator) == Value(1.0)
    assert measured(worker, guest, {"files": {path: bookmarks("Other")}, "commands": commands}, evaluator) == Value(
        0.0
    )

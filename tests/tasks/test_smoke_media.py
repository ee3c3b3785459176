"""The tasks with pictures, mails, logs and videos: what their checks say of right, wrong and broken results."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from random import Random

import av
import pytest
from disk import Disk, judged, scene
from PIL import Image

from tasks.base import Task
from tasks.smoke import mail, mailbox, picture, terminal, video

SEEDS = [str(seed) for seed in range(12)]
TEMPLATES = (picture.picture, mail.mail, terminal.terminal, video.snapshot)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_seed_fixes_the_task_and_another_seed_changes_it(template: Callable[[Random], Task]) -> None:
    video.encoded.cache_clear()
    one, same, other = template(Random("4")), template(Random("4")), template(Random("5"))
    assert (one.goal, one.scene) == (same.goal, same.scene)
    assert one.goal != other.goal
    assert one.scene != other.scene


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_done_scores_0_and_raises_nothing(template: Callable[[Random], Task]) -> None:
    task = template(Random("0"))
    assert judged(task, scene(task)) == 0.0
    assert judged(task, {}) == 0.0
    assert all(milestone(Disk(scene(task)), "").score == 0.0 for milestone in task.milestones)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_task_says_how_it_is_done_and_missed(template: Callable[[Random], Task]) -> None:
    task = template(Random("0"))
    assert task.solution is not None
    assert task.plan
    assert task.milestones
    assert len(task.near_misses) >= 3
    assert task.equivalents


def exported(about: picture.Cutting, filters: Image.Resampling, quality: int) -> bytes:
    image = Image.open(io.BytesIO(about.data)).crop(about.box).resize(about.size, filters)
    out = io.BytesIO()
    image.save(out, "JPEG" if about.target.endswith(".jpg") else "PNG", quality=quality)
    return out.getvalue()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("filters", "quality"),
    [(Image.Resampling.NEAREST, 95), (Image.Resampling.LANCZOS, 90), (Image.Resampling.BILINEAR, 75)],
)
def test_a_part_scaled_by_any_filter_is_right(seed: str, filters: Image.Resampling, quality: int) -> None:
    about, task = picture.cutting(Random(seed)), picture.picture(Random(seed))
    assert judged(task, {**scene(task), about.target: exported(about, filters, quality)}) == 1.0


def moved(about: picture.Cutting, x: int, y: int) -> bytes:
    left, top, right, bottom = about.box
    return picture.cut(about.data, (left + x, top + y, right + x, bottom + y), about.size)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda about: moved(about, 4, 0), id="four pixels to the right"),
        pytest.param(lambda about: moved(about, 0, -4), id="four pixels higher"),
        pytest.param(
            lambda about: picture.cut(about.data, (0, 0, *picture.SIZE), about.size), id="the whole picture squeezed"
        ),
        pytest.param(
            lambda about: moved(about, about.box[1] - about.box[0], about.box[0] - about.box[1]),
            id="left and top exchanged",
        ),
        pytest.param(
            lambda about: picture.cut(about.data, about.box, (about.width, about.height)), id="the part unscaled"
        ),
        pytest.param(lambda about: about.wanted[:200], id="half written"),
        pytest.param(lambda about: b"", id="empty"),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_another_part_is_wrong(seed: str, wrong: Callable[[picture.Cutting], bytes]) -> None:
    about, task = picture.cutting(Random(seed)), picture.picture(Random(seed))
    data = wrong(about)
    if about.target.endswith(".jpg") and len(data) > 200:
        out = io.BytesIO()
        Image.open(io.BytesIO(data)).save(out, "JPEG", quality=95)
        data = out.getvalue()
    assert judged(task, {**scene(task), about.target: data}) == 0.0


def test_the_right_picture_in_another_format_is_wrong() -> None:
    about, task = picture.cutting(Random("0")), picture.picture(Random("0"))
    suffix = ".png" if about.target.endswith(".jpg") else ".jpg"
    other = exported(picture.Cutting(about.source, f"x{suffix}", "", about.data, about.box, about.size), 3, 95)
    assert judged(task, {**scene(task), about.target: other}) == 0.0


def test_the_right_picture_and_the_original_overwritten_is_wrong() -> None:
    about, task = picture.cutting(Random("0")), picture.picture(Random("0"))
    right = exported(about, Image.Resampling.LANCZOS, 95)
    assert judged(task, {**scene(task), about.target: right, about.source: right}) == 0.0


def written(*letters: str) -> bytes:
    """An mbox as Thunderbird writes it."""
    return (
        "".join(f"From - Mon Mar 02 09:00:00 2026\n{letter}\n\n" for letter in letters).replace("\n", "\r\n").encode()
    )


def letter(to: str, subject: str, text: str, *, status: int = 0, more: str = "", kind: str = "text/plain") -> str:
    return (
        f"X-Mozilla-Status: {status:04x}\nX-Mozilla-Status2: 00000000\nMessage-ID: <1@example.test>\n{more}"
        f"From: User <user@example.test>\nTo: {to}\nSubject: {subject}\nMIME-Version: 1.0\n"
        f"Content-Type: {kind}; charset=UTF-8\n\n{text}\n"
    )


RIGHT_WORDS = ("It costs {} EUR.", "EUR {}", "total: {}\nthanks", "{}", "{}.", "the 2 offers of 12.1.: {}")


@pytest.mark.parametrize("text", RIGHT_WORDS)
@pytest.mark.parametrize("mark", [",.", ".,", " .", " ,", "."], ids=repr)
def test_a_price_counts_however_it_is_written(text: str, mark: str) -> None:
    about, task = mailbox.request(Random("3")), mail.mail(Random("3"))
    euros, cents = divmod(about.valid.total, 100)
    thousands, decimal = mark[:-1], mark[-1]
    price = f"{euros:,}".replace(",", thousands) + f"{decimal}{cents:02}"
    drafts = written(letter(about.to, about.subject, text.format(price)))
    assert judged(task, {**scene(task), mailbox.DRAFTS: drafts}) == 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_draft_that_was_saved_twice_is_right(seed: str) -> None:
    about, task = mailbox.request(Random(seed)), mail.mail(Random(seed))
    price = mailbox.euros(about.valid.total)
    html = f"<html><head><title>1.00</title></head><body><p>It costs&nbsp;{price}<br></p></body></html>"
    drafts = written(
        letter(about.to, about.subject, "half of it", status=mailbox.EXPUNGED),
        letter(f"Treasurer <{about.to}>", about.subject, html, status=1, kind="text/html"),
    )
    assert judged(task, {**scene(task), mailbox.DRAFTS: drafts}) == 1.0


Wrong = Callable[[mailbox.Request], bytes]


def draft(
    about: mailbox.Request, price: int | None = None, *, to: str = "", subject: str = "", more: str = ""
) -> bytes:
    text = f"It costs {mailbox.euros(about.valid.total if price is None else price)} EUR."
    return written(letter(to or about.to, subject or about.subject, text, more=more))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda about: draft(about, about.first.total), id="the earlier offer"),
        pytest.param(lambda about: draft(about, about.other.total), id="another shop"),
        pytest.param(lambda about: draft(about, about.valid.net), id="without VAT"),
        pytest.param(lambda about: draft(about, about.valid.total + 10_000_00), id="a digit too many"),
        pytest.param(lambda about: draft(about, to=about.valid.address), id="to the shop"),
        pytest.param(lambda about: draft(about, to=f"{about.to}, {about.valid.address}"), id="to both"),
        pytest.param(lambda about: draft(about, more=f"Cc: {about.valid.address}\n"), id="a copy to the shop"),
        pytest.param(lambda about: draft(about, subject="Re: Offer"), id="another subject"),
        pytest.param(lambda about: draft(about) + draft(about), id="two drafts"),
        pytest.param(lambda about: draft(about).replace(b"Status: 0000", b"Status: 0008", 1), id="deleted"),
        pytest.param(lambda about: draft(about)[:60], id="half written"),
        pytest.param(lambda about: b"\x00\xff" * 40, id="no mails"),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_another_draft_is_wrong(seed: str, wrong: Wrong) -> None:
    about, task = mailbox.request(Random(seed)), mail.mail(Random(seed))
    assert judged(task, {**scene(task), mailbox.DRAFTS: wrong(about)}) == 0.0


def test_a_draft_beside_a_mail_on_its_way_out_or_a_lost_one_is_wrong() -> None:
    about, task = mailbox.request(Random("1")), mail.mail(Random("1"))
    right = {**scene(task), mailbox.DRAFTS: draft(about)}
    assert judged(task, right) == 1.0
    assert judged(task, {**right, mailbox.OUTBOX: draft(about)}) == 0.0
    assert judged(task, {**right, mailbox.SENT: draft(about)}) == 0.0
    assert judged(task, {**right, mailbox.INBOX: about.inbox.replace(b"Status: 0001", b"Status: 0009", 1)}) == 0.0
    assert judged(task, {**right, mailbox.INBOX: about.inbox.replace(b"Status: 0001", b"Status: 0003", 1)}) == 1.0


def taken(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_days_errors_are_right_and_their_near_misses_differ(seed: str) -> None:
    about, task = terminal.logbook(Random(seed)), terminal.terminal(Random(seed))
    day, start = str(about.day), scene(task)
    number = f"{len(about.errors)}\n".encode()

    def with_(lines: tuple[str, ...], count: bytes = number) -> float:
        return judged(task, {**start, about.target: taken(lines), about.count: count})

    both = about.older + about.newer
    assert with_(about.errors) == 1.0
    assert with_(about.errors, b"  " + number) == 1.0
    assert with_(tuple(line for line in both if day in line and "ERROR" in line)) == 0.0
    assert with_(tuple(line for line in about.errors if line in about.newer)) == 0.0
    assert with_(tuple(sorted(about.errors, key=about.older.__contains__))) == 0.0
    assert with_(tuple(line for line in both if line.startswith(str(about.day + timedelta(days=1))))) == 0.0
    assert with_(about.errors, b"") == 0.0
    assert with_(about.errors, b"%d\n" % (len(about.errors) + 1)) == 0.0
    assert judged(task, {**start, about.target: taken(about.errors)}) == 0.0
    right = {**start, about.target: taken(about.errors), about.count: number}
    assert judged(task, {**right, about.current: b""}) == 0.0
    assert judged(task, {path: data for path, data in right.items() if path != about.rotated}) == 0.0


def frame(data: bytes, second: int) -> bytes:
    """A picture of the video from the middle of the second, as PNG."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data)) as container:
        frames = [each.to_image() for each in container.decode(video=0)]
    frames[second * video.RATE + video.RATE // 2].save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_a_snapshot_of_the_moment_is_right_and_of_any_other_wrong(seed: str) -> None:
    clip, other, second = video.filmed(Random(seed))
    task = video.snapshot(Random(seed))
    start = scene(task)

    def with_(data: bytes, name: str = "vlcsnap-1.png") -> float:
        return judged(task, {**start, f"{video.PICTURES}/{name}": data})

    right = frame(start[clip.path], second)
    assert with_(right) == 1.0
    assert with_(right, "gate.png") == 1.0
    assert [with_(frame(start[clip.path], each)) for each in (0, second - 1, second + 1)] == [0.0] * 3
    assert with_(frame(start[other.path], second)) == 0.0
    assert with_(right, "Garden/vlcsnap-1.png") == 0.0
    assert with_(right[: len(right) // 2]) == 0.0
    assert judged(task, {**start, f"{video.PICTURES}/a.png": right, f"{video.PICTURES}/b.png": right}) == 0.0
    screen = Image.new("RGB", (1920, 1080))
    screen.paste(Image.open(io.BytesIO(right)).resize((1600, 900)), (160, 90))
    out = io.BytesIO()
    screen.save(out, "PNG")
    assert with_(out.getvalue()) == 0.0


def test_no_two_seconds_of_a_video_look_alike() -> None:
    for seed in SEEDS[:6]:
        clips = video.filmed(Random(seed))[:2]
        stills = [clip.still(second) for clip in clips for second in range(video.SECONDS)]
        alike = max(video.likeness(one, other) for number, one in enumerate(stills) for other in stills[:number])
        assert alike < video.LIKENESS - 0.01

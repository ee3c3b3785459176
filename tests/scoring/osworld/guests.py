"""A desktop in memory for OSWorld's getters, and small files of the kinds that tasks leave behind."""

from __future__ import annotations

import io
import json
import math
import struct
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field

import av
import docx
import openpyxl
import pptx
from PIL import Image, ImageDraw

from envs.types import Size
from scoring.osworld import Output


@dataclass
class Guest:
    """Answers from what it is given, and remembers what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)
    """Output by a word of the command."""
    xml: str | None = None
    text: str | None = None
    windows: dict[str, Size] = field(default_factory=dict)
    picture: bytes | None = None
    folders: dict[str, str] = field(default_factory=dict)
    pages: dict[tuple[int, str, str], bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def file(self, path: str) -> bytes | None:
        self.asked.append(path)
        return self.files.get(path)

    def execute(self, command: str | Sequence[str], *, shell: bool) -> Output | None:
        words = command if isinstance(command, str) else " ".join(command)
        self.asked.append(words)
        for word, path in (
            ("/Preferences", ".config/google-chrome/Default/Preferences"),
            ("vlcrc", ".config/vlc/vlcrc"),
        ):
            if "os.path" in words and word in words:
                return Output(output=f"/home/user/{path}\n")
        if "GIMP/2.10/" in words:
            return Output(output="/home/user/.config/GIMP/2.10/gimprc\n")
        return next((Output(output=said) for word, said in self.commands.items() if word in words), None)

    def tree(self) -> str | None:
        return self.xml

    def terminal(self) -> str | None:
        return self.text

    def screen(self) -> Size:
        return Size(width=1920, height=1080)

    def window(self, name: str) -> Size | None:
        return self.windows.get(name)

    def wallpaper(self) -> bytes | None:
        return self.picture

    def directory(self, path: str) -> str | None:
        return self.folders.get(path)

    def page(self, port: int, path: str, password: str) -> bytes | None:
        return self.pages.get((port, path, password))


def sheet(*rows: Sequence[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text(*paragraphs: str, struck: bool = False) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        added = document.add_paragraph()
        if paragraph:
            added.add_run(paragraph).font.strike = struck or None
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def slides(*titles: str) -> bytes:
    show = pptx.Presentation()
    for title in titles:
        show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = title
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def picture(size: tuple[int, int] = (64, 48), *, dark: bool = False, mirrored: bool = False) -> bytes:
    image = Image.new("RGB", size, (90, 90, 90) if dark else (120, 120, 120))
    ImageDraw.Draw(image).rectangle((4, 4, 20, 30), fill=(150, 20, 20) if dark else (200, 40, 40))
    image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else image
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def tune(hertz: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(hertz * t / 1273))) for t in range(8000)))
    return out.getvalue()


def film(*, mirrored: bool = False) -> bytes:
    """Twelve frames of the picture."""
    out = io.BytesIO()
    still = Image.open(io.BytesIO(picture(mirrored=mirrored))).convert("RGB")
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=12)
        stream.width, stream.height, stream.pix_fmt = *still.size, "yuv420p"
        for _ in range(12):
            container.mux(stream.encode(av.VideoFrame.from_image(still)))
        container.mux(stream.encode(None))
    return out.getvalue()


def page(words: str) -> bytes:
    """A PDF of one page."""
    drawn = f"BT /F 12 Tf 20 100 Td ({words}) Tj ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{body}endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
    return (out + end).encode()


def mailbox(*subjects: str) -> bytes:
    return "".join(
        f"From - Mon Jan  1 00:00:00 2024\nX-Mozilla-Status: 0001\nSubject: {subject}\n\nBody\n\n"
        for subject in subjects
    ).encode()


def bookmarks(*folders: str) -> bytes:
    children = [{"type": "folder", "name": name, "children": []} for name in folders]
    return json.dumps({"roots": {"bookmark_bar": {"children": children}}}).encode()

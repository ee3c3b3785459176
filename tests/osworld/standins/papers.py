"""PDFs of one page, written by hand: a few lines, and a picture."""

from __future__ import annotations

import zlib
from functools import cache

from .pictures import scene

_LINES = ("A heron stood at the lake.", "Two terns came over the shore.", "In the wood an owl was heard.")


@cache
def pdf(title: str = "Birds", variant: int = 0) -> bytes:
    """A page with a title, lines and the scene. Format: ISO 32000-1, 7.5."""
    drawn = "".join(
        f"BT /F {18 if not n else 12} Tf 60 {760 - 30 * n} Td ({_escaped(line)}) Tj ET\n"
        for n, line in enumerate((f"{title} {variant}" if variant else title, *_LINES))
    )
    drawn += "q 160 0 0 128 60 480 cm /I Do Q"
    image = scene(variant=variant).convert("RGB").resize((160, 128))
    pixels = zlib.compress(image.tobytes(), 9)
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>/XObject<</I 6 0 R>>>>>>",
        _stream("", drawn.encode("latin-1")),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        _stream(
            "/Type/XObject/Subtype/Image/Width 160/Height 128/ColorSpace/DeviceRGB/BitsPerComponent 8"
            "/Filter/FlateDecode",
            pixels,
        ),
        f"<</Title({_escaped(title)})>>".encode("latin-1"),
    )
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer<</Size {size}/Root 1 0 R/Info {len(objects)} 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
    return bytes(out) + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()


def _stream(keys: str, data: bytes) -> bytes:
    return f"<</Length {len(data)}{keys}>>stream\n".encode() + data + b"\nendstream"


def _escaped(words: str) -> str:
    safe = words.encode("latin-1", "replace").decode("latin-1")
    return safe.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")

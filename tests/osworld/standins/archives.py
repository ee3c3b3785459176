"""What is in the archives: the folders that a setup goes into afterwards, and the editor's extensions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from . import mail, packing, words
from .office import book, rtf, text
from .papers import pdf

_HELLO = {
    "manifest_version": 3,
    "name": "Hello Extension",
    "version": "1.0",
    "action": {"default_popup": "hello.html"},
}
_PAGE = b"<html><body>Hello</body></html>\n"
_EVAL = """const vscode = require("vscode"), fs = require("fs"), path = require("path");
const HOME = process.env.HOME || "/home/user";
exports.activate = (context) => {
  context.subscriptions.push(vscode.commands.registerCommand("eval.OpenProject", () => {
    const folders = (vscode.workspace.workspaceFolders || []).map((folder) => path.basename(folder.uri.fsPath));
    fs.writeFileSync(path.join(HOME, "OpenProject.txt"), folders.join("\\n"));
  }));
};
exports.deactivate = () => {};
"""
"""An extension with the one command that evaluators run: it writes the name of the folder that is open."""

_INSIDE: dict[str, Callable[[], Mapping[str, bytes]]] = {
    "helloExtension.zip": lambda: {
        "helloExtension/manifest.json": json.dumps(_HELLO).encode(),
        "helloExtension/hello.html": _PAGE,
    },
    "vscodeEvalExtension.zip": lambda: {
        "vscodeEvalExtension/eval-0.0.1.vsix": vsix("eval", "0.0.1", "undefined_publisher", "OpenProject", _EVAL)
    },
    "binder.zip": lambda: {"binder/README.md": words.content("README.md"), "binder/binder.py": words.content("a.py")},
    "bubbleSort.zip": lambda: {"bubbleSort.py": words.content("a.py"), "input.txt": b"3 1 2\n"},
    "calculator.zip": lambda: {"calculator.py": words.content("a.py")},
    "doc_proc.zip": lambda: {"one.docx": text(), "two.docx": text(1)},
    "exam.zip": lambda: {
        "exam/ReferenceAnswers.docx": text(),
        "exam/Anna.docx": text(1),
        "exam/grades.xlsx": book(("Sheet1", "Sheet2", "Sheet3")),
    },
    "raw_book.zip": lambda: {"book/chapter1.html": _PAGE, "book/Spectral Graph Theory.pdf": pdf()},
    "book.zip": lambda: {"Spectral Graph Theory.pdf": pdf()},
    "HW-8-main-20240320T121653Z-001.zip": lambda: {"HW-8-main/main.py": words.content("a.py")},
    "hw_python_oop-master-20240320T121244Z-001.zip": lambda: {"hw_python_oop-master/main.py": words.content("a.py")},
    "2-if-for-array.zip": lambda: {"2-if-for-array/main.py": words.content("a.py")},
    "assign1-data3.zip": lambda: {"assign1-data_python3/main.py": words.content("a.py")},
    "academicpages.github.io.tar.xz": lambda: {"academicpages.github.io/_config.yml": words.content("_config.yml")},
    "doc.tar.gz": lambda: {"one.doc": rtf("One."), "two.doc": rtf("Two.")},
    "pdf.tar.gz": lambda: {"one.pdf": pdf("One"), "two.pdf": pdf("Two")},
    "thunderbird-profile.tar.gz": mail.profile,
    "thunderbird-profile-blank.tar.gz": lambda: mail.profile(blank=True),
}
_NAMED = {"Hello Extension.zip": "helloExtension.zip", "thunderbird.profile.tar.gz": "thunderbird-profile.tar.gz"}


def content(name: str) -> bytes:
    """The archive of that name: its own files where a setup wants them, else a note and a page."""
    inside = _INSIDE.get(_NAMED.get(name, name), lambda: {"note.txt": words.content("a.txt"), "page.pdf": pdf()})()
    if name.endswith(".zip"):
        return packing.zipped(inside)
    return packing.tarred(inside, name.rpartition(".")[2])


def vsix(name: str, version: str, publisher: str, command: str = "", code: str = "") -> bytes:
    """An extension of the editor's: a package with a manifest, as its command `--install-extension` reads it."""
    commands = [{"command": f"{name}.{command}", "title": command}] if command else []
    package = {
        "name": name, "displayName": name, "version": version, "publisher": publisher, "main": "./extension.js",
        "engines": {"vscode": "^1.60.0"}, "activationEvents": ["onStartupFinished"],
        "contributes": {"commands": commands},
    }  # fmt: skip
    identity = f'<Identity Language="en-US" Id="{name}" Version="{version}" Publisher="{publisher}"/>'
    engine = '<Property Id="Microsoft.VisualStudio.Code.Engine" Value="^1.60.0"/>'
    manifest = (
        '<?xml version="1.0" encoding="utf-8"?><PackageManifest Version="2.0.0" '
        'xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">'
        f"<Metadata>{identity}<DisplayName>{name}</DisplayName><Description>{name}</Description>"
        f"<Properties>{engine}</Properties></Metadata>"
        '<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Dependencies/>'
        '<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json"/></Assets>'
        "</PackageManifest>"
    )
    types = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="json" ContentType="application/json"/>'
        '<Default Extension="js" ContentType="application/javascript"/>'
        '<Default Extension="vsixmanifest" ContentType="text/xml"/></Types>'
    )
    return packing.zipped({
        "extension.vsixmanifest": manifest.encode(),
        "[Content_Types].xml": types.encode(),
        "extension/package.json": json.dumps(package).encode(),
        "extension/extension.js": (code or "exports.activate = () => {};\n").encode(),
    })  # fmt: skip


def wheel(name: str) -> bytes:
    """A Python wheel with one empty module, by its file's name (PEP 427)."""
    project, version, *tags = name.removesuffix(".whl").split("-")
    info = f"{project}-{version}.dist-info"
    tag = "-".join(tags)
    files = {
        f"{project}.py": b'"""A stand-in."""\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: handeye\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    record = "".join(f"{each},,\n" for each in (*files, f"{info}/RECORD"))
    return packing.zipped({**files, f"{info}/RECORD": record.encode()})


def epub(title: str) -> bytes:
    """A book of one chapter (EPUB 2)."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    container = (
        f'{head}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        f'{head}<package xmlns="http://www.idpf.org/2007/opf" version="2.0" unique-identifier="id">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
        '<dc:identifier id="id">stand-in</dc:identifier><dc:language>en</dc:language></metadata><manifest>'
        '<item id="toc" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        '<item id="one" href="one.html" media-type="application/xhtml+xml"/></manifest>'
        '<spine toc="toc"><itemref idref="one"/></spine></package>'
    )
    contents = (
        f'{head}<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><head/>'
        f"<docTitle><text>{title}</text></docTitle><navMap>"
        '<navPoint id="one" playOrder="1"><navLabel><text>One</text></navLabel><content src="one.html"/></navPoint>'
        "</navMap></ncx>"
    )
    page = f'{head}<html xmlns="http://www.w3.org/1999/xhtml"><head><title>One</title></head><body><p>One.</p></body></html>'
    entries = {
        "mimetype": "application/epub+zip", "META-INF/container.xml": container, "content.opf": package,
        "toc.ncx": contents, "one.html": page,
    }  # fmt: skip
    return packing.zipped({name: text.encode() for name, text in entries.items()}, stored=("mimetype",))

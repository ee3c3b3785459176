"""A run to look at: one page without network, framework or build step, served on loopback or exported.

`export` writes a folder that opens from `file://`; `serve` gives the same page on this machine alone and makes
films when they are first asked for. Whatever an agent or a page said is data in the page, never markup.
"""

from scoring.viewer.export import export
from scoring.viewer.page import page
from scoring.viewer.serve import Viewer, serve

__all__ = ["Viewer", "export", "page", "serve"]

"""What roles of accessible nodes mean: which hold other things, which are read, which are clicked."""

from __future__ import annotations

WINDOWS = frozenset(("frame", "dialog", "window", "alert", "file chooser", "color chooser"))
CONTAINERS = WINDOWS | frozenset(
    (
        "application", "panel", "filler", "separator", "section", "form", "grouping", "viewport", "ruler", "unknown",
        "table", "list", "tree", "article", "landmark", "block",
        "tool bar", "menu bar", "popup menu", "scroll pane", "scroll bar", "root pane", "split pane", "layered pane",
        "glass pane", "status bar", "page tab list", "tree table", "list box", "document web", "document frame",
        "document text", "document spreadsheet", "document presentation", "internal frame", "redundant object",
        "desktop frame", "desktop icon area", "option pane", "table row", "description list",
    )
)  # fmt: skip
"""Roles of what holds other things, and is neither read nor clicked."""
READ = frozenset(
    (
        "label", "static", "heading", "paragraph", "caption", "image", "text", "tooltip", "notification", "canvas",
        "info", "bar", "mark", "tool tip", "info bar", "progress bar", "level bar", "table cell", "column header",
        "row header", "table column header", "table row header",
    )
)  # fmt: skip
"""Roles of what is read, not clicked, unless it can be edited."""
CHOSEN = frozenset(("image", "table cell", "column header", "row header", "table column header", "table row header"))
"""Roles of what is clicked where its states say that it can be: in a web page's table it is only read."""
LABELS = frozenset(("label", "static"))
NO_TEXT = "\ufffc"
"""Stands in an AT-SPI text for each child that is not text."""

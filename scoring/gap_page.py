"""A study's report as one HTML page: tables, figures and their numbers, without scripts and without a network.

Everything is inside the file: style, drawings, and each CSV as a link that holds it. The policy in
its head forbids the browser to fetch anything, so a text of a model or a page that got into a name can do nothing.
"""

from __future__ import annotations

import base64
import csv
import html
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scoring.figures import csvs, figures
from scoring.gap_tables import Told, map_said, pair_said, tables
from scoring.gap_where import mute, parted
from scoring.gap_words import DASH, share
from scoring.plots import SAID, Figure, listed, part, shown
from scoring.report import markdown_table
from scoring.verdicts import Agent, GapReport, encode

UNSAFE = ("=", "+", "-", "@", "\t")
"""What a spreadsheet would take for a formula."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
ORDER = (
    ("Who is ahead, and by how much", ("t1-parity", "parity", "t4-pairs", "t1-published")),
    (
        "From understanding to control",
        ("t2-ladder", "ladder-funnel", "understanding-control", "gap-waterfall", "t4-gaps", "heat"),
    ),
    ("What would help, and where it is lost", ("t3-interventions", "interventions", "teleport", "t3-starts")),
    ("Why it fails", ("failures", "t7-autopsy")),
    ("What it takes to use it", ("budget", "reliability", "cost", "t5-production", "t6-safety")),
    ("Whether to believe it", ("t8-planted", "t8-instrument", "t8-sizes", "t7-contrasts", "t7-exclusions")),
)


def summary(report: GapReport) -> tuple[str, ...]:
    """What the study says, in a few sentences."""
    said = [
        f"{row.category.capitalize()}, best open against best closed: {map_said(row)}."
        for row in report.parity
        if row.domain == "all" and row.category in {"understanding", "control"}
        if row.parity or row.open or row.closed or not report.pairs  # of agents that are neither, nothing
    ]
    said += [pair_said(pair) for pair in report.pairs[:SAID]]
    said += [where for pair in report.pairs[:SAID] if (where := parted(report, pair))]
    if not said:
        said += [_alone(agent) for agent in shown(report)[:SAID]]
    said += mute(report)
    said += [
        f"{agent.who.slug} gets no verdict: {agent.who.refused}." for agent in report.agents if agent.who.refused
    ]
    judged = [each for each in report.instrument.recovered if each.inside is not None]
    inside = sum(bool(each.inside) for each in judged)
    if judged:
        said.append(
            f"The instrument on this study: {inside} of {len(judged)} figures of null and planted agents are "
            "found where "
            "they were put."
        )
    return tuple(said)


def _alone(agent: Agent) -> str:
    """An agent that nobody is compared with."""
    parts = [
        f"{word} {share(found)}"
        for word, found in (("understands", agent.ladder.understanding), ("does", agent.ladder.control))
        if found.count
    ]
    return f"{agent.who.slug} {listed(parts) or 'has no records yet'}."


def facts(report: GapReport) -> tuple[tuple[str, str], ...]:
    """The header: what the study was, and what speaks for and against believing it."""
    study, made = report.study, report.instrument
    runs = sum(agent.doing.episodes for agent in report.agents)
    audit = "not made"
    if made.audit:
        unsure = sum(not each.passes and not each.leaks for each in made.audit)
        audit = "at chance" if not unsure else f"too few items to tell of {unsure} of {len(made.audit)} solvers"
        audit = "above chance somewhere" if any(each.leaks for each in made.audit) else audit
    standing = [
        f"{model} {verdict}"
        for model, verdict in sorted({(m, v) for agent in report.agents for m, v in agent.ladder.standing.items()})
    ]
    lost = f"{made.lost} of {made.attempts}" + (f" ({part(made.lost / made.attempts)})" if made.attempts else "")
    return (
        ("suite", study.suite),
        ("bank", study.bank[:12] or "none"),
        ("screen", f"{study.size.width}x{study.size.height}"),
        ("made", f"{study.created or 'unknown'}, handeye {study.handeye or 'unknown'}"),
        ("agents", listed([agent.who.slug for agent in report.agents])),
        ("tasks and items", f"{len(report.tasks)} tasks, {made.items} items, {runs} runs without help"),
        ("episodes lost to us", lost),
        ("pointing (L-1)", listed(standing) or "not calibrated"),
        ("short cuts in the bank", audit),
        ("the scorer's J", f"{made.trust.youden:.2f}" if made.trust else "unknown"),
    )


def table_csv(told: Told) -> str:
    """A table as CSV."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(told.sheet.head)
    write.writerows([f"'{each}" if each[:1] in UNSAFE else each for each in row] for row in told.sheet.rows)
    return out.getvalue()


def show(report: GapReport, console: Console) -> None:
    """Print the tables. Texts are printed as they are, never as markup."""
    for line in summary(report):
        console.print(Text(f"· {line}"))
    for told in tables(report):
        console.print(Text(f"\n{told.sheet.title}", style="bold"))
        console.print(Text(told.says))
        if not told.sheet.rows:
            continue
        table = Table(
            box=box.SIMPLE_HEAD,
            caption=Text(told.sheet.note, style="dim") if told.sheet.note else None,
            caption_justify="left",
        )
        for name in told.sheet.head:
            table.add_column(Text(name), overflow="fold")
        for row in told.sheet.rows:
            table.add_row(*map(Text, row))
        console.print(table)


def markdown(report: GapReport) -> str:
    """Summary and tables in Markdown."""
    parts = [f"# {report.study.suite}: understanding against control", *(f"- {line}" for line in summary(report))]
    text = "\n".join(parts)
    return "\n\n".join([text, *(markdown_table(told.sheet, told.says) for told in tables(report))]) + "\n"


def page(report: GapReport) -> str:
    """The page."""
    told = {each.id: each for each in tables(report)}
    drawn = {each.id: each for each in figures(report)}
    title = f"{report.study.suite}: understanding against control"
    sections = [
        (
            name,
            [
                _figure(drawn[one]) if one in drawn else _table(told[one])
                for one in ids
                if one in drawn or one in told
            ],
        )
        for name, ids in ORDER
    ]
    head = "\n".join(
        (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>",
            f"<header><h1>{html.escape(title)}</h1>",
            _list("ul", [html.escape(line) for line in summary(report)]),
            f"<details><summary>What was studied</summary><dl>{_facts(report)}</dl></details>",
            f"<nav>{' '.join(_links([name for name, _ in sections]))}</nav></header><main>",
        )
    )
    body = "\n".join(
        f'<section id="{_anchor(name)}"><h2>{html.escape(name)}</h2>\n{chr(10).join(parts)}</section>'
        for name, parts in sections
        if parts
    )
    return f"{head}\n{body}\n</main></body></html>\n"


def write(study: Path, report: GapReport) -> tuple[Path, ...]:
    """Write STUDY/report/: report.json, report.md, report.html and a CSV for each table and figure, and nothing else.

    What an older report left there is removed.
    """
    folder = study / "report"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "report.json": encode(report).decode(),
        "report.md": markdown(report),
        "report.html": page(report),
        **{f"{told.id}.csv": table_csv(told) for told in tables(report)},
        **dict(csvs(figures(report))),
    }
    for old in sorted(folder.glob("*")):
        if old.is_file() and old.name not in files:
            old.unlink()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
    return tuple(folder / name for name in files)


def _list(kind: str, lines: Sequence[str]) -> str:
    return f"<{kind}>{''.join(f'<li>{line}</li>' for line in lines)}</{kind}>" if lines else ""


def _facts(report: GapReport) -> str:
    return "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts(report))


def _links(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield f'<a href="#{_anchor(name)}">{html.escape(name)}</a>'


def _anchor(name: str) -> str:
    return "".join(each if each.isalnum() else "-" for each in name.lower())


def _csv(name: str, text: str) -> str:
    data = base64.b64encode(text.encode()).decode()
    return f'<a class="csv" download="{name}.csv" href="data:text/csv;charset=utf-8;base64,{data}">{name}.csv</a>'


def _figure(figure: Figure) -> str:
    panels = "".join(
        f"<div>{f'<h4>{html.escape(panel.heading)}</h4>' if panel.heading else ''}{panel.svg}</div>"
        for panel in figure.panels
    )
    legend = "".join(
        f'<span><i class="{each.kind} key"></i>{html.escape(each.words)}</span>' for each in figure.legend
    )
    alone = " class=alone" if len(figure.panels) == 1 else ""
    return (
        f'<figure id="{figure.id}"{alone}><h3>{html.escape(figure.title)}</h3><div class="panels">{panels}</div>'
        f"{f'<p class=legend>{legend}</p>' if legend else ''}"
        f"<figcaption>{html.escape(figure.note)} {_csv(figure.id, figure.csv)}</figcaption></figure>"
    )


def _table(told: Told) -> str:
    sheet = told.sheet
    head = "".join(f"<th>{html.escape(name)}</th>" for name in sheet.head)
    body = "".join(
        f"<tr>{''.join(_cell(name, cell) for name, cell in zip(sheet.head, row, strict=True))}</tr>\n"
        for row in sheet.rows
    )
    rows = f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>'
    if len(sheet.rows) > LONG:
        rows = f"<details><summary>{len(sheet.rows)} rows</summary>{rows}</details>"
    return (
        f'<article id="{told.id}"><h3>{html.escape(sheet.title)}</h3><p class="says">{html.escape(told.says)}</p>'
        f"{rows if sheet.rows else ''}<p class=note>{html.escape(sheet.note if sheet.rows else '')} "
        f"{_csv(told.id, table_csv(told))}</p></article>"
    )


def _cell(name: str, text: str) -> str:
    """A cell, with its column's name for narrow screens, where a row is a list."""
    none = " class=none" if text == DASH else ""
    return f'<td data-name="{html.escape(name, quote=True)}"{none}>{html.escape(text)}</td>'


LONG = 10
"""Tables with more rows are folded."""
STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--paper:#fff;--faint:#5b6675;--grid:#dfe3e8;--card:#f6f7f9;
--s0:#1f6fb2;--s1:#c4501b;--s2:#1d8a63;--s3:#8a4fa3;--s4:#9a7400;--s5:#b03060;
--c0:#6b7280;--c1:#1f6fb2;--c2:#c4501b;--c3:#9a7400;--c4:#8a4fa3;--c5:#b03060;--c6:#1d8a63}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--paper:#12161c;--faint:#9aa6b5;--grid:#333c48;--card:#1a2028;
--s0:#6bb3f0;--s1:#f2955f;--s2:#55c79c;--s3:#c79be0;--s4:#dcb84a;--s5:#f08bb0;
--c0:#9aa3b0;--c1:#6bb3f0;--c2:#f2955f;--c3:#dcb84a;--c4:#c79be0;--c5:#f08bb0;--c6:#55c79c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif}
header,main{max-width:72rem;margin:0 auto;padding:0 1rem}
h1{font-size:1.6rem;line-height:1.25;margin:1.5rem 0 .75rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.5rem 0 1rem;padding-top:.5rem;border-top:2px solid var(--grid)}
h3{font-size:1.02rem;line-height:1.4;margin:0 0 .5rem;overflow-wrap:anywhere}
h4{font-size:.9rem;margin:.25rem 0;overflow-wrap:anywhere}
ul{padding-left:1.2rem;margin:.5rem 0}li{margin:.3rem 0;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.15rem 1rem;margin:.5rem 0}
dt{color:var(--faint)}dd{margin:0;overflow-wrap:anywhere}
summary{cursor:pointer;color:var(--faint);padding:.25rem 0}
nav{display:flex;flex-wrap:wrap;gap:.4rem 1rem;margin:1rem 0;font-size:.92rem}
a{color:var(--s0)}
figure,article{margin:0 0 1.5rem;padding:1rem;background:var(--card);border-radius:.5rem}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:1rem}
.panels>div{max-width:34rem;min-width:0}
@media(min-width:60rem){.alone{display:grid;grid-template-columns:minmax(0,34rem) 1fr;column-gap:2rem;
grid-template-rows:auto auto 1fr}.alone h3{grid-column:1/3}.alone .panels{grid-row:2/4}}
svg{display:block;width:100%;height:auto;font-family:inherit}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.5rem 0;font-size:.88rem;overflow-wrap:anywhere}
.key{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.4em;background:var(--k)}
figcaption,.note{font-size:.86rem;color:var(--faint);margin:.6rem 0 0}
.says{margin:.2rem 0 .6rem;overflow-wrap:anywhere}
.csv{white-space:nowrap}
.table{overflow-x:auto}
table{border-collapse:collapse;font-size:.86rem;min-width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--grid)}
th{color:var(--faint);font-weight:600}
td{font-variant-numeric:tabular-nums;min-width:4.5rem;max-width:22rem;overflow-wrap:break-word}
@media(max-width:40rem){header,main{padding:0 .6rem}figure,article{padding:.8rem .7rem}
thead{display:none}tbody,tr,td{display:block}
tr{padding:.4rem 0;border-bottom:1px solid var(--grid)}
td{display:grid;grid-template-columns:7.5rem minmax(0,1fr);gap:.6rem;max-width:none;padding:.1rem 0;border:0}
td.none{display:none}
td::before{content:attr(data-name);color:var(--faint)}}
.fill.ink{fill:var(--ink)}.fill.faint{fill:var(--faint)}.fill.paper{fill:var(--paper)}
.stroke.ink{stroke:var(--ink)}.stroke.faint{stroke:var(--faint)}.stroke.grid{stroke:var(--grid)}
.stroke.axis{stroke:var(--faint)}.stroke.ghost{stroke:var(--ink)}.ghost{--k:transparent}
.key.ghost{outline:1.5px dashed var(--ink);outline-offset:-1px}
.fill{fill:var(--k)}.stroke{stroke:var(--k)}
"""
STYLE += "".join(
    f".{kind}{{--k:var(--{kind})}}" for kind in (*(f"s{at}" for at in range(6)), *(f"c{at}" for at in range(7)))
)

"""Rows of all contests as a table, a chart and JSON."""

import html
import json
import math
import pathlib
import statistics
from collections.abc import Sequence

from bench import Row, shown

QUICK = "quick: not for comparison"


def target(row: Row) -> str:
    if row.target is None:
        return "–"
    return f"{'≥' if row.at_least else '≤'} {row.target:g}"


def verdict(row: Row) -> str:
    return {None: "for orientation", True: "met", False: "**not met**"}[row.met]


def value(values: Sequence[float], unit: str) -> str:
    """The median, and how far from it the values lie."""
    median = statistics.median(values)
    text = f"{shown(median)} {unit}"
    if len(values) > 1 and median:
        text += f" ({(min(values) - median) / median:+.0%} … {(max(values) - median) / median:+.0%})"
    return text


def ratio(row: Row) -> str:
    low, high = min(row.ratios), max(row.ratios)
    spread = f" ({low:.2f} … {high:.2f})" if len(row.ratios) > 1 else ""
    if row.ratio >= 100:
        return shown(row.ratio)
    return f"{row.ratio:.2f}{spread}" if row.ratio >= 0.1 else f"{row.ratio:.3f}"


def markdown(rows: Sequence[Row], failed: dict[str, str], quick: bool) -> str:
    lines = [f"*{QUICK}*", ""] if quick else []
    lines += [
        "| contest | case | Bandari | against | ratio | target | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ours = f"{row.our_name}: {value(row.ours, row.unit)}"
        theirs = f"{row.their_name}: {value(row.theirs, row.unit)}"
        cells = [row.contest, row.case, ours, theirs, ratio(row), target(row), verdict(row)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    lines += [""] + [f"- {row.contest}, {row.case}: {row.note}" for row in rows if row.note]
    lines += [f"- {contest} could not run: {why}" for contest, why in failed.items()]
    lines += ["", "Values are medians and how far the lowest and the highest lie from them; a ratio is the median of the rounds'"]
    lines += ["ratios, with the lowest and the highest. Only ratios mean anything: absolute values are this machine's."]
    return "\n".join(lines) + "\n"


def data(rows: Sequence[Row], failed: dict[str, str], quick: bool, machine: dict[str, object]) -> str:
    def number(value: float | None) -> float | None:
        return None if value is None or math.isinf(value) else value

    table = [
        {
            "contest": row.contest,
            "case": row.case,
            "unit": row.unit,
            "ours": {"name": row.our_name, "values": row.ours, "median": statistics.median(row.ours)},
            "theirs": {"name": row.their_name, "values": row.theirs, "median": statistics.median(row.theirs)},
            "ratios": [number(ratio) for ratio in row.ratios],
            "ratio": number(row.ratio),
            "target": row.target,
            "target_is": None if row.target is None else "at least" if row.at_least else "at most",
            "met": row.met,
            "note": row.note,
        }
        for row in rows
    ]
    document = {"quick": quick, "machine": machine, "rows": table, "could_not_run": failed}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 } .quiet { fill: #59636e }
  .met { fill: #2da44e } .missed { fill: #cf222e } .track { fill: #eaeef2 } .page { fill: #ffffff }
  .line { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .track { fill: #21262d } .page { fill: #0d1117 }
    .line { stroke: #e6edf3 } .met { fill: #3fb950 } .missed { fill: #f85149 }
  }
"""

ROW_HEIGHT, TEXT_WIDTH, BAR_WIDTH, NUMBER_WIDTH = 26, 430, 360, 190
MOST = 2.0
"""Bars end at twice what is allowed; the number beside them goes on."""


def chart(rows: Sequence[Row], quick: bool) -> str:
    """A bar for each row with a target: how much it uses of what the target allows."""
    measured = [row for row in rows if row.use is not None]
    width = TEXT_WIDTH + BAR_WIDTH + NUMBER_WIDTH
    top = 64
    height = top + ROW_HEIGHT * len(measured) + 16
    title = "How much of each target is used: left of the line is met"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{title}">',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
        f'<text x="16" y="26" font-weight="600">{title}</text>',
        f'<text class="quiet" x="16" y="46">{QUICK if quick else "ratios within one run; medians of the rounds"}</text>',
    ]
    for index, row in enumerate(measured):
        y = top + index * ROW_HEIGHT
        use = row.use or 0.0
        bar = min(use, MOST) / MOST * BAR_WIDTH
        name = html.escape(f"{row.contest}: {row.case}")
        figure = html.escape(f"{ratio(row).split(' ')[0]}, target {target(row)}")
        parts += [
            f'<text x="{TEXT_WIDTH - 10}" y="{y + 17}" text-anchor="end">{name}</text>',
            f'<rect class="track" x="{TEXT_WIDTH}" y="{y + 4}" width="{BAR_WIDTH}" height="18" rx="3"/>',
            f'<rect class="{"met" if row.met else "missed"}" x="{TEXT_WIDTH}" y="{y + 4}" width="{bar:.1f}" height="18" rx="3"/>',
            f'<text class="quiet" x="{TEXT_WIDTH + BAR_WIDTH + 10}" y="{y + 17}">{figure}</text>',
        ]
    line = TEXT_WIDTH + BAR_WIDTH / MOST
    parts += [f'<line class="line" x1="{line}" x2="{line}" y1="{top - 4}" y2="{height - 12}"/>', "</svg>"]
    return "\n".join(parts) + "\n"


def save(
    folder: pathlib.Path, rows: Sequence[Row], failed: dict[str, str], quick: bool, machine: dict[str, object]
) -> list[pathlib.Path]:
    """Writes all three and tells where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "bench.md": markdown(rows, failed, quick),
        "bench.json": data(rows, failed, quick, machine),
        "bench.svg": chart(rows, quick),
    }
    for name, text in written.items():
        (folder / name).write_text(text)
    return [folder / name for name in written]

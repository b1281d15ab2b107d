"""What came of measuring: as a table, a chart of text, JSON, and from that JSON the README's table and picture.
report.py RESULTS.json README.md PICTURE.svg writes the last two anew; with --check it only tells whether they are so."""

import json
import math
import pathlib
import sys

BEGIN = "<!-- tests/bench.sh wrote this from tests/bench/results.json -->"
END = "<!-- end -->"
WIDTH = 46


def number(value):
    """With three digits that count."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def verdict(row):
    """Whether the target is met, in a word; `floor`: not even by a floor beside it."""
    return "yes" if row["met"] else "floor" if row.get("proof") else "NO"


def others_of(row):
    """What others take."""
    return ", ".join(f"{name} {number(value)}" for name, value in row["others"].items())


def table(rows):
    """For a terminal."""
    heads = ("WHAT", "IS", "TO BE", "MET", "OURS", "FLOOR", "IN", "OTHERS")
    cells = [heads] + [
        (row["what"], number(row["value"]), row["target"], verdict(row), number(row["ours"]),
         number(row["floor"]), row["unit"], others_of(row)) for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads) - 1)]
    for line in cells:
        yield "  ".join(
            [cell.ljust(width) for cell, width in zip(line, widths)] + [line[-1]]).rstrip()


def share(row):
    """How much of what the target allows is used: 1 is just met."""
    if not row["limit"]:
        return row["value"]
    part = row["value"] / row["limit"]
    return 1 / part if row["least"] and part else part


def chart(rows):
    """Each figure as a bar against its target, which is the mark; over it is too much."""
    half = WIDTH // 2
    for row in rows:
        filled = min(WIDTH, round(share(row) * half))
        bar = "".join("#" if i < filled else "|" if i == half else " " for i in range(WIDTH))
        yield f"{row['name']:<20} [{bar}] {share(row) * 100:.0f} % of {row['target']}"
    for row in rows:
        if row["growth"]:
            yield ""
            yield f"{row['name']}, {row['unit']}, by entries"
            most = max(row["growth"].values())
            for entries, value in row["growth"].items():
                yield f"{int(entries):>8,} {'#' * max(1, round(value / most * WIDTH))} {number(value)}"


def bars(rows, top):
    """The picture's upper part: how much of each target is used."""
    for i, row in enumerate(rows):
        y = top + i * 18
        width = min(360, 200 * share(row))
        colour = "#3a7d44" if row["met"] else "#b3382c"
        yield f'<text x="232" y="{y + 11}" text-anchor="end">{row["name"]}</text>'
        yield f'<rect x="240" y="{y + 1}" width="{width:.1f}" height="13" fill="{colour}"/>'
        yield f'<text x="{246 + width:.1f}" y="{y + 11}">{number(row["value"])} ({row["target"]})</text>'
    bottom = top + len(rows) * 18
    yield f'<line x1="440" y1="{top}" x2="440" y2="{bottom}" stroke="#555" stroke-dasharray="3 3"/>'


def curve(row, left, top):
    """One small diagram of growth, both axes by powers of ten."""
    points = [(int(n), value) for n, value in row["growth"].items() if value > 0]
    low = math.floor(math.log10(min(value for _, value in points)))
    high = max(low + 1, math.ceil(math.log10(max(value for _, value in points))))
    first, last = math.log10(points[0][0]), math.log10(points[-1][0])
    place = [(left + 30 + 110 * (math.log10(n) - first) / (last - first),
              top + 90 - 70 * (math.log10(value) - low) / (high - low)) for n, value in points]
    yield f'<text x="{left + 30}" y="{top + 10}">{row["name"]}, {row["unit"]}</text>'
    yield (f'<path d="M{left + 30} {top + 16}V{top + 90}H{left + 146}" fill="none" stroke="#999"/>')
    yield (f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in place)}" fill="none" '
           'stroke="#2f5d8a" stroke-width="2"/>')
    for (x, y), (n, value) in zip(place, points):
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#2f5d8a"/>'
        yield f'<text x="{x:.1f}" y="{y - 5:.1f}" text-anchor="middle" font-size="9">{number(value)}</text>'
        yield f'<text x="{x:.1f}" y="{top + 101}" text-anchor="middle" font-size="9">{n:,}</text>'


def picture(results):
    """The SVG."""
    rows = results["rows"]
    grown = [row for row in rows if row["growth"]]
    middle = 44 + len(rows) * 18
    height = middle + 40 + 120 * math.ceil(len(grown) / 4)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="660" height="{height}" '
           'font-family="sans-serif" font-size="11" fill="#222">')
    yield f'<rect width="660" height="{height}" fill="#fff"/>'
    yield '<text x="10" y="18" font-size="13">Share of what each target allows: left of the line is met</text>'
    yield from bars(rows, 30)
    yield f'<text x="10" y="{middle + 8}" font-size="13">From 10 to 10,000 entries</text>'
    for i, row in enumerate(grown):
        yield from curve(row, 10 + 160 * (i % 4), middle + 20 + 120 * (i // 4))
    yield "</svg>"


def section(results, picture_path):
    """The README's part."""
    yield BEGIN
    yield f"![how fast tokenvault is]({picture_path})"
    yield ""
    yield f"{results['date']}, {results['machine']}."
    yield ""
    yield "| | is | to be | ours | floor | others |"
    yield "|---|---|---|---|---|---|"
    for row in results["rows"]:
        mark = "" if row["met"] else "*" if row.get("proof") else "**"
        is_it = f"{mark}{number(row['value'])}{mark}"
        unit = f" {row['unit']}" if row["unit"] and row["ours"] is not None else ""
        floor = "" if row["floor"] is None else number(row["floor"]) + unit
        yield (f"| {row['what']} | {is_it} | {row['target']} | {number(row['ours'])}{unit} | {floor} "
               f"| {others_of(row)} |")
    yield END


def with_section(readme, results, picture_path):
    """The README with its part as it should be."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit("the README has no place for it")
    return before + "\n".join(section(results, picture_path)) + after


def main(words):
    """Writes README and picture, or checks them."""
    check = words[:1] == ["--check"]
    results_path, readme_path, picture_path = map(pathlib.Path, words[check:])
    results = json.loads(results_path.read_text(encoding="utf-8"))
    readme = readme_path.read_text(encoding="utf-8")
    link = picture_path.resolve().relative_to(readme_path.resolve().parent).as_posix()
    wanted = {readme_path: with_section(readme, results, link),
              picture_path: "\n".join(picture(results)) + "\n"}
    for path, text in wanted.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise SystemExit(f"{path} is not what results.json says: sh tests/bench.sh --publish")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Writes results as Markdown, and into a README between the marker lines of each section."""
import os
import pathlib
import re

END = "<!-- end of peers:{} -->"
BEGIN = "<!-- peers:{}: written by tests/bench/peers -->"
QUICK = "**quick run**"


class Unwritable(Exception):
    """The README cannot take the table; the text is the reason."""


def number(value, digits):
    return "-" if value is None else f"{value:,.{digits}f}"


def cell(results, row, contender):
    """ "wall / CPU" with the ratio of ours to a peer; None: nothing was measured."""
    value, cpu = results.value(row, contender), results.value(row, contender, "cpu")
    if value is None and cpu is None:
        return None
    text = number(value, row.digits) + (f" / {number(cpu, row.digits)}" if row.cpu is not None else "")
    ratio = results.ratio(row, contender) if contender != "ours" else None
    return text if ratio is None else f"{text} ({ratio:.2f})"


def verdict(results, row):
    if row.goal is None:
        return "", ""
    limit, mine = results.limit(row.goal), results.judged(row, "ours")
    kind = " CPU" if row.judged == "cpu" else ""
    text = row.goal.text or f"<= {limit:g}{kind}"
    if limit is None or mine is None:
        return text, "?"
    if row.goal.text:
        text += f" = {limit:,.{max(row.digits, 1)}f}"
    scale = results.scale(row)
    if scale is not None:
        limit *= scale
        text += f"; here {limit:,.{row.digits}f}"
    return text, "yes" if mine <= limit else f"no, {mine / limit:.1f} x"


def markdown(section, results, names, stamp):
    """The section's part of the README, without its markers. Reasons for empty cells stand below the table."""
    columns = section.contenders()
    heads = [names[contender] for contender in columns]
    lines = [f"### {section.title}", f"*{stamp}*", "", *([section.note, ""] if section.note else []),
             "| | " + " | ".join([heads[0], "goal", "met", *heads[1:]]) + " |",
             "|---|" + "---:|---|---|" + "---:|" * (len(columns) - 1)]
    reasons = []
    for row in section.rows:
        cells = []
        for contender in columns:
            text = cell(results, row, contender)
            if text is None:
                text = note_mark(reasons, why_empty(section, results, row, contender))
            cells.append(text)
        lines.append("| " + " | ".join([row.label, cells[0], *verdict(results, row), *cells[1:]]) + " |")
    if reasons:
        lines += [""] + [f"- [{at}] {reason}." for at, reason in enumerate(reasons, 1)]
    return "\n".join(lines).rstrip() + "\n"


def why_empty(section, results, row, contender):
    """None: this row is not for that contender, and the cell needs no reason."""
    if contender in section.absent:
        return section.absent[contender]
    return results.reasons.get((row.case, contender))


def note_mark(reasons, reason):
    if reason is None:
        return ""
    if reason not in reasons:
        reasons.append(reason)
    return f"[{reasons.index(reason) + 1}]"


def check_file(path, names):
    """Refuses before the measurement what could not be written after it."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for name in names:
        begin, end = BEGIN.format(name), END.format(name)
        counts = text.count(begin), text.count(end)
        if counts not in ((0, 0), (1, 1)) or (counts == (1, 1) and text.index(begin) > text.index(end)):
            raise Unwritable(f"{path}: the marker lines of {name} are damaged: {begin} ... {end}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise Unwritable(f"{path} is not writable")


def replace(text, name, body):
    """`text` with the section between its markers replaced, or appended. None: a quick run does not replace a full one."""
    begin, end = BEGIN.format(name), END.format(name)
    block = f"{begin}\n{body}{end}\n"
    found = re.search(re.escape(begin) + r"\n.*?" + re.escape(end) + r"\n?", text, re.DOTALL)
    if found is None:
        return text.rstrip("\n") + ("\n\n" if text.strip() else "") + block
    if QUICK in body and QUICK not in found.group(0) and "### " in found.group(0):
        return None
    return text[:found.start()] + block + text[found.end():]


def write(path, bodies):
    """Writes the sections {name: body} into the file; the text around them stays. Returns those it left alone."""
    path = pathlib.Path(path)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    kept = []
    for name, body in bodies.items():
        replaced = replace(text, name, body)
        if replaced is None:
            kept.append(name)
        else:
            text = replaced
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
    return kept

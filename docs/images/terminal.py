#!/usr/bin/env python3
"""Renders what a terminal showed as SVG: docs/images/terminal.py FIRST LAST <typescript >picture.svg

Standard input: the bytes of a run on a terminal, such as `script -qc './fairlead walkthrough' typescript` keeps them. The lines from the first that
contains FIRST up to the one before the first later one that contains LAST are drawn; lines longer than COLUMNS are wrapped as a terminal wraps them.
Colours: the SGR codes 0, 1, 2, 31 to 36. A line that was overwritten (curl's progress) shows what stood there last.
"""
import re
import sys
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

COLUMNS = 120
CELL, LINE, MARGIN = 8, 18, 14
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}


def cells(line):
    """(character, style) pairs of one line."""
    style, found = "", []
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not code:
            found += [(character, style) for character in part if character >= " "]
            continue
        for number in (code.group(1) or "0").split(";"):
            if number in ("0", ""):
                style = ""
            elif number == "1":
                style += "font-weight:bold;"
            elif number == "2":
                style += "opacity:.65;"
            elif number in COLOURS:
                style += f"fill:{COLOURS[number]};"
    return found


def width(character):
    return 2 if east_asian_width(character) in "WF" else 1


def rows(line):
    """The line's cells, wrapped at COLUMNS."""
    row, used = [], 0
    for cell in cells(line):
        if used + width(cell[0]) > COLUMNS:
            yield row
            row, used = [], 0
        row.append(cell)
        used += width(cell[0])
    yield row


def spans(row):
    at, text = MARGIN, []
    for character, style in row:
        if text and text[-1][1] == style and width(character) == 1 and text[-1][3]:
            text[-1][2].append(character)
        else:
            text.append((at, style, [character], width(character) == 1))
        at += CELL * width(character)
    return "".join(f'<tspan x="{x}"{f" style={chr(34)}{style}{chr(34)}" if style else ""}>{escape("".join(characters))}</tspan>' for x, style, characters, _ in text)


def main(first, last):
    lines = [re.sub(r"^.*\r(?=.)", "", line.rstrip("\r\n")) for line in sys.stdin.buffer.read().decode("utf-8", "replace").split("\n")]
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-LN-Za-ln-z]|\x1b\][^\x07]*\x07", "", line) for line in lines]
    begin = next((at for at, line in enumerate(lines) if first in line), None)
    if begin is None:
        sys.exit(f"terminal.py: no line contains '{first}'")
    end = next((at for at, line in enumerate(lines) if at > begin and last in line), len(lines))
    drawn = [row for line in "\n".join(lines[begin:end]).rstrip().split("\n") for row in rows(line)]
    wide, high = COLUMNS * CELL + 2 * MARGIN, len(drawn) * LINE + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="13">')
    print(f'<rect width="{wide}" height="{high}" rx="8" fill="#0d1117"/>')
    for number, row in enumerate(drawn):
        print(f'<text y="{MARGIN + LINE * number + 13}" fill="#e6edf3" xml:space="preserve">{spans(row)}</text>')
    print("</svg>")


if len(sys.argv) != 3:
    sys.exit(__doc__)
main(*sys.argv[1:])

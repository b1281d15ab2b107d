"""Turns definitions into the C table of compiled-in ones: embed.py OUTPUT NAME.json..."""

import pathlib
import sys

output, *inputs = sys.argv[1:]
lines = ['#include "vault/builtin.h"', ""]
rows = []
for number, source in enumerate(map(pathlib.Path, inputs)):
    data = source.read_bytes() + b"\0"
    lines.append(f"static const unsigned char text{number}[] = {{")
    lines += ["\t" + "".join(f"{byte}," for byte in data[i : i + 20]) for i in range(0, len(data), 20)]
    lines += ["};", ""]
    rows.append(f'\t{{"{source.name}", (const char *)text{number}, sizeof text{number} - 1}},')
lines += ["const struct tv_builtin tv_builtins[] = {", *rows, "\t{0},", "};", ""]
pathlib.Path(output).write_text("\n".join(lines), encoding="utf-8")

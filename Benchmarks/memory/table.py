"""Prints what scripts/bench memory measured: medians over its rounds as a table, with the ratios that are asked for; or as JSON (--json)."""

import json
import statistics
import sys

found = {}
for line in open(sys.argv[-1]):
    row = json.loads(line)
    found.setdefault((row["cache"], row["operation"], row["threads"]), []).append(row)
rows = []
for turns in found.values():
    row = dict(turns[0])
    for field in ("mops", "p999_ns", "longest_ns"):
        values = [turn[field] for turn in turns if turn.get(field) is not None]
        if values:
            row[field] = max(values) if field == "longest_ns" else statistics.median(values)
            if field == "mops" and len(values) > 1:
                row["mops_of_each_round"] = values
    rows.append(row)
if sys.argv[1] == "--json":
    for row in rows:
        print(json.dumps(row, separators=(",", ":")))
    sys.exit()
columns = ["cache", "operation", "threads", "mops", "p999_ns", "longest_ns", "bytes_per_entry"]
cells = [columns] + [["" if row.get(c) is None else str(row[c]) for c in columns] for row in rows]
widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
for number, line in enumerate(cells):
    print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")
    if number == 0:
        print("|" + "|".join("-" * (width + 2) for width in widths) + "|")

speed = {(row["cache"][:5], row["operation"], row["threads"]): row["mops"] for row in rows if row.get("mops")}
print()
for operation in ("read", "mix"):
    for threads in (1, 2):
        ours, theirs = speed.get(("recue", operation, threads)), speed.get(("caffe", operation, threads))
        if ours and theirs:
            print(f"{operation}, {threads} thread(s), to Caffeine: {ours / theirs:.2f} (needed 1.5, aim 2)")
one, two = speed.get(("recue", "read", 1)), speed.get(("recue", "read", 2))
if one and two:
    print(f"read, 2 threads to 1: {two / one:.2f} (needed 1.7)")
hot, uniform = speed.get(("recue", "hot", 2)), speed.get(("recue", "uniform", 2))
if hot and uniform:
    print(f"one hot key to uniform reads, 2 threads: {hot / uniform:.2f} (needed 1)")
use = {row["operation"]: row["bytes_per_entry"] for row in rows if row["operation"].startswith("memory")}
if use:
    print(f"bytes an entry more than a flat array: {use['memory_full'] - use['memory_array']} (needed 100, aim 60)")

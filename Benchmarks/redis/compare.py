"""Runs the clients in turn against one server and puts the figures side by side. Started by `scripts/bench redis`.

The clients take turns within each round, and the figures are medians over the rounds: so a ratio is one of the same run,
and what else the machine does meets all of them alike.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import time

from server import Server

MIB = 1024 * 1024


class Row:
    """One operation of one client."""

    def __init__(self, group, client, operation, value_bytes, tasks, mode, **more):
        self.group, self.client, self.operation, self.value_bytes = group, client, operation, value_bytes
        self.tasks, self.mode, self.more = tasks, mode, more
        self.samples = []

    def median(self, field):
        found = [sample[field] for sample in self.samples if sample.get(field) is not None]
        return statistics.median(found) if found else None

    def json(self):
        fields = {"client": self.client, "operation": self.operation, "value_bytes": self.value_bytes,
                  "tasks": self.tasks, "mode": self.mode}
        for name in ["ops_per_second", "p50_us", "p99_us", "cpu_us_per_op"]:
            fields[name] = self.median(name)
        for name in ["server_cpu_us_per_op", "peak_bytes", "beside_p50_us", "beside_p99_us", "beside_p999_us", "beside_count"]:
            value = self.median(name)
            if value is not None:
                fields[name] = round(value, 3)
        lanes = {sample["lane"] for sample in self.samples if "lane" in sample}
        if lanes:
            fields["lane"] = "/".join(sorted(lanes))
        return json.dumps(fields)


def rows():
    made = []
    for operation, size in [("get", 100), ("set", 100), ("get", 1024), ("set", 1024)]:
        for client in ["recuerde", "redis-benchmark"] + (["redis-py", "valkey-glide"] if size == 100 else []):
            made.append(Row(operation if size == 100 else operation + "1k", client, operation, size, 50, "single"))
    made.append(Row("mixed", "recuerde", "mixed", 100, 50, "single"))
    for tasks in [1000, 5000]:
        made.append(Row("many", "recuerde", "get", 100, tasks, "single"))
    for operation in ["get", "set"]:
        for client in ["recuerde", "redis-benchmark", "redis-py", "valkey-glide"]:
            made.append(Row("pipeline", client, operation, 100, 50, "pipeline"))
    made.append(Row("sequential", "recuerde", "get", 100, 1, "sequential"))
    made.append(Row("sequential", "recuerde", "get_on_loop", 100, 1, "sequential", flags=["--on-loop"]))
    for client in ["redis-benchmark", "redis-py", "valkey-glide"]:
        made.append(Row("sequential", client, "get", 100, 1, "sequential"))
    made.append(Row("beside", "recuerde", "get_alone", 100, 50, "single"))
    for count in [100_000, 1_000_000]:
        for client in ["recuerde", "redis-cli"]:
            made.append(Row("lrange", client, "lrange", count, 1, "sequential", key="bench:%d" % count))
    made.append(Row("beside", "recuerde", "lrange_beside", 1_000_000, 1, "sequential", key="bench:1000000",
                    flags=["--beside"]))
    made.append(Row("large", "recuerde", "get_large", 100 * MIB, 1, "sequential", key="bench:large"))
    made.append(Row("beside", "recuerde", "get_large_beside", 100 * MIB, 1, "sequential", key="bench:large",
                    flags=["--beside"]))
    # The same with pauses between them: what one great reply now and then does, instead of nothing but great replies.
    made.append(Row("beside", "recuerde", "lrange_beside_paced", 1_000_000, 1, "sequential", key="bench:1000000",
                    flags=["--beside", "--pace", "300"]))
    made.append(Row("beside", "recuerde", "get_large_beside_paced", 100 * MIB, 1, "sequential", key="bench:large",
                    flags=["--beside", "--pace", "400"]))
    return made


def timed(command):
    """Runs a program; returns its output, its seconds, and its CPU microseconds."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit("scripts/bench: failed with %d: %s" % (process.returncode, " ".join(command)))
    return output, time.perf_counter() - begin, (usage.ru_utime + usage.ru_stime) * 1e6


def run_recuerde(row, server, options):
    pipeline = 16 if row.mode == "pipeline" else 1
    operation = "lrange" if row.operation.startswith("lrange") else "large" if "large" in row.operation else row.operation
    command = [options.recuerde, "--port", server.port, "--operation", operation.removesuffix("_on_loop").removesuffix("_alone"),
               "--value-bytes", row.value_bytes, "--tasks", row.tasks, "--pipeline", pipeline,
               "--seconds", options.seconds * (2 if row.group == "many" else 1), *row.more.get("flags", [])]
    if options.loops:
        command += ["--loops", options.loops]
    if "key" in row.more:
        command += ["--key", row.more["key"]]
    output, _, _ = timed([str(part) for part in command])
    return json.loads(output)


def run_redis_benchmark(row, server, options):
    pipeline = 16 if row.mode == "pipeline" else 1
    requests = int(options.seconds * (1_000_000 if pipeline > 1 else 25_000 if row.tasks == 1 else 80_000))
    output, _, cpu = timed(["redis-benchmark", "-h", "127.0.0.1", "-p", str(server.port), "-c", str(row.tasks),
                            "-P", str(pipeline), "-n", str(requests), "-d", str(row.value_bytes), "-r", "1024",
                            "-t", row.operation, "--csv"])
    line = next(line for line in csv.reader(output.decode().splitlines()) if line[0].lower() == row.operation)
    return {"ops_per_second": float(line[1]), "p50_us": round(float(line[4]) * 1000, 1),
            "p99_us": round(float(line[6]) * 1000, 1), "cpu_us_per_op": round(cpu / requests, 3)}


def run_peer(row, server, options):
    peer = os.path.join(os.path.dirname(__file__), "peer.py")
    output, _, _ = timed([sys.executable, peer, "--client", row.client, "--port", str(server.port),
                          "--operation", row.operation, "--value-bytes", str(row.value_bytes), "--tasks", str(row.tasks),
                          "--pipeline", "16" if row.mode == "pipeline" else "1", "--seconds", str(options.seconds)])
    return json.loads(output)


def run_redis_cli(row, server, options):
    output, seconds, cpu = timed(["redis-cli", "-p", str(server.port), "LRANGE", row.more["key"], "0", "-1"])
    if output.count(b"\n") != row.value_bytes:
        raise SystemExit("scripts/bench: redis-cli printed another number of elements")
    return {"ops_per_second": round(1 / seconds, 3), "p50_us": round(seconds * 1e6), "p99_us": round(seconds * 1e6),
            "cpu_us_per_op": round(cpu)}


RUN = {"recuerde": run_recuerde, "redis-benchmark": run_redis_benchmark, "redis-py": run_peer,
       "valkey-glide": run_peer, "redis-cli": run_redis_cli}


def measure(row, server, options):
    if "key" not in row.more:
        server.fill(row.value_bytes)
    cpu, commands = server.cpu_us(), server.commands()
    sample = RUN[row.client](row, server, options)
    sample["server_cpu_us_per_op"] = (server.cpu_us() - cpu) / max(1, server.commands() - commands - 1)
    row.samples.append(sample)


def find(made, client, operation, value_bytes, tasks, mode):
    for row in made:
        if (row.client, row.operation, row.value_bytes, row.tasks, row.mode) == (
                client, operation, value_bytes, tasks, mode) and row.samples:
            return row
    return None


def ratios(made):
    """The figures that the issue asks for: what, measured, needed, aim."""

    def ratio(ours, theirs, field):
        ours, theirs = find(made, "recuerde", *ours), find(made, *theirs)
        return ours.median(field) / theirs.median(field) if ours and theirs else None

    def single(operation, size, client="redis-benchmark"):
        return client, operation, size, 50, "single"

    found = []
    for operation, size, needed, aim in [("get", 100, 2.6, 3.5), ("set", 100, 2.2, 3), ("get", 1024, 2.2, 3), ("set", 1024, 2.2, 3)]:
        name = "%s %d B, 50 callers" % (operation.upper(), size)
        ours, theirs = single(operation, size)[1:], single(operation, size)
        found.append((name, "x ops/s", ratio(ours, theirs, "ops_per_second"), ">= %s" % needed, ">= %s" % aim))
        found.append((name, "x CPU", ratio(ours, theirs, "cpu_us_per_op"), "<= 0.35", "<= 0.25"))
        found.append((name, "x p99", ratio(ours, theirs, "p99_us"), "<= 1", "<= 1"))
    base = single("get", 100)
    found.append(("GET 100 B, 50 callers, to redis-py", "x ops/s",
                  ratio(base[1:], single("get", 100, "redis-py"), "ops_per_second"), ">= 15", ">= 15"))
    for tasks in [1000, 5000]:
        found.append(("GET 100 B, %d callers, to -c 50" % tasks, "x ops/s",
                      ratio(("get", 100, tasks, "single"), base, "ops_per_second"), ">= 8", ">= 14"))
    for operation in ["get", "set"]:
        row = (operation, 100, 50, "pipeline")
        found.append(("%s 100 B, pipelines of 16, to -P 16" % operation.upper(), "x ops/s",
                      ratio(row, ("redis-benchmark", *row), "ops_per_second"), ">= 0.6", ">= 1.0"))
    one = ("get", 100, 1, "sequential")
    found.append(("GET 100 B, one caller, to -c 1", "x p50", ratio(one, ("redis-benchmark", *one), "p50_us"), "<= 2.6", "<= 2"))
    found.append(("GET 100 B, one caller on the loop", "x p50",
                  ratio(("get_on_loop", *one[1:]), ("redis-benchmark", *one), "p50_us"), "<= 1.6", "<= 1.2"))
    lists = {count: ("lrange", count, 1, "sequential") for count in [100_000, 1_000_000]}
    found.append(("LRANGE of a million, to redis-cli", "x time",
                  ratio(lists[1_000_000], ("redis-cli", *lists[1_000_000]), "p50_us"), "<= 1.5", "<= 1.5"))
    found.append(("LRANGE of a million, to 100 000", "x time",
                  ratio(lists[1_000_000], ("recuerde", *lists[100_000]), "p50_us"), "about 10", "about 10"))
    large = find(made, "recuerde", "get_large", 100 * MIB, 1, "sequential")
    if large and large.median("peak_bytes"):
        found.append(("GET of 100 MiB, peak memory", "x size", large.median("peak_bytes") / (100 * MIB), "<= 2.2", "<= 2.2"))
    # The great replies come over the bulk lane, the small commands go as ever: 50 callers with and without them.
    usual = find(made, "recuerde", "get_alone", 100, 50, "single")
    for operation, size in [("lrange_beside", 1_000_000), ("get_large_beside", 100 * MIB),
                            ("lrange_beside_paced", 1_000_000), ("get_large_beside_paced", 100 * MIB)]:
        row = find(made, "recuerde", operation, size, 1, "sequential")
        if row and usual:
            found.append(("50 callers beside %s in the bulk lane%s" % (operation.split("_beside")[0], ", paced" * operation.endswith("_paced")), "x p99",
                          row.median("beside_p99_us") / usual.median("p99_us"), "<= 5", "<= 5"))
    return [entry for entry in found if entry[2] is not None]


def print_table(head, body):
    body = [[str(cell) for cell in line] for line in body]
    widths = [max(len(line[index]) for line in [head] + body) for index in range(len(head))]
    print("| " + " | ".join(cell.ljust(width) for cell, width in zip(head, widths)) + " |")
    print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    for line in body:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")


def number(value):
    if value is None:
        return ""
    return "{:,.0f}".format(value).replace(",", " ") if value >= 1000 else "%.1f" % value if value >= 10 else "%.2f" % value


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench redis")
    parser.add_argument("--recuerde", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.2, help="of each measurement")
    parser.add_argument("--loops", type=int, default=0, help="event loops; one core is left to the server unless told")
    parser.add_argument("--only", default="", help="get,set,get1k,set1k,mixed,many,pipeline,sequential,lrange,large,beside")
    parser.add_argument("--clients", default="", help="only these, separated by commas")
    options = parser.parse_args()

    made = rows()
    groups = set(filter(None, options.only.split(",")))
    clients = set(filter(None, options.clients.split(",")))
    if groups - {row.group for row in made}:
        parser.error("--only does not know " + ", ".join(sorted(groups - {row.group for row in made})))
    made = [row for row in made if (not groups or row.group in groups) and (not clients or row.client in clients)]
    with Server() as server:
        for row in made:
            if row.client == "recuerde" and row.more.get("key", "").startswith("bench:1"):
                server.send(("DEL", row.more["key"]))
                server.fill_list(row.more["key"], row.value_bytes)
            elif row.more.get("key") == "bench:large":
                server.send(("SET", "bench:large", b"x" * row.value_bytes))
        for round_number in range(options.rounds):
            for row in made:
                if sys.stderr.isatty():
                    print("round %d: %s %s" % (round_number + 1, row.client, row.operation), file=sys.stderr)
                measure(row, server, options)
    if options.json:
        for row in made:
            print(row.json())
        return
    print_table(
        ["client", "operation", "bytes", "tasks", "mode", "ops/s", "p50 us", "p99 us", "CPU us/op", "server us/op"],
        [[row.client, row.operation, row.value_bytes, row.tasks, row.mode, number(row.median("ops_per_second")),
          number(row.median("p50_us")), number(row.median("p99_us")), number(row.median("cpu_us_per_op")),
          number(row.median("server_cpu_us_per_op"))] for row in made])
    print()
    print_table(["what", "ratio", "measured", "needed", "aim"],
                [[what, kind, "%.2f" % value, needed, aim] for what, kind, value, needed, aim in ratios(made)])


main()

"""A redis-server of one's own, and the few commands that filling it takes."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """Starts on a free loopback port; stopped by its process id at the end of the `with` block."""

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = tempfile.mkdtemp(prefix="recuerde-bench-")
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", self.folder, "--maxclients", "10000", "--client-output-buffer-limit", "normal 0 0 0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                self.socket = socket.create_connection(("127.0.0.1", self.port))
                self.reader = self.socket.makefile("rb")
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        self.stop()
        raise SystemExit("scripts/bench: redis-server did not start")

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def send(self, *commands):
        """Sends commands in one write; returns the last reply (a line, or a bulk string)."""
        out = bytearray()
        for command in commands:
            out += b"*%d\r\n" % len(command)
            for part in command:
                part = part if isinstance(part, bytes) else str(part).encode()
                out += b"$%d\r\n%s\r\n" % (len(part), part)
        self.socket.sendall(out)
        for _ in commands:
            reply = self.reader.readline()
            if reply.startswith(b"-"):
                raise SystemExit("scripts/bench: the server says " + reply.decode())
            if reply.startswith(b"$") and reply != b"$-1\r\n":
                reply = self.reader.read(int(reply[1:]) + 2)
        return reply

    def fill(self, value_bytes):
        """The keys of `redis-benchmark -r 1024`."""
        self.send(*[("SET", "key:%012d" % number, b"x" * value_bytes) for number in range(1024)])

    def fill_list(self, key, count):
        for start in range(0, count, 10_000):
            self.send(("RPUSH", key, *["element:%07d" % number for number in range(start, min(count, start + 10_000))]))

    def commands(self):
        """Commands carried out since the start."""
        for line in self.send(("INFO", "stats")).split(b"\r\n"):
            if line.startswith(b"total_commands_processed:"):
                return int(line.split(b":")[1])
        raise SystemExit("scripts/bench: INFO has no total_commands_processed")

    def cpu_us(self):
        """User and system time of the server, in microseconds."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1e6 / TICKS

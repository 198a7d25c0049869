"""Measures one operation of a Python client; prints one JSON object. One process for each, so that its CPU time is its own."""

import argparse
import asyncio
import json
import resource
import time

KEYS = ["key:%012d" % number for number in range(1024)]


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class RedisPy:
    async def open(self, port):
        import redis.asyncio as redis
        pool = redis.BlockingConnectionPool(host="127.0.0.1", port=port, max_connections=10, timeout=20)
        self.client = redis.Redis(connection_pool=pool)
        self.get, self.set = self.client.get, self.client.set

    async def pipeline(self, operation, keys, value):
        pipe = self.client.pipeline(transaction=False)
        for key in keys:
            pipe.get(key) if operation == "get" else pipe.set(key, value)
        await pipe.execute()

    async def close(self):
        await self.client.aclose()


class Glide:
    async def open(self, port):
        from glide import GlideClient, GlideClientConfiguration, NodeAddress
        self.client = await GlideClient.create(
            GlideClientConfiguration([NodeAddress("127.0.0.1", port)], request_timeout=5000))
        self.get, self.set = self.client.get, self.client.set

    async def pipeline(self, operation, keys, value):
        from glide import Batch
        batch = Batch(is_atomic=False)
        for key in keys:
            batch.get(key) if operation == "get" else batch.set(key, value)
        await self.client.exec(batch, raise_on_error=True)

    async def close(self):
        await self.client.close()


async def main(options):
    client = {"redis-py": RedisPy, "valkey-glide": Glide}[options.client]()
    await client.open(options.port)
    value = "x" * options.value_bytes
    start = time.perf_counter() + options.seconds / 3
    end = start + options.seconds
    latencies = []

    async def work(task):
        position = task * 379
        while True:
            begin = time.perf_counter()
            if options.pipeline == 1:
                position = (position + 617) & 1023
                await (client.get(KEYS[position]) if options.operation == "get" else client.set(KEYS[position], value))
            else:
                keys = []
                for _ in range(options.pipeline):
                    position = (position + 617) & 1023
                    keys.append(KEYS[position])
                await client.pipeline(options.operation, keys, value)
            now = time.perf_counter()
            if now > end:
                return
            if now >= start:
                latencies.append(now - begin)

    async def window():
        await asyncio.sleep(start - time.perf_counter())
        before = cpu()
        await asyncio.sleep(end - time.perf_counter())
        return cpu() - before

    *_, used = await asyncio.gather(*[work(task) for task in range(options.tasks)], window())
    await client.close()
    latencies.sort()
    count = len(latencies)
    print(json.dumps({
        "ops_per_second": round(count * options.pipeline / options.seconds, 1),
        "p50_us": round(latencies[count // 2] * 1e6, 1),
        "p99_us": round(latencies[min(count - 1, int(count * 0.99))] * 1e6, 1),
        "cpu_us_per_op": round(used * 1e6 / (count * options.pipeline), 3),
    }))


parser = argparse.ArgumentParser()
parser.add_argument("--client", choices=["redis-py", "valkey-glide"], required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--operation", choices=["get", "set"], default="get")
parser.add_argument("--value-bytes", type=int, default=100)
parser.add_argument("--tasks", type=int, default=50)
parser.add_argument("--pipeline", type=int, default=1)
parser.add_argument("--seconds", type=float, default=1.2)
asyncio.run(main(parser.parse_args()))

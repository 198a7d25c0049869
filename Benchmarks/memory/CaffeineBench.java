import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * The peer of MemoryBench: Caffeine with an expiry for each entry, byte weights and statistics, on the same work.
 *
 *   java -cp caffeine.jar CaffeineBench.java [entries] [seconds]
 */
public final class CaffeineBench {
    static final class Value {
        final byte[] bytes;
        final long nanoseconds;

        Value(byte[] bytes, long nanoseconds) {
            this.bytes = bytes;
            this.nanoseconds = nanoseconds;
        }
    }

    static int entries = 1_000_000;
    static double seconds = 2;
    static String[] keys;
    static int[] requests;
    static Cache<String, Value> cache;
    static long bytesPerEntry;

    static Value value(int number) {
        byte[] bytes = new byte[100];
        Arrays.fill(bytes, (byte) number);
        return new Value(bytes, (3_600L + number % 3_600) * 1_000_000_000L);
    }

    static Cache<String, Value> make() {
        return Caffeine.newBuilder()
            .maximumWeight(entries * 2_048L)
            .<String, Value>weigher((key, value) -> 16 + value.bytes.length + 256)
            .expireAfter(new Expiry<String, Value>() {
                public long expireAfterCreate(String key, Value value, long now) { return value.nanoseconds; }
                public long expireAfterUpdate(String key, Value value, long now, long left) { return value.nanoseconds; }
                public long expireAfterRead(String key, Value value, long now, long left) { return left; }
            })
            .recordStats()
            .build();
    }

    static long used() throws Exception {
        for (int round = 0; round < 5; round++) { System.gc(); Thread.sleep(100); }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    interface Step { boolean run(int thread, int number); }

    static boolean read(String key) {
        Value value = cache.getIfPresent(key);
        return value != null && value.bytes.length == 100;
    }

    static Step step(String operation) {
        int mask = requests.length - 1;
        switch (operation) {
            case "read":
                return (thread, number) -> read(keys[requests[(number * (thread == 0 ? 1 : 3) + thread * 1_000_003) & mask]]);
            case "mix":
                return (thread, number) -> {
                    String key = keys[requests[(number * (thread == 0 ? 1 : 3) + thread * 1_000_003) & mask]];
                    if ((number & 3) != 3) return read(key);
                    cache.put(key, value(number));
                    return true;
                };
            case "hot":
                return (thread, number) -> read(keys[0]);
            default:
                return (thread, number) -> {
                    long mixed = (number + ((long) thread << 40)) * 0x9E3779B97F4A7C15L;
                    mixed ^= mixed >>> 29;
                    mixed = mixed * 0xBF58476D1CE4E5B9L >>> 32;
                    return read(keys[(int) (mixed * entries >>> 32)]);
                };
        }
    }

    static double run(Step step, int threads, double seconds) throws Exception {
        LongAdder done = new LongAdder();
        Thread[] all = new Thread[threads];
        long start = System.nanoTime();
        long deadline = start + (long) (seconds * 1e9);
        for (int t = 0; t < threads; t++) {
            int thread = t;
            all[t] = new Thread(() -> {
                int number = 0;
                int found = 0;
                while (System.nanoTime() < deadline) {
                    for (int i = 0; i < 1_000; i++) {
                        if (step.run(thread, number)) found++;
                        number++;
                    }
                }
                if (found != number) throw new IllegalStateException("reads found nothing");
                done.add(number);
            });
            all[t].start();
        }
        for (Thread thread : all) thread.join();
        return done.sum() / (double) (System.nanoTime() - start) * 1e3;
    }

    static long[] latencies(Step step, int threads) throws Exception {
        int each = 2_000_000;
        long[] latencies = new long[each * threads];
        Thread[] all = new Thread[threads];
        for (int t = 0; t < threads; t++) {
            int thread = t;
            all[t] = new Thread(() -> {
                long before = System.nanoTime();
                for (int number = 0; number < each; number++) {
                    step.run(thread, number);
                    long after = System.nanoTime();
                    latencies[thread * each + number] = after - before;
                    before = after;
                }
            });
            all[t].start();
        }
        for (Thread thread : all) thread.join();
        Arrays.sort(latencies);
        return latencies;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) entries = Integer.parseInt(arguments[0]);
        if (arguments.length > 1) seconds = Double.parseDouble(arguments[1]);
        keys = new String[entries];
        for (int number = 0; number < entries; number++) keys[number] = String.format("key-%012d", number);
        requests = zipf(1 << 22, 0.99);
        long before = used();
        cache = make();
        // Keys of its own, so that they are counted too.
        for (int number = 0; number < entries; number++) cache.put(new String(keys[number].toCharArray()), value(number));
        cache.cleanUp();
        bytesPerEntry = (used() - before) / entries - 116;
        // As in the usual benchmark: the keys that are asked for are the very objects that were put.
        cache = make();
        for (int number = 0; number < entries; number++) cache.put(keys[number], value(number));
        cache.cleanUp();
        for (String operation : new String[] {"read", "mix", "uniform", "hot"}) {
            for (int threads = 1; threads <= 2; threads++) {
                Step step = step(operation);
                run(step, threads, seconds);
                double[] speeds = new double[3];
                for (int round = 0; round < 3; round++) speeds[round] = run(step, threads, seconds);
                Arrays.sort(speeds);
                long[] latencies = latencies(step, threads);
                System.out.printf(
                    "{\"cache\":\"caffeine-2.6.2\",\"operation\":\"%s\",\"threads\":%d,\"mops\":%.2f,\"p999_ns\":%d,"
                        + "\"longest_ns\":%d,\"bytes_per_entry\":%d}%n",
                    operation, threads, speeds[1], latencies[latencies.length - 1 - latencies.length / 1_000],
                    latencies[latencies.length - 1], bytesPerEntry);
            }
        }
    }

    static int[] zipf(int count, double exponent) {
        double[] cumulated = new double[entries];
        double sum = 0;
        for (int rank = 0; rank < entries; rank++) {
            sum += 1 / Math.pow(rank + 1, exponent);
            cumulated[rank] = sum;
        }
        int[] scattered = new int[entries];
        for (int number = 0; number < entries; number++) scattered[number] = number;
        Random random = new Random(42);
        for (int number = entries - 1; number > 0; number--) {
            int other = random.nextInt(number + 1);
            int kept = scattered[number];
            scattered[number] = scattered[other];
            scattered[other] = kept;
        }
        SplittableRandom samples = new SplittableRandom(7);
        int[] requests = new int[count];
        for (int number = 0; number < count; number++) {
            int found = Arrays.binarySearch(cumulated, samples.nextDouble() * sum);
            requests[number] = scattered[Math.min(found < 0 ? -found - 1 : found, entries - 1)];
        }
        return requests;
    }
}

// Nothing: the fuzzed function lies in the library, and `main` in libFuzzer.

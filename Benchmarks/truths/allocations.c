/* Counts allocations of a process that it is loaded into (LD_PRELOAD); asked by TruthSoak and MemoryBench through dlsym. GNU C library. */
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static long count;

static void add(void) { __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED); }

long recuerde_allocations(void) { return __atomic_load_n(&count, __ATOMIC_RELAXED); }

void *malloc(size_t size) { add(); return __libc_malloc(size); }
void *calloc(size_t items, size_t size) { add(); return __libc_calloc(items, size); }
void *realloc(void *old, size_t size) { add(); return __libc_realloc(old, size); }
void *aligned_alloc(size_t alignment, size_t size) { add(); return __libc_memalign(alignment, size); }
int posix_memalign(void **place, size_t alignment, size_t size) {
    add();
    *place = __libc_memalign(alignment, size);
    return *place ? 0 : 12;
}

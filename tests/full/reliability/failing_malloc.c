/* Memory that runs out: in a process with this library in LD_PRELOAD the n-th allocation from
 * fail_at(n) on returns NULL, once. C, C++, NumPy and Python (with PYTHONMALLOC=malloc) all come
 * by here. */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);

static atomic_long left = 0; /* until one fails; 0: none does */

void fail_at(long n) { left = n; }

/* Whether the failure has not come yet; it will not. */
int disarm(void) { return atomic_exchange(&left, 0) > 0; }

static int fails(void) {
  long n = left;
  while (n > 0 && !atomic_compare_exchange_weak(&left, &n, n - 1)) {
  }
  if (n == 1) errno = ENOMEM;
  return n == 1;
}

void* malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
void* realloc(void* memory, size_t size) { return fails() ? NULL : __libc_realloc(memory, size); }

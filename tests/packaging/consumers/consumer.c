/* Writes rates as raw floats to standard output: a table, then the same from scalar calls. */
#include <fastlr/fastlr.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  enum { first = -1000, count = 100000 };
  const double target = 0.1;
  fastlr_schedule* schedule;
  fastlr_error error;
  float* rates = malloc(2 * count * sizeof *rates);
  if (rates == NULL) return 1;
  if (fastlr_cosine_decay(0.1, 0.0, 0.0, NULL, 0, &schedule, &error) != FASTLR_INVALID_ARGUMENT)
    return 2;
  if (fastlr_cosine_decay(0.0, 70000, 0.01, &target, 5000, &schedule, &error) != FASTLR_OK ||
      fastlr_range(schedule, first, 1, count, rates, 0, &error) != FASTLR_OK) {
    fprintf(stderr, "%s\n", error.message);
    return 3;
  }
  for (int i = 0; i < count; ++i) rates[count + i] = fastlr_at(schedule, first + i);
  fastlr_free(schedule);
  fwrite(rates, sizeof *rates, 2 * count, stdout);
  free(rates);
  return 0;
}

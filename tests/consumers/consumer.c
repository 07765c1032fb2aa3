/* consumer SCHEDULES STEPS: writes rates as raw floats to standard output. SCHEDULES has one JSON
 * dict a line, STEPS raw int64_t. For each schedule and execution mode: the steps one by one, then
 * as an array, then a range, then the steps plus 0.3. */
#include <fastlr/fastlr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_steps = 10000, longest_line = 100000, range_count = 20000 };
static const int64_t range_start = -1000, range_step = 3;

static int64_t steps[most_steps];
static float rates[3 * most_steps + range_count];
static char line[longest_line];

static void must(fastlr_status status, const fastlr_error* error) {
  if (status == FASTLR_OK) return;
  fprintf(stderr, "%s: %s\n", line, error->message);
  exit(1);
}

static void write_rates(const fastlr_schedule* schedule, size_t count, fastlr_execution execution) {
  fastlr_error error;
  float *single = rates, *array = rates + count, *range = array + count,
        *real = range + range_count;
  for (size_t i = 0; i < count; ++i)
    must(fastlr_at(schedule, steps[i], execution, &single[i], &error), &error);
  must(fastlr_array(schedule, steps, count, array, 0, execution, &error), &error);
  must(fastlr_range(schedule, range_start, range_step, range_count, range, 0, execution, &error),
       &error);
  for (size_t i = 0; i < count; ++i)
    must(fastlr_at_real(schedule, (double)steps[i] + 0.3, execution, &real[i], &error), &error);
  fwrite(rates, sizeof *rates, 3 * count + range_count, stdout);
}

int main(int argc, char** argv) {
  fastlr_schedule* schedule;
  fastlr_error error;
  if (argc != 3 || strcmp(fastlr_version(), FASTLR_VERSION) != 0) return 1;
  if (fastlr_cosine_decay(0.1, 0.0, 0.0, NULL, NULL, 0, &schedule, &error) !=
          FASTLR_INVALID_ARGUMENT ||
      strstr(error.message, "decay_steps") == NULL)
    return 2;
  FILE *texts = fopen(argv[1], "rb"), *numbers = fopen(argv[2], "rb");
  if (texts == NULL || numbers == NULL) return 3;
  const size_t count = fread(steps, sizeof *steps, most_steps, numbers);
  while (fgets(line, sizeof line, texts) != NULL) {
    must(fastlr_from_json(line, strlen(line), &schedule, &error), &error);
    for (fastlr_execution execution = FASTLR_EAGER; execution <= FASTLR_XLA; ++execution)
      write_rates(schedule, count, execution);
    fastlr_free(schedule);
  }
  fclose(texts);
  fclose(numbers);
  return 0;
}

/* Fits y = 2 x - 1 by stochastic gradient descent, with the learning rate of a schedule that Python
 * wrote:
 *
 *     python write_schedule.py schedule.json
 *     cmake -S . -B build -Dfastlr_DIR=$(python -m fastlr --cmakedir) && cmake --build build
 *     build/trainer schedule.json
 */
#include <fastlr/fastlr.h>
#include <stdio.h>
#include <stdlib.h>

enum { training_steps = 200, longest_file = 1 << 16 };

/* The schedule in a file, or NULL, and why on standard error. */
static fastlr_schedule* read_schedule(const char* path) {
  static char text[longest_file];
  FILE* file = fopen(path, "rb");
  if (file == NULL) return perror(path), NULL;
  const size_t length = fread(text, 1, sizeof text, file);
  fclose(file);

  fastlr_schedule* schedule = NULL;
  fastlr_error error;
  if (fastlr_from_json(text, length, &schedule, &error) != FASTLR_OK)
    fprintf(stderr, "%s: %s\n", path, error.message);
  return schedule;
}

int main(int argc, char** argv) {
  if (argc != 2) return fprintf(stderr, "usage: trainer SCHEDULE.json\n"), 2;
  fastlr_schedule* schedule = read_schedule(argv[1]);
  if (schedule == NULL) return 1;

  /* All rates at once, before the training; fastlr_at gives one at a time. */
  float rates[training_steps + 1];
  fastlr_error error;
  if (fastlr_range(schedule, 0, 1, training_steps + 1, rates, 0, FASTLR_EAGER, &error) != FASTLR_OK)
    return fprintf(stderr, "%s\n", error.message), 1;
  fastlr_free(schedule);

  float slope = 0, offset = 0;
  for (int step = 0; step <= training_steps; ++step) {
    if (step % 50 == 0) printf("step %3d rate %.9g\n", step, rates[step]);
    const float x = (float)(step * 37 % 101) / 50 - 1; /* in no order, from -1 to 1 */
    const float error_of_step = slope * x + offset - (2 * x - 1);
    slope -= rates[step] * error_of_step * x;
    offset -= rates[step] * error_of_step;
  }
  printf("y = %.3f x %+.3f\n", slope, offset);
  return 0;
}

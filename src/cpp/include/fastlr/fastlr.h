/* fastlr for C99: learning-rate schedules with the bits of Keras.
 *
 * Every function may be called from any thread; a schedule is immutable and may be shared.
 * All arithmetic happens inside the library: the caller's compiler flags cannot change a bit.
 *
 *     fastlr_schedule *schedule;
 *     fastlr_error error;
 *     if (fastlr_cosine_decay(0.1, 1000, 0.0, NULL, 0, &schedule, &error) != FASTLR_OK)
 *       return fputs(error.message, stderr), 1;
 *     float lr = fastlr_at(schedule, step);
 *     fastlr_free(schedule);
 */
#ifndef FASTLR_H
#define FASTLR_H

#include <stddef.h>
#include <stdint.h>

#include "version.hpp"

#if defined(_WIN32) && defined(FASTLR_SHARED)
#ifdef FASTLR_BUILDING
#define FASTLR_API __declspec(dllexport)
#else
#define FASTLR_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define FASTLR_API __attribute__((visibility("default")))
#else
#define FASTLR_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum fastlr_status {
  FASTLR_OK = 0,
  FASTLR_INVALID_ARGUMENT = 1,
  FASTLR_OUT_OF_MEMORY = 2
} fastlr_status;

/* What went wrong: the argument, what was received, what is accepted. Every `error` parameter may
 * be NULL, and is written to only where the status is not FASTLR_OK. */
typedef struct fastlr_error {
  char message[256];
} fastlr_error;

typedef struct fastlr_schedule fastlr_schedule;

/* The version of the library that is linked, "major.minor.patch". */
FASTLR_API const char* fastlr_version(void);

/* Keras's CosineDecay, arguments in Keras's order; warmup_target NULL is Keras's None.
 * Give the schedule to fastlr_free in the end. */
FASTLR_API fastlr_status fastlr_cosine_decay(double initial_learning_rate, double decay_steps,
                                             double alpha, const double* warmup_target,
                                             double warmup_steps, fastlr_schedule** schedule,
                                             fastlr_error* error);

/* NULL is allowed. */
FASTLR_API void fastlr_free(fastlr_schedule* schedule);

/* The rate at one step. */
FASTLR_API float fastlr_at(const fastlr_schedule* schedule, int64_t step);

/* out[i] = rate at start + i * step, for i in [0, count). threads 0: chosen by size. */
FASTLR_API fastlr_status fastlr_range(const fastlr_schedule* schedule, int64_t start, int64_t step,
                                      size_t count, float* out, int threads, fastlr_error* error);

/* out[i] = rate at steps[i]; out must not overlap steps. */
FASTLR_API fastlr_status fastlr_array(const fastlr_schedule* schedule, const int64_t* steps,
                                      size_t count, float* out, int threads, fastlr_error* error);

#ifdef __cplusplus
}
#endif

#endif

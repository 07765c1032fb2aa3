/* fastlr for C99: learning-rate schedules with the bits of Keras.
 *
 *     fastlr_schedule *schedule;
 *     fastlr_error error;
 *     float rate;
 *     if (fastlr_cosine_decay(0.1, 1000, 0.0, NULL, NULL, 0, &schedule, &error) != FASTLR_OK ||
 *         fastlr_at(schedule, step, FASTLR_EAGER, &rate, &error) != FASTLR_OK)
 *       return fputs(error.message, stderr), 1;
 *     fastlr_free(schedule);
 *
 * Every function may be called from any thread; a schedule is immutable and may be shared. A call
 * that fails writes nothing but its error. All arithmetic happens inside the library, in the
 * default rounding mode: the flags that the caller is compiled with cannot change a bit.
 */
#ifndef FASTLR_H
#define FASTLR_H

#include <stdbool.h>
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

/* The execution mode of Keras whose bits are wanted: what schedule(step) returns; what a training
 * step in a tf.function sees; what one that is compiled by XLA sees. docs/exactness.md has the
 * arithmetic of each. Others than these three are refused. */
typedef int fastlr_execution;
enum { FASTLR_EAGER = 0, FASTLR_GRAPH = 1, FASTLR_XLA = 2 };

typedef struct fastlr_schedule fastlr_schedule;

/* The version of the library that is linked, "major.minor.patch". */
FASTLR_API const char* fastlr_version(void);

/* ---- Making schedules --------------------------------------------------------------------------
 *
 * One function for each schedule, with the arguments of its Python class in their order.
 * Numbers are rounded to float32, in which the schedules compute. `name` is only kept for
 * fastlr_json; NULL is Keras's None. Give the schedule to fastlr_free in the end. */

/* Defaults of Keras: alpha 0, name "CosineDecay", warmup_target NULL (None), warmup_steps 0. */
FASTLR_API fastlr_status fastlr_cosine_decay(double initial_learning_rate, double decay_steps,
                                             double alpha, const char* name,
                                             const double* warmup_target, double warmup_steps,
                                             fastlr_schedule** schedule, fastlr_error* error);

/* Defaults of Keras: t_mul 2, m_mul 1, alpha 0, name "SGDRDecay". */
FASTLR_API fastlr_status fastlr_cosine_decay_restarts(double initial_learning_rate,
                                                      double first_decay_steps, double t_mul,
                                                      double m_mul, double alpha, const char* name,
                                                      fastlr_schedule** schedule,
                                                      fastlr_error* error);

/* Defaults of Keras: staircase false, name "ExponentialDecay". */
FASTLR_API fastlr_status fastlr_exponential_decay(double initial_learning_rate, double decay_steps,
                                                  double decay_rate, bool staircase,
                                                  const char* name, fastlr_schedule** schedule,
                                                  fastlr_error* error);

/* initial / sqrt(1 + max(step, 0) / decay_steps), which Keras does not have: the same in every
   execution mode. Its default name is "InverseSquareRootDecay". */
FASTLR_API fastlr_status fastlr_inverse_square_root_decay(double initial_learning_rate,
                                                          double decay_steps, const char* name,
                                                          fastlr_schedule** schedule,
                                                          fastlr_error* error);

/* Defaults of Keras: staircase false, name "InverseTimeDecay". */
FASTLR_API fastlr_status fastlr_inverse_time_decay(double initial_learning_rate, double decay_steps,
                                                   double decay_rate, bool staircase,
                                                   const char* name, fastlr_schedule** schedule,
                                                   fastlr_error* error);

/* Defaults of Keras: end_learning_rate 0.0001, power 1, cycle false, name "PolynomialDecay". */
FASTLR_API fastlr_status fastlr_polynomial_decay(double initial_learning_rate, double decay_steps,
                                                 double end_learning_rate, double power, bool cycle,
                                                 const char* name, fastlr_schedule** schedule,
                                                 fastlr_error* error);

/* values[i] up to and including step boundaries[i], in the end values[boundary_count]; so
 * value_count is boundary_count + 1. Default of Keras: name "PiecewiseConstant". */
FASTLR_API fastlr_status fastlr_piecewise_constant_decay(
    const double* boundaries, size_t boundary_count, const double* values, size_t value_count,
    const char* name, fastlr_schedule** schedule, fastlr_error* error);

/* ---- Schedules that Keras does not have: a constant, any curve, and what is made of others.
 *
 * A part is shared: it may be freed before the schedule that is made of it. Schedules may be nested
 * 16 levels deep. Default names are "Constant", "Table", "Join", "Scale", "Shift" and "Clip". */

/* learning_rate at every step. */
FASTLR_API fastlr_status fastlr_constant(double learning_rate, const char* name,
                                         fastlr_schedule** schedule, fastlr_error* error);

/* values[step]; before step 0 the first of them, after the last step the last. */
FASTLR_API fastlr_status fastlr_table(const float* values, size_t value_count, const char* name,
                                      fastlr_schedule** schedule, fastlr_error* error);

/* schedules[i] from step boundaries[i - 1] on, which is its own step 0. The boundaries rise;
 * schedule_count is boundary_count + 1. */
FASTLR_API fastlr_status fastlr_join(const fastlr_schedule* const* schedules, size_t schedule_count,
                                     const int64_t* boundaries, size_t boundary_count,
                                     const char* name, fastlr_schedule** schedule,
                                     fastlr_error* error);

/* factor times the rate of a part. */
FASTLR_API fastlr_status fastlr_scale(const fastlr_schedule* part, double factor, const char* name,
                                      fastlr_schedule** schedule, fastlr_error* error);

/* The rate of a part at step + steps. */
FASTLR_API fastlr_status fastlr_shift(const fastlr_schedule* part, int64_t steps, const char* name,
                                      fastlr_schedule** schedule, fastlr_error* error);

/* The rate of a part, not below *minimum and not above *maximum; NULL is no bound. */
FASTLR_API fastlr_status fastlr_clip(const fastlr_schedule* part, const double* minimum,
                                     const double* maximum, const char* name,
                                     fastlr_schedule** schedule, fastlr_error* error);

/* From the dict that Python's fastlr.serialize or Keras writes, as JSON: `length` bytes of UTF-8,
 * at most FASTLR_JSON_MAX, with so many keys and so many levels of nesting. Only the classes above
 * are ever made. */
#define FASTLR_JSON_MAX 16777216
#define FASTLR_JSON_KEYS_MAX 10000
#define FASTLR_JSON_DEPTH_MAX 64
FASTLR_API fastlr_status fastlr_from_json(const char* text, size_t length,
                                          fastlr_schedule** schedule, fastlr_error* error);

/* NULL is allowed. */
FASTLR_API void fastlr_free(fastlr_schedule* schedule);

/* ---- Asking them ----------------------------------------------------------------------------- */

/* The schedule as that dict, which lives as long as the schedule; NULL for NULL. Equal schedules
 * have equal texts. */
FASTLR_API const char* fastlr_json(const fastlr_schedule* schedule);

/* *rate = rate at one step. */
FASTLR_API fastlr_status fastlr_at(const fastlr_schedule* schedule, int64_t step,
                                   fastlr_execution execution, float* rate, fastlr_error* error);

/* The same at a step that need not be whole: a double is rounded to float32, as Python does with a
 * float. (fastlr_at would cut it.) */
FASTLR_API fastlr_status fastlr_at_real(const fastlr_schedule* schedule, double step,
                                        fastlr_execution execution, float* rate,
                                        fastlr_error* error);

/* out[i] = rate at start + i * step, for i in [0, count), all of them within int64_t. threads 0:
 * chosen by size. */
FASTLR_API fastlr_status fastlr_range(const fastlr_schedule* schedule, int64_t start, int64_t step,
                                      size_t count, float* out, int threads,
                                      fastlr_execution execution, fastlr_error* error);

/* out[i] = rate at steps[i]; out must not overlap steps. */
FASTLR_API fastlr_status fastlr_array(const fastlr_schedule* schedule, const int64_t* steps,
                                      size_t count, float* out, int threads,
                                      fastlr_execution execution, fastlr_error* error);

#ifdef __cplusplus
}
#endif

#endif

// The C ABI of fastlr.h. No exception crosses it.
#include <cstdio>
#include <exception>
#include <limits>
#include <new>

#include "fastlr/fastlr.h"
#include "schedule.hpp"
#include "schedules/all.hpp"

struct fastlr_schedule {
  fastlr::core::AnySchedule<float> schedule;
};

namespace {

constexpr int no_thread_limit = std::numeric_limits<int>::max();

template <class Call>
fastlr_status guarded(fastlr_error* error, Call call) noexcept {
  const auto failed = [error](fastlr_status status, const char* message) {
    if (error != nullptr) std::snprintf(error->message, sizeof error->message, "%s", message);
    return status;
  };
  try {
    call();
    return FASTLR_OK;
  } catch (const std::bad_alloc&) {
    return failed(FASTLR_OUT_OF_MEMORY, "Out of memory.");
  } catch (const std::exception& exception) {
    return failed(FASTLR_INVALID_ARGUMENT, exception.what());
  }
}

void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

/// Refuses ranges whose last step does not fit int64_t: there is no float for it to be rounded to.
void check_range(std::int64_t start, std::int64_t step, size_t count) {
  constexpr auto max = std::numeric_limits<std::int64_t>::max();
  constexpr auto min = std::numeric_limits<std::int64_t>::min();
  const char* message = "Argument `count` must keep start + (count - 1) * step within int64_t.";
  require(count <= static_cast<std::uint64_t>(max), message);
  if (count < 2 || step == 0) return;
  const auto last = static_cast<std::int64_t>(count - 1);
  // Room on the side the steps walk to, as an unsigned distance: it always fits.
  const auto distance = [](std::int64_t low, std::int64_t high) {
    return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  };
  const std::uint64_t room = step > 0 ? distance(start, max) : distance(min, start);
  const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step)
                                        : std::uint64_t{0} - static_cast<std::uint64_t>(step);
  require(static_cast<std::uint64_t>(last) <= room / stride, message);
}

}  // namespace

const char* fastlr_version(void) { return FASTLR_VERSION; }

fastlr_status fastlr_cosine_decay(double initial_learning_rate, double decay_steps, double alpha,
                                  const double* warmup_target, double warmup_steps,
                                  fastlr_schedule** schedule, fastlr_error* error) {
  using namespace fastlr::core;
  return guarded(error, [&] {
    require(schedule != nullptr, "Argument `schedule` must not be NULL.");
    const CosineDecay<float, Eager> made(
        {initial_learning_rate, decay_steps, alpha, 1.0 - alpha,
         warmup_target != nullptr ? std::optional<double>(*warmup_target) : std::nullopt,
         warmup_steps});
    *schedule = new fastlr_schedule{AnySchedule<float>(made)};
  });
}

void fastlr_free(fastlr_schedule* schedule) { delete schedule; }

float fastlr_at(const fastlr_schedule* schedule, int64_t step) {
  return schedule->schedule.at(step);
}

fastlr_status fastlr_range(const fastlr_schedule* schedule, int64_t start, int64_t step,
                           size_t count, float* out, int threads, fastlr_error* error) {
  return guarded(error, [&] {
    require(schedule != nullptr, "Argument `schedule` must not be NULL.");
    require(out != nullptr || count == 0, "Argument `out` must not be NULL.");
    require(threads >= 0, "Argument `threads` must be >= 0.");
    check_range(start, step, count);
    schedule->schedule.range({start, step, static_cast<std::int64_t>(count)}, out, threads,
                             no_thread_limit, nullptr);
  });
}

fastlr_status fastlr_array(const fastlr_schedule* schedule, const int64_t* steps, size_t count,
                           float* out, int threads, fastlr_error* error) {
  return guarded(error, [&] {
    require(schedule != nullptr, "Argument `schedule` must not be NULL.");
    require((steps != nullptr && out != nullptr) || count == 0,
            "Arguments `steps` and `out` must not be NULL.");
    require(threads >= 0, "Argument `threads` must be >= 0.");
    require(count <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()),
            "Argument `count` must fit int64_t.");
    schedule->schedule.array(fastlr::core::StepType::int64, steps, static_cast<std::int64_t>(count),
                             out, threads, no_thread_limit, nullptr);
  });
}

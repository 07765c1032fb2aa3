// fastlr for C++17: the C ABI of fastlr.h as value types. Header-only, but without any arithmetic:
// that stays in the compiled library, whatever flags this header is compiled with.
#ifndef FASTLR_HPP
#define FASTLR_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <vector>

#include "fastlr.h"

namespace fastlr {

/// A learning-rate schedule: an immutable value, cheap to copy, usable from many threads.
class Schedule {
 public:
  /// The rate at one step.
  float operator()(std::int64_t step) const { return fastlr_at(schedule_.get(), step); }

  /// Rates at start, start + step, ... below stop (above it for a negative step).
  std::vector<float> table(std::int64_t start, std::int64_t stop, std::int64_t step = 1) const {
    std::vector<float> out(length(start, stop, step));
    table(start, stop, step, out.data());
    return out;
  }

  /// Rates at the steps 0, 1, ..., stop - 1.
  std::vector<float> table(std::int64_t stop) const { return table(0, stop); }

  /// The same into the caller's buffer, which holds length(start, stop, step) floats; allocates
  /// nothing. threads = 0 chooses by size.
  void table(std::int64_t start, std::int64_t stop, std::int64_t step, float* out,
             int threads = 0) const {
    fastlr_error error;
    check(
        fastlr_range(schedule_.get(), start, step, length(start, stop, step), out, threads, &error),
        error);
  }

  /// How many steps range(start, stop, step) has.
  static std::size_t length(std::int64_t start, std::int64_t stop, std::int64_t step = 1) {
    if (step == 0) throw std::invalid_argument("Argument `step` must not be 0.");
    // Distances as unsigned numbers: the difference of two int64_t may not fit one.
    const auto a = static_cast<std::uint64_t>(start), b = static_cast<std::uint64_t>(stop);
    if (step > 0 ? start >= stop : start <= stop) return 0;
    const std::uint64_t distance = step > 0 ? b - a : a - b;
    const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step)
                                          : std::uint64_t{0} - static_cast<std::uint64_t>(step);
    return static_cast<std::size_t>((distance - 1) / stride + 1);
  }

 protected:
  explicit Schedule(fastlr_schedule* schedule) : schedule_(schedule, fastlr_free) {}

  static void check(fastlr_status status, const fastlr_error& error) {
    if (status == FASTLR_OUT_OF_MEMORY) throw std::bad_alloc();
    if (status != FASTLR_OK) throw std::invalid_argument(error.message);
  }

 private:
  std::shared_ptr<fastlr_schedule> schedule_;
};

/// Keras's CosineDecay, with its optional linear warmup. Throws std::invalid_argument.
class CosineDecay : public Schedule {
 public:
  explicit CosineDecay(double initial_learning_rate, double decay_steps, double alpha = 0.0,
                       std::optional<double> warmup_target = std::nullopt, double warmup_steps = 0)
      : Schedule(make(initial_learning_rate, decay_steps, alpha,
                      warmup_target ? &*warmup_target : nullptr, warmup_steps)) {}

 private:
  static fastlr_schedule* make(double initial_learning_rate, double decay_steps, double alpha,
                               const double* warmup_target, double warmup_steps) {
    fastlr_schedule* schedule = nullptr;
    fastlr_error error;
    check(fastlr_cosine_decay(initial_learning_rate, decay_steps, alpha, warmup_target,
                              warmup_steps, &schedule, &error),
          error);
    return schedule;
  }
};

}  // namespace fastlr

#endif

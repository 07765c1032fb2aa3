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
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "fastlr.h"

namespace fastlr {

/// The execution mode of Keras whose bits are wanted.
enum class Execution {
  eager = FASTLR_EAGER,  ///< what schedule(step) returns
  graph = FASTLR_GRAPH,  ///< what a training step in a tf.function sees
  xla = FASTLR_XLA       ///< what a training step that is compiled by XLA sees
};

/// Kept for Keras, without any effect; std::nullopt is Keras's None.
using Name = std::optional<std::string>;

/// A learning-rate schedule: an immutable value, cheap to copy, usable from many threads.
///
/// Wrong arguments throw std::invalid_argument, whose text names the argument, what was received
/// and what is accepted.
class Schedule {
 public:
  // No moves, which would leave a schedule without its handle; a copy shares it.
  Schedule(const Schedule&) = default;
  Schedule& operator=(const Schedule&) = default;
  ~Schedule() = default;

  /// From the dict that Python's fastlr.serialize or Keras writes, as JSON.
  static Schedule from_json(std::string_view text) {
    return Schedule(made([&](auto schedule, auto error) {
      return fastlr_from_json(text.data(), text.size(), schedule, error);
    }));
  }

  /// That dict; `from_json` makes an equal schedule of it.
  std::string to_json() const { return fastlr_json(get()); }

  /// The rate at one step.
  float operator()(std::int64_t step, Execution execution = Execution::eager) const {
    float rate;
    fastlr_error error;
    check(fastlr_at(get(), step, to_c(execution), &rate, &error), error);
    return rate;
  }

  /// The rate at a step that need not be whole, which is rounded to float32 as in Python.
  template <class Real, std::enable_if_t<std::is_floating_point_v<Real>, int> = 0>
  float operator()(Real step, Execution execution = Execution::eager) const {
    static_assert(sizeof(Real) <= sizeof(double), "A step is an integer, a float or a double");
    float rate;
    fastlr_error error;
    check(fastlr_at_real(get(), step, to_c(execution), &rate, &error), error);
    return rate;
  }

  /// Rates at the steps of an array.
  std::vector<float> operator()(const std::vector<std::int64_t>& steps,
                                Execution execution = Execution::eager) const {
    std::vector<float> rates(steps.size());
    evaluate(steps.data(), steps.size(), rates.data(), 0, execution);
    return rates;
  }

  /// The same into the caller's buffer of `count` floats, which does not overlap `steps`; allocates
  /// nothing. threads = 0 chooses by size.
  void evaluate(const std::int64_t* steps, std::size_t count, float* out, int threads = 0,
                Execution execution = Execution::eager) const {
    fastlr_error error;
    check(fastlr_array(get(), steps, count, out, threads, to_c(execution), &error), error);
  }

  /// Rates at start, start + step, ... below stop (above it for a negative step).
  std::vector<float> table(std::int64_t start, std::int64_t stop, std::int64_t step = 1,
                           Execution execution = Execution::eager) const {
    std::vector<float> rates(length(start, stop, step));
    table(start, stop, step, rates.data(), 0, execution);
    return rates;
  }

  /// Rates at the steps 0, 1, ..., stop - 1.
  std::vector<float> table(std::int64_t stop) const { return table(0, stop); }

  /// The same into the caller's buffer, which holds length(start, stop, step) floats; allocates
  /// nothing. threads = 0 chooses by size.
  void table(std::int64_t start, std::int64_t stop, std::int64_t step, float* out, int threads = 0,
             Execution execution = Execution::eager) const {
    const std::size_t count = length(start, stop, step);
    fastlr_error error;
    check(fastlr_range(get(), start, step, count, out, threads, to_c(execution), &error), error);
  }

  /// Start, stop and step are integers, as in Python: nothing is cut in silence.
  template <class... Reals, std::enable_if_t<(std::is_floating_point_v<Reals> || ...), int> = 0>
  void table(Reals...) const = delete;

  /// How many steps Python's range(start, stop, step) has.
  static std::size_t length(std::int64_t start, std::int64_t stop, std::int64_t step = 1) {
    if (step == 0) throw std::invalid_argument("Argument `step` must not be 0");
    // Distances as unsigned numbers: the difference of two int64_t may not fit one.
    const auto a = static_cast<std::uint64_t>(start), b = static_cast<std::uint64_t>(stop);
    if (step > 0 ? start >= stop : start <= stop) return 0;
    const std::uint64_t distance = step > 0 ? b - a : a - b;
    const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step)
                                          : std::uint64_t{0} - static_cast<std::uint64_t>(step);
    return static_cast<std::size_t>((distance - 1) / stride + 1);
  }

  /// The handle for calls of the C ABI; it lives as long as this schedule or a copy of it.
  const fastlr_schedule* get() const noexcept { return schedule_.get(); }

  /// Of the same class with the same arguments.
  friend bool operator==(const Schedule& a, const Schedule& b) {
    return a.get() == b.get() || std::string_view(fastlr_json(a.get())) == fastlr_json(b.get());
  }
  friend bool operator!=(const Schedule& a, const Schedule& b) { return !(a == b); }

 protected:
  explicit Schedule(fastlr_schedule* schedule) : schedule_(schedule, fastlr_free) {}

  /// What make(&schedule, &error) makes.
  template <class Make>
  static fastlr_schedule* made(Make make) {
    fastlr_schedule* schedule = nullptr;
    fastlr_error error;
    check(make(&schedule, &error), error);
    return schedule;
  }

  static const char* to_c(const Name& name) {
    if (!name) return nullptr;
    if (name->find('\0') != std::string::npos) {
      throw std::invalid_argument("Argument `name` must not contain a NUL character");
    }
    return name->c_str();
  }

 private:
  static fastlr_execution to_c(Execution execution) {
    return static_cast<fastlr_execution>(execution);
  }

  static void check(fastlr_status status, const fastlr_error& error) {
    if (status == FASTLR_OK) return;
    if (status == FASTLR_OUT_OF_MEMORY) throw std::bad_alloc();
    throw std::invalid_argument(error.message);
  }

  std::shared_ptr<fastlr_schedule> schedule_;
};

/// Keras's CosineDecay, with its optional linear warmup.
class CosineDecay : public Schedule {
 public:
  explicit CosineDecay(double initial_learning_rate, double decay_steps, double alpha = 0.0,
                       const Name& name = "CosineDecay",
                       std::optional<double> warmup_target = std::nullopt, double warmup_steps = 0)
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_cosine_decay(initial_learning_rate, decay_steps, alpha, to_c(name),
                                     warmup_target ? &*warmup_target : nullptr, warmup_steps,
                                     schedule, error);
        })) {}
};

/// Keras's CosineDecayRestarts.
class CosineDecayRestarts : public Schedule {
 public:
  explicit CosineDecayRestarts(double initial_learning_rate, double first_decay_steps,
                               double t_mul = 2.0, double m_mul = 1.0, double alpha = 0.0,
                               const Name& name = "SGDRDecay")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_cosine_decay_restarts(initial_learning_rate, first_decay_steps, t_mul,
                                              m_mul, alpha, to_c(name), schedule, error);
        })) {}
};

/// Keras's ExponentialDecay.
class ExponentialDecay : public Schedule {
 public:
  explicit ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                            bool staircase = false, const Name& name = "ExponentialDecay")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_exponential_decay(initial_learning_rate, decay_steps, decay_rate, staircase,
                                          to_c(name), schedule, error);
        })) {}
};

/// initial / sqrt(1 + max(step, 0) / decay_steps), which Keras does not have.
class InverseSquareRootDecay : public Schedule {
 public:
  explicit InverseSquareRootDecay(double initial_learning_rate, double decay_steps,
                                  const Name& name = "InverseSquareRootDecay")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_inverse_square_root_decay(initial_learning_rate, decay_steps, to_c(name),
                                                  schedule, error);
        })) {}
};

/// Keras's InverseTimeDecay.
class InverseTimeDecay : public Schedule {
 public:
  explicit InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                            bool staircase = false, const Name& name = "InverseTimeDecay")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_inverse_time_decay(initial_learning_rate, decay_steps, decay_rate,
                                           staircase, to_c(name), schedule, error);
        })) {}
};

/// Keras's PolynomialDecay.
class PolynomialDecay : public Schedule {
 public:
  explicit PolynomialDecay(double initial_learning_rate, double decay_steps,
                           double end_learning_rate = 0.0001, double power = 1.0,
                           bool cycle = false, const Name& name = "PolynomialDecay")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_polynomial_decay(initial_learning_rate, decay_steps, end_learning_rate,
                                         power, cycle, to_c(name), schedule, error);
        })) {}
};

/// Keras's PiecewiseConstantDecay: values[i] up to and including step boundaries[i], in the end the
/// last value.
class PiecewiseConstantDecay : public Schedule {
 public:
  explicit PiecewiseConstantDecay(const std::vector<double>& boundaries,
                                  const std::vector<double>& values,
                                  const Name& name = "PiecewiseConstant")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_piecewise_constant_decay(boundaries.data(), boundaries.size(),
                                                 values.data(), values.size(), to_c(name), schedule,
                                                 error);
        })) {}
};

/// One rate at every step.
class Constant : public Schedule {
 public:
  explicit Constant(double learning_rate, const Name& name = "Constant")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_constant(learning_rate, to_c(name), schedule, error);
        })) {}
};

/// values[step]; before step 0 the first of them, after the last step the last.
class Table : public Schedule {
 public:
  explicit Table(const std::vector<float>& values, const Name& name = "Table")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_table(values.data(), values.size(), to_c(name), schedule, error);
        })) {}
};

/// schedules[i] from step boundaries[i - 1] on, which is its own step 0.
class Join : public Schedule {
 public:
  explicit Join(const std::vector<Schedule>& schedules, const std::vector<std::int64_t>& boundaries,
                const Name& name = "Join")
      : Schedule(made([&](auto schedule, auto error) {
          std::vector<const fastlr_schedule*> parts;
          for (const Schedule& part : schedules) parts.push_back(part.get());
          return fastlr_join(parts.data(), parts.size(), boundaries.data(), boundaries.size(),
                             to_c(name), schedule, error);
        })) {}
};

/// A schedule times a factor.
class Scale : public Schedule {
 public:
  explicit Scale(const Schedule& part, double factor, const Name& name = "Scale")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_scale(part.get(), factor, to_c(name), schedule, error);
        })) {}
};

/// The rate of a schedule at step + steps.
class Shift : public Schedule {
 public:
  explicit Shift(const Schedule& part, std::int64_t steps, const Name& name = "Shift")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_shift(part.get(), steps, to_c(name), schedule, error);
        })) {}
};

/// A schedule within bounds.
class Clip : public Schedule {
 public:
  explicit Clip(const Schedule& part, std::optional<double> minimum,
                std::optional<double> maximum = std::nullopt, const Name& name = "Clip")
      : Schedule(made([&](auto schedule, auto error) {
          return fastlr_clip(part.get(), minimum ? &*minimum : nullptr,
                             maximum ? &*maximum : nullptr, to_c(name), schedule, error);
        })) {}
};

}  // namespace fastlr

#endif

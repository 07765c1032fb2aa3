// The C ABI of fastlr.h. No exception crosses it.
#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <limits>
#include <new>
#include <optional>
#include <stdexcept>

#include "evaluation/shared_schedule.hpp"
#include "fastlr/fastlr.h"
#include "json.hpp"

namespace {

using fastlr::core::AnySchedule;
using fastlr::core::Arguments;
using fastlr::core::ExecutionId;
namespace core = fastlr::core;
namespace library = fastlr::library;

constexpr int no_thread_limit = std::numeric_limits<int>::max();

using Evaluators = std::array<AnySchedule<float>, 3>;

Evaluators evaluators(const core::SharedSchedule& schedule) {
  const auto made = [&](ExecutionId mode) { return schedule.in<float>(mode); };
  return {made(ExecutionId::eager), made(ExecutionId::graph), made(ExecutionId::xla)};
}

}  // namespace

struct fastlr_schedule {
  explicit fastlr_schedule(Arguments arguments)
      : shared(std::make_shared<const core::SharedSchedule>(std::move(arguments))),
        by_execution(evaluators(*shared)),
        json(library::to_json(shared->arguments())) {
    for (std::size_t i = 0; i < scalars.size(); ++i) scalars[i] = by_execution[i].scalar();
  }

  const core::Part shared;
  const Evaluators by_execution;  // indexed by fastlr_execution
  std::array<AnySchedule<float>::Scalar, 3> scalars;
  const std::string json;
};

namespace {

/// What fits, without half a character of UTF-8 at its end.
template <std::size_t size>
void copy(const char* message, char (&out)[size]) {
  std::size_t length = std::min(std::strlen(message), size - 1);
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(message[at]) & 0xC0u) == 0x80u;
  };
  while (length > 0 && continues(length)) --length;
  std::memcpy(out, message, length);
  out[length] = '\0';
}

template <class Call>
fastlr_status guarded(fastlr_error* error, Call call) noexcept {
  const auto failed = [error](fastlr_status status, const char* message) {
    if (error != nullptr) copy(message, error->message);
    return status;
  };
  try {
    call();
    return FASTLR_OK;
  } catch (const std::bad_alloc&) {
    return failed(FASTLR_OUT_OF_MEMORY, "Out of memory");
  } catch (const std::length_error&) {
    return failed(FASTLR_OUT_OF_MEMORY, "More than memory can hold");
  } catch (const std::exception& exception) {
    return failed(FASTLR_INVALID_ARGUMENT, exception.what());
  }
}

void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

bool is_execution(fastlr_execution execution) {
  return execution == FASTLR_EAGER || execution == FASTLR_GRAPH || execution == FASTLR_XLA;
}

void check_call(const fastlr_schedule* schedule, fastlr_execution execution) {
  require(schedule != nullptr, "Argument `schedule` must not be NULL");
  require(is_execution(execution),
          "Argument `execution` must be FASTLR_EAGER, FASTLR_GRAPH or FASTLR_XLA");
}

void check_bulk_call(const fastlr_schedule* schedule, size_t count, const float* out, int threads,
                     fastlr_execution execution) {
  check_call(schedule, execution);
  require(out != nullptr || count == 0, "Argument `out` must not be NULL");
  require(threads >= 0, "Argument `threads` must be >= 0");
  require(count <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()),
          "Argument `count` must fit int64_t");
}

/// Refuses ranges whose last step does not fit int64_t: there is no float for it to be rounded to.
void check_range(std::int64_t start, std::int64_t step, size_t count) {
  constexpr auto max = std::numeric_limits<std::int64_t>::max();
  constexpr auto min = std::numeric_limits<std::int64_t>::min();
  if (count < 2 || step == 0) return;
  // Room on the side the steps walk to, as an unsigned distance: it always fits.
  const auto distance = [](std::int64_t low, std::int64_t high) {
    return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  };
  const std::uint64_t room = step > 0 ? distance(start, max) : distance(min, start);
  const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step)
                                        : std::uint64_t{0} - static_cast<std::uint64_t>(step);
  require(static_cast<std::uint64_t>(count - 1) <= room / stride,
          "Argument `count` must keep start + (count - 1) * step within int64_t");
}

/// Gives *schedule what `arguments` returns.
template <class MakeArguments>
fastlr_status make(fastlr_schedule** schedule, fastlr_error* error, MakeArguments arguments) {
  return guarded(error, [&] {
    require(schedule != nullptr, "Argument `schedule` must not be NULL");
    *schedule = new fastlr_schedule(arguments());
  });
}

/// A parameter of a C function as the argument that it is.
template <class Value>
Value given(Value value) {
  return value;
}
core::Name given(const char* name) { return name == nullptr ? core::Name() : core::Name(name); }
std::optional<double> given(const double* value) {
  return value == nullptr ? std::nullopt : std::optional<double>(*value);
}

core::Part given(const fastlr_schedule* part) { return part == nullptr ? nullptr : part->shared; }

/// Gives *schedule one with these arguments, which a C function takes in the order of the struct.
template <class Schedule, class... Parameters>
fastlr_status make_of(fastlr_schedule** schedule, fastlr_error* error, Parameters... parameters) {
  return make(schedule, error, [&] { return Schedule{given(parameters)...}; });
}

}  // namespace

const char* fastlr_version(void) { return FASTLR_VERSION; }

fastlr_status fastlr_cosine_decay(double initial_learning_rate, double decay_steps, double alpha,
                                  const char* name, const double* warmup_target,
                                  double warmup_steps, fastlr_schedule** schedule,
                                  fastlr_error* error) {
  return make_of<core::CosineDecayArguments>(schedule, error, initial_learning_rate, decay_steps,
                                             alpha, name, warmup_target, warmup_steps);
}

fastlr_status fastlr_cosine_decay_restarts(double initial_learning_rate, double first_decay_steps,
                                           double t_mul, double m_mul, double alpha,
                                           const char* name, fastlr_schedule** schedule,
                                           fastlr_error* error) {
  return make_of<core::CosineDecayRestartsArguments>(schedule, error, initial_learning_rate,
                                                     first_decay_steps, t_mul, m_mul, alpha, name);
}

fastlr_status fastlr_exponential_decay(double initial_learning_rate, double decay_steps,
                                       double decay_rate, bool staircase, const char* name,
                                       fastlr_schedule** schedule, fastlr_error* error) {
  return make_of<core::ExponentialDecayArguments>(schedule, error, initial_learning_rate,
                                                  decay_steps, decay_rate, staircase, name);
}

fastlr_status fastlr_inverse_square_root_decay(double initial_learning_rate, double decay_steps,
                                               const char* name, fastlr_schedule** schedule,
                                               fastlr_error* error) {
  return make_of<core::InverseSquareRootDecayArguments>(schedule, error, initial_learning_rate,
                                                        decay_steps, name);
}

fastlr_status fastlr_inverse_time_decay(double initial_learning_rate, double decay_steps,
                                        double decay_rate, bool staircase, const char* name,
                                        fastlr_schedule** schedule, fastlr_error* error) {
  return make_of<core::InverseTimeDecayArguments>(schedule, error, initial_learning_rate,
                                                  decay_steps, decay_rate, staircase, name);
}

fastlr_status fastlr_polynomial_decay(double initial_learning_rate, double decay_steps,
                                      double end_learning_rate, double power, bool cycle,
                                      const char* name, fastlr_schedule** schedule,
                                      fastlr_error* error) {
  return make_of<core::PolynomialDecayArguments>(
      schedule, error, initial_learning_rate, decay_steps, end_learning_rate, power, cycle, name);
}

fastlr_status fastlr_piecewise_constant_decay(const double* boundaries, size_t boundary_count,
                                              const double* values, size_t value_count,
                                              const char* name, fastlr_schedule** schedule,
                                              fastlr_error* error) {
  return make(schedule, error, [&] {
    require(boundaries != nullptr || boundary_count == 0, "Argument `boundaries` must not be NULL");
    require(values != nullptr || value_count == 0, "Argument `values` must not be NULL");
    core::PiecewiseConstantDecayArguments arguments;
    arguments.boundaries.assign(boundaries, boundaries + boundary_count);
    arguments.values.assign(values, values + value_count);
    arguments.name = given(name);
    return arguments;
  });
}

fastlr_status fastlr_constant(double learning_rate, const char* name, fastlr_schedule** schedule,
                              fastlr_error* error) {
  return make_of<core::ConstantArguments>(schedule, error, learning_rate, name);
}

fastlr_status fastlr_table(const float* values, size_t value_count, const char* name,
                           fastlr_schedule** schedule, fastlr_error* error) {
  return make(schedule, error, [&] {
    require(values != nullptr || value_count == 0, "Argument `values` must not be NULL");
    core::TableArguments arguments;
    arguments.values.assign(values, values + value_count);
    arguments.name = given(name);
    return arguments;
  });
}

fastlr_status fastlr_join(const fastlr_schedule* const* schedules, size_t schedule_count,
                          const int64_t* boundaries, size_t boundary_count, const char* name,
                          fastlr_schedule** schedule, fastlr_error* error) {
  return make(schedule, error, [&] {
    require(schedules != nullptr || schedule_count == 0, "Argument `schedules` must not be NULL");
    require(boundaries != nullptr || boundary_count == 0, "Argument `boundaries` must not be NULL");
    core::JoinArguments arguments;
    for (size_t i = 0; i < schedule_count; ++i) arguments.schedules.push_back(given(schedules[i]));
    arguments.boundaries.assign(boundaries, boundaries + boundary_count);
    arguments.name = given(name);
    return arguments;
  });
}

fastlr_status fastlr_scale(const fastlr_schedule* part, double factor, const char* name,
                           fastlr_schedule** schedule, fastlr_error* error) {
  return make_of<core::ScaleArguments>(schedule, error, part, factor, name);
}

fastlr_status fastlr_shift(const fastlr_schedule* part, int64_t steps, const char* name,
                           fastlr_schedule** schedule, fastlr_error* error) {
  return make_of<core::ShiftArguments>(schedule, error, part, steps, name);
}

fastlr_status fastlr_clip(const fastlr_schedule* part, const double* minimum, const double* maximum,
                          const char* name, fastlr_schedule** schedule, fastlr_error* error) {
  return make_of<core::ClipArguments>(schedule, error, part, minimum, maximum, name);
}

fastlr_status fastlr_from_json(const char* text, size_t length, fastlr_schedule** schedule,
                               fastlr_error* error) {
  return make(schedule, error, [&] {
    require(text != nullptr, "Argument `text` must not be NULL");
    return library::from_json({text, length});
  });
}

void fastlr_free(fastlr_schedule* schedule) { delete schedule; }

const char* fastlr_json(const fastlr_schedule* schedule) {
  return schedule == nullptr ? nullptr : schedule->json.c_str();
}

fastlr_status fastlr_at(const fastlr_schedule* schedule, int64_t step, fastlr_execution execution,
                        float* rate, fastlr_error* error) {
  if (schedule != nullptr && is_execution(execution) && rate != nullptr) {
    *rate = schedule->scalars[static_cast<std::size_t>(execution)](step);
    return FASTLR_OK;
  }
  return guarded(error, [&] {
    check_call(schedule, execution);
    require(rate != nullptr, "Argument `rate` must not be NULL");
  });
}

fastlr_status fastlr_at_real(const fastlr_schedule* schedule, double step,
                             fastlr_execution execution, float* rate, fastlr_error* error) {
  return guarded(error, [&] {
    check_call(schedule, execution);
    require(rate != nullptr, "Argument `rate` must not be NULL");
    *rate = schedule->by_execution[static_cast<std::size_t>(execution)].at_real(
        core::flush(static_cast<float>(step)));
  });
}

fastlr_status fastlr_range(const fastlr_schedule* schedule, int64_t start, int64_t step,
                           size_t count, float* out, int threads, fastlr_execution execution,
                           fastlr_error* error) {
  return guarded(error, [&] {
    check_bulk_call(schedule, count, out, threads, execution);
    check_range(start, step, count);
    schedule->by_execution[static_cast<std::size_t>(execution)].range(
        {start, step, static_cast<std::int64_t>(count)}, out, threads, no_thread_limit, nullptr);
  });
}

fastlr_status fastlr_array(const fastlr_schedule* schedule, const int64_t* steps, size_t count,
                           float* out, int threads, fastlr_execution execution,
                           fastlr_error* error) {
  return guarded(error, [&] {
    check_bulk_call(schedule, count, out, threads, execution);
    require(steps != nullptr || count == 0, "Argument `steps` must not be NULL");
    schedule->by_execution[static_cast<std::size_t>(execution)].array(
        fastlr::core::StepType::int64, steps, static_cast<std::int64_t>(count), out, threads,
        no_thread_limit, nullptr);
  });
}

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "evaluation/shared_schedule.hpp"
#include "module.hpp"

namespace fastlr::bindings {

/// A schedule at single steps, for compiled code of others: src/fastlr/_step_functions.py has the
/// same struct, and says what else to change with it. Each returns what Python's call does.
struct StepFunctions {
  using Function = void (*)();
  Function at_integer = nullptr;  // Real (const void *schedule, std::int64_t step)
  Function at_single = nullptr;   // Real (const void *schedule, float step), not subnormal
  const void* schedule = nullptr;
  // The same for C, with the address of this struct:
  double (*integer_in_c)(std::int64_t step, void* functions) = nullptr;
  double (*double_in_c)(double step, void* functions) = nullptr;
};

/// A schedule in an execution mode, in the precision of its initial learning rate.
struct Kernel {
  std::variant<core::AnySchedule<float>, core::AnySchedule<double>> schedule;
  StepFunctions step_functions;  // when asked for
};

/// The execution mode of that name; nothing for anything else.
std::optional<core::ExecutionId> execution_of(PyObject* name);

/// The arguments of a schedule from keyword arguments of Python.
core::Arguments read_arguments(const std::string& class_name, const py::dict& given);

/// The same from what a constructor was given, where the core casts that as Python would: for
/// ordinary numbers in the order of the parameters. Otherwise nothing.
std::optional<core::Arguments> read_plain_arguments(const char* class_name, PyObject* config);

/// In float64, which has only the eager mode, the execution mode is without effect.
Kernel make_kernel(const core::SharedSchedule& schedule, bool is_double,
                   core::ExecutionId execution);

/// Steps of any type in memory.
struct StepArray {
  core::StepType type;
  const void* steps;
  std::int64_t count;
};

/// The address of the functions of a kernel, valid while the kernel is where it is.
std::uintptr_t step_functions(Kernel& kernel);

/// Rates of a range. threads = 0 chooses by size.
template <class Real>
void fill(const core::AnySchedule<Real>& schedule, core::StepRange steps, Real* out, int threads) {
  run(steps.count, [&](core::StopRequested stop) {
    return schedule.range(steps, out, threads, thread_limit, stop);
  });
}

/// Rates of a range from each of several schedules.
template <class Real>
void fill(const core::ScheduleList<Real>& schedules, core::StepRange steps, Real* out,
          std::ptrdiff_t distance, int threads) {
  run(static_cast<std::int64_t>(schedules.size()) * steps.count, [&](core::StopRequested stop) {
    return core::fill_rows(schedules, steps, out, distance, threads, thread_limit, stop);
  });
}

template <class Real>
void fill(const core::AnySchedule<Real>& schedule, const StepArray& array, Real* out, int threads) {
  run(array.count, [&](core::StopRequested stop) {
    return schedule.array(array.type, array.steps, array.count, out, threads, thread_limit, stop);
  });
}

}  // namespace fastlr::bindings

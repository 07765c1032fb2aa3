// Kernels as functions that compiled code of others calls, such as Numba's and SciPy's.
#include "kernel.hpp"

namespace fastlr::bindings {
namespace {

template <class Function>
StepFunctions::Function erased(Function* function) {
  return reinterpret_cast<StepFunctions::Function>(function);
}

/// The core's own functions.
StepFunctions functions_of(const core::AnySchedule<float>& schedule) {
  const auto scalar = schedule.scalar();
  return {erased(scalar.of_integer), erased(scalar.of_real), scalar.schedule, nullptr, nullptr};
}

double double_at_integer(const void* schedule, std::int64_t step) {
  return static_cast<const core::AnySchedule<double>*>(schedule)->at(step);
}

/// A float32 is compared and computed with in its own precision, as in an array.
double double_at_single(const void* schedule, float step) {
  double rate;
  static_cast<const core::AnySchedule<double>*>(schedule)->array(core::StepType::float32, &step, 1,
                                                                 &rate, 1, 1, nullptr);
  return rate;
}

StepFunctions functions_of(const core::AnySchedule<double>& schedule) {
  return {erased(double_at_integer), erased(double_at_single), &schedule, nullptr, nullptr};
}

template <class Real, class Step>
double called(StepFunctions::Function function, const void* schedule, Step step) {
  return double{reinterpret_cast<Real (*)(const void*, Step)>(function)(schedule, step)};
}

template <class Real>
double integer_in_c(std::int64_t step, void* functions) {
  const auto& of = *static_cast<const StepFunctions*>(functions);
  return called<Real>(of.at_integer, of.schedule, step);
}

template <class Real>
double double_in_c(double step, void* functions) {
  const auto& of = *static_cast<const StepFunctions*>(functions);
  return called<Real>(of.at_single, of.schedule, core::flush(static_cast<float>(step)));
}

}  // namespace

std::uintptr_t step_functions(Kernel& kernel) {
  if (kernel.step_functions.at_integer == nullptr) {
    std::visit(
        [&](const auto& schedule) {
          using Real = decltype(schedule.at(0));
          kernel.step_functions = functions_of(schedule);
          kernel.step_functions.integer_in_c = integer_in_c<Real>;
          kernel.step_functions.double_in_c = double_in_c<Real>;
        },
        kernel.schedule);
  }
  return reinterpret_cast<std::uintptr_t>(&kernel.step_functions);
}

}  // namespace fastlr::bindings

#include "any_schedule.hpp"

#include "driver.hpp"
#include "look_up_driver.hpp"

namespace fastlr::core {
namespace {

template <class Real>
KernelTable<Real> same(const Kernels<Real>& kernels) {
  return {&kernels, &kernels, &kernels};
}

template <class Real>
KernelTable<Real> kernel_table(const PiecewiseConstantDecay<Real>&) {
  return same(LookUpDriver<Real, PiecewiseConstantDecay<Real>>::kernels);
}

template <class Real, class Schedule>
KernelTable<Real> kernel_table(const Schedule& schedule) {
  if (schedule.needs_flush() || (sizeof(Real) == 8 && Schedule::vanishes)) {
    return same(PlainDriver<Baseline, Schedule, Flushed<Real>>::kernels);
  }
  if constexpr (sizeof(Real) == 8) {
    return same(PlainDriver<Baseline, Schedule, Real>::kernels);
  } else {
#ifdef FASTLR_HAVE_X86_ISAS
    return {&bulk_kernels<Baseline, Schedule>(), &bulk_kernels<Avx2, Schedule>(),
            &bulk_kernels<Avx512, Schedule>()};
#else
    return {&bulk_kernels<Baseline, Schedule>(), nullptr, nullptr};
#endif
  }
}

template <class Real, class Mode, class Arguments>
AnySchedule<Real> make_in(const Arguments& arguments) {
  using Schedule = typename Arguments::template Schedule<Real, Mode>;
  auto schedule = std::make_shared<const Schedule>(arguments);
  return {kernel_table<Real>(*schedule), schedule};
}

}  // namespace

template <class Real>
AnySchedule<Real> make_schedule(ExecutionId execution, const Arguments& arguments) {
  return std::visit(
      [&](const auto& given) {
        if constexpr (sizeof(Real) == 4) {
          if (execution == ExecutionId::graph) return make_in<Real, Graph>(given);
          if (execution == ExecutionId::xla) return make_in<Real, Xla>(given);
        }
        return make_in<Real, Eager>(given);
      },
      arguments);
}

template AnySchedule<float> make_schedule(ExecutionId, const Arguments&);
template AnySchedule<double> make_schedule(ExecutionId, const Arguments&);

}  // namespace fastlr::core

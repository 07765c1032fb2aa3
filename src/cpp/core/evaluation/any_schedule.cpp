#include "any_schedule.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "../schedules/all.hpp"
#include "block_loops.hpp"
#include "driver.hpp"
#include "look_up_driver.hpp"
#include "member_driver.hpp"

namespace fastlr::core {
namespace {

template <class Real>
KernelTable<Real> same(const Kernels<Real>& kernels) {
  return {&kernels, &kernels, &kernels};
}

template <class Real, class Schedule>
KernelTable<Real> kernel_table_of_formula(const Schedule& schedule) {
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

template <class Schedule, class Void = void>
inline constexpr bool looks_up = false;
template <class Schedule>
inline constexpr bool looks_up<Schedule, std::void_t<decltype(&Schedule::rate_of)>> = true;

template <class Schedule, class Void = void>
inline constexpr bool evaluates_itself = false;
template <class Schedule>
inline constexpr bool evaluates_itself<Schedule, std::void_t<decltype(&Schedule::range)>> = true;

template <class Real, class Schedule>
KernelTable<Real> kernel_table(const Schedule& schedule) {
  if constexpr (looks_up<Schedule>) {
    return same(LookUpDriver<Real, Schedule>::kernels);
  } else if constexpr (evaluates_itself<Schedule>) {
    return same(MemberDriver<Real, Schedule>::kernels);
  } else {
    return kernel_table_of_formula<Real>(schedule);
  }
}

template <class Real, class Mode, class Given>
AnySchedule<Real> make_in(const Given& arguments) {
  using Schedule = typename Given::template Schedule<Real, Mode>;
  auto schedule = std::make_shared<const Schedule>(arguments);
  return {kernel_table<Real>(*schedule), schedule};
}

// ---- How deep a schedule is nested: 1 for one without parts -------------------------------------

int levels(const Arguments& arguments);

template <class Value>
int levels_of(const Value&) {
  return 0;
}
int levels_of(const Part& part) { return part == nullptr ? 0 : levels(*part); }
int levels_of(const std::vector<Part>& parts) {
  int most = 0;
  for (const Part& part : parts) most = std::max(most, levels_of(part));
  return most;
}

int levels(const Arguments& arguments) {
  int most = 0;
  const auto look = [&](const char*, const auto& value, Given) {
    most = std::max(most, levels_of(value));
  };
  std::visit([&](const auto& given) { given.each(given, look); }, arguments);
  return most + 1;
}

}  // namespace

template <class Real>
const BlockLoops<Real>& block_loops() {
  switch (active_isa()) {
#ifdef FASTLR_HAVE_X86_ISAS
    case IsaId::avx512:
      return block_loops_in<Avx512, Real>();
    case IsaId::avx2:
      return block_loops_in<Avx2, Real>();
#endif
    default:
      return block_loops_in<Baseline, Real>();
  }
}

template const BlockLoops<float>& block_loops();
template const BlockLoops<double>& block_loops();

template <class Real>
AnySchedule<Real> make_schedule(ExecutionId execution, const Arguments& arguments) {
  if (levels(arguments) > most_levels) {
    throw std::invalid_argument("The schedule is nested too deeply: at most " +
                                std::to_string(most_levels) + " levels");
  }
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

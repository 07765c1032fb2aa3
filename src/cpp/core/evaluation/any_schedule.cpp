#include "any_schedule.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "../schedules/all.hpp"
#include "block_loops.hpp"
#include "driver.hpp"
#include "member_driver.hpp"
#include "shared_schedule.hpp"

namespace fastlr::core {

int levels_of(const Part& part) { return part == nullptr ? 0 : part->levels(); }

namespace {

/// Other files see no symbol of what is instantiated for this tag, so that none is kept for them.
struct Here : Baseline {};

template <class Real>
KernelTable<Real> same(const Kernels<Real>& kernels) {
  return {&kernels, &kernels, &kernels};
}

template <class Real, class Given, class Schedule>
KernelTable<Real> kernel_table_of_formula(ExecutionId execution, const Schedule& schedule) {
  if (schedule.needs_flush() || (sizeof(Real) == 8 && Schedule::vanishes)) {
    return same(PlainDriver<Here, Schedule, Flushed<Real>>::kernels);
  }
  if constexpr (sizeof(Real) == 8) {
    return same(PlainDriver<Here, Schedule, Real>::kernels);
  } else {
#ifdef FASTLR_HAVE_X86_ISAS
    return {&bulk_kernels<Baseline, Given>(execution), &bulk_kernels<Avx2, Given>(execution),
            &bulk_kernels<Avx512, Given>(execution)};
#else
    return {&bulk_kernels<Baseline, Given>(execution), nullptr, nullptr};
#endif
  }
}

template <class Schedule, class Void = void>
inline constexpr bool evaluates_itself = false;
template <class Schedule>
inline constexpr bool evaluates_itself<Schedule, std::void_t<decltype(&Schedule::range)>> = true;

template <class Real, class Given, class Schedule>
KernelTable<Real> kernel_table(ExecutionId execution, const Schedule& schedule) {
  if constexpr (evaluates_itself<Schedule>) {
    return same(MemberDriver<Real, Schedule>::kernels);
  } else {
    return kernel_table_of_formula<Real, Given>(execution, schedule);
  }
}

/// Whether a schedule is told the execution mode, for its parts or since its arithmetic is the same
/// in some.
template <class Schedule, class Given>
inline constexpr bool is_told_mode = std::is_constructible_v<Schedule, const Given&, ExecutionId>;

template <class Real, class Mode, class Given>
AnySchedule<Real> make_in(const Given& arguments) {
  using Schedule = typename Given::template Schedule<Real, Mode>;
  std::shared_ptr<const Schedule> schedule;
  if constexpr (is_told_mode<Schedule, Given>) {
    schedule = std::make_shared<const Schedule>(arguments, Mode::id);
  } else {
    schedule = std::make_shared<const Schedule>(arguments);
  }
  return {kernel_table<Real, Given>(Mode::id, *schedule), schedule};
}

/// Whether one object will do for all modes.
template <class Given>
constexpr bool is_same_in_every_mode(const Given&) {
  using Schedule = typename Given::template Schedule<float, Eager>;
  return std::is_same_v<Schedule, typename Given::template Schedule<float, Xla>> &&
         !is_told_mode<Schedule, Given>;
}

template <class Value>
int levels_of(const Value&) {
  return 0;
}
int levels_of(const std::vector<Part>& parts) {
  int most = 0;
  for (const Part& part : parts) most = std::max(most, levels_of(part));
  return most;
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

SharedSchedule::SharedSchedule(Arguments arguments) : arguments_(std::move(arguments)), levels_(1) {
  std::visit(
      [&](const auto& given) {
        given.each(given, [&](const char*, const auto& value, Given) {
          levels_ = std::max(levels_, levels_of(value) + 1);
        });
      },
      arguments_);
  if (levels_ > most_levels) {
    throw std::invalid_argument("The schedule is nested too deeply: at most " +
                                std::to_string(most_levels) + " levels");
  }
}

template <class Real>
AnySchedule<Real> SharedSchedule::in(ExecutionId execution) const {
  const bool is_same_in_all =
      std::visit([](const auto& given) { return is_same_in_every_mode(given); }, arguments_);
  const ExecutionId mode = is_same_in_all ? ExecutionId::eager : execution;
  const std::lock_guard lock(mutex_);
  auto& made = [&]() -> auto& {
    if constexpr (sizeof(Real) == 4) {
      return in_binary32_[static_cast<std::size_t>(mode)];
    } else {
      return in_binary64_[static_cast<std::size_t>(mode)];
    }
  }();
  if (!made) made = make_schedule<Real>(mode, arguments_);
  return *made;
}

template AnySchedule<float> SharedSchedule::in(ExecutionId) const;
template AnySchedule<double> SharedSchedule::in(ExecutionId) const;

template <class Real>
AnySchedule<Real> make_part(const char* name, const Part& part, ExecutionId execution) {
  if (part == nullptr) {
    throw std::invalid_argument(std::string("Argument `") + name + "` must be given");
  }
  return part->in<Real>(execution);
}

template AnySchedule<float> make_part(const char*, const Part&, ExecutionId);
template AnySchedule<double> make_part(const char*, const Part&, ExecutionId);

}  // namespace fastlr::core

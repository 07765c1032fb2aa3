// A schedule some steps ahead, or behind.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../evaluation/block_loops.hpp"
#include "../schedules/argument_checks.hpp"
#include "part.hpp"

namespace fastlr::core {

template <class Real>
class Shift;

struct ShiftArguments {
  static constexpr const char* class_name = "Shift";
  static constexpr const char* module = fastlr_module;
  template <class Real, class>
  using Schedule = Shift<Real>;

  Part schedule;
  std::int64_t steps = 0;
  Name name = class_name;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("schedule", self.schedule, Given::always);
    visit("steps", self.steps, Given::always);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit) {}
};

/// Integer steps are moved exactly, others with one rounding.
template <class Real>
class Shift {
 public:
  Shift(const ShiftArguments& p, ExecutionId execution)
      : part_(make_part<Real>("schedule", p.schedule, execution)), distance_(p.steps) {
    check_step("steps", distance_);
  }

  Real at(std::int64_t step) const { return part_.at(moved(step, distance_)); }
  Real at_real(Real step) const { return part_.at_real(moved(step, static_cast<Real>(distance_))); }

  void range(StepRange steps, Real* out) const {
    if (can_move(steps, distance_)) {
      return part_.fill({moved(steps.start, distance_), steps.stride, steps.count}, out);
    }
    for (std::int64_t i = 0; i < steps.count; ++i) out[i] = at(steps[i]);
  }

  void array(StepType type, const void* steps, std::size_t count, Real* out) const {
    in_step_blocks<Real>(type, steps, count, [&](auto block, std::size_t size, std::size_t first) {
      fill_block(block, size, out + first);
    });
  }

 private:
  template <class Step>
  FASTLR_NOINLINE void fill_block(const Step* steps, std::size_t count, Real* out) const {
    Step moved_steps[step_block];
    block_loops<Real>().of(Step()).move(steps, count, static_cast<Step>(distance_), moved_steps);
    part_.fill(type_of<Step>, moved_steps, count, out);
  }

  AnySchedule<Real> part_;
  std::int64_t distance_;
};

}  // namespace fastlr::core

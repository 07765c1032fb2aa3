// One schedule after the other, as optax.join_schedules has them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "../evaluation/any_schedule.hpp"
#include "../evaluation/block_loops.hpp"
#include "../schedules/argument_checks.hpp"
#include "part.hpp"

namespace fastlr::core {

template <class Real>
class Join;

struct JoinArguments {
  static constexpr const char* class_name = "Join";
  static constexpr const char* module = fastlr_module;
  template <class Real, class>
  using Schedule = Join<Real>;

  std::vector<Part> schedules;
  std::vector<std::int64_t> boundaries;
  Name name = class_name;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("schedules", self.schedules, Given::always);
    visit("boundaries", self.boundaries, Given::always);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit) {}
};

/// From a boundary on, the next part, whose step 0 is the boundary.
template <class Real>
class Join {
 public:
  Join(const JoinArguments& p, ExecutionId execution) : boundaries_(p.boundaries) {
    if (p.schedules.size() != boundaries_.size() + 1) {
      throw std::invalid_argument(
          "Argument `boundaries` must have one element less than `schedules`. Received: " +
          std::to_string(boundaries_.size()) + " boundaries and " +
          std::to_string(p.schedules.size()) + " schedules");
    }
    for (std::size_t i = 0; i < boundaries_.size(); ++i) {
      check_step("boundaries", boundaries_[i]);
      if (i > 0 && boundaries_[i] <= boundaries_[i - 1]) {
        throw std::invalid_argument(
            "Argument `boundaries` must rise. Received: " + std::to_string(boundaries_[i]) +
            " after " + std::to_string(boundaries_[i - 1]));
      }
    }
    for (const Part& part : p.schedules) {
      parts_.push_back(make_part<Real>("schedules", part, execution));
      is_nested_ = is_nested_ || levels_of(part) + 1 >= nested_levels;
    }
  }

  Real at(std::int64_t step) const {
    const std::size_t part = part_of(step);
    return parts_[part].at(moved(step, distance<std::int64_t>(part)));
  }
  Real at_real(Real step) const {
    const std::size_t part = part_of(step);
    return parts_[part].at_real(moved(step, distance<Real>(part)));
  }

  void range(StepRange steps, Real* out) const {
    for (std::int64_t first = 0; first < steps.count;) {
      const std::size_t part = part_of(steps[first]);
      const std::int64_t end = first_outside(
          first, steps.count, [&](std::int64_t index) { return part_of(steps[index]) == part; });
      fill(part, steps.slice(first, end - first), out + first);
      first = end;
    }
  }

  void array(StepType type, const void* steps, std::size_t count, Real* out) const {
    in_step_blocks<Real>(type, steps, count, [&](auto block, std::size_t size, std::size_t first) {
      fill_block(block, size, out + first);
    });
  }

 private:
  Real at_any(std::int64_t step) const { return at(step); }
  Real at_any(Real step) const { return at_real(step); }

  /// The number of boundaries at or before a step. NaN is after all, as in optax.
  std::size_t part_of(std::int64_t step) const {
    const auto above = std::upper_bound(boundaries_.begin(), boundaries_.end(), step);
    return static_cast<std::size_t>(above - boundaries_.begin());
  }
  std::size_t part_of(Real step) const {
    const auto is_before = [](Real a, std::int64_t b) { return a < static_cast<Real>(b); };
    const auto above = std::upper_bound(boundaries_.begin(), boundaries_.end(), step, is_before);
    return static_cast<std::size_t>(above - boundaries_.begin());
  }

  /// From a step to that of a part.
  template <class Step>
  Step distance(std::size_t part) const {
    return part == 0 ? Step(0) : -static_cast<Step>(boundaries_[part - 1]);
  }

  /// Rates of a range in one part.
  void fill(std::size_t part, StepRange steps, Real* out) const {
    const auto by = distance<std::int64_t>(part);
    if (can_move(steps, by)) {
      return parts_[part].fill({moved(steps.start, by), steps.stride, steps.count}, out);
    }
    for (std::int64_t i = 0; i < steps.count; ++i) out[i] = at(steps[i]);
  }

  template <class Step>
  void fill_part(std::size_t part, const Step* steps, std::size_t count, Real* out) const {
    if (part == 0) return parts_[0].fill(type_of<Step>, steps, count, out);
    Step of_part[step_block];
    block_loops<Real>().of(Step()).move(steps, count, distance<Step>(part), of_part);
    parts_[part].fill(type_of<Step>, of_part, count, out);
  }

  // Threads have little stack, and Joins may be nested: few arrays, and small ones where they are.
  static constexpr int most_splits = 2;
  static constexpr std::size_t block_of_nested = step_block / 4;
  static constexpr int nested_levels = 4;

  template <class Step>
  FASTLR_NOINLINE void fill_block(const Step* steps, std::size_t count, Real* out) const {
    std::size_t first = 0, last = boundaries_.size();
    constexpr std::size_t split_off = 1 << most_splits;  // so many parts need no look
    if (parts_.size() > split_off) {
      const auto found = block_loops<Real>().of(Step()).limits(steps, count);
      if (!found.any_nan) {
        first = part_of(found.low);
        last = part_of(found.high);
      }
    }
    if (!is_nested_) return fill_parts<step_block>(first, last, most_splits, steps, count, out);
    for (std::size_t i = 0; i < count; i += block_of_nested) {
      const std::size_t few = std::min(block_of_nested, count - i);
      fill_parts<block_of_nested>(first, last, most_splits, steps + i, few, out + i);
    }
  }

  /// Steps of the parts `first` to `last`, in any order: halved at a boundary until they are of one
  /// part.
  template <std::size_t block, class Step>
  void fill_parts(std::size_t first, std::size_t last, int splits, const Step* steps,
                  std::size_t count, Real* out) const {
    if (first == last) return fill_part(first, steps, count, out);
    if (splits == 0) {
      for (std::size_t i = 0; i < count; ++i) out[i] = at_any(steps[i]);
      return;
    }
    const auto& loops = block_loops<Real>().of(Step());
    const std::size_t middle = first + (last - first) / 2;
    const auto boundary = static_cast<Step>(boundaries_[middle]);
    constexpr std::size_t room = block + partition_padding;
    Step below[room], others[room];
    const std::size_t is_below = loops.split(steps, count, boundary, below, others);
    if (is_below == count) return fill_parts<block>(first, middle, splits - 1, steps, count, out);
    if (is_below == 0) return fill_parts<block>(middle + 1, last, splits - 1, steps, count, out);
    Real rates_below[room], rates_of_others[room];
    fill_parts<block>(first, middle, splits - 1, below, is_below, rates_below);
    fill_parts<block>(middle + 1, last, splits - 1, others, count - is_below, rates_of_others);
    loops.merge(steps, count, boundary, rates_below, rates_of_others, out);
  }

  std::vector<AnySchedule<Real>> parts_;
  std::vector<std::int64_t> boundaries_;
  bool is_nested_ = false;  // deeply
};

}  // namespace fastlr::core

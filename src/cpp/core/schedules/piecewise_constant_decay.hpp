// keras.optimizers.schedules.PiecewiseConstantDecay (Keras 3).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "../arithmetic/flush_to_zero.hpp"
#include "../evaluation/block_loops.hpp"
#include "argument_checks.hpp"
#include "arguments.hpp"

namespace fastlr::core {

template <class Real>
class PiecewiseConstantDecay;

struct PiecewiseConstantDecayArguments {
  static constexpr const char* class_name = "PiecewiseConstantDecay";
  static constexpr const char* module = keras_module;
  template <class Real, class>  // the same in every execution mode
  using Schedule = PiecewiseConstantDecay<Real>;

  std::vector<StepCount> boundaries;  // for fractional steps
  std::vector<double> values;
  Name name = "PiecewiseConstant";
  /// The boundaries cut towards zero, for integer steps.
  std::optional<std::vector<std::int64_t>> integer_boundaries = std::nullopt;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("boundaries", self.boundaries, Given::always);
    visit("values", self.values, Given::always);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit visit) {
    visit("integer_boundaries", integer_boundaries);
  }
};

/// The same in every execution mode. Keras compares steps in their own type: integers with the
/// boundaries cut to integers, floats with the boundaries cast to their precision. So there is a
/// list of boundaries for each, and no step goes through the float that other schedules make of it.
template <class Real>
class PiecewiseConstantDecay {
 public:
  explicit PiecewiseConstantDecay(const PiecewiseConstantDecayArguments& p) {
    if (p.boundaries.size() + 1 != p.values.size()) {
      throw std::invalid_argument(
          "Argument `boundaries` must have one element less than `values`. Received: " +
          std::to_string(p.boundaries.size()) + " boundaries and " +
          std::to_string(p.values.size()) + " values");
    }
    std::vector<float> singles;
    std::vector<double> doubles;
    std::vector<std::int64_t> integers;
    for (const StepCount boundary : p.boundaries) {
      if (!std::isfinite(boundary.value)) refuse("boundaries", "finite", boundary.value);
      singles.push_back(flush(static_cast<float>(boundary.value)));
      doubles.push_back(boundary.value);
      if (!p.integer_boundaries) integers.push_back(cut(boundary));
    }
    std::vector<Real> values;
    for (const double value : p.values) values.push_back(finite<Real>("values", value));
    integers_ = Intervals<std::int64_t>(p.integer_boundaries.value_or(integers), values);
    singles_ = Intervals<float>(singles, values);
    doubles_ = Intervals<double>(doubles, values);
  }

  Real at(std::int64_t step) const { return integers_.at(step); }
  Real at_real(Real step) const { return at_any(step); }

  /// Runs of one rate.
  void range(StepRange steps, Real* out) const {
    for (std::int64_t first = 0; first < steps.count;) {
      const std::size_t interval = integers_.interval(steps[first]);
      const std::int64_t end = first_outside(first, steps.count, [&](std::int64_t index) {
        return integers_.interval(steps[index]) == interval;
      });
      std::fill(out + first, out + end, integers_.rates[interval]);
      first = end;
    }
  }

  void array(StepType type, const void* steps, std::size_t count, Real* out) const {
    if (type == StepType::int32 || type == StepType::int64 || type == type_of<Real>) {
      in_step_blocks<Real>(type, steps, count,
                           [&](auto block, std::size_t size, std::size_t first) {
                             fill_block(block, size, out + first);
                           });
    } else {
      with_typed(type, steps, [&](auto typed) {
        for (std::size_t i = 0; i < count; ++i) out[i] = at_any(typed[i]);
      });
    }
  }

 private:
  /// Each step is compared in its own type.
  template <class Step>
  Real at_any(Step step) const {
    if constexpr (std::is_floating_point_v<Step>) {
      return intervals_of(step).at(flush(step));
    } else if constexpr (std::is_unsigned_v<Step>) {
      constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
      return step > max ? integers_.rates.back() : integers_.at(static_cast<std::int64_t>(step));
    } else {
      return integers_.at(step);
    }
  }

  /// A loop for each boundary among the steps, where they are few.
  template <class Step>
  FASTLR_NOINLINE void fill_block(const Step* steps, std::size_t count, Real* out) const {
    constexpr std::size_t few = 24;
    const auto& intervals = intervals_of(Step());
    const auto& loops = block_loops<Real>().of(Step());
    const auto found = loops.limits(steps, count);
    const std::size_t first = intervals.interval(found.low), last = intervals.interval(found.high);
    if (found.any_nan || last - first > few) {
      for (std::size_t i = 0; i < count; ++i) out[i] = intervals.at(steps[i]);
      return;
    }
    std::fill_n(out, count, intervals.rates[first]);
    for (std::size_t i = first; i < last; ++i) {
      loops.set_above(steps, count, intervals.boundaries[i], intervals.rates[i + 1], out);
    }
  }

  /// Within std::int64_t. Keras makes a float32 of a float before it cuts it.
  static std::int64_t cut(StepCount boundary) {
    const float single = finite<float>("boundaries", boundary.value);  // as Python refuses them
    const double value = boundary.is_integer ? boundary.value : double{single};
    constexpr double beyond = 0x1p63;
    if (!(value > -beyond)) return std::numeric_limits<std::int64_t>::min();
    if (!(value < beyond)) return std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(value);
  }

  const auto& intervals_of(std::int64_t) const { return integers_; }
  const auto& intervals_of(float) const { return singles_; }
  const auto& intervals_of(double) const { return doubles_; }

  /// Rates between boundaries in rising order, whatever the order they were given in.
  template <class Step>
  struct Intervals {
    std::vector<Step> boundaries;  // rising, each once
    std::vector<Real> rates;       // one more: the last beyond all; for NaN `unordered`
    Real unordered{};

    Intervals() = default;

    Intervals(const std::vector<Step>& given, const std::vector<Real>& values) {
      if (std::is_sorted(given.begin(), given.end())) {
        // Keras adds the rate to zeros, so that none is -0.
        const auto add = [&](Real value) { rates.push_back(flush(value) + Real(0)); };
        for (std::size_t i = 0; i < given.size(); ++i) {
          if (i > 0 && given[i] == given[i - 1]) continue;  // an interval without steps
          boundaries.push_back(given[i]);
          add(values[i]);
        }
        add(values.back());
        unordered = given.empty() ? rates.back() : Real(0);
        return;
      }
      // Each rate is a sum over all intervals: the work is quadratic.
      constexpr std::size_t most_falling = 1000;
      if (given.size() > most_falling) {
        throw std::invalid_argument("Argument `boundaries` must not fall where it has more than " +
                                    std::to_string(most_falling) +
                                    " elements. Received: " + std::to_string(given.size()));
      }
      boundaries = given;
      std::sort(boundaries.begin(), boundaries.end());
      boundaries.erase(std::unique(boundaries.begin(), boundaries.end()), boundaries.end());
      for (const Step boundary : boundaries) rates.push_back(sum(boundary, given, values, false));
      rates.push_back(sum(Step{}, given, values, true));
    }

    /// Keras's sum of indicator times value, over all intervals that a step lies in: several where
    /// the boundaries do not rise, or none.
    static Real sum(Step step, const std::vector<Step>& given, const std::vector<Real>& values,
                    bool beyond_all) {
      const auto at_most = [&](Step boundary) { return !beyond_all && step <= boundary; };
      const auto above = [&](Step boundary) { return beyond_all || step > boundary; };
      Flushed<Real> total = Real(0);
      const auto add = [&](bool holds, Real value) {
        total = total + Flushed<Real>(Real(holds)) * Flushed<Real>(value);
      };
      add(at_most(given.front()), values.front());
      add(above(given.back()), values.back());
      for (std::size_t i = 1; i < given.size(); ++i) {
        add(above(given[i - 1]) && at_most(given[i]), values[i]);
      }
      return Real(total);
    }

    std::size_t interval(Step step) const {
      return static_cast<std::size_t>(std::lower_bound(boundaries.begin(), boundaries.end(), step) -
                                      boundaries.begin());
    }

    Real at(Step step) const { return step == step ? rates[interval(step)] : unordered; }
  };

  Intervals<std::int64_t> integers_;
  Intervals<float> singles_;
  Intervals<double> doubles_;
};

}  // namespace fastlr::core

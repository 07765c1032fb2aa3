// keras.optimizers.schedules.PiecewiseConstantDecay (Keras 3).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "../arguments.hpp"
#include "../driver.hpp"
#include "../parameters.hpp"

namespace fastlr::core {

template <class Real>
class PiecewiseConstantDecay;

struct PiecewiseConstantDecayArguments {
  static constexpr const char* class_name = "PiecewiseConstantDecay";
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
    integers_ = Steps<std::int64_t>(p.integer_boundaries.value_or(integers), values);
    singles_ = Steps<float>(singles, values);
    doubles_ = Steps<double>(doubles, values);
  }

  static Real scalar(const void* self, std::int64_t step) { return of(self).integers_.at(step); }

  static Real scalar_real(const void* self, Real step) {
    return of(self).steps_of(step).at(flush(step));
  }

  /// Runs of one rate.
  static void range(const void* self, StepRange steps, Real* out) {
    const auto& rates = of(self).integers_;
    for (std::int64_t first = 0; first < steps.count;) {
      const std::size_t piece = rates.piece(steps[first]);
      std::int64_t low = first, high = steps.count;  // in the piece; not, or the end
      while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (rates.piece(steps[middle]) == piece ? low : high) = middle;
      }
      std::fill(out + first, out + high, rates.values[piece]);
      first = high;
    }
  }

  static void array(const void* self, StepType type, const void* steps, std::size_t count,
                    Real* out) {
    const auto& schedule = of(self);
    with_typed(type, steps, [&](auto typed) {
      for (std::size_t i = 0; i < count; ++i) {
        if constexpr (std::is_floating_point_v<std::decay_t<decltype(*typed)>>) {
          out[i] = schedule.steps_of(typed[i]).at(flush(typed[i]));
        } else {
          out[i] = schedule.integer_at(typed[i]);
        }
      }
    });
  }

  static constexpr Kernels<Real> kernels{scalar, scalar_real, range, array};

 private:
  /// Within std::int64_t. Keras makes a float32 of a float before it cuts it.
  static std::int64_t cut(StepCount boundary) {
    const float single = finite<float>("boundaries", boundary.value);  // as Python refuses them
    const double value = boundary.is_integer ? boundary.value : double{single};
    constexpr double beyond = 0x1p63;
    if (!(value > -beyond)) return std::numeric_limits<std::int64_t>::min();
    if (!(value < beyond)) return std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(value);
  }

  static const PiecewiseConstantDecay& of(const void* self) {
    return *static_cast<const PiecewiseConstantDecay*>(self);
  }

  template <class Step>
  Real integer_at(Step step) const {
    if constexpr (std::is_unsigned_v<Step>) {
      constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
      if (step > max) return integers_.values.back();
    }
    return integers_.at(static_cast<std::int64_t>(step));
  }

  const auto& steps_of(float) const { return singles_; }
  const auto& steps_of(double) const { return doubles_; }

  /// Rates between boundaries in rising order, whatever the order they were given in.
  template <class Step>
  struct Steps {
    std::vector<Step> boundaries;  // rising, each once
    std::vector<Real> values;      // one more: the last beyond all; for NaN `unordered`
    Real unordered{};

    Steps() = default;

    Steps(const std::vector<Step>& given, const std::vector<Real>& rates) {
      if (std::is_sorted(given.begin(), given.end())) {
        // Keras adds the rate to zeros, so that none is -0.
        const auto add = [&](Real rate) { values.push_back(flush(rate) + Real(0)); };
        for (std::size_t i = 0; i < given.size(); ++i) {
          if (i > 0 && given[i] == given[i - 1]) continue;  // an interval without steps
          boundaries.push_back(given[i]);
          add(rates[i]);
        }
        add(rates.back());
        unordered = given.empty() ? values.back() : Real(0);
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
      for (const Step boundary : boundaries) values.push_back(sum(boundary, given, rates, false));
      values.push_back(sum(Step{}, given, rates, true));
    }

    /// Keras's sum of indicator times value, over all intervals that a step lies in: several where
    /// the boundaries do not rise, or none.
    static Real sum(Step step, const std::vector<Step>& given, const std::vector<Real>& rates,
                    bool beyond_all) {
      const auto at_most = [&](Step boundary) { return !beyond_all && step <= boundary; };
      const auto above = [&](Step boundary) { return beyond_all || step > boundary; };
      Flushed<Real> total = Real(0);
      const auto add = [&](bool holds, Real value) {
        total = total + Flushed<Real>(Real(holds)) * Flushed<Real>(value);
      };
      add(at_most(given.front()), rates.front());
      add(above(given.back()), rates.back());
      for (std::size_t i = 1; i < given.size(); ++i) {
        add(above(given[i - 1]) && at_most(given[i]), rates[i]);
      }
      return Real(total);
    }

    std::size_t piece(Step step) const {
      return static_cast<std::size_t>(std::lower_bound(boundaries.begin(), boundaries.end(), step) -
                                      boundaries.begin());
    }

    Real at(Step step) const { return step == step ? values[piece(step)] : unordered; }
  };

  Steps<std::int64_t> integers_;
  Steps<float> singles_;
  Steps<double> doubles_;
};

}  // namespace fastlr::core

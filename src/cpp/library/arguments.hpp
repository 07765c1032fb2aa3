// What makes a schedule: the constructor arguments of Keras's classes, with their names, order and
// defaults. Each struct lists them once, in `each`; the JSON of a schedule is read and written by
// that list.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schedules/all.hpp"

namespace fastlr::library {

/// Kept for Keras, without any effect; none is Keras's None.
using Name = std::optional<std::string>;

/// A number of steps. C has no other numbers than double here, so it is an integer where it is one,
/// as people give it. JSON tells integers from floats, as Python does.
struct Steps {
  static constexpr double largest_integer = 0x1p53;  // up to here binary64 holds all of them

  double value = 0;
  bool is_integer = true;

  Steps() = default;
  Steps(double given)  // NOLINT(google-explicit-constructor)
      : value(given),
        is_integer(std::fabs(given) <= largest_integer && std::trunc(given) == given &&
                   !(given == 0 && std::signbit(given))) {}
};

enum class Given { always, optionally };

struct CosineDecay {
  static constexpr const char* class_name = "CosineDecay";
  double initial_learning_rate = 0;
  Steps decay_steps;
  double alpha = 0;
  Name name = class_name;
  std::optional<double> warmup_target;
  Steps warmup_steps;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("initial_learning_rate", self.initial_learning_rate, Given::always);
    visit("decay_steps", self.decay_steps, Given::always);
    visit("alpha", self.alpha, Given::optionally);
    visit("name", self.name, Given::optionally);
    visit("warmup_target", self.warmup_target, Given::optionally);
    visit("warmup_steps", self.warmup_steps, Given::optionally);
  }

  template <class Real, class Execution>
  using Schedule = core::CosineDecay<Real, Execution>;
  core::CosineDecayParameters parameters() const {
    return {initial_learning_rate, decay_steps.value, alpha,
            1.0 - alpha,           warmup_target,     warmup_steps.value};
  }
};

struct CosineDecayRestarts {
  static constexpr const char* class_name = "CosineDecayRestarts";
  double initial_learning_rate = 0;
  Steps first_decay_steps;
  double t_mul = 2, m_mul = 1, alpha = 0;
  Name name = "SGDRDecay";

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("initial_learning_rate", self.initial_learning_rate, Given::always);
    visit("first_decay_steps", self.first_decay_steps, Given::always);
    visit("t_mul", self.t_mul, Given::optionally);
    visit("m_mul", self.m_mul, Given::optionally);
    visit("alpha", self.alpha, Given::optionally);
    visit("name", self.name, Given::optionally);
  }

  template <class Real, class Execution>
  using Schedule = core::CosineDecayRestarts<Real, Execution>;
  core::CosineDecayRestartsParameters parameters() const {
    return {initial_learning_rate, first_decay_steps.value, t_mul, m_mul, alpha};
  }
};

/// The arguments that ExponentialDecay and InverseTimeDecay share.
struct DecayByRate {
  double initial_learning_rate = 0;
  Steps decay_steps;
  double decay_rate = 0;
  bool staircase = false;
  Name name;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("initial_learning_rate", self.initial_learning_rate, Given::always);
    visit("decay_steps", self.decay_steps, Given::always);
    visit("decay_rate", self.decay_rate, Given::always);
    visit("staircase", self.staircase, Given::optionally);
    visit("name", self.name, Given::optionally);
  }
};

struct ExponentialDecay : DecayByRate {
  static constexpr const char* class_name = "ExponentialDecay";
  ExponentialDecay() { name = class_name; }
  explicit ExponentialDecay(DecayByRate given) : DecayByRate(std::move(given)) {}

  template <class Real, class Execution>
  using Schedule = core::ExponentialDecay<Real, Execution>;
  core::ExponentialDecayParameters parameters() const {
    return {initial_learning_rate, decay_steps.value, decay_rate, staircase};
  }
};

struct InverseTimeDecay : DecayByRate {
  static constexpr const char* class_name = "InverseTimeDecay";
  InverseTimeDecay() { name = class_name; }
  explicit InverseTimeDecay(DecayByRate given) : DecayByRate(std::move(given)) {}

  template <class Real, class Execution>
  using Schedule = core::InverseTimeDecay<Real, Execution>;
  core::InverseTimeDecayParameters parameters() const {
    return {initial_learning_rate, decay_steps.value, decay_rate, staircase};
  }
};

struct PolynomialDecay {
  static constexpr const char* class_name = "PolynomialDecay";
  double initial_learning_rate = 0;
  Steps decay_steps;
  double end_learning_rate = 0.0001, power = 1;
  bool cycle = false;
  Name name = class_name;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("initial_learning_rate", self.initial_learning_rate, Given::always);
    visit("decay_steps", self.decay_steps, Given::always);
    visit("end_learning_rate", self.end_learning_rate, Given::optionally);
    visit("power", self.power, Given::optionally);
    visit("cycle", self.cycle, Given::optionally);
    visit("name", self.name, Given::optionally);
  }

  template <class Real, class Execution>
  using Schedule = core::PolynomialDecay<Real, Execution>;
  core::PolynomialDecayParameters parameters() const {
    return {initial_learning_rate, decay_steps.value, end_learning_rate, power, cycle,
            decay_steps.value};
  }
};

struct PiecewiseConstantDecay {
  static constexpr const char* class_name = "PiecewiseConstantDecay";
  std::vector<Steps> boundaries;
  std::vector<double> values;
  Name name = "PiecewiseConstant";

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("boundaries", self.boundaries, Given::always);
    visit("values", self.values, Given::always);
    visit("name", self.name, Given::optionally);
  }

  template <class Real, class>
  using Schedule = core::PiecewiseConstantDecay<Real>;
  core::PiecewiseConstantDecayParameters parameters() const {
    core::PiecewiseConstantDecayParameters given{{}, {}, values};
    for (const Steps boundary : boundaries) {
      core::finite<float>("boundaries", boundary.value);  // as Python refuses them
      given.integer_boundaries.push_back(whole(boundary));
      given.boundaries.push_back(boundary.value);
    }
    return given;
  }

 private:
  /// Cut towards zero, within std::int64_t, as integer steps are compared with it. Keras makes a
  /// float32 of a float first.
  static std::int64_t whole(Steps boundary) {
    const double value =
        boundary.is_integer ? boundary.value : double{static_cast<float>(boundary.value)};
    constexpr double beyond = 0x1p63;
    if (!(value > -beyond)) return std::numeric_limits<std::int64_t>::min();
    if (!(value < beyond)) return std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(value);
  }
};

using Arguments = std::variant<CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay,
                               PolynomialDecay, PiecewiseConstantDecay>;

}  // namespace fastlr::library

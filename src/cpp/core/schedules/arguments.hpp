// What the constructor arguments of schedules are made of.
//
// Each schedule declares its arguments once, as a struct beside its formula: the constructor
// arguments of its Python class, with names, order and defaults. `each` visits them; JSON, C and
// Python go by it. What only Python knows, because it depends on the type of a number there, are
// `derived` arguments, which the Python extension visits as well. Where they are not given they
// follow from the others.
#pragma once

#include <cmath>
#include <memory>
#include <optional>
#include <string>

namespace fastlr::core {

/// Where classes are at home, in what is written of a schedule.
inline constexpr const char* keras_module = "keras.optimizers.schedules";
inline constexpr const char* fastlr_module = "fastlr";

/// Kept for Keras, without any effect; none is Keras's None.
using Name = std::optional<std::string>;

/// A number of steps. C has no other numbers than double here, so it is an integer where it is one,
/// as people give it. JSON tells integers from floats, as Python does.
struct StepCount {
  static constexpr double largest_integer = 0x1p53;  // up to here binary64 holds all of them

  double value = 0;
  bool is_integer = true;

  StepCount() = default;
  StepCount(double given)  // NOLINT(google-explicit-constructor)
      : value(given),
        is_integer(std::fabs(given) <= largest_integer && std::trunc(given) == given &&
                   !(given == 0 && std::signbit(given))) {}
};

/// See ../evaluation/shared_schedule.hpp.
class SharedSchedule;

/// A schedule that another one is made of.
using Part = std::shared_ptr<const SharedSchedule>;

/// Levels of schedules within schedules: more than people need, few enough for any stack.
inline constexpr int most_levels = 16;

enum class Given { always, optionally };

}  // namespace fastlr::core

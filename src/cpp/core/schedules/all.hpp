// Every schedule that the piece driver evaluates, once: FASTLR_SCHEDULES(X) expands X(name) for
// each. What is made of other schedules, or of values, evaluates itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "../compositions/clip.hpp"
#include "../compositions/join.hpp"
#include "../compositions/scale.hpp"
#include "../compositions/shift.hpp"
#include "constant.hpp"
#include "cosine_decay.hpp"
#include "cosine_decay_restarts.hpp"
#include "exponential_decay.hpp"
#include "inverse_square_root_decay.hpp"
#include "inverse_time_decay.hpp"
#include "piecewise_constant_decay.hpp"
#include "polynomial_decay.hpp"
#include "table.hpp"

#define FASTLR_SCHEDULES(X) \
  X(CosineDecay)            \
  X(CosineDecayRestarts)    \
  X(ExponentialDecay) X(InverseSquareRootDecay) X(InverseTimeDecay) X(PolynomialDecay)

namespace fastlr::core {

/// The arguments of any schedule.
#define FASTLR_ARGUMENTS(name) name##Arguments,
using AnyArguments =
    std::variant<FASTLR_SCHEDULES(FASTLR_ARGUMENTS) PiecewiseConstantDecayArguments,
                 ConstantArguments, TableArguments, JoinArguments, ScaleArguments, ShiftArguments,
                 ClipArguments>;
#undef FASTLR_ARGUMENTS
/// A type of its own, since parts are arguments, too.
struct Arguments : AnyArguments {
  using AnyArguments::AnyArguments;
};

/// The names of all classes, as a message lists them.
template <std::size_t index = 0>
std::string class_names() {
  const std::string name = std::variant_alternative_t<index, AnyArguments>::class_name;
  if constexpr (index + 1 == std::variant_size_v<AnyArguments>) {
    return name;
  } else {
    return name + ", " + class_names<index + 1>();
  }
}

/// The arguments of a class, with its defaults; nothing where no schedule has that name.
template <std::size_t index = 0>
std::optional<Arguments> arguments_of([[maybe_unused]] std::string_view class_name) {
  if constexpr (index == std::variant_size_v<AnyArguments>) {
    return std::nullopt;
  } else {
    using Candidate = std::variant_alternative_t<index, AnyArguments>;
    if (class_name == Candidate::class_name) return Candidate();
    return arguments_of<index + 1>(class_name);
  }
}

}  // namespace fastlr::core

// Checks of the arguments that C and C++ callers give. The Python layer checks its own, with the
// messages of Python; these are the last line of defence for every face.
#pragma once

#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>

#include "../arithmetic/flush_to_zero.hpp"

namespace fastlr::core {

[[noreturn]] inline void refuse(const char* name, const char* accepted, double received) {
  std::ostringstream message;
  message << "Argument `" << name << "` must be " << accepted << ". Received: " << name << "="
          << received;
  throw std::invalid_argument(message.str());
}

/// `value` rounded once to Real; std::invalid_argument where that is not finite.
template <class Real>
Real finite(const char* name, double value) {
  const auto rounded = static_cast<Real>(value);
  if (!std::isfinite(rounded)) {
    refuse(name, sizeof(Real) == 4 ? "a finite float32 number" : "a finite number", value);
  }
  return rounded;
}

/// As `finite`, for a number that must be above zero, once subnormals are flushed too.
template <class Real>
Real positive(const char* name, double value) {
  const Real rounded = flush(finite<Real>(name, value));
  if (rounded <= 0) refuse(name, "> 0", value);
  return rounded;
}

}  // namespace fastlr::core

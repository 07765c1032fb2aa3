// Which instruction set evaluates: the best one this processor has, unless another is forced.
#pragma once

#include <string>
#include <vector>

#include "../arithmetic/instruction_sets.hpp"

namespace fastlr::core {

const char* isa_name(IsaId isa);

/// What was compiled into this library and runs on this processor, slowest first.
std::vector<IsaId> usable_isas();

/// The instruction set in use; all give the same bits.
IsaId active_isa();

/// Makes another one the active one, for tests and measurements; "auto" is the best.
/// std::invalid_argument if it is unknown, not built, or not available on this processor.
void set_isa(const std::string& name);

}  // namespace fastlr::core

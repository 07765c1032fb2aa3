// The dict that Python's fastlr.serialize and Keras write, as JSON.
#pragma once

#include <string>
#include <string_view>

#include "evaluation/shared_schedule.hpp"

namespace fastlr::library {

/// The dict of a schedule. std::invalid_argument for a name that Keras refuses, or is not UTF-8.
std::string to_json(const core::Arguments& arguments);

/// The arguments in such a dict. std::invalid_argument for anything else.
core::Arguments from_json(std::string_view text);

}  // namespace fastlr::library

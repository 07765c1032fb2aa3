#include "json.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <type_traits>

#include "fastlr/fastlr.h"

// Under names of our own: a trainer may have the same library, compiled with -ffast-math, and the
// linker keeps one copy of each function.
#define NLOHMANN_JSON_NAMESPACE nlohmann::in_fastlr
#define NLOHMANN_JSON_NAMESPACE_BEGIN \
  namespace nlohmann {                \
  inline namespace in_fastlr {
#define NLOHMANN_JSON_NAMESPACE_END \
  }                                 \
  }
#define JSON_USE_IMPLICIT_CONVERSIONS 0
#define JSON_HAS_FILESYSTEM 0
#define JSON_HAS_EXPERIMENTAL_FILESYSTEM 0
#include <nlohmann/json.hpp>

namespace fastlr::library {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* keras_module = "keras.optimizers.schedules";
constexpr double largest_integer = 0x1p53;  // up to here binary64 holds all of them

// ---- Writing -----------------------------------------------------------------------------------

Json written(double number) { return number; }
Json written(bool flag) { return flag; }
Json written(Steps steps) {
  const bool is_integer =
      std::fabs(steps.value) <= largest_integer && std::trunc(steps.value) == steps.value;
  return is_integer ? Json(static_cast<std::int64_t>(steps.value)) : Json(steps.value);
}
template <class Value>
Json written(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}
template <class Value>
Json written(const std::vector<Value>& values) {
  Json array = Json::array();
  for (const Value value : values) array.push_back(written(value));
  return array;
}

void check_name(const Name& name) {
  if (name && name->find('/') != std::string::npos) {
    throw std::invalid_argument(
        "Argument `name` cannot contain the character `/`. Received: name=" + *name);
  }
}

// ---- Reading -----------------------------------------------------------------------------------

std::string excerpt(const Json& value) {
  const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= 60 ? text : text.substr(0, 60) + "...";
}

[[noreturn]] void refuse(const char* name, const char* accepted, const Json& received) {
  throw std::invalid_argument(std::string("Argument `") + name + "` must be " + accepted +
                              ". Received: " + name + "=" + excerpt(received));
}

void read(const char* name, const Json& value, double& number) {
  if (!value.is_number()) refuse(name, "a number", value);
  // Python rounds an integer to float32 once, whatever its size. Through binary64 it would be
  // rounded twice, so those that binary64 does not hold are refused.
  const auto holds = [](auto integer) {
    constexpr auto limit = static_cast<decltype(integer)>(largest_integer);
    if constexpr (std::is_signed_v<decltype(integer)>) {
      if (integer < -limit) return false;
    }
    return integer <= limit;
  };
  const bool held = value.is_number_unsigned()  ? holds(value.get<std::uint64_t>())
                    : value.is_number_integer() ? holds(value.get<std::int64_t>())
                                                : true;
  if (!held) refuse(name, "at most 2**53 where it is an integer", value);
  number = value.get<double>();
}
void read(const char* name, const Json& value, Steps& steps) { read(name, value, steps.value); }
void read(const char* name, const Json& value, bool& flag) {
  if (!value.is_boolean()) refuse(name, "true or false", value);
  flag = value.get<bool>();
}
void read(const char* name, const Json& value, std::string& text) {
  if (!value.is_string()) refuse(name, "a string or null", value);
  text = value.get<std::string>();
}
template <class Value>
void read(const char* name, const Json& value, std::optional<Value>& optional) {
  if (value.is_null()) return optional.reset();
  read(name, value, optional.emplace());
}
template <class Value>
void read(const char* name, const Json& value, std::vector<Value>& values) {
  if (!value.is_array()) refuse(name, "an array of numbers", value);
  for (const Json& item : value) read(name, item, values.emplace_back());
}

template <class Schedule>
Schedule read_config(const Json& config) {
  Schedule arguments;
  std::size_t found = 0;
  std::string known;
  Schedule::each(arguments, [&](const char* name, auto& argument, Given given) {
    known += std::string(known.empty() ? "" : ", ") + name;
    const auto entry = config.find(name);
    if (entry == config.end()) {
      if (given == Given::optionally) return;
      throw std::invalid_argument(std::string("Invalid config of ") + Schedule::class_name +
                                  ": argument `" + name + "` is missing");
    }
    ++found;
    read(name, *entry, argument);
  });
  if (found != config.size()) {
    for (const auto& [name, value] : config.items()) {
      bool is_known = false;
      Schedule::each(arguments, [&, &name = name](const char* argument, auto&, Given) {
        is_known |= name == argument;
      });
      if (is_known) continue;
      throw std::invalid_argument(std::string("Invalid config of ") + Schedule::class_name +
                                  ": unknown argument " + excerpt(name) + ". Known are " + known);
    }
  }
  return arguments;
}

/// The first alternative of `Arguments` with this class name.
template <std::size_t index = 0>
Arguments read_class(const std::string& class_name, const Json& config) {
  if constexpr (index == std::variant_size_v<Arguments>) {
    throw std::invalid_argument("Unknown schedule class: " + excerpt(class_name) +
                                ". Known are CosineDecay, CosineDecayRestarts, ExponentialDecay, "
                                "InverseTimeDecay, PolynomialDecay and PiecewiseConstantDecay");
  } else {
    using Schedule = std::variant_alternative_t<index, Arguments>;
    if (class_name == Schedule::class_name) return read_config<Schedule>(config);
    return read_class<index + 1>(class_name, config);
  }
}

Json parsed(std::string_view text) {
  if (text.size() > FASTLR_JSON_MAX) {
    throw std::invalid_argument(
        "Argument `text` must be at most 16777216 bytes of JSON. Received: " +
        std::to_string(text.size()) + " bytes");
  }
  // A schedule is an object with a config with arrays. The parser needs no stack for what is
  // deeper, but memory.
  constexpr int deepest = 8;
  const auto bounded = [](int depth, Json::parse_event_t, Json&) {
    if (depth > deepest) {
      throw std::invalid_argument("Argument `text` is nested more deeply than a schedule is");
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), bounded);
  } catch (const Json::exception& error) {
    throw std::invalid_argument(std::string("Argument `text` must be JSON. Received: ") +
                                error.what());
  }
}

}  // namespace

std::string to_json(const Arguments& arguments) {
  return std::visit(
      [](const auto& schedule) {
        check_name(schedule.name);
        Json config = Json::object();
        schedule.each(schedule, [&](const char* name, const auto& value, Given) {
          config[name] = written(value);
        });
        const Json dict = {{"module", keras_module},
                           {"class_name", schedule.class_name},
                           {"config", std::move(config)},
                           {"registered_name", nullptr}};
        try {
          return dict.dump(-1, ' ', true);
        } catch (const Json::type_error&) {
          throw std::invalid_argument("Argument `name` must be UTF-8");
        }
      },
      arguments);
}

Arguments from_json(std::string_view text) {
  const Json dict = parsed(text);
  const auto entry = [&](const char* key, Json::value_t type) -> const Json* {
    const auto found = dict.is_object() ? dict.find(key) : dict.end();
    return found != dict.end() && found->type() == type ? &*found : nullptr;
  };
  const Json* class_name = entry("class_name", Json::value_t::string);
  const Json* config = entry("config", Json::value_t::object);
  if (class_name == nullptr || config == nullptr) {
    throw std::invalid_argument(
        "Argument `text` must be an object with a string `class_name` and an object `config`, as "
        "fastlr.serialize and Keras write it. Received: " +
        excerpt(dict));
  }
  return read_class(class_name->get<std::string>(), *config);
}

}  // namespace fastlr::library

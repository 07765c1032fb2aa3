#include "json.hpp"

#include <clocale>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

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

using core::Arguments;
using core::Given;
using core::Name;
using core::Part;
using core::StepCount;

using Json = nlohmann::ordered_json;

// ---- Writing -----------------------------------------------------------------------------------
//
// Value by value: the destructors of the library's objects and arrays allocate, so that
// constructors could end a trainer whose memory is short.

std::string written(double number) { return Json(number).dump(); }
std::string written(bool flag) { return flag ? "true" : "false"; }
std::string written(std::int64_t integer) { return std::to_string(integer); }
std::string written(StepCount steps) {
  return steps.is_integer ? std::to_string(static_cast<std::int64_t>(steps.value))
                          : written(steps.value);
}
/// In ASCII. Json::type_error for what is not UTF-8.
std::string written(const std::string& text) { return Json(text).dump(-1, ' ', true); }
std::string written(const Part& part) { return to_json(part->arguments()); }
template <class Value>
std::string written(const std::optional<Value>& value) {
  return value ? written(*value) : "null";
}
template <class Value>
std::string written(const std::vector<Value>& values) {
  std::string text = "[";
  for (const Value& value : values) {
    if (text.size() > 1) text += ',';
    text += written(value);
  }
  return text += ']';
}

void check_name(const Name& name) {
  if (name && name->find('/') != std::string::npos) {
    throw std::invalid_argument(
        "Argument `name` cannot contain the character `/`. Received: name=" + *name);
  }
}

// ---- Reading -----------------------------------------------------------------------------------

/// The arguments in the dict of a schedule.
Arguments read_schedule(const char* name, const Json& value);

constexpr std::size_t longest_excerpt = 60;

std::string excerpt(const Json& value) {
  const std::string text = value.dump(-1, ' ', true);
  return text.size() <= longest_excerpt ? text : text.substr(0, longest_excerpt) + "...";
}

/// Python rounds an integer to float32 once, whatever its size. Through binary64 it would be
/// rounded twice, so those that binary64 may not hold are refused.
bool is_held(std::uint64_t integer) { return integer <= std::uint64_t{1} << 53; }
bool is_held(std::int64_t integer) {
  return integer >= -(std::int64_t{1} << 53) && integer <= std::int64_t{1} << 53;
}

[[noreturn]] void refuse(const char* name, const char* accepted, const Json& received) {
  throw std::invalid_argument(std::string("Argument `") + name + "` must be " + accepted +
                              ". Received: " + name + "=" + excerpt(received));
}

/// The value where it has this type, one of the library's, or else null.
template <class Type>
const Type* as(const Json& value) {
  return value.get_ptr<const Type*>();
}

void read(const char* name, const Json& value, double& number) {
  const auto read_integer = [&](auto integer) {
    if (!is_held(integer)) refuse(name, "at most 2**53 where it is an integer", value);
    number = static_cast<double>(integer);
  };
  if (const auto* real = as<double>(value)) {
    number = *real;
  } else if (const auto* natural = as<std::uint64_t>(value)) {
    read_integer(*natural);
  } else if (const auto* integer = as<std::int64_t>(value)) {
    read_integer(*integer);
  } else {
    refuse(name, "a number", value);
  }
}
void read(const char* name, const Json& value, StepCount& steps) {
  double number;
  read(name, value, number);
  steps = number;
  // 16777217.0 is a float to Python, of which Keras makes a float32. Up to 2**24 it is the same.
  if (value.is_number_float() && std::fabs(number) > 0x1p24) steps.is_integer = false;
}
void read(const char* name, const Json& value, std::int64_t& integer) {
  double number = 0;
  if (value.is_number_integer())
    read(name, value, number);
  else
    refuse(name, "an integer", value);
  integer = static_cast<std::int64_t>(number);
}
void read(const char* name, const Json& value, Part& part) {
  part = std::make_shared<const core::SharedSchedule>(read_schedule(name, value));
}
void read(const char* name, const Json& value, bool& flag) {
  if (!value.is_boolean()) refuse(name, "true or false", value);
  flag = *as<bool>(value);
}
void read(const char* name, const Json& value, std::string& text) {
  if (!value.is_string()) refuse(name, "a string or null", value);
  text = *as<std::string>(value);
}
template <class Type>
void read(const char* name, const Json& value, std::optional<Type>& optional) {
  if (value.is_null()) return optional.reset();
  read(name, value, optional.emplace());
}
template <class Type>
void read(const char* name, const Json& value, std::vector<Type>& values) {
  if (!value.is_array()) refuse(name, "an array", value);
  for (const Json& item : *as<Json::array_t>(value)) read(name, item, values.emplace_back());
}

const Json* find(const Json::object_t& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &found->second;
}

template <class Schedule>
void read_config(const Json::object_t& config, Schedule& arguments) {
  std::string known;
  std::size_t found = 0;
  const auto is_known = [&](const std::string& key) {
    bool is = false;
    Schedule::each(arguments, [&](const char* name, auto&, Given) { is = is || key == name; });
    return is;
  };
  Schedule::each(arguments, [&](const char* name, auto& argument, Given given) {
    known += std::string(known.empty() ? "" : ", ") + name;
    if (const Json* entry = find(config, name)) {
      ++found;
      return read(name, *entry, argument);
    }
    if (given == Given::optionally) return;
    throw std::invalid_argument(std::string("Invalid config of ") + Schedule::class_name +
                                ": argument `" + name + "` is missing");
  });
  if (found == config.size()) return;
  for (const auto& [key, value] : config) {
    if (is_known(key)) continue;
    throw std::invalid_argument(std::string("Invalid config of ") + Schedule::class_name +
                                ": unknown argument " + excerpt(key) + ". Known are " + known);
  }
}

Arguments read_class(const std::string& class_name, const Json::object_t& config) {
  std::optional<Arguments> arguments = core::arguments_of(class_name);
  if (!arguments) {
    throw std::invalid_argument("Unknown schedule class: " + excerpt(class_name) + ". Known are " +
                                core::class_names());
  }
  std::visit([&](auto& schedule) { read_config(config, schedule); }, *arguments);
  return *std::move(arguments);
}

Arguments read_schedule(const char* name, const Json& value) {
  const auto* dict = as<Json::object_t>(value);
  const auto entry = [&](const char* key) { return dict == nullptr ? nullptr : find(*dict, key); };
  const Json *class_name = entry("class_name"), *config = entry("config");
  if (class_name == nullptr || config == nullptr || !class_name->is_string() ||
      !config->is_object()) {
    throw std::invalid_argument(std::string("Argument `") + name +
                                "` must be an object with a string `class_name` and an object "
                                "`config`, as fastlr.serialize and Keras write it. Received: " +
                                excerpt(value));
  }
  return read_class(*as<std::string>(*class_name), *as<Json::object_t>(*config));
}

/// Makes a text into a value, and refuses what no schedule has before it takes any memory. As in
/// Python, the last one of equal keys counts.
using Dom =
    nlohmann::detail::json_sax_dom_parser<Json,
                                          nlohmann::detail::iterator_input_adapter<const char*>>;
class Reader : public Dom {
 public:
  explicit Reader(Json& value) : Dom(value) {}

  /// Also integers beyond 64 bits, which are no integers any more once they are read.
  bool number_float(double number, const std::string& text) {
    if (text.find_first_of(".eE") == std::string::npos) {
      throw std::invalid_argument("Argument `text` must hold no integers beyond 2**53. Received: " +
                                  text.substr(0, longest_excerpt));
    }
    return Dom::number_float(number, text);
  }
  bool start_object(std::size_t size) { return enter(), Dom::start_object(size); }
  bool start_array(std::size_t size) { return enter(), Dom::start_array(size); }
  bool end_object() { return --depth_, Dom::end_object(); }
  bool end_array() { return --depth_, Dom::end_array(); }
  /// Looking up a key takes as long as there are keys.
  bool key(std::string& name) {
    if (++keys_ > FASTLR_JSON_KEYS_MAX) {
      throw std::invalid_argument("Argument `text` has more than " +
                                  std::to_string(FASTLR_JSON_KEYS_MAX) + " keys");
    }
    return Dom::key(name);
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception& error) {
    throw std::invalid_argument(std::string("Argument `text` must be JSON. Received: ") +
                                error.what());
  }

 private:
  void enter() {
    if (++depth_ > FASTLR_JSON_DEPTH_MAX) {
      throw std::invalid_argument("Argument `text` is nested more than " +
                                  std::to_string(FASTLR_JSON_DEPTH_MAX) + " levels deep");
    }
  }

  int depth_ = 0;
  int keys_ = 0;
};

Json parsed(std::string_view text) {
  if (text.size() > FASTLR_JSON_MAX) {
    throw std::invalid_argument(
        "Argument `text` must be at most " + std::to_string(FASTLR_JSON_MAX) +
        " bytes of JSON. Received: " + std::to_string(text.size()) + " bytes");
  }
  if (text.find('\0') != std::string_view::npos) {
    throw std::invalid_argument("Argument `text` must be JSON. Received: a NUL byte");
  }
  // The library takes the first byte of the locale's decimal point to strtod. Of all locales of
  // glibc one has more than one byte, and numbers would end there.
  if (std::strlen(std::localeconv()->decimal_point) != 1) {
    throw std::invalid_argument(
        "JSON cannot be read in a locale whose decimal point is longer than "
        "a byte: call setlocale(LC_NUMERIC, \"C\")");
  }
  Json value;
  Reader reader(value);
  Json::sax_parse(text.data(), text.data() + text.size(), &reader);
  return value;
}

}  // namespace

std::string to_json(const Arguments& arguments) {
  return std::visit(
      [](const auto& schedule) {
        check_name(schedule.name);
        std::string config;
        schedule.each(schedule, [&](const char* name, const auto& value, Given) {
          config += std::string(config.empty() ? "" : ",") + '"' + name + "\":";
          try {
            config += written(value);
          } catch (const Json::type_error&) {
            throw std::invalid_argument("Argument `name` must be UTF-8");
          }
        });
        return R"({"module":")" + std::string(schedule.module) + R"(","class_name":")" +
               schedule.class_name + R"(","config":{)" + config + R"(},"registered_name":null})";
      },
      arguments);
}

Arguments from_json(std::string_view text) { return read_schedule("text", parsed(text)); }

}  // namespace fastlr::library

#include "json.hpp"

#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstring>
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
  const bool is_integer = std::fabs(steps.value) <= largest_integer &&
                          std::trunc(steps.value) == steps.value &&
                          !(steps.value == 0 && std::signbit(steps.value));
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

void read(const char* name, const Json& value, double& number) {
  if (!value.is_number()) refuse(name, "a number", value);
  const bool held = value.is_number_unsigned()  ? is_held(value.get<std::uint64_t>())
                    : value.is_number_integer() ? is_held(value.get<std::int64_t>())
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

/// Looks at a text before it is made into objects, and refuses what no schedule has.
class Limits : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  /// Also integers beyond 64 bits, which are no integers any more once they are read.
  bool number_float(double, const std::string& text) override {
    if (text.find_first_of(".eE") == std::string::npos) {
      throw std::invalid_argument("Integers must be at most 2**53. Received: " +
                                  text.substr(0, 60));
    }
    return true;
  }
  bool string(std::string&) override { return true; }
  bool binary(Json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return deeper(); }
  bool start_array(std::size_t) override { return deeper(); }
  bool end_object() override { return shallower(); }
  bool end_array() override { return shallower(); }
  /// Looking up a key takes as long as there are keys.
  bool key(std::string&) override {
    constexpr int most = 1000;
    if (++keys_ > most) throw std::invalid_argument("Argument `text` has more than 1000 keys");
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    throw std::invalid_argument(std::string("Argument `text` must be JSON. Received: ") +
                                error.what());
  }

 private:
  bool deeper() {
    constexpr int deepest = 8;  // a schedule is an object with a config with arrays
    if (++depth_ > deepest) {
      throw std::invalid_argument("Argument `text` is nested more deeply than a schedule is");
    }
    return true;
  }
  bool shallower() { return --depth_, true; }

  int depth_ = 0, keys_ = 0;
};

Json parsed(std::string_view text) {
  if (text.size() > FASTLR_JSON_MAX) {
    throw std::invalid_argument(
        "Argument `text` must be at most 16777216 bytes of JSON. Received: " +
        std::to_string(text.size()) + " bytes");
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
  Limits limits;
  Json::sax_parse(text.begin(), text.end(), &limits);
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::exception& error) {  // a number beyond binary64
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

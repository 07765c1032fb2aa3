#include "json.hpp"

#include <array>
#include <clocale>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <type_traits>
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
using core::StepCount;

/// The library reads tokens and writes single values. Its objects and arrays are not used: their
/// destructors allocate, and so end the process where memory is short.
using Json = nlohmann::ordered_json;

// ---- Writing -----------------------------------------------------------------------------------

std::string written(double number) { return Json(number).dump(); }
std::string written(bool flag) { return flag ? "true" : "false"; }
std::string written(StepCount steps) {
  return steps.is_integer ? std::to_string(static_cast<std::int64_t>(steps.value))
                          : written(steps.value);
}
/// In ASCII. Json::type_error for what is not UTF-8.
std::string written(const std::string& text) { return Json(text).dump(-1, ' ', true); }
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

/// A value of JSON. As in Python, the last one of equal keys counts.
struct Value {
  using Array = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array,
               Object>
      data;

  template <class Type>
  const Type* get() const {
    return std::get_if<Type>(&data);
  }
};

const Value* find(const Value::Object& object, std::string_view key) {
  for (const auto& [name, value] : object) {
    if (name == key) return &value;
  }
  return nullptr;
}

constexpr std::size_t longest_excerpt = 60;

/// Appends the text of a value to `text`, until that is too long anyway.
void append(std::string& text, const Value& value) {
  const auto list = [&](char open, const auto& items, char close, auto append_item) {
    text += open;
    bool first = true;
    for (const auto& item : items) {
      if (text.size() > longest_excerpt) return;
      if (!std::exchange(first, false)) text += ',';
      append_item(item);
    }
    text += close;
  };
  const auto append_value = [&](const auto& item) {
    using Item = std::decay_t<decltype(item)>;
    if constexpr (std::is_same_v<Item, Value::Array>) {
      list('[', item, ']', [&](const Value& each) { append(text, each); });
    } else if constexpr (std::is_same_v<Item, Value::Object>) {
      list('{', item, '}', [&](const auto& each) {
        append(text, {each.first});
        text += ':';
        append(text, each.second);
      });
    } else if constexpr (std::is_same_v<Item, std::string>) {
      const Json start = item.substr(0, longest_excerpt);  // perhaps with half a character
      text += start.dump(-1, ' ', true, Json::error_handler_t::replace);
    } else {
      text += Json(item).dump();
    }
  };
  std::visit(append_value, value.data);
}

std::string excerpt(const Value& value) {
  std::string text;
  append(text, value);
  return text.size() <= longest_excerpt ? text : text.substr(0, longest_excerpt) + "...";
}

/// Python rounds an integer to float32 once, whatever its size. Through binary64 it would be
/// rounded twice, so those that binary64 may not hold are refused.
bool is_held(std::uint64_t integer) { return integer <= std::uint64_t{1} << 53; }
bool is_held(std::int64_t integer) {
  return integer >= -(std::int64_t{1} << 53) && integer <= std::int64_t{1} << 53;
}

[[noreturn]] void refuse(const char* name, const char* accepted, const Value& received) {
  throw std::invalid_argument(std::string("Argument `") + name + "` must be " + accepted +
                              ". Received: " + name + "=" + excerpt(received));
}

void read(const char* name, const Value& value, double& number) {
  const auto read_integer = [&](auto integer) {
    if (!is_held(integer)) refuse(name, "at most 2**53 where it is an integer", value);
    number = static_cast<double>(integer);
  };
  if (const auto* real = value.get<double>()) {
    number = *real;
  } else if (const auto* natural = value.get<std::uint64_t>()) {
    read_integer(*natural);
  } else if (const auto* integer = value.get<std::int64_t>()) {
    read_integer(*integer);
  } else {
    refuse(name, "a number", value);
  }
}
void read(const char* name, const Value& value, StepCount& steps) {
  double number;
  read(name, value, number);
  steps = number;
  // 16777217.0 is a float to Python, of which Keras makes a float32. Up to 2**24 it is the same.
  if (value.get<double>() != nullptr && std::fabs(number) > 0x1p24) steps.is_integer = false;
}
void read(const char* name, const Value& value, bool& flag) {
  if (value.get<bool>() == nullptr) refuse(name, "true or false", value);
  flag = *value.get<bool>();
}
void read(const char* name, const Value& value, std::string& text) {
  if (value.get<std::string>() == nullptr) refuse(name, "a string or null", value);
  text = *value.get<std::string>();
}
template <class Type>
void read(const char* name, const Value& value, std::optional<Type>& optional) {
  if (value.get<std::nullptr_t>() != nullptr) return optional.reset();
  read(name, value, optional.emplace());
}
template <class Type>
void read(const char* name, const Value& value, std::vector<Type>& values) {
  const auto* array = value.get<Value::Array>();
  if (array == nullptr) refuse(name, "an array of numbers", value);
  for (const Value& item : *array) read(name, item, values.emplace_back());
}

template <class Schedule>
void read_config(const Value::Object& config, Schedule& arguments) {
  std::size_t found = 0;
  std::string known;
  Schedule::each(arguments, [&](const char* name, auto& argument, Given given) {
    known += std::string(known.empty() ? "" : ", ") + name;
    const Value* entry = find(config, name);
    if (entry == nullptr) {
      if (given == Given::optionally) return;
      throw std::invalid_argument(std::string("Invalid config of ") + Schedule::class_name +
                                  ": argument `" + name + "` is missing");
    }
    ++found;
    read(name, *entry, argument);
  });
  if (found == config.size()) return;
  for (const auto& [name, value] : config) {
    bool is_known = false;
    Schedule::each(arguments, [&, &name = name](const char* argument, auto&, Given) {
      is_known |= name == argument;
    });
    if (is_known) continue;
    throw std::invalid_argument(std::string("Invalid config of ") + Schedule::class_name +
                                ": unknown argument " + excerpt({name}) + ". Known are " + known);
  }
}

Arguments read_class(const std::string& class_name, const Value::Object& config) {
  std::optional<Arguments> arguments = core::arguments_of(class_name);
  if (!arguments) {
    throw std::invalid_argument("Unknown schedule class: " + excerpt({class_name}) +
                                ". Known are CosineDecay, CosineDecayRestarts, ExponentialDecay, "
                                "InverseTimeDecay, PolynomialDecay and PiecewiseConstantDecay");
  }
  std::visit([&](auto& schedule) { read_config(config, schedule); }, *arguments);
  return *std::move(arguments);
}

/// Makes a text into a value, and refuses what no schedule has before it takes any memory.
class Reader : public nlohmann::json_sax<Json> {
 public:
  Value value;

  bool null() override { return put(nullptr); }
  bool boolean(bool flag) override { return put(flag); }
  bool number_integer(std::int64_t number) override { return put(number); }
  bool number_unsigned(std::uint64_t number) override { return put(number); }
  /// Also integers beyond 64 bits, which are no integers any more once they are read.
  bool number_float(double number, const std::string& text) override {
    if (text.find_first_of(".eE") == std::string::npos) {
      throw std::invalid_argument("Argument `text` must hold no integers beyond 2**53. Received: " +
                                  text.substr(0, longest_excerpt));
    }
    return put(number);
  }
  bool string(std::string& text) override { return put(std::move(text)); }
  bool binary(Json::binary_t&) override { return false; }  // not in JSON
  bool start_object(std::size_t) override { return open(Value::Object()); }
  bool start_array(std::size_t) override { return open(Value::Array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  /// Looking up a key takes as long as there are keys.
  bool key(std::string& name) override {
    if (++keys_ > FASTLR_JSON_KEYS_MAX) {
      throw std::invalid_argument("Argument `text` has more than " +
                                  std::to_string(FASTLR_JSON_KEYS_MAX) + " keys");
    }
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    throw std::invalid_argument(std::string("Argument `text` must be JSON. Received: ") +
                                error.what());
  }

 private:
  template <class Data>
  bool put(Data data) {
    place().data = std::move(data);
    return true;
  }

  template <class Container>
  bool open(Container container) {
    if (depth_ == open_.size()) {
      throw std::invalid_argument("Argument `text` is nested more than " +
                                  std::to_string(FASTLR_JSON_DEPTH_MAX) + " levels deep");
    }
    Value& opened = place();
    opened.data = std::move(container);
    open_[depth_++] = &opened;
    return true;
  }

  bool close() { return --depth_, true; }

  /// Where the next value belongs. A container does not grow while one in it is open, so that
  /// pointers to open ones stay.
  Value& place() {
    if (depth_ == 0) return value;
    Value& parent = *open_[depth_ - 1];
    if (auto* array = std::get_if<Value::Array>(&parent.data)) return array->emplace_back();
    auto& object = std::get<Value::Object>(parent.data);
    for (auto& [name, given] : object) {
      if (name == key_) return given;
    }
    // In two steps: of a pair made of temporaries GCC 12 says that it may be uninitialised.
    auto& [name, added] = object.emplace_back();
    name = std::move(key_);
    return added;
  }

  std::array<Value*, FASTLR_JSON_DEPTH_MAX> open_{};
  std::size_t depth_ = 0;
  std::string key_;
  int keys_ = 0;
};

Value parsed(std::string_view text) {
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
  Reader reader;
  Json::sax_parse(text.begin(), text.end(), &reader);
  return std::move(reader.value);
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
        return R"({"module":"keras.optimizers.schedules","class_name":")" +
               std::string(schedule.class_name) + R"(","config":{)" + config +
               R"(},"registered_name":null})";
      },
      arguments);
}

Arguments from_json(std::string_view text) {
  const Value value = parsed(text);
  const auto* dict = value.get<Value::Object>();
  const auto entry = [&](const char* key, auto type) {
    const Value* found = dict == nullptr ? nullptr : find(*dict, key);
    return found == nullptr ? nullptr : found->get<decltype(type)>();
  };
  const auto* class_name = entry("class_name", std::string());
  const auto* config = entry("config", Value::Object());
  if (class_name == nullptr || config == nullptr) {
    throw std::invalid_argument(
        "Argument `text` must be an object with a string `class_name` and an object `config`, as "
        "fastlr.serialize and Keras write it. Received: " +
        excerpt(value));
  }
  return read_class(*class_name, *config);
}

}  // namespace fastlr::library

// `schedule.table`: one C function from the interpreter to the arithmetic.
//
// What is rare or wrong (NumPy's integers, numbers beyond int64, arrays of a subclass, tables that
// may not fit the memory) goes to the Python function that documents it.
#include <Python.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "schedule_type.hpp"

namespace fastlr::bindings {
namespace {

PyObject* table_in_python = nullptr;

enum Argument { start, stop, step, out, threads, execution, argument_count };
constexpr const char* names[] = {"start", "stop", "step", "out", "threads", "execution"};
constexpr const char* signature =
    "table($self, start, stop=None, step=1, *, out=None, threads=None, execution='eager')\n--\n\n";
constexpr Py_ssize_t most_positional = 3;
PyObject* interned_names[argument_count];

using Arguments = std::array<PyObject*, argument_count>;  // null: not given, or None

std::size_t index_of(PyObject* name) {
  const auto* found = std::find(interned_names, interned_names + argument_count, name);
  return static_cast<std::size_t>(found - interned_names);
}

/// Whether they are those of the signature.
bool sort(PyObject* const* args, Py_ssize_t count, PyObject* kwnames, Arguments& sorted) {
  if (count > most_positional) return false;
  std::copy(args, args + count, sorted.begin());
  for (Py_ssize_t i = 0; kwnames != nullptr && i < PyTuple_GET_SIZE(kwnames); ++i) {
    const std::size_t index = index_of(PyTuple_GET_ITEM(kwnames, i));
    if (index == argument_count || sorted[index] != nullptr) return false;
    sorted[index] = args[count + i];
  }
  for (const Argument optional : {stop, out, threads}) {
    if (sorted[optional] == Py_None) sorted[optional] = nullptr;
  }
  return sorted[start] != nullptr;
}

/// The number of threads asked for, 0 for none; nothing for what is not a positive int.
std::optional<int> thread_count(PyObject* given) {
  if (given == nullptr) return 0;
  int overflow;
  const long count = PyLong_CheckExact(given) ? PyLong_AsLongAndOverflow(given, &overflow) : 0;
  if (count < 1 || count > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(count);
}

/// The array to fill, which is `given` or new; nothing where that takes more than a look.
template <class Real>
std::optional<py::array> target(PyObject* given, std::int64_t count) {
  if (given == nullptr) {
    if (count > surely_available) return std::nullopt;
    const auto length = static_cast<Py_ssize_t>(count);
    return empty<Real>(&length, 1);
  }
  auto array = exact_array(given);
  if (array && array->ndim() == 1 && array->size() == count && memory_of<Real>(*array) != nullptr) {
    return array;
  }
  return std::nullopt;
}

/// Null without an exception where Python has to see to it.
PyObject* fast_table(PyObject* self, const Arguments& given) {
  const Kernel* kernel = kernel_in(self, given[execution]);
  const auto steps = steps_of(given[start], given[stop], given[step]);
  const auto count = thread_count(given[threads]);
  if (kernel == nullptr || !steps || !count) return nullptr;
  return std::visit(
      [&](const auto& schedule) -> PyObject* {
        using Real = decltype(schedule.at(0));
        auto rates = target<Real>(given[out], steps->count);
        if (!rates) return nullptr;
        fill(schedule, *steps, memory_of<Real>(*rates), *count);
        return rates->release().ptr();
      },
      kernel->schedule);
}

PyObject* table(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* kwnames) {
  try {
    Arguments given{};
    if (sort(args, count, kwnames, given)) {
      if (PyObject* rates = fast_table(self, given)) return rates;
    }
    std::vector<PyObject*> all{self};
    all.insert(all.end(), args,
               args + count + (kwnames == nullptr ? 0 : PyTuple_GET_SIZE(kwnames)));
    return PyObject_Vectorcall(table_in_python, all.data(), static_cast<std::size_t>(count) + 1,
                               kwnames);
  } catch (const std::exception&) {
    return set_python_error();
  }
}

/// Makes `table` a method of Schedule, with the documentation of a Python function.
py::object table_method(const py::function& function) {
  table_in_python = py::object(function).release().ptr();
  static const std::string documentation =
      signature + py::str(function.attr("__doc__")).cast<std::string>();
  static PyMethodDef definition{"table",
                                reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(table)),
                                METH_FASTCALL | METH_KEYWORDS, documentation.c_str()};
  static PyObject* method = nullptr;  // one, however often the package is imported
  if (method == nullptr) {
    method = PyDescr_NewMethod(schedule_type, &definition);
    if (method == nullptr) throw py::error_already_set();
    // Where pickle looks for it.
    py::handle(reinterpret_cast<PyObject*>(schedule_type)).attr("table") = py::handle(method);
  }
  return py::reinterpret_borrow<py::object>(method);
}

std::optional<std::int64_t> modest_int(PyObject* value) {
  if (!PyLong_CheckExact(value)) return std::nullopt;
  int overflow;
  const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
  // Half the range: differences of two do not overflow.
  constexpr long long limit = std::numeric_limits<long long>::max() / 2;
  if (overflow != 0 || number > limit || number < -limit) return std::nullopt;
  return number;
}

}  // namespace

std::optional<core::StepRange> steps_of(PyObject* start, PyObject* stop, PyObject* step) {
  const auto first = stop == nullptr ? std::int64_t{0} : modest_int(start);
  const auto end = modest_int(stop == nullptr ? start : stop);
  const auto stride = step == nullptr ? std::int64_t{1} : modest_int(step);
  if (!first || !end || !stride || *stride == 0) return std::nullopt;
  if (*stride > 0 ? *first >= *end : *first <= *end) return core::StepRange{0, 1, 0};
  const std::int64_t distance = *stride > 0 ? *end - *first : *first - *end;
  const std::int64_t count = (distance - 1) / (*stride > 0 ? *stride : -*stride) + 1;
  return core::StepRange{*first, count > 1 ? *stride : 1, count};
}

void register_table(py::module_& m) {
  for (std::size_t i = 0; i < argument_count; ++i) {
    interned_names[i] = PyUnicode_InternFromString(names[i]);
    if (interned_names[i] == nullptr) throw py::error_already_set();
  }
  m.def("table_method", table_method, py::arg("function"));
}

}  // namespace fastlr::bindings

// NumPy's arrays as the kernels read and write them.
#pragma once

#include <pybind11/numpy.h>

#include <optional>

#include "module.hpp"

namespace fastlr::bindings {

namespace numpy {
inline const py::detail::npy_api& api() { return py::detail::npy_api::get(); }
}  // namespace numpy

/// The array that `object` is; not one of a subclass, which may mean something else by its
/// elements.
inline std::optional<py::array> exact_array(PyObject* object) {
  if (Py_TYPE(object) != numpy::api().PyArray_Type_) return std::nullopt;
  return py::reinterpret_borrow<py::array>(object);
}

/// What NumPy calls the order of bytes that is not the machine's. The machine's own is '=', or the
/// other of '<' and '>' where a dtype was asked for it by name.
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
inline constexpr char swapped = '<';
#else
inline constexpr char swapped = '>';
#endif

/// NumPy's number of a type whose elements lie one after the other in the machine's own order; -1
/// for other arrays.
inline int plain_type(const py::array& array) {
  using Api = py::detail::npy_api;
  constexpr int plain = Api::NPY_ARRAY_C_CONTIGUOUS_ | Api::NPY_ARRAY_ALIGNED_;
  const py::dtype dtype = array.dtype();
  return (array.flags() & plain) == plain && dtype.byteorder() != swapped ? dtype.normalized_num()
                                                                          : -1;
}

/// The type of steps that kernels read; nothing for other arrays.
inline std::optional<core::StepType> step_type(const py::array& steps) {
  using Api = py::detail::npy_api;
  switch (plain_type(steps)) {
    case Api::NPY_INT32_:
      return core::StepType::int32;
    case Api::NPY_INT64_:
      return core::StepType::int64;
    case Api::NPY_UINT64_:
      return core::StepType::uint64;
    case Api::NPY_FLOAT_:
      return core::StepType::float32;
    case Api::NPY_DOUBLE_:
      return core::StepType::float64;
    default:
      return std::nullopt;
  }
}

template <class Real>
constexpr int type_number =
    sizeof(Real) == 4 ? py::detail::npy_api::NPY_FLOAT_ : py::detail::npy_api::NPY_DOUBLE_;

/// Memory for rates; null where this is not a writable, C-contiguous array of Real.
template <class Real>
Real* memory_of(py::array& rates) {
  if (plain_type(rates) != type_number<Real> || !rates.writeable()) return nullptr;
  return static_cast<Real*>(rates.mutable_data());
}

/// A new array. py::array_t makes two vectors on its way to this: 50 ns, a tenth of a table of 1000
/// rates.
template <class Real>
py::array empty(const Py_ssize_t* shape, int dimensions) {
  PyObject* dtype = numpy::api().PyArray_DescrFromType_(type_number<Real>);
  PyObject* rates = numpy::api().PyArray_NewFromDescr_(
      numpy::api().PyArray_Type_, dtype, dimensions, shape, nullptr, nullptr, 0, nullptr);
  if (rates == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::array>(rates);
}

}  // namespace fastlr::bindings

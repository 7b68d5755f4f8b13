// The rules for types of the heap, checked by the compiler where a program makes one of them.
//
//   struct Node {
//     static constexpr size_t kRefs = 2;  // its references; 0: none, the collector does not read it (noscan)
//     Ref<Node> left, right;              // they come first
//     uint64_t value;                     // then plain data
//   };
//
// 1. kRefs is the number of Ref fields, those of arrays, bases and members included, and they come first.
// 2. An object begins as zero bytes and ends without a destructor.
// 3. A field that refers to an object is a Ref: the collector does not see raw pointers.
// A class with private fields or constructors hides them: of rule 1 the compiler then checks the size alone.
// Of an object with references it does not see default member initialisers; they have no effect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

template <class T>
class Ref;
template <class E>
class Array;

template <class T>
inline constexpr bool kIsRef = false;
template <class T>
inline constexpr bool kIsRef<Ref<T>> = true;
template <class T>
inline constexpr bool kIsArray = false;
template <class E>
inline constexpr bool kIsArray<Array<E>> = true;

template <class T>
concept DeclaresRefs = requires {
  { T::kRefs } -> std::convertible_to<size_t>;
};

// What a Ref or a handle may refer to: an object, an Array, or bytes, numbers or references of an untyped
// allocation.
template <class T>
concept OfTheHeap = DeclaresRefs<T> || kIsArray<std::remove_cv_t<T>> || kIsRef<std::remove_cv_t<T>> ||
    std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <OfTheHeap T>
consteval void check_target() {}
template <class T>
consteval void check_target() {
  static_assert(sizeof(T) > 0, "the type is declared and not defined here");
  static_assert(
      OfTheHeap<T>,
      "a Ref or a handle refers to an object of the heap: give the type a kRefs (0: no references)");
}

namespace fields {

// Initialises a field of one kind only. With these the compiler answers which fields an aggregate has: braces
// of nested aggregates may be left out, and a Ref without an initialiser is an error outside of Ref.
struct AReference {
  template <class T>
  operator Ref<T>() const;
};
struct ARawPointer {
  template <DeclaresRefs T>
  operator T*() const;
};
struct PlainData {
  template <class T>
  requires(!kIsRef<T> && !std::is_aggregate_v<T>) operator T() const;
};
template <size_t>
using AReferenceAt = AReference;
template <size_t>
using PlainDataAt = PlainData;

template <class T, size_t... Refs>
consteval bool references_come_first(std::index_sequence<Refs...>) {
  return requires { T{AReferenceAt<Refs>{}...}; };
}
template <class T, size_t... Refs, size_t... Plain>
consteval bool raw_pointer_after(std::index_sequence<Refs...>, std::index_sequence<Plain...>) {
  return requires { T{AReferenceAt<Refs>{}..., PlainDataAt<Plain>{}..., ARawPointer{}}; };
}
// Among the first fields behind the references: each takes the compiler a look of its own.
inline constexpr size_t kPlainFieldsChecked = 16;
template <class T, size_t... At>
consteval bool has_raw_pointer(std::index_sequence<At...>) {
  return (raw_pointer_after<T>(std::make_index_sequence<T::kRefs>{}, std::make_index_sequence<At>{}) || ...);
}

}  // namespace fields

// Fails to compile, with the rule that T breaks.
template <class T>
consteval void check_object() {
  static_assert(!kIsArray<T>, "an Array has a length: use make_array<E>(mutator, n)");
  static_assert(
      kIsArray<T> || DeclaresRefs<T>,
      "an object declares how many references it has: static constexpr size_t kRefs = N; (0: none)");
  if constexpr (DeclaresRefs<T>) {
    static_assert(
        std::is_trivially_destructible_v<T>,
        "the collector runs no destructors: use a finalizer, or keep the field outside of the heap");
    static_assert(T::kRefs > 0 || std::is_trivially_default_constructible_v<T>,
                  "an object begins as zero bytes: no constructor and no default member initialiser runs; "
                  "or it has a Ref and kRefs is 0");
    static_assert(alignof(T) <= 8, "objects are aligned to 8 bytes, not more");
    static_assert(T::kRefs <= sizeof(T) / 8, "kRefs is more than the words of the object");
    if constexpr (std::is_aggregate_v<T> && T::kRefs <= sizeof(T) / 8) {
      static_assert(fields::references_come_first<T>(std::make_index_sequence<T::kRefs>{}),
                    "kRefs must be the number of Ref fields, and the Ref fields must come first");
      static_assert(!fields::has_raw_pointer<T>(std::make_index_sequence<fields::kPlainFieldsChecked>{}),
                    "the collector does not see a raw pointer: make the field a Ref");
    }
  }
}

// The same for the elements of an Array.
template <class E>
consteval void check_element() {
  if constexpr (!kIsRef<E>) {
    static_assert(!std::is_pointer_v<E>, "the collector does not see raw pointers: use an Array<Ref<T>>");
    static_assert(std::is_trivially_destructible_v<E> && std::is_trivially_default_constructible_v<E>,
                  "elements are plain data, which begins as zero bytes, or references: an Array<Ref<T>> of "
                  "objects");
    static_assert(alignof(E) <= 8, "elements are aligned to 8 bytes, not more");
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD

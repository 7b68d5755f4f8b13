// Array: elements and their number in one object. Either references, Array<Ref<T>>, all traced, or plain data
// (numbers, bytes, structs without references), which the collector does not read.
//
//   Local<Array<Ref<Node>>> nodes(mutator, make_array<Ref<Node>>(mutator, 100));
//   nodes[7].set(mutator, node);                  // bounds checked
//   for (Ref<Node>& node : *nodes) ...            // may poll: objects do not move, and the handle keeps it alive
//   Local<Array<std::byte>> buffer(mutator, make_array<std::byte>(mutator, 4096));
//   std::span<std::byte> bytes(*buffer);
//
//   Array<E>         [ n | e0 e1 ... ]      its one word is the number of elements
//   Array<Ref<T>>    [ e | r0 r1 ... rn-1 ] the traced words come first, so a number cannot: e is the address of
//                      └───────────────┘    the last word, a reference to the object itself, and n follows from it
#pragma once

#include "engine/mutator.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

[[noreturn]] void fail_array_index(M& m, size_t index, size_t length);
[[noreturn]] void fail_array_size(Mutator& mutator, size_t n);

template <class E>
class Array {
 public:
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  size_t size() const {  // elements
    if constexpr (kIsRef<E>)
      return (head_ - reinterpret_cast<uint64_t>(this)) / sizeof(uint64_t);
    else
      return head_;
  }
  // Fatal "misuse" for an index that is not below size(). Local<Array<E>> has it as [].
  E& at(Mutator& mutator, size_t index) { return at(mutator.m(), index); }
  E* begin() { return reinterpret_cast<E*>(this + 1); }
  E* end() { return begin() + size(); }
  const E* begin() const { return reinterpret_cast<const E*>(this + 1); }
  const E* end() const { return begin() + size(); }

 private:
  template <class T>
  friend class Local;
  template <class F>
  friend Array<F>* make_array(Mutator&, size_t);

  Array() = default;  // make_array() makes one
  E& at(M& m, size_t index) {
    if (index >= size()) [[unlikely]]
      fail_array_index(m, index, size());
    return begin()[index];
  }
  uint64_t head_;  // written once, before the array is published
};

// n elements of zero bytes. Fatal "misuse" when their size does not fit into a size_t, "out of memory" as
// allocate().
template <class E>
Array<E>* make_array(Mutator& mutator, size_t n) {
  check_element<E>();
  constexpr size_t kWord = sizeof(uint64_t);
  if (n > (SIZE_MAX - 2 * kWord) / sizeof(E)) [[unlikely]]
    fail_array_size(mutator, n);
  // Whole words: a tiny block packs smaller sizes at any address.
  const size_t bytes = (kWord + n * sizeof(E) + kWord - 1) / kWord * kWord;
  auto* const array = static_cast<Array<E>*>(allocate(mutator, bytes, kIsRef<E> ? n + 1 : 0));
  if constexpr (kIsRef<E>)
    write_reference(mutator, array->head_, reinterpret_cast<uint64_t>(array) + n * kWord);
  else
    array->head_ = n;
  return array;
}

// Refused: see its message.
template <class T>
bool set_finalizer(Mutator& mutator, Array<Ref<T>>* array, uint64_t token) {
  static_assert(
      kIsRef<T> && !kIsRef<T>,
      "an Array<Ref<T>> refers to itself and would never be finalized: give the finalizer to an object "
      "that refers to the array");
  return false;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD

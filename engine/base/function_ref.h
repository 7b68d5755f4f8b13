// FunctionRef: a function that a callee calls while its caller waits: two words, and no copy of the closure. So it is
// no owner. Use it for parameters only: the closure of an argument lives until the call returns, but a variable of this
// type would outlive a closure that is written in its initialiser. InlineFunction owns its closure.
//
// No path of a cycle passes a std::function, which calls malloc if the closure is larger than two words.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

template <class Signature>
class FunctionRef;

template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  // Does nothing.
  FunctionRef() requires std::is_void_v<R> : call_([](void*, Args...) {}) {}
  // Any closure; no bare function, which has no object.
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> &&
           std::is_object_v<std::remove_reference_t<F>> && std::is_invocable_r_v<R, F&, Args...>)
      FunctionRef(F&& closure)
      : closure_(const_cast<void*>(static_cast<const void*>(std::addressof(closure)))),
        call_([](void* c, Args... args) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(c))(std::forward<Args>(args)...);
        }) {}

  R operator()(Args... args) const { return call_(closure_, std::forward<Args>(args)...); }

 private:
  void* closure_ = nullptr;
  R (*call_)(void*, Args...);
};

// The predicate of a wait: cheap, pure, reads shared words with peek() only (no steps). Valid while its fiber
// waits.
using PredicateRef = FunctionRef<bool()>;

// InlineFunction: owns a closure of at most two words, which the compiler checks. For a function that is called by other
// threads, perhaps after its caller has returned (a fault of the laboratory).
template <class Signature>
class InlineFunction;

template <class R, class... Args>
class InlineFunction<R(Args...)> {
 public:
  InlineFunction() = default;  // not to be called
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, InlineFunction> && std::is_invocable_r_v<R, F&, Args...>)
      InlineFunction(F closure)
      : call_([](void* c, Args... args) -> R { return (*static_cast<F*>(c))(std::forward<Args>(args)...); }) {
    static_assert(sizeof(F) <= sizeof closure_ && alignof(F) <= alignof(void*) &&
                  std::is_trivially_copyable_v<F>);
    std::construct_at(reinterpret_cast<F*>(closure_), closure);
  }

  R operator()(Args... args) { return call_(closure_, std::forward<Args>(args)...); }

 private:
  alignas(void*) unsigned char closure_[2 * sizeof(void*)]{};
  R (*call_)(void*, Args...) = nullptr;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD

// What a running program holds: its Mutator, references, handles and globals. Part of the facade: include
// engine/engine.h, which completes the inline functions. Types of objects: object.h; arrays: array.h.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "engine/base/build.h"
#include "engine/base/function_ref.h"
#include "engine/object.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Allocator;
class Collector;
class Engine;
class Finalizers;
class MarkPhase;
class MHeap;
class Runtime;  // the whole inside of an engine
class Sched;
struct M;

// The running program on one thread. Passed to everything that touches the heap.
class Mutator {
 public:
  Mutator(M& m, Runtime& runtime);  // by the engine, for a thread that has the M
  Mutator(const Mutator&) = delete;
  Mutator& operator=(const Mutator&) = delete;

  inline void poll();          // safepoint: may stop here, lose and regain a P; raw pointers die
  void collect();              // a complete forced cycle, sweep included (runtime.GC)
  uint32_t p() const;          // id of the P it holds now
  void move_to_p(uint32_t p);  // releases its P and acquires that one; waits while another thread runs on it
  uint32_t procs() const;
  uint32_t sweepgen() const;
  bool stopping() const;  // the engine is being destroyed or the run was interrupted: finish soon

  // Runs `outside` without owning the P (a system call, a sleep, a wait for another mutator). Nothing in it
  // may touch the heap with this Mutator: to allocate, poll, collect, store a reference, or make, set or end
  // a handle there is fatal "misuse". Of the Engine's calls those that wait for a P (collect, set_procs,
  // control_stop, stats, read_mem_stats, verify) are allowed to a mutator only in it; join_mutators() never is.
  // Returns what `outside` returns. A call and not a scope, so that no handle ends inside the region.
  template <std::invocable Outside>
  std::remove_cvref_t<std::invoke_result_t<Outside>> blocking(Outside&& outside) {
    using Result = std::remove_cvref_t<std::invoke_result_t<Outside>>;
    if constexpr (std::is_void_v<Result>) {
      run_blocking([&] { outside(); });
    } else {
      std::optional<Result> result;
      run_blocking([&] { result.emplace(outside()); });
      return std::move(*result);
    }
  }

  M& m() { return m_; }

 private:
  friend void write_reference(Mutator&, uint64_t&, uint64_t);
  friend void* allocate(Mutator&, size_t, size_t);
  friend bool set_finalizer(Mutator&, void*, uint64_t);
  friend bool clear_finalizer(Mutator&, void*);
  friend std::optional<struct Finalized> take_finalized(Mutator&);
  friend class GlobalBase;

  void run_blocking(FunctionRef<void()> outside);

  // What the operations of a program are made of; each belongs to the engine.
  M& m_;
  const MHeap& heap_;
  Sched& sched_;
  Allocator& allocator_;
  Finalizers& finalizers_;
  MarkPhase& marking_;
  Collector& collector_;
  const Runtime& runtime_;
};

// Stores a reference, through the write barrier during concurrent marking.
inline void write_reference(Mutator& mutator, uint64_t& word, uint64_t target);

template <class T>
class Local;

// A field that refers to an object; traced. Lives inside heap objects only; the compiler refuses a variable of
// this type, and copies, which would bypass the write barrier. Any thread that can reach the object may load
// and store it. Fatal "misuse" for a store inside Mutator::blocking().
//
// References and handles may point anywhere into an object and keep all of it alive. As in Go the address one
// past an object's end does not belong to it: it is where the next slot begins, keeps the object alive that
// lies there, and is fatal "found bad pointer" if there is none (at the latest when that span is swept). Go's
// compiler avoids such pointers; a program here keeps the object's address and an index. The address cannot
// be resolved to the object before it, since it is also the one proper address of the object behind it; and a
// look-up at every store, to refuse it there, would cost more than the store.
template <class T>
class Ref {
 public:
  Ref(const Ref&) = delete;             // to copy a reference: a.set(mutator, b.get())
  Ref& operator=(const Ref&) = delete;  // to copy a reference: a.set(mutator, b.get())

  T* get() const {
    check_target<T>();
    return reinterpret_cast<T*>(load());
  }
  T* operator->() const { return get(); }
  T& operator*() const { return *get(); }
  explicit operator bool() const { return load() != 0; }
  void set(Mutator& mutator, T* target) {
    check_target<T>();
    store(mutator, target);
  }
  inline void set(Mutator& mutator, const Local<T>& target);

 private:
  Ref() = default;  // only objects of the heap have references: hold an object in a Local
  uint64_t load() const { return __atomic_load_n(&bits_, __ATOMIC_ACQUIRE); }
  void store(Mutator& mutator, T* target) {
    write_reference(mutator, bits_, reinterpret_cast<uint64_t>(target));
  }
  uint64_t bits_;
};

// Untyped allocation; the templates below are what programs use. `refs` leading words are traced.
// Zeroed. Fatal "out of memory" when two collections found no room below the heap limit, and "misuse" when
// `refs` words are more than `bytes`. The pointer is raw, here and below: put it into a Ref, a Local or a Global
// before the next poll, allocation or blocking region.
void* allocate(Mutator& mutator, size_t bytes, size_t refs);
// The same; both are known when the program is compiled, so that the usual case needs no call.
template <size_t kBytes, size_t kRefs>
inline void* allocate_fixed(Mutator& mutator);

// An object of zero bytes. The compiler refuses a T that breaks a rule of object.h.
template <class T>
T* make(Mutator& mutator) {
  check_object<T>();
  return static_cast<T*>(allocate_fixed<sizeof(T), T::kRefs>(mutator));
}

// n references, and n bytes that the collector does not read (noscan); the length is not stored, as it is in an
// Array (array.h). Fatal "misuse" when the size does not fit into a size_t.
[[noreturn]] void fail_too_many_refs(Mutator& mutator, size_t n);
template <class T>
Ref<T>* make_refs(Mutator& mutator, size_t n) {
  if (n > SIZE_MAX / sizeof(Ref<T>)) [[unlikely]]
    fail_too_many_refs(mutator, n);
  return static_cast<Ref<T>*>(allocate(mutator, n * sizeof(Ref<T>), n));
}
inline std::byte* make_bytes(Mutator& mutator, size_t bytes) {
  return static_cast<std::byte*>(allocate(mutator, bytes, 0));
}

// Finalizers, bare: the program gets its token back once a collection found the object dead.
// At most one for each object; the object then lives until the token is taken and, if it was not made
// reachable again, dies in a later cycle. What a finalizable object refers to lives as long as it does;
// an object that reaches itself never dies. Fatal "misuse" for an address inside an object (Go: "pointer not
// at beginning of allocated block"): a second one could hide there. Only a tiny object, of less than 16 bytes
// and without references, may begin anywhere in its block.
bool set_finalizer(Mutator& mutator, void* object, uint64_t token);  // false: it has one
bool clear_finalizer(Mutator& mutator, void* object);                // false: it had none, or it is queued
struct Finalized {
  void* object;  // raw: valid until the next poll, allocation or blocking region
  uint64_t token;
};
std::optional<Finalized> take_finalized(Mutator& mutator);  // the one queued first; nothing: none is

// A handle on the thread's shadow stack: keeps its object alive. Strictly nested (LIFO)
// on its own thread; fatal "misuse" otherwise.
class LocalBase {
 protected:
  inline LocalBase(Mutator& mutator, void* target);
  inline ~LocalBase();
  inline void set(void* target);
  LocalBase(const LocalBase&) = delete;
  LocalBase& operator=(const LocalBase&) = delete;
  M& m_;
  void** const slot_;  // on the shadow stack
};
template <class T>
class Local : private LocalBase {
 public:
  explicit Local(Mutator& mutator, T* target = nullptr) : LocalBase(mutator, target) { check_target<T>(); }
  Local& operator=(T* target) {
    set(target);
    return *this;
  }
  T* get() const { return static_cast<T*>(*slot_); }
  T* operator->() const { return get(); }
  T& operator*() const { return *get(); }
  // Of an Array: its element, and fatal "misuse" for an index beyond it. Of make_refs() and make_bytes(): no check.
  auto& operator[](size_t i) const {
    if constexpr (kIsArray<T>)
      return get()->at(m_, i);
    else
      return get()[i];
  }
  explicit operator bool() const { return *slot_ != nullptr; }
};

template <class T>
inline void Ref<T>::set(Mutator& mutator, const Local<T>& target) {
  set(mutator, target.get());
}

// A root that belongs to no thread, for data shared between mutators. Any thread may make one and end one,
// mutator or not, at any time while its engine lives, also during a cycle; set() needs a Mutator of the same
// engine. Fatal "misuse" otherwise, and when the engine ends first.
class GlobalBase {
 protected:
  explicit GlobalBase(Engine& engine);
  ~GlobalBase();
  inline void store(Mutator& mutator, void* target);
  GlobalBase(const GlobalBase&) = delete;
  GlobalBase& operator=(const GlobalBase&) = delete;
  Runtime& runtime_;
  uint64_t bits_ = 0;
  GlobalBase* next_ = nullptr;
  GlobalBase* previous_ = nullptr;

 private:
  friend class GlobalRoots;
  [[noreturn]] static void fail_other_engine(Mutator& mutator);
};
template <class T>
class Global : private GlobalBase {
 public:
  explicit Global(Engine& engine) : GlobalBase(engine) { check_target<T>(); }
  T* get() const { return reinterpret_cast<T*>(__atomic_load_n(&bits_, __ATOMIC_ACQUIRE)); }
  T* operator->() const { return get(); }
  T& operator*() const { return *get(); }
  explicit operator bool() const { return get() != nullptr; }
  void set(Mutator& mutator, T* target) { store(mutator, target); }
  void set(Mutator& mutator, const Local<T>& target) { store(mutator, target.get()); }
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD

// Building blocks of the scenarios' programs: objects of half a span, holders, drops reported to the witness.
#pragma once

#include <algorithm>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "engine/base/reads.h"
#include "engine/base/shared.h"
#include "engine/base/wait_point.h"
#include "engine/base/witness.h"
#include "engine/laboratory/scenarios/scenario.h"

namespace sweepscope::laboratory {

struct Block {  // two to a span of one page
  static constexpr size_t kRefs = 0;
  std::byte bytes[4096];
};
inline constexpr uint32_t kBlocksPerSpan = 2;
using Holder = engine::Local<Block>;

template <class T>
void drop(engine::Local<T>& holder) {
  if (!holder) return;
  engine::witness_object_dropped(reinterpret_cast<uintptr_t>(holder.get()));
  holder = nullptr;
}

// Reports a new object to the witness, which writes its contents.
template <class T>
T* made(T* object) {
  engine::witness_object_made(reinterpret_cast<uintptr_t>(object), T::kRefs, sizeof(T));
  return object;
}

// Drops the last reference at the end of its scope, and reports it to the witness.
template <class T>
class HeldOf {
 public:
  explicit HeldOf(engine::Mutator& m) : holder_(m) {}
  ~HeldOf() { drop(holder_); }
  T* take(engine::Mutator& m) {
    drop(holder_);
    holder_ = engine::make<T>(m);
    made(holder_.get());
    return holder_.get();
  }
  void let_go() { drop(holder_); }

 private:
  engine::Local<T> holder_;
};
using Held = HeldOf<Block>;

// Like Held, for an object of so many bytes, the first of which are references.
class HeldBytes {
 public:
  explicit HeldBytes(engine::Mutator& m) : bytes_(m) {}
  ~HeldBytes() { let_go(); }
  void take(engine::Mutator& m, size_t bytes, size_t refs = 0) {
    let_go();
    bytes_ = static_cast<std::byte*>(engine::allocate(m, bytes, refs));
    engine::witness_object_made(reinterpret_cast<uintptr_t>(bytes_.get()), refs, bytes);
  }
  void let_go() { drop(bytes_); }
  std::byte* get() const { return bytes_.get(); }
  template <class T>
  engine::Ref<T>& ref(size_t i) const {
    return reinterpret_cast<engine::Ref<T>*>(bytes_.get())[i];
  }

 private:
  engine::Local<std::byte> bytes_;
};

// Adds a word that the mutators share outside the heap to the state. It must outlive them. The value alone, which is its
// first member: the bytes between the members have any content, which would tell equal states apart.
template <class T>
void share(const engine::Shared<T>& word) {
  static_assert(std::is_standard_layout_v<engine::Shared<T>> && std::has_unique_object_representations_v<T>);
  if (engine::Driver* driver = engine::driver()) driver->add_shared_data(&word, sizeof(T));
}

// Signals a point of one mutator's program to others. Raised once.
class Flag {
 public:
  Flag() { share(raised_); }
  void raise() {
    raised_.store(1, std::memory_order_release, "scenario: raise the flag");
    point_.wake_all();
  }
  void wait() {
    point_.wait_until("scenario: wait for the flag", [this] { return raised_.peek() != 0; });
  }

 private:
  engine::Shared<uint32_t> raised_;
  engine::WaitPoint point_;
};

// Names for the answers to a question whose first alternative is yes. Without names they are no and yes.
inline constexpr std::string_view kYesOrNo[] = {"yes", "no"};

// Names for the choice of a P.
inline std::span<const std::string_view> p_names(uint32_t procs) {
  static constexpr std::string_view kNames[] = {"to P0", "to P1", "to P2", "to P3",
                                                "to P4", "to P5", "to P6", "to P7"};
  return std::span(kNames).first(std::min<size_t>(procs, std::size(kNames)));
}

inline std::string counted(uint32_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

}  // namespace sweepscope::laboratory

// What several random programs know of each other's finalizers: tokens that are set, and what must be intact when one
// is taken, by whichever program takes it.
//
// The objects form a graph without circles, since an object that reaches itself is never found dead. Any thread; no
// call of the engine is made under the lock.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "tests/engine/support/shadow_object.h"

namespace sweepscope::engine {

class ShadowFinalizers {
 public:
  static constexpr uint64_t kNoToken = ~uint64_t{0};
  struct Referent : RememberedObject {
    uint64_t token = kNoToken;  // it has a finalizer too: taken later than the object that refers to it
  };
  struct Finalizable : RememberedObject {
    std::vector<Referent> referents;  // what its references lead to, null ones included
  };

  // The token to set.
  uint64_t add(Finalizable object) {
    const std::lock_guard guard(mutex_);
    ++set_;
    uint64_t place = entries_.size();
    if (free_.empty()) {
      entries_.emplace_back();
    } else {
      place = free_.back();
      free_.pop_back();
    }
    entries_[place].object = std::move(object);
    entries_[place].set = true;
    return entries_[place].use << 32 | place;
  }
  void cleared(uint64_t token) {
    const std::lock_guard guard(mutex_);
    ++cleared_;
    Entry* const entry = find(token);
    if (entry == nullptr) {
      ADD_FAILURE() << "token " << token << " was taken of a reachable object";
      return;
    }
    release(*entry, token);
  }
  // Each token is taken once, and after those that refer to it.
  Finalizable taken(uint64_t token, const void* at) {
    const std::lock_guard guard(mutex_);
    ++taken_;
    Entry* const entry = find(token);
    if (entry == nullptr) {
      ADD_FAILURE() << "token " << token << " is not set";
      return {};
    }
    EXPECT_EQ(entry->object.at, at);
    for (const Referent& referent : entry->object.referents)
      if (referent.token != kNoToken && was_taken(referent.token))
        ADD_FAILURE() << "taken before an object that refers to it: " << describe(referent);
    Finalizable object = std::move(entry->object);
    entry->taken_use = entry->use;
    release(*entry, token);
    return object;
  }
  bool is_set(uint64_t token) {
    const std::lock_guard guard(mutex_);
    return find(token) != nullptr;
  }
  uint64_t outstanding() {
    const std::lock_guard guard(mutex_);
    return set_ - cleared_ - taken_;
  }
  // The objects whose finalizers are set. After the programs.
  std::vector<Finalizable> set_ones() const {
    std::vector<Finalizable> objects;
    for (const Entry& entry : entries_)
      if (entry.set) objects.push_back(entry.object);
    return objects;
  }
  uint64_t taken() const { return taken_; }  // after the programs

 private:
  struct Entry {
    Finalizable object;
    uint64_t use = 0;                   // each gives another token
    uint64_t taken_use = ~uint64_t{0};  // the last one that ended by being taken
    bool set = false;
  };

  Entry* find(uint64_t token) {
    const uint64_t place = token & 0xFFFFFFFF;
    if (place >= entries_.size()) return nullptr;
    Entry& entry = entries_[place];
    return entry.set && entry.use == token >> 32 ? &entry : nullptr;
  }
  bool was_taken(uint64_t token) const { return entries_[token & 0xFFFFFFFF].taken_use == token >> 32; }
  void release(Entry& entry, uint64_t token) {
    ++entry.use;
    entry.set = false;
    free_.push_back(token & 0xFFFFFFFF);
  }

  std::mutex mutex_;
  std::deque<Entry> entries_;
  std::vector<uint64_t> free_;
  uint64_t set_ = 0, cleared_ = 0, taken_ = 0;
};

}  // namespace sweepscope::engine

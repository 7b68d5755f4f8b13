// ObjectRoster: the objects of a program that a person steps, numbered as the oracle numbers them, and what its marking
// holds outside of every buffer. From the facts that the engine and the program report; it checks nothing.
//
// An object leaves the roster when its slot is freed after the program dropped it. One that is freed although the
// program did not drop it stays, as freed. Filled by Oracle, read by bench/object_graph.h while no fiber runs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/witness.h"

namespace sweepscope::laboratory {

class ObjectRoster {
 public:
  struct Object {
    uint32_t number;  // 1 = first of the run
    uint32_t span;    // at its birth
    uintptr_t address;
    size_t refs, bytes;  // its first words are references
    bool dropped = false, freed = false;

    bool contains(uintptr_t word) const { return address <= word && word < address + bytes; }
  };

  const std::vector<Object>& objects() const { return objects_; }  // in the order made
  struct Hand {
    uintptr_t reference;
    engine::Grey grey;
    bool operator==(const Hand&) const = default;
  };
  // Whether a thread that marks holds it, to do this with it, between two buffers or while it does it.
  bool is_in_hand(const Object& object, engine::Grey grey) const {
    return std::any_of(hands_.begin(), hands_.end(), [&](const Hand& hand) {
      return hand.grey == grey && object.contains(hand.reference);
    });
  }
  bool globals_are_visited() const { return globals_visited_; }  // in the cycle that began last

  void made(uint32_t number, uint32_t span, uintptr_t address, size_t refs, size_t bytes) {
    objects_.push_back({number, span, address, refs, bytes});
  }
  void dropped(uintptr_t address) {
    for (Object& object : objects_)
      if (object.contains(address) && !object.freed) object.dropped = true;
  }
  void freed(uintptr_t address, size_t bytes) {
    const auto lies_there = [&](const Object& o) {
      return o.address < address + bytes && address < o.address + o.bytes;
    };
    std::erase_if(objects_, [&](const Object& o) { return lies_there(o) && o.dropped; });
    for (Object& object : objects_)
      if (lies_there(object)) object.freed = true;
  }

  void cycle_begins() {
    globals_visited_ = false;
    hands_.clear();
  }
  void in_hand(Hand hand) { hands_.push_back(hand); }
  void out_of_hand(Hand hand) {
    const auto found = std::find(hands_.begin(), hands_.end(), hand);
    if (found != hands_.end()) hands_.erase(found);
  }
  void globals_visited() { globals_visited_ = true; }

 private:
  std::vector<Object> objects_;
  std::vector<Hand> hands_;  // one for each in_hand() without its out_of_hand()
  bool globals_visited_ = false;
};

}  // namespace sweepscope::laboratory

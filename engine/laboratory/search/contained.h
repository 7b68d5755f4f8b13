// Runs work that may die or hang, in a process of its own: a copy of this one, which ends with the work.
//
// For runs of an engine whose checks are ignored: it may write anywhere. Called from any thread; the work sees this
// process as it stands; of what it changes, only what it sends comes back.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sweepscope::laboratory {

struct Contained {
  enum class End : uint8_t {
    kDone,
    kDied,      // by a signal, or a sanitizer's exit
    kSilent,    // it sent nothing for too long, and was killed
    kNotBegun,  // there is no process or pipe to be had
  };
  End end = End::kDone;
  std::string sent;  // all of it, in order
  std::string how;   // not kDone: one phrase, "signal 11, Segmentation fault"
};

// What `send` is given reaches the caller at once, also if the work dies afterwards.
using Send = std::function<void(std::string_view)>;
Contained run_contained(const std::function<void(const Send&)>& work, double silent_seconds);

}  // namespace sweepscope::laboratory

// The branch tree of a bench session: its nodes are prefixes of decisions, each a step longer than its parent's.
//
// The root holds the decisions that create the engine. A node never changes, but for its name, so its number (its place)
// is all that a viewer needs to name it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sweepscope::laboratory {

// Which fiber runs next, or which alternative it chooses.
struct Decision {
  uint32_t fiber = 0;
  std::optional<uint32_t> choice;
  bool operator==(const Decision&) const = default;
};

enum class StepKind : uint8_t {
  kStart,   // the root
  kAccess,  // one shared access
  kArc,     // up to and including the thread's next write of a word of the protocol
  kRun,     // until the thread blocks, ends, must choose or meets a breakpoint
  kChoice,  // one alternative of a data choice
  kLoaded,  // of a schedule that was loaded or found
};
enum class StopReason : uint8_t {
  kNone,
  kAccess,
  kArc,
  kBlocked,
  kEnded,
  kChoice,
  kBetween,  // it has read a word of the protocol, is about to write it, and another thread can write it now
  kBreakpoint,
  kViolation,
  kRunEnded,
  kLimit,
};
enum class NodeOutcome : uint8_t { kRunning, kFinished, kViolation };

inline constexpr uint32_t kNoNode = ~0u;

struct Node {
  uint32_t parent = kNoNode;
  StepKind kind = StepKind::kStart;
  uint32_t fiber = ~0u;  // that took the step; ~0: several
  uint32_t choice = 0;   // kChoice
  StopReason stop = StopReason::kNone;
  uint32_t steps_before = 0;
  NodeOutcome outcome = NodeOutcome::kRunning;
  std::vector<Decision> decisions;  // of this step
  std::string text;                 // what it did
  std::string why;                  // why it ended here
  std::string name;                 // given by the user
  bool quiet = false;               // nothing to see (bench/quiet.h)
};

class BranchTree {
 public:
  static constexpr size_t kMostNodes = 4096;
  static constexpr size_t kMostNameBytes = 64;

  explicit BranchTree(std::vector<Decision> creation);

  const std::vector<Node>& nodes() const { return nodes_; }
  bool has(uint32_t node) const { return node < nodes_.size(); }
  bool full() const { return nodes_.size() >= kMostNodes; }
  uint32_t add(Node node);  // its parent exists; steps_before is filled in
  // The child of `parent` with these decisions, if there is one.
  std::optional<uint32_t> child(uint32_t parent, const std::vector<Decision>& decisions) const;
  void rename(uint32_t node, std::string name) { nodes_[node].name = std::move(name); }

  std::vector<uint32_t> path(uint32_t node) const;  // from the root
  std::vector<Decision> prefix(uint32_t node) const;
  size_t steps(uint32_t node) const { return nodes_[node].steps_before + nodes_[node].decisions.size(); }

 private:
  std::vector<Node> nodes_;
};

}  // namespace sweepscope::laboratory

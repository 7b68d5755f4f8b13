// The messages of a stream other than batches, as plain structs, and the envelope that carries one of any
// kind.
//
// Called by the server, the client and the recorder, from any thread; no state. A decode_ function takes
// untrusted bytes: it limits every size and returns an error of one line for invalid input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/model/result.h"
#include "telemetry/store/event_log.h"

namespace sweepscope::telemetry {

// A request of a viewer, valid only if it was granted at the start of the run. `number`: see ControlKind in
// the schema.
enum class ControlKind : uint8_t { kPause = 1, kResume, kGcNow, kSetGogc, kSetProcs, kBench };

struct Control {
  ControlKind kind;
  int64_t number = 0;
};

struct Hello {
  SessionInfo info;
  std::vector<ControlKind> granted;
};

// The state before the batches that follow.
struct Snapshot {
  uint64_t next_seq = 0;
  int64_t ns = 0;        // of the last event folded in
  std::string keyframe;  // decoded by telemetry/store/keyframe.h; empty: nothing is known yet
};

// Batches that were left out for one slow viewer; a Snapshot follows.
struct Loss {
  uint64_t first_seq = 0;
  uint64_t events = 0;
  uint32_t batches = 0;
};

struct Bye {
  std::string reason;  // one line of text for the user
  uint64_t next_seq = 0;
};

std::string encode_hello(const Hello& hello);
enum class HelloFrom : uint8_t { kEngine, kRecording };  // for the error
// Fails for a Hello of a schema that this program does not read (wire/schema.h); the error names both versions, and of
// two programs the older one.
Result<Hello> decode_hello(std::string_view bytes, HelloFrom from = HelloFrom::kEngine);
std::string encode_snapshot(const Snapshot& snapshot);
Result<Snapshot> decode_snapshot(std::string_view bytes);
std::string encode_loss(const Loss& loss);
Result<Loss> decode_loss(std::string_view bytes);
std::string encode_bye(const Bye& bye);
Result<Bye> decode_bye(std::string_view bytes);
std::string encode_control(const Control& control);
Result<Control> decode_control(std::string_view bytes);

// Field numbers of Envelope.
enum class Content : uint8_t {
  kHello = 1,
  kSnapshot,
  kBatch,
  kLoss,
  kBye,
  kControl,
  kBenchRequest,  // these three: bench_messages.h
  kBenchState,
  kBenchAnswer
};

// The bytes that precede a message of `size` bytes in its Envelope, so that the message need not be copied.
std::string envelope_head(Content content, size_t size);
std::string envelope(Content content, std::string_view message);

struct Envelope {
  Content content;
  std::string_view message;  // points into the input
};
Result<Envelope> open_envelope(std::string_view bytes);

}  // namespace sweepscope::telemetry

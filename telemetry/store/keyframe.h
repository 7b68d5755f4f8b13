// A replica's whole picture as the Keyframe message of sweepscope.proto, and back. Written by the recorder
// and the server, read when seeking and when attaching. Any thread that owns the replica.
//
// Decoding gives a replica that hashes as the encoded one and refuses what that one would have refused:
// events that wait for an earlier one are part of it.
#pragma once

#include <string>
#include <string_view>

#include "telemetry/model/result.h"
#include "telemetry/replica/replica.h"

namespace sweepscope::telemetry {

std::string encode_keyframe(const Replica& replica);

// Untrusted bytes: every size is capped before memory is taken. On an error `replica` is as it was.
Result<> decode_keyframe(std::string_view bytes, Replica& replica);

}  // namespace sweepscope::telemetry

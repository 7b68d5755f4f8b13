// A replica's whole picture as the Keyframe message of sweepscope.proto, and back. Written by the recorder
// and the server, read by a seek and by a viewer that attaches. Any thread that owns the replica.
//
// The decoded replica has the hash of the encoded one and refuses the same events: events that wait for an
// earlier one are part of the keyframe.
#pragma once

#include <string>
#include <string_view>

#include "telemetry/model/result.h"
#include "telemetry/replica/replica.h"

namespace sweepscope::telemetry {

std::string encode_keyframe(const Replica& replica);

// Untrusted bytes: every size is capped before memory is allocated. On an error `replica` is unchanged.
Result<> decode_keyframe(std::string_view bytes, Replica& replica);

}  // namespace sweepscope::telemetry

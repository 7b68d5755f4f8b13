#include "telemetry/wire/messages.h"

#include <google/protobuf/stubs/logging.h>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/wire/schema.h"
#include "telemetry/wire/utf8.h"
#include "telemetry/wire/varint.h"

namespace sweepscope::telemetry {
namespace {

using wire::append_tag;
using wire::append_varint;
using wire::as_utf8;
using wire::FieldReader;
using wire::WireType;
using wire::zigzag;

static_assert(static_cast<int>(ControlKind::kPause) == v1::CONTROL_PAUSE);
static_assert(static_cast<int>(ControlKind::kSetProcs) == v1::CONTROL_SET_PROCS);
static_assert(static_cast<int>(ControlKind::kBench) == v1::CONTROL_BENCH);
static_assert(static_cast<int>(Content::kHello) == v1::Envelope::kHelloFieldNumber);
static_assert(static_cast<int>(Content::kSnapshot) == v1::Envelope::kSnapshotFieldNumber);
static_assert(static_cast<int>(Content::kBatch) == v1::Envelope::kBatchFieldNumber);
static_assert(static_cast<int>(Content::kLoss) == v1::Envelope::kLossFieldNumber);
static_assert(static_cast<int>(Content::kBye) == v1::Envelope::kByeFieldNumber);
static_assert(static_cast<int>(Content::kControl) == v1::Envelope::kControlFieldNumber);
static_assert(static_cast<int>(Content::kBenchRequest) == v1::Envelope::kBenchRequestFieldNumber);
static_assert(static_cast<int>(Content::kBenchState) == v1::Envelope::kBenchStateFieldNumber);
static_assert(static_cast<int>(Content::kBenchAnswer) == v1::Envelope::kBenchAnswerFieldNumber);

constexpr size_t kMaxHello = 1 << 20;
constexpr size_t kMaxSmall = 1 << 12;  // the other messages that protobuf parses

template <class Message>
bool parse(Message& message, std::string_view bytes, size_t cap) {
  const google::protobuf::LogSilencer silencer;  // the caller reports the error
  return bytes.size() <= cap && message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

bool is_control(int kind) { return kind >= v1::CONTROL_PAUSE && kind <= v1::CONTROL_BENCH; }

std::string version_mismatch(uint32_t theirs, HelloFrom from) {
  if (from == HelloFrom::kRecording)
    return "the recording has telemetry schema " + std::to_string(theirs) + ", this program reads schema " +
           std::to_string(kOldestSchemaVersion) + " to " + std::to_string(kSchemaVersion) +
           ": use the release that recorded it, or record again";
  return "the engine uses telemetry schema " + std::to_string(theirs) + ", this program schema " +
         std::to_string(kSchemaVersion) + ": " + (theirs > kSchemaVersion ? "this program" : "the engine") +
         " is older; use both from the same release";
}

}  // namespace

std::string encode_hello(const Hello& hello) {
  const SessionInfo& info = hello.info;
  v1::Hello message;
  message.set_schema_version(kSchemaVersion);
  message.set_program_version(as_utf8(info.program_version));
  message.set_engine_build(as_utf8(info.engine_build));
  message.set_workload(as_utf8(info.workload));
  message.set_policy(as_utf8(info.policy));
  message.set_command_line(as_utf8(info.command_line));
  message.set_environment_json(as_utf8(info.environment_json));
  message.set_fault(as_utf8(info.fault));
  message.set_fault_text(as_utf8(info.fault_text));
  message.set_broken_rule(as_utf8(info.broken_rule));
  message.set_broken_text(as_utf8(info.broken_text));
  message.set_seed(info.seed);
  message.set_procs(info.procs);
  message.set_threads(info.threads);
  message.set_started_unix_ns(info.started_unix_ns);
  message.set_descriptors(schema_descriptors());
  for (const auto& [id, text] : info.step_names) {
    v1::Named& named = *message.add_step_names();
    named.set_id(id);
    named.set_text(as_utf8(text));
  }
  for (const auto& [id, text] : info.stream_names) {
    v1::Named& named = *message.add_stream_names();
    named.set_id(id);
    named.set_text(as_utf8(text));
  }
  for (const auto& [id, text] : info.check_names) {
    v1::Named& named = *message.add_check_names();
    named.set_id(id);
    named.set_text(as_utf8(text));
  }
  for (ControlKind kind : hello.granted) message.add_granted(static_cast<v1::ControlKind>(kind));
  return message.SerializeAsString();
}

Result<Hello> decode_hello(std::string_view bytes, HelloFrom from) {
  v1::Hello message;
  if (!parse(message, bytes, kMaxHello)) return fail("the stream does not begin with a valid Hello");
  if (message.schema_version() < kOldestSchemaVersion || message.schema_version() > kSchemaVersion)
    return fail(version_mismatch(message.schema_version(), from));
  Hello hello;
  SessionInfo& info = hello.info;
  info.schema_version = message.schema_version();
  info.program_version = message.program_version();
  info.engine_build = message.engine_build();
  info.workload = message.workload();
  info.policy = message.policy();
  info.command_line = message.command_line();
  info.environment_json = message.environment_json();
  info.fault = message.fault();
  info.fault_text = message.fault_text();
  info.broken_rule = message.broken_rule();
  info.broken_text = message.broken_text();
  info.seed = message.seed();
  info.procs = message.procs();
  info.threads = message.threads();
  info.started_unix_ns = message.started_unix_ns();
  for (const v1::Named& named : message.step_names()) info.step_names.emplace_back(named.id(), named.text());
  for (const v1::Named& named : message.stream_names())
    info.stream_names.emplace_back(named.id(), named.text());
  for (const v1::Named& named : message.check_names())
    info.check_names.emplace_back(named.id(), named.text());
  for (int kind : message.granted())  // this program cannot send a control unknown to it
    if (is_control(kind)) hello.granted.push_back(static_cast<ControlKind>(kind));
  return hello;
}

// Without protobuf: the keyframe is encoded already, and parsing it into objects would cost megabytes.
std::string encode_snapshot(const Snapshot& snapshot) {
  std::string out;
  append_tag(out, v1::Snapshot::kNextSeqFieldNumber, WireType::kVarint);
  append_varint(out, snapshot.next_seq);
  append_tag(out, v1::Snapshot::kNsFieldNumber, WireType::kVarint);
  append_varint(out, static_cast<uint64_t>(snapshot.ns));
  append_tag(out, v1::Snapshot::kKeyframeFieldNumber, WireType::kBytes);
  append_varint(out, snapshot.keyframe.size());
  out += snapshot.keyframe;
  return out;
}

Result<Snapshot> decode_snapshot(std::string_view bytes) {
  Snapshot snapshot;
  FieldReader fields(bytes);
  while (fields.next()) {
    if (fields.is(v1::Snapshot::kNextSeqFieldNumber, WireType::kVarint))
      snapshot.next_seq = fields.number();
    else if (fields.is(v1::Snapshot::kNsFieldNumber, WireType::kVarint))
      snapshot.ns = static_cast<int64_t>(fields.number());
    else if (fields.is(v1::Snapshot::kKeyframeFieldNumber, WireType::kBytes))
      snapshot.keyframe = fields.bytes();
  }
  if (!fields.ok()) return fail("damaged snapshot: cannot parse its fields");
  return snapshot;
}

std::string encode_loss(const Loss& loss) {
  v1::Loss message;
  message.set_first_seq(loss.first_seq);
  message.set_events(loss.events);
  message.set_batches(loss.batches);
  return message.SerializeAsString();
}

Result<Loss> decode_loss(std::string_view bytes) {
  v1::Loss message;
  if (!parse(message, bytes, kMaxSmall)) return fail("damaged loss message");
  return Loss{message.first_seq(), message.events(), message.batches()};
}

std::string encode_bye(const Bye& bye) {
  v1::Bye message;
  message.set_reason(as_utf8(bye.reason));
  message.set_next_seq(bye.next_seq);
  return message.SerializeAsString();
}

Result<Bye> decode_bye(std::string_view bytes) {
  v1::Bye message;
  if (!parse(message, bytes, kMaxSmall)) return fail("damaged bye message");
  return Bye{message.reason(), message.next_seq()};
}

std::string encode_control(const Control& control) {
  v1::Control message;
  message.set_kind(static_cast<v1::ControlKind>(control.kind));
  message.set_number(control.number);
  return message.SerializeAsString();
}

Result<Control> decode_control(std::string_view bytes) {
  v1::Control message;
  if (!parse(message, bytes, kMaxSmall)) return fail("damaged control message");
  if (!is_control(message.kind())) return fail("control " + std::to_string(message.kind()) + " is unknown");
  return Control{static_cast<ControlKind>(message.kind()), message.number()};
}

std::string envelope_head(Content content, size_t size) {
  std::string head;
  append_tag(head, static_cast<uint32_t>(content), WireType::kBytes);
  append_varint(head, size);
  return head;
}

std::string envelope(Content content, std::string_view message) {
  return envelope_head(content, message.size()).append(message);
}

Result<Envelope> open_envelope(std::string_view bytes) {
  FieldReader fields(bytes);
  if (!fields.next() || fields.type() != WireType::kBytes) return fail("a frame contains no message");
  const uint32_t field = fields.field();
  if (field < static_cast<uint32_t>(Content::kHello) || field > static_cast<uint32_t>(Content::kBenchAnswer))
    return fail("a frame contains a message of unknown kind " + std::to_string(field));
  const Envelope result{static_cast<Content>(field), fields.bytes()};
  if (fields.next() || !fields.ok()) return fail("a frame contains more than one message");
  return result;
}

}  // namespace sweepscope::telemetry

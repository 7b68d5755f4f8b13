// Writes an MCAP file chunk by chunk. After close_chunk() the chunk is with the operating system and survives
// the death of the process: the file up to there is readable without its summary.
//
// Used by one thread at a time (the recorder locks). After the first error (disk full) nothing more is
// written, the file is truncated to its last whole chunk, and every call returns that error.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/model/result.h"
#include "telemetry/store/mcap_format.h"

namespace sweepscope::telemetry {

class McapWriter {
 public:
  McapWriter() = default;
  McapWriter(const McapWriter&) = delete;
  McapWriter& operator=(const McapWriter&) = delete;
  ~McapWriter();  // closes the file without a summary

  Result<> open(const std::string& path);

  // Before the first message. Messages are of the protobuf type `type`; `descriptors` is a FileDescriptorSet.
  uint16_t add_channel(std::string_view topic, std::string_view type, std::string_view descriptors);

  Result<> message(uint16_t channel, uint64_t log_time, std::string_view data);
  size_t open_bytes() const { return chunk_.size(); }  // in the chunk that is not closed yet
  // Where the next message will be: its chunk, from 0, and its place among that chunk's messages.
  uint32_t next_chunk() const { return static_cast<uint32_t>(chunks_.size()); }
  uint32_t next_message() const { return chunk_messages_; }
  Result<> close_chunk();
  Result<> finish();  // the summary, in one write

  uint64_t bytes() const { return offset_; }

 private:
  struct Channel {
    std::string topic, type;
    uint64_t messages = 0;
  };
  struct ChunkIndex {
    uint64_t first_time, last_time, offset, length, index_length, compressed, uncompressed;
    std::map<uint16_t, uint64_t> index_offsets;
  };

  Result<> write(std::string_view bytes);
  void put_schemas(mcap::Out& out) const;
  void put_channels(mcap::Out& out) const;

  std::string path_;
  int fd_ = -1;
  std::optional<Error> error_;
  uint64_t offset_ = 0;
  uint32_t crc_ = 0;  // of everything written so far
  std::string descriptors_;
  std::vector<Channel> channels_;  // id = index + 1, and each has a schema of the same id
  bool preamble_written_ = false;

  mcap::Out chunk_;
  uint32_t chunk_messages_ = 0;
  uint64_t chunk_first_time_ = 0, chunk_last_time_ = 0;
  std::map<uint16_t, std::vector<std::pair<uint64_t, uint64_t>>> chunk_index_;
  std::vector<ChunkIndex> chunks_;
  uint64_t first_time_ = ~uint64_t{0}, last_time_ = 0;
};

}  // namespace sweepscope::telemetry

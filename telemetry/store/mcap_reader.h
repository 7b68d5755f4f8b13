// Reads an MCAP file that may be damaged, cut off, or hostile. The file is mapped; a chunk is checked and
// unpacked on request. One thread.
//
// With a valid summary the chunks come from its index. Without one (the recorder was killed) they are found
// by walking the records from the front, up to the first that is cut off. Bytes appended to a finished file
// are counted and ignored.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/model/result.h"

namespace sweepscope::telemetry {

struct McapMessage {
  uint16_t channel;
  uint64_t log_time;
  std::string_view data;  // points into the `bytes` given to read_chunk()
};

class McapReader {
 public:
  McapReader() = default;
  McapReader(const McapReader&) = delete;
  McapReader& operator=(const McapReader&) = delete;
  ~McapReader();

  Result<> open(const std::string& path);

  bool has_summary() const { return has_summary_; }
  uint64_t dropped_bytes() const { return dropped_bytes_; }  // after the last whole record, without a summary
  uint64_t trailing_bytes() const { return trailing_bytes_; }  // after the end of a file with a summary
  size_t chunks() const { return chunks_.size(); }
  // 0 = no such topic.
  uint16_t channel(std::string_view topic) const;

  // Whether the index of the chunk lists messages of the channel; false also if the chunk has no index.
  bool index_lists(size_t chunk, uint16_t channel) const {
    return channel < kListedChannels && (chunks_[chunk].channels >> channel & 1) != 0;
  }

  bool is_indexed(size_t chunk) const { return chunks_[chunk].channels != 0; }

  // Unpacks a chunk into `bytes` and lists its messages; an error names the defect.
  Result<std::vector<McapMessage>> read_chunk(size_t index, std::string& bytes) const;

 private:
  static constexpr uint16_t kListedChannels = 64;  // higher channel numbers are not recorded per chunk
  struct Chunk {
    uint64_t offset;
    uint64_t channels;  // bit per channel with messages in it
  };
  bool read_summary(std::string_view file);
  void walk_records();
  size_t end_of_summary(size_t begin) const;
  static void list_channel(Chunk& chunk, uint16_t channel);
  void take_channel(std::string_view content);

  std::string path_;
  std::string_view file_;  // the mapping
  bool has_summary_ = false;
  uint64_t dropped_bytes_ = 0, trailing_bytes_ = 0;
  std::vector<Chunk> chunks_;  // by place in the file
  std::map<std::string, uint16_t, std::less<>> channels_;
};

}  // namespace sweepscope::telemetry

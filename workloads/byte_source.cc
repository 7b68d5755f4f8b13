#include "workloads/byte_source.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace sweepscope::workloads {
namespace {

// The decoder of one format, fed piece by piece. While it has output left, it leaves at least one byte of its
// input unconsumed (gzip: the checksum, zstd: the last byte of a frame), so at the end of the input all
// output has been produced.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Decodes a part of `in`, appends the output to `text`, and returns the number of bytes consumed.
  virtual Expected<size_t> decode(std::string_view in, std::string& text) = 0;
  // The unit that is not complete yet, for the error at the end of the file; null: the file may end here.
  virtual const char* inside() const = 0;
};

class Plain final : public Decoder {
 public:
  Expected<size_t> decode(std::string_view in, std::string& text) override {
    text.append(in);
    return in.size();
  }
  const char* inside() const override { return nullptr; }
};

class Zstd final : public Decoder {
 public:
  ~Zstd() override { ZSTD_freeDStream(stream_); }
  Expected<size_t> decode(std::string_view in, std::string& text) override {
    const size_t before = text.size();
    text.resize(before + ZSTD_DStreamOutSize());
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{text.data() + before, text.size() - before, 0};
    const size_t left = ZSTD_decompressStream(stream_, &to, &from);
    text.resize(before + to.pos);
    if (ZSTD_isError(left)) return wrong(fmt::format("damaged zstd data: {}", ZSTD_getErrorName(left)));
    inside_ = left != 0;
    return from.pos;
  }
  const char* inside() const override { return inside_ ? "zstd frame" : nullptr; }

 private:
  ZSTD_DStream* stream_ = ZSTD_createDStream();
  bool inside_ = false;
};

class Gzip final : public Decoder {
 public:
  Gzip() { inflateInit2(&stream_, MAX_WBITS + 16); }  // + 16: gzip's header and checksum
  ~Gzip() override { inflateEnd(&stream_); }
  Expected<size_t> decode(std::string_view in, std::string& text) override {
    if (!inside_) inflateReset(&stream_);  // the first member, or the next one
    inside_ = true;
    const size_t before = text.size();
    text.resize(before + kOut);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = uInt(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(text.data() + before);
    stream_.avail_out = kOut;
    const int outcome = inflate(&stream_, Z_NO_FLUSH);
    text.resize(before + (kOut - stream_.avail_out));
    if (outcome == Z_STREAM_END)
      inside_ = false;
    else if (outcome != Z_OK && outcome != Z_BUF_ERROR)
      return wrong(fmt::format("damaged gzip data: {}", stream_.msg ? stream_.msg : zError(outcome)));
    return in.size() - stream_.avail_in;
  }
  const char* inside() const override { return inside_ ? "gzip member" : nullptr; }

 private:
  static constexpr uInt kOut = 1 << 17;
  z_stream stream_{};
  bool inside_ = false;
};

bool begins(std::string_view bytes, std::string_view magic) { return bytes.substr(0, magic.size()) == magic; }

}  // namespace

struct ByteSource::File {
  std::FILE* handle = nullptr;
  std::unique_ptr<Decoder> decoder;
  std::vector<char> raw = std::vector<char>(1 << 17);
  std::string_view in;  // the part of `raw` that is not decoded yet

  ~File() {
    if (handle) std::fclose(handle);
  }
  Expected<size_t> read() {
    const size_t got = std::fread(raw.data(), 1, raw.size(), handle);
    if (got == 0 && std::ferror(handle))
      return wrong(fmt::format("cannot be read: {}", std::strerror(errno)));
    in = {raw.data(), got};
    return got;
  }
};

ByteSource::ByteSource(std::unique_ptr<File> file) : file_(std::move(file)) {}
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource::~ByteSource() = default;

Expected<ByteSource> ByteSource::open(const std::string& path) {
  auto file = std::make_unique<File>();
  struct stat status {};
  if (stat(path.c_str(), &status) != 0)
    return wrong(fmt::format("cannot be opened: {}", std::strerror(errno)));
  if (!S_ISREG(status.st_mode)) return wrong("is not a regular file");
  file->handle = std::fopen(path.c_str(), "rb");
  if (!file->handle) return wrong(fmt::format("cannot be opened: {}", std::strerror(errno)));
  if (const Expected<size_t> got = file->read(); !got) return wrong(got.error());
  if (begins(file->in, "\x28\xB5\x2F\xFD"))
    file->decoder = std::make_unique<Zstd>();
  else if (begins(file->in, "\x1F\x8B"))
    file->decoder = std::make_unique<Gzip>();
  else
    file->decoder = std::make_unique<Plain>();
  return ByteSource(std::move(file));
}

Expected<bool> ByteSource::read(std::string& text) {
  File& file = *file_;
  const size_t before = text.size();
  while (text.size() == before) {
    if (file.in.empty()) {
      const Expected<size_t> got = file.read();
      if (!got) return wrong(got.error());
      if (*got == 0) {
        if (const char* where = file.decoder->inside())
          return wrong(fmt::format("the file is cut off in the middle of a {}", where));
        return false;
      }
    }
    const Expected<size_t> used = file.decoder->decode(file.in, text);
    if (!used) return wrong(used.error());
    file.in.remove_prefix(*used);
  }
  return true;
}

}  // namespace sweepscope::workloads

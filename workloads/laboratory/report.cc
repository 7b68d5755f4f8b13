#include "workloads/laboratory/report.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "telemetry/model/result.h"
#include "workloads/counted.h"

namespace sweepscope::workloads {

std::string_view kind_name(laboratory::ViolationKind kind) {
  switch (kind) {
    case laboratory::ViolationKind::kCheck: return "engine check";
    case laboratory::ViolationKind::kOracle: return "oracle";
    case laboratory::ViolationKind::kDeadlock: return "deadlock";
    case laboratory::ViolationKind::kLivelock: return "livelock";
  }
  return "?";
}
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }, '?');
  return line;
}

int bad_input(std::string_view message) {
  std::fprintf(stderr, "sweepctl: %s\n", one_line(message).c_str());
  return 2;
}

int failed(std::string_view message) {
  bad_input(message);
  return 1;
}

std::string problem_with_output(const std::string& path) {
  if (path.empty() || path == "-") return {};
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return telemetry::file_error("write", path, std::strerror(EISDIR));
  std::filesystem::path directory = std::filesystem::path(path).parent_path();
  if (directory.empty()) directory = ".";
  if (access(directory.c_str(), W_OK) == 0) return {};
  return telemetry::file_error("write", path, std::strerror(errno));
}

std::string write_file(const std::string& path, std::string_view text) {
  // A device or link is written to, not replaced by a file.
  std::error_code unknown;
  const auto type = std::filesystem::symlink_status(path, unknown).type();
  const bool replaceable =
      type == std::filesystem::file_type::not_found || type == std::filesystem::file_type::regular;
  const std::string temporary = replaceable ? path + "." + std::to_string(getpid()) + ".part" : path;
  // O_EXCL: a file of that name is somebody's, and a link leads elsewhere.
  const int descriptor =
      open(temporary.c_str(),
           O_WRONLY | O_CLOEXEC | (replaceable ? O_CREAT | O_EXCL | O_NOFOLLOW : O_CREAT | O_TRUNC), 0666);
  std::FILE* file = descriptor < 0 ? nullptr : fdopen(descriptor, "wb");
  if (file == nullptr) return telemetry::file_error("write", path, std::strerror(errno));
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = std::fclose(file) == 0;
  if (written && closed && (!replaceable || std::rename(temporary.c_str(), path.c_str()) == 0)) return {};
  const std::string reason = std::strerror(errno);
  if (replaceable) std::remove(temporary.c_str());
  return telemetry::file_error("write", path, reason);
}

std::string write_json(const std::string& path, const nlohmann::json& json) {
  const std::string text = json.dump(2) + "\n";
  if (path != "-") return write_file(path, text);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (std::fflush(stdout) == 0) return {};
  return telemetry::file_error("write", "standard output", std::strerror(errno));
}

nlohmann::json to_json(const laboratory::Violation& violation) {
  nlohmann::json json{{"rule", violation.rule},
                      {"kind", kind_name(violation.kind)},
                      {"text", violation.sentence},
                      {"step", violation.step}};
  if (!violation.fiber_name.empty()) {
    json["fiber"] = violation.fiber;
    json["fiber_name"] = violation.fiber_name;
  }
  return json;
}

nlohmann::json to_json(const std::vector<laboratory::Note>& notes) {
  nlohmann::json list = nlohmann::json::array();
  for (const laboratory::Note& note : notes)
    list.push_back(
        {{"rule", note.rule}, {"text", note.sentence}, {"step", note.step}, {"times", note.times}});
  return list;
}

void add_harm(nlohmann::json& json, const laboratory::Aftermath& aftermath) {
  json["harm"] = laboratory::name(aftermath.harm);
  json["harm_text"] = aftermath.text;
  json["harm_step"] = aftermath.step == 0 ? nlohmann::json(nullptr) : nlohmann::json(aftermath.step);
}

void print(const std::vector<laboratory::Note>& notes) {
  for (const laboratory::Note& note : notes)
    fmt::print("  noted {}, {}, first at step {}: {}\n", note.rule, counted(note.times, "time"), note.step,
               note.sentence);
}

std::string describe(const laboratory::Violation& violation) {
  std::string text = violation.rule + " (" + std::string(kind_name(violation.kind)) + "), step " +
                     std::to_string(violation.step);
  if (!violation.fiber_name.empty())
    text += ", fiber " + std::to_string(violation.fiber) + " '" + violation.fiber_name + "'";
  return text + ": " + violation.sentence;
}

}  // namespace sweepscope::workloads

#include "workloads/laboratory/html_page.h"

#include <fmt/format.h>

#include <charconv>

#include "workloads/laboratory/bench_json.h"
#include "workloads/laboratory/page_files.h"

namespace sweepscope::workloads {
namespace {

using nlohmann::json;
namespace lessons = telemetry::lessons;

std::string_view word(lessons::Spotlight::On on) {
  using On = lessons::Spotlight::On;
  switch (on) {
    case On::kSg: return "sg";
    case On::kRuler: return "ruler";
    case On::kThreads: return "threads";
    case On::kSource: return "source";
    case On::kRules: return "rules";
    case On::kQueues: return "queues";
    case On::kLists: return "lists";
    case On::kSpan: return "span";
    case On::kCache: return "cache";
    case On::kThread: return "thread";
    case On::kObjects: return "objects";
    case On::kObject: return "object";
  }
  return "";
}

// The presenter's notes stay out: the page is what a student gets.
json of(const RecordedBeat& recorded) {
  const lessons::Beat& beat = recorded.beat;
  json words = json::array(), spotlights = json::array(), claims = json::array();
  for (const lessons::Word& w : beat.words) words.push_back({{"word", w.word}, {"meaning", w.meaning}});
  for (const lessons::Spotlight& s : beat.spotlights)
    spotlights.push_back({{"on", word(s.on)}, {"number", s.number}, {"thread", s.thread}});
  for (const lessons::Claim& claim : beat.claims) claims.push_back(claim.condition.text);
  json predict, hands_on;
  if (beat.prediction)
    predict = {{"question", beat.prediction->question},
               {"choices", beat.prediction->choices},
               {"right", beat.prediction->right},
               {"because", beat.prediction->because}};
  if (beat.hands_on) {
    json done = json::array();
    for (const lessons::Condition& c : beat.hands_on->done) {
      const bool typed = c.kind == lessons::Condition::Kind::kTyped;
      done.push_back({{"text", c.text}, {"typed", typed ? json(json_word(c.state)) : json()}});
    }
    hands_on = {{"text", beat.hands_on->text}, {"done", done}};
  }
  return {{"name", beat.name},       {"run", beat.run},          {"text", beat.text},
          {"words", words},          {"predict", predict},       {"hands_on", hands_on},
          {"then", beat.then},       {"spotlights", spotlights}, {"claims", claims},
          {"nodes", recorded.nodes}, {"opens", recorded.opens},  {"takeaway", beat.takeaway}};
}

// Inside <script>: "</script>" and "<!--" would end or change it, so there is no "<".
std::string script_safe(const json& data) {
  const std::string text = data.dump(-1, ' ', true, json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text)
    if (c == '<')
      safe += "\\u003c";  // in JSON a "<" stands in strings only
    else
      safe += c;
  return safe;
}

std::string hashes(std::string_view ending) {
  std::string all;
  for (const PageFile& file : page_files())
    if (file.name.ends_with(ending)) all += fmt::format(" 'sha256-{}'", base64_of_hex(file.sha256));
  return all;
}

// As elements of that name.
std::string elements(std::string_view ending, std::string_view element) {
  std::string all;
  for (const PageFile& file : page_files())
    if (file.name.ends_with(ending)) all += fmt::format("<{0}>{1}</{0}>\n", element, file.text);
  return all;
}

// Up to <body>. scripts: of the policy, "" for none.
std::string head(std::string_view title, std::string_view scripts, std::string_view made_by) {
  const std::string policy = fmt::format(
      "default-src 'none';{} style-src{}; img-src data:; base-uri 'none'; form-action 'none'; "
      "require-trusted-types-for 'script'; trusted-types 'none'",
      scripts, hashes(".css"));
  return std::string(kPageBegins) +
         fmt::format(
             "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"generator\" content=\"{}\">\n"
             "<title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n{}</head>\n",
             policy, html_escaped(made_by), html_escaped(title), elements(".css", "style"));
}

// A file's name as a relative link: "a: b" would be a scheme, "a#b" a fragment.
std::string uri_escaped(std::string_view file) {
  std::string safe = "./";
  for (const char c : file) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    safe += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return safe;
}

std::string_view body() {
  for (const PageFile& file : page_files())
    if (file.name.ends_with(".html")) return file.text;
  return {};
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += c;
    }
  }
  return safe;
}

std::string base64_of_hex(std::string_view hex) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t at = 0; at < hex.size(); at += 6) {  // 3 bytes are 4 digits
    const std::string_view part = hex.substr(at, 6);
    uint32_t bits = 0;
    std::from_chars(part.data(), part.data() + part.size(), bits, 16);
    bits <<= 4 * (6 - part.size());
    const size_t digits = part.size() / 2 + 1;
    for (size_t n = 0; n < 4; ++n) text += n < digits ? kDigits[bits >> (18 - 6 * n) & 63] : '=';
  }
  return text;
}

json page_json(const RecordedPage& page, std::string_view made_by) {
  BenchJson bench;
  json nodes = json::array(), beats = json::array(), runs = json::array();
  for (const RecordedNode& node : page.nodes)
    nodes.push_back({{"step", BenchJson::node(node.step)}, {"view", bench.view(node.view)}});
  for (const RecordedBeat& beat : page.beats) beats.push_back(of(beat));
  for (size_t run = 0; run < page.runs.size(); ++run) {
    runs.push_back(BenchJson::setup(page.runs[run]));
    runs.back()["hides_fault"] = run < page.hides_fault.size() && page.hides_fault[run];
  }
  return {{"format", 1},
          {"made_by", made_by},
          {"kind", page.kind == RecordedPage::Kind::kLesson ? "lesson" : "schedule"},
          {"id", page.id},
          {"title", page.title},
          {"summary", page.summary},
          {"minutes", page.minutes},
          {"runs", runs},
          {"beats", beats},
          {"nodes", nodes},
          {"shared", bench.shared()}};
}

std::string index_page(const std::vector<IndexEntry>& entries, std::string_view made_by) {
  std::string html = head("Lessons on the sweep protocol \u00b7 Sweepscope", "", made_by);
  html +=
      "<body>\n<header class=\"top\"><div class=\"title\"><h1>Lessons on the sweep protocol</h1>\n"
      "<p>Recorded steps of the real engine. Each page works without a network.</p></div></header>\n"
      "<main class=\"index\"><ul>\n";
  for (const IndexEntry& entry : entries) {
    html += fmt::format("<li><a href=\"{}\">{}</a>", html_escaped(uri_escaped(entry.file)),
                        html_escaped(entry.title));
    if (entry.minutes > 0) html += fmt::format(" <span class=\"dim\">{} min</span>", entry.minutes);
    html += fmt::format("<p>{}</p></li>\n", html_escaped(entry.summary));
  }
  return html + "</ul>\n<p class=\"made\">" + html_escaped(made_by) + "</p></main>\n</body>\n</html>\n";
}

PageOrError html_page(const RecordedPage& page, std::string_view made_by) {
  std::string html =
      head(page.title + " \u00b7 Sweepscope", " script-src" + hashes(".js") + ";", made_by) + "<body>\n";
  html += body();
  html += "<script type=\"application/json\" id=\"recording\">" + script_safe(page_json(page, made_by)) +
          "</script>\n" + elements(".js", "script") + "</body>\n</html>\n";
  if (html.size() > kMostPageBytes)
    return {
        {},
        fmt::format("the page would have {:.1f} MiB, the limit is {} MiB: {} steps are too many to replay "
                    "in a page; open it in the dashboard (sweepscope --mode step)",
                    static_cast<double>(html.size()) / (1u << 20), kMostPageBytes >> 20, page.nodes.size())};
  return {std::move(html), {}};
}

}  // namespace sweepscope::workloads

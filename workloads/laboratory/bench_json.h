// Views of a bench session as JSON, for a page that replays them (html_page.h). Enumerators are words, so that the page
// needs no table of numbers; 64-bit numbers are texts, because JavaScript's numbers hold 53 bits; none is null.
//
// From one step to the next few spans, Ps, threads and rules change. Each distinct one is kept once, in shared(), and a
// view has its place in that list: the pages of the embedded lessons become a fifth of the size. One thread.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "telemetry/model/bench.h"

namespace sweepscope::workloads {

class BenchJson {
 public:
  nlohmann::json view(const telemetry::BenchView& view);
  // After the last view: the lists "spans", "ps", "threads", "rules" and "objects".
  nlohmann::json shared() const;

  static nlohmann::json node(const telemetry::BenchNode& node);  // without its parent and name
  static nlohmann::json setup(const telemetry::BenchSetup& setup);

 private:
  class Pool {
   public:
    size_t place(nlohmann::json item);
    const nlohmann::json& items() const { return items_; }

   private:
    nlohmann::json items_ = nlohmann::json::array();
    std::map<std::string, size_t> places_;  // by the item's text
  };
  nlohmann::json board(const telemetry::Board& board);

  Pool spans_, ps_, threads_, rules_, objects_;
};

// The word of a state: "needs", "sweeping", "swept", "stale", "cached", "illegal".
std::string json_word(telemetry::BoardSpanState state);

}  // namespace sweepscope::workloads

// sweepctl list: prints workloads with their parameters, flush policies, scenarios, faults and lessons.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/engine.h"
#include "workloads/catalogue.h"
#include "workloads/cli/commands.h"
#include "workloads/laboratory/explore_command.h"
#include "workloads/laboratory/lesson_command.h"

namespace sweepscope::workloads {
namespace {

using Json = nlohmann::ordered_json;

Json laboratory_json(const std::vector<LaboratoryItem>& items) {
  Json json = Json::array();
  for (const LaboratoryItem& item : items)
    json.push_back({{"name", item.name}, {"summary", item.text}, {"policies", item.policies}});
  return json;
}

void print_laboratory(const char* title, const std::vector<LaboratoryItem>& items) {
  fmt::print("\n{}:\n", title);
  for (const LaboratoryItem& item : items) fmt::print("  {:<28} {}\n", item.name, item.text);
}

Json lessons_json() {
  Json json = Json::array();
  for (const LessonItem& item : lesson_items())
    json.push_back({{"id", item.id},
                    {"title", item.title},
                    {"summary", item.summary},
                    {"minutes", item.minutes},
                    {"paths", item.paths}});
  return json;
}

Json list_json() {
  Json workloads = Json::array();
  for (const Workload* workload : all_workloads()) {
    Json parameters = Json::array();
    for (const Parameter& parameter : workload->parameters()) {
      Json json{
          {"name", parameter.name}, {"default", parameter.default_value}, {"meaning", parameter.meaning}};
      json["range"] = parameter.range ? Json{parameter.range->least, parameter.range->most} : Json(nullptr);
      parameters.push_back(std::move(json));
    }
    workloads.push_back(
        {{"name", workload->name()}, {"summary", workload->summary()}, {"parameters", parameters}});
  }
  Json policies = Json::array();
  for (const std::string& policy : engine::flush_policy_names())
    policies.push_back({{"name", policy}, {"summary", engine::flush_policy_summary(policy)}});
  return {{"schema_version", 1},
          {"workloads", workloads},
          {"policies", policies},
          {"scenarios", laboratory_json(laboratory_scenarios())},
          {"faults", laboratory_json(laboratory_faults())},
          {"lessons", lessons_json()}};
}

void print_list() {
  fmt::print("workloads (sweepctl run WORKLOAD):\n");
  for (const Workload* workload : all_workloads()) {
    fmt::print("  {:<14} {}\n", workload->name(), workload->summary());
    for (const Parameter& parameter : workload->parameters()) {
      const std::string range = parameter.range ? fmt::format("{} to {}, default {}", parameter.range->least,
                                                              parameter.range->most, parameter.default_value)
                                                : std::string("required");
      fmt::print("  {:<14}   --set {}=...  {} ({})\n", "", parameter.name, parameter.meaning, range);
    }
  }
  fmt::print("\nflush policies (--flush POLICY), the default first:\n");
  for (const std::string& policy : engine::flush_policy_names())
    fmt::print("  {:<14} {}\n", policy, engine::flush_policy_summary(policy));
  print_laboratory("scenarios (sweepctl explore SCENARIO)", laboratory_scenarios());
  print_laboratory("faults (sweepctl explore --fault NAME)", laboratory_faults());
  fmt::print("\nlessons (sweepctl lesson show ID; sweepctl step --serve --lesson ID):\n");
  for (const LessonItem& item : lesson_items()) fmt::print("  {:<4} {}\n", item.id, item.title);
  fmt::print(
      "\nengine/README.md explains the letters (T2, I5, D3 ...): arcs, rules and defects of the protocol\n");
}

}  // namespace

void add_list(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("list", "List workloads, flush policies, scenarios, faults and lessons");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "Print JSON");
  command->callback([&session, as_json] {
    session.chosen = [as_json] {
      if (*as_json)
        fmt::print("{}\n", list_json().dump(2));
      else
        print_list();
      return kExitFine;
    };
  });
}

}  // namespace sweepscope::workloads

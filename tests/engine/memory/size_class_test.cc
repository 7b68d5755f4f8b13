// Compares the generated size classes with Go's table, and checks their arithmetic for every value.
#include "engine/memory/size_class.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "telemetry/model/size_class.h"

namespace sweepscope::engine {
namespace {

struct Published {
  uint32_t size, span_bytes, objects;
};

// runtime/sizeclasses.go at 873bd47dfb34, classes 1 to 66.
constexpr std::array<Published, 66> kPublished = {{
    {8, 8192, 1024},   {16, 8192, 512},   {32, 8192, 256},   {48, 8192, 170},   {64, 8192, 128},
    {80, 8192, 102},   {96, 8192, 85},    {112, 8192, 73},   {128, 8192, 64},   {144, 8192, 56},
    {160, 8192, 51},   {176, 8192, 46},   {192, 8192, 42},   {208, 8192, 39},   {224, 8192, 36},
    {240, 8192, 34},   {256, 8192, 32},   {288, 8192, 28},   {320, 8192, 25},   {352, 8192, 23},
    {384, 8192, 21},   {416, 8192, 19},   {448, 8192, 18},   {480, 8192, 17},   {512, 8192, 16},
    {576, 8192, 14},   {640, 8192, 12},   {704, 8192, 11},   {768, 8192, 10},   {896, 8192, 9},
    {1024, 8192, 8},   {1152, 8192, 7},   {1280, 8192, 6},   {1408, 16384, 11}, {1536, 8192, 5},
    {1792, 16384, 9},  {2048, 8192, 4},   {2304, 16384, 7},  {2688, 8192, 3},   {3072, 24576, 8},
    {3200, 16384, 5},  {3456, 24576, 7},  {4096, 8192, 2},   {4864, 24576, 5},  {5376, 16384, 3},
    {6144, 24576, 4},  {6528, 32768, 5},  {6784, 40960, 6},  {6912, 49152, 7},  {8192, 8192, 1},
    {9472, 57344, 6},  {9728, 49152, 5},  {10240, 40960, 4}, {10880, 32768, 3}, {12288, 24576, 2},
    {13568, 40960, 3}, {14336, 57344, 4}, {16384, 16384, 1}, {18432, 73728, 4}, {19072, 57344, 3},
    {20480, 40960, 2}, {21760, 65536, 3}, {24576, 24576, 1}, {27264, 81920, 3}, {28672, 57344, 2},
    {32768, 32768, 1},
}};

TEST(SizeClass, GeneratedTableEqualsGos) {
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) {
    const Published& row = kPublished[c - 1];
    EXPECT_EQ(class_size(c), row.size) << "class " << int{c};
    EXPECT_EQ(class_bytes(c), row.span_bytes) << "class " << int{c};
    EXPECT_EQ(class_objects(c), row.objects) << "class " << int{c};
  }
}

TEST(SizeClass, TelemetryTableEqualsTheEngines) {
  ASSERT_EQ(telemetry::kSlotBytes.size(), kNumSizeClasses);
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) {
    const SpanClass span_class(c, true);
    EXPECT_EQ(telemetry::slot_bytes(span_class.raw()), class_size(c));
    EXPECT_EQ(telemetry::free_slot_bytes(span_class.raw(), class_pages(c), 0),
              class_objects(c) * class_size(c));
    EXPECT_EQ(telemetry::free_slot_bytes(span_class.raw(), class_pages(c), class_objects(c)), 0u);
  }
}

TEST(SizeClass, ClassZeroIsLargeAndHasNoSizes) {
  EXPECT_EQ(class_size(0), 0u);
  EXPECT_EQ(class_pages(0), 0u);
  EXPECT_EQ(class_objects(0), 0u);
  EXPECT_EQ(size_class_of(0), 0);
}

TEST(SizeClass, OneFullMcacheHolds334Pages) {
  uint32_t pages = 0;
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) pages += 2 * class_pages(c);
  EXPECT_EQ(pages, 334u);
}

TEST(SizeClass, EverySizeMapsToTheLeastClassThatFits) {
  for (size_t size = 1; size <= kMaxSmallSize; ++size) {
    const uint8_t c = size_class_of(size);
    ASSERT_GE(c, 1) << size;
    ASSERT_LT(c, kNumSizeClasses) << size;
    ASSERT_GE(class_size(c), size);
    ASSERT_LT(class_size(static_cast<uint8_t>(c - 1)), size);
  }
}

TEST(SizeClass, SpanTailIsNeverMoreThanAnEighth) {
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) {
    EXPECT_EQ(class_objects(c), class_bytes(c) / class_size(c));
    EXPECT_LE(class_bytes(c) % class_size(c), class_bytes(c) / 8) << "class " << int{c};
    EXPECT_EQ(class_size(c) % 8, 0u);
  }
}

TEST(DivMagic, IsExactForEveryOffsetInsideEverySpan) {
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) {
    const DivMagic magic = class_magic(c);
    for (uint32_t offset = 0; offset < class_bytes(c); ++offset)
      ASSERT_EQ(magic.divide(offset), offset / class_size(c)) << "class " << int{c} << ", offset " << offset;
  }
}

TEST(DivMagic, MapsEveryOffsetOfALargeSpanToItsOnlyObject) {
  EXPECT_EQ(class_magic(0).divide(0), 0u);
  EXPECT_EQ(DivMagic().divide(UINT32_MAX), 0u);
}

TEST(SpanClass, RawValueAndPartsConvertBothWays) {
  for (unsigned raw = 0; raw < kNumSpanClasses; ++raw) {
    const SpanClass span_class = SpanClass::from_raw(static_cast<uint8_t>(raw));
    EXPECT_EQ(span_class.raw(), raw);
    EXPECT_EQ(span_class.size_class(), raw / 2);
    EXPECT_EQ(span_class.noscan(), raw % 2 == 1);
    EXPECT_EQ(SpanClass(span_class.size_class(), span_class.noscan()), span_class);
  }
  EXPECT_EQ(kTinySpanClass.raw(), 5);
  EXPECT_EQ(class_size(kTinySpanClass.size_class()), 16u);
}

}  // namespace
}  // namespace sweepscope::engine

#include "store/merge_operators.h"

#include <deque>
#include <string>

#include "store/rows.h"
#include "store/sketch.h"

namespace thap::store {
namespace {

std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Sum has: bool add(std::string_view), void write(std::string&).
template <class Sum>
class SumOperator : public rocksdb::MergeOperator {
 public:
  explicit SumOperator(const char* name) : name_(name) {}
  const char* Name() const override { return name_; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    Sum sum;
    if (in.existing_value != nullptr && !sum.add(view_of(*in.existing_value))) return false;
    for (const auto& operand : in.operand_list)
      if (!sum.add(view_of(operand))) return false;
    sum.write(out->new_value);
    return true;
  }

  // False leaves the operands apart; the full merge then says what is wrong.
  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands, std::string* out,
                         rocksdb::Logger*) const override {
    Sum sum;
    for (const auto& operand : operands)
      if (!sum.add(view_of(operand))) return false;
    sum.write(*out);
    return true;
  }

 private:
  const char* name_;
};

struct CountSum {
  std::uint64_t total{0};
  bool add(std::string_view bytes) {
    const auto count = decode_count(bytes);
    if (count) total = saturating_add(total, *count);
    return count.has_value();
  }
  void write(std::string& out) const {
    const auto bytes = encode_count(total);
    out.assign(bytes.data(), bytes.size());
  }
};

struct SketchSum {
  AuthorSketch sketch;
  bool add(std::string_view bytes) { return sketch.merge(bytes); }
  void write(std::string& out) const { sketch.encode(out); }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> count_merge() {
  return std::make_shared<SumOperator<CountSum>>("thap.count.1");
}

std::shared_ptr<rocksdb::MergeOperator> sketch_merge() {
  return std::make_shared<SumOperator<SketchSum>>("thap.authors.1");
}

}  // namespace thap::store

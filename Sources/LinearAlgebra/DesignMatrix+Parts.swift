extension DesignMatrix {
  /// The columns in `range`, in the same memory.
  package func view(columns range: Range<Int>) -> DesignMatrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns && !range.isEmpty)
    return DesignMatrix(packed.view(columns: range))
  }

  /// The rows with these indices: a copy. What is read of a mapped file on the way leaves memory again.
  package func selecting(rows indices: [Int]) -> DesignMatrix {
    DesignMatrix(
      PackedMatrix(rows: indices.count, columns: columns) { (base, stride) in
        for (place, i) in indices.enumerated() {
          (base + place * stride).update(from: packed.base + i * packed.stride, count: columns)
        }
      })
  }
}

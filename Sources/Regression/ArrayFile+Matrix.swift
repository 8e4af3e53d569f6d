import Dynamics
import Files
import LinearAlgebra

extension ArrayFile {
  /// The matrix, samples × features; as `DesignMatrix.init(npyAt:mappingFrom:)` says where it is a NumPy array. Throws
  /// `InvalidInput`.
  package func matrix(mappingFrom limit: Int = DesignMatrix.mappingLimit) throws(InvalidInput) -> DesignMatrix {
    if format.isText {
      let table = try table()
      return try DesignMatrix(rows: table.rows, columns: table.columns, elements: table.cells)
    }
    return try DesignMatrix(
      array("array of two dimensions", where: { $0.count == 2 }, orElse: { _ in false }), mappingFrom: limit)
  }
}

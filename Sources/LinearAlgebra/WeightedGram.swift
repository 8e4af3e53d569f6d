import COpenBLAS
import Dynamics

/// X diag(cₖ) Xᵀ for K rows of weights at once, block by block below the diagonal.
///
/// Complexity: about (K/2) n²d multiply-adds for large n, one pass over X.
package final class WeightedGram {
  /// Row q·K + k is row q of the k-th product, up to its diagonal at least.
  package let products: UnsafeMutablePointer<Double>
  private let scaled: UnsafeMutablePointer<Double>
  package let x: PackedMatrix
  /// K.
  package let count: Int
  /// Columns of X at a time: what is scaled of them stays in the second cache.
  private let panel: Int
  /// Rows of X at a time.
  private let block: Int
  private let workspace = Workspace()

  package init(_ x: PackedMatrix, count: Int) {
    self.x = x
    self.count = count
    block = x.rows <= 32 ? x.rows : 24
    panel = min(x.columns, max(64, (32 << 10) / max(count * block, 1)))
    products = workspace.zeros(x.rows * count * x.rows)
    scaled = workspace.zeros(block * count * panel)
  }

  /// Computes all products for `weights`, K × d.
  package func form(_ weights: UnsafePointer<Double>) {
    let (n, d) = (x.rows, x.columns)
    for start in stride(from: 0, to: n, by: block) {
      let end = min(start + block, n)
      for column in stride(from: 0, to: d, by: panel) {
        let width = min(panel, d - column)
        var out = scaled
        for q in start..<end {
          let row = x.base + q * x.stride + column
          for k in 0..<count {
            let c = weights + k * d + column
            for i in 0..<width { out[i] = row[i] * c[i] }
            out += width
          }
        }
        cblas_dgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, CInt((end - start) * count), CInt(end), CInt(width), 1, scaled,
          CInt(width), x.base + column, CInt(x.stride), column == 0 ? 0 : 1, products + start * count * n, CInt(n))
      }
    }
  }
}

import CKernels
import COpenBLAS
import DiagonalNetworks
import Experiments

enum KernelBenchmark {
  /// One line: the kernel and two dgemv calls on the same data, and how many times faster the kernel is.
  static func row(_ n: Int, _ d: Int) throws -> String {
    let problem = try SyntheticProblem(samples: n, features: d, nonzeros: 1, seed: 1).problem()
    let x = problem.design.elements
    let y = problem.response
    let theta = [Double](repeating: 0.1, count: d)
    var (r, g) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: d))
    let kernel = bestSeconds {
      mgf_residual_gradient(x, y, nil, n, d, theta, 1 / Double(n), &r, &g)
    }
    let blas = bestSeconds {
      for i in 0..<n { r[i] = y[i] }
      cblas_dgemv(CblasRowMajor, CblasNoTrans, CInt(n), CInt(d), 1, x, CInt(d), theta, 1, -1, &r, 1)
      cblas_dgemv(CblasRowMajor, CblasTrans, CInt(n), CInt(d), 1 / Double(n), x, CInt(d), r, 1, 0, &g, 1)
    }
    let flops = 4 * Double(n) * Double(d)
    return right("\(n)", 7) + right("\(d)", 7) + right(short(kernel * 1e6), 14)
      + right(short(flops / kernel / 1e9, digits: 3), 9) + right(short(blas * 1e6), 15)
      + right(short(flops / blas / 1e9, digits: 3), 9) + right(short(blas / kernel, digits: 3), 8)
  }
}

import RealModule

/// a^(1−s) b^s, a and b positive.
func geometricMean(_ a: Double, _ b: Double, _ share: Double) -> Double {
  Double.exp((1 - share) * Double.log(a) + share * Double.log(b))
}

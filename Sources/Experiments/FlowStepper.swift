import AutoSteppers
import Dynamics
import GSLSteppers
import ImplicitSteppers
import TaylorSteppers

/// Any of the steppers, chosen by name at run time.
enum FlowStepper: Stepper, ~Copyable {
  case gsl(Box<GSLStepper>)
  case auto(Box<AutoStepper>)
  case taylor(Box<TaylorStepper>)
  case radau(Box<RadauStepper>)
  case dual(Box<DualFlowStepper>)

  /// A stepper with an address of its own, so that a case can change it in place.
  final class Box<S: Stepper & ~Copyable> {
    var stepper: S
    init(_ stepper: consuming S) { self.stepper = stepper }
  }

  var dimension: Int {
    switch self {
    case .gsl(let box): box.stepper.dimension
    case .auto(let box): box.stepper.dimension
    case .taylor(let box): box.stepper.dimension
    case .radau(let box): box.stepper.dimension
    case .dual(let box): box.stepper.dimension
    }
  }

  var time: Double {
    switch self {
    case .gsl(let box): box.stepper.time
    case .auto(let box): box.stepper.time
    case .taylor(let box): box.stepper.time
    case .radau(let box): box.stepper.time
    case .dual(let box): box.stepper.time
    }
  }

  var state: UnsafePointer<Double> {
    switch self {
    case .gsl(let box): box.stepper.state
    case .auto(let box): box.stepper.state
    case .taylor(let box): box.stepper.state
    case .radau(let box): box.stepper.state
    case .dual(let box): box.stepper.state
    }
  }

  var rate: UnsafePointer<Double> {
    switch self {
    case .gsl(let box): box.stepper.rate
    case .auto(let box): box.stepper.rate
    case .taylor(let box): box.stepper.rate
    case .radau(let box): box.stepper.rate
    case .dual(let box): box.stepper.rate
    }
  }

  var statistics: Statistics {
    switch self {
    case .gsl(let box): box.stepper.statistics
    case .auto(let box): box.stepper.statistics
    case .taylor(let box): box.stepper.statistics
    case .radau(let box): box.stepper.statistics
    case .dual(let box): box.stepper.statistics
    }
  }

  var hasDenseOutput: Bool {
    switch self {
    case .gsl(let box): box.stepper.hasDenseOutput
    case .auto(let box): box.stepper.hasDenseOutput
    case .taylor(let box): box.stepper.hasDenseOutput
    case .radau(let box): box.stepper.hasDenseOutput
    case .dual(let box): box.stepper.hasDenseOutput
    }
  }

  func mayHaveChangedSign(_ coordinates: Range<Int>) -> Bool {
    switch self {
    case .gsl(let box): box.stepper.mayHaveChangedSign(coordinates)
    case .auto(let box): box.stepper.mayHaveChangedSign(coordinates)
    case .taylor(let box): box.stepper.mayHaveChangedSign(coordinates)
    case .radau(let box): box.stepper.mayHaveChangedSign(coordinates)
    case .dual(let box): box.stepper.mayHaveChangedSign(coordinates)
    }
  }

  mutating func step(notBeyond limit: Double) throws(StepFailure) {
    switch self {
    case .gsl(let box): try box.stepper.step(notBeyond: limit)
    case .auto(let box): try box.stepper.step(notBeyond: limit)
    case .taylor(let box): try box.stepper.step(notBeyond: limit)
    case .radau(let box): try box.stepper.step(notBeyond: limit)
    case .dual(let box): try box.stepper.step(notBeyond: limit)
    }
  }

  mutating func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool) {
    switch self {
    case .gsl(let box): box.stepper.overwrite(coordinate, with: value, isRestart: isRestart)
    case .auto(let box): box.stepper.overwrite(coordinate, with: value, isRestart: isRestart)
    case .taylor(let box): box.stepper.overwrite(coordinate, with: value, isRestart: isRestart)
    case .radau(let box): box.stepper.overwrite(coordinate, with: value, isRestart: isRestart)
    case .dual(let box): box.stepper.overwrite(coordinate, with: value, isRestart: isRestart)
    }
  }

  mutating func segment() -> Segment {
    switch self {
    case .gsl(let box): box.stepper.segment()
    case .auto(let box): box.stepper.segment()
    case .taylor(let box): box.stepper.segment()
    case .radau(let box): box.stepper.segment()
    case .dual(let box): box.stepper.segment()
    }
  }

  mutating func segment(of coordinates: Range<Int>) -> Segment {
    switch self {
    case .auto(let box): box.stepper.segment(of: coordinates)
    case .taylor(let box): box.stepper.segment(of: coordinates)
    case .gsl(let box): box.stepper.segment(of: coordinates)
    case .radau(let box): box.stepper.segment(of: coordinates)
    case .dual(let box): box.stepper.segment(of: coordinates)
    }
  }

  mutating func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure) {
    switch self {
    case .gsl(let box): try box.stepper.refinedState(at: t, into: state, rate: rate)
    case .auto(let box): try box.stepper.refinedState(at: t, into: state, rate: rate)
    case .taylor(let box): try box.stepper.refinedState(at: t, into: state, rate: rate)
    case .radau(let box): try box.stepper.refinedState(at: t, into: state, rate: rate)
    case .dual(let box): try box.stepper.refinedState(at: t, into: state, rate: rate)
    }
  }
}

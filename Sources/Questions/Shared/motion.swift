import Dynamics
import Experiments

/// What moves with a step of ε in words: with none the flow.
func motion(_ step: Double) -> String { step == 0 ? "flow" : "heavy ball, ε = \(short(step))" }

/// A flow of some λ in words.
func flow(_ lambda: Double) -> String { lambda == 0 ? "gradient flow" : "λ = \(short(lambda))" }

// begin example
import Dynamics
import Experiments
import Questions
import Sweeps

/// Order of the flow on features that share a mean.
struct OrderWithMean: Question {
  let name = "order-with-mean"
  let number = 100
  let claim = "Iterates follow the flows of order 1 and 2 in ε where the features share a mean, too."

  func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {gaussian: {samples: 6, features: 10, nonzeros: 2, mean: 1}}
      method: heavy-ball
      fixed: {lambda: 0.5}
      axes: {order: [1, 2], step: {log: [0.0025, 0.01, 3]}, \(seeds)}
      stop: {until: 5}
      """
    ]
  }

  func answer(_ table: ResultTable) -> Answer { Order().answer(table) }
}

/// Asks a question without keeping its stores.
func ask(_ question: any Question, seeds: Int) throws -> Answer {
  let inquiry = try Inquiry(question, question.studies(seeds: seeds), keeping: nil)
  return try inquiry.run(workers: 1, maximumSeconds: nil, RunMonitor()).answer
}
// end example
